"""Replace a score; the old one stays, and every report can show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import require
from nof1.errors import EntryError
from nof1.scores.checks import MISSING_REASONS, find_score, read_score
from nof1.workflow.entry import SAY_WHY
from nof1.workflow.trial import RECEIPT_LENGTH, Trial, changing
from nof1.workflow.watch import Told, observed_score, watch

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.audit.scores import ScoreHistory
    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What a correction did.

    Attributes
    ----------
    score : str
        Its name.
    session : int or None
        Its session.
    old, new : str or None
        The values as typed; None: missing.
    receipt : str
        First digits of the event's name.
    """

    score: str
    session: int | None
    old: str | None
    new: str | None
    receipt: str
    told: tuple[Told, ...] = ()


def correct_score(
    folder: Path, context: Context, *, target: str, score: str | None, value: str, reason: str
) -> Corrected:
    """Give a score another value.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    target : str
        Number of a session, or a receipt; ``RECEIPT:ROW`` where a file brought the score more than once.
    score : str or None
        Its name; not needed where the target holds only one.
    value : str
        As typed; a reason such as ``technical`` declares it missing.
    reason : str
        Why it is corrected.

    Returns
    -------
    Corrected
        Old and new.

    Raises
    ------
    EntryError
        If there is no such score, or the value cannot be, or it is the one that counts already.
    """
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.ScoreCorrected)
        history = _find(trial, target, score)
        spec = trial.specs[find_score(trial.specs, history.entry.score)]
        if not value.strip():
            raise EntryError(f"{spec.name}: found nothing; {SAY_WHY}")
        try:
            is_reason = value.strip().lower() in MISSING_REASONS
            read = read_score(spec, "" if is_reason else value, missing_reason=value if is_reason else "")
        except EntryError as error:
            raise EntryError(f"{spec.name}: {error}") from None
        new = read.number.text if read.number else None
        why_missing = read.missing_reason.value if read.missing_reason else None
        if (history.value, history.missing_reason) == (new, why_missing):
            raise EntryError(
                f"{spec.name} is {new or f'missing ({why_missing})'} already; nothing was added. "
                f"See nof1 status {trial.name} --scores"
            )
        recorded = change.record(
            events.ScoreCorrected(
                replaces=history.event_id,
                row=history.row,
                score=history.entry.score,
                session=history.entry.session,
                value=new,
                missing_reason=why_missing,
                reason=reason,
            )
        )
        change.refresh()
        seen = (
            None if trial.is_imported else observed_score(trial, history.entry.score, history.entry.day, new)
        )
        told = watch(change, recorded.event_id, () if seen is None else (seen,), is_in_trial=True)
    return Corrected(
        score=history.entry.score,
        session=history.entry.session,
        old=history.value,
        new=new,
        receipt=recorded.event_id[:RECEIPT_LENGTH],
        told=told,
    )


def _find(trial: Trial, target: str, score: str | None) -> ScoreHistory:
    receipt, colon, row = target.partition(":")
    if target.isdecimal() and len(target) < RECEIPT_LENGTH:
        among = [s for s in trial.state.scores if s.entry.session == int(target)]
        place = f"session {target}"
    elif len(receipt) < RECEIPT_LENGTH or (colon and not row.isdecimal()):
        raise EntryError(
            f"found {target!r}; give the number of a session, or the {RECEIPT_LENGTH} characters of a receipt"
        )
    else:
        among = [
            s for s in trial.state.scores if any(v.event_id.startswith(receipt.lower()) for v in s.versions)
        ]
        among = [s for s in among if not colon or s.row == int(row) - 1]
        place = f"receipt {target}"
    if not among:
        raise EntryError(f"nothing was entered for {place}; nof1 status {trial.name} --scores lists what was")
    if score is not None:
        name = find_score(trial.specs, score)
        among = [s for s in among if s.entry.score == name]
        if not among:
            raise EntryError(f"{place} holds no {name}; nof1 enter adds it")
    if len(among) == 1:
        return among[0]
    names = list(dict.fromkeys(s.entry.score for s in among))
    if len(names) > 1:
        raise EntryError(f"{place} holds {', '.join(names)}; say which one, as SCORE=VALUE")
    raise EntryError(
        f"{place} holds {len(among)} values of {names[0]}; say which one by its session or its receipt, "
        f"as nof1 status {trial.name} --scores lists them"
    )
