"""The published data sets as long tables for `nof1 import`; their protocols lie in `data_protocols/`."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CAFFEINE_SCORES = {
    "productivity": "work.productivity",
    "creativity": "work.creativity",
    "mindfulness": "sit.mindfulness",
    "concentration": "sit.concentration",
}
EXCLUDED = "left out by the author: second date of study day 44"


def caffeine_table(data: Path) -> bytes:
    """Fifty days of one dose each; the day counts from the calendar, so it has gaps where the session has none."""
    rows = _read(data / "caffeine.csv")
    first = _date(rows[0]["dose_at"])
    return _written(
        {
            "session": row["session"],
            "period": row["session"],
            "condition": row["arm"],
            "day": (_date(row["dose_at"]) - first).days + 1,
            "at": row["dose_at"],
            "guess_probability": row["guess_probability"],
            "score": score,
            "value": row[column],
        }
        for row in rows
        for column, score in CAFFEINE_SCORES.items()
    )


def melatonin_table(data: Path) -> bytes:
    """Seventy days of about three prompts; every prompt is a session, the day is the author's index."""
    folder = data / "melatonin"
    taken = json.loads((folder / "melatonin_schedule.json").read_text())
    excluded = {row["datetime"] for row in _read(folder / "excluded_observations.csv")}
    return _written(
        {
            "session": session,
            "period": int(float(row["study_day"])),
            "condition": "melatonin" if taken[str(int(float(row["study_day"])))] else "control",
            "day": int(float(row["study_day"])),
            "at": row["datetime"],
            "score": "ema.mood",
            "value": row["mood"],
            "excluded": EXCLUDED if row["datetime"] in excluded else "",
        }
        for session, row in enumerate(_read(folder / "melatonin_ema.csv"), start=1)
    )


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _date(text: str) -> date:
    return datetime.fromisoformat(text).date()


def _written(rows) -> bytes:
    rows = list(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
