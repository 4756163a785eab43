"""Designs that cannot be blinded, confirmed or endured are refused, with the numbers that would do."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nof1.schedule.design import design_problems, facts, longest_days_on, space_done, space_of, spare_space
from nof1.schedule.space import balanced, counterbalanced, fixed, randomized_blocks, williams

from .protocols import FOUR, ON_OFF, THREE, make_protocol

CODES = ("on", "off")
CONFIRM = {"confirm": "randomization_test"}


@pytest.mark.parametrize(
    ("design", "conditions", "space"),
    [
        ({"blocks": 6}, ON_OFF, randomized_blocks(6, CODES)),
        ({"blocks": 8, "per_block": 2}, ON_OFF, randomized_blocks(8, CODES, 2)),
        ({"kind": "balanced", "blocks": None, "periods": 20, "max_run": 2}, ON_OFF, balanced(20, CODES, 2)),
        ({"kind": "balanced", "blocks": None, "periods": 20}, ON_OFF, balanced(20, CODES)),
        ({"kind": "williams", "blocks": 4}, FOUR, williams(tuple(FOUR), 16)),
        ({"kind": "williams", "blocks": None, "periods": 12}, THREE, williams(tuple(THREE), 12)),
        ({"kind": "counterbalanced", "blocks": 4}, ON_OFF, counterbalanced(CODES, 8)),
        ({"kind": "fixed", "blocks": None, "sequence": ("off", "on")}, ON_OFF, fixed(("off", "on"), CODES)),
    ],
    ids=range(8),
)
def test_spaces_of_protocols(design, conditions, space):
    """Every kind that the protocol offers has its space."""
    protocol = make_protocol(design, conditions=conditions, mode="open_label")
    assert space_of(protocol) == space
    assert design_problems(protocol) == []


def test_a_spare_block_is_one_block():
    """Each is drawn for itself from the space of one block."""
    assert spare_space(make_protocol({"per_block": 2})) == randomized_blocks(1, CODES, 2)


SELF = "self_blinded"
REFUSED = [
    (
        {"kind": "balanced", "blocks": None, "periods": 20, "max_run": 2},
        ON_OFF,
        SELF,
        ("design", "max_run"),
        (
            "max_run 2 cannot be kept by hands that must not know what they shuffle. "
            'Write "kind: randomized_blocks, blocks: 10" (a run is then never longer than 2), '
            'or "blocks: 5, per_block: 2" (never longer than 4, harder to guess), or blinding.mode: third_party.'
        ),
    ),
    (
        {"kind": "balanced", "blocks": None, "periods": 14, "max_run": 3},
        ON_OFF,
        SELF,
        ("design", "max_run"),
        (
            "max_run 3 cannot be kept by hands that must not know what they shuffle. "
            'Write "kind: randomized_blocks, blocks: 7" (a run is then never longer than 2), '
            "or blinding.mode: third_party."
        ),
    ),
    (
        {"kind": "williams", "blocks": 4},
        FOUR,
        SELF,
        ("design", "kind"),
        (
            "A Williams design uses only some of the orders; a shuffle makes all. "
            'Write "kind: randomized_blocks", or blinding.mode: third_party.'
        ),
    ),
    (
        {"kind": "counterbalanced", "blocks": 4},
        ON_OFF,
        SELF,
        ("design", "kind"),
        (
            "counterbalanced has 2 sequences: one opened kit gives all periods. "
            'Write "kind: randomized_blocks", or blinding.mode: third_party or open_label.'
        ),
    ),
    (
        {"kind": "counterbalanced", "blocks": 4},
        FOUR,
        SELF,
        ("design", "kind"),
        (
            "counterbalanced has 24 sequences: one opened kit gives all periods. "
            'Write "kind: randomized_blocks", or blinding.mode: third_party or open_label.'
        ),
    ),
    *[
        (
            {"kind": "fixed", "blocks": None, "sequence": ("on", "off")},
            ON_OFF,
            mode,
            ("design", "kind"),
            "fixed is written in the protocol, so nobody can be blind to it. Write blinding.mode: open_label.",
        )
        for mode in (SELF, "third_party")
    ],
]


@pytest.mark.parametrize(
    ("design", "conditions", "mode", "path", "message"), REFUSED, ids=range(len(REFUSED))
)
def test_designs_that_cannot_be_blinded(design, conditions, mode, path, message):
    """The refusals, word for word; and in the mode that is advised the same design passes."""
    assert design_problems(make_protocol(design, conditions=conditions, mode=mode)) == [(path, message)]
    assert design_problems(make_protocol(design, conditions=conditions, mode="open_label")) == []


@pytest.mark.parametrize(
    ("design", "conditions"),
    [
        ({"blocks": 6}, ON_OFF),
        ({"blocks": 5, "per_block": 2}, ON_OFF),
        ({"blocks": 6}, THREE),
        ({"blocks": 6}, FOUR),
        ({"kind": "balanced", "blocks": None, "periods": 20}, ON_OFF),
        ({"kind": "balanced", "blocks": None, "periods": 20, "max_run": 10}, ON_OFF),
    ],
    ids=range(6),
)
def test_designs_that_hands_can_blind(design, conditions):
    """Where kits are exchangeable there is nothing to refuse."""
    assert design_problems(make_protocol(design, conditions=conditions, mode=SELF)) == []


@pytest.mark.parametrize(
    ("design", "path", "said"),
    [
        ({"blocks": None}, "blocks", "randomized_blocks needs the number of blocks; write blocks: 6"),
        (
            {"kind": "balanced", "blocks": None},
            "periods",
            "balanced needs the number of periods; write periods: 12",
        ),
        ({"kind": "balanced", "blocks": 6}, "periods", "balanced needs the number of periods"),
        ({"kind": "balanced", "blocks": None, "periods": 13}, "periods", "a multiple of 2 periods"),
        (
            {"kind": "williams", "blocks": None},
            "blocks",
            "williams needs the number of its rows; write blocks: 2",
        ),
        ({"kind": "williams", "blocks": None, "periods": 6}, "periods", "has a multiple of 4 periods, got 6"),
        ({"kind": "williams", "blocks": 3}, "blocks", "has a multiple of 4 periods, got 6"),
        ({"kind": "fixed", "blocks": None}, "sequence", "fixed needs its sequence"),
        ({"kind": "fixed", "blocks": None, "sequence": ("on", "of")}, "sequence", "names a condition"),
        (
            {"kind": "fixed", "blocks": None, "sequence": ("on", "off"), "periods": 3},
            "sequence",
            "2 periods, not 3",
        ),
    ],
    ids=range(10),
)
def test_numbers_that_do_not_fit_together(design, path, said):
    """The message stands at the value that must change."""
    ((where, message),) = design_problems(make_protocol(design, mode="open_label"))
    assert where == ("design", path)
    assert said in message


def test_spare_blocks_need_blocks():
    """Where there are no blocks, a lost kit leaves its period empty."""
    design = {"kind": "balanced", "blocks": None, "periods": 12}
    ((where, message),) = design_problems(make_protocol(design, blinding={"spare_blocks": 1}))
    assert where == ("blinding", "spare_blocks")
    assert "balanced has no blocks" in message


@pytest.mark.parametrize(
    ("design", "conditions", "alpha", "said"),
    [
        (
            {"blocks": 5},
            ON_OFF,
            "0.05",
            ["on_off in this design is 2/32 = 0.0625", 'Write "blocks: 6" or more'],
        ),
        ({"blocks": 6}, ON_OFF, "0.01", ["2/64 = 0.03125", 'Write "blocks: 8" or more']),
        ({"blocks": 2, "per_block": 2}, ON_OFF, "0.05", ["2/36 = 0.05556", 'Write "blocks: 3" or more']),
        ({"blocks": 5}, THREE, "0.05", ["high_none in this design is 2/32", 'Write "blocks: 6" or more']),
        (
            {"kind": "balanced", "blocks": None, "periods": 6},
            ON_OFF,
            "0.05",
            ["2/20 = 0.1", 'Write "kind: randomized_blocks, blocks: 6"'],
        ),
        (
            {"kind": "williams", "blocks": 4},
            FOUR,
            "0.05",
            [
                "leaves 2 sequences when the other conditions stay in place",
                "no contrast can be confirmed",
                "blocks: 6",
            ],
        ),
        (
            {"kind": "counterbalanced", "blocks": 8},
            ON_OFF,
            "0.05",
            ["2/2 = 1", 'Write "kind: randomized_blocks'],
        ),
        ({"kind": "fixed", "blocks": None, "sequence": ("on", "off") * 6}, ON_OFF, "0.05", ["1/1 = 1"]),
    ],
    ids=range(8),
)
def test_an_alpha_that_cannot_be_reached(design, conditions, alpha, said):
    """Promising a test that cannot succeed is refused, and the blocks that would do are named."""
    analysis = {**CONFIRM, "alpha": Decimal(alpha)}
    protocol = make_protocol(design, conditions=conditions, mode="open_label", analysis=analysis)
    ((where, message),) = design_problems(protocol)
    assert where == ("analysis", "confirm")
    for part in (f"cannot reach alpha {alpha}", *said):
        assert part in message
    without = make_protocol(
        design, conditions=conditions, mode="open_label", analysis={"alpha": Decimal(alpha)}
    )
    assert design_problems(without) == []


@pytest.mark.parametrize(
    ("design", "conditions", "contrasts"),
    [
        ({"blocks": 6}, ON_OFF, None),
        ({"blocks": 3, "per_block": 2}, ON_OFF, None),
        ({"blocks": 6}, THREE, None),
        ({"blocks": 6}, FOUR, {"trend": {"d450": 3, "d300": 1, "d150": -1, "d0": -3}}),
        ({"kind": "balanced", "blocks": None, "periods": 8}, ON_OFF, None),
        ({"kind": "balanced", "blocks": None, "periods": 70, "max_run": 2}, ON_OFF, None),
    ],
    ids=range(6),
)
def test_an_alpha_that_can_be_reached(design, conditions, contrasts):
    """Six blocks are enough for every contrast of the plan."""
    analysis = {**CONFIRM, "contrasts": contrasts}
    assert design_problems(make_protocol(design, conditions=conditions, analysis=analysis)) == []


@pytest.mark.parametrize(
    ("design", "conditions", "days"),
    [
        ({"blocks": 6, "period_days": 14}, ON_OFF, 28),
        ({"blocks": 6, "period_days": 14, "washout_days": 1}, ON_OFF, 14),
        ({"blocks": 8, "per_block": 2, "period_days": 1}, ON_OFF, 4),
        ({"kind": "balanced", "blocks": None, "periods": 70, "max_run": 2, "period_days": 1}, ON_OFF, 2),
        ({"blocks": 6, "period_days": 7}, THREE, 28),
        ({"blocks": 6, "period_days": 7}, FOUR, 42),
    ],
    ids=range(6),
)
def test_ceilings_are_those_of_the_worst_sequence(design, conditions, days):
    """Never of the drawn one: a refusal would tell something about it."""
    for ceiling, refused in ((days, False), (days - 1, True)):
        protocol = make_protocol(design, conditions=conditions, safety={"max_consecutive_days_on": ceiling})
        assert longest_days_on(protocol, space_of(protocol)) == days
        problems = design_problems(protocol)
        assert bool(problems) == refused
        if refused:
            ((where, message),) = problems
            assert where == ("safety", "max_consecutive_days_on")
            assert f"found {ceiling}, but this design can give {days} days in a row" in message


def test_spare_blocks_count_for_the_ceiling():
    """One pair can give one period on; with a spare pair after it, two in a row."""
    protocol = make_protocol({"blocks": 1}, blinding={"spare_blocks": 1})
    assert longest_days_on(protocol, space_of(protocol)) == 14


def test_a_condition_can_count_without_a_dose():
    """`active` overrides: fasting has no dose, but its days can be limited."""
    conditions = {"on": {"name": "fasting", "active": True}, "off": {"name": "meals"}}
    assert longest_days_on(make_protocol(conditions=conditions), randomized_blocks(6, CODES)) == 14
    conditions = {"on": {"name": "tea"}, "off": {"name": "water"}}
    assert longest_days_on(make_protocol(conditions=conditions), randomized_blocks(6, CODES)) == 0


def test_all_days_on_a_dose_are_counted():
    """The ceiling over the whole trial is a number of the design."""
    protocol = make_protocol(safety={"max_total_days_on": 41})
    ((where, message),) = design_problems(protocol)
    assert where == ("safety", "max_total_days_on")
    assert "this design has 42 days" in message
    assert design_problems(make_protocol(safety={"max_total_days_on": 42})) == []


def test_problems_come_together():
    """All that is wrong is said at once."""
    protocol = make_protocol(
        {"kind": "balanced", "blocks": None, "periods": 6, "max_run": 2},
        mode=SELF,
        blinding={"spare_blocks": 1},
        analysis=CONFIRM,
        safety={"max_consecutive_days_on": 7},
    )
    assert [path[-1] for path, _ in design_problems(protocol)] == [
        "spare_blocks",
        "max_run",
        "confirm",
        "max_consecutive_days_on",
    ]


def test_facts_for_a_person():
    """What `check` tells about a design."""
    told = facts(make_protocol())
    assert (told.size, told.bits, told.longest_days_on) == (64, 6.0, 14)
    assert str(told.reach["on_off"]) == "2/64 = 0.03125"
    assert told.notes == ()
    mirrored = facts(make_protocol({"kind": "counterbalanced", "blocks": 8}))
    assert mirrored.notes[0].startswith("One known period gives the whole trial")


def test_the_space_is_that_of_the_blocks_done():
    """Blocks that never began are left out, one that was added comes on top; without blocks the whole space stays."""
    pairs = make_protocol({"blocks": 6})
    assert [space_done(pairs, done).size for done in ([1, 2, 2], [1, 7], [])] == [4, 128, 64]
    assert space_done(pairs, range(1, 7)) == space_of(pairs)
    balanced = make_protocol({"kind": "balanced", "blocks": None, "periods": 8})
    assert space_done(balanced, [1]) == space_of(balanced)
