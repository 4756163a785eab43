"""What is wrong in the cells of a table: row, column, found, expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.errors import Problem
from nof1.scores.number import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_TOLD = 200
"""Problems that are told one by one; a file with more has one mistake many times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellProblem(Problem):
    """A problem with its place in a table, so that it can be shown as one line of a table.

    Attributes
    ----------
    row : int or None
        Row as a spreadsheet numbers it: the header is row 1. None: the whole file.
    name : str
        Header of the column; empty: the whole row.
    found, expected : str
        What stands there; what to write instead.
    """

    row: int | None
    name: str
    found: str
    expected: str


def cell_problem(row: int | None, name: str, found: str, expected: str) -> CellProblem:
    """Say what is wrong in a cell.

    Parameters
    ----------
    row : int or None
        Row as a spreadsheet numbers it; None: the whole file.
    name : str
        Header of the column; empty: the whole row.
    found, expected : str
        What stands there; what to write instead.

    Returns
    -------
    CellProblem
        Also a `Problem`, whose text holds all of it.

    Examples
    --------
    >>> print(cell_problem(3, "value", "0,5", "write 0.5"))
    row 3, value: found '0,5'; write 0.5
    """
    place = ", ".join(part for part in (f"row {row}" if row is not None else "", name) if part)
    shown = shortened(found)
    message = f"found {shown!r}; {expected}" if found else expected
    return CellProblem(where=place, message=message, row=row, name=name, found=shown, expected=expected)


def from_sentence(row: int | None, name: str, found: str, sentence: str) -> CellProblem:
    """Take over a sentence that already says what was found.

    Parameters
    ----------
    row, name, found
        As in `cell_problem`.
    sentence : str
        Such as ``found '0,5'; write 0.5``.

    Returns
    -------
    CellProblem
        With the sentence as its text, and its second half as what is expected.
    """
    place = ", ".join(part for part in (f"row {row}" if row is not None else "", name) if part)
    expected = sentence.partition("; ")[2] or sentence
    return CellProblem(
        where=place, message=sentence, row=row, name=name, found=shortened(found), expected=expected
    )


def told(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Order problems by row, and cut a list that is too long to help.

    Parameters
    ----------
    problems : iterable of Problem
        All that were found.

    Returns
    -------
    tuple of Problem
        At most `MOST_TOLD`, and one that counts the others.
    """
    ordered = sorted(problems, key=lambda p: (p.row or 0) if isinstance(p, CellProblem) else 0)
    if len(ordered) <= MOST_TOLD:
        return tuple(ordered)
    more = len(ordered) - MOST_TOLD
    return (*ordered[:MOST_TOLD], Problem(where="", message=f"and {more:,} more problems; mend these first"))


def problem_rows(problems: Iterable[Problem]) -> tuple[tuple[str, str, str, str], ...]:
    """Lay problems out as a table.

    Parameters
    ----------
    problems : iterable of Problem
        As a reader of tables returns them.

    Returns
    -------
    tuple of (str, str, str, str)
        Row, column, found, expected.
    """
    return tuple(
        (str(p.row or ""), p.name, p.found, p.expected)
        if isinstance(p, CellProblem)
        else ("", p.where, "", p.message)
        for p in problems
    )
