"""Registers packed kits and draws the order of their codes, by the steps of `nof1 randomize`."""

from __future__ import annotations

import os
import random
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from nof1.errors import Nof1Error, OutcomeUnknownError
from nof1.storage import database  # noqa: F401 - loaded before the fork, so that a life begins at once
from nof1.workflow.context import Context
from nof1.workflow.demo import simulated_entropy
from nof1.workflow.hands import pack
from nof1.workflow.randomize import randomize_trial
from nof1.workflow.register import answers_from

if TYPE_CHECKING:
    from pathlib import Path

SHEETS = b"sheets"


def write_once(store: Path, _key: str) -> str:
    """Register and draw, and return what the person is told: saved, refused, or unknown."""
    workspace = store.parents[2]
    protocol = workspace / "protocols" / "protocol.yaml"
    boxes = pack(protocol, simulated_entropy(SHEETS), random.Random(1))  # noqa: S311 - made-up hands
    context = Context(
        workspace=workspace, now=lambda: datetime(2026, 3, 1, 8, tzinfo=UTC), entropy=os.urandom
    )
    try:
        randomize_trial(
            protocol, store.parent, date(2026, 3, 2), context,
            zone="UTC", kits=workspace / "kits", ask=answers_from(boxes.answers),
        )  # fmt: skip
    except OutcomeUnknownError as error:
        return f"unknown {error}"
    except Nof1Error as error:
        return f"refused {error}"
    return "saved"
