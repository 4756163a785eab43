"""Whether the rows of a finished trial fit together and fit the protocol; together they make the trial."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from nof1.protocol.scalars import clock
from nof1.schedule.design import space_of
from nof1.scores.drift import find_drift
from nof1.scores.imported import ImportedGuess, ImportedScore, ImportedSession, ImportedTrial
from nof1.scores.problems import CellProblem, cell_problem
from nof1.terms import ConditionCode, ParticipantId

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nof1.protocol.model import Protocol
    from nof1.schedule.space import SequenceSpace
    from nof1.scores.long_rows import LongRow
    from nof1.scores.moments import Moment


def assembled(rows: Sequence[LongRow], protocol: Protocol) -> tuple[ImportedTrial | None, list[CellProblem]]:
    """Put the rows of a finished trial together.

    Parameters
    ----------
    rows : sequence of LongRow
        At least one; of one participant.
    protocol : Protocol
        What the trial promised.

    Returns
    -------
    tuple of (ImportedTrial or None, list of CellProblem)
        None if there are problems.
    """
    space = space_of(protocol)
    problems = [
        *_rows_alone(rows, protocol),
        *_rows_of_a_session(rows),
        *_rows_of_a_period(rows, space),
        *_guesses(rows, protocol),
    ]
    ordered = sorted(rows, key=lambda row: row.session)
    sessions = _sessions(ordered)
    if not problems:
        problems += _order_of_sessions(ordered)
    if problems:
        return None, problems
    condition = {row.period: ConditionCode(row.condition) for row in rows if row.period > 0}
    sequence = tuple(condition[period] for period in sorted(condition))
    problems += _sequence(sequence, sorted(condition), space)
    if problems:
        return None, problems
    guesses = {row.period: row.guess for row in ordered if row.guess is not None}
    return ImportedTrial(
        participant=ParticipantId(rows[0].participant) if rows[0].participant else None,
        sequence=sequence,
        blocks=space.blocks,
        sessions=sessions,
        scores=tuple(
            ImportedScore(row=r.row, session=r.session, score=r.score, moment=r.moment, excluded=r.excluded)
            for r in ordered
        ),
        guesses=tuple(
            ImportedGuess(period=period, probability=guess) for period, guess in sorted(guesses.items())
        ),
        drift=find_drift(sessions, clock(protocol.day_starts)),
        findings=tuple(_findings(sessions, rows, protocol)),
    ), []


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
        if row.session != before.session and _is_before(later, earlier):
            text = f"session {before.session} was at {earlier.text}; sessions count in order of time"
            yield cell_problem(row.row, "at", later.text, text)
    for before, row in pairwise(ordered):
        if row.period > before.period > 0 and row.day is not None and row.day == before.day:
            text = f"period {before.period} still ran on this day; a period is made of whole days"
            yield cell_problem(row.row, "day", str(row.day), text)


def _is_before(moment: Moment, other: Moment) -> bool:
    if moment.at is None or other.at is None:
        return moment.on < other.on
    return moment.at < other.at


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


def _findings(
    sessions: Sequence[ImportedSession], rows: Sequence[LongRow], protocol: Protocol
) -> Iterator[str]:
    absent = sorted(set(range(1, sessions[-1].session)) - {s.session for s in sessions})
    if absent:
        yield f"{len(absent)} sessions have no row: {_ranges(absent)}."
    late = _late_starts(sessions, protocol)
    if protocol.design.onset_days and late:
        yield f"The first score of period {_ranges(late)} is not of its first planned day; the onset is counted from it."
    names = {row.score.name for row in rows}
    for _, outcome in protocol.outcome_list():
        if outcome.score not in names:
            yield f"No row holds the outcome {outcome.score}."
    spans = _grouped([row for row in rows if row.day is not None and row.period > 0], "period")
    for period, same in sorted(spans.items()):
        days = [row.day for row in same if row.day is not None]
        if max(days) - min(days) >= protocol.design.period_days:
            yield (
                f"Period {period} has scores from day {min(days)} to day {max(days)}, "
                f"longer than the {protocol.design.period_days} of the protocol."
            )


def _late_starts(sessions: Sequence[ImportedSession], protocol: Protocol) -> list[int]:
    """Return the periods whose first score does not lie on their first day of the plan."""
    design = protocol.design
    run_in = design.run_in.within_days if design.run_in is not None else 0
    pace = design.period_days + design.washout_days
    first: dict[int, int] = {}
    for session in sessions:
        if session.day is not None and session.period > 0:
            first.setdefault(session.period, session.day)  # sessions are in order of time
    return [period for period, day in first.items() if day != 1 + run_in + (period - 1) * pace]


def _sessions(ordered: Sequence[LongRow]) -> tuple[ImportedSession, ...]:
    return tuple(
        ImportedSession(
            session=session,
            period=same[0].period,
            day=same[0].day,
            moment=next((row.moment for row in same if row.moment is not None), None),
        )
        for session, same in _grouped(ordered, "session").items()
    )


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
