"""What pydantic found wrong, as sentences for people: what was found, and what to write."""

from __future__ import annotations

import difflib
from decimal import Decimal
from typing import TYPE_CHECKING

from nof1.encoding import decimal_text
from nof1.protocol.fields import Spot, spot
from nof1.protocol.finding import Finding
from nof1.protocol.scalars import NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

_SHOWN = 60
_NEAR = 0.6
_NAME = "small letters, digits and underscores, a letter first, 24 at most"


def finding_of(error: ErrorDetails) -> Finding:
    """Turn an error of pydantic into a finding.

    Parameters
    ----------
    error : ErrorDetails
        One of `ValidationError.errors()`.

    Returns
    -------
    Finding
        Its path leads through the document.
    """
    loc = [step for step in error["loc"] if not (isinstance(step, str) and step.startswith("<"))]
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if loc and loc[-1] == "[key]":
        return Finding(tuple(loc[:-1]), f"found the name {found(loc[-2])}; write {_NAME}", at="key")
    if kind == "missing" and isinstance(loc[-1], int):  # a list that is too short
        loc, kind = loc[:-1], "too_short"
    path = tuple(loc)
    if kind == "extra_forbidden":
        return Finding(path, _unknown(str(path[-1]), spot(path[:-1]).keys), at="key")
    here = spot(path)
    if kind == "missing":
        return Finding(path, f"missing; write {_write(here)}")
    if kind in {"literal_error", "enum"}:
        choices = [choice.strip("'") for choice in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return Finding(path, f"found {found(value)}; {_one_of(value, choices)}")
    return Finding(path, f"found {_measured(kind, value, context)}; write {_write(here)}")


def found(value: object) -> str:
    """Show what was found, short.

    Parameters
    ----------
    value : object
        As the loader read it.

    Returns
    -------
    str
        Text in quotes, numbers and true, false as they are, the rest by its kind.

    Examples
    --------
    >>> found("a week"), found(None), found({"a": 1})
    ("'a week'", 'nothing', 'a mapping')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return decimal_text(value)
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…")
    return "a mapping" if isinstance(value, dict) else "a list"


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which name was meant, or which there are.

    Parameters
    ----------
    name : str
        What was found.
    known : iterable of str
        What could have been written.

    Returns
    -------
    str
        ``did you mean 'mood'?`` or ``write one of calm, mood``.

    Examples
    --------
    >>> nearest("moood", ["calm", "mood"]), nearest("x", ["calm", "mood"])
    ("did you mean 'mood'?", 'write one of calm, mood')
    """
    names = list(known)
    if (close := meant(name, names)) is not None:
        return f"did you mean {close!r}?"
    return f"write one of {', '.join(names)}" if names else "there is none"


def meant(name: str, known: Iterable[str]) -> str | None:
    """Find the known name that was probably meant; of names equally near the one that is listed first.

    Parameters
    ----------
    name : str
        What was found.
    known : iterable of str
        What could have been written.

    Returns
    -------
    str or None
        None where nothing is near.
    """
    matcher = difflib.SequenceMatcher(b=name[:_SHOWN].lower())
    best, nearest_so_far = _NEAR, None
    for candidate in known:
        matcher.set_seq1(candidate)
        if matcher.real_quick_ratio() > best and matcher.ratio() > best:
            best, nearest_so_far = matcher.ratio(), candidate
    return nearest_so_far


def _unknown(name: str, keys: tuple[str, ...]) -> str:
    return f"unknown key; {nearest(name, keys)}"


def _one_of(value: object, choices: list[str]) -> str:
    if isinstance(value, str) and meant(value, choices) is not None:
        return nearest(value, choices)
    return f"write {choices[0]}" if len(choices) == 1 else f"write one of {', '.join(choices)}"


def _write(here: Spot) -> str:
    return here.say.write if here.say else "what belongs here"


def _measured(kind: str, value: object, context: Mapping[str, object]) -> str:
    """Add to what was found by how much it is out of bounds."""
    shown = found(value)
    bounds = {
        "greater_than_equal": ("less than", "ge"),
        "less_than_equal": ("more than", "le"),
        "greater_than": ("not above", "gt"),
        "less_than": ("not below", "lt"),
    }
    if kind in bounds:
        words, key = bounds[kind]
        return f"{shown}, {words} {context[key]}"
    if kind == "string_too_long":
        return f"a text of {len(str(value))} characters, more than {context['max_length']}"
    if kind == "string_too_short":
        return "an empty text"
    size = len(value) if isinstance(value, list | dict) else 0
    entries = "1 entry" if size == 1 else f"{size} entries"
    if kind == "too_long":
        return f"{entries}, more than {context['max_length']}"
    if kind == "too_short":
        return entries if size else "nothing"
    is_quoted = kind == "value_error" and isinstance(value, str) and NUMBER.fullmatch(value)
    return f"{shown} in quotes" if is_quoted else shown
