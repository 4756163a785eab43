"""Values that must not be seen by accident, and the secret from which a blinded draw follows."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Self

from nof1.blinding.kits import ALPHABET
from nof1.errors import EntryError
from nof1.schedule.draw import KEY_BYTES

_GROUP = 8


class Sealed:
    """Base of values that hold a condition or a secret: whatever prints them prints ``<sealed>``.

    A log line, a traceback or an f-string then gives nothing away. Reading a field is still possible; it
    is done where it is meant.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "<sealed>"

    def __str__(self) -> str:
        return "<sealed>"

    def __format__(self, spec: str) -> str:
        return "<sealed>"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Secret(Sealed):
    """The 32 bytes from which sequence, kit codes and card keys follow.

    Attributes
    ----------
    value : bytes, length 32
        From the operating system.

    Examples
    --------
    >>> Secret(bytes(32))
    <sealed>
    """

    value: bytes

    def __post_init__(self) -> None:
        if len(self.value) != KEY_BYTES:
            raise ValueError(f"a secret has {KEY_BYTES} bytes, got {len(self.value)}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.value, other.value)

    def __hash__(self) -> int:
        return hash(self.value)

    def sheet(self) -> tuple[str, ...]:
        """Return the secret as the recovery sheet prints it.

        Returns
        -------
        tuple of str, length 8
            Eight hexadecimal digits and one check character each, so that a misread group is named.

        Examples
        --------
        >>> Secret(bytes(range(32))).sheet()[:2]
        ('00010203Q', '040506077')
        """
        digits = self.value.hex()
        groups = [digits[i : i + _GROUP] for i in range(0, len(digits), _GROUP)]
        return tuple(group + _check(group) for group in groups)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a secret from a file or as it was typed from the recovery sheet.

        Parameters
        ----------
        text : str
            64 hexadecimal digits, or eight groups with their check characters; spaces, line ends and
            hyphens do not count.

        Returns
        -------
        Secret
            Sealed.

        Raises
        ------
        EntryError
            If it cannot be one; the message names the group, never what was typed.
        """
        digits = "".join(text.split()).replace("-", "")
        if len(digits) == (_GROUP + 1) * 8:
            groups = [digits[i : i + _GROUP + 1] for i in range(0, len(digits), _GROUP + 1)]
            wrong = [
                str(number)
                for number, group in enumerate(groups, start=1)
                if not _is_hexadecimal(group[:-1]) or _check(group[:-1]) != group[-1].upper()
            ]
            if wrong:
                raise EntryError(
                    f"group {', '.join(wrong)} of the secret was misread; compare it with the sheet"
                )
            digits = "".join(group[:-1] for group in groups)
        if len(digits) != 2 * KEY_BYTES or not _is_hexadecimal(digits):
            raise EntryError(
                f"a secret has 64 hexadecimal digits, or 8 groups of 8 with a check character each; "
                f"{len(digits)} characters were given"
            )
        return cls(bytes.fromhex(digits))


def _is_hexadecimal(text: str) -> bool:
    return set(text) <= set("0123456789abcdefABCDEF")


def _check(group: str) -> str:
    return ALPHABET[int(group, 16) % len(ALPHABET)]
