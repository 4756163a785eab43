"""Made-up people: they can be told from each other by what they are, and by nothing else."""

from __future__ import annotations

from statistics import fmean, stdev

import numpy as np
import pytest

from nof1.battery.catalogue import score_range
from nof1.battery.run import read_run
from nof1.battery.score import score_run
from nof1.battery.seeds import FormKey
from nof1.battery.simulate import simulate_run
from nof1.battery.tasks import TASKS

from .runs import form_of

SESSIONS = 40


def one_session(task, part, session, rng, **person):
    """Return what a made-up person gets in a session."""
    key = FormKey(trial_id="sim", instrument="i", session=session, occasion=session)
    form = form_of(task, part, key=key)
    return read_run(form, simulate_run(form, rng, **person)).run


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_every_primary_score_is_there_and_in_its_range(task):
    """Ten sessions of an ordinary person: nothing that the task is given for is missing."""
    rng = np.random.default_rng(11)
    for session in range(1, 11):
        study = None
        for part in task.parts or (None,):
            run = one_session(task.id, part, session, rng)
            result = score_run(run, study)
            study = run
            defined = {score.id: score for score in task.scores if score.part == part}
            assert [one.score for one in result.values] == list(defined)
            for one in result.values:
                score = defined[one.score]
                assert one.value is not None or not score.is_primary
                if one.value is not None:
                    low, high = score_range(score, {})
                    assert low <= one.value <= high
                    assert not score.whole or one.value == int(one.value)


def scores(task, score, part, seed, **person):
    """Return a score in many sessions of one person."""
    rng = np.random.default_rng(seed)
    found = []
    for session in range(1, SESSIONS + 1):
        study = one_session(task, TASKS[task].parts[0], session, rng, **person) if part == "delayed" else None
        found.append(float(score_run(one_session(task, part, session, rng, **person), study).value(score)))
    return found


@pytest.mark.parametrize(
    ("task", "score", "part", "person", "effect"),
    [
        ("srt", "median", None, {"shift_ms": 20.0}, 20.0),
        ("pvt", "median_rt", None, {"shift_ms": 20.0}, 20.0),
        ("nback", "dprime", None, {"ability": 0.3}, 0.3),
        ("gonogo", "dprime", None, {"ability": 0.3}, 0.3),
        ("digit_span", "mean_span", None, {"ability": 1.0}, 1.0),
    ],
)
def test_what_was_put_in_is_found(task, score, part, person, effect):
    """The mean over 40 sessions moves by the effect, within three standard errors, and away from nothing."""
    usual, other = scores(task, score, part, 1), scores(task, score, part, 2, **person)
    found = fmean(other) - fmean(usual)
    error = (stdev(usual) ** 2 / SESSIONS + stdev(other) ** 2 / SESSIONS) ** 0.5
    assert abs(found - effect) < 3 * error
    assert found > 3 * error


@pytest.mark.parametrize(
    ("task", "score", "part"),
    [("wordlist", "delayed", "delayed"), ("objloc", "immediate", "study"), ("crt4", "accuracy", None)],
)
def test_who_is_better_scores_better(task, score, part):
    """A better memory, fewer mistakes: higher."""
    assert fmean(scores(task, score, part, 3, ability=0.7)) > fmean(scores(task, score, part, 3))


def test_the_noise_of_one_session_is_as_the_catalogue_says():
    """Spread from session to session of a person who never changes, against the floor in the catalogue (a factor of 1.6)."""
    for task, score in (
        ("srt", "median"),
        ("nback", "dprime"),
        ("stroop", "interference"),
    ):
        floor = float(next(one.noise_sd for one in TASKS[task].scores if one.id == score))
        assert floor / 1.6 < stdev(scores(task, score, None, 5)) < floor * 1.6


def test_a_simulated_run_says_so():
    """It cannot be taken for a person's."""
    run = one_session("srt", None, 1, np.random.default_rng(1))
    assert run.record.mode == "simulated"
