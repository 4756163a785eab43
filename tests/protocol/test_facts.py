"""Periods, days, packs, capsules and cost, by counting."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nof1.files.protocols import parse_protocol
from nof1.protocol.facts import facts_of, missing_in_safety, packing_minutes, periods_per_condition

from .corpus import ACCEPTED, BALANCED, DAILY, FIXED_ORDER, OPEN_LABEL, THIRD_PARTY, WILLIAMS, edited


def facts(edits: dict[str, str]):
    """Count for a changed protocol."""
    return facts_of(parse_protocol(edited(edits), "p.yaml"))


def test_pairs_of_weeks():
    """Six blocks of two weeks, five days of run-in, one spare block."""
    told = facts({})
    assert (told.n_periods, told.n_days, told.analysed_days) == (12, 5 + 12 * 7, 5)
    assert told.weeks == pytest.approx(89 / 7)
    assert told.n_packs == 14
    assert told.n_capsules == {"on": 7 * 7, "off": 7 * 7}
    assert told.packing_minutes == round(6 + 1.4 * 14 + 0.6 * 7)
    assert told.cost == {}


@pytest.mark.parametrize(
    ("edits", "n_periods", "n_days", "n_packs"),
    [
        (OPEN_LABEL, 12, 89, 0),
        ({"onset_days: 2": "onset_days: 2\n  washout_days: 3"}, 12, 5 + 12 * 7 + 11 * 3, 14),
        ({**BALANCED, "max_consecutive_days_on: 14": "max_consecutive_days_on: 42"}, 12, 89, 12),
        ({**WILLIAMS, **THIRD_PARTY}, 12, 89, 12),
        ({**FIXED_ORDER, "self_blinded": "open_label"}, 4, 5 + 28, 0),
        ({**DAILY, "  blocks: 6": "  blocks: 6\n  per_block: 2"}, 24, 29, 28),
    ],
)
def test_other_designs(edits, n_periods, n_days, n_packs):
    """Every kind is counted by what tells its length."""
    told = facts(edits)
    assert (told.n_periods, told.n_days, told.n_packs) == (n_periods, n_days, n_packs)


def test_a_written_order_counts_its_conditions():
    """Of a fixed sequence each condition comes as often as it is written."""
    edits = {**FIXED_ORDER, "self_blinded": "open_label", "  blocks: 6": "  sequence: [on, off, off]"}
    assert periods_per_condition(parse_protocol(edited(edits), "p.yaml")) == {"on": 1, "off": 2}


def test_cost_and_capsules():
    """Prices are per intake; what is taken throughout costs on every day."""
    told = facts(
        {
            "form: capsule}": "form: capsule, capsules: 2, price: 0.20 EUR}",
            "design:\n": 'constant:\n  - {name: choline, dose: 300 mg, times: ["08:00", "20:00"], price: 0.105 EUR}\ndesign:\n',
        }
    )
    assert told.n_capsules == {"on": 98, "off": 98}
    assert told.cost == {"EUR": Decimal("0.20") * 98 + Decimal("18.69")}  # 89 days, 2 × 0.105


@pytest.mark.parametrize(
    ("packs", "sacks", "daily", "minutes"), [(12, 6, False, 26), (20, 5, True, 25), (70, 1, True, 75)]
)
def test_packing_takes_what_was_estimated(packs, sacks, daily, minutes):
    """Boxes and day packs have an estimate each."""
    assert packing_minutes(packs, sacks, is_daily=daily) == minutes


def test_what_is_missing_in_the_safety_block():
    """For something that is swallowed everything that is empty is named; for a walk nothing is."""
    assert missing_in_safety(parse_protocol(edited({}), "p.yaml")) == (
        "safety.status",
        "safety.exclusions",
        "safety.emergency_contact",
        "safety.clinician_informed",
    )
    assert missing_in_safety(parse_protocol(edited(ACCEPTED["nothing swallowed"]), "p.yaml")) == ()
