"""What a trial's events add up to: current scores with all their earlier values, and everything else by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from nof1.audit import events
from nof1.audit.event import Event
from nof1.audit.scores import Scores
from nof1.audit.stage import Position, Stage, position_after

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nof1.audit.record import AnyRecorded, Recorded
    from nof1.audit.scores import ScoreHistory

E = TypeVar("E", bound=Event)
_CALENDAR = (
    events.ScheduleShifted,
    events.Paused,
    events.Resumed,
    events.Stopped,
    events.KitLost,
    events.SpareBlockUsed,
    events.ProtocolAmended,
    events.TrialExtended,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialState:
    """Everything that is known about a trial at one moment.

    Attributes
    ----------
    records : tuple of Recorded
        The whole history, in order.
    position : Position
        Stage, mode, paused, stopped.
    scores : Scores
        In the order in which they were entered first.
    clock_back : tuple of int
        Events that were recorded, by the clock, before the event they follow.
    """

    records: tuple[AnyRecorded, ...]
    position: Position
    scores: Scores
    clock_back: tuple[int, ...]

    def of(self, kind: type[E]) -> tuple[Recorded[E], ...]:
        """Return the events of one kind, without those that a later one replaces.

        Parameters
        ----------
        kind : type of Event
            Such as `DoseRecorded`.

        Returns
        -------
        tuple of Recorded
            In order. Scores have a history of their own: see `scores`.
        """
        found = tuple(recorded for recorded in self.records if isinstance(recorded.event, kind))
        replaced = {getattr(recorded.event, "replaces", None) for recorded in found}
        return cast("tuple[Recorded[E], ...]", tuple(r for r in found if r.event_id not in replaced))

    @property
    def registration(self) -> Recorded[events.TrialRandomized] | Recorded[events.TrialImported] | None:
        """How the trial began; None before it did."""
        if randomized := self.of(events.TrialRandomized):
            return randomized[0]
        return next(iter(self.of(events.TrialImported)), None)

    @property
    def protocol(
        self,
    ) -> events.TrialRandomized | events.TrialImported | events.ProtocolAmended | events.TrialExtended | None:
        """The event that holds the protocol in force: its text, canonical text and digest."""
        for recorded in reversed(self.records):
            if isinstance(recorded.event, events.ProtocolAmended | events.TrialExtended):
                return recorded.event
        return self.registration.event if self.registration else None

    @property
    def schedule_changes(self) -> tuple[AnyRecorded, ...]:
        """What changes the calendar, in the order in which it applies."""
        return tuple(recorded for recorded in self.records if isinstance(recorded.event, _CALENDAR))

    @property
    def lock(self) -> Recorded[events.Locked] | None:
        """The lock that holds; None while scores may change. Undone ones are under `of`."""
        is_locked = self.position.stage in {Stage.LOCKED, Stage.UNBLINDED}
        return self.of(events.Locked)[-1] if is_locked else None

    @property
    def unblinding(self) -> Recorded[events.Unblinded] | None:
        """The opening; None before it."""
        return next(iter(self.of(events.Unblinded)), None)

    @property
    def conflicts(self) -> tuple[ScoreHistory, ...]:
        """Scores of a planned session that was already entered: all but the first of each score and session."""
        first = self.scores.first
        sessions, names = self.scores.column("session"), self.scores.column("score")
        if len(first) + sessions.count(None) == len(self.scores):
            return ()
        return tuple(
            self.scores[place]
            for place, key in enumerate(zip(names, sessions, strict=True))
            if first.get(key, place) != place
        )

    def score(self, name: str, session: int) -> ScoreHistory | None:
        """Return the score of a planned session; the first, if it was entered more than once.

        Parameters
        ----------
        name : str
            ``<instrument>.<score>``.
        session : int
            From 1.

        Returns
        -------
        ScoreHistory or None
            None: not entered.
        """
        place = self.scores.first.get((name, session))
        return None if place is None else self.scores[place]


def replay(records: Iterable[AnyRecorded]) -> TrialState:
    """Add up the events of a trial.

    Parameters
    ----------
    records : iterable of Recorded
        The whole history, in order.

    Returns
    -------
    TrialState
        The same for the same records, on every machine.

    Raises
    ------
    ChainError
        If a correction names a score that is not there.
    """
    history = tuple(records)
    scores = Scores()
    clock_back = []
    for before, recorded in zip((None, *history), history, strict=False):
        if before and recorded.record.recorded_at < before.record.recorded_at:
            clock_back.append(recorded.seq)
        match recorded.event:
            case events.ScoresEntered() | events.ScoresImported():
                scores.enter(recorded, recorded.event)
            case events.ScoreCorrected():
                scores.correct(recorded, recorded.event)
    return TrialState(
        records=history,
        position=position_after(recorded.event for recorded in history),
        scores=scores,
        clock_back=tuple(clock_back),
    )
