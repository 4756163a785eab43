"""The catalogue: every score has a unit, a direction and a range; protocols get theirs from it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from nof1.battery.catalogue import (
    CATALOGUE,
    minutes_of,
    params_of,
    planned_scores,
    scores_of,
    scores_of_instrument,
    scores_of_part,
)
from nof1.battery.parameters import param_problem
from nof1.battery.tasks import FLAGS
from nof1.protocol.model import Instrument, Protocol
from nof1.terms import Better

CODE = re.compile(r"[a-z][a-z0-9_]{0,23}")
DEFINITIONS = [
    (owner.id, score)
    for group in (CATALOGUE.tasks, CATALOGUE.questionnaires)
    for owner in group.values()
    for score in owner.scores
]


def protocol(instruments: dict[str, object], primary: str, secondary: tuple[str, ...] = ()) -> Protocol:
    """Return a protocol with these instruments; it need not keep the rules."""
    return Protocol.model_validate(
        {
            "nof1": 1,
            "id": "test",
            "title": "test",
            "conditions": {"on": {"name": "on"}, "off": {"name": "off"}},
            "design": {"kind": "randomized_blocks", "blocks": 6, "period_days": 7},
            "instruments": instruments,
            "sessions": [{"battery": next(iter(instruments))}],
            "outcomes": {"primary": {"score": primary}, "secondary": [{"score": name} for name in secondary]},
        }
    )


@pytest.mark.parametrize(
    ("owner", "score"), DEFINITIONS, ids=lambda one: one if isinstance(one, str) else one.id
)
def test_every_score_is_defined(owner, score):
    """A number means nothing without unit, direction and range; its name can stand in a protocol."""
    assert CODE.fullmatch(score.id)
    assert score.label
    assert score.unit
    assert score.better in Better
    assert score.low < score.high
    if score.sesoi is not None:
        assert 0 < score.sesoi < score.high - score.low
    if score.whole:
        assert score.low == int(score.low)
    if score.noise_sd is not None:
        assert 0 < score.noise_sd < (score.high - score.low) / 2


@pytest.mark.parametrize("task", CATALOGUE.tasks.values(), ids=CATALOGUE.tasks)
def test_every_task_can_be_run_as_it_is(task):
    """Its defaults are accepted, its parts give scores, it is given for something, it takes some time."""
    assert task.id == next(name for name, one in CATALOGUE.tasks.items() if one is task)
    assert [param_problem(task, name, value) for name, value in task.params.items()] == [None] * len(
        task.params
    )
    assert any(score.is_primary for score in task.scores)
    assert {score.part for score in task.scores if score.part} == set(task.parts)
    assert all(score.part for score in task.scores) == bool(task.parts)
    assert {name for name, value in task.params.items() if isinstance(value, str)} == set(task.words)
    assert 1 <= task.minutes <= 10
    assert all(CODE.fullmatch(name) for name in task.params)
    assert all(set(score.high_is) <= set(task.params) for score in task.scores)


def test_the_battery_of_the_design_is_there():
    """Tests, ratings and questionnaires by the names that protocols use."""
    assert set(CATALOGUE.tasks) == {
        "pvt", "srt", "crt4", "coding", "nback", "digit_span", "corsi", "stroop", "flanker", "gonogo", "switch", "wordlist",
        "objloc",
    }  # fmt: skip
    benefits = {"mood", "calm", "focus", "energy", "motivation", "mental_clarity"}
    assert {name for name, one in CATALOGUE.ratings.items() if not one.is_harm} == benefits
    assert {name for name, one in CATALOGUE.ratings.items() if one.is_harm} == {
        "low_mood", "anxiety", "irritability", "nervousness", "headache", "dizziness", "nausea", "sleepiness", "restlessness",
        "insomnia_last_night",
    }  # fmt: skip
    assert {"phq8", "phq9", "gad7", "ami", "who5", "aes", "das", "panas", "kss", "promis"} <= set(
        CATALOGUE.questionnaires
    )


def test_what_belongs_to_others_is_not_shown():
    """Items may be shown where their owner lets everybody; of the rest only scores are entered."""
    shown = {name for name, one in CATALOGUE.questionnaires.items() if one.may_be_shown}
    assert shown == {"phq8", "phq9", "gad7"}
    assert all(one.notice for one in CATALOGUE.questionnaires.values())
    assert [name for name, one in CATALOGUE.questionnaires.items() if one.asks_about_suicide] == ["phq9"]


@pytest.mark.parametrize("rating", CATALOGUE.ratings.values(), ids=CATALOGUE.ratings)
def test_ratings_name_both_ends(rating):
    """Harms are better when lower, benefits when higher; both anchors are words."""
    assert rating.better is (Better.LOWER if rating.is_harm else Better.HIGHER)
    assert rating.text
    assert rating.low != rating.high


def test_scores_of_a_protocol():
    """In the order of its instruments, the primary scores of each first; what was written wins."""
    scores = scores_of(
        protocol(
            {
                "wm": {"task": "nback"},
                "day": {
                    "ratings": [
                        "headache",
                        {
                            "id": "ringing",
                            "text": "Ringing",
                            "low": "none",
                            "high": "loud",
                            "better": "lower",
                        },
                        {
                            "id": "sleep",
                            "text": "Sleep",
                            "low": "a",
                            "high": "b",
                            "better": "higher",
                            "range": [Decimal(-1), Decimal(1)],
                        },
                    ]
                },
                "app": {
                    "external": {
                        "scores": {
                            "points": {
                                "unit": "points",
                                "better": "higher",
                                "range": [0, 9],
                                "label": "Recall",
                            }
                        }
                    }
                },
                "phq": {"questionnaire": "phq9"},
            },
            "wm.dprime",
        )
    )
    assert list(scores) == [
        "wm.dprime", "wm.criterion", "wm.lure_fa", "wm.hit_rt", "day.headache", "day.ringing", "day.sleep", "app.points",
        "phq.total", "phq.item9",
    ]  # fmt: skip
    assert scores["day.headache"].is_harm
    assert (scores["day.headache"].range, scores["day.headache"].whole) == ((0, 10), True)
    assert (scores["day.ringing"].range, scores["day.ringing"].better) == ((0, 10), Better.LOWER)
    assert (scores["day.sleep"].range, scores["day.sleep"].whole) == ((-1, 1), False)
    assert (scores["app.points"].label, scores["app.points"].source) == ("Recall", "external")
    assert scores["wm.dprime"].sesoi == Decimal("0.3")
    assert scores["phq.total"].range == (0, 27)


def test_parts_of_an_instrument():
    """What is learned is asked at once and later."""
    held = protocol(
        {"words": {"task": "wordlist", "params": {"words": Decimal(10), "trials": Decimal(4)}}},
        "words.delayed",
    )
    assert scores_of_part(held, "words:study")[0] == "words.immediate"
    assert scores_of_part(held, "words:delayed")[0] == "words.delayed"
    assert set(scores_of_part(held, "words")) == set(scores_of(held))
    assert scores_of(held)["words.immediate"].range == (0, 40)
    assert scores_of(held)["words.delayed"].range == (0, 10)


def test_what_is_due_is_what_the_plan_needs():
    """Of a task the outcomes are due, or what it is given for; of ratings everything."""
    held = protocol(
        {"vigil": {"task": "pvt"}, "day": {"ratings": ["mood", "headache"]}, "code": {"task": "coding"}},
        "vigil.lapses",
        ("vigil.speed",),
    )
    assert planned_scores(held, "vigil") == ("vigil.speed", "vigil.lapses")
    assert planned_scores(held, "day") == ("day.mood", "day.headache")
    assert planned_scores(held, "code") == ("code.correct",)


@pytest.mark.parametrize(
    ("instrument", "part", "minutes"),
    [
        ({"task": "pvt"}, "x", 3),
        ({"task": "pvt", "params": {"duration_s": Decimal(600)}}, "x", 10),
        ({"task": "coding"}, "x", Decimal("1.5")),
        ({"task": "nback"}, "x", Decimal(2 * 50) * Decimal("2.5") / 60),
        ({"task": "wordlist"}, "x:study", 3),
        ({"ratings": ["mood", "calm"]}, "x", Decimal("0.2")),
        ({"questionnaire": "phq8"}, "x", 2),
        (
            {"external": {"scores": {"a": {"unit": "s", "better": "lower", "range": [0, 1]}}}},
            "x",
            Decimal("0.5"),
        ),
    ],
)
def test_minutes(instrument, part, minutes):
    """What a session takes follows from its instruments and their parameters."""
    held = protocol({"x": instrument}, "x.a")
    assert minutes_of(held, part) == pytest.approx(minutes)


def test_long_vigilance_test_has_its_own_defaults():
    """Five minutes and more: longer waits, lapses from 500 ms; what is written wins."""
    short, long = (Instrument(task="pvt", params={"duration_s": Decimal(s)}) for s in (180, 300))
    assert params_of(short)["lapse_ms"] == 355
    assert params_of(long)["isi_s"] == (2, 10)
    assert params_of(long)["lapse_ms"] == 500
    own = Instrument(task="pvt", params={"duration_s": Decimal(300), "lapse_ms": Decimal(400)})
    assert params_of(own)["lapse_ms"] == 400


def test_what_is_unknown_raises():
    """The rules refuse it before; nobody gets scores of nothing."""
    for unknown in ({"task": "tetris"}, {"questionnaire": "xyz"}, {"ratings": ["bliss"]}):
        with pytest.raises(KeyError):
            scores_of_instrument("x", Instrument.model_validate(unknown))


def test_flags_can_stand_in_a_protocol():
    """Each is a code, once."""
    assert len(set(FLAGS)) == len(FLAGS)
    assert all(CODE.fullmatch(flag) for flag in FLAGS)


def test_the_highest_span_follows_the_parameters():
    """A span can reach half an item beyond the longest list; the product has as many blocks and lists as there are."""
    instrument = Instrument(task="corsi", params={"blocks": Decimal(12), "lists": Decimal(20)})
    ranges = {spec.name.partition(".")[2]: spec.range[1] for spec in scores_of_instrument("grid", instrument)}
    assert ranges == {
        "mean_span": Decimal("12.5"), "te_ml": 12, "max_len": 12, "total_correct": 20, "product": 240,
    }  # fmt: skip
    usual = {spec.name: spec.range[1] for spec in scores_of_instrument("grid", Instrument(task="corsi"))}
    assert usual["grid.mean_span"] == Decimal("9.5")
