"""The chance that both the model and the randomization test of few blocks of two find an effect.

With few orders the level that can be reached lies in steps so wide that no t distribution describes them. At the
smallest p, 2 of 2^B, the test of B blocks confirms if all differences have one sign: Φ(δ/σ)^B + Φ(-δ/σ)^B. The
model must find the effect as well, with the same scores; that is drawn here, from a fixed seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MOST_STEPS: Final = 12
"""Steps of p up to alpha above which a t-test at the level that can be reached is near enough."""
_DRAWS: Final = 20_000
_HALVINGS: Final = 20
_DOUBLINGS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedConfirmation:
    """Blocks of two periods, whose differences may change their signs.

    Attributes
    ----------
    df : float
        Degrees of freedom of the model.
    variance, covariance : float
        Of the means of the two periods of a block [SD of a score, squared].
    n_blocks : int
        Complete blocks.
    n_steps : int
        How many of the possible p lie at or below `alpha`.
    alpha : float
        Two-sided level of the plan.
    """

    df: float
    variance: float
    covariance: float
    n_blocks: int
    n_steps: int
    alpha: float

    def power(self, effect: float) -> float:
        """Return the chance that both find a true effect.

        Parameters
        ----------
        effect : float
            True value of the contrast [SD of a score].

        Returns
        -------
        float
            0 to 1.
        """
        import numpy as np  # noqa: PLC0415 - checking a protocol must start without it
        from scipy import special  # noqa: PLC0415

        n = self.n_blocks
        if self.n_steps < 1 or self.df < 1:
            return 0.0
        noise = _noise(n)
        difference = effect + (2 * (self.variance - self.covariance)) ** 0.5 * noise[:, :n]
        total = effect + (2 * (self.variance + self.covariance)) ** 0.5 * noise[:, n:]
        # Each condition is half of total plus or minus difference; this is the mean of their variances.
        pooled = (difference.var(axis=1, ddof=1) + total.var(axis=1, ddof=1)) / 4
        t = difference.mean(axis=1) / np.sqrt(2 * pooled / n)
        found = np.abs(t) > special.stdtrit(self.df, 1 - self.alpha / 2)
        sums = np.abs(difference @ _signs(n))
        farther = (sums >= sums[:, :1] * (1 - 1e-12)).sum(axis=1)
        return float(np.mean(found & (farther <= self.n_steps)))

    def detectable(self, target: float) -> float | None:
        """Return the effect that both find with a given chance.

        Parameters
        ----------
        target : float
            0 to 1.

        Returns
        -------
        float or None
            [SD of a score]; None where no effect is found so often.
        """
        scale = math.sqrt(self.variance)
        low, high = 0.0, scale
        for _ in range(_DOUBLINGS):
            if not self.power(high) < target:
                break
            low, high = high, 2 * high
        else:
            return None
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.power(middle) < target else (low, middle)
        return high


@lru_cache(maxsize=4)
def _noise(n_blocks: int) -> npt.NDArray[np.float64]:
    import numpy as np  # noqa: PLC0415 - checking a protocol must start without it

    return np.random.default_rng(20_000 + n_blocks).normal(size=(_DRAWS, 2 * n_blocks))


@lru_cache(maxsize=4)
def _signs(n_blocks: int) -> npt.NDArray[np.float64]:
    """Return the signs of the differences, one column per pair of mirrored orders, the true one first."""
    import numpy as np  # noqa: PLC0415 - checking a protocol must start without it

    orders = np.arange(2 ** (n_blocks - 1))
    return np.array([1.0 - 2.0 * ((orders >> block) & 1) for block in range(n_blocks)])
