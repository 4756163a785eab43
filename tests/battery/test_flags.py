"""Quality flags: each comes where it should, and not for somebody who does the task well."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from nof1.battery.run import read_run
from nof1.battery.score import score_run
from nof1.battery.simulate import simulate_run
from nof1.battery.tasks import FLAGS

from .runs import EXPECTED, PARTS, form_of, perfect, press, scored

D = Decimal


def flags(task, records_of, **fields):
    """Return the flags of a run that somebody made of the form."""
    form = form_of(task)
    return set(scored(form, records_of(form), **fields).flags)


@pytest.mark.parametrize(("task", "part"), PARTS)
def test_a_good_run_has_no_flag(task, part):
    """Nine in ten ordinary people have none in ordinary circumstances; all flags are known."""
    clean = 0
    for seed in range(10):
        form = form_of(task, part)
        result = score_run(read_run(form, simulate_run(form, np.random.default_rng(seed), ability=0.5)).run)
        assert set(result.flags) <= set(FLAGS)
        clean += not result.flags
    assert clean >= 9


def every(step, change):
    """Return a maker of records of which every so manieth is changed."""
    return lambda form: [
        record | change if place % step == 0 else record for place, record in enumerate(perfect(form))
    ]


@pytest.mark.parametrize("fields", [{"early": 1}, {"rt_ms": 90.0}])
def test_anticipation_of_a_simple_response(fields):
    """More than a tenth before the stimulus, or within 100 ms."""
    assert "anticipation" in flags("srt", every(8, fields))
    assert "anticipation" not in flags("srt", every(11, fields))


def test_anticipation_of_a_choice():
    """More than a tenth within 150 ms; presses before the stimulus are no choice."""
    assert "anticipation" in flags("crt4", every(8, {"rt_ms": 140.0}))
    assert "anticipation" not in flags("crt4", every(2, {"early": 1}))


def wrong(form, share, rt):
    """Return answers of which a share is wrong."""
    ids = [choice.id for choice in form.blocks[-1].choices]
    return [
        press(
            trial,
            rt,
            next(one for one in ids if one != trial.expected) if place % 10 < share * 10 else EXPECTED,
        )
        for place, trial in enumerate(form.trials)
    ]


def test_fast_guesses():
    """Fast and hardly better than chance; slow or right is another thing."""
    assert "fast_guess" in flags("flanker", lambda form: wrong(form, 0.5, 220.0))
    assert "fast_guess" not in flags("flanker", lambda form: wrong(form, 0.5, 420.0))
    assert "fast_guess" not in flags("flanker", lambda form: wrong(form, 0.2, 220.0))


def test_timeouts():
    """More than a tenth without an answer; keeping still in go / no-go is none."""
    none = {"response": None, "rt_ms": None}
    assert "timeout_rate" in flags("stroop", every(8, none))
    assert "timeout_rate" not in flags("stroop", every(11, none))
    assert "timeout_rate" not in flags("gonogo", perfect)


def test_accuracy_below_the_floor():
    """Of coding and of trials without conflict 85 %, of goes 85 %; of n-back more false alarms than hits."""
    assert "accuracy_floor" in flags("stroop", lambda form: wrong(form, 0.2, 600.0))
    assert "accuracy_floor" not in flags("stroop", lambda form: wrong(form, 0.1, 600.0))
    few = form_of("coding")
    records = wrong(few, 0.2, 600.0)[:80]
    assert "accuracy_floor" in scored(few, records, elapsed_ms=90_000).flags
    still = {"response": None, "rt_ms": None}
    assert "accuracy_floor" in flags("gonogo", every(4, still))
    upside_down = lambda form: [  # noqa: E731
        press(trial, 500.0, None if trial.expected else "match") for trial in form.trials
    ]
    assert "accuracy_floor" in flags("nback", upside_down)
    assert "accuracy_floor" not in flags("nback", perfect)


def test_the_same_answer_again_and_again():
    """Nine identical answers that the form did not ask for; not those that it did."""
    form = form_of("flanker")
    same = [press(trial, 500.0, "left") for trial in form.trials[:9]]
    rest = [press(trial, 500.0) for trial in form.trials[9:]]
    assert "monotone" in scored(form, same + rest).flags
    assert "monotone" not in scored(form, perfect(form)).flags
    assert "monotone" not in flags("nback", perfect)


def test_out_of_sight():
    """Two trials out of sight; one is let pass."""
    form = form_of("crt4")
    for count, expected in ((2, True), (1, False)):
        records = [record | {"hidden": place < count} for place, record in enumerate(perfect(form))]
        assert ("tab_hidden" in scored(form, records).flags) == expected


@pytest.mark.parametrize(
    ("fields", "flag"),
    [
        ({"frame_median_ms": 16.7, "frame_p95_ms": 33.4}, "frame_drop"),
        ({"interruptions": 1}, "interrupted"),
        ({"ended": "stopped"}, "interrupted"),
        ({"restarts": 1}, "restarted"),
        ({"elapsed_ms": 10}, "duration_outlier"),
        ({"elapsed_ms": 2_000_000}, "duration_outlier"),
    ],
)
def test_what_the_run_tells(fields, flag):
    """Slow frames, breaks, a second start, a duration that the trials do not account for."""
    assert flag in flags("crt4", perfect, **fields)
    assert flag not in flags("crt4", perfect, elapsed_ms=54_000, frame_median_ms=16.7, frame_p95_ms=17)


def test_events_that_no_hand_made():
    """One is enough, also in practice."""
    form = form_of("crt4")
    practice = press(form.blocks[0].trials[0], trusted=False)
    assert "untrusted_events" in scored(form, [practice, *perfect(form)]).flags


def test_a_short_form():
    """Fewer lists than the default of the catalogue."""
    form = form_of("digit_span", lists=D(7))
    records = simulate_run(form, np.random.default_rng(1))["responses"]
    assert "short_form" in scored(form, records).flags
