"""Everything impure that a step needs, passed in: clock, entropy, actor, workspace, progress."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nof1.terms import Channel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _system_now() -> datetime:
    return datetime.now(UTC)


def _silent(_message: str) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a step may not take from anywhere else.

    Attributes
    ----------
    workspace : Path
        Folder with protocols/, data/ and reports/.
    now : callable
        The time [aware, UTC].
    entropy : callable
        ``entropy(n)`` gives n random bytes; the operating system's by default.
    actor : str
        Who acts; empty for the participant.
    channel : Channel
        By which way.
    progress : callable
        Is told what a long step does.
    store_url : str
        Address of the store in which a new trial is kept; empty: in a file in its folder.
    simulated : bool
        Whether clock or entropy are not the real ones. A trial that was begun so is marked for ever.
    """

    workspace: Path
    now: Callable[[], datetime] = field(default=_system_now)
    entropy: Callable[[int], bytes] = field(default=secrets.token_bytes)
    actor: str = ""
    channel: Channel = Channel.CLI
    progress: Callable[[str], None] = field(default=_silent)
    store_url: str = ""
    simulated: bool = False

    def acting_as(self, actor: str) -> Context:
        """Return the same context for another actor.

        Parameters
        ----------
        actor : str
            Name or role of who acts.

        Returns
        -------
        Context
            A copy.
        """
        return replace(self, actor=actor)
