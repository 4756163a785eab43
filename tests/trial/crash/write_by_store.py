"""Enters scores through the store; an entry is acknowledged when its transaction has ended."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from nof1.audit.events import EnteredValue, ScoresEntered
from nof1.errors import Nof1Error, OutcomeUnknownError
from nof1.storage import database  # noqa: F401 - loaded before the fork, so that a life begins at once
from nof1.storage.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nof1.audit.record import AnyRecorded
    from nof1.storage.transaction import Transaction


def append(transaction: Transaction, key: str) -> AnyRecorded:
    """Add one entry whose score tells its key."""
    return transaction.append(
        ScoresEntered(
            instrument="day",
            observed_at="2026-04-03T06:00:00.000Z",
            observed_local="2026-04-03 08:00",
            observed_offset="+02:00",
            values=(EnteredValue(score=f"day.{key}", value="7"),),
            source="hand",
            raw="x" * 500,
        ),
        actor="participant",
        channel="test",
        recorded_at=datetime.now(UTC),
        idem_key=key,
    )


def write_forever(path: Path, name: str, start: int, acknowledge: Callable[..., None]) -> None:
    """Enter one score after the other, until killed."""
    store = open_store(path)
    for number in count(start):
        with store.writing(os.urandom) as transaction:
            recorded = append(transaction, f"{name}-{number}")
        acknowledge(f"{name}-{number}", again=recorded.duplicate)


def write_once(path: Path, key: str) -> str:
    """Enter one score, and return what the person is told: saved, refused, or unknown."""
    try:
        with open_store(path).writing(os.urandom) as transaction:
            append(transaction, key)
    except OutcomeUnknownError as error:
        return f"unknown {error}"
    except Nof1Error as error:
        return f"refused {error}"
    return "saved"
