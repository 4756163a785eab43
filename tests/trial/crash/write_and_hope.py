"""A wrong program, on purpose: it acknowledges an entry before the transaction has ended."""

from __future__ import annotations

import importlib.util
import os
from itertools import count
from pathlib import Path

from nof1.storage.store import open_store

_spec = importlib.util.spec_from_file_location(
    "write_by_store", Path(__file__).with_name("write_by_store.py")
)
right = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(right)
write_once = right.write_once


def write_forever(path, name, start, acknowledge) -> None:
    """Enter one score after the other, until killed."""
    store = open_store(path)
    for number in count(start):
        with store.writing(os.urandom) as transaction:
            right.append(transaction, f"{name}-{number}")
            acknowledge(f"{name}-{number}")
