"""Every departure from the protocol in one list: what a person told, and what follows from lost kits and emergencies."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from nof1.audit import events
from nof1.scores.locked_tables import DeviationRow
from nof1.workflow.openings import is_no_guess, told_opening

if TYPE_CHECKING:
    from nof1.audit.record import AnyRecorded, Recorded
    from nof1.workflow.trial import Trial


def departures(trial: Trial) -> tuple[DeviationRow, ...]:
    """Return every departure up to the lock, in the order in which it was recorded.

    Parameters
    ----------
    trial : Trial
        At any stage.

    Returns
    -------
    tuple of DeviationRow
        Categories of ours: ``lost_kit``, ``spare_block``, ``lost_label``, ``emergency`` (the participant learned what
        a kit held), ``emergency_others``, ``guess_after_opening``.
    """
    lock = trial.state.lock
    records = [r for r in trial.state.records if lock is None or r.seq < lock.seq]
    # What a reason that came after the lock replaces stays: the locked tables never change.
    replaced = {getattr(recorded.event, "replaces", None) for recorded in records}
    rows = (_departure(trial, recorded) for recorded in records if recorded.event_id not in replaced)
    return tuple(row for row in rows if row is not None)


def _departure(trial: Trial, recorded: AnyRecorded) -> DeviationRow | None:
    on: str | None = trial.study_date(recorded.recorded_at).isoformat() if not trial.is_imported else None
    period: int | None = None
    match recorded.event:
        case events.DeviationRecorded() as told:
            on, period, category, text = told.on, told.period, told.category, told.text
        case events.KitLost() as lost:
            on, period, category = lost.on, trial.place_of_kit(lost.kit), "lost_kit"
            text = f"{lost.kit} was lost: {lost.reason.rstrip('.')}."
            if lost.period is not None:
                text += f" Period {lost.period} stayed empty from then on."
        case events.SpareBlockUsed() as spare:
            category = "spare_block"
            where = (
                f"was added at the end as block {spare.block}"
                if spare.is_added
                else f"took the place of block {spare.block}, which had not begun"
            )
            text = f"Spare block {spare.spare} {where}."
        case events.LabelInferred() as label:
            on, category = label.on, "lost_label"
            text = f"A box without a label was named {label.kit}, the one code that was unaccounted for."
        case events.GuessRecorded() as guess if is_no_guess(trial, recorded):
            period, category = guess.period, "guess_after_opening"
            text = "What was told as a guess came after the box had been opened; it is kept, and not counted."
        case events.BlindBroken() as broken:
            on = trial.study_date(datetime.fromisoformat(broken.on)).isoformat()
            period = trial.place_of_kit(broken.kit)
            category = "emergency" if broken.who_learned == "participant" else "emergency_others"
            text = told_opening(trial, cast("Recorded[events.BlindBroken]", recorded))
        case _:
            return None
    day = trial.schedule.day_number(date.fromisoformat(on)) if on and not trial.is_imported else None
    return DeviationRow(on=on, day=day, period=period, category=category, text=text)
