"""Lost kits and labels: whole spare blocks in fixed order, never a kit chosen by what it holds."""

from __future__ import annotations

import pytest

from nof1.analysis.dataset import Dataset
from nof1.errors import EntryError, StageError
from nof1.files.secrets import read_packing_list
from nof1.terms import PeriodKind
from nof1.workflow.lost import add_spare_block, record_lost_kit, record_lost_label
from nof1.workflow.move import stop_trial
from nof1.workflow.tables import locked_tables

from .playing import Player, third_party


@pytest.fixture
def spared(tmp_path) -> Player:
    """Return three pairs of two-day periods with two spare blocks, on the first morning."""
    player = Player(tmp_path, third_party(spares=2))
    player.randomize()
    player.put(1)
    return player


def kits(player) -> list[str]:
    return [str(p.kit) for p in player.trial.schedule.periods if p.kind is PeriodKind.TREATMENT]


def test_before_its_block_began_a_spare_block_takes_the_place(spared):
    """Both kits of the pair are replaced, also the one that is still there; dates stay."""
    before = spared.trial.schedule
    loss = record_lost_kit(spared.folder, spared.context, kits(spared)[2].lower(), "left on a train")
    now = spared.trial.schedule
    assert (loss.spare, loss.block, loss.period, loss.next_spare) == ("S1", 2, None, None)
    assert [p.kit for p in now.periods[2:4]] == list(spared.trial.spare_kits("S1")) == list(loss.kits)
    assert [p.kit for p in now.periods[:2] + now.periods[4:]] == [
        p.kit for p in before.periods[:2] + before.periods[4:]
    ]
    assert now.sessions == before.sessions
    assert (spared.folder / "schedule.csv").read_text().count(loss.kits[0]) > 0


def test_a_clock_that_was_set_back_replaces_no_block_that_has_scores(spared):
    """Scores were taken under the kits of the block: no spare kits are written in their place."""
    spared.play_days(5)
    spared.put(1, "11:00")
    loss = record_lost_kit(spared.folder, spared.context, kits(spared)[2], "left on a train")
    assert loss.spare is None
    assert spared.trial.planned_kits[2:4] == tuple(kits(spared)[2:4])
    loss = record_lost_kit(spared.folder, spared.context, kits(spared)[3], "fell into the sink")
    assert (loss.spare, loss.period) == (None, 4)


def test_in_the_middle_of_a_block_the_period_stays_empty(spared):
    """Nothing is due in it any more; the next spare block may be added, once."""
    spared.play_days(2)
    spared.put(3, "08:00")
    loss = record_lost_kit(spared.folder, spared.context, kits(spared)[1], "fell into the sink")
    assert (loss.spare, loss.period, loss.next_spare) == (None, 2, "S1")
    assert {s.period for s in spared.trial.schedule.sessions} == {1, 3, 4, 5, 6}
    added = add_spare_block(spared.folder, spared.context)
    assert (added.spare, [(p.index, p.block) for p in added.periods]) == ("S1", [(7, 4), (8, 4)])
    assert spared.trial.space.size == 16
    with pytest.raises(StageError, match="no period of coffee stayed empty"):
        add_spare_block(spared.folder, spared.context)


def test_an_added_block_never_begins_in_the_past(spared):
    """Asked for when the last period is over, it begins tomorrow."""
    spared.put(11, "08:00")
    record_lost_kit(spared.folder, spared.context, kits(spared)[5], "lost")
    spared.put(15, "08:00")
    added = add_spare_block(spared.folder, spared.context)
    assert spared.trial.schedule.day_number(added.periods[0].starts_on) == 16


def test_spare_blocks_come_in_order_and_only_whole(spared):
    """S1 with a lost kit is skipped; when none is left the period stays empty."""
    first = spared.trial.spare_kits("S1")[0]
    assert record_lost_kit(spared.folder, spared.context, first, "lost").spare is None
    assert record_lost_kit(spared.folder, spared.context, kits(spared)[2], "lost").spare == "S2"
    last = record_lost_kit(spared.folder, spared.context, kits(spared)[4], "lost")
    assert (last.spare, last.period, last.next_spare) == (None, 5, None)
    with pytest.raises(StageError, match="no spare block of coffee is left"):
        add_spare_block(spared.folder, spared.context)


def test_a_kit_that_is_used_up_changes_nothing(spared):
    """A box thrown away after its period: told, and the calendar is the same."""
    before = kits(spared)
    spared.put(4, "08:00")
    loss = record_lost_kit(spared.folder, spared.context, before[0], "thrown away")
    assert (loss.period, loss.spare, kits(spared)) == (None, None, before)


def test_what_cannot_be_lost(spared, openly):
    """A code of no kit, a kit twice, a day to come, a trial without kits: nothing is recorded."""
    n = len(spared.rows())
    wrong = {"K-222222": "not a kit of coffee", "K-1": "not a kit code"}
    for code, said in wrong.items():
        with pytest.raises(EntryError, match=said):
            record_lost_kit(spared.folder, spared.context, code, "lost")
    tomorrow = spared.trial.schedule.periods[1].starts_on
    with pytest.raises(EntryError, match="has not come yet"):
        record_lost_kit(spared.folder, spared.context, kits(spared)[0], "lost", on=tomorrow)
    with pytest.raises(EntryError, match="needs a reason"):
        record_lost_kit(spared.folder, spared.context, kits(spared)[0], " ")
    assert len(spared.rows()) == n
    code = kits(spared)[2]
    record_lost_kit(spared.folder, spared.context, code, "lost")
    with pytest.raises(EntryError, match="recorded as lost already"):
        record_lost_kit(spared.folder, spared.context, code, "lost")
    with pytest.raises(EntryError, match="has no kits"):
        record_lost_kit(openly.folder, openly.context, "K-222222", "lost")


def test_a_box_without_a_label_is_named_by_elimination(spared):
    """One code unaccounted for is its code; with two nobody can tell."""
    shut = [*kits(spared)[1:], *spared.trial.spare_kits("S1"), *spared.trial.spare_kits("S2")]
    named = record_lost_label(spared.folder, spared.context, [code for code in shut if code != shut[2]])
    assert named.event.kit == shut[2]
    with pytest.raises(EntryError, match="2 codes are unaccounted for"):
        record_lost_label(spared.folder, spared.context, shut[2:])
    with pytest.raises(EntryError, match="every kit that was not opened is accounted for"):
        record_lost_label(spared.folder, spared.context, shut)


def test_the_opening_follows_the_kits_that_were_planned(spared):
    """A replaced pair, a lost kit in the middle, a block at the end: each period holds what its box was packed with."""
    spared.play_days(2)
    spared.put(3, "08:00")
    record_lost_kit(spared.folder, spared.context, kits(spared)[4], "lost before its block")
    record_lost_kit(spared.folder, spared.context, kits(spared)[1], "lost in its block")
    add_spare_block(spared.folder, spared.context)
    spared.lock(20)
    opened = spared.unblind()
    packed = read_packing_list(spared.secret.with_name("packing-list.csv"))
    dataset = Dataset.from_tables(locked_tables(spared.trial))
    assert dataset.condition_of == {n: packed[code] for n, code in enumerate(kits(spared), start=1)}
    assert (opened.space_size, dataset.space.size) == (16, 16)
    assert opened.sequence_rank == dataset.space.rank(dataset.sequence)
    assert spared.trial.state.unblinding.event.spare_used == ("S1", "S2")


def test_a_stopped_trial_has_the_space_of_the_blocks_done(spared):
    """Blocks that never began say nothing; the one under way stays whole."""
    spared.play_days(3)
    spared.put(3, "20:00")
    stop_trial(spared.folder, None, "enough", spared.context)
    spared.lock(4)
    opened = spared.unblind()
    dataset = Dataset.from_tables(locked_tables(spared.trial))
    assert (opened.space_size, dataset.space.size, len(dataset.sequence)) == (2, 2, 2)
