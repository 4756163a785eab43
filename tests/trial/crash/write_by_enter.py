"""Enters scores by the real command, `nof1 enter`; an entry is acknowledged when the command says that it is saved."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import nof1.cli.enter  # noqa: F401 - loaded before the fork, so that a life begins at once
from nof1.cli.main import cli
from nof1.errors import Nof1Error, OutcomeUnknownError
from nof1.storage import database  # noqa: F401 - as above
from nof1.workflow.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 20, tzinfo=UTC)
"""Before the trial begins, so that no session is planned and any number of entries can be made."""


def enter(store: Path, name: str, number: int) -> str:
    """Run one `nof1 enter`, and return what it prints."""
    said = io.StringIO()
    at = f"{FIRST + timedelta(minutes=number):%Y-%m-%d %H:%M}"
    context = Context(workspace=store.parents[2], now=lambda: NOW, entropy=os.urandom)
    arguments = ["enter", str(store.parent), "--at", at, "--set", f"day.{name}={number % 11}"]
    with redirect_stdout(said), redirect_stderr(io.StringIO()):
        cli.main(args=arguments, obj=context, standalone_mode=False)
    return said.getvalue()


def write_forever(path: Path, name: str, start: int, acknowledge: Callable[..., None]) -> None:
    """Enter one score after the other, until killed."""
    for number in count(start):
        said = enter(path, name, number)
        if not said.startswith("Saved"):
            raise RuntimeError(said)
        acknowledge(f"{name}-{number}", again=said.startswith("Saved before"))


def write_once(path: Path, _key: str) -> str:
    """Enter one score of Ann's, and return what the person is told: saved, refused, or unknown."""
    try:
        said = enter(path, "ann", 5)
    except OutcomeUnknownError as error:
        return f"unknown {error}"
    except Nof1Error as error:
        return f"refused {error}"
    return "saved" if said.startswith("Saved") else f"odd {said}"
