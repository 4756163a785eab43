"""A further block counts towards the participant's own ceiling."""

from __future__ import annotations

import pytest

from nof1.errors import StageError
from nof1.files.protocols import library, read_protocol
from nof1.safety.limits import days_on, require_within_total


@pytest.fixture(scope="module")
def memory():
    return read_protocol(library()["nefiracetam-memory"])


def test_the_spare_block_was_counted_in(memory):
    """Seven blocks reach the ceiling of 98 days, an eighth would pass it."""
    assert (days_on(memory, 6), memory.safety.max_total_days_on) == (84, 98)
    require_within_total(memory, n_blocks=7)
    with pytest.raises(StageError, match=r"112 days on, and your own safety\.max_total_days_on is 98"):
        require_within_total(memory, n_blocks=8)


def test_without_a_ceiling_nothing_is_refused(memory):
    """Only what the protocol itself says."""
    require_within_total(memory.model_copy(update={"safety": None}), n_blocks=99)
