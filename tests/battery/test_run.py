"""What the page sends: read strictly, as a whole or not at all."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.battery.form import form_from_json
from nof1.battery.run import MAX_RECORDS, next_length, read_run
from nof1.battery.score import score_run
from nof1.battery.simulate import simulate_run
from nof1.battery.tasks import TASKS

from .runs import PARTS, entered, form_of, perfect, press, sent


def refused(form, data):
    """Return the problems; nothing is kept."""
    table = read_run(form, data)
    assert table.run is None
    assert table.problems
    return [str(problem) for problem in table.problems]


def test_a_run_that_fits():
    """Practice is read and left out; what is left out has its default."""
    form = form_of("nback")
    practice = form.blocks[0].trials[0]
    data = sent(form, [press(practice), press(practice), *perfect(form)])
    run = read_run(form, data).run
    assert len(run.given) == 100
    assert [one.block for one in run.given[::50]] == ["block-1", "block-2"]
    assert run.given[0].record.early == 0
    assert run.given[0].record.trusted


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"format": 2}, "format"),
        ({"task": "pvt"}, "task"),
        ({"part": "study"}, "task"),
        ({"form_sha256": "0" * 64}, "form_sha256"),
        ({"mode": "real"}, "mode"),
        ({"ended": "done"}, "ended"),
        ({"elapsed_ms": -1}, "elapsed_ms"),
        ({"elapsed_ms": float("nan")}, "elapsed_ms"),
        ({"elapsed_ms": "12"}, "elapsed_ms"),
        ({"restarts": True}, "restarts"),
        ({"responses": {}}, "responses"),
        ({"score": 3}, "score"),
    ],
)
def test_a_run_that_does_not_fit(change, where):
    """A wrong word, type, number, another form, an unknown key: the place is told."""
    form = form_of("nback")
    assert refused(form, sent(form, perfect(form)) | change)[0].startswith(where)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"trial": 5000}, "the form has 0 to"),
        ({"trial": "3"}, "valid integer"),
        ({"rt_ms": None}, "together"),
        ({"response": None}, "together"),
        ({"response": "yes"}, "write one of match"),
        ({"response": ["match"]}, "write one of match"),
        ({"rt_ms": 60_000.0}, "ends after 2500 ms"),
        ({"rt_ms": float("inf")}, "finite"),
        ({"onset_ms": None}, "follows an onset"),
        ({"length": 3}, "in a staircase"),
        ({"early": -1}, "greater than or equal to 0"),
        ({"device": "mind"}, "keyboard"),
        ({"hidden": "no"}, "boolean"),
        ({"condition": "on"}, "not permitted"),
    ],
)
def test_a_record_that_does_not_fit(change, text):
    """One wrong record refuses the run, and its place is told."""
    form = form_of("nback")
    records = perfect(form)
    place = next(place for place, one in enumerate(records) if one["response"])
    records[place] = records[place] | change
    told = refused(form, sent(form, records))
    assert any(line.startswith(f"responses.{place}") and text in line for line in told)


def test_each_trial_once_and_in_order():
    """A trial twice, or one after a later one, is refused."""
    form = form_of("crt4")
    records = perfect(form)
    assert "in order" in refused(form, sent(form, [*records, records[-1]]))[0]
    assert "in order" in refused(form, sent(form, [records[1], records[0], *records[2:]]))[0]


def test_lists_that_do_not_fit():
    """An entry is a list of what can be chosen, no longer than it may be; words are free."""
    form = form_of("objloc", "delayed")
    (trial,) = form.trials
    for response, text in (
        ("c1", "write a list"),
        (["c1"], "write 8"),
        ([*trial.answer[:7], "c99"], "not one of the choices"),
    ):
        assert any(text in line for line in refused(form, sent(form, [entered(trial, response)])))
    words = form_of("wordlist", "study")
    first = words.trials[0]
    assert read_run(words, sent(words, [entered(first, ["anything at all", ""])])).run
    assert "at most 40" in refused(words, sent(words, [entered(first, ["a"] * 41)]))[0]
    assert "leave it out" in refused(words, sent(words, [entered(first, ["a", None])]))[0]


def test_a_staircase_follows_its_rule():
    """A list of another length than the rule gives, or one that was left out, is refused."""
    form = form_of("digit_span", start=4)
    lists = form.trials
    good = [entered(lists[0], length=4), entered(lists[1], length=5), entered(lists[2], [], length=6)]
    assert read_run(form, sent(form, good)).run
    assert "list 2 has 5" in refused(form, sent(form, [good[0], entered(lists[1], length=6)]))[0]
    assert "list 2 has 5" in refused(form, sent(form, [good[0], entered(lists[2], length=5)]))[0]
    assert "in a staircase" in refused(form, sent(form, [entered(lists[0])]))[0]


def test_the_rule_of_the_staircase():
    """One right: longer. Two wrong in a row: shorter. Within the ends; two more wrong: shorter again."""
    (block,) = (one for one in form_of("digit_span", start=3).blocks if one.rule.kind == "staircase")
    lengths, rights = [], []
    for right in (False, False, False, False, False, True, False, True, *[True] * 14):
        lengths.append(next_length(block, lengths, rights))
        rights.append(right)
    assert lengths[:9] == [3, 3, 2, 2, 2, 2, 3, 3, 4]
    assert max(lengths) == 14
    assert lengths[-2:] == [14, 14]


def test_backward_is_the_other_way_round():
    """The same digits are right in the opposite order alone."""
    form = form_of("digit_span", direction="backward", start=3)
    trial = form.trials[0]
    assert entered(trial, length=3)["response"] == [*reversed(trial.answer[:3])]


def test_too_many_records_are_refused():
    """Nobody sends more trials than a form can have."""
    form = form_of("nback")
    assert refused(form, sent(form, perfect(form)[:1] * (MAX_RECORDS + 1)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_anything_at_all_is_read_or_refused(data):
    """Whatever is sent, there is an answer and no error."""
    form = form_of("srt")
    table = read_run(form, data)
    assert (table.run is None) == bool(table.problems)


FATES = ("keep", "keep", "keep", "keep", "keep", "keep", "out", "hidden", "never", "none", "fast")


def damaged(form, rng):
    """Return a run in which trials are left out, hidden, never drawn, unanswered, or answered at any time."""
    sheet = simulate_run(
        form, rng, shift_ms=float(rng.choice([-400, 0, 3000])), ability=float(rng.uniform(-3, 3))
    )
    staircase = form.task in {"digit_span", "corsi"}
    kept = []
    for record in sheet["responses"]:
        fate = rng.choice(FATES)
        if fate == "hidden":
            record["hidden"] = True
        if fate in {"never", "none"} and not staircase:
            record.update({"response": None, "rt_ms": None} | ({"onset_ms": None} if fate == "never" else {}))
        if fate == "fast" and record["rt_ms"] is not None:
            record["rt_ms"] = float(rng.uniform(0, 160))
        if fate != "out" or staircase:
            kept.append(record)
    end = int(rng.integers(len(kept) + 1)) if staircase else len(kept)
    return sheet | {
        "responses": kept[:end],
        "ended": str(rng.choice(["complete", "stopped"])),
        "elapsed_ms": float(rng.uniform(0, 400_000)),
    }


@pytest.mark.parametrize(("task", "part"), PARTS)
@settings(max_examples=12)
@given(seed=st.integers(0, 10**6))
def test_whatever_can_be_read_can_be_scored(task, part, seed):
    """However a run went, each score is there as a number or says why it is not."""
    form = form_of(task, part)
    sheet = damaged(form, np.random.default_rng(seed))
    table = read_run(form, sheet)
    assert table.problems == ()
    result = score_run(table.run)
    assert [one.score for one in result.values] == [
        score.id for score in TASKS[task].scores if score.part == part
    ]
    assert all((one.value is None) != (one.why is None) for one in result.values)


@pytest.mark.parametrize(("task", "part"), PARTS)
def test_what_was_stored_is_scored_the_same(task, part):
    """The form and the run as JSON, read again years later, give the same scores and flags."""
    form = form_of(task, part)
    sheet = damaged(form, np.random.default_rng(7))
    again = form_from_json(json.loads(json.dumps(form.to_json())))
    stored = read_run(again, json.loads(json.dumps(sheet)))
    assert score_run(stored.run) == score_run(read_run(form, sheet).run)
