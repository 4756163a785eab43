"""Scores from a CSV file: three shapes of table become entries, or problems; all rows or none.

*Long*: ``at`` or ``date``, ``score``, ``value``, and where wanted ``session``, ``missing_reason``. *Wide*: ``at`` or ``date``
and a column for every score, named in full or as within one instrument. *Mapped*: the file of another program, whose
columns the protocol names (``external.csv``); its other columns are left alone. The stats file of Brain Workshop has no header;
its columns are named by `nof1.scores.brain_workshop`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.battery.catalogue import scores_of
from nof1.errors import EntryError
from nof1.scores.brain_workshop import read_stats
from nof1.scores.checks import find_score, nearest, read_score
from nof1.scores.model import Entry, Score
from nof1.scores.moments import DateOrder, Moment, read_moment
from nof1.scores.number import has_decimal_comma, may_mean_thousands, shortened
from nof1.scores.problems import CellProblem, cell_problem, from_sentence, told
from nof1.scores.shapes import Cell, Shape, cells_of, find_shape
from nof1.scores.table import COMMAND_LIMITS, Limits, Table, read_table
from nof1.terms import InstrumentId, ScoreName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from nof1.battery.catalogue import ScoreSpec
    from nof1.errors import Problem
    from nof1.protocol.model import Protocol

_SESSION = re.compile(r"[1-9][0-9]{0,5}")
_POINT = re.compile(r"-?[0-9]+\.[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTable:
    """What a file of scores says, or what is wrong with it.

    Attributes
    ----------
    entries : tuple of Entry
        Scores that belong to one time (and session), in the order of their first row; empty with problems.
    sha256 : str
        Digest of the file.
    has_decimal_commas : bool
        The file wrote ``7,5``; the entries hold ``7.5``.
    problems : tuple of Problem
        In the order of the file.
    """

    entries: tuple[Entry, ...]
    sha256: str
    has_decimal_commas: bool
    problems: tuple[Problem, ...]

    @property
    def n_scores(self) -> int:
        """How many scores the entries hold, missing ones included."""
        return sum(len(entry.scores) for entry in self.entries)


def read_score_table(
    data: bytes,
    protocol: Protocol,
    *,
    instrument: str | None = None,
    order: DateOrder = DateOrder.ISO,
    limits: Limits = COMMAND_LIMITS,
) -> ScoreTable:
    """Read a CSV file of scores of a trial.

    Parameters
    ----------
    data : bytes
        The file.
    protocol : Protocol
        Whose scores they are.
    instrument : str or None
        The instrument to which short names of scores belong; its ``external.csv`` names the columns of a
        foreign file.
    order : DateOrder
        How dates that are not ISO are read.
    limits : Limits
        How large the file may be.

    Returns
    -------
    ScoreTable
        Entries or problems.

    Raises
    ------
    EntryError
        If the protocol has no such instrument.
    """
    if instrument is not None and instrument not in protocol.instruments:
        raise EntryError(
            f"the protocol has no instrument {instrument!r}; {nearest(instrument, protocol.instruments)}"
        )
    mapping = _mapping(protocol, instrument)
    rounds = read_stats(data) if mapping is not None and len(data) <= limits.n_bytes else None
    table = rounds or read_table(data, limits=limits)
    if table.problems:
        return ScoreTable(entries=(), sha256=table.sha256, has_decimal_commas=False, problems=table.problems)
    specs = scores_of(protocol)
    shape, problems = find_shape(table.header, specs, instrument, mapping)
    entries: tuple[Entry, ...] = ()
    commas = False
    if shape is not None and not problems:
        cells = list(cells_of(table, shape))
        if not cells:
            problems = [cell_problem(None, "", "", "the file holds no score below its header")]
        commas, mixed = _decimal_commas(table, cells)
        reader = _CellReader(table.header, shape, specs, instrument)
        for cell in cells:
            reader.add(cell, order, decimal_comma=commas)
        entries = reader.entries()
        problems += mixed or reader.problems
    return ScoreTable(
        entries=() if problems else entries,
        sha256=table.sha256,
        has_decimal_commas=commas,
        problems=told(problems),
    )


def _mapping(protocol: Protocol, instrument: str | None) -> Mapping[str, str] | None:
    external = protocol.instruments[InstrumentId(instrument)].external if instrument is not None else None
    return external.csv if external is not None else None


def _decimal_commas(table: Table, cells: Sequence[Cell]) -> tuple[bool, list[CellProblem]]:
    """Say whether the file writes decimal commas; commas and points in one file can be read in two ways."""
    if not table.may_have_decimal_commas:
        return False, []
    commas = [cell for cell in cells if has_decimal_comma(cell.value)]
    if not commas or all(may_mean_thousands(cell.value) for cell in commas):
        return False, []
    points = [cell for cell in cells if _POINT.fullmatch(cell.value.strip())]
    expected = f"row {commas[0].row} writes {commas[0].value.strip()!r}; write all numbers with a point, or all with a comma"
    return True, [cell_problem(cell.row, cell.name, cell.value.strip(), expected) for cell in points]


_Key = tuple["datetime | date", int | None]


class _CellReader:
    """Reads the cells of a file one by one and collects what they say; texts that recur are read once."""

    def __init__(
        self,
        header: tuple[str, ...],
        shape: Shape,
        specs: Mapping[ScoreName, ScoreSpec],
        instrument: str | None,
    ) -> None:
        self.problems: list[CellProblem] = []
        self._header = header
        self._shape = shape
        self._specs = specs
        self._instrument = instrument
        self._moments: dict[str, Moment | EntryError] = {}
        self._names: dict[str, ScoreName | EntryError] = {}
        self._first: dict[tuple[_Key, ScoreName], int] = {}
        self._groups: dict[_Key, tuple[Moment, list[Score], list[int]]] = {}
        self._told: set[tuple[int, int]] = set()

    def add(self, cell: Cell, order: DateOrder, *, decimal_comma: bool) -> None:
        moment = self._moment(cell, order)
        session = self._session(cell)
        score = self._score(cell, decimal_comma=decimal_comma)
        if moment is None or session == 0 or score is None:
            return
        key: _Key = (moment.at or moment.on, session)
        if (key, score.name) in self._first:
            hint = (
                "one of them is too many"
                if moment.at or session
                else "give each its time (at) or its session"
            )
            first = self._first[key, score.name]
            text = f"{score.name} stands at {moment.text} in row {first} too; {hint}"
            self.problems.append(cell_problem(cell.row, "", "", text))
            return
        self._first[key, score.name] = cell.row
        _, scores, rows = self._groups.setdefault(key, (moment, [], []))
        scores.append(score)
        rows.append(cell.row)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(
            Entry(
                moment=moment,
                session=session,
                instrument=_shared_instrument(scores),
                scores=tuple(scores),
                rows=tuple(rows),
            )
            for (_, session), (moment, scores, rows) in self._groups.items()
        )

    def _moment(self, cell: Cell, order: DateOrder) -> Moment | None:
        if cell.when not in self._moments:
            try:
                self._moments[cell.when] = read_moment(cell.when, order=order)
            except EntryError as error:
                self._moments[cell.when] = error
        read = self._moments[cell.when]
        if isinstance(read, EntryError):
            self._tell_once(cell, self._shape.when, cell.when, str(read))
            return None
        return read

    def _session(self, cell: Cell) -> int | None:
        """Return the session; None where there is none, 0 where it cannot be read."""
        text = cell.session.strip()
        if self._shape.session is None or not text:
            return None
        if _SESSION.fullmatch(text):
            return int(text)
        sentence = f"found {shortened(text)!r}; write the number of a session, from 1, or leave it empty"
        self._tell_once(cell, self._shape.session, text, sentence)
        return 0

    def _score(self, cell: Cell, *, decimal_comma: bool) -> Score | None:
        if cell.score not in self._names:
            try:
                self._names[cell.score] = find_score(self._specs, cell.score, instrument=self._instrument)
            except EntryError as error:
                self._names[cell.score] = error
        name = self._names[cell.score]
        if isinstance(name, EntryError):
            self.problems.append(cell_problem(cell.row, "score", "", str(name)))
            return None
        spec = self._specs[name]
        try:
            return read_score(spec, cell.value, missing_reason=cell.reason, decimal_comma=decimal_comma)
        except EntryError as error:
            label = cell.name if self._shape.wide else f"{cell.name} ({name})"
            self.problems.append(from_sentence(cell.row, label, cell.value.strip(), str(error)))
            return None

    def _tell_once(self, cell: Cell, column: int, found: str, sentence: str) -> None:
        """Tell a problem once, though several scores of a row share the cell."""
        if (cell.row, column) not in self._told:
            self._told.add((cell.row, column))
            self.problems.append(from_sentence(cell.row, self._header[column], found.strip(), sentence))


def _shared_instrument(scores: Sequence[Score]) -> InstrumentId | None:
    names = {score.name.partition(".")[0] for score in scores}
    return InstrumentId(names.pop()) if len(names) == 1 else None
