"""The randomization test counts what an independent enumeration counts, as integers."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.analysis import permutation
from nof1.analysis.autoregression import fit_rho
from nof1.analysis.randomization_test import frame_bytes, randomization_test, seeded
from nof1.schedule.space import balanced, counterbalanced, randomized_blocks, williams

from .made import alternating, balanced_days, frame_of

RANDOM = st.integers(0, 10_000)


def brute_force(frame, sequences, weights, trend="log"):
    """Count straight from the definition: least squares with numpy, a Python loop over the sequences."""
    rows = frame.dropna(subset="value").sort_values("session")
    clock = rows["session"].to_numpy(dtype=float)
    base = np.ones((len(rows), 1))
    if trend == "log":
        base = np.column_stack([base, np.log(clock)])
    y = rows["value"].to_numpy()
    rest = y - base @ np.linalg.lstsq(base, y, rcond=None)[0]
    means = pd.Series(rest).groupby(rows["period"].to_numpy()).mean()
    centred = means - means.mean()
    drawn = tuple(frame.sort_values("session").drop_duplicates("period")["condition"])

    def statistic(sequence):
        return sum(
            weights.get(sequence[p - 1], 0) / sequence.count(sequence[p - 1]) * e for p, e in centred.items()
        )

    observed = abs(statistic(drawn))
    every = [abs(statistic(sequence)) for sequence in sequences]
    return sum(one >= observed - 1e-9 * max(every) for one in every), len(every), statistic(drawn)


def all_blocks(n_blocks, codes, per_block=1):
    block = sorted(set(permutations(codes * per_block)))
    return [sum(choice, ()) for choice in product(block, repeat=n_blocks)]


@given(seed=RANDOM, n_blocks=st.integers(3, 7), lost=st.floats(0, 0.5), whole=st.booleans())
@settings(max_examples=25)
def test_paired_blocks_with_missing_days_and_periods(seed, n_blocks, lost, whole):
    """Halves over 2^C sequences against all of them; missing days stay in place, lost periods count 0."""
    frame = frame_of(alternating(n_blocks, seed=seed), days=4, seed=seed)
    rng = np.random.default_rng(seed)
    frame.loc[rng.random(len(frame)) < lost, "value"] = np.nan
    if whole:
        frame.loc[frame["period"] == 2, "value"] = np.nan
    if frame["value"].notna().sum() < 3:
        return
    found = randomization_test(frame, randomized_blocks(n_blocks, ("on", "off")))
    n_as_extreme, n, statistic = brute_force(frame, all_blocks(n_blocks, ("on", "off")), {"on": 1, "off": -1})
    assert (found.n_as_extreme, found.n_sequences, found.exact) == (n_as_extreme, n, True)
    assert found.statistic == pytest.approx(statistic, abs=1e-9)
    assert found.p_value == n_as_extreme / n


@pytest.mark.parametrize(
    ("space", "sequence", "every"),
    [
        (
            randomized_blocks(3, ("on", "off"), per_block=2),
            ("on", "off", "off", "on", "on", "on", "off", "off", "off", "on", "off", "on"),
            all_blocks(3, ("on", "off"), per_block=2),
        ),
        (
            balanced(10, ("on", "off"), max_run=2),
            ("on", "on", "off", "on", "off", "off", "on", "off", "off", "on"),
            [
                s
                for s in product(("on", "off"), repeat=10)
                if s.count("on") == 5 and not any(len(set(s[i : i + 3])) == 1 for i in range(8))
            ],
        ),
        (
            balanced(8, ("on", "off")),
            ("on", "on", "on", "off", "off", "on", "off", "off"),
            [s for s in product(("on", "off"), repeat=8) if s.count("on") == 4],
        ),
        (
            counterbalanced(("on", "off"), 8),
            ("off", "on", "on", "off", "off", "on", "on", "off"),
            [("on", "off", "off", "on") * 2, ("off", "on", "on", "off") * 2],
        ),
    ],
    ids=["blocks of four", "longest run 2", "balanced", "counterbalanced"],
)
@pytest.mark.parametrize("trend", ["log", None])
def test_every_kind_of_design(space, sequence, every, trend):
    """The reference set is that of the design that drew."""
    frame = frame_of(sequence, days=3, effect=0.8, block=None)
    found = randomization_test(frame, space, trend=trend)
    n_as_extreme, n, statistic = brute_force(frame, every, {"on": 1, "off": -1}, trend)
    assert (found.n_as_extreme, found.n_sequences) == (n_as_extreme, n)
    assert found.statistic == pytest.approx(statistic)


@given(seed=RANDOM)
@settings(max_examples=15)
def test_of_three_conditions_only_the_pair_moves(seed):
    """With the other condition in place there are 2^B sequences, whatever that condition does."""
    codes = ("high", "low", "none")
    sequence = alternating(4, codes, seed=seed)
    frame = frame_of(sequence, days=3, block=3, seed=seed)
    frame["value"] += 50.0 * (frame["condition"] == "low")
    space = randomized_blocks(4, codes)
    found = randomization_test(frame, space, contrast=("high", "none"))
    every = [s for s in all_blocks(4, codes) if [c == "low" for c in s] == [c == "low" for c in sequence]]
    n_as_extreme, n, _ = brute_force(frame, every, {"high": 1, "none": -1})
    assert n == 16
    assert (found.n_as_extreme, found.n_sequences) == (n_as_extreme, n)


def test_all_conditions_move_on_request():
    """The full set has (k!)^B sequences, counted exactly by halves."""
    codes = ("high", "low", "none")
    frame = frame_of(alternating(4, codes, seed=1), days=3, block=3)
    space = randomized_blocks(4, codes)
    found = randomization_test(frame, space, contrast=("high", "none"), permute="all")
    n_as_extreme, n, _ = brute_force(frame, all_blocks(4, codes), {"high": 1, "none": -1})
    assert (found.n_as_extreme, found.n_sequences) == (n_as_extreme, n) == (n_as_extreme, 1296)


def test_large_full_sets_are_still_exact():
    """24^6 orders of four doses are counted, not drawn."""
    codes = ("d0", "d1", "d2", "d3")
    frame = frame_of(alternating(6, codes), days=3, block=4)
    linear = {"d0": -3, "d1": -1, "d2": 1, "d3": 3}
    found = randomization_test(frame, randomized_blocks(6, codes), contrast=linear, permute="all")
    assert found.exact
    assert found.n_sequences == 24**6


def test_a_dose_trend_is_reversed_block_by_block():
    """Under the null of a trend each block could as well be reversed: 2^B sign flips of raw block contrasts."""
    codes = ("d0", "d1", "d2", "d3")
    linear = {"d0": -3, "d1": -1, "d2": 1, "d3": 3}
    frame = frame_of(alternating(5, codes, seed=3), days=3, block=4)
    frame["value"] += 2.0 * frame["condition"].isin(["d1", "d2"])  # a curve is no trend
    frame.loc[frame["period"] == 6, "value"] = np.nan
    found = randomization_test(frame, randomized_blocks(5, codes), contrast=linear, permute="reversal")
    means = frame.pivot_table(index="block", columns="condition", values="value")
    blocks = [sum(linear[c] * row[c] for c in codes) for b, row in means.iterrows() if b != 2]
    sums = [
        abs(sum(s * d for s, d in zip(signs, blocks, strict=True))) for signs in product((1, -1), repeat=4)
    ]
    expected = sum(x >= abs(sum(blocks)) - 1e-9 for x in sums)
    assert found.n_as_extreme / found.n_sequences == expected / 16
    assert found.smallest_p == 2 / 16


def test_reversal_needs_a_contrast_that_turns_round():
    """Weights 2, -1, -1 have no mirror image, so there is no such test."""
    codes = ("a", "b", "c")
    frame = frame_of(alternating(4, codes), days=2, block=3)
    found = randomization_test(
        frame, randomized_blocks(4, codes), contrast={"a": 2, "b": -1, "c": -1}, permute="reversal"
    )
    assert found.p_value is None
    assert "not_estimable" in found.flags


def test_squares_look_for_any_difference():
    """The global test sees a middle dose that differs, which a contrast of the ends does not."""
    codes = ("high", "low", "none")
    frame = frame_of(alternating(4, codes, seed=1), days=5, block=3, sp=0.1, sd=0.3)
    frame["value"] += 3.0 * (frame["condition"] == "low")
    space = randomized_blocks(4, codes)
    found = randomization_test(frame, space, ("high", "none"), "log", "all", "squares")
    assert found.n_sequences == 1296
    assert found.p_value == found.smallest_p == 6 / 1296
    assert randomization_test(frame, space, ("high", "none"), permute="all").p_value > 0.05


def prewhitened_by_hand(frame, sequences, rho):
    rows = frame.dropna(subset="value").sort_values("session")
    day, y = rows["day"].to_numpy(), rows["value"].to_numpy()
    x0 = np.column_stack([np.ones(len(rows)), np.log(rows["session"])])
    k = np.linalg.inv(np.power(rho, np.abs(day[:, None] - day[None, :])))
    m = k - k @ x0 @ np.linalg.inv(x0.T @ k @ x0) @ x0.T @ k
    results = []
    for sequence in sequences:
        s = np.array([1.0 if sequence[p - 1] == "on" else -1.0 for p in rows["period"]])
        results.append(s @ m @ y / np.sqrt(s @ m @ s))
    return np.abs(results)


def test_prewhitened_by_dense_matrices():
    """The tridiagonal shortcut gives what whole matrices give, missing days and gaps included."""
    sequence = balanced_days(12, seed=4)
    frame = frame_of(sequence, days=1, sp=0.0, rho=0.5, block=None, seed=4)
    frame["day"] = frame["day"] + 3 * (frame["day"] > 6)
    frame.loc[[2, 9], "value"] = np.nan
    every = [s for s in product(("on", "off"), repeat=12) if s.count("on") == 6]
    seen = frame.dropna()
    x0 = np.column_stack([np.ones(len(seen)), np.log(seen["session"])])
    rho, _ = fit_rho(x0, seen["value"].to_numpy(), seen["day"].to_numpy())
    expected = prewhitened_by_hand(frame, every, rho)
    (observed,) = prewhitened_by_hand(frame, [sequence], rho)
    found = randomization_test(frame, balanced(12, ("on", "off")), statistic="prewhitened")
    assert found.n_sequences == len(every) == 924
    assert found.n_as_extreme == np.sum(expected >= observed - 1e-9 * expected.max())


def test_draws_add_the_observed_sequence():
    """Where the set is too large to list, p is (1 + b) / (1 + B) and never 0."""
    sequence = balanced_days(40, seed=2)
    frame = frame_of(sequence, days=1, effect=50.0, block=None)
    found = randomization_test(frame, balanced(40, ("on", "off")), n_draws=999)
    assert not found.exact
    assert (found.n_as_extreme, found.n_sequences, found.p_value) == (1, 1000, 0.001)


def test_draws_agree_with_the_exact_count():
    """The same test by listing and by drawing: within five standard errors."""
    sequence = balanced_days(16, seed=3)
    frame = frame_of(sequence, days=1, effect=0.7, block=None, seed=3)
    exact = randomization_test(frame, balanced(16, ("on", "off")))
    assert exact.exact
    assert exact.n_sequences == 12_870
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(permutation, "LARGEST_LISTED", 100)
        patch.setattr(permutation, "segments", lambda _: None)
        drawn = randomization_test(frame, balanced(16, ("on", "off")))
    assert not drawn.exact
    assert drawn.p_value == pytest.approx(exact.p_value, abs=5 * np.sqrt(exact.p_value / 1e5))


def test_reruns_give_the_same_digits():
    """Without a generator the data are the seed; the order of the rows is not part of them."""
    sequence = balanced_days(30, seed=5)
    frame = frame_of(sequence, days=1, block=None)
    space = balanced(30, ("on", "off"))
    first = randomization_test(frame, space, n_draws=2000)
    again = randomization_test(frame.sample(frac=1, random_state=3), space, n_draws=2000)
    assert first == again
    other = randomization_test(frame.assign(value=frame["value"] + 1), space, n_draws=2000)
    assert other.n_as_extreme != first.n_as_extreme
    assert seeded(b"x").integers(0, 10**9) != seeded(frame_bytes(frame)).integers(0, 10**9)


def test_the_seed_of_a_trial_is_written_down():
    """The first numbers for a given digest, score and contrast hold forever: reports depend on them."""
    rng = seeded(bytes(range(32)), "day.mood", "on_off")
    assert rng.integers(0, 2**32, size=3).tolist() == [1557892378, 968857464, 4121556281]


@given(seed=RANDOM, shift=st.floats(-1e6, 1e6), size=st.floats(1e-6, 1e6))
@settings(max_examples=20)
def test_units_do_not_matter(seed, shift, size):
    """Another unit gives the same integers, also a very small one: ties are relative."""
    frame = frame_of(alternating(6, seed=seed), days=3, seed=seed)
    space = randomized_blocks(6, ("on", "off"))
    changed = frame.assign(value=size * (frame["value"] + shift))
    before, after = randomization_test(frame, space), randomization_test(changed, space)
    assert after.n_as_extreme == before.n_as_extreme
    flipped = randomization_test(frame, space, contrast=("off", "on"))
    assert flipped.n_as_extreme == before.n_as_extreme
    assert flipped.statistic == pytest.approx(-before.statistic)


def test_scores_that_do_not_vary_have_p_1():
    """A constant outcome makes every order as extreme as any other; so does a pure trend."""
    frame = frame_of(alternating(6))
    space = randomized_blocks(6, ("on", "off"))
    constant = randomization_test(frame.assign(value=2.5), space)
    assert (constant.p_value, constant.n_sequences) == (1.0, 64)
    assert "constant_outcome" in constant.flags
    assert randomization_test(frame.assign(value=3 + 0.2 * np.log(frame["session"])), space).p_value == 1.0
    assert randomization_test(frame.assign(value=2.5), space, statistic="prewhitened").p_value == 1.0


def test_a_lost_block_makes_the_smallest_p_larger():
    """What cannot be told apart any more counts as equally extreme."""
    frame = frame_of(alternating(6), effect=9.0)
    frame.loc[frame["block"] == 2, "value"] = np.nan
    found = randomization_test(frame, randomized_blocks(6, ("on", "off")))
    assert found.smallest_p == 4 / 64
    assert found.p_value == 4 / 64


def test_no_data_no_p():
    """Without a score there is nothing to test."""
    found = randomization_test(
        frame_of(alternating(6)).assign(value=np.nan), randomized_blocks(6, ("on", "off"))
    )
    assert found.p_value is None
    assert "no_data" in found.flags


def test_a_sequence_that_was_not_possible():
    """If the frame shows an order outside the space, there is no p and the flag says why."""
    found = randomization_test(frame_of(("on", "on", "off", "off") * 2), randomized_blocks(4, ("on", "off")))
    assert found.p_value is None
    assert found.flags[-1] == "sequence_not_in_space"


def test_rows_of_a_period_may_be_absent():
    """With two conditions the design itself completes the order; with three it may have to be given."""
    frame = frame_of(alternating(5), effect=1.0)
    space = randomized_blocks(5, ("on", "off"))
    whole = frame.assign(value=frame["value"].where(frame["period"] != 3))
    absent = whole[whole["period"] != 3]
    assert randomization_test(absent, space).n_as_extreme == randomization_test(whole, space).n_as_extreme
    codes = ("a", "b", "c")
    sequence = alternating(4, codes, seed=6)
    three = frame_of(sequence, days=3, block=3)
    held = three[~three["period"].isin([5, 6])]
    unknown = randomization_test(held, randomized_blocks(4, codes), contrast=("a", "b"))
    assert "sequence_incomplete" in unknown.flags
    given_it = randomization_test(held, randomized_blocks(4, codes), contrast=("a", "b"), sequence=sequence)
    assert given_it.n_sequences == 16


def test_williams_rows_with_others_in_place():
    """A Williams design leaves few arrangements of a pair; the test counts exactly these."""
    space = williams(("a", "b", "c", "d"), 16)
    sequence = space.unrank(17)
    frame = frame_of(sequence, days=3, block=4)
    found = randomization_test(frame, space, contrast=("a", "b"))
    every = [
        s
        for s in space
        if all((x in "ab") == (y in "ab") and (x in "ab" or x == y) for x, y in zip(s, sequence, strict=True))
    ]
    assert found.n_sequences == len(every)
    assert found.n_as_extreme == brute_force(frame, every, {"a": 1, "b": -1})[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"contrast": ("on", "never")}, "not a condition of the design"),
        ({"statistic": "median"}, "statistic"),
        ({"permute": "some"}, "permute"),
        ({"sequence": ("off", "on") * 6}, "another condition in the frame"),
        ({"space": randomized_blocks(3, ("on", "off"))}, "periods 1 to 6"),
    ],
)
def test_arguments_that_cannot_be_meant(changes, message):
    """Wrong arguments raise and say what is wrong."""
    frame = frame_of(("on", "off") * 6)
    with pytest.raises(ValueError, match=message):
        randomization_test(frame, **{"space": randomized_blocks(6, ("on", "off")), **changes})
