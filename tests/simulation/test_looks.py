"""The simulation of looks run again gives the committed counts; each rule holds its level; the page is true."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from .looks import METHODS, looks_summary, run_looks
from .tables import as_csv, read

pytestmark = pytest.mark.sim
FILE = Path(__file__).parent / "tables" / "looks.csv"
BEGIN, END = "<!-- looks: written by the simulation -->", "<!-- end of looks -->"


def test_the_same_seeds_give_the_same_counts(root):
    """Every count, as integers. NOF1_GOLDEN=write writes file and page."""
    rows = run_looks()
    if os.environ.get("NOF1_GOLDEN") == "write":
        FILE.write_text(as_csv(rows), encoding="utf-8", newline="\n")
        page = root / "SIMULATIONS.md"
        before, rest = page.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        page.write_text(
            f"{before}{BEGIN}\n\n{looks_summary(rows)}\n\n{END}{after}", encoding="utf-8", newline="\n"
        )
    assert as_csv(rows).splitlines() == FILE.read_text(encoding="utf-8").splitlines()


def test_paid_looks_hold_their_level():
    """Within Monte Carlo error of .05, and looking for nothing does worse than looking once."""
    for row in read(FILE):
        error = 2.6 * np.sqrt(0.05 * 0.95 / row["trials"])
        assert all(row[name] / row["trials"] < 0.05 + error for name in METHODS if name != "naive")
        assert row["naive"] > row["once"]


def test_the_page_says_what_the_table_says(root):
    """The section is made from the committed counts."""
    text = (root / "SIMULATIONS.md").read_text(encoding="utf-8")
    assert text.split(BEGIN)[1].split(END)[0].strip() == looks_summary(read(FILE))
