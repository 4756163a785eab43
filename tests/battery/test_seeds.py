"""Seeds and choices: public, the same everywhere, without favour, and blind to conditions."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.battery import make, seeds
from nof1.battery.seeds import FormKey, Stream, form_seed

SEEDS = st.binary(min_size=32, max_size=32)


def test_the_seed_of_a_form_to_the_byte():
    """SHA-256 over length-prefixed fields: version, trial, instrument, session as decimal text."""
    fields = [b"nof1/forms/v1", b"tea", b"wm", b"12"]
    framed = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    assert form_seed("tea", "wm", 12) == hashlib.sha256(framed).digest()


def test_the_first_choices_stay_what_they_are():
    """Forms of a running trial must never change: the first choices are pinned."""
    stream = Stream(bytes(range(32)), "pinned")
    assert [stream.below(1000) for _ in range(6)] == [529, 181, 560, 173, 675, 684]
    assert Stream(bytes(range(32)), "pinned").shuffled("abcdefgh") == tuple("fdahgbce")


def test_no_condition_enters_a_seed():
    """There is no parameter by which a condition, a kit or a secret could come in."""
    assert list(inspect.signature(form_seed).parameters) == ["trial_id", "instrument", "session"]
    assert [field.name for field in dataclasses.fields(FormKey)] == [
        "trial_id",
        "instrument",
        "session",
        "occasion",
    ]
    assert list(inspect.signature(make.make_form).parameters) == ["task_id", "params", "key", "part"]
    assert "schedule" not in inspect.getsource(seeds)


@pytest.mark.parametrize("session", [0, -1])
def test_sessions_are_counted_from_one(session):
    """There is no session zero."""
    with pytest.raises(ValueError, match="from 1"):
        form_seed("tea", "wm", session)


@pytest.mark.parametrize("occasion", [0, 4])
def test_an_occasion_is_one_of_the_sessions(occasion):
    """The third session is at most the third occasion."""
    with pytest.raises(ValueError, match="occasion"):
        FormKey(trial_id="tea", instrument="wm", session=3, occasion=occasion)


@given(SEEDS, st.text(max_size=8), st.integers(1, 10**30))
def test_a_choice_is_below_its_size(seed, label, size):
    """Any size, also beyond a machine word; the same seed and label give the same choice."""
    assert 0 <= Stream(seed, label).below(size) < size
    assert Stream(seed, label).below(size) == Stream(seed, label).below(size)


@given(SEEDS, st.lists(st.integers(), max_size=30))
def test_a_shuffle_loses_nothing(seed, items):
    """All items, each as often as before; a sample takes some of them."""
    stream = Stream(seed, "x")
    assert Counter(stream.shuffled(items)) == Counter(items)
    assert not Counter(stream.sample(items, len(items) // 2)) - Counter(items)


@given(SEEDS, st.integers(-50, 50), st.integers(0, 100))
def test_between_holds_both_ends(seed, low, width):
    """Both ends can come, nothing outside."""
    assert low <= Stream(seed, "x").between(low, low + width) <= low + width


def test_no_choice_is_favoured():
    """Of 6,000 choices among six each comes about 1,000 times (five standard deviations)."""
    stream = Stream(bytes(32), "dice")
    counts = Counter(stream.below(6) for _ in range(6000))
    assert set(counts) == set(range(6))
    assert all(abs(count - 1000) < 5 * (6000 * 5 / 36) ** 0.5 for count in counts.values())


def test_every_order_is_equally_likely():
    """Of 6,000 shuffles of three items each of the six orders comes about 1,000 times."""
    stream = Stream(bytes(32), "orders")
    counts = Counter(stream.shuffled("abc") for _ in range(6000))
    assert len(counts) == 6
    assert all(abs(count - 1000) < 5 * (6000 * 5 / 36) ** 0.5 for count in counts.values())


def test_nothing_is_no_choice():
    """Nothing to choose from, or more than there is, is refused."""
    stream = Stream(bytes(32), "x")
    with pytest.raises(ValueError, match="nothing"):
        stream.below(0)
    with pytest.raises(ValueError, match="twice"):
        stream.sample("ab", 3)


def test_sessions_instruments_and_trials_differ():
    """Another session, instrument or trial has another form."""
    made = {
        FormKey(trial_id=trial, instrument=name, session=session, occasion=1).seed
        for trial in ("a", "b")
        for name in ("wm", "vigil")
        for session in (1, 2, 11)
    }
    assert len(made) == 12
    one = FormKey(trial_id="a", instrument="wm", session=5, occasion=1)
    other = FormKey(trial_id="a", instrument="wm", session=9, occasion=2)
    assert one.series_stream("x").below(10**20) == other.series_stream("x").below(10**20)
    assert one.stream("x").below(10**20) != other.stream("x").below(10**20)
