"""Templates and static files, as parts of the package."""

from __future__ import annotations

from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

VENDOR = "nof1_vendor"
"""The package into which the build puts jsPsych."""


def static_folder() -> Path:
    """Return the folder of scripts, styles and pictures of our own."""
    return Path(str(resources.files("nof1.web"))) / "static"


def vendor_folder() -> Path | None:
    """Return the folder of jsPsych; None where the package was installed without it."""
    found = find_spec(VENDOR)
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0]) if places and (Path(places[0]) / "jspsych.js").is_file() else None


def environment() -> Environment:
    """Return what fills templates in: every value is escaped, a value that is not there is an error.

    Returns
    -------
    Environment
        With the filters that the templates use.
    """
    made = Environment(
        loader=PackageLoader("nof1.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"day": _day, "clock": _clock, "minutes": _minutes, "plural": _plural}
    return made


def _day(on: date) -> str:
    return f"{on:%a} {on.day} {on:%b}"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M}"


def _minutes(length: Decimal) -> str:
    whole = max(1, round(length))
    return f"about {whole} min"


def _plural(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
