"""Rows of the long table of a finished trial, each cell read by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import TYPE_CHECKING, TypeVar

from nof1.errors import EntryError
from nof1.scores.checks import find_score, nearest, read_score
from nof1.scores.columns import Columns, by_distinct
from nof1.scores.moments import DateOrder, Moment, read_moment
from nof1.scores.number import Number, has_decimal_comma, may_mean_thousands, read_number
from nof1.scores.problems import CellProblem, cell_problem, from_sentence
from nof1.scores.table import MAX_FIELD_BYTES
from nof1.terms import MissingReason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from nof1.battery.catalogue import ScoreSpec
    from nof1.scores.model import Score
    from nof1.scores.table import PlainTable, Table
    from nof1.terms import ScoreName

T = TypeVar("T")

NEEDED = ("session", "period", "condition", "score", "value")
"""Columns that every long table has."""
OPTIONAL = ("block", "day", "at", "participant", "guess_probability", "excluded", "missing_reason")
"""Columns where the facts are known."""

_WHOLE = re.compile(r"0|[1-9][0-9]{0,5}")
_NUMBERS = ("value", "guess_probability")


@dataclass(frozen=True, slots=True, kw_only=True)
class LongRow:
    """One row of the long table.

    Attributes
    ----------
    row : int
        As a spreadsheet numbers it.
    session, period : int
        Occasion, from 1; period, from 1, 0 for the run-in.
    condition : str
        A code of the protocol; empty in the run-in.
    score : Score
        Name and value.
    block, day : int or None
        Where the file gives them.
    moment : Moment or None
        When it was measured.
    guess : Number or None
        Probability of the first condition, 0 to 1.
    excluded : str or None
        Why it is not counted.
    participant : str
        Who; empty where the file does not say.
    """

    row: int
    session: int
    period: int
    condition: str
    score: Score
    block: int | None = None
    day: int | None = None
    moment: Moment | None = None
    guess: Number | None = None
    excluded: str | None = None
    participant: str = ""


def header_problems(header: tuple[str, ...]) -> list[CellProblem]:
    """Say which columns are missing or unknown.

    Parameters
    ----------
    header : tuple of str
        Names of the columns.

    Returns
    -------
    list of CellProblem
        Empty if the table can be read.
    """
    known = (*NEEDED, *OPTIONAL)
    given = {name.lower() for name in header}
    return [
        *(cell_problem(1, "", "", f"a column {name!r} is needed") for name in NEEDED if name not in given),
        *(
            cell_problem(1, name, "", f"no such column; {nearest(name, known)}")
            for name in header
            if name.lower() not in known
        ),
    ]


def read_long_rows(
    table: Table,
    specs: Mapping[ScoreName, ScoreSpec],
    conditions: tuple[str, ...],
    order: DateOrder,
    *,
    participant: str | None = None,
) -> tuple[list[LongRow], list[CellProblem]]:
    """Read every cell of a long table.

    Parameters
    ----------
    table : Table
        Its header has been checked.
    specs : mapping of ScoreName to ScoreSpec
        The scores of the protocol.
    conditions : tuple of str
        Codes of the protocol.
    order : DateOrder
        How dates that are not ISO are read.
    participant : str or None
        Whose rows; None: all.

    Returns
    -------
    tuple of (list of LongRow, list of CellProblem)
        Rows that could be read, and what is wrong with the others.
    """
    columns = [name.lower() for name in table.header]
    records = [(row, dict(zip(columns, map(_bare, cells), strict=True))) for row, cells in table.rows]
    if participant is not None:
        records = [(row, cells) for row, cells in records if cells.get("participant", "") == participant]
    texts = [cells[name] for _, cells in records for name in _NUMBERS if name in cells]
    commas, points = _decimal_signs(texts) if table.may_have_decimal_commas else (False, False)
    if commas and points:
        expected = "some numbers have a decimal comma and others a decimal point; write one way throughout"
        return [], [cell_problem(None, "value", "", expected)]
    reader = _RowReader(specs, conditions, order, decimal_comma=commas)
    rows = [read for row, cells in records if (read := reader.read(row, cells)) is not None]
    return rows, reader.problems


def read_long_columns(
    table: PlainTable,
    specs: Mapping[ScoreName, ScoreSpec],
    conditions: tuple[str, ...],
    order: DateOrder,
    *,
    participant: str | None = None,
) -> Columns[LongRow] | None:
    """Read a long table by column: each text that occurs is read once, by what reads a cell of a row.

    Parameters
    ----------
    table, specs, conditions, order, participant
        As for `read_long_rows`; the header has been checked.

    Returns
    -------
    Columns of LongRow, or None
        None: a cell cannot be read; `read_long_rows` says which, and why.
    """
    cells: dict[str, Sequence[str]] = dict(table.columns)
    rows: Sequence[int] = range(2, table.n_rows + 2)
    if participant is not None:
        is_theirs = by_distinct(lambda text: _bare(text) == participant, cells["participant"])
        cells = {name: list(compress(column, is_theirs)) for name, column in cells.items()}
        rows = list(compress(rows, is_theirs))
    texts = [_bare(text) for name in _NUMBERS for text in set(cells.get(name, ()))]
    commas, points = _decimal_signs(texts) if table.separator != "," else (False, False)
    if commas and points:
        return None
    reader = _RowReader(specs, conditions, order, decimal_comma=commas)
    try:
        return Columns(LongRow, {"row": rows, **reader.read_columns(cells)})
    except EntryError:
        return None


def _bare(text: str) -> str:
    return text.strip(" \t")


def _decimal_signs(texts: list[str]) -> tuple[bool, bool]:
    commas = [text for text in texts if has_decimal_comma(text)]
    has_commas = bool(commas) and not all(may_mean_thousands(text) for text in commas)
    return has_commas, any("." in text for text in texts)


class _RowReader:
    """Reads rows and collects what is wrong; a cell that is wrong does not hide the next one."""

    def __init__(
        self,
        specs: Mapping[ScoreName, ScoreSpec],
        conditions: tuple[str, ...],
        order: DateOrder,
        *,
        decimal_comma: bool,
    ) -> None:
        self.problems: list[CellProblem] = []
        self._specs = specs
        self._conditions = conditions
        self._order = order
        self._decimal_comma = decimal_comma
        self._row = 0

    def read(self, row: int, cells: Mapping[str, str]) -> LongRow | None:
        self._row = row
        before = len(self.problems)
        session = self._cell("session", cells, self._counted)
        period = self._cell("period", cells, lambda text: self._counted(text, least=0))
        condition = self._cell("condition", cells, lambda text: self._condition(text, period))
        score = self._score(cells)
        block = self._optional("block", cells, self._counted)
        day = self._optional("day", cells, self._counted)
        moment = self._optional("at", cells, self._moment)
        guess = self._optional("guess_probability", cells, self._probability)
        if (
            len(self.problems) > before
            or session is None
            or period is None
            or condition is None
            or score is None
        ):
            return None
        return LongRow(
            row=row,
            session=session,
            period=period,
            condition=condition,
            score=score,
            block=block,
            day=day,
            moment=moment,
            guess=guess,
            excluded=cells.get("excluded") or None,
            participant=cells.get("participant", ""),
        )

    def read_columns(self, cells: Mapping[str, Sequence[str]]) -> dict[str, Sequence[object]]:
        """Read columns of cells; the first that cannot be read is raised."""
        periods = by_distinct(lambda text: self._counted(_bare(text), least=0), cells["period"])
        columns: dict[str, Sequence[object]] = {
            "session": by_distinct(lambda text: self._counted(_bare(text)), cells["session"]),
            "period": periods,
            "condition": by_distinct(
                lambda text, period: self._condition(_bare(text), period), cells["condition"], periods
            ),
            "score": by_distinct(
                lambda *texts: self._named_score(*map(_bare, texts)),
                *(cells[name] for name in ("score", "value", "missing_reason") if name in cells),
            ),
        }
        optional: dict[str, tuple[str, Callable[[str], object]]] = {
            "block": ("block", self._counted),
            "day": ("day", self._counted),
            "at": ("moment", self._moment),
            "guess_probability": ("guess", self._probability),
            "excluded": ("excluded", _words),
        }
        for name, (field, read) in optional.items():
            if name in cells:
                columns[field] = by_distinct(partial(_if_any, read), cells[name])
        if "participant" in cells:
            columns["participant"] = by_distinct(lambda text: _words(_bare(text)), cells["participant"])
        return columns

    def _cell(self, name: str, cells: Mapping[str, str], read: Callable[[str], T]) -> T | None:
        text = cells[name]
        try:
            return read(text)
        except EntryError as error:
            self.problems.append(from_sentence(self._row, name, text, str(error)))
            return None

    def _optional(self, name: str, cells: Mapping[str, str], read: Callable[[str], T]) -> T | None:
        return self._cell(name, cells, read) if cells.get(name) else None

    def _counted(self, text: str, *, least: int = 1) -> int:
        if not _WHOLE.fullmatch(text) or int(text) < least:
            raise EntryError(f"found {text!r}; write a whole number, from {least}")
        return int(text)

    def _condition(self, text: str, period: int | None) -> str:
        if period == 0:
            if text:
                raise EntryError(
                    f"found {text!r}; no condition is taken in the run-in (period 0), leave it empty"
                )
            return ""
        if text not in self._conditions:
            raise EntryError(
                f"found {text!r}; the conditions of the protocol are {', '.join(self._conditions)}"
            )
        return text

    def _score(self, cells: Mapping[str, str]) -> Score | None:
        name = self._cell("score", cells, lambda text: find_score(self._specs, text))
        if name is None:
            return None
        try:
            return self._read_score(name, cells["value"], cells.get("missing_reason", ""))
        except EntryError as error:
            self.problems.append(from_sentence(self._row, f"value ({name})", cells["value"], str(error)))
            return None

    def _named_score(self, name: str, value: str, missing_reason: str = "") -> Score:
        return self._read_score(find_score(self._specs, name), value, missing_reason)

    def _read_score(self, name: ScoreName, value: str, missing_reason: str) -> Score:
        return read_score(
            self._specs[name],
            value,
            missing_reason=missing_reason or _unless(value, MissingReason.NOT_GIVEN),
            decimal_comma=self._decimal_comma,
        )

    def _moment(self, text: str) -> Moment:
        return read_moment(text, order=self._order)

    def _probability(self, text: str) -> Number:
        number = read_number(text, decimal_comma=self._decimal_comma)
        if not 0 <= number.value <= 1:
            raise EntryError(f"found {text!r}; a probability is 0 to 1" + _hundredth(number.value))
        return number


def _if_any(read: Callable[[str], T], text: str) -> T | None:
    bare = _bare(text)
    return read(bare) if bare else None


def _words(text: str) -> str:
    if len(text) > MAX_FIELD_BYTES // 4:  # a character has at most four bytes; `read_table` looks closer
        raise EntryError("the cell may be too long")
    return text


def _hundredth(value: Decimal) -> str:
    return f", here {value / 100:f}" if 1 < value <= 100 else ""


def _unless(value: str, reason: str) -> str:
    """Return the reason of a blank, and none where there is a value."""
    return "" if _bare(value) else reason
