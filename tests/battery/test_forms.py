"""Forms: the same from the same key, exact counts, no repeats, everything that a page needs."""

from __future__ import annotations

import json
import math
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.battery.digit_span import LONGEST
from nof1.battery.form import form_from_json
from nof1.battery.glyphs import CODING, OBJECTS
from nof1.battery.make import make_form
from nof1.battery.making import spread
from nof1.battery.parameters import param_problem, params_problem
from nof1.battery.run import MAX_RECORDS
from nof1.battery.seeds import FormKey, Stream
from nof1.battery.tasks import LONG_PVT, TASKS
from nof1.encoding import canonical_json, sha256_hex

from .runs import KEY, PARTS, form_of

D = Decimal
KEYS = st.builds(
    lambda trial, session: FormKey(trial_id=trial, instrument="i", session=session, occasion=session),
    st.sampled_from(["tea", "coffee-focus"]),
    st.integers(1, 300),
)
PINNED = {
    "pvt:None": "a7b16bd6a12f",
    "srt:None": "e103ff16d92e",
    "crt4:None": "ff2614fd2aa9",
    "coding:None": "04659461c827",
    "nback:None": "ffa3bbdbae4b",
    "digit_span:None": "d9068354ea37",
    "corsi:None": "260da0fa040f",
    "stroop:None": "ad82c567e27a",
    "flanker:None": "488c43e4c6b9",
    "gonogo:None": "ba187f772eea",
    "switch:None": "994db3d3d211",
    "wordlist:study": "a76e6f9744d4",
    "wordlist:delayed": "a4018320daaa",
    "objloc:study": "89409e9fa391",
    "objloc:delayed": "257ea833cfb5",
}
few = settings(max_examples=12)


def counted(form):
    """Return the blocks that count."""
    return [block for block in form.blocks if not block.is_practice]


@pytest.mark.parametrize(("task", "part"), PARTS)
def test_a_form_holds_all_that_a_page_needs(task, part):
    """Plain JSON that reads back the same; trials numbered through; short pages; known responses, cells and signs."""
    form = form_of(task, part)
    text = json.dumps(form.to_json(), allow_nan=False)
    assert form_from_json(json.loads(text)) == form
    assert all(isinstance(number, int) for number in numbers_in(json.loads(text)))
    assert [trial.index for block in form.blocks for trial in block.trials] == list(
        range(sum(len(block.trials) for block in form.blocks))
    )
    assert form.pages.keyboard
    assert form.pages.touch
    for holder in (form, *form.blocks):
        assert len(holder.pages.keyboard) == len(holder.pages.touch) or holder is form
        for page in (*holder.pages.keyboard, *holder.pages.touch):
            assert 0 < len(page.split()) <= 60
    cells = {cell.id for cell in form.display.cells} if form.display else set()
    for block in form.blocks:
        known = {choice.id for choice in block.choices}
        keys = [key for choice in block.choices for key in choice.keys]
        assert len(keys) == len(set(keys))
        assert all(key == key.lower() for key in keys)
        for trial in block.trials:
            shown = [one for one in (trial.stimulus, trial.cue, *trial.items) if one is not None]
            assert all(one.glyph is None or one.glyph in form.glyphs for one in shown)
            assert all(one.cell is None or one.cell in cells for one in shown)
            if trial.mode == "press":
                assert trial.stimulus is not None
                assert trial.expected is None or trial.expected in known
            else:
                assert trial.entry is not None
                assert len(trial.answer) <= trial.entry.limit
                assert trial.entry.kind == "words" or set(trial.answer) <= known


def numbers_in(value):
    """Return every number of a JSON value."""
    if isinstance(value, dict):
        return [one for item in value.values() for one in numbers_in(item)]
    if isinstance(value, list):
        return [one for item in value for one in numbers_in(item)]
    return [value] if isinstance(value, int | float) else []


@pytest.mark.parametrize(("task", "part"), PARTS)
@few
@given(key=KEYS)
def test_the_same_key_gives_the_same_form(task, part, key):
    """A phone and a computer, today and in a year, show the same; another session shows another."""
    form = form_of(task, part, key=key)
    assert form == form_of(task, part, key=key)
    other = FormKey(trial_id=key.trial_id, instrument="i", session=key.session + 1, occasion=key.occasion + 1)
    assert form.sha256 != form_of(task, part, key=other).sha256


@few
@given(
    KEYS,
    st.integers(1, 5),
    st.integers(12, 60),
    st.floats(0.05, 0.45),
    st.floats(0, 0.3),
)
def test_nback_has_exactly_so_many_targets_and_lures(key, n, size, targets, lures):
    """In each block; a target is the letter of n before, a lure only one place beside it, another none of these."""
    n_targets, n_lures = max(1, int(size * targets)), int(size * lures)
    params = {"n": D(n), "trials": D(size), "targets": D(n_targets), "lures": D(n_lures)}
    form = form_of("nback", key=key, **params)
    for block in counted(form):
        letters = [trial.stimulus.text for trial in block.trials]
        kinds = [trial.kind for trial in block.trials]
        assert len(letters) == size + n
        assert kinds[:n] == ["lead"] * n
        assert Counter(kinds[n:]) == Counter(
            {"target": n_targets, "lure": n_lures, "other": size - n_targets - n_lures}
        ) - Counter({"lure": 0})
        for place in range(n, size + n):
            near = {letters[place - back] for back in (n - 1, n + 1) if 0 < back <= place}
            is_target = letters[place] == letters[place - n]
            assert is_target == (kinds[place] == "target")
            assert (not is_target and letters[place] in near) == (kinds[place] == "lure")
            assert (block.trials[place].expected is not None) == is_target


def test_nback_by_default():
    """A third targets and an eighth lures in 48 trials, twice, after two letters that cannot be either."""
    kinds = Counter(trial.kind for trial in form_of("nback").trials)
    assert kinds == {"target": 32, "lure": 12, "other": 52, "lead": 4}


@few
@given(KEYS, st.integers(1, 12), st.sampled_from(["forward", "backward"]))
def test_digit_lists(key, start, direction):
    """Long enough for every length; no digit twice in a row; the order is told."""
    form = form_of("digit_span", key=key, start=D(start), direction=direction)
    (block,) = counted(form)
    assert (block.rule.start, block.rule.highest) == (start, LONGEST)
    assert block.rule.lowest <= 2
    for trial in block.trials:
        digits = [item.text for item in trial.items]
        assert len(digits) == LONGEST
        assert set(digits) <= set("123456789")
        assert all(a != b for a, b in pairwise(digits))
        assert trial.answer == tuple(digits)
        assert trial.entry.order == direction
        assert trial.item_ms + trial.gap_ms == 1000


@few
@given(KEYS, st.integers(4, 25))
def test_blocks_do_not_touch_and_do_not_come_twice(key, n_blocks):
    """Places are drawn anew in every session; each list is without repeats."""
    form = form_of("corsi", key=key, blocks=D(n_blocks))
    cells = form.display.cells
    assert len({cell.id for cell in cells}) == n_blocks
    for one in cells:
        assert one.width / 2 <= one.x <= 1000 - one.width / 2
        assert one.width / 2 <= one.y <= 1000 - one.width / 2
        for other in cells:
            if one is not other:
                assert max(abs(one.x - other.x), abs(one.y - other.y)) > one.width
    for trial in form.trials:
        assert len(set(trial.answer)) == len(trial.answer) == n_blocks


@few
@given(KEYS, st.integers(1, 80), st.integers(1, 80), st.integers(0, 40), st.integers(0, 30))
@pytest.mark.parametrize("task", ["stroop", "flanker"])
def test_conflict_is_balanced_and_never_repeats(task, key, congruent, incongruent, neutral, practice):
    """Exactly so many of each kind; the answers come equally often; nothing identical in a row."""
    counts = {"congruent": congruent, "incongruent": incongruent, "neutral": neutral}
    params = {name: D(count) for name, count in counts.items()}
    form = form_of(task, key=key, practice=D(practice), **params)
    assert Counter(trial.kind for trial in form.trials) == Counter(counts) - Counter({"neutral": 0})
    told = Counter(trial.expected for trial in form.trials)
    choices = [choice.id for choice in counted(form)[0].choices]
    assert max(told.values()) - min(told.get(choice, 0) for choice in choices) <= 1
    for block in form.blocks:
        for before, trial in pairwise(block.trials):
            assert before.stimulus != trial.stimulus
            if task == "stroop":
                assert before.stimulus.ink != trial.stimulus.ink
    for trial in form.trials:
        if task == "stroop":
            assert (trial.stimulus.text.lower() == trial.stimulus.ink) == (trial.kind == "congruent")
            assert trial.expected == trial.stimulus.ink
        else:
            others = {arrow for place, arrow in enumerate(trial.stimulus.arrows) if place != 2}
            assert trial.stimulus.arrows[2] == trial.expected
            assert (others == {trial.expected}) == (trial.kind == "congruent")


@few
@given(KEYS, st.integers(2, 200), st.data())
def test_gonogo_counts(key, size, data):
    """Exactly so many no-gos; the first is a go; no more than two no-gos in a row where they are a third or less."""
    n_nogo = data.draw(st.integers(1, size - 1))
    kinds = [trial.kind for trial in form_of("gonogo", key=key, trials=D(size), nogo=D(n_nogo)).trials]
    assert Counter(kinds) == {"go": size - n_nogo, "nogo": n_nogo}
    assert kinds[0] == "go"
    if n_nogo <= size / 3:
        assert "nogo nogo nogo" not in " ".join(kinds)


@few
@given(KEYS, st.integers(2, 100))
def test_switch_counts(key, mixed):
    """Half of the mixed trials switch, told by the cue; no digit twice in a row; the answer follows the question."""
    form = form_of("switch", key=key, mixed=D(max(4, mixed)))
    blocks = {block.id: block for block in form.blocks}
    kinds = Counter(trial.kind for trial in blocks["mixed"].trials)
    assert kinds["first"] == 1
    assert 0 <= kinds["repeat"] - kinds["switch"] <= 1
    assert len({blocks[name].trials[1].cue.text for name in ("single-parity", "single-size")}) == 2
    for block in form.blocks:
        for before, trial in pairwise(block.trials):
            assert before.stimulus.text != trial.stimulus.text
            assert (before.cue != trial.cue) == (trial.kind == "switch")
    for trial in form.trials:
        digit = int(trial.stimulus.text)
        is_left = digit % 2 == 1 if trial.cue.text == "square" else digit < 5
        assert digit != 5
        assert trial.expected == ("left" if is_left else "right")


@few
@given(KEYS, st.integers(2, 9))
def test_the_key_of_coding(key, size):
    """Each sign has one digit; items are dealt evenly, no sign twice in a row; the key differs between sessions."""
    form = form_of("coding", key=key, symbols=D(size))
    digit_of = dict(form.display.pairs)
    assert sorted(digit_of.values()) == [str(digit) for digit in range(1, size + 1)]
    signs = [trial.stimulus.glyph for trial in form.trials]
    assert all(a != b for a, b in pairwise(signs))
    assert all(trial.expected == digit_of[trial.stimulus.glyph] for trial in form.trials)
    counts = Counter(signs)
    assert max(counts.values()) - min(counts.values()) <= 2
    assert len(signs) > 90 / 0.5


def test_waits_lie_within_their_limits():
    """Waits before stimuli are uniform between the ends that the protocol gives, and there are enough of them."""
    for params in ({}, {"duration_s": D(600), **LONG_PVT}):
        form = form_of("pvt", **params)
        low, high = (int(end * 1000) for end in {**TASKS["pvt"].params, **params}["isi_s"])
        waits = [trial.before_ms for trial in form.trials]
        assert all(low <= wait <= high for wait in waits)
        assert math.isclose(sum(waits) / len(waits), (low + high) / 2, rel_tol=0.15)
        assert len(waits) * (low + 100) >= form.settings["duration_ms"]


def test_places_of_objects_are_the_same_in_both_parts():
    """What is asked later is what was learned; every trial has its own order."""
    study, delayed = (form_of("objloc", part) for part in ("study", "delayed"))
    learned = [dict(zip(trial.entry.glyphs, trial.answer, strict=True)) for trial in study.trials]
    assert learned[0] == learned[1] == learned[2]
    assert len({trial.entry.glyphs for trial in study.trials}) == 3
    assert dict(zip(delayed.trials[0].entry.glyphs, delayed.trials[0].answer, strict=True)) == learned[0]
    shown = {item.glyph: item.cell for item in study.trials[0].items}
    assert shown == learned[0]
    assert not delayed.trials[0].items


def test_signs_are_ours_and_different():
    """Nine and eight signs, drawn with lines alone, no two alike."""
    assert (len(CODING), len(OBJECTS)) == (9, 8)
    assert len({*CODING.values(), *OBJECTS.values()}) == 17
    for path in (*CODING.values(), *OBJECTS.values()):
        assert set(path) <= set("MLHVCQTAZ 0123456789-")


@given(st.lists(st.integers(0, 4), max_size=40), st.binary(min_size=32, max_size=32))
def test_spread_finds_an_order_wherever_there_is_one(items, seed):
    """Nothing alike side by side; refused exactly where more than half, rounded up, are alike."""
    most = max(Counter(items).values(), default=0)
    if most > (len(items) + 1) // 2:
        with pytest.raises(ValueError, match="kept apart"):
            spread(Stream(seed, "x"), items, lambda one: one)
        return
    done = spread(Stream(seed, "x"), items, lambda one: one)
    assert Counter(done) == Counter(items)
    assert all(a != b for a, b in pairwise(done))


@pytest.mark.parametrize(
    ("task", "params", "name", "text"),
    [
        ("coding", {"symbols": D(12)}, "symbols", "write a number from 2 to 9"),
        ("nback", {"targets": D(40)}, "targets", "three quarters"),
        ("nback", {"targets": D(60)}, "targets", "trials is 48"),
        ("nback", {"on_ms": D(3000)}, "on_ms", "soa_ms is 2500"),
        ("nback", {"n": D(9)}, "n", "from 1 to 5"),
        ("gonogo", {"nogo": D(160)}, "nogo", "all trials"),
        ("corsi", {"start": D(10)}, "start", "blocks is 9"),
        ("pvt", {"timeout_s": D("0.3")}, "timeout_s", "shorter than a lapse"),
        ("crt4", {"positions": D(9)}, "positions", "from 2 to 6"),
        ("objloc", {"glyphs": D(8), "cells": D(6)}, "glyphs", "cells is 6"),
        ("srt", {"trials": D(5000)}, "trials", "from 1 to 1000"),
    ],
)
def test_what_cannot_be_run_is_told(task, params, name, text):
    """Each parameter is right by itself; together no form can be made, and both check and maker say so."""
    assert all(param_problem(TASKS[task], one, value) is None for one, value in params.items())
    found = params_problem(TASKS[task], {**TASKS[task].params, **params})
    assert found is not None
    assert found[0] == name
    assert text in found[1]
    with pytest.raises(ValueError, match=name):
        form_of(task, next(iter(TASKS[task].parts), None), **params)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@settings(max_examples=15)
@given(data=st.data())
def test_what_check_lets_pass_can_be_made(task, data):
    """Any parameters without a problem give a form of at most so many trials as can come back."""
    params = dict(task.params)
    for name, default in task.params.items():
        if isinstance(default, Decimal) and data.draw(st.booleans()):
            params[name] = D(data.draw(st.integers(1, 60)))
    if any(param_problem(task, name, value) for name, value in params.items()) or params_problem(
        task, params
    ):
        return
    for part in task.parts or (None,):
        form = make_form(task.id, params, KEY, part)
        assert 1 <= sum(len(block.trials) for block in form.blocks) <= MAX_RECORDS


@pytest.mark.parametrize(("task", "part"), [("nback", "study"), ("wordlist", None), ("wordlist", "later")])
def test_parts_that_do_not_exist(task, part):
    """A whole has no part, and a task with parts is not given as a whole."""
    with pytest.raises(ValueError, match="has no part"):
        form_of(task, part)


def material(form):
    """Return a digest of what is shown, in which order, after which waits; not of the words of the instructions."""
    plain = form.to_json()
    return sha256_hex(canonical_json([plain.get("display"), [block["trials"] for block in plain["blocks"]]]))[
        :12
    ]


def test_forms_of_a_running_trial_stay_what_they_are():
    """Version 1 of the forms is pinned: another digest here is another version, and a major one of the package."""
    assert {f"{task}:{part}": material(form_of(task, part)) for task, part in PARTS} == PINNED
