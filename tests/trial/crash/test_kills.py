"""A writer may be killed at any moment: what it acknowledged is there, once."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from nof1.storage.store import open_store

from .campaign import kill_writers
from .write_by_store import write_once

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="lives are forked here")


def test_no_acknowledged_entry_is_lost(store, by_store):
    """Two writers, 60 kills (the whole command takes 200); each life repeats what its forerunner was not told about."""
    tally = kill_writers(by_store, store, n_kills=60, seed=1)
    assert tally.n_kills == 60
    assert len(tally.acknowledged) > 60
    assert tally.lost == set()
    assert tally.doubled == set()
    assert tally.faults == ()
    assert len(tally.unacknowledged) <= 2  # the two that were under way at the end
    for key in sorted(tally.stored)[
        :20
    ]:  # whoever was killed between commit and acknowledgement enters it again
        assert write_once(store, key) == "saved"
    assert (
        Counter(score.entry.score.removeprefix("day.") for score in open_store(store).state().scores)
        == tally.stored
    )


def test_a_program_that_acknowledges_too_early_is_caught(store, and_hope):
    """The same campaign loses entries of a wrong program: so it can see a loss."""
    tally = kill_writers(and_hope, store, n_kills=60, seed=2)
    assert tally.lost
    assert tally.faults == ()
