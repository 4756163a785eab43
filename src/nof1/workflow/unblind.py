"""Learn the allocation, once the data are locked: everything is recomputed, and stored whole or refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import require
from nof1.blinding.kits import read_card_key
from nof1.blinding.opening import (
    LOST,
    Allocation,
    open_with_cards,
    open_with_secret,
    parse_cards,
    read_card,
)
from nof1.blinding.sealed import Secret
from nof1.errors import EntryError, OpeningError
from nof1.files.secrets import read_secret
from nof1.terms import Mode
from nof1.workflow.lock import refresh_locked
from nof1.workflow.parts import part_with_kit, parts_of
from nof1.workflow.trial import anchor_head, changing, read_trial, require_heads, stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.blinding.kits import Kit
    from nof1.terms import KitCode
    from nof1.workflow.context import Context
    from nof1.workflow.parts import DrawnPart
    from nof1.workflow.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class UnblindReceipt:
    """What was opened.

    Attributes
    ----------
    was_open : bool
        The allocation was public from the start; nothing was stored now.
    n_kits : int
        Kits whose content is now known.
    space_size, sequence_rank : int or None
        Sequences that could have been drawn, and which one it was; where kits stay unknown, those of the others.
    by_cards : bool
        Opened with the cards, not with a secret.
    lost, inferred : tuple of str
        Kits that nobody can tell any more; kits that only the others of their block tell.
    line : str
        Head of the chain, for publication.
    """

    was_open: bool
    n_kits: int = 0
    space_size: int | None = None
    sequence_rank: int | None = None
    by_cards: bool = False
    lost: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    line: str = ""


def unblind_trial(
    folder: Path,
    context: Context,
    *,
    secret: Path | Sequence[Path] | None = None,
    cards: str | None = None,
) -> UnblindReceipt:
    """Open the allocation with the preparer's secret, or with the cards of all boxes.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    secret : Path, sequence of Path, or None
        File with the secret (64 hexadecimal digits), and one for each extension, in any order; third_party.
    cards : str or None
        A line for each kit: code, and the key of its card or ``lost``. In third_party for when the secret is gone.

    Returns
    -------
    UnblindReceipt
        Size and rank.

    Raises
    ------
    StageError
        If the data are not locked, or opened already.
    EntryError
        If neither or both are given, or a kit is missing; nothing is stored.
    OpeningError
        If what was given does not fit; this is recorded, and nothing else is.
    """
    trial = read_trial(folder)
    if trial.mode is Mode.OPEN_LABEL:
        return UnblindReceipt(was_open=True)
    require(trial.state.position, events.Unblinded)
    paths = [secret] if isinstance(secret, Path) else list(secret or ())
    _require_one(trial.mode, paths, cards)
    parts = parts_of(trial)
    values = [Secret(read_secret(path)) for path in paths]
    typed = (
        parse_cards(cards or "", [kit for part in parts for kit in part.public.kits]) if not values else {}
    )
    require_heads(trial)
    try:
        if values:
            values = _in_order(values, parts)
            allocations = [
                open_with_secret(value, part.public, part.space, part.spares)
                for value, part in zip(values, parts, strict=True)
            ]
        else:
            allocations = [open_part(typed, part) for part in parts]
    except OpeningError as error:
        with changing(folder, context) as change:
            change.record(events.OpeningRefused(reason=str(error)))
        raise
    allocation = Allocation(entries=tuple(entry for one in allocations for entry in one.entries))
    done = trial.space
    size, rank = allocation.size_and_rank(done, trial.planned_kits[: done.n_periods])
    lost = tuple(entry.kit.code for entry in allocation.entries if entry.condition is None)
    inferred = tuple(entry.kit.code for entry in allocation.entries if entry.by_elimination)
    with changing(folder, context) as change:
        change.record(
            events.Unblinded(
                how="secret" if values else "cards",
                secret=values[0].value.hex() if values else None,
                more_secrets=tuple(value.value.hex() for value in values[1:]),
                allocation=_opened(allocation, trial),
                space_size=size or 0,
                sequence_rank=rank,
                spare_used=tuple(used.event.spare for used in trial.state.of(events.SpareBlockUsed)),
                flags=(*(["by_elimination"] if inferred else []), *(["kit_unknown"] if lost else [])),
            ),
            key=f"unblind/{folder.name}",
        )
    trial = read_trial(folder)
    with stored("the opening", trial.name):
        refresh_locked(trial)
        line = anchor_head(trial, "unblinded")
    return UnblindReceipt(
        was_open=False,
        n_kits=len(allocation.entries) - len(lost),
        space_size=size,
        sequence_rank=rank,
        by_cards=not values,
        lost=lost,
        inferred=inferred,
        line=line,
    )


def kits_to_read(folder: Path) -> tuple[Kit, ...]:
    """Return the kits whose cards must be read, once they may be.

    Parameters
    ----------
    folder : Path
        The trial's folder.

    Returns
    -------
    tuple of Kit
        In order of use, spare ones last, and then those of extensions.

    Raises
    ------
    StageError
        If the data are not locked, or opened already: no slip is unfolded too early.
    """
    trial = read_trial(folder)
    require(trial.state.position, events.Unblinded)
    return tuple(kit for part in parts_of(trial) for kit in part.public.kits)


def open_part(typed: Mapping[KitCode, str], part: DrawnPart) -> Allocation:
    """Open one draw with its cards.

    Parameters
    ----------
    typed : mapping of KitCode to str
        Keys of all kits of the trial.
    part : DrawnPart
        The draw.

    Returns
    -------
    Allocation
        Of its kits alone.

    Raises
    ------
    OpeningError
        If a card does not fit.
    """
    own = {code: key for code, key in typed.items() if part.public.kit(code) is not None}
    return open_with_cards(own, part.public, part.space, part.spares)


def check_card(folder: Path, code: KitCode, typed: str, before: Mapping[KitCode, str]) -> None:
    """Check a card while others are still to be typed; nothing is stored, and nothing is told.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    code : KitCode
        The box in which it lay.
    typed : str
        Its key, or ``lost``.
    before : mapping of KitCode to str
        What was typed for other boxes.

    Raises
    ------
    OpeningError
        If it is not a card of this trial, not of this box, or was typed before.
    """
    if typed.strip().lower() == LOST:
        return
    trial = read_trial(folder)
    part = part_with_kit(trial, code)
    if part is None:
        raise OpeningError(f"{code} is not a kit of this trial")
    read_card(part.public, code, typed, trial.protocol.condition_codes)
    read = {read_card_key(text): other for other, text in before.items() if text.strip().lower() != LOST}
    if (other := read.get(read_card_key(typed))) is not None:
        raise OpeningError(f"already typed for {other}")


def _in_order(values: Sequence[Secret], parts: Sequence[DrawnPart]) -> list[Secret]:
    """Find the draw to which each secret belongs; with one draw the opening itself says what does not fit."""
    if len(values) != len(parts):
        raise EntryError(
            f"this trial was drawn {_times(len(parts))}, and {len(values)} of its secrets were given; "
            "repeat --secret FILE for each draw"
        )
    if len(parts) == 1:
        return list(values)
    fitting = []
    for part in parts:
        found = [value for value in values if _fits(value, part)]
        if not found:
            raise OpeningError(
                f"none of these secrets fits what was published{part.label or ' of the first draw'}; nothing was "
                "opened. Read them again, or ask whoever prepared the kits"
            )
        fitting.append(found[0])
    return fitting


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def _fits(value: Secret, part: DrawnPart) -> bool:
    try:
        open_with_secret(value, part.public, part.space, part.spares)
    except OpeningError:
        return False
    return True


def _require_one(mode: Mode, secret: Sequence[Path], cards: str | None) -> None:
    if secret and cards is not None:
        raise EntryError(
            "give either --secret or --cards; the secret opens every kit, the cards are for when it is gone"
        )
    if mode is Mode.SELF_BLINDED and cards is None:
        raise EntryError(
            "the slips in the boxes open this trial, nobody holds a secret: --cards FILE, with a line for each box: "
            "its code, and the key on its slip"
        )
    if not secret and cards is None:
        raise EntryError(
            "the preparer's secret opens this trial: --secret FILE; send them the lock line to ask for it"
        )


def _opened(allocation: Allocation, trial: Trial) -> tuple[events.OpenedKit, ...]:
    places = {code: n for n, code in enumerate(trial.planned_kits, start=1)}
    return tuple(
        events.OpenedKit(
            kit=entry.kit.code,
            condition=entry.condition or "",
            key=entry.card_key,
            period=places.get(entry.kit.code),
            by_elimination=entry.by_elimination,
        )
        for entry in allocation.entries
    )
