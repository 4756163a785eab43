"""Stores to test on."""

from __future__ import annotations

import pytest

from .trial import Writer, begin


@pytest.fixture
def path(tmp_path):
    """Return where the store of a trial lies."""
    return tmp_path / "caffeine" / "trial.sqlite"


@pytest.fixture
def writer(path) -> Writer:
    """Return a writer to a trial that was drawn."""
    return begin(path)
