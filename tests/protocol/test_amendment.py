"""What an amendment may change, and what it may not."""

from __future__ import annotations

import pytest

from nof1.protocol.amendment import CEILINGS, CLERICAL, FORWARD, differences
from nof1.protocol.model import Protocol

BASE = {
    "nof1": 1,
    "id": "coffee",
    "title": "A trial",
    "conditions": {"on": {"name": "caffeine", "dose": "100 mg"}, "off": {"name": "cellulose"}},
    "design": {"kind": "randomized_blocks", "blocks": 6, "period_days": 7},
    "instruments": {"day": {"ratings": ["mood"]}, "eve": {"ratings": ["calm"]}},
    "sessions": [{"battery": ["day"]}],
    "outcomes": {"primary": {"score": "day.mood"}},
    "safety": {"max_daily_dose": "400 mg", "max_consecutive_days_on": 28},
}


def found(**sections) -> dict[str, str]:
    before, after = Protocol.model_validate(BASE), Protocol.model_validate({**BASE, **sections})
    return {one.path: one.kind for one in differences(before, after)}


def with_(section: str, **values) -> dict:
    return {section: {**BASE.get(section, {}), **values}}


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({}, {}),
        ({"title": "B"}, {"title": "clerical"}),
        ({"participant": {"description": "adult"}}, {"participant.description": "clerical"}),
        (with_("safety", emergency_contact="Kim"), {"safety.emergency_contact": "clerical"}),
        ({"sessions": [{"battery": ["day", "eve"]}]}, {"sessions": "forward"}),
        (with_("instruments", eve={"ratings": ["calm", "focus"]}), {"instruments.eve.ratings": "forward"}),
        (with_("instruments", new={"ratings": ["energy"]}), {"instruments.new": "forward"}),
        (with_("instruments", day={"ratings": ["mood", "calm"]}), {"instruments.day.ratings": "frozen"}),
        (with_("outcomes", secondary=[{"score": "eve.calm"}]), {"outcomes.secondary": "forward"}),
        (with_("outcomes", primary={"score": "day.mood", "sesoi": 1}), {"outcomes.primary.sesoi": "frozen"}),
        (with_("design", onset_days=2), {"design.onset_days": "frozen"}),
        ({"day_starts": "05:00"}, {"day_starts": "frozen"}),
        ({"blinding": {"spare_blocks": 2}}, {"blinding.spare_blocks": "frozen"}),
        ({"analysis": {"alpha": 0.1}}, {"analysis.alpha": "frozen"}),
        (with_("conditions", on={"name": "caffeine", "dose": "50 mg"}), {"conditions.on.dose": "frozen"}),
        (with_("safety", max_daily_dose="0.3 g"), {"safety.max_daily_dose": "lowered"}),
        (with_("safety", max_daily_dose="0.5 g"), {"safety.max_daily_dose": "frozen"}),
        (with_("safety", max_daily_dose="3 cups"), {"safety.max_daily_dose": "frozen"}),
        (with_("safety", max_daily_dose=None), {"safety.max_daily_dose": "frozen"}),
        (with_("safety", max_consecutive_days_on=14), {"safety.max_consecutive_days_on": "lowered"}),
        (with_("safety", max_total_days_on=80), {"safety.max_total_days_on": "lowered"}),
    ],
)
def test_every_value_has_its_class(sections, expected):
    """What was promised is frozen; what is measured changes from a day on; words are put right."""
    assert {path: kind for path, kind in found(**sections).items() if path in expected} == expected
    assert bool(found(**sections)) == bool(expected)


def test_the_order_of_conditions_is_frozen():
    """The ranks of the draw follow it."""
    turned = dict(reversed(BASE["conditions"].items()))
    assert found(conditions=turned)["conditions"] == "frozen"


def test_a_field_without_a_class_is_frozen():
    """Every key that an amendment may touch exists; what a later version adds is frozen until somebody decides."""
    names = set(Protocol.model_fields)
    assert {path.partition(".")[0] for path in CLERICAL | FORWARD | CEILINGS} <= names
    safety = {path.partition(".")[2] for path in CLERICAL | FORWARD | CEILINGS if path.startswith("safety.")}
    from nof1.protocol.plan import Safety  # noqa: PLC0415 - for this comparison alone

    assert safety == set(Safety.model_fields)
