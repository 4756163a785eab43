"""Tests that are given on the page: their form, and what came of it. Raw trials are the record, scores follow."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from nof1.audit import events
from nof1.audit.free_text import ERASED
from nof1.audit.stage import require
from nof1.battery.catalogue import CATALOGUE, params_of
from nof1.battery.make import make_form
from nof1.battery.run import form_problem, read_run
from nof1.battery.score import score_run
from nof1.battery.seeds import FormKey
from nof1.encoding import decimal_text
from nof1.errors import DocumentError, EntryError
from nof1.scores.occasion import LATE_AFTER, find_occasion
from nof1.workflow.device import device_changes, fingerprint
from nof1.workflow.entry import SLACK, offset_text, utc_seconds
from nof1.workflow.steps import occasion_number, require_begun, session_of
from nof1.workflow.trial import RECEIPT_LENGTH, changing, read_trial
from nof1.workflow.watch import observed_values, watch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nof1.battery.form import Form
    from nof1.battery.run import Run
    from nof1.battery.scored import Scored
    from nof1.protocol.model import Instrument
    from nof1.schedule.calendar import Session
    from nof1.workflow.context import Context
    from nof1.workflow.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class RunForm:
    """What the page needs to give a test.

    Attributes
    ----------
    session : int
        Planned session.
    instrument, part, task : str
        What is given; `part` is empty where the instrument has none.
    form : Form
        What is shown; it depends on public things alone.
    input : str or None
        How it is answered, where the protocol says so.
    is_locked : bool
        The protocol keeps tests on one device.
    is_simulated : bool
        The trial is marked as simulated.
    """

    session: int
    instrument: str
    part: str
    task: str
    form: Form
    input: str | None
    is_locked: bool
    is_simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A run as the page sends it.

    Attributes
    ----------
    run_id : str
        32 hexadecimal digits.
    session : int
        Planned session whose page was open.
    instrument, part : str
        What was given.
    status : str
        ``complete`` or ``aborted``.
    reason : str
        Why it was aborted.
    started_at, finished_at, sent_at : datetime
        By the clock of the device [aware].
    mode : str
        ``live``, or a way of simulating.
    run : object
        The record that `battery.run.read_run` takes.
    device : mapping of str to object
        What is known of the device.
    raw : mapping of str to object
        All of it, as it came.
    """

    run_id: str
    session: int
    instrument: str
    part: str
    status: Literal["complete", "aborted"]
    reason: str
    started_at: datetime
    finished_at: datetime
    sent_at: datetime
    mode: str
    run: object
    device: Mapping[str, object]
    raw: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReceipt:
    """What was saved.

    Attributes
    ----------
    receipt : str
        First digits of the event's name.
    saved_at : datetime
        Local time of the first saving.
    flags : tuple of str
        Short codes.
    is_duplicate : bool
        The same run had been saved before.
    """

    receipt: str
    saved_at: datetime
    flags: tuple[str, ...]
    is_duplicate: bool


def run_form(folder: Path, number: int, instrument: str, part: str, context: Context) -> RunForm:
    """Return the form of a test in a session; the same every time.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    number : int
        Planned session, from 1.
    instrument, part : str
        What is given; `part` may be empty.
    context : Context
        Clock.

    Returns
    -------
    RunForm
        Made from trial, instrument, session and parameters; a condition is no part of it.

    Raises
    ------
    StageError
        If no score can be entered any more.
    EntryError
        If there is no such test in the session, or its day has not come.
    """
    trial = read_trial(folder)
    require(trial.state.position, events.RunRecorded)
    session = session_of(trial, number)
    require_begun(trial, session, context.now())
    held = _test(trial, session, instrument, part)
    return RunForm(
        session=number,
        instrument=instrument,
        part=part,
        task=held.task or "",
        form=_form(trial, session, instrument, part),
        input=held.input,
        is_locked=trial.protocol.device_lock,
        is_simulated=trial.registration.simulated,
    )


def record_run(folder: Path, posted: Posted, context: Context) -> RunReceipt:
    """Store a run and the scores that follow from it; the same run a second time adds nothing.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    posted : Posted
        As the page sent it, perhaps long after it was made.
    context : Context
        Actor and clock.

    Returns
    -------
    RunReceipt
        Said only after the commit.

    Raises
    ------
    DocumentError
        If the trials cannot be those of the form, or an aborted run says that it was given another; nothing is stored then.
    EntryError
        If there was no such test, or it was simulated in a real trial.
    StageError
        If no score can be entered any more.
    """
    with changing(folder, context) as change:
        key = f"run/{posted.run_id}"
        trial = change.trial
        if earlier := change.earlier(events.RunRecorded, key):
            return RunReceipt(
                receipt=earlier.event_id[:RECEIPT_LENGTH],
                saved_at=trial.local(earlier.recorded_at),
                flags=earlier.event.flags,
                is_duplicate=True,
            )
        require(trial.state.position, events.RunRecorded)
        says_so = isinstance(posted.run, dict) and posted.run.get("mode") != "live"
        if (posted.mode != "live" or says_so) and not trial.registration.simulated:
            raise EntryError("this run was simulated; a real trial takes none. Nothing was stored")
        now = context.now()
        session = session_of(trial, posted.session)
        _test(trial, session, posted.instrument, posted.part)
        form = _form(trial, session, posted.instrument, posted.part)
        is_complete = posted.status == "complete"
        _require_form(form, posted)
        scored = _score(trial, session, form, posted) if is_complete else None
        started, finished, is_clock_odd = _times(posted, now)
        local = trial.local(started)
        device = fingerprint(posted.device)
        found = _flags(trial, session, posted, started, finished, now)
        if is_clock_odd:
            found.append("clock_jump")
        if trial.protocol.device_lock and device_changes(trial, posted.device):
            found.append("device_changed")
        counts = is_complete and "repeated" not in found and "unplanned" not in found
        flags = tuple(dict.fromkeys((*found, *(scored.flags if scored else ()))))
        done = change.record(
            events.RunRecorded(
                run_id=posted.run_id,
                instrument=posted.instrument,
                part=posted.part or None,
                session=session.number if counts else None,
                given_in=session.number,
                day=trial.schedule.day_number(trial.study_date(started)),
                observed_at=utc_seconds(started),
                observed_local=local.replace(tzinfo=None).isoformat(timespec="seconds"),
                observed_offset=offset_text(local),
                finished_at=utc_seconds(finished),
                ended=posted.status,
                why=posted.reason or None if not is_complete else None,
                values=_values(posted.instrument, scored) if scored else (),
                flags=flags,
                source="web" if posted.mode == "live" else "simulated",
                scorer_version=scored.scorer_version if scored else None,
                form_seed=form.seed,
                form_sha256=form.sha256,
                device=device,
                raw=json.dumps(dict(posted.raw), ensure_ascii=False, separators=(",", ":")),
            ),
            key=key,
        )
        if not done.duplicate:
            watch(change, done.event_id, observed_values(trial, done.event.day, done.event.values))
        return RunReceipt(
            receipt=done.event_id[:RECEIPT_LENGTH],
            saved_at=trial.local(done.recorded_at),
            flags=flags,
            is_duplicate=done.duplicate,
        )


def _test(trial: Trial, session: Session, instrument: str, part: str) -> Instrument:
    name = f"{instrument}:{part}" if part else instrument
    held = trial.protocol.instruments.get(instrument)
    if held is None or held.task is None or name not in session.due:
        raise EntryError(f"session {session.number} has no test {name}; it has {', '.join(session.due)}")
    return held


def _form(trial: Trial, session: Session, instrument: str, part: str) -> Form:
    held = trial.protocol.instruments[instrument]
    key = FormKey(
        trial_id=trial.registration.trial_id,
        instrument=instrument,
        session=session.number,
        occasion=occasion_number(trial, session, instrument),
    )
    return make_form(held.task or "", params_of(held), key, part=part or None)


def _require_form(form: Form, posted: Posted) -> None:
    """Refuse a run of another form, aborted too: a browser may hold one of another trial that had the same address."""
    if isinstance(posted.run, dict) and "form_sha256" in posted.run:
        problem = form_problem(form, posted.run["form_sha256"])
        if problem is not None:
            raise DocumentError(f"run of {posted.instrument}", (problem,))


def _score(trial: Trial, session: Session, form: Form, posted: Posted) -> Scored:
    table = read_run(form, posted.run)
    if table.run is None:
        raise DocumentError(f"run of {posted.instrument}", table.problems)
    return score_run(table.run, _first_part(trial, session, posted))


def _first_part(trial: Trial, session: Session, posted: Posted) -> Run | None:
    """Return the run of the part that went before, which a later part is held against; None: there is none."""
    parts = CATALOGUE.tasks[trial.protocol.instruments[posted.instrument].task or ""].parts
    if not parts or posted.part in {"", parts[0]}:
        return None
    runs = trial.runs.get((session.number, f"{posted.instrument}:{parts[0]}"), ())
    first = next((r for r in runs if r.event.ended == "complete" and r.event.raw), None)
    if first is None or first.event.raw is None or first.event.raw == ERASED:
        return None
    held = json.loads(first.event.raw).get("run")
    return read_run(_form(trial, session, posted.instrument, parts[0]), held).run


def _times(posted: Posted, now: datetime) -> tuple[datetime, datetime, bool]:
    """Return start and end by our clock: the device's may be wrong, but it was wrong by the same when it sent."""
    skew = now - posted.sent_at
    started, finished = posted.started_at + skew, posted.finished_at + skew
    is_odd = started > finished or finished > now + SLACK
    finished = min(finished, now)
    return min(started, finished).astimezone(UTC), finished.astimezone(UTC), is_odd


def _flags(  # noqa: PLR0917 - the facts of one run
    trial: Trial, session: Session, posted: Posted, started: datetime, finished: datetime, now: datetime
) -> list[str]:
    flags = ["late"] if now - finished > LATE_AFTER else []
    part = f"{posted.instrument}:{posted.part}" if posted.part else posted.instrument
    placed = find_occasion((session,), started, on=session.on, recorded_at=started, is_taken=lambda _: False)
    flags += placed.flags
    period = trial.period_on(trial.study_date(started))
    if period is None or (period.index, period.kind) != (session.period, session.kind):
        flags.append("unplanned")  # taken under another kit: it cannot stand for this session
    earlier = trial.runs.get((session.number, part), ())
    if any(r.event.ended == "complete" for r in earlier) or _is_typed(trial, session, posted):
        flags.append("repeated")
    elif any(r.event.ended == "aborted" for r in earlier):
        flags.append("restarted")
    begin, end = trial.local(started), trial.local(finished)
    if begin.date() != end.date():
        flags.append("over_midnight")
    if begin.utcoffset() != end.utcoffset():
        flags.append("clock_changed")
    if end - begin > timedelta(hours=3):
        flags.append("duration_outlier")
    return flags


def _is_typed(trial: Trial, session: Session, posted: Posted) -> bool:
    prefix = f"{posted.instrument}."
    return any(
        number == session.number
        and name.startswith(prefix)
        and (trial.specs[name].part or "") in {"", posted.part}  # type: ignore[index]  # names of the store are names of the protocol
        for name, number in trial.entered
        if name in trial.specs
    )


def _values(instrument: str, scored: Scored) -> tuple[events.EnteredValue, ...]:
    return tuple(
        events.EnteredValue(
            score=f"{instrument}.{one.score}",
            value=decimal_text(one.value) if one.value is not None else None,
            missing_reason=one.missing_reason.value if one.missing_reason else None,
        )
        for one in scored.values
    )
