"""Exclusions are asked for once, before anything is drawn; what was said is kept, and only a plain contradiction is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.errors import EntryError

if TYPE_CHECKING:
    from nof1.protocol.model import Protocol

NONE = frozenset({"no", "none", "n"})
DECLINED = frozenset({"declined", "prefer not to say", "not told"})
CHOICES = "none, declined, or those that hold"


def exclusions_of(protocol: Protocol) -> tuple[str, ...]:
    """Return whom a protocol leaves out.

    Parameters
    ----------
    protocol : Protocol
        Without problems.

    Returns
    -------
    tuple of str
        As written; empty where the list says no more than ``none``.
    """
    written = protocol.safety.exclusions if protocol.safety else ()
    return tuple(one for one in written if one.strip().casefold() not in NONE)


def exclusion_question(protocol: Protocol) -> str | None:
    """Return what is asked once at `randomize`.

    Parameters
    ----------
    protocol : Protocol
        Without problems.

    Returns
    -------
    str or None
        None where the protocol leaves nobody out.
    """
    exclusions = exclusions_of(protocol)
    if not exclusions:
        return None
    return f"Which of these hold for the participant: {', '.join(exclusions)}? ({CHOICES})"


def require_not_excluded(protocol: Protocol, typed: str) -> None:
    """Refuse to begin where the participant's own protocol leaves the participant out.

    Parameters
    ----------
    protocol : Protocol
        Names the exclusions.
    typed : str
        What was answered to `exclusion_question`. Declining is an answer.

    Raises
    ------
    EntryError
        If nothing was answered, or an exclusion holds: then the protocol contradicts itself.
    """
    said = typed.strip().casefold().rstrip(".")
    if not said:
        raise EntryError(f"the exclusions: found nothing; write {CHOICES}")
    if said not in NONE | DECLINED:
        raise EntryError(
            f"{protocol.id} leaves out whom this holds for ({typed.strip()[:80]}): it is written in safety.exclusions. "
            "Nothing was drawn; write another protocol, or do not begin this trial"
        )
