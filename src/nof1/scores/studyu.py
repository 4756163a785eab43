"""The export of the StudyU app as a long table: surveys stand side by side in wide columns, missed days are absent.

The protocol says which question is which score: ``external.csv`` of an instrument maps a score to the text of its question.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from nof1.errors import EntryError
from nof1.scores.checks import nearest
from nof1.scores.moments import read_moment
from nof1.scores.number import shortened
from nof1.scores.problems import CellProblem, cell_problem, from_sentence, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.protocol.model import Protocol
    from nof1.scores.table import Table

NEEDED = (
    "measurement_time",
    "participant_id",
    "participant_started_at",
    "current_day_of_study",
    "current_intervention_name",
)
"""Columns of the export that every trial needs."""
LONG_HEADER = ("session", "period", "condition", "day", "at", "participant", "score", "value")
"""Columns of the long table that is made of it."""

_TEXT = re.compile(r"survey[0-9]+_question[0-9]+_text")
_SHOWN = 8
"""Questions that are named where none is mapped."""
_WHOLE = re.compile(r"[0-9]{1,5}")


def long_table(table: Table, protocol: Protocol, participant: str | None = None) -> Table:
    """Turn an export into the long table of a finished trial.

    Every filled survey that holds a mapped question is a session. The app counts days from 0, at local midnight of the
    start; a day's period follows from the lengths in the protocol.

    Parameters
    ----------
    table : Table
        The export, without problems.
    protocol : Protocol
        Names questions, conditions (by code or name) and lengths.
    participant : str or None
        Whose rows alone are looked at, where the export has such; None: all.

    Returns
    -------
    Table
        With the row numbers of the export, so that what is said about a row is found there.
    """
    columns, problems = _columns(table, protocol)
    place = {name: index for index, name in enumerate(table.header)}
    if not problems:
        records = [(row, {name: cells[place[name]] for name in NEEDED}, cells) for row, cells in table.rows]
        mine = [record for record in records if record[1]["participant_id"].strip() == participant]
        records = mine or records
        records.sort(key=lambda record: (record[1]["participant_id"], record[1]["measurement_time"]))
        rows: list[tuple[int, tuple[str, ...]]] = []
        session: dict[str, int] = {}
        said: set[str] = set()  # a name that is wrong in every row is told once
        for row, named, cells in records:
            answers = [(score, cells[index]) for score, index in columns.items() if cells[index].strip()]
            if not answers:
                continue
            who = named["participant_id"]
            session[who] = session.get(who, 0) + 1
            try:
                start = _start(named, protocol)
            except EntryError as error:
                if str(error) not in said:
                    problems.append(from_sentence(row, "", "", str(error)))
                said.add(str(error))
                continue
            rows += [(row, (str(session[who]), *start, who, score, value)) for score, value in answers]
        if not problems:
            return replace(table, header=LONG_HEADER, rows=tuple(rows))
    return replace(table, rows=(), problems=told(problems))


def _columns(table: Table, protocol: Protocol) -> tuple[dict[str, int], list[CellProblem]]:
    """Find the column that answers each mapped question."""
    problems = [
        cell_problem(1, "", "", f"a column {name!r} is needed; is this an export of StudyU?")
        for name in NEEDED
        if name not in table.header
    ]
    asked = {
        f"{instrument_id}.{field}": question.strip()
        for instrument_id, instrument in protocol.instruments.items()
        if instrument.external is not None
        for field, question in (instrument.external.csv or {}).items()
        if field != "time"
    }
    if not asked:
        asks = ", ".join(repr(shortened(question)) for question in list(_questions(table))[:_SHOWN])
        text = (
            "the protocol does not say which question is which score; write it below the instrument, such as "
            f'external: {{csv: {{time: measurement_time, quality: "the text of the question"}}}}; this export asks {asks or "nothing"}'
        )
        return {}, [*problems, cell_problem(None, "", "", text)]
    questions = _questions(table)
    problems += [
        cell_problem(1, score, "", f"no question is {question!r}; {nearest(question, questions)}")
        for score, question in asked.items()
        if question not in questions
    ]
    return {
        score: questions[question] for score, question in asked.items() if question in questions
    }, problems


def _questions(table: Table) -> dict[str, int]:
    """Return the place of the answers to every question, by its text."""
    place = {name: index for index, name in enumerate(table.header)}
    found: dict[str, int] = {}
    for index, name in enumerate(table.header):
        answer = place.get(name.removesuffix("_text") + "_response")
        if answer is None or not _TEXT.fullmatch(name):
            continue
        for text in dict.fromkeys(cells[index].strip() for _, cells in table.rows):
            if text:
                found.setdefault(text, answer)
    return found


def _start(named: Mapping[str, str], protocol: Protocol) -> tuple[str, str, str, str]:
    """Return period, condition, day and local time of a survey."""
    text = named["current_day_of_study"]
    if not _WHOLE.fullmatch(text):
        raise EntryError(f"current_day_of_study: found {text!r}; the app writes a whole number, from 0")
    design = protocol.design
    run_in = design.run_in.within_days if design.run_in is not None else 0
    begun = int(text) - run_in
    period = begun // (design.period_days + design.washout_days) + 1 if begun >= 0 else 0
    condition = _condition(named["current_intervention_name"], protocol) if period else ""
    at = _local(named["measurement_time"], named["participant_started_at"])
    return str(period), condition, str(int(text) + 1), at


def _condition(name: str, protocol: Protocol) -> str:
    typed = name.strip().lower()
    for code, condition in protocol.conditions.items():
        if typed in {code.lower(), condition.name.strip().lower()}:
            return code
    known = ", ".join(condition.name for condition in protocol.conditions.values())
    raise EntryError(f"current_intervention_name: found {name!r}; the conditions of the protocol are {known}")


def _local(measured: str, started: str) -> str:
    """Write a UTC time as local time: the app starts a participant at local midnight."""
    moment, begin = read_moment(measured).at, read_moment(started).at
    if moment is None or begin is None or moment.tzinfo is None or begin.tzinfo is None:
        raise EntryError(
            f"measurement_time: found {measured!r}; the app writes UTC, such as 2026-04-03 08:00:00.000Z"
        )
    begin = begin.astimezone(UTC)
    after = begin - datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
    offset = -after if after <= timedelta(hours=12) else timedelta(days=1) - after
    if offset % timedelta(minutes=15):
        return measured
    return moment.astimezone(timezone(offset)).isoformat()
