"""The code on a box is typed when a period begins, not confirmed: so a wrong box is noticed while it is shut."""

from __future__ import annotations

import pytest

from nof1.audit.events import DeviationRecorded, KitOpened
from nof1.errors import EntryError
from nof1.workflow.open_kit import kit_to_open, open_kit
from nof1.workflow.today import due_today

from .playing import Player, open_label


@pytest.fixture
def begun(running):
    """Return a trial on the first day of its second period."""
    running.put(3)
    return running


def kits(player):
    """Return the codes by period."""
    return [str(period.kit) for period in player.trial.schedule.periods]


def test_the_right_box(begun):
    """Recorded once, however often it is typed."""
    code = kits(begun)[1]
    assert kit_to_open(begun.folder, begun.context) == due_today(begun.folder, begun.context).kit == code
    first = open_kit(begun.folder, begun.context, code.lower())
    again = open_kit(begun.folder, begun.context, code)
    assert (again.event_id, again.duplicate) == (first.event_id, True)
    (opened,) = begun.trial.state.of(KitOpened)
    assert (opened.event.period, opened.event.kit) == (2, code)
    assert kit_to_open(begun.folder, begun.context) is None
    assert due_today(begun.folder, begun.context).is_kit_open


def test_the_box_of_another_period_goes_back(begun):
    """Nothing is recorded; the sentence says for which period it is."""
    codes, before = kits(begun), begun.rows()
    with pytest.raises(EntryError) as refused:
        open_kit(begun.folder, begun.context, codes[4])
    assert str(refused.value).startswith(
        f"{codes[4]} is for period 5. Put it back unopened; the box of this period is {codes[1]}."
    )
    spare = begun.trial.registration.kits[-1].partition("/")[2]
    with pytest.raises(EntryError, match=f"{spare} is of spare block S1. Put it back unopened"):
        open_kit(begun.folder, begun.context, spare)
    with pytest.raises(EntryError, match="K-222222 is not a kit of this trial; read the label again"):
        open_kit(begun.folder, begun.context, "K-222222")
    with pytest.raises(EntryError, match="is not a kit code"):
        open_kit(begun.folder, begun.context, codes[1][:-1])
    assert begun.rows() == before


def test_a_box_that_was_taken_from_already(begun):
    """Not refused: a deviation, beside the record of what is open."""
    code = kits(begun)[4]
    open_kit(begun.folder, begun.context, code, taken=True)
    (opened,) = begun.trial.state.of(KitOpened)
    (told,) = begun.trial.state.of(DeviationRecorded)
    assert (opened.event.period, opened.event.kit) == (2, code)
    assert (told.event.category, told.event.period) == ("wrong_kit", 2)
    assert (
        told.event.text
        == f"{code} was opened; it is for period 5, the box of this period is {kits(begun)[1]}."
    )


def test_outside_every_period_no_box_is_open(running):
    """Before the first day; taken from all the same, it is a deviation of no period."""
    running.put(0)
    code = kits(running)[0]
    assert kit_to_open(running.folder, running.context) is None
    with pytest.raises(EntryError, match=r"is for period 1\. Put it back unopened; no box is open today"):
        open_kit(running.folder, running.context, code)
    open_kit(running.folder, running.context, code, taken=True)
    assert running.trial.state.of(KitOpened) == ()
    assert running.trial.state.of(DeviationRecorded)[0].event.period is None


def test_an_open_trial_has_no_boxes(tmp_path):
    """And asks for none."""
    player = Player(tmp_path, open_label())
    player.randomize()
    player.put(1)
    assert kit_to_open(player.folder, player.context) is None
    with pytest.raises(EntryError, match="open_label, so it has no kits"):
        open_kit(player.folder, player.context, "K-222222")
