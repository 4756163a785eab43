"""A finished trial that was run elsewhere, as its file tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from nof1.errors import Problem
    from nof1.scores.columns import Columns
    from nof1.scores.model import Score
    from nof1.scores.moments import Moment
    from nof1.scores.number import Number
    from nof1.terms import ConditionCode, ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSession:
    """An occasion at which something was measured.

    Attributes
    ----------
    session : int
        From 1, in order of time.
    period : int
        From 1; 0 is the run-in.
    day : int or None
        Day index as the file gives it, from 1; None where it gives none.
    moment : Moment or None
        The earliest time that its rows give.
    """

    session: int
    period: int
    day: int | None = None
    moment: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedScore:
    """One row of the file.

    Attributes
    ----------
    row : int
        As a spreadsheet numbers it.
    session : int
        Its occasion.
    score : Score
        Name and value.
    moment : Moment or None
        When it was measured.
    excluded : str or None
        Why the row is not counted; None: it is.
    """

    row: int
    session: int
    score: Score
    moment: Moment | None = None
    excluded: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedGuess:
    """How likely the person thought the first condition of the protocol was in a period; 0 to 1."""

    period: int
    probability: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFinding:
    """A session from which on the day index is further from the calendar than before.

    Attributes
    ----------
    session, day : int
        Where it happens.
    on : date
        The study day's date by the clock.
    by_days : int
        How far the calendar moved on more than the index did [days]; negative: less.
    total_days : int
        How far the index lies behind the calendar from here on, compared with the first session [days].
    previous : date
        Date of the session before.
    same_day : bool
        One day of the index covers both dates.
    """

    session: int
    day: int
    on: date
    by_days: int
    total_days: int
    previous: date
    same_day: bool

    def __str__(self) -> str:
        start = f"From session {self.session} on ({self.on.isoformat()}, day {self.day})"
        if self.total_days == 0:
            return f"{start} the day index agrees with the calendar again."
        n = abs(self.total_days)
        side = "behind" if self.total_days > 0 else "ahead of"
        text = f"{start} the day index lies {n} {'day' if n == 1 else 'days'} {side} the calendar"
        if self.same_day:
            text += f": day {self.day} covers {self.previous.isoformat()} and {self.on.isoformat()}"
        return f"{text}. The index was kept as given."


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTrial:
    """A whole trial. What the file says was kept as it stands; what looks odd is told in words.

    Attributes
    ----------
    participant : ParticipantId or None
        The person, where the file names one.
    sequence : tuple of ConditionCode
        Condition of every period.
    blocks : tuple of int
        Block of every period; 0 where the design has none.
    sessions : Columns of ImportedSession
        In order of time.
    scores : Columns of ImportedScore
        By session, then as in the file; excluded ones too.
    guesses : tuple of ImportedGuess
        By period.
    drift : tuple of DriftFinding
        Where day index and calendar part.
    findings : tuple of str
        What a reader should know: sessions that are absent, outcomes without rows, periods that ran long.
    """

    participant: ParticipantId | None
    sequence: tuple[ConditionCode, ...]
    blocks: tuple[int, ...]
    sessions: Columns[ImportedSession]
    scores: Columns[ImportedScore]
    guesses: tuple[ImportedGuess, ...] = ()
    drift: tuple[DriftFinding, ...] = ()
    findings: tuple[str, ...] = ()

    @property
    def excluded(self) -> tuple[ImportedScore, ...]:
        """Rows that the file itself leaves out, each with its reason."""
        reasons = self.scores.column("excluded")
        return tuple(self.scores[place] for place, why in enumerate(reasons) if why is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTable:
    """What the file of a finished trial says, or what is wrong with it.

    Attributes
    ----------
    trial : ImportedTrial or None
        None if there are problems.
    n_rows : int
        Rows below the header.
    sha256 : str
        Digest of the file.
    problems : tuple of Problem
        In the order of the file.
    """

    trial: ImportedTrial | None
    n_rows: int
    sha256: str
    problems: tuple[Problem, ...]
