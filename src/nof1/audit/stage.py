"""Where a trial stands, computed from its events alone, and what may happen next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.errors import StageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nof1.audit.event import Event


class Stage(StrEnum):
    """The steps of a trial, in order; only `Unlocked` goes back."""

    NEW = "new"
    """Nothing is registered."""
    REGISTERED = "registered"
    """The labels are on the kits, and nothing is drawn (self_blinded)."""
    RUNNING = "running"
    """Drawn or imported; scores are entered and corrected."""
    LOCKED = "locked"
    """No score can change; nothing is opened."""
    UNBLINDED = "unblinded"
    """The allocation is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a trial stands.

    Attributes
    ----------
    stage : Stage
        The step it has reached.
    trial_id : str
        Its name; empty before it is registered.
    mode : str or None
        Who knows the allocation before `unblind`.
    is_paused, is_stopped : bool
        It rests; it ended before its plan did.
    """

    stage: Stage = Stage.NEW
    trial_id: str = ""
    mode: str | None = None
    is_paused: bool = False
    is_stopped: bool = False


_RUNNING = frozenset({Stage.RUNNING})
_SINCE_DRAWN = frozenset({Stage.RUNNING, Stage.LOCKED, Stage.UNBLINDED})
_STAGES: dict[type[Event], frozenset[Stage]] = {
    **dict.fromkeys(events.EVENTS, _RUNNING),
    events.KitsRegistered: frozenset({Stage.NEW, Stage.REGISTERED}),
    events.TrialRandomized: frozenset({Stage.NEW, Stage.REGISTERED}),
    events.TrialImported: frozenset({Stage.NEW}),
    events.KitRelabelled: frozenset({Stage.REGISTERED, Stage.RUNNING}),
    events.Acknowledged: frozenset(Stage),
    events.Unlocked: frozenset({Stage.LOCKED}),
    events.OpeningRefused: frozenset({Stage.LOCKED}),
    events.Unblinded: frozenset({Stage.LOCKED}),
    # After the lock: notes, safety, and what says something about the trial without changing it.
    events.NoteRecorded: _SINCE_DRAWN,
    events.AdverseEventRecorded: _SINCE_DRAWN,
    events.StopRuleFired: _SINCE_DRAWN,
    events.SafetyCardShown: _SINCE_DRAWN,
    events.BlindBroken: frozenset(Stage),  # an emergency asks for no stage
    events.Redacted: _SINCE_DRAWN,
    events.ReportMade: _SINCE_DRAWN,
}
MOVES: tuple[type[Event], ...] = (
    events.KitsRegistered,
    events.TrialRandomized,
    events.TrialImported,
    events.Paused,
    events.Resumed,
    events.Stopped,
    events.Locked,
    events.Unlocked,
    events.Unblinded,
)
"""The kinds that change a position."""


def advance(position: Position, event: Event) -> Position:
    """Return where a trial stands after one more event.

    Parameters
    ----------
    position : Position
        Where it stood.
    event : Event
        What happened.

    Returns
    -------
    Position
        The same position, unless the event is one of `MOVES`.
    """
    match event:
        case events.KitsRegistered():
            position = replace(position, stage=Stage.REGISTERED)
        case events.TrialRandomized() | events.TrialImported():
            position = replace(position, stage=Stage.RUNNING, trial_id=event.trial_id, mode=event.mode)
        case events.Paused() | events.Resumed():
            position = replace(position, is_paused=isinstance(event, events.Paused))
        case events.Stopped():
            position = replace(position, is_paused=False, is_stopped=True)
        case events.Locked():
            position = replace(position, stage=Stage.LOCKED)
        case events.Unlocked():
            position = replace(position, stage=Stage.RUNNING)
        case events.Unblinded():
            position = replace(position, stage=Stage.UNBLINDED)
    return position


def position_after(history: Iterable[Event]) -> Position:
    """Return where a trial stands after its events.

    Parameters
    ----------
    history : iterable of Event
        In order; kinds that are not among `MOVES` may be left out.

    Returns
    -------
    Position
        Stage `NEW` after no event.
    """
    position = Position()
    for event in history:
        position = advance(position, event)
    return position


def require(position: Position, event: Event | type[Event]) -> None:
    """Refuse what is out of order.

    Parameters
    ----------
    position : Position
        Where the trial stands.
    event : Event or type of Event
        What is about to be recorded; its class is enough to ask early.

    Raises
    ------
    StageError
        With a sentence that says what is out of order, and what to do.
    """
    kind = event if isinstance(event, type) else type(event)
    if position.stage not in _STAGES[kind]:
        raise StageError(_refusal(position, kind))
    if (
        isinstance(event, events.TrialRandomized)
        and event.mode == "self_blinded"
        and position.stage is Stage.NEW
    ):
        raise StageError(
            "the labels of the kits must be registered before anything is drawn; register them first"
        )
    if position.is_stopped and kind in {
        events.Paused,
        events.Resumed,
        events.Stopped,
        events.ScheduleShifted,
    }:
        raise StageError(
            f"{position.trial_id} was stopped; its dates move no more. Next: nof1 lock {position.trial_id}"
        )
    if kind is events.Paused and position.is_paused:
        raise StageError(
            f"{position.trial_id} is paused already; go on with: nof1 resume {position.trial_id}"
        )
    if kind is events.Resumed and not position.is_paused:
        raise StageError(f"{position.trial_id} is not paused; there is nothing to resume")


def require_opened(position: Position) -> None:
    """Refuse an analysis by condition before the allocation may be known.

    Parameters
    ----------
    position : Position
        Where the trial stands.

    Raises
    ------
    StageError
        Unless the trial is unblinded, or open and locked.
    """
    if position.stage is Stage.UNBLINDED or (
        position.stage is Stage.LOCKED and position.mode == "open_label"
    ):
        return
    trial = position.trial_id
    if position.stage is Stage.LOCKED:
        raise StageError(f"{trial} is locked but not unblinded; next: nof1 unblind {trial}")
    if position.stage is Stage.RUNNING:
        raise StageError(f"{trial} is not locked yet; next: nof1 lock {trial}")
    raise StageError(_NOT_DRAWN)


def _refusal(position: Position, kind: type[Event]) -> str:
    """Say what is out of order, and what to do."""
    if kind in {events.KitsRegistered, events.TrialRandomized, events.TrialImported}:
        text = "{trial} exists already; a second draw would be a choice. Take another folder"
    elif position.stage in {Stage.NEW, Stage.REGISTERED}:
        text = _NOT_DRAWN
    else:
        text = _REFUSED.get((position.stage, kind)) or _REFUSED[position.stage, None]
    return text.format(trial=position.trial_id or "this trial")


_NOT_DRAWN = "there is no trial here yet; begin with: nof1 randomize PROTOCOL --trial FOLDER --start DATE"
_NOT_LOCKED = (
    "{trial} is not locked, and nothing is opened before the lock; next: nof1 lock {trial}. "
    "In an emergency: open the card in the box, or ask whoever prepared the kits"
)
_OPEN_ALREADY = "{trial} is unblinded already; next: nof1 report {trial}"
_REFUSED: dict[tuple[Stage, type[Event] | None], str] = {
    (Stage.RUNNING, events.Unblinded): _NOT_LOCKED,
    (Stage.RUNNING, events.OpeningRefused): _NOT_LOCKED,
    (Stage.RUNNING, None): "{trial} is not locked; there is no lock to undo",
    (Stage.LOCKED, events.Locked): "{trial} is locked already; next: nof1 unblind {trial}",
    (
        Stage.LOCKED,
        None,
    ): "{trial} is locked: no score can be entered or corrected, and its course is closed. "
    "Until it is unblinded this can be undone, which the report shows: nof1 lock {trial} --undo",
    (
        Stage.UNBLINDED,
        events.Unlocked,
    ): "{trial} is unblinded; a lock cannot be undone once the allocation is known",
    (Stage.UNBLINDED, events.Unblinded): _OPEN_ALREADY,
    (Stage.UNBLINDED, events.OpeningRefused): _OPEN_ALREADY,
    (Stage.UNBLINDED, None): "{trial} is unblinded: nothing that the analysis rests on can change. "
    "A note can be added: nof1 record {trial} note",
}
