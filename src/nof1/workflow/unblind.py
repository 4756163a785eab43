"""Learn the allocation, once the data are locked: everything is recomputed, and stored whole or refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import require
from nof1.blinding.opening import Allocation, open_with_secret
from nof1.blinding.sealed import Secret
from nof1.errors import EntryError, OpeningError
from nof1.files.secrets import read_secret
from nof1.schedule.design import space_of, spare_space
from nof1.terms import Mode
from nof1.workflow.lock import refresh_locked
from nof1.workflow.public import registered_public
from nof1.workflow.trial import anchor_head, changing, read_trial, require_heads, stored

if TYPE_CHECKING:
    from pathlib import Path

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
        Sequences that could have been drawn, and which one it was.
    line : str
        Head of the chain, for publication.
    """

    was_open: bool
    n_kits: int = 0
    space_size: int | None = None
    sequence_rank: int | None = None
    line: str = ""


def unblind_trial(folder: Path, context: Context, *, secret: Path | None = None) -> UnblindReceipt:
    """Open the allocation with the preparer's secret.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    secret : Path or None
        File with the secret (64 hexadecimal digits).

    Returns
    -------
    UnblindReceipt
        Size and rank.

    Raises
    ------
    StageError
        If the data are not locked, or opened already.
    OpeningError
        If the secret does not fit; this is recorded, and nothing else is.
    """
    trial = read_trial(folder)
    if trial.mode is Mode.OPEN_LABEL:
        return UnblindReceipt(was_open=True)
    require(trial.state.position, events.Unblinded)
    if secret is None:
        raise EntryError(
            "the preparer's secret opens this trial: --secret FILE; send them the lock line to ask for it"
        )
    value = Secret(read_secret(secret))
    require_heads(trial)
    space = space_of(trial.protocol)
    spares = [spare_space(trial.protocol)] * trial.protocol.blinding.spare_blocks
    try:
        allocation = open_with_secret(value, registered_public(trial), space, spares)
    except OpeningError as error:
        with changing(folder, context) as change:
            change.record(events.OpeningRefused(reason=str(error)))
        raise
    done = trial.space
    size, rank = allocation.size_and_rank(done, trial.planned_kits[: done.n_periods])
    with changing(folder, context) as change:
        change.record(
            events.Unblinded(
                how="secret",
                secret=value.value.hex(),
                allocation=_opened(allocation, trial),
                space_size=size or 0,
                sequence_rank=rank,
                spare_used=tuple(used.event.spare for used in trial.state.of(events.SpareBlockUsed)),
            ),
            key=f"unblind/{folder.name}",
        )
    trial = read_trial(folder)
    with stored("the opening", trial.name):
        refresh_locked(trial)
        line = anchor_head(trial, "unblinded")
    return UnblindReceipt(
        was_open=False, n_kits=len(allocation.entries), space_size=size, sequence_rank=rank, line=line
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
