"""The three shapes that a table of scores can have, each brought down to cells: one score, still as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.errors import EntryError
from nof1.scores.checks import find_score, nearest
from nof1.scores.problems import CellProblem, cell_problem
from nof1.terms import ScoreName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nof1.battery.catalogue import ScoreSpec
    from nof1.scores.table import Table

WHEN = ("at", "date")
"""Names of the column that says when; exactly one of them."""
LONG = ("session", "score", "value", "missing_reason")
"""Further columns of the long shape; the first and the last may stand in the wide shape too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One score in a file, still as text.

    Attributes
    ----------
    row : int
        As a spreadsheet numbers it.
    when, session, score, value, reason : str
        As they stand there; empty where there is no such column.
    name : str
        Header of the column that holds the value.
    """

    row: int
    when: str
    session: str
    name: str
    score: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which column holds what.

    Attributes
    ----------
    when : int
        Place in the header of the column that says when.
    session, score, value, reason : int or None
        Places of the other columns; None where there is no such column.
    wide : tuple of (int, ScoreName)
        The columns that hold one score each; empty in the long shape.
    """

    when: int
    session: int | None = None
    score: int | None = None
    value: int | None = None
    reason: int | None = None
    wide: tuple[tuple[int, ScoreName], ...] = ()


def find_shape(
    header: tuple[str, ...],
    specs: Mapping[ScoreName, ScoreSpec],
    instrument: str | None,
    mapping: Mapping[str, str] | None,
) -> tuple[Shape | None, list[CellProblem]]:
    """Find out which column holds what.

    Parameters
    ----------
    header : tuple of str
        Names of the columns.
    specs : mapping of ScoreName to ScoreSpec
        The scores of the protocol.
    instrument : str or None
        To which short names of scores belong.
    mapping : mapping of str to str or None
        ``time`` and scores of that instrument to columns of a foreign file.

    Returns
    -------
    tuple of (Shape or None, list of CellProblem)
        None if there are problems.
    """
    place = {name.lower(): index for index, name in enumerate(header)}
    if mapping is not None and "time" in mapping:
        columns = {field: place.get(column.lower()) for field, column in mapping.items()}
        when = columns.pop("time")
        wide = [
            (index, ScoreName(f"{instrument}.{field}"))
            for field, index in columns.items()
            if index is not None
        ]
        if when is not None and wide:
            return Shape(when=when, wide=tuple(wide)), []
        if not any(name in place for name in WHEN):
            lacking = next(column for column in mapping.values() if column.lower() not in place)
            expected = f"the protocol reads the column {lacking!r} of this file, which is not there; {nearest(lacking, header)}"
            return None, [cell_problem(1, "", "", expected)]
    return _own_shape(header, place, specs, instrument)


def _own_shape(
    header: tuple[str, ...],
    place: Mapping[str, int],
    specs: Mapping[ScoreName, ScoreSpec],
    instrument: str | None,
) -> tuple[Shape | None, list[CellProblem]]:
    given = [name for name in WHEN if name in place]
    problems: list[CellProblem] = []
    if not given:
        problems.append(
            cell_problem(1, "", "", f"a column 'at' or 'date' is needed; found {', '.join(header[:12])}")
        )
    elif len(given) > 1:
        problems.append(cell_problem(1, "", "", "give one of the columns 'at' and 'date', not both"))
    is_long = "score" in place and "value" in place
    if is_long:
        own = (*WHEN, *LONG)
        unknown = [name for name in header if name.lower() not in own]
        problems += [cell_problem(1, name, "", f"no such column; {nearest(name, own)}") for name in unknown]
        wide: dict[ScoreName, int] = {}
    else:
        wide, wrong = _score_columns(header, specs, instrument)
        problems += wrong
    if problems:
        return None, problems
    return Shape(
        when=place[given[0]],
        session=place.get("session"),
        score=place["score"] if is_long else None,
        value=place["value"] if is_long else None,
        reason=place.get("missing_reason"),
        wide=tuple((index, name) for name, index in wide.items()),
    ), []


def _score_columns(
    header: tuple[str, ...], specs: Mapping[ScoreName, ScoreSpec], instrument: str | None
) -> tuple[dict[ScoreName, int], list[CellProblem]]:
    wide: dict[ScoreName, int] = {}
    problems: list[CellProblem] = []
    for index, name in enumerate(header):
        if name.lower() in {*WHEN, "session", "missing_reason"}:
            continue
        try:
            score = find_score(specs, name, instrument=instrument)
        except EntryError as error:
            problems.append(cell_problem(1, name, "", str(error)))
            continue
        if score in wide:
            problems.append(cell_problem(1, name, "", f"two columns give {score}; keep one"))
        wide[score] = index
    if not wide and not problems:
        text = "no column holds a score; write the columns 'score' and 'value', or one column for each score"
        problems.append(cell_problem(1, "", "", text))
    return wide, problems


def cells_of(table: Table, shape: Shape) -> Iterator[Cell]:
    """Yield every score of a table; in the wide shapes an empty cell without a reason was not given at all.

    Parameters
    ----------
    table : Table
        Without problems.
    shape : Shape
        As found for its header.

    Yields
    ------
    Cell
        In the order of the file.
    """
    for row, texts in table.rows:
        when = texts[shape.when]
        session = "" if shape.session is None else texts[shape.session]
        reason = "" if shape.reason is None else texts[shape.reason]
        if shape.score is not None and shape.value is not None:
            yield Cell(
                row=row, when=when, session=session, name=table.header[shape.value],
                score=texts[shape.score], value=texts[shape.value], reason=reason,
            )  # fmt: skip
            continue
        for index, score in shape.wide:
            value = texts[index]
            if value.strip() or reason.strip():
                yield Cell(
                    row=row, when=when, session=session, name=table.header[index],
                    score=score, value=value, reason="" if value.strip() else reason,
                )  # fmt: skip
