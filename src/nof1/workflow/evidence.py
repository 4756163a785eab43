"""The evidence that lies in every report: what verify.py needs to check the trial without nof1."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from nof1.files.plain import read_bytes_if_there
from nof1.files.reports import folder_digests
from nof1.report.evidence import evidence_files
from nof1.workflow.trial import HEADS, open_trial_store

if TYPE_CHECKING:
    from pathlib import Path


def trial_evidence(folder: Path) -> dict[str, bytes]:
    """Gather verify.py and what it reads: events with their hashes, heads, locked files.

    Free texts are not in it: an event carries their digests.

    Parameters
    ----------
    folder : Path
        Of a trial that is locked.

    Returns
    -------
    dict of str to bytes
        Name in the folder of the report to content.
    """
    rows = open_trial_store(folder).rows()
    events = "".join(f"{json.dumps(asdict(row), ensure_ascii=False)}\n" for row in rows)
    locked = folder / "locked"
    files = {name: (locked / name).read_bytes() for name in folder_digests(locked)}
    return evidence_files(events, (read_bytes_if_there(folder / HEADS) or b"").decode(), files)
