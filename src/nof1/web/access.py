"""Who may use the page: one-time tokens, sessions of a browser, tokens of a form, wrong guesses counted."""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.encoding import frame

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN_BYTES = 16
"""128 bits: nobody guesses that, not even without a limit."""
_WRONG_PER_MINUTE = 5
_MINUTE = 60.0
_MOST_SESSIONS = 16
_MOST_PEERS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A browser that has shown a token.

    Attributes
    ----------
    key : str
        The value of its cookie.
    """

    key: str

    def form_token(self, path: str) -> str:
        """Return the token that a form for a path must bring; another form has another one.

        Parameters
        ----------
        path : str
            Where the form is sent.

        Returns
        -------
        str
            32 hexadecimal digits.
        """
        return hmac.digest(self.key.encode(), frame("nof1/form/v1", path), hashlib.sha256).hex()[:32]

    @property
    def page_token(self) -> str:
        """The token that scripts of our pages bring in a header."""
        return self.form_token("")


class Access:
    """Gives and takes tokens.

    Parameters
    ----------
    entropy : callable of int to bytes
        The operating system's; never a seeded one.
    monotonic : callable
        Seconds that never go back.
    on_used : callable of str to None
        Is told the next one-time token when one was used.
    """

    def __init__(
        self,
        entropy: Callable[[int], bytes],
        monotonic: Callable[[], float],
        on_used: Callable[[str], None] | None = None,
    ) -> None:
        self._entropy = entropy
        self._monotonic = monotonic
        self._on_used = on_used
        self._visitors: dict[str, Visitor] = {}
        self._wrong: dict[str, deque[float]] = {}
        self.token = self._new()
        self.last_used = monotonic()

    def exchange(self, token: str, peer: str) -> Visitor | None:
        """Take a one-time token, and give a browser its session.

        Parameters
        ----------
        token : str
            As it stood in the link.
        peer : str
            Address of who asks; wrong tokens are counted by it.

        Returns
        -------
        Visitor or None
            None: it is not the token. Ask `is_locked_out` before.
        """
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            self._count_wrong(peer)
            return None
        self.token = self._new()
        visitor = Visitor(key=self._new())
        self._visitors[visitor.key] = visitor
        while len(self._visitors) > _MOST_SESSIONS:
            self._visitors.pop(next(iter(self._visitors)))
        self.last_used = self._monotonic()
        if self._on_used is not None:
            self._on_used(self.token)
        return visitor

    def visitor(self, cookie: str | None) -> Visitor | None:
        """Return the browser to which a cookie belongs; its use keeps the page open.

        Parameters
        ----------
        cookie : str or None
            Value of the cookie.

        Returns
        -------
        Visitor or None
            None: unknown.
        """
        found = self._visitors.get(cookie or "")
        if found is not None:
            self.last_used = self._monotonic()
        return found

    def is_locked_out(self, peer: str) -> bool:
        """Whether too many wrong tokens came from an address within a minute."""
        times = self._wrong.get(peer)
        if not times:
            return False
        while times and self._monotonic() - times[0] > _MINUTE:
            times.popleft()
        return len(times) >= _WRONG_PER_MINUTE

    @property
    def idle_s(self) -> float:
        """How long nobody has used the page [s]."""
        return self._monotonic() - self.last_used

    def _count_wrong(self, peer: str) -> None:
        if peer not in self._wrong and len(self._wrong) >= _MOST_PEERS:
            self._wrong.pop(next(iter(self._wrong)))
        self._wrong.setdefault(peer, deque(maxlen=_WRONG_PER_MINUTE)).append(self._monotonic())

    def _new(self) -> str:
        return self._entropy(TOKEN_BYTES).hex()
