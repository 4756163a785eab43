"""Blinding indices against the R package BI, against exact counting, and against what they must obey."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nof1.analysis.blinding_index import bang_index, james_index
from nof1.analysis.blinding_summary import Index

# R package BI 1.2.0, BI(matrix(c(…), 3, 2, byrow = TRUE)): value and standard error of James, then of Bang in
# both arms. The first four are published trials (Bang 2004, table 7; Houweling 2014, table 2).
FROM_R = [
    ((82, 27, 25, 29, 170, 83), (0.7479275374516, 0.0217373981300),
     (0.2057761732852, 0.0352370904725), (0.0143884892086, 0.0538229624728)),
    ((48, 22, 4, 30, 330, 319), (0.8964143426295, 0.0109175770065),
     (0.1151832460733, 0.0179337403406), (0.0215633423181, 0.0194046669113)),
    ((94, 52, 11, 44, 289, 284), (0.8233895956936, 0.0132866306063),
     (0.2106598984772, 0.0237435467643), (-0.0210526315789, 0.0257614749931)),
    ((143, 104, 14, 57, 188, 175), (0.7051162892112, 0.0159407504147),
     (0.3739130434783, 0.0302291489851), (-0.1398809523810, 0.0369845521898)),
    ((4, 2, 2, 3, 0, 1), (0.419444444444, 0.142830159244),
     (0.333333333333, 0.384900179460), (0.166666666667, 0.366414054396)),
    ((5, 1, 1, 5, 0, 0), (0.166666666667, 0.107582870728),
     (0.666666666667, 0.304290309725), (0.666666666667, 0.304290309725)),
    ((3, 0, 1, 4, 2, 2), (0.416666666667, 0.140978208685),
     (0.333333333333, 0.304290309725), (0.666666666667, 0.192450089730)),
]  # fmt: skip


def tables(n):
    """Every way in which n guesses can be right, wrong, or none."""
    return [(right, wrong, n - right - wrong) for right in range(n + 1) for wrong in range(n + 1 - right)]


def chance(table, shares):
    """Multinomial probability, from the definition."""
    ways = math.factorial(sum(table)) // math.prod(math.factorial(n) for n in table)
    return ways * math.prod(share**n for share, n in zip(shares, table, strict=True))


@pytest.mark.parametrize(("counts", "james", "first", "second"), FROM_R)
def test_against_the_r_package(counts, james, first, second):
    """Value and standard error of both indices, to ten digits; its rows are guesses, ours what it was."""
    table = np.reshape(counts, (3, 2)).T.tolist()
    found = james_index(table)
    assert (found.value, found.se) == pytest.approx(james, abs=1e-11)
    # Only where hundreds of guesses were made would counting every table take seconds.
    if sum(counts) < 100:
        (a, b, d), (e, f, g) = table
        assert (bang_index(a, b, d).value, bang_index(a, b, d).se) == pytest.approx(first, abs=1e-11)
        assert (bang_index(f, e, g).value, bang_index(f, e, g).se) == pytest.approx(second, abs=1e-11)


def james_of_shares(shares):
    """James' index as the paper writes it, weights and all; `shares` in rows of what it was."""
    k = len(shares)
    unsure = shares[:, k].sum()
    observed = expected = 0.0
    for was, said in itertools.product(range(k), repeat=2):
        weight = 0.0 if was == said else 0.5
        observed += weight * shares[was, said] / (1 - unsure)
        expected += weight * shares[:, said].sum() * (shares[was].sum() - shares[was, k]) / (1 - unsure) ** 2
    kappa = (observed - expected) / expected
    return (1 + unsure + (1 - unsure) * kappa) / 2


@given(
    st.integers(2, 4).flatmap(
        lambda k: st.lists(st.integers(1, 9), min_size=k * (k + 1), max_size=k * (k + 1))
    )
)
def test_james_is_the_formula_of_the_paper(counts):
    """Value by the paper, standard error by numeric derivatives, for two to four conditions."""
    k = next(k for k in (2, 3, 4) if k * (k + 1) == len(counts))
    table = np.array(counts).reshape(k, k + 1)
    n, found = table.sum(), james_index(table.tolist())
    shares = table / n
    assert found.value == pytest.approx(james_of_shares(shares), abs=1e-12)
    slopes = np.empty_like(shares)
    for cell in np.ndindex(*shares.shape):
        step = np.zeros_like(shares)
        step[cell] = 1e-6
        # The share of everything else gives way, so that all add to 1.
        up, down = (shares + step) / (1 + 1e-6), (shares - step) / (1 - 1e-6)
        slopes[cell] = (james_of_shares(up) - james_of_shares(down)) / 2e-6
    variance = ((shares * slopes**2).sum() - (shares * slopes).sum() ** 2) / n
    assert found.se == pytest.approx(math.sqrt(max(0.0, variance)), abs=1e-6)
    low, high = found.ci or (found.value, found.value)
    assert 0 <= low <= found.value <= high <= 1


def test_james_standard_error_is_that_of_repeated_trials():
    """A plain bootstrap of the published table has the same spread."""
    table = np.array([[82, 25, 170], [27, 29, 83]])
    rng = np.random.default_rng(20260301)
    again = rng.multinomial(table.sum(), (table / table.sum()).ravel(), size=20_000)
    values = [james_of_shares(row.reshape(2, 3) / row.sum()) for row in again]
    assert np.std(values) == pytest.approx(james_index(table.tolist()).se, rel=0.02)


def test_james_at_its_corners():
    """All right 0, all wrong 1, nobody knew 1; where chance could not be wrong there is no index."""
    assert james_index([[6, 0, 0], [0, 6, 0]]) == Index(value=0.0, se=0.0)
    assert james_index([[0, 6, 0], [6, 0, 0]]) == Index(value=1.0, se=0.0)
    assert james_index([[0, 0, 6], [0, 0, 6]]) == Index(value=1.0, se=0.0)
    assert james_index([[3, 3, 0], [3, 3, 0]]).value == pytest.approx(0.5)
    assert james_index([[6, 0, 0], [0, 0, 6]]) == Index(value=None)
    assert james_index([[0, 0, 0], [0, 0, 0]]) == Index(value=None)


@pytest.mark.parametrize("n_conditions", [2, 3])
@pytest.mark.parametrize("n", [3, 6, 9])
def test_the_interval_of_bang_covers(n, n_conditions):
    """Summed over every table that could have come, whatever the shares: never below 95 %."""
    held = [(table, bang_index(*table, n_conditions=n_conditions).ci) for table in tables(n)]
    rng = np.random.default_rng(7)
    corners = [(1, 0, 0), (0, 1, 0), (0.5, 0.5, 0), (0.1, 0.1, 0.8), (0.6, 0.2, 0.2), (0.05, 0, 0.95)]
    for shares in [*corners, *rng.dirichlet((1, 1, 1), 150), *rng.dirichlet((0.3, 0.3, 0.3), 150)]:
        index = shares[0] - shares[1] / (n_conditions - 1)
        covered = sum(chance(t, shares) for t, (low, high) in held if low - 1e-6 <= index <= high + 1e-6)
        assert covered >= 0.95 - 1e-4, shares


def test_the_interval_is_that_of_clopper_and_pearson_where_that_applies():
    """Twelve of twelve right: p(right) may be as low as .7354, and all others wrong."""
    low, high = bang_index(12, 0, 0).ci
    assert (low, high) == pytest.approx((2 * stats.beta.ppf(0.025, 12, 1) - 1, 1.0), abs=1e-5)


def test_intervals_of_some_tables():
    """Golden: they narrow with more "don't know", and twelve guesses tell little."""
    found = {t: bang_index(*t).ci for t in [(7, 4, 1), (4, 2, 0), (4, 2, 6), (0, 0, 12), (6, 0, 0)]}
    assert found[7, 4, 1] == pytest.approx((-0.3211, 0.7104), abs=1e-4)
    assert found[4, 2, 0] == pytest.approx((-0.5544, 0.9135), abs=1e-4)
    assert found[4, 2, 6] == pytest.approx((-0.3022, 0.5781), abs=1e-4)
    assert found[0, 0, 12] == pytest.approx((-0.3022, 0.3022), abs=1e-4)
    assert found[6, 0, 0] == pytest.approx((0.0815, 1.0), abs=1e-4)


@settings(max_examples=40)
@given(st.tuples(*[st.integers(0, 7)] * 3).filter(any), st.integers(2, 4))
def test_bang_holds_its_value_and_turns_with_its_table(table, n_conditions):
    """The interval holds the index and stays in range; right and wrong exchanged, its sign turns."""
    right, wrong, unsure = table
    found = bang_index(right, wrong, unsure, n_conditions=n_conditions)
    low, high = found.ci
    assert -1 / (n_conditions - 1) - 1e-12 <= low <= found.value + 1e-9
    assert found.value - 1e-9 <= high <= 1
    if n_conditions == 2:
        turned = bang_index(wrong, right, unsure)
        assert turned.value == -found.value
        assert turned.ci == pytest.approx((-high, -low), abs=1e-5)


def test_of_three_conditions_a_third_right_is_chance():
    """Two of six right is what blind guesses give: index 0, and wrong throughout is -1/2."""
    assert bang_index(2, 4, 0, n_conditions=3).value == 0
    assert bang_index(0, 6, 0, n_conditions=3).value == -0.5
    assert bang_index(6, 0, 0, n_conditions=3).value == 1


def test_without_a_guess_there_is_no_index():
    """Nothing can be told, and nothing raises."""
    assert bang_index(0, 0, 0) == Index(value=None)


@pytest.mark.parametrize(
    ("index", "given"),
    [
        (bang_index, (-1, 2, 0)),
        (bang_index, (1.5, 2, 0)),
        (james_index, ([[1, 2, 3]],)),
        (james_index, ([[1, 2], [3, 4]],)),
        (james_index, ([[1, 2, 3], [4, -5, 6]],)),
    ],
)
def test_what_is_no_table_of_counts_is_refused(index, given):
    """The message begins with the name of the function."""
    with pytest.raises(ValueError, match=rf"^{index.__name__}: "):
        index(*given)


def test_one_condition_cannot_be_guessed_at():
    """There must be something to choose from."""
    with pytest.raises(ValueError, match="two or more"):
        bang_index(1, 2, 0, n_conditions=1)
