"""Scores against numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt
from statistics import NormalDist

import pytest

from nof1.battery.run import next_length
from nof1.battery.score import NOT_THERE, OUT_OF_RANGE, TOO_FEW, rounded
from nof1.battery.span import last_before_two_errors, mean_span
from nof1.battery.tasks import TASKS
from nof1.terms import MissingReason

from .runs import EXPECTED, PARTS, entered, form_of, perfect, press, run_of, scored

D = Decimal
z = NormalDist().inv_cdf


def values(result):
    """Return every score by name; what is missing as its reason."""
    return {one.score: one.why if one.value is None else one.value for one in result.values}


def answer_all(form, wrong=(), rt=400.0, **more):
    """Return right answers, but another choice in the trials with these places."""
    records = []
    for place, trial in enumerate(form.trials):
        choices = next(block.choices for block in form.blocks if trial in block.trials)
        other = next(choice.id for choice in choices if choice.id != trial.expected)
        records.append(press(trial, rt, other if place in wrong else EXPECTED, **more))
    return records


def test_pvt():
    """Reaction times 250, 500, 99 and none: three count, two are lapses, one is a false start."""
    form = form_of("pvt", lapse_ms=D(500), timeout_s=D(30), isi_s=(D(2), D(10)))
    trials = form.trials
    records = [
        press(trials[0], 250),
        press(trials[1], 500),
        press(trials[2], 99),
        press(trials[3], response=None),
    ]
    got = values(scored(form, records))
    assert got["speed"] == D("2.0111")  # (4 + 2 + 1/30) / 3
    assert got["lapses"] == 2
    assert got["false_starts"] == 1
    assert got["perf"] == D("0.2500")  # 1 − (2 + 1) / (3 + 1)
    assert got["median_rt"] == D("500.0")
    assert got["p10_rt"] == D("300.0")  # 250 + 0.2 × 250
    assert got["p90_rt"] == D("24100.0")  # 500 + 0.8 × 29500
    assert got["sd_speed"] == D("1.9834")  # sample SD of 4, 2, 0.0333


def test_pvt_counts_presses_before_the_stimulus():
    """They are false starts too, and leave the reaction time alone."""
    form = form_of("pvt")
    got = values(scored(form, [press(form.trials[0], 250, early=2), press(form.trials[1], 354.9)]))
    assert (got["false_starts"], got["lapses"], got["perf"]) == (2, 0, D("0.5"))


def test_srt():
    """Median, mean of 1/RT and SD/mean over reaction times of 100 ms or more."""
    form = form_of("srt", trials=D(5))
    times = [200, 300, 250, 99, 400]
    got = values(scored(form, [press(one, rt) for one, rt in zip(form.trials, times, strict=True)]))
    assert got["median"] == D("275.0")
    assert got["speed"] == D("3.7083")  # (5 + 3.3333 + 4 + 2.5) / 4
    assert got["cv"] == D("0.2970")  # 85.39 / 287.5


def test_rate_correct():
    """40 right of 45 in 36 s of responding: 1.111 a second."""
    form = form_of("crt4", trials=D(45))
    got = values(scored(form, answer_all(form, wrong=range(40, 45), rt=800.0)))
    assert got["rcs"] == D("1.1111")
    assert got["accuracy"] == D("0.8889")
    assert got["median_rt"] == D("800.0")


def test_an_answer_that_is_too_fast_is_not_a_right_one():
    """149 ms cannot depend on what was shown: it takes its time and earns nothing; no answer takes all its time."""
    form = form_of("crt4", trials=D(5))
    times = [850.0, 850.0, 149.0, 151.0]
    records = [press(trial, rt) for trial, rt in zip(form.trials, times, strict=False)]
    got = values(scored(form, [*records, press(form.trials[4], response=None)]))
    assert got["rcs"] == D("0.6000")  # 3 in 0.85 + 0.85 + 0.149 + 0.151 + 3 s


def test_slowing_after_errors():
    """Right answers after an error against right answers after a right one; three errors are the fewest."""
    form = form_of("crt4", trials=D(12))
    records = answer_all(form, wrong=(1, 4, 7))
    for place in (2, 5, 8):
        records[place]["rt_ms"] = 460.0
    assert values(scored(form, records))["post_error_slowing"] == D("60.0")
    assert values(scored(form, answer_all(form, wrong=(1, 4))))["post_error_slowing"] == NOT_THERE


def test_coding_counts_right_ones_in_ninety_seconds():
    """Errors and impossible answers do not count; the first and the last 30 s are told by themselves."""
    form = form_of("coding")
    trials = form.trials[:60]
    records = [
        press(trial, 1000.0) | {"onset_ms": 100 + 1500.0 * place} for place, trial in enumerate(trials)
    ]
    records[10] |= {
        "response": next(digit for _, digit in form.display.pairs if digit != trials[10].expected)
    }
    records[20] |= {"rt_ms": 149.0}
    got = values(scored(form, records, elapsed_ms=90_000))
    assert got["correct"] == 58
    assert got["accuracy"] == D("0.9833")
    assert got["rate_first"] == D("0.6333")  # 20 end within 30 s, one of them is wrong
    assert got["rate_last"] == D("0.6667")


def test_coding_cut_off_is_scaled():
    """After 75 of 90 s with 50 right ones: 60, and flagged; of another length too; before four fifths it is missing."""
    form = form_of("coding")
    records = [press(trial, 1000.0) for trial in form.trials[:50]]
    cut = scored(form, records, ended="stopped", elapsed_ms=75_000)
    assert values(cut)["correct"] == 60
    assert {"interrupted"} <= set(cut.flags)
    assert values(scored(form, records, ended="stopped", elapsed_ms=70_000))["correct"] == TOO_FEW
    short = form_of("coding", duration_s=D(45))
    assert values(scored(short, [press(trial, 1000.0) for trial in short.trials[:25]]))["correct"] == 50


def nback_records(form, hits, false_alarms, rt=500.0):
    """Press for the first so many targets, and for the first so many others."""
    left = {"target": hits, "other": false_alarms, "lure": false_alarms}
    records = []
    for trial in form.trials:
        kind = trial.kind
        yes = kind != "lead" and left[kind] > 0
        if yes:
            left[kind] -= 1
            if kind != "target":
                left["other"] = left["lure"] = left[kind]
        records.append(press(trial, rt, "match" if yes else None))
    return records


@pytest.mark.parametrize(("hits", "false_alarms"), [(32, 0), (27, 5), (16, 32), (0, 64)])
def test_nback(hits, false_alarms):
    """Log-linear d′ of hits among 32 targets and false alarms among 64 others; the criterion is minus half the sum."""
    form = form_of("nback")
    got = values(scored(form, nback_records(form, hits, false_alarms)))
    z_hits, z_false = z((hits + 0.5) / 33), z((false_alarms + 0.5) / 65)
    assert float(got["dprime"]) == pytest.approx(z_hits - z_false, abs=5e-5)
    assert float(got["criterion"]) == pytest.approx(-(z_hits + z_false) / 2, abs=5e-5)
    assert got["hit_rt"] == (D("500.0") if hits else NOT_THERE)


def test_nback_at_its_best():
    """32 of 32 and 0 of 64 is 4.59; a lure that was taken shows in its own rate."""
    form = form_of("nback")
    assert round(values(scored(form, perfect(form)))["dprime"], 2) == D("4.59")
    lures = [trial for trial in form.trials if trial.kind == "lure"]
    records = perfect(form)
    for trial in lures[:3]:
        records[[one["trial"] for one in records].index(trial.index)] = press(trial, 600, "match")
    assert values(scored(form, records))["lure_fa"] == D("0.2500")


@pytest.mark.parametrize(
    ("lists", "start", "expected"),
    [
        ([(3, True), (4, True), (5, True), (6, True), (7, False), (7, False), (6, False)], 3, 6.0),
        ([(3, False), (3, False), (2, True)], 3, 2.5),
        ([(2, True), (3, False), (3, True), (4, False), (4, False), (3, True)], 2, 1.5 + 1 + 2 / 3),
        ([(length, True) for length in range(2, 15)] + [(14, True)], 2, 14.5),
    ],
)
def test_mean_span(lists, start, expected):
    """(start − 0.5) + the share right at each length from the start on; what never came adds nothing."""
    assert mean_span(lists, start) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ([(3, True), (4, False), (4, True), (5, False), (5, False), (4, True)], 4),
        ([(3, False), (3, False), (2, True), (3, True)], 0),
        ([(3, True), (4, True)], 4),
        ([(3, True), (4, False)], 3),
        ([], 0),
    ],
)
def test_the_last_list_before_two_errors(lists, expected):
    """Two errors in a row at one length end the count; what comes after does not matter."""
    assert last_before_two_errors(lists) == expected


@pytest.mark.parametrize(("task", "span"), [("digit_span", 5), ("corsi", 6)])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_staircase_of_somebody_who_can_do_just_so_many(task, span, direction):
    """Up to so many items all is right, beyond nothing is: the mean span is that number and a half less, plus the half."""
    params = {"direction": direction} if task == "digit_span" else {}
    form = form_of(task, **params)
    (block,) = (one for one in form.blocks if not one.is_practice)
    lengths, rights, records = [], [], []
    for trial in block.trials:
        length = next_length(block, lengths, rights)
        record = entered(trial, None if length <= span else [], length=length)
        records.append(record)
        lengths.append(length)
        rights.append(length <= span)
    got = values(scored(form, records))
    assert got["max_len"] == got["te_ml"] == span
    assert got["mean_span"] == span + D("0.5")
    assert got["total_correct"] == sum(rights)
    assert lengths[: span - block.rule.start + 4] == [*range(block.rule.start, span + 2), span + 1, span]
    if task == "corsi":
        assert got["product"] == span * sum(rights)


@pytest.mark.parametrize("task", ["stroop", "flanker"])
def test_conflict(task):
    """Right answers a second in conflict; what conflict costs in time and in errors."""
    form = form_of(task)
    conflict = [place for place, trial in enumerate(form.trials) if trial.kind == "incongruent"]
    records = answer_all(form, wrong=conflict[:9], rt=600.0)
    for place in conflict:
        records[place]["rt_ms"] = 750.0
    got = values(scored(form, records))
    assert got["rcs_incongruent"] == D("1.0000")  # 27 in 36 × 0.75 s
    assert got["interference"] == D("150.0")
    assert got["error_cost"] == D("0.2500")


def test_gonogo():
    """Ten of forty no-gos pressed are 0.25; six of 120 goes missed are 0.05."""
    form = form_of("gonogo")
    goes = [trial for trial in form.trials if trial.kind == "go"]
    nogos = [trial for trial in form.trials if trial.kind == "nogo"]
    pressed = {trial.index for trial in (*goes[6:], *nogos[:10])}
    records = [press(one, 300.0, "press" if one.index in pressed else None) for one in form.trials]
    got = values(scored(form, records))
    assert got["commission"] == D("0.2500")
    assert got["omission"] == D("0.0500")
    assert got["go_median_rt"] == D("300.0")
    assert got["go_cv"] == 0
    assert float(got["dprime"]) == pytest.approx(z(114.5 / 121) - z(10.5 / 41), abs=5e-5)


def test_switch():
    """First trials and those after an error are left out; costs are differences of means."""
    form = form_of("switch")
    times = {"single": 500.0, "first": 900.0, "repeat": 600.0, "switch": 720.0}
    records = [press(trial, times[trial.kind]) for trial in form.trials]
    got = values(scored(form, records))
    assert got["rcs_mixed"] == D("1.5152")  # 96 in 48 × 0.6 + 48 × 0.72 s
    assert got["switch_cost"] == D("120.0")
    assert got["mixing_cost"] == D("100.0")
    assert got["error_cost"] == 0
    mixed = next(block for block in form.blocks if block.id == "mixed")
    place = next(i for i, trial in enumerate(form.trials) if trial.index == mixed.trials[10].index)
    records[place]["response"] = "left" if form.trials[place].expected == "right" else "right"
    records[place + 1]["rt_ms"] = 3999.0  # after the error: not counted
    after = values(scored(form, records))
    assert after["mixing_cost"] == D("100.0")
    assert after["switch_cost"] == D("120.0")


def words_of(form):
    """Return the list and the words that were not on it."""
    return str(form.settings["words"]).split(), str(form.settings["foils"]).split()


def test_words_at_once():
    """Right ones in all trials, the gain per trial, foreign words, repetitions; a slip in a long word counts."""
    form = form_of("wordlist", "study")
    words, foils = words_of(form)
    long = next(word for word in words if len(word) >= 5)
    typed = [
        [words[0], words[1].upper() + " ", words[1]],
        [*words[:5], foils[0], "qwertz"],
        [*(word for word in words[:8] if word != long), long[:-1] + "#", long, "", "  "],
    ]
    records = [entered(trial, given) for trial, given in zip(form.trials, typed, strict=True)]
    got = values(scored(form, records))
    third = len({*words[:8], long})
    assert got["immediate"] == 2 + 5 + third
    assert got["slope"] == D(third - 2) / 2
    assert got["intrusions"] == 2
    assert got["repetitions"] == 2


def test_words_later():
    """Later recall, its share of the last trial, and old told from new."""
    study, delayed = form_of("wordlist", "study"), form_of("wordlist", "delayed")
    words, foils = words_of(delayed)
    assert words_of(study) == (words, foils)
    learned = run_of(study, [entered(trial, words[:10]) for trial in study.trials])
    seen = delayed.trials[1:]
    said = dict.fromkeys((*words[:9], *foils[:3]), "old")
    records = [
        entered(delayed.trials[0], words[:6]),
        *(press(one, 900.0, said.get(one.stimulus.text, "new")) for one in seen),
    ]
    got = values(scored(delayed, records, study=learned))
    assert got["delayed"] == 6
    assert got["retention"] == D("0.6")
    assert float(got["recognition_dprime"]) == pytest.approx(z(9.5 / 13) - z(3.5 / 13), abs=5e-5)
    alone = values(scored(delayed, records))
    assert alone["delayed"] == 6
    assert alone["retention"] == NOT_THERE
    nothing = run_of(study, [entered(trial, []) for trial in study.trials])
    assert values(scored(delayed, records, study=nothing))["retention"] == NOT_THERE


def test_objects():
    """Signs in their places in all trials; the distance is that of those that were placed."""
    form = form_of("objloc", "study")
    records = [entered(trial) for trial in form.trials]
    cells = {cell.id: cell for cell in form.display.cells}
    first = form.trials[0]
    right = cells[first.answer[0]]
    below = next(
        cell for cell in cells.values() if cell.x == right.x and abs(cell.y - right.y) == 250
    )  # one row away
    records[0]["response"] = [below.id, None, *first.answer[2:]]
    got = values(scored(form, records))
    assert got["immediate"] == 22
    assert float(got["distance_error"]) == pytest.approx(1 / 23, abs=0.001)
    later = form_of("objloc", "delayed")
    answer = later.trials[0].answer
    record = entered(later.trials[0], [*answer[:3], *[None] * 5])
    assert values(scored(later, [record]))["delayed"] == 3


@pytest.mark.parametrize(("task", "part"), PARTS)
def test_too_few_trials_are_missing_and_never_nothing(task, part):
    """With fewer than four fifths of the planned trials in sight every score is missing, with its reason."""
    form = form_of(task, part)
    for responses, fields in (([], {}), (hidden(form), {}), ([], {"ended": "stopped", "elapsed_ms": 10})):
        result = scored(form, responses, **fields)
        assert {one.value for one in result.values} == {None}
        assert {one.missing_reason for one in result.values} == {MissingReason.TECHNICAL}


def hidden(form):
    """Return a run of which nothing was in sight."""
    records = perfect(form) if form.task not in {"digit_span", "corsi"} else []
    return [record | {"hidden": True} for record in records]


def test_a_press_after_the_end_of_a_trial_is_none():
    """A machine that stalled ends a trial late: the run is kept, and what was pressed after the time counts as nothing."""
    form = form_of("nback")
    target = next(trial for trial in form.trials if trial.kind == "target")
    records = perfect(form)
    late = [record | {"rt_ms": 2900.0} if record["trial"] == target.index else record for record in records]
    got = values(scored(form, late))
    assert float(got["dprime"]) == pytest.approx(z(31.5 / 33) - z(0.5 / 65), abs=5e-5)
    choice = form_of("crt4", trials=D(5))
    slow = [press(trial, 6000.0 if place == 0 else 500.0) for place, trial in enumerate(choice.trials)]
    assert values(scored(choice, slow))["rcs"] == D("0.8000")  # 4 in 3 + 4 × 0.5 s


def test_four_fifths_are_enough():
    """48 of 60 trials give a score, 47 do not."""
    form = form_of("crt4")
    assert values(scored(form, perfect(form)[:48], ended="stopped"))["accuracy"] == 1
    assert values(scored(form, perfect(form)[:47], ended="stopped"))["accuracy"] == TOO_FEW


def test_a_part_that_is_whole_counts_though_another_is_not():
    """Recall was finished, recognition was not: what rests on recall is there."""
    form = form_of("wordlist", "delayed")
    got = values(scored(form, perfect(form)[:5], ended="stopped"))
    assert got["delayed"] == 12
    assert got["recognition_dprime"] == TOO_FEW


def test_a_number_outside_the_range_is_missing():
    """More than 150 right signs in 90 s cannot be a person's."""
    form = form_of("coding")
    got = values(scored(form, [press(trial, 200.0) for trial in form.trials[:200]]))
    assert got["correct"] == OUT_OF_RANGE


def test_decimals():
    """Counts are whole, milliseconds have one decimal, all else four; no minus before a zero."""
    scores = {score.id: score for score in TASKS["pvt"].scores}
    assert str(rounded(3.0, scores["lapses"])) == "3"
    assert str(rounded(250.06, scores["median_rt"])) == "250.1"
    assert str(rounded(sqrt(2), scores["speed"])) == "1.4142"
    interference = next(score for score in TASKS["stroop"].scores if score.id == "interference")
    assert str(rounded(-0.01, interference)) == "0.0"


def test_a_scorer_names_its_version():
    """A score can be told from that of another formula."""
    form = form_of("nback")
    result = scored(form, perfect(form))
    assert result.scorer_version == "nback/1"
    assert (result.n_planned, result.n_given, result.n_usable) == (100, 100, 100)
    assert result.value("dprime") is not None
