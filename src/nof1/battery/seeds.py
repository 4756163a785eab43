"""From a public seed to the material of one session: the same everywhere, and never from anything that is hidden.

The seed names trial, instrument and session, all of them public (forms, version 1). There is no parameter for a
condition, a kit or a secret, so none of them can enter it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from nof1.encoding import frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_T = TypeVar("_T")
_DOMAIN = b"nof1/forms/v1"
_STREAM = b"nof1/forms/stream/v1"


def form_seed(trial_id: str, instrument: str, session: int) -> bytes:
    """Return the seed of the form that an instrument has in a session.

    Parameters
    ----------
    trial_id : str
        The trial.
    instrument : str
        What the protocol calls the instrument, such as ``wm``.
    session : int
        Planned occasion, from 1.

    Returns
    -------
    bytes, length 32
        SHA-256 of the framed fields; the session as decimal text.

    Raises
    ------
    ValueError
        If the session is below 1.

    Examples
    --------
    >>> form_seed("nefiracetam-memory", "wm", 1).hex()[:8]
    'b90afd20'
    """
    if session < 1:
        raise ValueError(f"sessions are counted from 1, got {session}")
    return _seed(trial_id, instrument, str(session))


def _seed(trial_id: str, instrument: str, session: str) -> bytes:
    return hashlib.sha256(frame(_DOMAIN, trial_id, instrument, session)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormKey:
    """Whose form it is; all that a form depends on beside its task and parameters.

    Attributes
    ----------
    trial_id, instrument : str
        The trial, and what its protocol calls the instrument.
    session : int
        Planned occasion, from 1.
    occasion : int
        How many times the instrument has been planned up to this session, from 1: material that must not come twice is
        dealt out by it.
    """

    trial_id: str
    instrument: str
    session: int
    occasion: int

    def __post_init__(self) -> None:
        if not 1 <= self.occasion <= self.session:
            raise ValueError(f"occasion {self.occasion} of session {self.session}: write 1 to {self.session}")

    @property
    def seed(self) -> bytes:
        """The seed of this session's form."""
        return form_seed(self.trial_id, self.instrument, self.session)

    def stream(self, label: str) -> Stream:
        """Return the choices that belong to this session.

        Parameters
        ----------
        label : str
            What they are for; different labels give independent choices.

        Returns
        -------
        Stream
            From its beginning.
        """
        return Stream(self.seed, label)

    def series_stream(self, label: str) -> Stream:
        """Return choices that are the same in all sessions of the instrument.

        Parameters
        ----------
        label : str
            What they are for.

        Returns
        -------
        Stream
            From its beginning.
        """
        return Stream(_seed(self.trial_id, self.instrument, "every session"), label)


class Stream:
    """Choices without favour, in a fixed order, from a seed (HMAC-SHA256 in counter mode, version 1).

    Whole numbers only: no floating point, so no machine differs. A number that falls outside is thrown away and
    another one taken, so no choice is favoured.

    Parameters
    ----------
    seed : bytes, length 32
        Where everything comes from.
    label : str
        What the choices are for.

    Examples
    --------
    >>> Stream(bytes(32), "example").shuffled("abcde")
    ('b', 'a', 'c', 'd', 'e')
    """

    __slots__ = ("_buffer", "_count", "_label", "_seed")

    def __init__(self, seed: bytes, label: str) -> None:
        self._seed = seed
        self._label = label
        self._count = 0
        self._buffer = b""

    def below(self, size: int) -> int:
        """Return a whole number, uniform on 0 … size - 1.

        Parameters
        ----------
        size : int
            1 or more.

        Returns
        -------
        int
            The next choice.

        Raises
        ------
        ValueError
            If there is nothing to choose from.
        """
        if size < 1:
            raise ValueError(f"nothing to choose from: {size} possibilities")
        n_bits = (size - 1).bit_length()
        if n_bits == 0:
            return 0
        n_bytes = (n_bits + 7) // 8
        while True:
            value = int.from_bytes(self._bytes(n_bytes), "big") >> (8 * n_bytes - n_bits)
            if value < size:
                return value

    def between(self, low: int, high: int) -> int:
        """Return a whole number, uniform on low … high, both included.

        Parameters
        ----------
        low, high : int
            The ends, the lower first.

        Returns
        -------
        int
            The next choice.
        """
        return low + self.below(high - low + 1)

    def choice(self, items: Sequence[_T]) -> _T:
        """Return one of some items.

        Parameters
        ----------
        items : sequence
            At least one.

        Returns
        -------
        object
            One of them.
        """
        return items[self.below(len(items))]

    def shuffled(self, items: Iterable[_T]) -> tuple[_T, ...]:
        """Return items in an order in which every order is equally likely.

        Parameters
        ----------
        items : iterable
            Any number.

        Returns
        -------
        tuple
            All of them (Fisher and Yates).
        """
        held = list(items)
        for place in range(len(held) - 1, 0, -1):
            other = self.below(place + 1)
            held[place], held[other] = held[other], held[place]
        return tuple(held)

    def sample(self, items: Sequence[_T], size: int) -> tuple[_T, ...]:
        """Return some of the items, none twice, in random order.

        Parameters
        ----------
        items : sequence
            At least `size`.
        size : int
            How many.

        Returns
        -------
        tuple
            Of that length.

        Raises
        ------
        ValueError
            If there are fewer items.
        """
        if size > len(items):
            raise ValueError(f"{size} of {len(items)} cannot be taken without taking one twice")
        return self.shuffled(items)[:size]

    def _bytes(self, size: int) -> bytes:
        while len(self._buffer) < size:
            message = frame(_STREAM, self._label, self._count.to_bytes(4, "big"))
            self._buffer += hmac.digest(self._seed, message, hashlib.sha256)
            self._count += 1
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken
