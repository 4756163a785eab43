"""The public part of a blinded draw: what the participant's side holds from the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from nof1.blinding.commitment import commitment, published_line, root
from nof1.blinding.kits import Kit
from nof1.errors import DocumentError, Problem
from nof1.terms import KitCode, Mode

if TYPE_CHECKING:
    from nof1.encoding import Json

_FIELDS = ("nof1", "mode", "protocol_sha256", "kits", "leaves", "root", "commitment")
_BLINDED = (Mode.THIRD_PARTY, Mode.SELF_BLINDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKits:
    """Kits in order of use and the hashes that bind their cards. No condition, and nothing to find one with.

    Attributes
    ----------
    mode : Mode
        ``third_party`` or ``self_blinded``.
    protocol_sha256 : str
        Digest of the protocol as 64 hexadecimal digits.
    kits : tuple of Kit
        In order of use, spare blocks last.
    leaves : tuple of str
        One per kit, 64 hexadecimal digits each, sorted: their order says nothing.
    root, commitment : str
        64 hexadecimal digits each.
    """

    mode: Mode
    protocol_sha256: str
    kits: tuple[Kit, ...]
    leaves: tuple[str, ...]
    root: str
    commitment: str

    @classmethod
    def of(cls, mode: Mode, protocol_sha256: str, kits: Sequence[Kit], leaves: Sequence[bytes]) -> Self:
        """Compute the hashes over kits and leaves.

        Parameters
        ----------
        mode : Mode
            Who knows.
        protocol_sha256 : str
            Digest of the protocol as 64 hexadecimal digits.
        kits : sequence of Kit
            In order of use, spare blocks last.
        leaves : sequence of bytes
            In any order.

        Returns
        -------
        PublicKits
            With root and commitment.
        """
        top = root(leaves)
        return cls(
            mode=mode,
            protocol_sha256=protocol_sha256,
            kits=tuple(kits),
            leaves=tuple(leaf.hex() for leaf in sorted(leaves)),
            root=top.hex(),
            commitment=commitment(mode, protocol_sha256, top, [str(kit) for kit in kits]).hex(),
        )

    @property
    def line(self) -> str:
        """The line to publish before the first dose."""
        return published_line(self.mode, self.protocol_sha256, self.commitment)

    @property
    def main_kits(self) -> tuple[Kit, ...]:
        """Kits of the planned periods, in order of use."""
        return tuple(kit for kit in self.kits if not kit.is_spare)

    def spare_kits(self, block: str) -> tuple[Kit, ...]:
        """Return the kits of one spare block, in order of use.

        Parameters
        ----------
        block : str
            Such as ``S1``.

        Returns
        -------
        tuple of Kit
            Empty if there is no such block.
        """
        return tuple(kit for kit in self.kits if kit.block == block)

    def kit(self, code: KitCode) -> Kit | None:
        """Return the kit with this code, or None if the trial has no such kit.

        Parameters
        ----------
        code : KitCode
            As printed on the label.

        Returns
        -------
        Kit or None
            With its block.
        """
        return next((kit for kit in self.kits if kit.code == code), None)

    def to_dict(self) -> dict[str, Json]:
        """Return the content of public.json.

        Returns
        -------
        dict
            Text and one number only.
        """
        return {
            "nof1": 1,
            "mode": self.mode.value,
            "protocol_sha256": self.protocol_sha256,
            "kits": [str(kit) for kit in self.kits],
            "leaves": list(self.leaves),
            "root": self.root,
            "commitment": self.commitment,
        }

    @classmethod
    def from_dict(cls, data: object, source: str = "public.json") -> Self:
        """Read the content of public.json, and believe none of it that can be computed again.

        Parameters
        ----------
        data : object
            What a JSON parser returned.
        source : str
            Name of the file, for the message.

        Returns
        -------
        PublicKits
            Consistent in itself: root and commitment follow from kits and leaves.

        Raises
        ------
        DocumentError
            With every problem that was found.
        """
        problems = list(_problems(data))
        if problems or not isinstance(data, Mapping):
            raise DocumentError(source, problems)
        found = cls.of(
            Mode(data["mode"]),
            data["protocol_sha256"],
            [Kit.parse(text) for text in data["kits"]],
            [bytes.fromhex(text) for text in data["leaves"]],
        )
        problems = [
            Problem(
                where=name,
                message=f"{name} does not follow from the kits and leaves of this file: it was changed or damaged; "
                "ask for it again",
            )
            for name, computed in (("root", found.root), ("commitment", found.commitment))
            if data[name] != computed
        ]
        if problems:
            raise DocumentError(source, problems)
        return found


def _problems(data: object) -> list[Problem]:
    if not isinstance(data, Mapping):
        return [Problem(where="", message="found no object; this is not the public part of a draw")]
    problems = [
        Problem(where=str(name), message="unknown; this is not the public part of a draw")
        for name in data
        if name not in _FIELDS
    ]
    missing = [name for name in _FIELDS if name not in data]
    problems += [Problem(where=name, message="missing") for name in missing]
    if missing:
        return problems
    if data["nof1"] != 1 or isinstance(data["nof1"], bool):
        problems.append(Problem(where="nof1", message=f"found {data['nof1']!r}; this version reads format 1"))
    if data["mode"] not in [mode.value for mode in _BLINDED]:
        problems.append(
            Problem(where="mode", message=f"found {data['mode']!r}; write third_party or self_blinded")
        )
    problems += [
        Problem(where=name, message="not 64 hexadecimal digits in lower case")
        for name in ("protocol_sha256", "root", "commitment")
        if not _is_digest(data[name])
    ]
    return problems + _kit_problems(data["kits"]) + _leaf_problems(data["leaves"], data["kits"])


def _kit_problems(kits: object) -> list[Problem]:
    if not isinstance(kits, list) or not kits:
        return [Problem(where="kits", message="not a list of kits")]
    problems = []
    read = []
    for number, text in enumerate(kits, start=1):
        try:
            read.append(Kit.parse(text if isinstance(text, str) else ""))
        except ValueError:
            problems.append(Problem(where=f"kits, {number}", message=f"found {text!r}; write 3/K-N2PQH5"))
    if problems:
        return problems
    if len({kit.code for kit in read}) != len(read):
        problems.append(Problem(where="kits", message="a code is there twice"))
    if [kit.is_spare for kit in read] != sorted(kit.is_spare for kit in read):
        problems.append(Problem(where="kits", message="spare kits come after all others"))
    return problems


def _leaf_problems(leaves: object, kits: object) -> list[Problem]:
    if not isinstance(leaves, list) or not all(_is_digest(leaf) for leaf in leaves):
        return [Problem(where="leaves", message="not a list of 64 hexadecimal digits in lower case each")]
    problems = []
    if leaves != sorted(set(leaves)):
        problems.append(Problem(where="leaves", message="not in ascending order, or one is there twice"))
    if isinstance(kits, list) and len(leaves) != len(kits):
        problems.append(Problem(where="leaves", message=f"{len(leaves)} leaves for {len(kits)} kits"))
    return problems


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")
