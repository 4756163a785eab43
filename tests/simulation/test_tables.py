"""The simulations run again give the committed counts, the planned analyses hold their level, the page is true."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .page import begin, end, replaced, summary
from .tables import TABLES, above_the_bar, as_csv, read, run

pytestmark = pytest.mark.sim
FOLDER = Path(__file__).parent / "tables"


def files(name):
    """Return the files of a table: the first runs, and those that were run again."""
    return FOLDER / f"{name}.csv", FOLDER / f"{name}_again.csv"


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_same_seeds_give_the_same_counts(name, root):
    """Every count of every cell, as integers. NOF1_GOLDEN=write writes files and page (with one process)."""
    table = TABLES[name]
    writes = os.environ.get("NOF1_GOLDEN") == "write"
    if writes and "PYTEST_XDIST_WORKER" in os.environ:
        pytest.fail("the tables share a page: write them with one process, without -n")
    rows, again = run(table)
    if writes:
        for path, made in zip(files(name), (rows, again), strict=True):
            path.write_text(as_csv(made), encoding="utf-8", newline="\n")
        page = root / "SIMULATIONS.md"
        text = replaced(page.read_text(encoding="utf-8"), table, summary(table, rows, again))
        page.write_text(text, encoding="utf-8", newline="\n")
    for path, made in zip(files(name), (rows, again), strict=True):
        assert as_csv(made).splitlines() == path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_planned_analyses_hold_their_level(name):
    """No cell of the committed tables has its whole 95 % Monte Carlo interval above .065."""
    rows, again = map(read, files(name))
    assert len(rows) == len(TABLES[name].cells)
    assert above_the_bar(TABLES[name], rows, again) == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_page_says_what_the_tables_say(name, root):
    """Summaries are made from the committed counts, never by hand."""
    table = TABLES[name]
    rows, again = map(read, files(name))
    text = (root / "SIMULATIONS.md").read_text(encoding="utf-8")
    assert text.split(begin(table))[1].split(end(table))[0].strip() == summary(table, rows, again)
