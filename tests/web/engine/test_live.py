"""Live runs: real key presses and real touches; what is recorded is what was pressed, and the scores follow from it."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from statistics import NormalDist, fmean, median, stdev

import pytest

from nof1.battery.score import score_run

from .playing import LOG, Hands

PHONE = {
    "viewport": {"width": 360, "height": 640},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
HANDS = pytest.mark.parametrize("lab", [{}, PHONE], ids=["keys", "touch"], indirect=True)
KEYS_FIRST = pytest.mark.parametrize(
    "lab", [{}, pytest.param(PHONE, marks=pytest.mark.sim)], ids=["keys", "touch"], indirect=True
)
"""By touch in the long run alone: the fingers of the other two tasks go the same way."""


def _values(lab, name):
    run = lab.run(name)
    scored = score_run(run)
    return run, {one.score: one.value for one in scored.values}, scored.flags


def _play(lab, form, choose, **how):
    """Give a form to hands that press what `choose` says; return the hands and the events that the browser made."""
    name = form.task
    lab.context.add_init_script(LOG)
    hands = Hands(lab.open(name), lab.is_phone, **how)
    for trial in hands.trials(form):
        hands.press(trial, choose(trial))
    events = hands.page.evaluate("seen")
    hands.page.wait_for_url("**/next")
    return hands, events


def _check_clocks(lab, name, events, device):
    """Every recorded press is an event that the browser made, on the browser's own clock."""
    body = lab.body(name)
    answered = [row for row in body["trials"] if row["response"] is not None]
    assert answered
    stamps = {round(event["at"], 1) for event in events}
    offsets = set()
    for row in answered:
        assert row["trusted"]
        assert row["device"] == device
        assert row["rt_ms"] == pytest.approx(row["event_ms"] - row["onset_ms"], abs=0.03)
        assert row["event_ms"] <= row["handler_ms"]
        assert row["rt_naive_ms"] >= row["rt_ms"] - 0.03
        assert row["onset_lag_ms"] >= 0
    # A driven event may be stamped ahead of the page's clock; then the moment of its handling counts.
    on_clock = [row["event_ms"] for row in answered if row["event_ms"] < row["handler_ms"]]
    for stamp in stamps if on_clock else ():
        start = stamp - on_clock[0]
        if all(any(abs(start + at - other) < 0.2 for other in stamps) for at in on_clock):
            offsets.add(round(start))
    assert offsets or not on_clock, "the recorded presses are not among the events of the browser"


@HANDS
def test_pvt(lab):
    """Ten seconds of the vigilance test: every press is in the record, and speed is the mean of 1000 / reaction time."""
    form = lab.form("pvt", duration_s=10, isi_s=(Decimal("0.3"), Decimal("0.9")), timeout_s=5)
    hands, events = _play(lab, form, lambda trial: "press")
    run, values, _ = _values(lab, "pvt")
    _check_clocks(lab, "pvt", events, "touch" if lab.is_phone else "keyboard")
    given = {one.record.trial: one.record for one in run.given}
    assert set(given) == {index for index in hands.pressed if index in given}
    assert len(given) >= 4
    assert all(record.response == "press" for record in given.values())
    times = [record.rt_ms for record in given.values() if record.rt_ms >= 100]
    assert float(values["speed"]) == pytest.approx(fmean(1000 / time for time in times), abs=6e-5)
    assert values["lapses"] == sum(time >= 355 for time in times)
    assert values["false_starts"] == sum(record.early for record in given.values()) + len(given) - len(times)
    assert float(values["median_rt"]) == pytest.approx(median(times), abs=0.06)


@KEYS_FIRST
def test_coding(lab):
    """Ten seconds of coding with every fifth answer wrong: the count of right ones, scaled to ninety seconds."""
    form = lab.form("coding", duration_s=10)
    digits = [str(digit) for digit in range(1, 10)]

    def choose(trial):
        return digits[int(trial.expected) % 9] if trial.index % 5 == 0 else trial.expected

    # As fast as a person: more than 150 in ninety seconds would be no score.
    hands, events = _play(lab, form, choose, after_ms=700)
    run, values, _ = _values(lab, "coding")
    _check_clocks(lab, "coding", events, "touch" if lab.is_phone else "keyboard")
    answers = {one.record.trial: one.record.response for one in run.given}
    assert len(answers) >= 5
    assert answers == {index: hands.pressed[index] for index in answers}
    expected = {trial.index: trial.expected for trial in form.trials}
    right = [
        one
        for one in run.given
        if one.record.response == expected[one.record.trial] and one.record.rt_ms >= 150
    ]
    assert values["correct"] == len(right) * 9
    assert float(values["accuracy"]) == pytest.approx(
        sum(answer == expected[index] for index, answer in answers.items()) / len(answers), abs=6e-5
    )


@KEYS_FIRST
def test_nback(lab):
    """One miss and one false alarm in twelve trials: hits, false alarms and d′ by the formula."""
    form = lab.form("nback", blocks=1, trials=12, targets=4, lures=1, practice=1, soa_ms=1000, on_ms=400)
    targets = [trial.index for trial in form.trials if trial.expected]
    others = [trial.index for trial in form.trials if not trial.expected]
    wanted = {*targets[1:], others[-1]}
    _, events = _play(lab, form, lambda trial: "match" if trial.index in wanted else None)
    run, values, _ = _values(lab, "nback")
    _check_clocks(lab, "nback", events, "touch" if lab.is_phone else "keyboard")
    answers = {one.record.trial: one.record.response for one in run.given}
    assert {index for index, answer in answers.items() if answer == "match"} == wanted
    assert set(answers) == {trial.index for trial in form.trials}
    scored = {trial.index for trial in form.trials if trial.kind != "lead"} & set(answers)
    z = NormalDist().inv_cdf
    n_others = len([index for index in others if index in scored and form.trials[0].index + 2 <= index])
    by_hand = z((3 + 0.5) / (4 + 1)) - z((1 + 0.5) / (n_others + 1))
    assert float(values["dprime"]) == pytest.approx(by_hand, abs=6e-5)
    # the pace: one frame per trial is lost, no more
    onsets = [one.record.onset_ms for one in run.given]
    paces = [later - earlier for earlier, later in pairwise(onsets)]
    assert median(paces) == pytest.approx(1000, abs=35)


@HANDS
def test_gonogo(lab):
    """Twelve trials, a press too much and a press too few: shares of commissions and omissions."""
    form = lab.form("gonogo", trials=12, nogo=4, iti_ms=(Decimal(150), Decimal(300)))
    go = [trial.index for trial in form.trials if trial.expected]
    nogo = [trial.index for trial in form.trials if not trial.expected]
    wanted = {*go[1:], nogo[0]}
    _, events = _play(lab, form, lambda trial: "press" if trial.index in wanted else None)
    run, values, flags = _values(lab, "gonogo")
    _check_clocks(lab, "gonogo", events, "touch" if lab.is_phone else "keyboard")
    assert {one.record.trial for one in run.given if one.record.response == "press"} == wanted
    assert float(values["commission"]) == pytest.approx(1 / 4, abs=6e-5)
    assert float(values["omission"]) == pytest.approx(1 / 8, abs=6e-5)
    assert "untrusted_events" not in flags


def test_a_press_before_the_frame_is_early(lab):
    """A press between the writing of a stimulus and its first frame cannot answer it: it is counted, and the trial waits."""
    form = lab.form("srt", trials=2, foreperiod_s=(Decimal("0.2"), Decimal("0.3")))
    lab.context.add_init_script("""
        addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
          const stage = document.querySelector(".stage");
          if (stage?.dataset.pushed || !stage?.querySelector(".stimulus > *")) return;
          stage.dataset.pushed = "yes";
          document.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true }));
        }).observe(document.body, { childList: true, subtree: true }));
    """)
    hands, _ = _play(lab, form, lambda trial: "press")
    run = lab.run("srt")
    assert [one.record.early for one in run.given] == [1, 1]
    assert all(one.record.rt_ms > 100 for one in run.given)
    assert set(hands.pressed) >= {one.record.trial for one in run.given}


def test_our_clock_beside_that_of_jspsych(lab, capsys):
    """On the same presses, the frame-locked time is never longer, and what it takes off jitters by the frame."""
    lab.server.extra = '<script src="/tests/compare.js" defer></script>'
    form = lab.form("srt", trials=20, foreperiod_s=(Decimal("0.2"), Decimal("0.5")))
    _play(lab, form, lambda _: "press")
    rows = [
        row for row in lab.body("srt")["trials"] if not row["practice"] and row["rt_jspsych_ms"] is not None
    ]
    assert len(rows) >= 18
    differences = [row["rt_jspsych_ms"] - row["rt_ms"] for row in rows]
    with capsys.disabled():
        print(  # noqa: T201 - the measurement
            f"\njsPsych's clock minus ours: mean {fmean(differences):.1f} ms, SD {stdev(differences):.1f} ms, n {len(rows)}"
        )
    assert min(differences) > -1  # theirs is in whole milliseconds
    for row in rows:
        assert row["rt_jspsych_ms"] == pytest.approx(row["rt_naive_ms"], abs=6)
        assert row["rt_naive_ms"] - row["rt_ms"] == pytest.approx(
            row["onset_lag_ms"] + row["handler_ms"] - row["event_ms"], abs=0.05
        )
