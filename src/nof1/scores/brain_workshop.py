"""The stats file of Brain Workshop (dual n-back): rounds without a header become sittings with one.

Columns of a round, from the program's own description of the file: local time, mode such as ``D2B``, percentage from 0 to 100,
number of the mode, level of n-back, time per trial, trials, 1 for manual mode, number of the session, percentages by modality.
Rounds last about a minute; those less than half an hour apart are one sitting, and its score is the mean of its rounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from nof1.encoding import decimal_text, sha256_hex
from nof1.errors import EntryError
from nof1.scores.decode import decode
from nof1.scores.problems import CellProblem, cell_problem, told
from nof1.scores.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COLUMNS = ("date", "percent", "n_back", "rounds")
"""Columns that every such table has; after them one for each mode, with the mean percentage of its rounds."""

_ROUND = re.compile(
    r"(?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}),(?P<mode>[A-Za-z0-9]+),(?P<percent>[0-9]{1,3}),"
    r"[0-9]+,(?P<n_back>[0-9]{1,2}),[0-9]+,[0-9]+(?:,[0-9.]*)*"
)
_PAUSE = timedelta(minutes=30)
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class _Round:
    row: int
    at: datetime
    mode: str
    percent: int
    n_back: int


def read_stats(data: bytes) -> Table | None:
    """Read a stats file, if it is one.

    Parameters
    ----------
    data : bytes
        Any file.

    Returns
    -------
    Table or None
        A row for each sitting: time of its first round, mean percentage, mean level, number of rounds, and the mean
        percentage of each mode, empty where it was not played. Row numbers are those of the first rounds. None if the
        first line is no round, so that the file is another one.
    """
    try:
        text, encoding = decode(data)
    except EntryError:
        return None
    lines = [(row, line.strip()) for row, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines or not _ROUND.fullmatch(lines[0][1]):
        return None
    rounds, problems = _rounds(lines)
    modes = sorted({one.mode for one in rounds})
    return Table(
        header=(*COLUMNS, *modes),
        rows=() if problems else tuple(_row(sitting, modes) for sitting in _sittings(rounds)),
        separator=",",
        encoding=encoding,
        sha256=sha256_hex(data),
        problems=told(problems),
    )


def _rounds(lines: Iterable[tuple[int, str]]) -> tuple[list[_Round], list[CellProblem]]:
    rounds: list[_Round] = []
    problems: list[CellProblem] = []
    for row, line in lines:
        found = _ROUND.fullmatch(line)
        try:
            at = datetime.fromisoformat(found["at"]) if found else None
        except ValueError:
            at = None
        if found is None or at is None or int(found["percent"]) > 100:
            expected = "a round of Brain Workshop such as 2010-08-17 02:45:38,D2B,61,2,2,30,24,…"
            problems.append(cell_problem(row, "", line, expected))
            continue
        rounds.append(_Round(row, at, found["mode"].upper(), int(found["percent"]), int(found["n_back"])))
    return sorted(rounds, key=lambda one: (one.at, one.row)), problems


def _sittings(rounds: Sequence[_Round]) -> list[list[_Round]]:
    sittings = [[one] for one in rounds[:1]]
    for before, one in pairwise(rounds):
        if one.at - before.at < _PAUSE:
            sittings[-1].append(one)
        else:
            sittings.append([one])
    return sittings


def _row(sitting: Sequence[_Round], modes: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    by_mode = (_mean(one.percent for one in sitting if one.mode == mode) for mode in modes)
    first = sitting[0]
    return first.row, (
        first.at.isoformat(sep=" ", timespec="minutes"),
        _mean(one.percent for one in sitting),
        _mean(one.n_back for one in sitting),
        str(len(sitting)),
        *by_mode,
    )


def _mean(numbers: Iterable[int]) -> str:
    held = list(numbers)
    return decimal_text((Decimal(sum(held)) / len(held)).quantize(_HUNDREDTH)) if held else ""
