"""A look at a running trial, from the participant's record to the preparer's answer, as two people would do it."""

from __future__ import annotations

from dataclasses import replace

from nof1.analysis.looks import look
from nof1.files.locked import read_dataset
from nof1.workflow.demo import simulated_entropy
from nof1.workflow.keep import backup_trial, restore_trial
from nof1.workflow.lock import lock_trial
from nof1.workflow.record import record_look
from nof1.workflow.unblind import unblind_trial

from .playing import Player, third_party

LOOKS = "looks: {method: lan_demets, at_blocks: [4]}"


def test_a_look_from_one_side_to_the_other(tmp_path):
    """The preparer opens a copy with the secret; the trial itself goes on, blind, and keeps that a look was taken."""
    text = third_party(blocks=6).replace("analysis: {", f"analysis: {{{LOOKS}, ")
    participant = Player(tmp_path, text=text)
    participant.randomize()
    participant.play_days(17)
    backup_trial(participant.folder, tmp_path / "for-the-preparer.sqlite")

    theirs = replace(
        participant.context, workspace=tmp_path / "looking", entropy=simulated_entropy(b"preparer looks")
    )
    copy, _ = restore_trial(tmp_path / "for-the-preparer.sqlite", theirs, to=tmp_path / "looking" / "copy")
    lock_trial(copy, theirs)
    unblind_trial(copy, theirs, secret=participant.secret)
    found = look(read_dataset(copy / "locked"))
    assert (found.after_block, found.is_planned, found.outcome.n_periods) == (4, True, 8)
    assert 0.003 < found.summary.level < 0.05

    record_look(participant.folder, participant.context, after_block=found.after_block)
    assert participant.kinds()[-1] == "look_taken"
    assert "locked" not in participant.kinds()
    participant.enter_session(18)
