"""Pooled trials: the numbers of lme4 and pbkrtest, and the laws of shrinking and predicting."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nof1
from nof1.analysis.dataset import Dataset
from nof1.analysis.pooled_trials import pool_trials
from nof1.analysis.simulate import Person
from nof1.analysis.simulate_tables import simulate_tables
from nof1.report.pooled import people_notes, people_table, plot_forest, pooled_lines, render_pooled

from .made import protocol

R = json.loads(
    (Path(__file__).resolve().parents[1] / "reference" / "pooled.json").read_text(encoding="utf-8")
)
CASES = {case["name"]: case for case in R["cases"]}


def frame_of(case):
    return pd.DataFrame(case["frame"])


@pytest.mark.parametrize("case", R["cases"], ids=CASES)
def test_the_numbers_of_lme4_and_pbkrtest(case):
    """Balanced and ragged, days missing, hardly any period variance: six numbers and every person, to 1e-5."""
    found = nof1.fit_pooled(frame_of(case))
    for name in ("estimate", "se", "df", "tau", "period_sd", "day_sd"):
        assert getattr(found, name) == pytest.approx(case[name], rel=1e-5), name
    assert [one.effect for one in found.individuals] == pytest.approx(case["effects"], rel=1e-5, abs=1e-5)


def test_the_unit_and_the_zero_of_a_score_do_not_matter():
    """Everything moves with the unit; p, degrees of freedom and prediction in units of the score stay."""
    frame = frame_of(CASES["ragged"])
    one, other = nof1.fit_pooled(frame), nof1.fit_pooled(frame.assign(value=1000 + 50 * frame["value"]))
    for name in ("estimate", "se", "tau", "tau_high", "prediction_low", "day_sd"):
        assert getattr(other, name) == pytest.approx(50 * getattr(one, name), rel=1e-6)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-6)
    assert other.individuals[3].ci_low == pytest.approx(50 * one.individuals[3].ci_low, rel=1e-6)


def test_the_direction_of_the_contrast_is_a_sign():
    """First minus second, or the other way round."""
    frame = frame_of(CASES["missing days"])
    one, other = nof1.fit_pooled(frame), nof1.fit_pooled(frame, ("off", "on"))
    assert other.estimate == pytest.approx(-one.estimate)
    assert other.ci_low == pytest.approx(-one.ci_high)
    assert other.individuals[0].effect == pytest.approx(-one.individuals[0].effect)


def test_people_are_drawn_towards_the_mean():
    """Each lies between the own estimate and the mean, with a smaller error, and the next person is less sure still."""
    found = nof1.fit_pooled(frame_of(CASES["balanced"]))
    for one in found.individuals:
        low, high = sorted((one.own, found.estimate))
        assert low - 0.15 <= one.effect <= high + 0.15
        assert abs(one.effect - found.estimate) < abs(one.own - found.estimate) + 0.15
        assert one.se < one.own_se
        assert one.ci_low < one.effect < one.ci_high
    assert found.prediction_low < found.ci_low < found.ci_high < found.prediction_high
    assert found.tau_low < found.tau < found.tau_high
    assert found.two_stage.estimate == pytest.approx(found.estimate, abs=0.3 * found.se)
    assert found.two_stage.tau == pytest.approx(found.tau, rel=0.3)
    assert found.heterogeneity_p < 0.01


def tied(slope):
    """Return a frame in which effects follow levels, and scatter around that less than noise would let them."""
    noise, period = np.random.default_rng(3).normal(size=24), np.repeat(np.arange(1, 7), 4)
    taken = period % 2 == 1
    return pd.concat(
        pd.DataFrame(
            {"participant": f"p{who}", "session": range(1, 25), "period": period,
             "condition": np.where(taken, "on", "off"),
             "value": level + (0.5 + slope * level) * taken + (0.8, 1.2)[who % 2] * noise}
        )
        for who, level in enumerate(np.linspace(-2.0, 2.0, 8))
    )  # fmt: skip


@pytest.mark.parametrize("slope", [0.6, -0.6])
def test_where_the_level_tells_the_effect_it_is_said(slope):
    """The covariance is at its limit: effects follow levels, not always towards the mean; elsewhere no word of it."""
    found = nof1.fit_pooled(tied(slope))
    assert "spread_singular" in found.flags
    assert "tau_zero" not in found.flags
    assert any(
        abs(one.effect - found.estimate) > abs(one.own - found.estimate)
        or (one.effect - found.estimate) * (one.own - found.estimate) < 0.0
        for one in found.individuals
    )
    for case in R["cases"]:
        assert "spread_singular" not in nof1.fit_pooled(frame_of(case)).flags


def test_the_table_says_what_its_columns_are(datasets):
    """The level of the interval; that own scores take the variances of all; and what a limit makes of a prediction."""
    pooled = pool_trials(datasets, level=0.975)
    inner = replace(pooled, estimate=replace(pooled.estimate, flags=()))
    assert people_table(inner).columns[2:] == (
        "Own scores", "Standard error", "Predicted from all", "97.5% interval"
    )  # fmt: skip
    assert "drawn towards the mean" in people_notes(inner)[1]
    limit = replace(pooled, estimate=replace(pooled.estimate, flags=("spread_singular",)))
    assert "not simply drawn towards the mean" in people_notes(limit)[1]
    shown = render_pooled(limit)
    assert all(line in shown.text for line in people_notes(limit))
    assert "follow the levels" in shown.html
    alike = replace(pooled, estimate=replace(pooled.estimate, flags=("spread_singular", "tau_zero")))
    assert people_notes(alike) == people_notes(inner)
    assert people_notes(replace(pooled, estimate=replace(pooled.estimate, individuals=()))) == []


def test_below_five_people_nothing_is_said_about_differences():
    """The mean of their own estimates, with a t of one degree of freedom less."""
    frame = frame_of(CASES["balanced"])
    found = nof1.fit_pooled(frame[frame["participant"] <= "p04"])
    own = np.array([one.own for one in found.individuals])
    assert found.method == "participant_means"
    assert found.estimate == pytest.approx(own.mean())
    assert found.se == pytest.approx(own.std(ddof=1) / 2)
    assert found.df == 3
    assert found.tau is None
    assert "too_few_participants" in found.flags


def test_people_who_are_alike_to_the_last_digit_have_no_p():
    """There is no scatter to compare their mean with, and nothing is divided by it."""
    frame = frame_of(CASES["balanced"])
    one = frame[frame["participant"] == "p01"]
    alike = pd.concat([one.assign(participant=name) for name in ("a", "b", "c")])
    found = nof1.fit_pooled(alike)
    assert [one.own for one in found.individuals] == pytest.approx([found.estimate] * 3)
    assert (found.p_value, found.ci_low, found.two_stage) == (None, None, None)
    assert "not_estimable" in found.flags


def test_who_has_few_periods_stays_in_and_gets_no_interval():
    """One person with a single period of each condition helps the mean, and is told nothing alone."""
    frame = frame_of(CASES["balanced"])
    short = frame[(frame["participant"] != "p01") | (frame["period"] <= 2)]
    found = nof1.fit_pooled(short)
    assert found.n_participants == 12
    assert found.individuals[0].own is None
    assert found.individuals[0].ci_low is None
    assert found.individuals[0].effect is not None
    assert found.two_stage.n_participants == 11
    assert "few_periods" in found.flags


def test_periods_of_one_day_have_no_variance_of_their_own():
    """In a balanced set the answer is known: a t of the differences of people, with one degree of freedom less than people."""
    rng, n, days = np.random.default_rng(7), 8, 20
    effects = rng.normal(0.5, 1.0, n)
    frame = pd.DataFrame(
        {"participant": f"p{who}", "session": day, "period": day, "day": day, "condition": ("on", "off")[day % 2],
         "value": rng.normal() + (effects[who] if day % 2 == 0 else 0.0)}
        for who in range(n) for day in range(1, days + 1)
    )  # fmt: skip
    means = frame.pivot_table("value", "participant", "condition")
    own = (means["on"] - means["off"]).to_numpy()
    found = nof1.fit_pooled(frame, trend=None)
    assert found.estimate == pytest.approx(own.mean())
    assert found.se == pytest.approx(own.std(ddof=1) / np.sqrt(n), rel=1e-6)
    assert found.df == pytest.approx(n - 1, rel=1e-5)
    assert found.period_sd is None
    assert found.flags == ()
    assert all(one.ci_low < one.effect < one.ci_high for one in found.individuals)


def test_several_scores_a_day_are_averaged_first():
    """A prompt is not a day."""
    frame = frame_of(CASES["missing days"])
    twice = pd.concat([frame, frame]).sort_values(["participant", "session"], kind="stable")
    twice["session"] = twice.groupby("participant").cumcount() + 1
    twice["value"] += np.tile([0.2, -0.2], len(frame))
    one, other = nof1.fit_pooled(frame), nof1.fit_pooled(twice)
    assert other.estimate == pytest.approx(one.estimate, rel=1e-6)
    assert other.df == pytest.approx(one.df, rel=1e-6)
    assert other.n_days == one.n_days


def test_bad_luck_in_the_data_raises_nothing():
    """No score, one condition, one value: flags say why."""
    frame = frame_of(CASES["balanced"])
    assert nof1.fit_pooled(frame.assign(value=np.nan)).flags == ("no_data",)
    assert nof1.fit_pooled(frame[frame["condition"] == "on"]).flags == ("not_estimable",)
    assert nof1.fit_pooled(frame.assign(value=1.0)).flags == ("not_estimable",)
    single = nof1.fit_pooled(frame[frame["participant"] == "p01"])
    assert single.se is None
    assert single.estimate is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="participant"), "participant"),
        (lambda f: f.assign(session=1), "twice"),
        (lambda f: f.assign(value=np.inf), "infinite"),
    ],
    ids=["no participant", "session twice", "infinite"],
)
def test_what_cannot_be_meant_is_refused(change, words):
    """A wrong argument, not bad luck."""
    with pytest.raises(ValueError, match=words):
        nof1.fit_pooled(change(frame_of(CASES["balanced"])))


@pytest.fixture(scope="module")
def datasets():
    """Return six simulated trials with effects around 1."""
    plan = protocol()
    rng = np.random.default_rng(8)
    return {
        f"trial-{place}": Dataset.from_tables(
            simulate_tables(
                plan,
                {"on": effect},
                rng,
                person=Person(level=5, sd=0.7, missing=0.1),
                participant=f"person {place}",
            )
        )
        for place, effect in enumerate((0.4, 0.8, 1.0, 1.1, 1.3, 1.6))
    }


def test_trials_are_pooled_by_the_plan(datasets):
    """Primary score and contrast of the first; the truth lies in the interval; the words tell the numbers."""
    pooled = pool_trials(datasets)
    assert (pooled.score, pooled.contrast, pooled.n_protocols) == ("day.mood", "on_off", 1)
    assert pooled.estimate.ci_low < 1.03 < pooled.estimate.ci_high
    assert [one.participant for one in pooled.estimate.individuals] == [f"person {n}" for n in range(6)]
    text = "\n".join(pooled_lines(pooled))
    assert "6 people" in text
    assert "Cross-check" in text
    shown = render_pooled(pooled)
    assert shown.html.count("<svg") == 1
    assert len(people_table(pooled).rows) == 6
    assert len(plot_forest(pooled).axes[0].get_yticklabels()) == 7


def test_names_are_removed_on_request(datasets):
    """Nothing of a name is left anywhere, and the numbers are the same."""
    named, nameless = pool_trials(datasets), pool_trials(datasets, without_names=True)
    told = json.dumps(nameless.to_json()) + render_pooled(nameless).html
    assert "person" not in told.replace("Effects of single people", "").lower().replace(
        "next person", ""
    ).replace("each person", "").replace(">person<", "")
    assert sorted(one.effect for one in nameless.estimate.individuals) == pytest.approx(
        sorted(one.effect for one in named.estimate.individuals)
    )


def test_without_days_sessions_count(datasets):
    """As the import of such a file says; one that has no days does not end the pool."""
    name, one = next(iter(datasets.items()))
    undated = replace(one, scores=one.scores.assign(day=float("nan")))
    found = pool_trials({**datasets, name: undated})
    assert found.left_out == pool_trials(datasets).left_out
    assert found.estimate.n_participants == pool_trials(datasets).estimate.n_participants


def test_two_trials_of_one_person_are_one_person(datasets):
    """They are parts of the same data; a copy of a trial is none."""
    again = dict(datasets)
    again["later"] = replace(
        datasets["trial-1"], trial=datasets["trial-1"].trial | {"participant": "person 0"}
    )
    pooled, once = pool_trials(again), pool_trials(datasets)
    assert (pooled.estimate.n_participants, pooled.left_out) == (6, ())
    assert pooled.estimate.n_days > once.estimate.n_days
    twice = pool_trials({**datasets, "copy": replace(datasets["trial-0"])})
    assert twice.left_out == (("copy", "the same trial as trial-0"),)
    assert twice.estimate == once.estimate


def test_what_does_not_fit_is_left_out_and_named(datasets):
    """A trial that is still blind, or has no such score; the others are pooled."""
    blind = dict(datasets)
    blind["blind"] = replace(datasets["trial-0"], allocation=None)
    pooled = pool_trials(blind)
    assert pooled.left_out == (("blind", "not unblinded"),)
    assert pooled.estimate.n_participants == 6
    assert "Left out: blind (not unblinded)." in pooled_lines(pooled)
    with pytest.raises(ValueError, match=r"'day\.nothing'; there are day\.mood, day\.calm, day\.headache"):
        pool_trials(datasets, score="day.nothing")
    alone = {"with": datasets["trial-0"], "without": replace(datasets["trial-1"], meanings={})}
    one = pool_trials(alone)
    assert one.left_out == (("without", "no score day.mood"),)
    assert ": 1 person, " in pooled_lines(one)[1]
    with pytest.raises(ValueError, match="no contrast"):
        pool_trials(datasets, contrast="tea")
    with pytest.raises(ValueError, match="no trial"):
        pool_trials({})


def read_as(dataset, **changes):
    """Return a trial whose protocol says something else of its primary score."""
    meaning = replace(dataset.meanings["day.mood"], **changes)
    return replace(dataset, meanings={**dataset.meanings, "day.mood": meaning})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"better": "lower"}, "its score is better when lower, here when higher"),
        ({"high": 100.0}, "its scale goes to 100, here to 10"),
        ({"low": 1.0, "high": 5.0}, "its scale goes from 1 to 5, here from 0 to 10"),
        ({"unit": "mm"}, "its unit is mm, here points"),
        ({"unit": "mm", "high": 100.0}, "its unit is mm, here points; its scale goes to 100, here to 10"),
    ],
    ids=["direction", "end", "range", "unit", "both"],
)
def test_a_score_that_means_something_else_is_not_pooled(datasets, changes, reason):
    """Most trials say what the numbers mean, even where the first one says otherwise, and a copy does not vote."""
    odd = {"trial-0": read_as(datasets["trial-0"], **changes)}
    pooled = pool_trials({**datasets, **odd})
    assert pooled.left_out == (("trial-0", reason),)
    rest = {name: one for name, one in datasets.items() if name != "trial-0"}
    assert pooled.estimate == pool_trials(rest).estimate
    assert (pooled.better, pooled.unit) == ("higher", "points")
    one_each = {**odd, "trial-1": datasets["trial-1"], "copy": datasets["trial-1"]}
    assert [name for name, _ in pool_trials(one_each).left_out] == ["trial-1", "copy"]


def test_other_words_for_a_condition_and_another_sesoi_are_told(datasets):
    """The codes are the same, so that the trials are pooled; whoever reads it decides whether the thing is."""
    changed = protocol(
        conditions={"on": {"name": "chamomile tea", "dose": "250 ml"}, "off": {"name": "water"}},
        outcomes={"primary": {"score": "day.mood", "sesoi": 2}},
    )
    pooled = pool_trials({**datasets, "trial-3": replace(datasets["trial-3"], protocol=changed)})
    assert pooled.left_out == ()
    lines = pooled_lines(pooled)
    assert (
        "Conditions are worded differently: on is tea in 5 trials, chamomile tea, 250 ml in 1 trial." in lines
    )
    assert "The smallest effect of interest is not the same: 1 in 5 trials, 2 in 1 trial." in lines
    told = " ".join(pooled_lines(pool_trials(datasets)))
    assert "worded" not in told
    assert "smallest effect" not in told


@pytest.mark.sim
def test_intervals_hold_what_they_say():
    """Mean and single people hold 95 %; for the next person, with a spread known from ten people, it is about 90 %."""
    rng = np.random.default_rng(1)
    held = {"mean": [], "people": [], "next": []}
    for _ in range(150):
        true = 0.5 + 0.5 * rng.standard_normal(11)
        rows = []
        for person, effect in enumerate(true[:10]):
            order = np.concatenate([rng.permutation(["on", "off"]) for _ in range(4)])
            period = np.repeat(np.arange(1, 9), 4)
            own = 0.4 * rng.standard_normal(8)
            value = (
                rng.standard_normal()
                + own[period - 1]
                + effect * (order[period - 1] == "on")
                + rng.standard_normal(32)
            )
            rows.append(pd.DataFrame({"participant": f"p{person}", "session": range(1, 33), "period": period,
                                      "condition": order[period - 1], "value": value}))  # fmt: skip
        found = nof1.fit_pooled(pd.concat(rows))
        held["mean"].append(found.ci_low < 0.5 < found.ci_high)
        held["next"].append(found.prediction_low < true[10] < found.prediction_high)
        held["people"] += [
            one.ci_low < t < one.ci_high for one, t in zip(found.individuals, true, strict=False)
        ]
    shares = {name: float(np.mean(values)) for name, values in held.items()}
    assert shares["mean"] == pytest.approx(0.95, abs=0.04)
    assert shares["people"] > 0.94
    assert shares["next"] > 0.85
