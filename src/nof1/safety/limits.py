"""Ceilings of the participant's own across what is added later: a further block counts as the planned ones do.

That a plan keeps to its ceilings on the worst order is asked when it is read (`schedule.design`); here is asked what
comes on top of it. Taking less, stopping, recording and opening are never asked anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.errors import StageError

if TYPE_CHECKING:
    from nof1.protocol.model import Protocol


def days_on(protocol: Protocol, n_blocks: int) -> int:
    """Count the days on a condition with a dose in a number of blocks.

    Parameters
    ----------
    protocol : Protocol
        Of a design in blocks.
    n_blocks : int
        Planned and added ones.

    Returns
    -------
    int
        [days]; the order does not matter.

    Examples
    --------
    >>> from nof1.files.protocols import library, read_protocol
    >>> days_on(read_protocol(library()["nefiracetam-memory"]), 7)
    98
    """
    n_active = sum(condition.is_active for condition in protocol.conditions.values())
    return n_blocks * protocol.design.per_block * n_active * protocol.design.period_days


def require_within_total(protocol: Protocol, *, n_blocks: int) -> None:
    """Refuse a further block that the participant's own protocol does not allow.

    Parameters
    ----------
    protocol : Protocol
        In force.
    n_blocks : int
        With the one that would be added.

    Raises
    ------
    StageError
        If it would bring more days on than ``max_total_days_on``.
    """
    ceiling = protocol.safety.max_total_days_on if protocol.safety else None
    total = days_on(protocol, n_blocks)
    if ceiling is not None and total > ceiling:
        raise StageError(
            f"a further block would bring {total} days on, and your own safety.max_total_days_on is {ceiling}; "
            "the period stays missing"
        )
