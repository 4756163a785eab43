"""Mixtures of t distributions, and what a normal prior makes of them, against quadrature and the conjugate formula."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from nof1.analysis.mixture import Mixture, with_normal_prior


def mixture(seed: int = 0, m: int = 4, df: float = 9.0) -> Mixture:
    rng = np.random.default_rng(seed)
    return Mixture(
        weight=rng.dirichlet(np.ones(m)),
        centre=rng.normal(1.0, 0.3, m),
        scale=rng.uniform(0.2, 1.0, m),
        df=df,
    )


def test_density_share_and_quantile_hang_together():
    """All three are those of scipy's t, weighed."""
    found = mixture()
    parts = [
        (w, stats.t(found.df, c, s)) for w, c, s in zip(found.weight, found.centre, found.scale, strict=True)
    ]
    x = np.array([-3.0, 0.0, 1.0, 5.0])
    assert np.exp(found.log_density(x)) == pytest.approx(sum(w * part.pdf(x) for w, part in parts))
    assert found.below(0.4) == pytest.approx(sum(w * part.cdf(0.4) for w, part in parts))
    assert found.mean == pytest.approx(sum(w * part.mean() for w, part in parts))
    assert found.sd**2 == pytest.approx(
        sum(w * (part.var() + (part.mean() - found.mean) ** 2) for w, part in parts)
    )
    for share in (1e-4, 0.025, 0.5, 0.9):
        assert found.below(found.quantile(share)) == pytest.approx(share, abs=1e-9)
    assert mixture(df=2.0).sd is None


@pytest.mark.parametrize(
    ("centre", "scale", "prior"),
    [
        (0.0, 1.0, 0.01),
        (0.0, 1.0, 50.0),
        (1.5, 0.2, 0.3),
        (1.5, 0.2, 1.0),
        (-40.0, 0.5, 50.0),
        (3.0, 1e-3, 1.0),
    ],
)
def test_the_conjugate_formula(centre, scale, prior):
    """With normal errors the posterior is normal, with a mean between prior and data."""
    one = Mixture(weight=np.ones(1), centre=np.array([centre]), scale=np.array([scale]), df=1e9)
    curve = with_normal_prior(one, prior, (0.0,))
    precision = 1 / prior**2 + 1 / scale**2
    expected = stats.norm(centre / scale**2 / precision, precision**-0.5)
    assert curve.mean == pytest.approx(expected.mean(), abs=1e-5 * expected.std())
    assert curve.sd == pytest.approx(expected.std(), rel=1e-5)
    assert curve.below(0.0) == pytest.approx(expected.cdf(0.0), abs=1e-8)
    for share in (0.025, 0.5, 0.975):
        assert curve.quantile(share) == pytest.approx(expected.ppf(share), abs=2e-4 * expected.std())


@given(
    seed=st.integers(0, 1000), prior=st.floats(0.05, 20.0), df=st.floats(1.0, 80.0), at=st.floats(-2.0, 3.0)
)
@settings(max_examples=20)
def test_adaptive_quadrature(seed, prior, df, at):
    """Any mixture times any prior, with scipy's quadrature beside it."""
    found = mixture(seed, df=df)
    curve = with_normal_prior(found, prior, (at,))

    def density(x):
        return float(np.exp(found.log_density(np.array([x]))[0] - 0.5 * (x / prior) ** 2))

    marks = sorted({-8 * prior, at, *np.linspace(-4, 6, 11), 8 * prior})
    pieces = [
        integrate.quad(density, low, high, epsabs=0, epsrel=1e-9)[0]
        for low, high in itertools.pairwise(marks)
    ]
    below = sum(piece for piece, high in zip(pieces, marks[1:], strict=False) if high <= at)
    assert curve.below(at) == pytest.approx(below / sum(pieces), abs=1e-6)
    assert curve.below(curve.quantile(0.3)) == pytest.approx(0.3, abs=1e-9)
    assert (curve.below(-1e9), curve.below(1e9)) == (0.0, 1.0)
