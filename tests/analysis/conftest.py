"""Reference values from R, read once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "reference.json"


@pytest.fixture(scope="session")
def from_r() -> dict:
    """Return what `make reference` wrote: data sets, and what R makes of them."""
    return json.loads(REFERENCE.read_text(encoding="utf-8"))
