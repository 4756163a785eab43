"""The four tests that come daily at their full length, with a hand that presses: nothing is shortened. `make sim`."""

from __future__ import annotations

import pytest

from nof1.battery.score import score_run

from .playing import LOG, Hands

pytestmark = pytest.mark.sim
SCORE = {"pvt": "speed", "coding": "correct", "nback": "dprime", "gonogo": "commission"}


@pytest.mark.parametrize("name", SCORE)
def test_every_trial_of_the_protocol_is_given_and_scored(lab, name):
    """All trials come, every answer is the one that was given, nothing is flagged that did not happen."""
    form = lab.form(name, practice=1)
    lab.context.add_init_script(LOG)
    hands = Hands(lab.open(name), lab.is_phone, after_ms=600 if name == "coding" else 220)
    for trial in hands.trials(form):
        hands.press(trial, "press" if name == "pvt" else trial.expected)
    hands.page.wait_for_url("**/next")
    run = lab.run(name)
    scored = score_run(run)
    answers = {one.record.trial: one.record.response for one in run.given}
    if name in {"nback", "gonogo"}:
        assert set(answers) == {trial.index for block in form.blocks[1:] for trial in block.trials}
    assert {index: answer for index, answer in answers.items() if answer} == {
        index: hands.pressed[index] for index, answer in answers.items() if answer
    }
    value = {one.score: one.value for one in scored.values}[SCORE[name]]
    print(name, len(answers), value, scored.flags)  # noqa: T201 - what was seen
    assert value is not None
    assert "short_form" not in scored.flags
    assert (
        run.record.elapsed_ms >= {"pvt": 175_000, "coding": 87_000, "nback": 240_000, "gonogo": 150_000}[name]
    )
