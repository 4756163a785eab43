"""Draw, or take over what was drawn: what `randomize` and `extend` register of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from nof1.blinding.open_label import draw_openly
from nof1.blinding.public import PublicKits
from nof1.blinding.sealed import Secret
from nof1.errors import DocumentError, EntryError, Problem
from nof1.files.secrets import read_public
from nof1.schedule.design import part_space, part_spares
from nof1.terms import Mode
from nof1.workflow.public import redraw_order

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.audit import events
    from nof1.protocol.model import Protocol
    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What is registered of a draw.

    Attributes
    ----------
    kits : tuple of str
        In open_label the order itself, otherwise ``block/CODE`` in order of use.
    leaves, root, commitment, line, secret
        As in `TrialRandomized`.
    """

    kits: tuple[str, ...]
    leaves: tuple[str, ...] = ()
    root: str | None = None
    commitment: str
    line: str
    secret: str | None = None

    @classmethod
    def of(cls, public: PublicKits, secret: Secret | None = None) -> Self:
        """Take over what is public of a blinded draw.

        Parameters
        ----------
        public : PublicKits
            The draw.
        secret : Secret or None
            Where it is public too.

        Returns
        -------
        Drawn
            The same.
        """
        return cls(
            kits=tuple(str(kit) for kit in public.kits),
            leaves=public.leaves,
            root=public.root,
            commitment=public.commitment,
            line=public.line,
            secret=secret.value.hex() if secret else None,
        )


def draw_now(protocol: Protocol, digest: str, context: Context, after: int = 0) -> Drawn:
    """Draw the order of an open trial.

    Parameters
    ----------
    protocol : Protocol
        Open.
    digest : str
        Its digest as 64 hexadecimal digits.
    context : Context
        Entropy.
    after : int
        Blocks that were drawn before, where the trial is extended.

    Returns
    -------
    Drawn
        With the order itself.
    """
    secret = Secret(context.entropy(32))
    drawn = draw_openly(secret, digest, part_space(protocol, after), part_spares(protocol, after))
    return Drawn(
        kits=tuple(code for part in (drawn.sequence, *drawn.spares) for code in part),
        commitment=drawn.commitment,
        line=drawn.line,
        secret=secret.value.hex(),
    )


def draw_order(
    protocol: Protocol,
    digest: str,
    registered: events.KitsRegistered | events.ExtensionRegistered,
    context: Context,
) -> Drawn:
    """Draw the order of codes whose registration is committed.

    Parameters
    ----------
    protocol : Protocol
        Self-blinded.
    digest : str
        Its digest as 64 hexadecimal digits.
    registered : KitsRegistered or ExtensionRegistered
        As it is stored.
    context : Context
        Entropy; taken here and not before.

    Returns
    -------
    Drawn
        With the secret, which is public.
    """
    secret = Secret(context.entropy(32))
    kits = redraw_order(secret, protocol, digest, registered)
    leaves = [bytes.fromhex(leaf) for leaf in registered.leaves]
    return Drawn.of(PublicKits.of(Mode.SELF_BLINDED, digest, kits, leaves), secret)


def take_drawn(protocol: Protocol, digest: str, kits: Path | None, after: int = 0) -> Drawn:
    """Take over what a preparer drew.

    Parameters
    ----------
    protocol : Protocol
        With a preparer.
    digest : str
        Its digest as 64 hexadecimal digits.
    kits : Path or None
        public.json.
    after : int
        Blocks that were drawn before, where the trial is extended.

    Returns
    -------
    Drawn
        Codes and hashes.

    Raises
    ------
    EntryError
        If it is not given.
    DocumentError
        If it does not fit the protocol.
    """
    if kits is None:
        raise EntryError(
            "a third_party trial needs what the preparer drew: --kits public.json (the preparer makes it with nof1 kit draw)"
        )
    source, document = read_public(kits)
    public = PublicKits.from_dict(document, source=str(source))
    problems = _misfits(public, protocol, digest, after)
    if problems:
        raise DocumentError(str(source), problems)
    return Drawn.of(public)


def _misfits(public: PublicKits, protocol: Protocol, digest: str, after: int) -> list[Problem]:
    found = []
    if public.mode is not protocol.blinding.mode:
        found.append(
            Problem(
                where="mode",
                message=f"found {public.mode.value}; the protocol says {protocol.blinding.mode.value}",
            )
        )
    if public.protocol_sha256 != digest:
        found.append(
            Problem(
                where="protocol_sha256",
                message=f"drawn for the protocol {public.protocol_sha256[:12]}…, this one is {digest[:12]}…; "
                "both sides need the same file, or the preparer draws again",
            )
        )
    blocks = [str(block) for block in part_space(protocol, after).blocks]
    for number, spare in enumerate(part_spares(protocol, after), start=1):
        blocks += [f"S{number}"] * spare.n_periods
    if [kit.block for kit in public.kits] != blocks:
        found.append(
            Problem(
                where="kits",
                message=f"found {len(public.kits)} kits; this design needs {len(blocks)}, block by block",
            )
        )
    return found
