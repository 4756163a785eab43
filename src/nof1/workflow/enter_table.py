"""Take scores from a CSV file: all rows or none, and every problem at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import require
from nof1.errors import EntryError, Problem, TableError
from nof1.files.tables import read_bytes
from nof1.scores.columns import Columns
from nof1.scores.moments import DateOrder
from nof1.scores.occasion import Occasion, find_occasion
from nof1.scores.problems import cell_problem
from nof1.scores.rows import read_score_table
from nof1.workflow.entry import (
    EntryReceipt,
    aware,
    occasion_of,
    place_of,
    says_again,
    score_row,
    stored_at,
)
from nof1.workflow.trial import RECEIPT_LENGTH, Trial, changing
from nof1.workflow.watch import observed_score, watch

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.audit.scores import ScoreHistory
    from nof1.scores.model import Entry, Score
    from nof1.workflow.context import Context


def enter_table(
    folder: Path,
    path: Path,
    context: Context,
    *,
    instrument: str | None = None,
    order: DateOrder = DateOrder.ISO,
) -> EntryReceipt:
    """Save the scores of a CSV file: all rows or none.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    path : Path
        The file.
    context : Context
        Actor and clock.
    instrument : str or None
        The instrument to which short names of columns belong.
    order : DateOrder
        How dates that are not ISO are read.

    Returns
    -------
    EntryReceipt
        A second time the same file saves nothing.

    Raises
    ------
    TableError
        With row, column, what was found and what was expected; nothing is saved then.
    StageError
        If no score can be entered any more.
    """
    return enter_rows(folder, str(path), read_bytes(path), context, instrument=instrument, order=order)


def enter_rows(
    folder: Path,
    name: str,
    data: bytes,
    context: Context,
    *,
    instrument: str | None = None,
    order: DateOrder = DateOrder.ISO,
) -> EntryReceipt:
    """Save the scores of a CSV file that is at hand: all rows or none.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    name : str
        Path or name of the file.
    data : bytes
        Its content.
    context : Context
        Actor and clock.
    instrument : str or None
        The instrument to which short names of columns belong.
    order : DateOrder
        How dates that are not ISO are read.

    Returns
    -------
    EntryReceipt
        As `enter_table`.

    Raises
    ------
    TableError
        With row, column, what was found and what was expected; nothing is saved then.
    StageError
        If no score can be entered any more.
    """
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.ScoresImported)
        table = read_score_table(data, trial.protocol, instrument=instrument, order=order)
        if table.problems:
            raise TableError(name, table.problems)
        placing = _Placing(trial, context)
        for entry in table.entries:
            placing.add(entry)
        if placing.problems:
            raise TableError(name, placing.problems)
        rows = placing.rows
        receipt = saved_at = about = None
        parts = events.ScoresImported.of_file(
            Columns.of(events.ScoreRow, rows),
            file_name=PurePath(name).name,
            file_sha256=table.sha256,
            source="csv",
        )
        for event in parts:
            done = change.record(event, key=f"csv/{event.rows_sha256}/{event.part}")
            about = done.event_id
            receipt = receipt or done.event_id[:RECEIPT_LENGTH]
            saved_at = saved_at or done.recorded_at
        if receipt is None and placing.known:
            receipt, saved_at = (
                placing.known[0].event_id[:RECEIPT_LENGTH],
                placing.known[0].versions[0].recorded_at,
            )
        seen = (observed_score(trial, row.score, row.day, row.value) for row in rows)
        new = [one for one in seen if one is not None]
        flags = tuple(sorted({flag for row in rows for flag in row.flags}))
        sessions = tuple(sorted({row.session for row in rows if row.session is not None}))
        return EntryReceipt(
            n_saved=len(rows),
            n_known=len(placing.known),
            sessions=sessions,
            flags=flags,
            receipt=receipt or "",
            saved_at=trial.local(saved_at or context.now()),
            told=watch(change, about, new) if about else (),
        )


class _Placing:
    """Gives every score of a file its session, and collects what cannot be."""

    def __init__(self, trial: Trial, context: Context) -> None:
        self._trial = trial
        self._context = context
        self._now = context.now()
        self._taken: dict[tuple[str, int], int] = {}
        self.rows: list[events.ScoreRow] = []
        self.problems: list[Problem] = []
        self.known: list[ScoreHistory] = []

    def add(self, entry: Entry) -> None:
        """Place the scores of one time."""
        try:
            moment = aware(self._trial, entry.moment)
        except EntryError as error:
            self._refuse(entry.rows[0], "at", entry.moment.text, str(error))
            return
        if moment > self._now + timedelta(days=1):
            self._refuse(entry.rows[0], "at", entry.moment.text, "a time that has come")
            return
        for score, row in zip(entry.scores, entry.rows, strict=True):
            self._place(entry, score, row, moment)

    def _place(self, entry: Entry, score: Score, row: int, moment: datetime) -> None:
        occasion = self._occasion(entry, score, moment)
        if occasion is None:
            self._refuse(row, "session", str(entry.session), f"a session in which {score.name} is due")
            return
        if entry.session is not None and (misplaced := self._misplaced(occasion, moment)):
            self._refuse(row, "session", str(entry.session), misplaced)
            return
        day_alone = entry.moment.at is None
        stored = stored_at(self._trial, score, occasion, moment, day_alone=day_alone)
        number = occasion.session.number if occasion.session else None
        if stored is not None:
            if says_again(stored, score):
                self.known.append(stored)
            else:
                holder = f"session {number}" if number is not None else "this time"
                expected = f"the value that {holder} holds already; nof1 correct {self._trial.name} {place_of(self._trial, stored)} replaces it"
                self._refuse(row, score.name, score.value or "", expected)
            return
        if number is not None and (score.name, number) in self._taken:
            other = self._taken[score.name, number]
            expected = f"one row for session {number}; row {other} belongs to it too: give a column session, or leave one out"
            self._refuse(row, score.name, score.value or "", expected)
            return
        if number is not None:
            self._taken[score.name, number] = row
        self.rows.append(score_row(self._trial, score, occasion, moment, day_alone=day_alone))

    def _occasion(self, entry: Entry, score: Score, moment: datetime) -> Occasion | None:
        if entry.session is None:
            return occasion_of(self._trial, score.name, moment, self._context, self._taken)
        named = tuple(s for s in self._trial.sessions_of[score.name] if s.number == entry.session)
        if not named:
            return None
        return find_occasion(named, moment, on=named[0].on, recorded_at=self._now, is_taken=lambda _: False)

    def _misplaced(self, occasion: Occasion, moment: datetime) -> str | None:
        """Say where a named session belongs, if the time lies in another period: it was taken under another kit."""
        on = self._trial.study_date(moment)
        period = self._trial.period_on(on)
        session = occasion.session
        if session is None or (period and (period.index, period.kind) == (session.period, session.kind)):
            return None
        return f"a session of the period in which {on} lies; session {session.number} is one of {session.on}"

    def _refuse(self, row: int, name: str, found: str, expected: str) -> None:
        self.problems.append(cell_problem(row, name, found, expected))
