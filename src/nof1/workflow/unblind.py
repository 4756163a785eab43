"""Learn the allocation, once the data are locked: everything is recomputed, and stored whole or refused."""

from __future__ import annotations

from dataclasses import dataclass
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
from nof1.schedule.design import space_of, spare_space
from nof1.terms import Mode
from nof1.workflow.lock import refresh_locked
from nof1.workflow.public import registered_public
from nof1.workflow.trial import anchor_head, changing, read_trial, require_heads, stored

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nof1.blinding.kits import Kit
    from nof1.terms import KitCode
    from nof1.workflow.context import Context
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
    folder: Path, context: Context, *, secret: Path | None = None, cards: str | None = None
) -> UnblindReceipt:
    """Open the allocation with the preparer's secret, or with the cards of all boxes.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    secret : Path or None
        File with the secret (64 hexadecimal digits); third_party.
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
    _require_one(trial.mode, secret, cards)
    public = registered_public(trial)
    value = Secret(read_secret(secret)) if secret is not None else None
    typed = parse_cards(cards or "", public) if value is None else {}
    require_heads(trial)
    space = space_of(trial.protocol)
    spares = [spare_space(trial.protocol)] * trial.protocol.blinding.spare_blocks
    try:
        allocation = (
            open_with_secret(value, public, space, spares)
            if value is not None
            else open_with_cards(typed, public, space, spares)
        )
    except OpeningError as error:
        with changing(folder, context) as change:
            change.record(events.OpeningRefused(reason=str(error)))
        raise
    done = trial.space
    size, rank = allocation.size_and_rank(done, trial.planned_kits[: done.n_periods])
    lost = tuple(entry.kit.code for entry in allocation.entries if entry.condition is None)
    inferred = tuple(entry.kit.code for entry in allocation.entries if entry.by_elimination)
    with changing(folder, context) as change:
        change.record(
            events.Unblinded(
                how="secret" if value is not None else "cards",
                secret=value.value.hex() if value is not None else None,
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
        by_cards=value is None,
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
        In order of use, spare ones last.

    Raises
    ------
    StageError
        If the data are not locked, or opened already: no slip is unfolded too early.
    """
    trial = read_trial(folder)
    require(trial.state.position, events.Unblinded)
    return registered_public(trial).kits


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
    read_card(registered_public(trial), code, typed, trial.protocol.condition_codes)
    read = {read_card_key(text): other for other, text in before.items() if text.strip().lower() != LOST}
    if (other := read.get(read_card_key(typed))) is not None:
        raise OpeningError(f"already typed for {other}")


def _require_one(mode: Mode, secret: Path | None, cards: str | None) -> None:
    if secret is not None and cards is not None:
        raise EntryError(
            "give either --secret or --cards; the secret opens every kit, the cards are for when it is gone"
        )
    if mode is Mode.SELF_BLINDED and cards is None:
        raise EntryError(
            "the slips in the boxes open this trial, nobody holds a secret: --cards FILE, with a line for each box: "
            "its code, and the key on its slip"
        )
    if secret is None and cards is None:
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
