"""Close data entry: after this no score can change, and the tables that the analysis reads are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import require
from nof1.encoding import sha256_hex
from nof1.files.locked import locked_bytes, remove_locked, write_locked
from nof1.scores.columns import column_of
from nof1.terms import Mode
from nof1.workflow.openings import guesses_due
from nof1.workflow.safe_copy import copy_before
from nof1.workflow.tables import locked_tables
from nof1.workflow.trial import (
    HEADS,
    Trial,
    anchor_head,
    changing,
    read_heads,
    read_trial,
    require_heads,
    stored,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nof1.scores.locked_tables import LockedTables
    from nof1.terms import Mode
    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class LockReceipt:
    """What was locked.

    Attributes
    ----------
    n_scores, n_missing : int
        Planned scores with a value, and without one.
    line : str
        The lock line, for the preparer or for publication.
    folder : Path
        The tables.
    mode : Mode
        Who knew the allocation.
    """

    n_scores: int
    n_missing: int
    line: str
    folder: Path
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a person should look at before locking.

    Attributes
    ----------
    n_planned, n_entered, n_late, n_corrected, n_unplanned : int
        Scores.
    missing : tuple of str
        Planned scores without a value, at most twelve, as ``score, session``.
    open_days : int
        Days of the schedule that are still to come.
    no_guess : tuple of int
        Periods about which nothing was guessed; after the lock it is too late.
    """

    n_planned: int
    n_entered: int
    n_late: int
    n_corrected: int
    n_unplanned: int
    missing: tuple[str, ...]
    open_days: int
    no_guess: tuple[int, ...] = ()


def review(folder: Path, context: Context) -> Review:
    """Say what would be locked; nothing is changed.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Clock.

    Returns
    -------
    Review
        Counts, and what is missing.

    Raises
    ------
    StageError
        If it is locked already.
    """
    trial = read_trial(folder)
    require(trial.state.position, events.Locked)
    tables = locked_tables(trial)
    lacking = [row for row in tables.scores if row.value is None]
    today = trial.study_date(context.now())
    return Review(
        n_planned=len(tables.scores),
        n_entered=len(tables.scores) - len(lacking),
        n_late=sum(row.late for row in tables.scores),
        n_corrected=len(trial.state.scores.corrected),
        n_unplanned=len(tables.unplanned_scores),
        missing=tuple(f"{row.score}, session {row.session}" for row in lacking[:12]),
        open_days=max(0, (trial.ends_on - today).days),
        no_guess=() if trial.is_imported else guesses_due(trial, today),
    )


def lock_trial(folder: Path, context: Context) -> LockReceipt:
    """Close data entry and write `locked/`; the digests of its files are part of the event.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.

    Returns
    -------
    LockReceipt
        Counts and the line to publish.

    Raises
    ------
    StageError
        If it is locked already, or not drawn.
    WorkspaceError
        If the lock is stored, but `locked/` cannot be written.
    """
    trial = read_trial(folder)
    require(trial.state.position, events.Locked)
    require_heads(trial)
    copy_before("lock", trial, context)
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.Locked)
        tables = locked_tables(trial)
        event = lock_event(tables, locked_bytes(tables))
        change.record(event)
    trial = read_trial(folder)
    with stored("the lock", trial.name):
        refresh_locked(trial)
        line = anchor_head(trial, "locked")
    return LockReceipt(
        n_scores=event.n_scores,
        n_missing=event.n_missing,
        line=f"nof1/1 locked {trial.name} {line.split()[1]}",
        folder=folder / "locked",
        mode=trial.mode,
    )


def lock_event(tables: LockedTables, content: Mapping[str, bytes]) -> events.Locked:
    """Return what is recorded when a trial is locked as it stands.

    Parameters
    ----------
    tables : LockedTables
        With all its scores.
    content : mapping of str to bytes
        The same as files.

    Returns
    -------
    Locked
        Digests of the files, and how many scores they hold.
    """
    n_missing = column_of(tables.scores, "value").count(None)
    return events.Locked(
        files=tuple(
            events.FileDigest(name=name, sha256=sha256_hex(content[name]))
            for name in sorted(content)
            if name not in {"trial.json", "allocation.csv"}  # one holds the hash of this very event
        ),
        n_scores=len(tables.scores) - n_missing,
        n_missing=n_missing,
    )


def undo_lock(folder: Path, reason: str, context: Context) -> None:
    """Open data entry again; possible until unblinding, and shown in the report.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    reason : str
        Why.
    context : Context
        Actor and clock.

    Raises
    ------
    StageError
        If it is not locked, or unblinded.
    """
    read_heads(folder / HEADS)
    with changing(folder, context) as change:
        change.record(events.Unlocked(reason=reason))
    with stored("the undoing of the lock", folder.name):
        remove_locked(folder / "locked")
        anchor_head(read_trial(folder), "unlocked")


def refresh_locked(trial: Trial) -> None:
    """Write `locked/` as it follows from the events; it can be made again at any time after the lock.

    Parameters
    ----------
    trial : Trial
        Locked or unblinded.
    """
    write_locked(trial.folder / "locked", locked_tables(trial))
