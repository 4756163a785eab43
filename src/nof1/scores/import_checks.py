"""Whether the rows of a finished trial fit together and fit the protocol; together they make the trial."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from nof1.protocol.scalars import clock
from nof1.schedule.design import space_of
from nof1.scores.columns import Columns
from nof1.scores.drift import find_drift
from nof1.scores.import_fit import fits
from nof1.scores.imported import ImportedGuess, ImportedScore, ImportedSession, ImportedTrial
from nof1.scores.problems import CellProblem, cell_problem
from nof1.terms import ConditionCode, ParticipantId

_OF_SCORES = frozenset({"row", "session", "score", "moment", "excluded"})

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nof1.protocol.model import Protocol
    from nof1.schedule.space import SequenceSpace
    from nof1.scores.long_rows import LongRow


def assembled(rows: Columns[LongRow], protocol: Protocol) -> tuple[ImportedTrial | None, list[CellProblem]]:
    """Put the rows of a finished trial together.

    Parameters
    ----------
    rows : Columns of LongRow
        At least one; of one participant.
    protocol : Protocol
        What the trial promised.

    Returns
    -------
    tuple of (ImportedTrial or None, list of CellProblem)
        None if there are problems.
    """
    space = space_of(protocol)
    ordered = rows.ordered(rows.column("session"))
    if not fits(ordered, protocol, space) and (problems := _problems(list(rows), protocol, space)):
        return None, problems
    periods = ordered.column("period")
    conditions = set(zip(periods, ordered.column("condition"), strict=True))
    sequence = [(period, ConditionCode(code)) for period, code in sorted(conditions) if period > 0]
    if problems := _sequence(tuple(code for _, code in sequence), [period for period, _ in sequence], space):
        return None, problems
    sessions = _sessions(ordered)
    guessed = zip(periods, ordered.column("guess"), strict=True) if "guess" in ordered.given else ()
    guesses = {period: guess for period, guess in guessed if guess is not None}
    participant = ordered.column("participant")[0]
    return ImportedTrial(
        participant=ParticipantId(participant) if participant else None,
        sequence=tuple(code for _, code in sequence),
        blocks=space.blocks,
        sessions=sessions,
        scores=Columns(
            ImportedScore, {name: ordered.column(name) for name in ordered.given if name in _OF_SCORES}
        ),
        guesses=tuple(
            ImportedGuess(period=period, probability=guess) for period, guess in sorted(guesses.items())
        ),
        drift=find_drift(sessions, clock(protocol.day_starts)),
        findings=tuple(_findings(ordered, protocol)),
    ), []


def _problems(rows: Sequence[LongRow], protocol: Protocol, space: SequenceSpace) -> list[CellProblem]:
    """Say what is wrong with rows, in the order of the file."""
    problems = [
        *_rows_alone(rows, protocol),
        *_rows_of_a_session(rows),
        *_rows_of_a_period(rows, space),
        *_guesses(rows, protocol),
    ]
    return problems or list(_order_of_sessions(sorted(rows, key=lambda row: row.session)))


def _rows_alone(rows: Sequence[LongRow], protocol: Protocol) -> Iterator[CellProblem]:
    first: dict[tuple[int, str], int] = {}
    for row in rows:
        name = row.score.name
        before = first.setdefault((row.session, name), row.row)
        if before != row.row:
            text = f"{name} of session {row.session} stands in row {before} too; a score has one row for each session"
            yield cell_problem(row.row, "session", "", text)
    primary = protocol.outcomes.primary.score
    if all(row.score.name != primary for row in rows):
        yield cell_problem(None, "score", "", f"no row holds the primary outcome {primary}")
    with_day = [row for row in rows if row.day is not None]
    if with_day and len(with_day) < len(rows):
        lacking = next(row for row in rows if row.day is None)
        yield cell_problem(
            lacking.row, "day", "", "some rows have a day and some have none; give it for all or for none"
        )
    if not with_day and protocol.design.onset_days:
        text = f"the plan leaves out the first {protocol.design.onset_days} days of a period: a column 'day' is needed"
        yield cell_problem(None, "day", "", text)
    offsets = {row.moment.has_offset for row in rows if row.moment is not None and row.moment.at is not None}
    if len(offsets) > 1:
        text = "some times say their offset from UTC and some do not; write all in one way"
        yield cell_problem(None, "at", "", text)


def _rows_of_a_session(rows: Sequence[LongRow]) -> Iterator[CellProblem]:
    for session, same in _grouped(rows, "session").items():
        for name in ("period", "day"):
            values = [getattr(row, name) for row in same]
            if len(set(values)) > 1:
                odd = next(row for row in same if getattr(row, name) != values[0])
                text = f"session {session} is of {name} {values[0]} in row {same[0].row}; a session is of one {name}"
                yield cell_problem(odd.row, name, str(getattr(odd, name)), text)


def _rows_of_a_period(rows: Sequence[LongRow], space: SequenceSpace) -> Iterator[CellProblem]:
    for period, same in _grouped(rows, "period").items():
        for row in same:
            if row.condition != same[0].condition:
                text = (
                    f"period {period} is {same[0].condition} in row {same[0].row}; a period has one condition"
                )
                yield cell_problem(row.row, "condition", row.condition, text)
                break
        if not 1 <= period <= space.n_periods:
            continue
        block = space.blocks[period - 1]
        for row in same:
            if row.block is not None and row.block != block:
                text = (
                    f"the design puts period {period} into block {block}"
                    if block
                    else f"the design ({space.kind}) has no blocks: leave the column out"
                )
                yield cell_problem(row.row, "block", str(row.block), text)
                break


def _guesses(rows: Sequence[LongRow], protocol: Protocol) -> Iterator[CellProblem]:
    guessed = [row for row in rows if row.guess is not None]
    if guessed and len(protocol.conditions) != 2:
        text = f"one probability says nothing of {len(protocol.conditions)} conditions; leave the column out"
        yield cell_problem(None, "guess_probability", "", text)
        return
    for period, same in _grouped(guessed, "period").items():
        if period == 0:
            yield cell_problem(
                same[0].row,
                "guess_probability",
                "",
                "there is nothing to guess in the run-in; leave it empty",
            )
        odd = next((row for row in same if row.guess != same[0].guess), None)
        if odd is not None and odd.guess is not None:
            text = f"period {period} has another guess in row {same[0].row}; a period has one"
            yield cell_problem(odd.row, "guess_probability", odd.guess.text, text)


def _order_of_sessions(ordered: Sequence[LongRow]) -> Iterator[CellProblem]:
    """Check that period, day and time never fall from one session to the next."""
    for name in ("period", "day"):
        for before, row in pairwise(ordered):
            one, other = getattr(before, name), getattr(row, name)
            if one is not None and other is not None and other < one:
                text = f"session {before.session} is of {name} {one} already; sessions count in order of time"
                yield cell_problem(row.row, name, str(other), text)
    timed = [(row, row.moment) for row in ordered if row.moment is not None]
    for (before, earlier), (row, later) in pairwise(timed):
        if row.session != before.session and later.is_before(earlier):
            text = f"session {before.session} was at {earlier.text}; sessions count in order of time"
            yield cell_problem(row.row, "at", later.text, text)
    for before, row in pairwise(ordered):
        if row.period > before.period > 0 and row.day is not None and row.day == before.day:
            text = f"period {before.period} still ran on this day; a period is made of whole days"
            yield cell_problem(row.row, "day", str(row.day), text)


def _sequence(
    sequence: tuple[ConditionCode, ...], periods: Sequence[int], space: SequenceSpace
) -> list[CellProblem]:
    lacking = sorted(set(range(1, space.n_periods + 1)) - set(periods))
    if lacking or len(periods) != space.n_periods:
        detail = f"; {_ranges(lacking)} lacking" if lacking else ""
        text = f"the design has {space.n_periods} periods, the file {len(periods)}{detail}"
        return [cell_problem(None, "period", "", text)]
    if sequence not in space:
        text = f"the order {' '.join(sequence)} is not one that the design ({space.kind}) could have drawn"
        return [
            cell_problem(None, "condition", "", f"{text}; does design in the protocol say how it was drawn?")
        ]
    return []


def _findings(rows: Columns[LongRow], protocol: Protocol) -> Iterator[str]:
    design = protocol.design
    sessions, periods = rows.column("session"), rows.column("period")
    absent = sorted(set(range(1, sessions[-1])).difference(sessions))
    if absent:
        yield f"{len(absent)} sessions have no row: {_ranges(absent)}."
    days = _days_of_periods(periods, rows.column("day"))
    if not any(day is not None for day in rows.column("day")):
        yield "There is no column day: every session counts as a day of its own."
    late = [period for period, (day, _) in days.items() if day != _first_planned_day(period, protocol)]
    if design.onset_days and late:
        yield f"The first score of period {_ranges(late)} is not of its first planned day; the onset is counted from it."
    names = {score.name for score in rows.column("score")}
    for _, outcome in protocol.outcome_list():
        if outcome.score not in names:
            yield f"No row holds the outcome {outcome.score}."
    for period, (first, last) in days.items():
        if last - first >= design.period_days:
            yield (
                f"Period {period} has scores from day {first} to day {last}, "
                f"longer than the {design.period_days} of the protocol."
            )


def _days_of_periods(periods: Sequence[int], days: Sequence[int | None]) -> dict[int, tuple[int, int]]:
    """Return the first and the last day of every period of treatment that says its days, in order."""
    told: dict[int, list[int]] = defaultdict(list)
    for period, day in set(zip(periods, days, strict=True)):
        if period > 0 and day is not None:
            told[period].append(day)
    return {period: (min(of_period), max(of_period)) for period, of_period in sorted(told.items())}


def _first_planned_day(period: int, protocol: Protocol) -> int:
    design = protocol.design
    run_in = design.run_in.within_days if design.run_in is not None else 0
    return 1 + run_in + (period - 1) * (design.period_days + design.washout_days)


def _sessions(ordered: Columns[LongRow]) -> Columns[ImportedSession]:
    """Return the occasions, each with what its first row says and the first time that any of them gives."""
    numbers = ordered.column("session")
    first = dict(zip(reversed(numbers), range(len(numbers) - 1, -1, -1), strict=True))
    places = list(reversed(first.values()))
    told = zip(numbers, ordered.column("moment"), strict=True) if "moment" in ordered.given else ()
    timed = [(number, moment) for number, moment in told if moment is not None]
    first_moments = dict(reversed(timed))
    sessions: dict[str, list[object]] = {
        name: list(map(ordered.column(name).__getitem__, places)) for name in ("session", "period", "day")
    }
    return Columns(ImportedSession, sessions | {"moment": list(map(first_moments.get, sessions["session"]))})


def _grouped(rows: Sequence[LongRow], name: str) -> dict[int, list[LongRow]]:
    groups: dict[int, list[LongRow]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, name)].append(row)
    return groups


def _ranges(numbers: Sequence[int]) -> str:
    """Write whole numbers as ranges: 1–3, 7."""
    parts: list[str] = []
    start = previous = numbers[0]
    for number in [*numbers[1:], None]:
        if number is None or number != previous + 1:
            parts.append(str(start) if start == previous else f"{start}–{previous}")
            start = number if number is not None else start
        previous = number if number is not None else previous
    return ", ".join(parts[:12]) + (", …" if len(parts) > 12 else "")
