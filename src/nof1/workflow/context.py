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
class _StandingClock:
    """A clock that can be sent elsewhere: it shows one time."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


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

    def silent(self) -> Context:
        """Return the same context, which tells nothing on the way.

        Returns
        -------
        Context
            A copy.
        """
        return replace(self, progress=_silent)

    def elsewhere(self) -> Context:
        """Return a silent context that can be sent to another process, or to another machine.

        Returns
        -------
        Context
            A copy. Clock and entropy are those of the system there; a clock that is not the system's here stands
            still there.
        """
        now = self.now if self.now is _system_now else _StandingClock(at=self.now())
        return replace(self.silent(), now=now, entropy=secrets.token_bytes)
