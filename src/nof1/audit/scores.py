"""Scores with every value that they had, in the order in which they were entered; those of a file stay in its columns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, overload

from typing_extensions import override

from nof1.errors import ChainError
from nof1.scores.columns import column_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nof1.audit import events
    from nof1.audit.record import AnyRecorded
    from nof1.terms import EventId


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


@dataclass(slots=True, kw_only=True)
class _Entered:
    """What one event brought: its rows, and the scores of those that were corrected."""

    recorded: AnyRecorded
    start: int
    rows: Sequence[events.ScoreRow]
    source: str
    scorer_version: str | None
    recorded_at: datetime
    corrected: dict[int, ScoreHistory] = field(default_factory=dict)

    def score(self, place: int) -> ScoreHistory:
        return self.corrected.get(place) or self._as_entered(place, self.rows[place])

    def scores(self) -> Iterator[ScoreHistory]:
        for place, row in enumerate(self.rows):
            yield self.corrected.get(place) or self._as_entered(place, row)

    def _as_entered(self, place: int, row: events.ScoreRow) -> ScoreHistory:
        version = ScoreVersion(
            value=row.value,
            missing_reason=row.missing_reason,
            event_id=self.recorded.event_id,
            seq=self.recorded.seq,
            recorded_at=self.recorded_at,
            actor=self.recorded.actor,
        )
        return ScoreHistory(
            seq=self.recorded.seq,
            row=place,
            entry=row,
            source=self.source,
            scorer_version=self.scorer_version,
            versions=(version,),
        )


class Scores(Sequence[ScoreHistory]):
    """The scores of a trial; a history is made when it is asked for."""

    def __init__(self) -> None:
        self._entered: list[_Entered] = []
        self._starts: list[int] = []
        self._by_event: dict[EventId, _Entered] = {}
        self._n_scores = 0
        self._first: dict[tuple[str, int], int] | None = None

    def enter(self, recorded: AnyRecorded, event: events.ScoresEntered | events.ScoresImported) -> None:
        """Add the scores that an event brings.

        Parameters
        ----------
        recorded, event : Recorded, Event
            The event.
        """
        entered = _Entered(
            recorded=recorded,
            start=self._n_scores,
            rows=event.rows,
            source=event.source,
            scorer_version=event.scorer_version,
            recorded_at=recorded.recorded_at,
        )
        self._entered.append(entered)
        self._starts.append(self._n_scores)
        self._by_event[recorded.event_id] = entered
        self._n_scores += len(entered.rows)
        self._first = None

    def correct(self, recorded: AnyRecorded, event: events.ScoreCorrected) -> None:
        """Give a score a new value; the old ones stay.

        Parameters
        ----------
        recorded, event : Recorded, Event
            The correction.

        Raises
        ------
        ChainError
            If it names a score that is not there.
        """
        entered = self._by_event.get(event.replaces)
        if (
            entered is None
            or not 0 <= event.row < len(entered.rows)
            or entered.rows[event.row].score != event.score
        ):
            raise ChainError(
                f"event {recorded.seq} corrects {event.score}, which is not where it says; run `nof1 verify`"
            )
        score = entered.score(event.row)
        version = ScoreVersion(
            value=event.value,
            missing_reason=event.missing_reason,
            event_id=recorded.event_id,
            seq=recorded.seq,
            recorded_at=recorded.recorded_at,
            actor=recorded.actor,
            reason=event.reason,
        )
        entered.corrected[event.row] = replace(score, versions=(*score.versions, version))

    def column(self, name: str) -> list[Any]:
        """Return what was entered first in a field of `events.ScoreRow`, score by score.

        Parameters
        ----------
        name : str
            Such as ``session``.

        Returns
        -------
        list
            One for each score.
        """
        return list(chain.from_iterable(column_of(entered.rows, name) for entered in self._entered))

    def values(self) -> tuple[list[str | None], list[str | None]]:
        """Return the values that count, and the reasons why there are none.

        Returns
        -------
        tuple of (list of str or None, list of str or None)
            One for each score.
        """
        values, reasons = self.column("value"), self.column("missing_reason")
        for place, score in self.corrected.items():
            values[place], reasons[place] = score.value, score.missing_reason
        return values, reasons

    @property
    def sources(self) -> list[str]:
        """By which way each score came."""
        return list(chain.from_iterable([entered.source] * len(entered.rows) for entered in self._entered))

    @property
    def places(self) -> list[tuple[int, int]]:
        """The event of each score, by its place in the chain, and its place in that event."""
        return list(
            chain.from_iterable(
                zip(repeat(entered.recorded.seq), range(len(entered.rows)), strict=False)
                for entered in self._entered
            )
        )

    @property
    def corrected(self) -> dict[int, ScoreHistory]:
        """Those that had another value before, by their place among the scores."""
        return {
            entered.start + place: score
            for entered in self._entered
            for place, score in entered.corrected.items()
        }

    @property
    def first(self) -> dict[tuple[str, int], int]:
        """The place of the first score of each name and planned session."""
        if self._first is None:
            self._first = {}
            for place, key in enumerate(zip(self.column("score"), self.column("session"), strict=True)):
                if key[1] is not None:
                    self._first.setdefault(key, place)
        return self._first

    @override
    def __len__(self) -> int:
        return self._n_scores

    @overload
    def __getitem__(self, place: int) -> ScoreHistory: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[ScoreHistory, ...]: ...
    @override
    def __getitem__(self, place: int | slice) -> ScoreHistory | tuple[ScoreHistory, ...]:
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        at = range(self._n_scores)[place]
        entered = self._entered[bisect_right(self._starts, at) - 1]
        return entered.score(at - entered.start)

    @override
    def __iter__(self) -> Iterator[ScoreHistory]:
        for entered in self._entered:
            yield from entered.scores()

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    @override
    def __hash__(self) -> int:
        return hash(tuple(self))


class FirstScores(Mapping[tuple[str, int], ScoreHistory]):
    """The first score of each name and planned session.

    Parameters
    ----------
    scores : Scores
        All of them.
    """

    def __init__(self, scores: Scores) -> None:
        self._scores = scores

    @override
    def __getitem__(self, key: tuple[str, int]) -> ScoreHistory:
        return self._scores[self._scores.first[key]]

    @override
    def __contains__(self, key: object) -> bool:
        return key in self._scores.first

    @override
    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self._scores.first)

    @override
    def __len__(self) -> int:
        return len(self._scores.first)
