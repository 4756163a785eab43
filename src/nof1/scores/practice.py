"""Whether practice has flattened in the run-in; it advises, and moves no date."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from nof1.terms import Better

if TYPE_CHECKING:
    from collections.abc import Sequence

_DECIMALS = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeCurve:
    """The learning curve of the run-in, and whether its end is flat.

    Attributes
    ----------
    values : tuple of (int, Decimal)
        Session and value, in order.
    n_sessions : int
        Sessions of the run-in with a value.
    last : int
        Over how many of them the slope is taken.
    slope : Decimal or None
        Gain per session, positive where the score becomes better [unit of the score]; None with fewer sessions.
    slope_below : Decimal
        What the protocol calls flat.
    """

    values: tuple[tuple[int, Decimal], ...]
    n_sessions: int
    last: int
    slope: Decimal | None
    slope_below: Decimal

    @property
    def is_flat(self) -> bool | None:
        """Whether the gain per session is below the limit; None while there are too few sessions to tell."""
        return None if self.slope is None else self.slope < self.slope_below


def practice_curve(
    values: Sequence[tuple[int, Decimal]], better: Better, *, slope_below: Decimal, last: int
) -> PracticeCurve:
    """Tell how much the last sessions of the run-in still gained.

    Parameters
    ----------
    values : sequence of (int, Decimal)
        Session and value, of the run-in alone; a session without a value is left out.
    better : Better
        Which direction of the score is the good one.
    slope_below : Decimal
        What the protocol calls flat [unit per session].
    last : int
        Over how many sessions; two or more.

    Returns
    -------
    PracticeCurve
        Slope of the least-squares line through the last values over their session numbers. A score that becomes
        worse gains nothing, and counts as flat.

    Examples
    --------
    >>> held = [(1, Decimal("1.0")), (2, Decimal("1.5")), (3, Decimal("1.6")), (4, Decimal("1.6")), (5, Decimal("1.6"))]
    >>> practice_curve(held, Better.HIGHER, slope_below=Decimal("0.03"), last=3).is_flat
    True
    """
    ordered = sorted(values)
    kept = ordered[-last:]
    slope: Decimal | None = None
    if len(kept) == last and last > 1:
        gain = _slope(kept) * (1 if better is Better.HIGHER else -1)
        slope = (Decimal(gain.numerator) / Decimal(gain.denominator)).quantize(_DECIMALS) + 0
    return PracticeCurve(
        values=tuple(ordered), n_sessions=len(ordered), last=last, slope=slope, slope_below=slope_below
    )


def _slope(points: Sequence[tuple[int, Decimal]]) -> Fraction:
    middle = Fraction(sum(session for session, _ in points), len(points))
    across = sum((session - middle) ** 2 for session, _ in points)
    return sum(((session - middle) * Fraction(value) for session, value in points), Fraction(0)) / across
