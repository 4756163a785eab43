"""Which other designs are looked at: none that nof1 would refuse, from short to as long as the days allow."""

from __future__ import annotations

import pytest

from nof1.analysis.power_grid import grid_of, with_design
from nof1.analysis.simulate import occasions_of
from nof1.files.protocols import find_library, library, read_protocol
from nof1.schedule.design import design_problems

from .made import protocol

WEEKS = {"kind": "randomized_blocks", "blocks": 6, "period_days": 7}
DAILY = {"kind": "balanced", "periods": 50, "period_days": 1, "max_run": 2}


@pytest.mark.parametrize("name", library())
def test_no_design_is_looked_at_that_nof1_would_refuse(name):
    """With the person's own limits; each takes the days that it says, and the planned one is there once."""
    plan = read_protocol(find_library(name))
    for days in (30, 400):
        grid = grid_of(plan, days)
        for one in grid.choices:
            changed = with_design(plan, one.changes)
            assert design_problems(changed) == []
            assert occasions_of(changed).treated.size == one.n_days
            assert one.n_days <= days or one.is_planned
        assert sum(one.is_planned for one in grid.choices) == 1
        assert len({one.what for one in grid.choices}) == len(grid.choices)


def test_the_limit_that_leaves_designs_out_is_named():
    """The caffeine protocol allows 16 days with caffeine, which are those of its plan; more days do not help."""
    plan = read_protocol(find_library("caffeine-vigilance"))
    grid = grid_of(plan, 120)
    assert grid.limits == ("safety.max_total_days_on: 16",)
    assert max(grid.choices, key=lambda one: one.n_days).is_planned
    assert not grid.can_grow
    assert grid_of(plan, 34).limits == ()


@pytest.mark.parametrize("design", [WEEKS, DAILY], ids=["weeks", "days"])
@pytest.mark.parametrize("days", [100, 200, 390])
def test_the_designs_reach_as_far_as_the_days(design, days):
    """Whatever the number: no further block would fit beside the longest; and they stay few."""
    grid = grid_of(protocol(design=design), days)
    assert max(one.n_days for one in grid.choices) > days - 6
    assert grid.can_grow
    assert grid.limits == ()
    lengths = {one.changes["period_days"] for one in grid.choices}
    assert len(grid.choices) <= 8 * len(lengths) + 1


def test_more_blocks_than_a_protocol_can_say_are_not_looked_at():
    """So more days give nothing, and nobody is told to allow them."""
    grid = grid_of(protocol(design=DAILY), 5000)
    assert max(one.changes["periods"] for one in grid.choices) == 400
    assert not grid.can_grow


@pytest.mark.parametrize("design", [WEEKS, DAILY], ids=["weeks", "days"])
def test_where_nothing_fits_the_shortest_is_told(design):
    """One day less than it takes leaves the planned design alone; as many as it takes do not."""
    made = protocol(design=design)
    none = grid_of(made, 1)
    assert [one.is_planned for one in none.choices] == [True]
    days = none.shortest_days
    assert grid_of(made, days - 1).shortest_days == days
    some = grid_of(made, days)
    assert some.shortest_days is None
    assert min(one.n_days for one in some.choices) == days
