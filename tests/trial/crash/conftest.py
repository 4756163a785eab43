"""A store to crash, and the programs that write to it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ...storage.trial import begin  # noqa: TID252 - tests have no absolute names

HERE = Path(__file__).parent


@pytest.fixture
def store(tmp_path) -> Path:
    """Return the path of a store whose trial takes scores."""
    return begin(tmp_path / "caffeine" / "trial.sqlite").store.path


@pytest.fixture
def by_store() -> Path:
    """Return the script that writes through the store."""
    return HERE / "write_by_store.py"


@pytest.fixture
def and_hope() -> Path:
    """Return the script that acknowledges too early."""
    return HERE / "write_and_hope.py"


@pytest.fixture
def strace() -> str:
    """Return where strace is; without it tests fail under CI and skip elsewhere."""
    found = shutil.which("strace")
    if found is None:
        message = "strace is not installed (apt-get install strace): system calls cannot be made to fail"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found
