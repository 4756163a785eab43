"""The opening: the only place where a secret or a card becomes a condition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nof1.blinding.cards import Card, place_of
from nof1.blinding.kits import Kit, draw_card_key, draw_kit_codes, read_card_key, read_kit_code
from nof1.blinding.public import PublicKits
from nof1.blinding.sealed import Sealed, Secret
from nof1.errors import EntryError, OpeningError
from nof1.schedule.draw import draw, trial_key
from nof1.terms import ConditionCode, KitCode, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.schedule.space import SequenceSpace


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Allocated(Sealed):
    """One kit and what it holds.

    Attributes
    ----------
    kit : Kit
        The kit.
    condition : ConditionCode or None
        None where box and card are lost and nothing else tells.
    card_key : str or None
        Key of its card; None where it was opened without one.
    by_elimination : bool
        Whether the condition follows only from the other kits of the block.
    """

    kit: Kit
    condition: ConditionCode | None
    card_key: str | None
    by_elimination: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Allocation(Sealed):
    """The secret map from kit to condition.

    Attributes
    ----------
    entries : tuple of Allocated
        Kits in order of use, spare blocks last.
    """

    entries: tuple[Allocated, ...]

    def condition_of(self, code: KitCode) -> ConditionCode | None:
        """Return what a kit holds.

        Parameters
        ----------
        code : KitCode
            Of a kit of the trial.

        Returns
        -------
        ConditionCode or None
            None where nobody can tell.

        Raises
        ------
        OpeningError
            If the trial has no such kit.
        """
        for entry in self.entries:
            if entry.kit.code == code:
                return entry.condition
        raise OpeningError(f"{code} is not a kit of this trial")

    def sequence(self, codes: Sequence[KitCode] | None = None) -> tuple[ConditionCode | None, ...]:
        """Return the conditions in the order in which kits were planned.

        Parameters
        ----------
        codes : sequence of KitCode or None
            Planned kits, such as those of a schedule in which a spare block took the place of another;
            by default the kits that are not spare ones.

        Returns
        -------
        tuple of (ConditionCode or None)
            First period first.
        """
        if codes is None:
            return tuple(entry.condition for entry in self.entries if not entry.kit.is_spare)
        return tuple(self.condition_of(code) for code in codes)

    def size_and_rank(
        self, space: SequenceSpace, codes: Sequence[KitCode] | None = None
    ) -> tuple[int | None, int | None]:
        """Place the opened sequence among those that could have been.

        Parameters
        ----------
        space : SequenceSpace
            Of the periods that were planned.
        codes : sequence of KitCode or None
            As in `sequence`.

        Returns
        -------
        size : int or None
            Of the space; where kits are lost, of the space of the others, or None where there is none.
        rank : int or None
            None where kits are lost.
        """
        sequence = self.sequence(codes)
        known = {position: code for position, code in enumerate(sequence) if code is not None}
        if len(known) == len(sequence):
            return space.size, space.rank([code for code in sequence if code is not None])
        return (None if space.sacks is None else space.opened(known).size), None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Opening(Sealed):
    """Everything that follows from a secret.

    Attributes
    ----------
    public : PublicKits
        What the participant's side gets.
    sequence : tuple of ConditionCode
        First period first.
    spares : tuple of tuple of ConditionCode
        The same for every spare block.
    cards : tuple of Card
        In the order of `public.kits`.
    """

    public: PublicKits
    sequence: tuple[ConditionCode, ...]
    spares: tuple[tuple[ConditionCode, ...], ...]
    cards: tuple[Card, ...]

    @property
    def allocation(self) -> Allocation:
        """The map from kit to condition."""
        return Allocation(
            entries=tuple(
                Allocated(kit=kit, condition=card.condition, card_key=card.key)
                for kit, card in zip(self.public.kits, self.cards, strict=True)
            )
        )


def follow(
    secret: Secret, protocol_sha256: str, space: SequenceSpace, spares: Sequence[SequenceSpace] = ()
) -> Opening:
    """Compute everything that a preparer's secret fixes.

    Parameters
    ----------
    secret : Secret
        Of the preparer.
    protocol_sha256 : str
        Digest of the protocol as 64 hexadecimal digits.
    space : SequenceSpace
        Of the design.
    spares : sequence of SequenceSpace
        Of every spare block.

    Returns
    -------
    Opening
        Sequence, kits in order of use, cards, leaves, root, commitment.
    """
    key = trial_key(secret.value, protocol_sha256)
    sequence = space.unrank(draw(key, space.size, "sequence"))
    extra = tuple(
        spare.unrank(draw(key, spare.size, f"sequence/S{number}"))
        for number, spare in enumerate(spares, start=1)
    )
    blocks = [str(block) for block in space.blocks]
    blocks += [f"S{number}" for number, part in enumerate(extra, start=1) for _ in part]
    conditions = [code for part in (sequence, *extra) for code in part]
    codes = draw_kit_codes(key, len(blocks))
    kits = [Kit(block=block, code=code) for block, code in zip(blocks, codes, strict=True)]
    cards = tuple(
        Card(
            place=place_of(Mode.THIRD_PARTY, kit),
            condition=condition,
            key=draw_card_key(key, kit.code),
        )
        for kit, condition in zip(kits, conditions, strict=True)
    )
    leaves = [card.leaf(protocol_sha256) for card in cards]
    public = PublicKits.of(Mode.THIRD_PARTY, protocol_sha256, kits, leaves)
    return Opening(public=public, sequence=sequence, spares=extra, cards=cards)


def open_with_secret(
    secret: Secret, public: PublicKits, space: SequenceSpace, spares: Sequence[SequenceSpace] = ()
) -> Allocation:
    """Open a blinded trial with the preparer's secret, as a whole or not at all.

    Parameters
    ----------
    secret : Secret
        As revealed.
    public : PublicKits
        What was fixed at the start.
    space : SequenceSpace
        Of the design.
    spares : sequence of SequenceSpace
        Of every spare block.

    Returns
    -------
    Allocation
        Kit to condition.

    Raises
    ------
    OpeningError
        If anything that follows from the secret differs from what was published; it says what.
    """
    if public.mode is not Mode.THIRD_PARTY:
        raise OpeningError(f"a {public.mode} trial has no secret that opens it; it is opened with the cards")
    opening = follow(secret, public.protocol_sha256, space, spares)
    computed = opening.public
    if len(computed.kits) != len(public.kits):
        raise OpeningError(
            f"the protocol plans {len(computed.kits)} kits, but {len(public.kits)} were published; "
            "take the protocol that was registered"
        )
    names = ("kits", "leaves", "root", "commitment")
    differing = [name for name in names if getattr(computed, name) != getattr(public, name)]
    if differing:
        raise OpeningError(
            f"this secret does not fit what was published: {', '.join(differing)} differ; nothing was opened. "
            "Read it again, or ask whoever prepared the kits"
        )
    return opening.allocation


def read_card(public: PublicKits, code: KitCode, typed: str, conditions: Sequence[str]) -> ConditionCode:
    """Check one card against the published leaves.

    Works without network and without anything written, so also in an emergency.

    Parameters
    ----------
    public : PublicKits
        What was fixed at the start.
    code : KitCode
        Of the kit in whose box the card lay.
    typed : str
        Key of the card, as typed.
    conditions : sequence of ConditionCode
        Of the protocol.

    Returns
    -------
    ConditionCode
        What the card says, verified.

    Raises
    ------
    OpeningError
        If it is not a card of this trial, or not of this kit.
    """
    kit = public.kit(code)
    if kit is None:
        raise OpeningError(f"{code} is not a kit of this trial")
    try:
        key = read_card_key(typed)
    except EntryError as error:
        raise OpeningError(str(error)) from None
    place = place_of(public.mode, kit)
    others = dict.fromkeys(place_of(public.mode, other) for other in public.kits)
    for candidate in dict.fromkeys((place, *others)):
        for condition in conditions:
            card = Card(place=candidate, condition=ConditionCode(condition), key=key)
            if card.leaf(public.protocol_sha256).hex() not in public.leaves:
                continue
            if candidate == place:
                return card.condition
            box = f"the box is of {place}" if public.mode is Mode.SELF_BLINDED else f"the box is {place}"
            raise OpeningError(f"this slip belongs to {candidate}, {box}")
    raise OpeningError("not a card of this trial; read it again, there is no 0, 1, I, L or O")


LOST = "lost"
"""Stands in the place of a key where box and slip are gone."""


def parse_cards(text: str, kits: Sequence[Kit]) -> dict[KitCode, str]:
    """Read the cards of a trial from a text; every kit must be in it, so that none is left out by oversight.

    Parameters
    ----------
    text : str
        A line for each kit: its code, then the key of its card, or ``lost``. Empty lines, lines that begin with
        ``#``, and a first line ``kit,key`` say nothing.
    kits : sequence of Kit
        All kits of the trial.

    Returns
    -------
    dict of KitCode to str
        Keys as typed, without the lost ones.

    Raises
    ------
    EntryError
        If a code is none, is there twice, or is missing. A key is never quoted.
    """
    typed: dict[KitCode, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace(",", " ").replace(";", " ").split()
        if not words or words[0].startswith("#") or [word.lower() for word in words] == ["kit", "key"]:
            continue
        try:
            code = read_kit_code(words[0])
        except EntryError:
            raise EntryError(
                f"line {number} does not begin with the code of a kit; write: K-N2PQH5 key"
            ) from None
        if code in typed:
            raise EntryError(f"line {number}: {code} is there twice; a box has one slip")
        typed[code] = " ".join(words[1:])
    if strange := set(typed) - {kit.code for kit in kits}:
        raise EntryError(f"{min(strange)} is not a kit of this trial; read the label again")
    missing = [kit.code for kit in kits if not typed.get(kit.code)]
    if missing:
        raise EntryError(
            f"{_few(missing)}: no key; nothing is opened before all are read. Where box and slip are gone, "
            f"write: {missing[0]} {LOST}"
        )
    return {code: key for code, key in typed.items() if key.lower() != LOST}


def _few(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - 6} more" if len(codes) > 6 else ""
    return ", ".join(codes[:6]) + more


def open_with_cards(
    typed: Mapping[KitCode, str],
    public: PublicKits,
    space: SequenceSpace,
    spares: Sequence[SequenceSpace] = (),
) -> Allocation:
    """Open a blinded trial with its cards, as a whole or not at all.

    A kit whose card is lost is found by elimination where the others of the design leave one possibility;
    else its condition stays None.

    Parameters
    ----------
    typed : mapping of KitCode to str
        Kit to key of its card, as typed.
    public : PublicKits
        What was fixed at the start.
    space : SequenceSpace
        Of the design.
    spares : sequence of SequenceSpace
        Of every spare block.

    Returns
    -------
    Allocation
        Kit to condition.

    Raises
    ------
    OpeningError
        If a card is none of this trial, was typed for two kits, or the cards contradict the design.
    """
    keys: dict[str, KitCode] = {}
    opened: dict[KitCode, Allocated] = {}
    for code, text in typed.items():
        condition = read_card(public, code, text, space.conditions)
        key = read_card_key(text)
        if key in keys:
            raise OpeningError(f"the key for {code} was already typed for {keys[key]}")
        keys[key] = code
        kit = next(kit for kit in public.kits if kit.code == code)
        opened[code] = Allocated(kit=kit, condition=condition, card_key=key)
    entries = [opened.get(kit.code, Allocated(kit=kit, condition=None, card_key=None)) for kit in public.kits]
    parts = (space, *spares)
    if sum(part.n_periods for part in parts) != len(entries):
        raise OpeningError("the protocol plans another number of kits; take the protocol that was registered")
    settled: list[Allocated] = []
    for part in parts:
        settled += _eliminate(entries[len(settled) : len(settled) + part.n_periods], part)
    return Allocation(entries=tuple(settled))


def _eliminate(entries: list[Allocated], space: SequenceSpace) -> list[Allocated]:
    """Fill in the kits of which only one condition is possible."""
    known = {
        position: entry.condition for position, entry in enumerate(entries) if entry.condition is not None
    }
    if not _agrees(space, known):
        raise OpeningError(
            "these cards give no sequence of the design; a card lies in the wrong box, or was misread"
        )
    filled = []
    for position, entry in enumerate(entries):
        if position in known:
            filled.append(entry)
            continue
        possible = [code for code in space.conditions if _agrees(space, {**known, position: code})]
        only = possible[0] if len(possible) == 1 else None
        filled.append(replace(entry, condition=only, by_elimination=only is not None))
    return filled


def _agrees(space: SequenceSpace, known: Mapping[int, str]) -> bool:
    try:
        space.agreeing(known)
    except ValueError:
        return False
    return True
