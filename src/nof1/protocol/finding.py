"""What a rule finds wrong, and the order in which rules may be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nof1.protocol.model import Protocol
    from nof1.protocol.yaml_text import Path


class Finding(NamedTuple):
    """One thing that is wrong.

    Attributes
    ----------
    path : Path
        Where.
    message : str
        What was found, and what to write.
    needs : tuple of Path
        What the finding rests on besides: where one of these is wrong itself, it is not told.
    at : {"key", "value"}
        Whether the name or what stands there is wrong.
    """

    path: Path
    message: str
    needs: tuple[Path, ...] = ()
    at: Literal["key", "value"] = "value"


class Rule(NamedTuple):
    """A function that finds what is wrong in a protocol.

    Attributes
    ----------
    check : callable
        Takes a protocol, gives findings or pairs of path and message.
    needs : tuple of Path
        Where one of these is wrong, the function is not asked at all.
    """

    check: Callable[[Protocol], Iterable[tuple[object, ...]]]
    needs: tuple[Path, ...] = ()


def where(path: Path) -> str:
    """Write a path for people.

    Parameters
    ----------
    path : Path
        Keys, and places in lists from 0.

    Returns
    -------
    str
        Places are counted from 1.

    Examples
    --------
    >>> where(("sessions", 0, "at"))
    'sessions[1].at'
    """
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def touches(one: Path, other: Path) -> bool:
    """Tell whether one path leads through the other.

    Parameters
    ----------
    one, other : Path
        In any order.

    Returns
    -------
    bool
        True as well where they are the same.

    Examples
    --------
    >>> touches(("design",), ("design", "kind")), touches(("design", "kind"), ("design", "blocks"))
    (True, False)
    """
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def names(section: str) -> Path:
    """Return what a finding needs that rests on which names a section has, not on what stands under them.

    Parameters
    ----------
    section : str
        Such as ``conditions``.

    Returns
    -------
    Path
        Wrong only where the section as a whole is.
    """
    return (section, "")
