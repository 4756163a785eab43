"""What a trial's events add up to: current scores with all their earlier values, and everything else by kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

from nof1.audit import events
from nof1.audit.event import Event
from nof1.audit.stage import Position, Stage, position_after
from nof1.errors import ChainError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nof1.audit.record import AnyRecorded, Recorded
    from nof1.terms import EventId

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
class ScoreVersion:
    """One value that a score has or had.

    Attributes
    ----------
    value, missing_reason : str or None
        The number as typed, or why there is none.
    event_id, seq : EventId, int
        The event that brought it.
    recorded_at, actor : datetime, str
        When [UTC] and by whom.
    reason : str or None
        Why it was corrected; None for the first value.
    """

    value: str | None
    missing_reason: str | None
    event_id: EventId
    seq: int
    recorded_at: datetime
    actor: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreHistory:
    """A score as it stands, with every value that it had.

    Attributes
    ----------
    seq, row : int
        The event that entered it, by its place in the chain, and its place in that event.
    entry : events.ScoreRow
        Score, session, day, times, flags, as entered first.
    source : str
        By which way it came.
    scorer_version : str or None
        Version of what computed it; None: typed.
    versions : tuple of ScoreVersion
        All values, the current one last.
    """

    seq: int
    row: int
    entry: events.ScoreRow
    source: str
    scorer_version: str | None
    versions: tuple[ScoreVersion, ...]

    @property
    def event_id(self) -> EventId:
        """The event that entered it: what a correction names."""
        return self.versions[0].event_id

    @property
    def value(self) -> str | None:
        """The number that counts, as typed; None: missing."""
        return self.versions[-1].value

    @property
    def missing_reason(self) -> str | None:
        """Why it is missing, if it is."""
        return self.versions[-1].missing_reason

    @property
    def is_corrected(self) -> bool:
        """Whether it had another value before."""
        return len(self.versions) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialState:
    """Everything that is known about a trial at one moment.

    Attributes
    ----------
    records : tuple of Recorded
        The whole history, in order.
    position : Position
        Stage, mode, paused, stopped.
    scores : tuple of ScoreHistory
        In the order in which they were entered first.
    clock_back : tuple of int
        Events that were recorded, by the clock, before the event they follow.
    """

    records: tuple[AnyRecorded, ...]
    position: Position
    scores: tuple[ScoreHistory, ...]
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
        seen: set[tuple[str, int]] = set()
        later = []
        for score in self.scores:
            if score.entry.session is None:
                continue
            key = (score.entry.score, score.entry.session)
            if key in seen:
                later.append(score)
            seen.add(key)
        return tuple(later)

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
        return next((s for s in self.scores if s.entry.score == name and s.entry.session == session), None)


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
    scores: dict[tuple[str, int], ScoreHistory] = {}
    clock_back = []
    for before, recorded in zip((None, *history), history, strict=False):
        if before and recorded.record.recorded_at < before.record.recorded_at:
            clock_back.append(recorded.seq)
        match recorded.event:
            case events.ScoresEntered() | events.ScoresImported():
                scores |= _entered(recorded, recorded.event)
            case events.ScoreCorrected():
                key = (recorded.event.replaces, recorded.event.row)
                if key not in scores or scores[key].entry.score != recorded.event.score:
                    raise ChainError(
                        f"event {recorded.seq} corrects {recorded.event.score}, which is not where it says; run `nof1 verify`"
                    )
                version = _version(recorded, recorded.event, recorded.event.reason)
                scores[key] = replace(scores[key], versions=(*scores[key].versions, version))
    return TrialState(
        records=history,
        position=position_after(recorded.event for recorded in history),
        scores=tuple(scores.values()),
        clock_back=tuple(clock_back),
    )


def _entered(
    recorded: AnyRecorded, event: events.ScoresEntered | events.ScoresImported
) -> dict[tuple[str, int], ScoreHistory]:
    """Return the scores that an event brings, each under the place that a correction names."""
    return {
        (recorded.event_id, place): ScoreHistory(
            seq=recorded.seq,
            row=place,
            entry=row,
            source=event.source,
            scorer_version=event.scorer_version,
            versions=(_version(recorded, row, None),),
        )
        for place, row in enumerate(event.rows)
    }


def _version(
    recorded: AnyRecorded, value: events.ScoreRow | events.ScoreCorrected, reason: str | None
) -> ScoreVersion:
    return ScoreVersion(
        value=value.value,
        missing_reason=value.missing_reason,
        event_id=recorded.event_id,
        seq=recorded.seq,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        reason=reason,
    )
