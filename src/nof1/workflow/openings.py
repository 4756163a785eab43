"""What was known of a period before everything was opened: which emergencies ended its blind, and from when on."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from nof1.audit import events
from nof1.schedule.leak import settled
from nof1.terms import Mode, PeriodKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from nof1.audit.record import AnyRecorded, Recorded
    from nof1.workflow.trial import Trial


def breaks(trial: Trial) -> tuple[Recorded[events.BlindBroken], ...]:
    """Return every record of an opened kit, also one whose reason came later: when it happened is what counts."""
    found = (recorded for recorded in trial.state.records if isinstance(recorded.event, events.BlindBroken))
    return cast("tuple[Recorded[events.BlindBroken], ...]", tuple(found))


def openings(trial: Trial) -> Iterator[tuple[Recorded[events.BlindBroken], tuple[int, ...]]]:
    """Yield every kit that the participant learned, with the periods that are not blind from then on.

    Parameters
    ----------
    trial : Trial
        Blinded.

    Yields
    ------
    tuple of (Recorded, tuple of int)
        The period of the kit, and those that follow from it with certainty by the design, such as the other one of
        a pair. Breaks of which only others learned are not there.
    """
    for broken in breaks(trial):
        place = trial.place_of_kit(broken.event.kit)
        if broken.event.who_learned == "participant" and place is not None:
            others = settled(trial.space, place - 1) if place <= trial.space.n_periods else ()
            yield broken, (place, *(position + 1 for position in others))


def opened_since(trial: Trial, period: int) -> int | None:
    """Return the place in the chain of the first record that a period was not blind any more.

    Parameters
    ----------
    trial : Trial
        At any stage.
    period : int
        From 1.

    Returns
    -------
    int or None
        None where it stayed blind.
    """
    return min((broken.seq for broken, periods in openings(trial) if period in periods), default=None)


def guesses_due(trial: Trial, day: date) -> tuple[int, ...]:
    """Return the periods about which no guess was told, though their last day has come.

    Parameters
    ----------
    trial : Trial
        At any stage.
    day : date
        Of the study.

    Returns
    -------
    tuple of int
        In order; empty where the protocol asks for none. A period that was lost, or is not blind any more, is none.
    """
    if trial.is_imported or trial.mode is Mode.OPEN_LABEL or trial.protocol.blinding.guess == "none":
        return ()
    told = {recorded.event.period for recorded in trial.state.of(events.GuessRecorded)}
    over = (p for p in trial.schedule.periods if p.kind is PeriodKind.TREATMENT and p.ends_on <= day)
    return tuple(
        p.index
        for p in over
        if p.index not in told
        and not trial.is_empty_on(p.index, p.starts_on)
        and opened_since(trial, p.index) is None
    )


def is_no_guess(trial: Trial, recorded: AnyRecorded) -> bool:
    """Whether something was told as a guess after an emergency had told what the period was.

    Parameters
    ----------
    trial : Trial
        At any stage.
    recorded : Recorded
        A guess.

    Returns
    -------
    bool
        It is kept in the record and counts for nothing.
    """
    period = getattr(recorded.event, "period", None)
    opened = opened_since(trial, period) if isinstance(period, int) else None
    return opened is not None and recorded.seq > opened


def not_blind_since(trial: Trial) -> dict[int, str]:
    """Return from when on a period was not blind, by what was recorded before the lock.

    Parameters
    ----------
    trial : Trial
        At any stage.

    Returns
    -------
    dict of int to str
        Period to UTC time; periods that stayed blind are not there.
    """
    lock = trial.state.lock
    found: dict[int, str] = {}
    for broken, periods in openings(trial):
        if lock is None or broken.seq < lock.seq:
            found |= {p: min(broken.event.on, found.get(p, broken.event.on)) for p in periods}
    return found


def told_opening(trial: Trial, broken: Recorded[events.BlindBroken]) -> str:
    """Say in a sentence or two what an emergency did to the blind.

    Parameters
    ----------
    trial : Trial
        At any stage.
    broken : Recorded
        The record.

    Returns
    -------
    str
        Without what the kit held.
    """
    event = broken.event
    kit = "A box whose code was not read" if event.kit == "unknown" else event.kit
    if event.who_learned == "others":
        said = f"{kit} was opened in an emergency; only others learned what it held, the participant stayed blind."
    else:
        said = f"{kit} was opened in an emergency, and the participant learned what it held."
        periods = next((p for other, p in openings(trial) if other.seq == broken.seq), ())
        if not periods:
            said += " It is no kit of a planned period."
        elif len(periods) == 1:
            said += f" Period {periods[0]} is not blind from then on."
        else:
            others = ", ".join(map(str, periods[1:]))
            said += f" Period {periods[0]} is not blind from then on, nor what follows from it by the design: {others}."
    return f"{said} Reason: {event.reason or 'not told'}"


def wrong_kits(trial: Trial) -> dict[date, str]:
    """Return the days on which something was taken from another kit than the planned one.

    Parameters
    ----------
    trial : Trial
        At any stage.

    Returns
    -------
    dict of date to str
        Day of the study to the kit: by the doses of that day, else by the box that was opened for its period.
    """
    if not trial.planned_kits:
        return {}
    opened = [(e.period, e.on, e.kit) for e in (r.event for r in trial.state.of(events.KitOpened)) if e.on]
    doses: dict[str, list[str]] = {}
    for dose in (recorded.event for recorded in trial.state.of(events.DoseRecorded)):
        if dose.taken and dose.kit:
            doses.setdefault(dose.taken_on, []).append(dose.kit)
    if not opened and not doses:
        return {}
    found: dict[date, str] = {}
    for day in sorted({session.on for session in trial.schedule.sessions}):
        period = trial.schedule.period_on(day)
        if period is None or period.kit is None:
            continue
        of_day = doses.get(day.isoformat(), [])
        boxes = [kit for n, on, kit in opened if n == period.index and on <= day.isoformat()]
        taken = next((kit for kit in of_day if kit != period.kit), None)
        if taken is None and not of_day and boxes and boxes[-1] != period.kit:
            taken = boxes[-1]
        if taken is not None:
            found[day] = taken
    return found
