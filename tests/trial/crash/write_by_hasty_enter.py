"""`nof1 enter` as it must not be: the receipt is printed before the transaction has ended."""

from __future__ import annotations

import importlib.util
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import nof1.workflow.enter as step

_spec = importlib.util.spec_from_file_location(
    "write_by_enter", Path(__file__).with_name("write_by_enter.py")
)
right = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(right)
write_once = right.write_once
_changing = step.changing


def write_forever(path, name, start, acknowledge) -> None:
    """Enter one score after the other; each is acknowledged inside its transaction."""
    for number in count(start):

        @contextmanager
        def hasty(folder, context, number=number):
            with _changing(folder, context) as change:
                yield change
                acknowledge(f"{name}-{number}")

        step.changing = hasty
        right.enter(path, name, number)
