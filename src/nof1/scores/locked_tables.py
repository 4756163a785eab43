"""What the data folder of a trial holds, as rows of plain values; `files.locked` writes and reads them.

The fields of each row are the columns of its file, in this order: notebooks, verify.py and outside analysts rely
on them. Absent values are None here and empty in the file; bool is ``true`` or ``false``; codes that
stand together are separated by one space.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.terms import Mode, PeriodKind

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """A planned score, with or without a value (scores.csv).

    Attributes
    ----------
    score : str
        ``<instrument>.<score>``.
    session : int
        Planned occasion, from 1, run-in counted.
    day : int or None
        Study day, from 1.
    period : int or None
        From 1; 0 is the run-in; None in a washout.
    day_in_period : int or None
        From 1.
    block : int or None
        Block (cycle), where the design has any.
    kind : PeriodKind
        What the day is for.
    analysed : bool
        Whether the plan counts this row: a treatment day after the onset, not excluded.
    at : str or None
        When it was measured: local time in ISO format, with its offset where known.
    value : str or None
        The number as typed; None: missing.
    missing_reason : str or None
        Why there is no value.
    late : bool
        Entered after the window.
    flags : tuple of str
        Short codes.
    source : str or None
        By which way it came: hand, csv, web, import, simulated, …
    scorer_version : str or None
        Version of what computed it; None: typed.
    """

    score: str
    session: int
    day: int | None = None
    period: int | None = None
    day_in_period: int | None = None
    block: int | None = None
    kind: PeriodKind = PeriodKind.TREATMENT
    analysed: bool = True
    at: str | None = None
    value: str | None = None
    missing_reason: str | None = None
    late: bool = False
    flags: tuple[str, ...] = ()
    source: str | None = None
    scorer_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnplannedRow:
    """A score that belongs to no planned session (notes/unplanned_scores.csv): kept, never analysed."""

    score: str
    day: int | None = None
    period: int | None = None
    day_in_period: int | None = None
    kind: PeriodKind | None = None
    at: str | None = None
    value: str | None = None
    missing_reason: str | None = None
    late: bool = False
    flags: tuple[str, ...] = ()
    source: str | None = None
    scorer_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A planned occasion (sessions.csv).

    Attributes
    ----------
    session, day, on, period, day_in_period, block, kind
        As in `ScoreRow`; `on` is the local date (ISO).
    battery : str or None
        What is given; names of instruments are separated by one space.
    due_at : str or None
        Local time at which it is due (ISO).
    at : str or None
        When its first score was measured; None: nothing was.
    """

    session: int
    day: int | None = None
    on: str | None = None
    period: int | None = None
    day_in_period: int | None = None
    block: int | None = None
    kind: PeriodKind = PeriodKind.TREATMENT
    battery: str | None = None
    due_at: str | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessRow:
    """How likely the person thought one condition was (guesses.csv); one row for each condition.

    Attributes
    ----------
    period : int or None
        From 1; None: about the whole trial.
    condition : str or None
        The condition that is guessed at; None with no percent: "don't know".
    percent : str or None
        0 to 100, as typed.
    at : str or None
        UTC time at which it was written down.
    reason : str or None
        What the guess rests on.
    """

    period: int | None
    condition: str | None
    percent: str | None
    at: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseRow:
    """A dose that was taken or left out (doses.csv)."""

    on: str
    at: str | None = None
    day: int | None = None
    period: int | None = None
    kit: str | None = None
    taken: bool
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventRow:
    """Something untoward (adverse_events.csv); severity 1 mild to 5 death."""

    term: str
    started_on: str | None = None
    ended_on: str | None = None
    day: int | None = None
    period: int | None = None
    severity: int
    serious: bool
    related: str | None = None
    action: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationRow:
    """A departure from the protocol (deviations.csv)."""

    on: str | None = None
    day: int | None = None
    period: int | None = None
    category: str | None = None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRow:
    """What a period was (allocation.csv); only after unblinding.

    No condition: nobody can tell any more. No period: a kit that was taken though no period planned it.
    """

    period: int | None
    kit: str | None = None
    condition: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """What trial.json says beside the digests of the files.

    Attributes
    ----------
    id, participant : str
        Name of the trial; the person under a pseudonym.
    mode : Mode
        Who knew the allocation.
    zone : str or None
        IANA zone at home.
    stages : tuple of (str, str)
        Stage (``randomized``, ``locked``, ``unblinded``, …) and its UTC time, in order.
    versions : tuple of (str, str)
        Program and version.
    chain_head : str or None
        Hash of the last event that the tables rest on.
    is_imported, is_simulated : bool
        Run elsewhere; entropy or clock were injected.
    flags : tuple of str
        Short codes that hold for the whole trial, such as ``unblinded_before_lock``.
    facts : tuple of (str, str)
        Further facts by name, such as ``commitment`` and ``published_line``.
    """

    id: str
    participant: str
    mode: Mode
    zone: str | None
    stages: tuple[tuple[str, str], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    chain_head: str | None = None
    is_imported: bool = False
    is_simulated: bool = False
    flags: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedTables:
    """Everything that the data folder of a trial holds.

    Attributes
    ----------
    trial : TrialRecord
        The trial.
    protocol : str
        The canonical text of the protocol to which the draw is bound.
    amended : str or None
        The canonical text of the last amendment, which says what is analysed beside the primary outcome.
    scores, sessions : sequence of ScoreRow, of SessionRow
        In the order in which they are written; of a finished trial by column.
    guesses, doses, adverse_events, deviations, unplanned_scores
        Rows, in the order in which they are written.
    allocation : tuple of AllocationRow or None
        None before unblinding.
    """

    trial: TrialRecord
    protocol: str
    scores: Sequence[ScoreRow]
    sessions: Sequence[SessionRow] = ()
    guesses: tuple[GuessRow, ...] = ()
    doses: tuple[DoseRow, ...] = ()
    adverse_events: tuple[AdverseEventRow, ...] = ()
    deviations: tuple[DeviationRow, ...] = ()
    unplanned_scores: tuple[UnplannedRow, ...] = ()
    allocation: tuple[AllocationRow, ...] | None = None
    amended: str | None = None
