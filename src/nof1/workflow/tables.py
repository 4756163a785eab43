"""The data folder of a trial, as it follows from its events: a row for every planned score, with or without a value."""

from __future__ import annotations

import importlib.metadata
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from nof1.audit import events
from nof1.audit.stage import Stage
from nof1.protocol.plan import Looks
from nof1.scores.columns import Columns, by_distinct
from nof1.scores.locked_tables import (
    AdverseEventRow,
    AllocationRow,
    DoseRow,
    GuessRow,
    LockedTables,
    ScoreRow,
    SessionRow,
    TrialRecord,
    UnplannedRow,
)
from nof1.terms import Mode, PeriodKind, ScoreName
from nof1.version import __version__
from nof1.workflow.departures import departures
from nof1.workflow.openings import (
    breaks,
    is_no_guess,
    not_blind_since,
    openings,
    told_opening,
    wrong_kits,
)
from nof1.workflow.parts import is_planned

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nof1.audit.record import AnyRecorded, Recorded
    from nof1.audit.scores import ScoreHistory
    from nof1.schedule.calendar import Session
    from nof1.workflow.trial import Trial

_STAGES: tuple[tuple[type[events.Event], str], ...] = (
    (events.TrialRandomized, "randomized"),
    (events.TrialImported, "imported"),
    (events.Stopped, "stopped"),
    (events.Locked, "locked"),
    (events.Unlocked, "unlocked"),
    (events.Unblinded, "unblinded"),
)


class _Marks(NamedTuple):
    """What holds for a session: the wrong kit of its day, and from when on its period was not blind [UTC]."""

    taken: str | None
    known_since: str | None


def locked_tables(trial: Trial) -> LockedTables:
    """Add up the tables; the same events give the same tables, on every machine.

    Parameters
    ----------
    trial : Trial
        At any stage.

    Returns
    -------
    LockedTables
        With an allocation only where it may be known.
    """
    scores, sessions, unplanned = _imported_rows(trial) if trial.is_imported else _planned_rows(trial)
    return LockedTables(
        trial=_record(trial),
        protocol=trial.registration.protocol_canonical,
        amended=_amended(trial),
        scores=scores,
        sessions=sessions,
        guesses=_guesses(trial),
        doses=_doses(trial),
        adverse_events=_adverse_events(trial),
        deviations=departures(trial),
        unplanned_scores=unplanned,
        allocation=_allocation(trial),
    )


def opened_tables(tables: LockedTables, trial: Trial) -> LockedTables:
    """Add the allocation to tables that were locked, and say it of the trial; no other table changes after the lock.

    Parameters
    ----------
    tables : LockedTables
        As they were locked.
    trial : Trial
        Unblinded.

    Returns
    -------
    LockedTables
        As `locked_tables` would add them up now.
    """
    return replace(tables, trial=_record(trial), allocation=_allocation(trial))


def _amended(trial: Trial) -> str | None:
    held = trial.state.protocol
    is_other = isinstance(held, events.ProtocolAmended | events.TrialExtended)
    return held.protocol_canonical if held is not None and is_other else None


def _planned_rows(
    trial: Trial,
) -> tuple[Sequence[ScoreRow], Sequence[SessionRow], tuple[UnplannedRow, ...]]:
    rows: list[ScoreRow] = []
    sessions: list[SessionRow] = []
    known = not_blind_since(trial)
    wrong = wrong_kits(trial)
    beside: dict[int, dict[ScoreName, ScoreHistory | None]] = {}
    for (name, number), score in trial.entered.items():
        beside.setdefault(number, {})[ScoreName(name)] = score
    for session in trial.schedule.sessions:
        found = {name: trial.entered.get((name, session.number)) for name in trial.scores_in(session)}
        # What was measured beside the plan stands with its session, and is nowhere missed.
        found |= beside.get(session.number, {})
        marks = _Marks(wrong.get(session.on), known.get(session.period))
        rows += [_planned_row(trial, session, name, score, marks) for name, score in found.items()]
        times = [
            score.entry.observed_local for score in found.values() if score and score.entry.observed_local
        ]
        sessions.append(
            SessionRow(
                session=session.number,
                day=session.day,
                on=session.on.isoformat(),
                period=session.period,
                day_in_period=session.day_in_period,
                block=session.block,
                kind=session.kind,
                battery=" ".join(session.due),
                due_at=session.at.isoformat() if session.at else None,
                at=min(times) if times else None,
            )
        )
    numbers = {session.number for session in trial.schedule.sessions}
    used = {place for (_, number), place in trial.state.scores.first.items() if number in numbers}
    unplanned = tuple(
        _unplanned_row(trial, score) for place, score in enumerate(trial.state.scores) if place not in used
    )
    return tuple(rows), tuple(sessions), unplanned


def _planned_row(
    trial: Trial, session: Session, name: ScoreName, score: ScoreHistory | None, marks: _Marks
) -> ScoreRow:
    counted = (
        session.kind is PeriodKind.TREATMENT and session.day_in_period > trial.protocol.design.onset_days
    )
    entry = score.entry if score else None
    flags = entry.flags if entry else ()
    if entry and session.kind is PeriodKind.TREATMENT:
        flags += ("wrong_kit", f"kit={marks.taken}") if marks.taken else ()
        flags += (
            ("not_blind",) if marks.known_since and (entry.observed_at or "") >= marks.known_since else ()
        )
    is_excluded = bool(set(flags) & set(trial.protocol.analysis.exclude_flags))
    return ScoreRow(
        score=name,
        session=session.number,
        # A session of the run-in may be done on another day than planned.
        day=entry.day if entry and entry.day is not None else session.day,
        period=session.period,
        day_in_period=session.day_in_period,
        block=session.block,
        kind=session.kind,
        analysed=counted and not is_excluded,
        at=_local(entry.observed_local, entry.observed_offset) if entry else None,
        value=score.value if score else None,
        missing_reason=score.missing_reason if score else None,
        late="late" in flags,
        flags=(*flags, *(("corrected",) if score and score.is_corrected else ())),
        source=score.source if score else None,
        scorer_version=score.scorer_version if score else None,
    )


def _unplanned_row(trial: Trial, score: ScoreHistory) -> UnplannedRow:
    entry = score.entry
    session = next((s for s in trial.schedule.sessions if entry.day is not None and s.day == entry.day), None)
    return UnplannedRow(
        score=entry.score,
        day=entry.day,
        period=session.period if session else None,
        day_in_period=session.day_in_period if session else None,
        kind=session.kind if session else None,
        at=_local(entry.observed_local, entry.observed_offset),
        value=score.value,
        missing_reason=score.missing_reason,
        late="late" in entry.flags,
        flags=entry.flags,
        source=score.source,
        scorer_version=score.scorer_version,
    )


def _imported_rows(
    trial: Trial,
) -> tuple[Sequence[ScoreRow], Sequence[SessionRow], tuple[UnplannedRow, ...]]:
    scores = trial.state.scores
    names, sessions, days, periods = (scores.column(name) for name in ("score", "session", "day", "period"))
    excluded, flags = scores.column("excluded"), scores.column("flags")
    values, reasons = scores.values()
    first_days: dict[int, int] = {}
    for period, day in set(zip(periods, days, strict=True)):
        if period is not None and day is not None:
            first_days[period] = min(day, first_days.get(period, day))
    onset = trial.protocol.design.onset_days

    def of_day(period: int | None, day: int | None) -> tuple[int | None, PeriodKind, bool]:
        in_period = None if period is None or day is None else day - first_days[period] + 1
        kind = PeriodKind.TREATMENT if period else PeriodKind.RUN_IN
        return in_period, kind, bool(period) and (in_period is None or in_period > onset)

    told = by_distinct(of_day, periods, days)
    rows = Columns(
        ScoreRow,
        {
            "score": names,
            "session": sessions,
            "day": days,
            "period": periods,
            "day_in_period": [in_period for in_period, _, _ in told],
            "block": scores.column("block"),
            "kind": [kind for _, kind, _ in told],
            "analysed": by_distinct(
                lambda is_counted, why: is_counted and why is None,
                [is_counted for _, _, is_counted in told],
                excluded,
            ),
            "at": by_distinct(_local, scores.column("observed_local"), scores.column("observed_offset")),
            "value": values,
            "missing_reason": reasons,
            "flags": by_distinct(
                lambda own, why: own if why is None else (*own, "excluded"), flags, excluded
            ),
            "source": scores.sources,
        },
    )
    order = {name: place for place, name in enumerate(trial.specs)}
    ranks = by_distinct(lambda name: order.get(ScoreName(name), 0), names)
    n_names = len(order)
    keys = [session * n_names + rank for session, rank in zip(sessions, ranks, strict=True)]
    return rows.ordered(keys), _imported_sessions(rows), ()


def _imported_sessions(rows: Columns[ScoreRow]) -> Columns[SessionRow]:
    """Say of each session what its first row says."""
    sessions = rows.column("session")
    first = dict(zip(reversed(sessions), range(len(sessions) - 1, -1, -1), strict=True))
    places = [first[session] for session in sorted(first)]
    names = ("session", "day", "period", "day_in_period", "block", "kind", "at")
    return Columns(SessionRow, {name: list(map(rows.column(name).__getitem__, places)) for name in names})


def _record(trial: Trial) -> TrialRecord:
    state = trial.state
    kinds = dict(_STAGES)
    begun = trial.registration
    facts: list[tuple[str, str]] = [("protocol_sha256", begun.protocol_sha256)]
    if isinstance(begun, events.TrialRandomized):
        facts += [
            ("start_on", begun.start_on),
            ("day_starts", begun.day_starts),
            ("commitment", begun.commitment),
            ("published_line", begun.published_line),
        ]
    else:
        facts += [
            ("file_name", begun.file_name),
            ("file_sha256", begun.file_sha256),
            ("n_rows", str(begun.n_rows)),
        ]
        facts += [("drift", finding) for finding in begun.drift]
        facts += [
            (
                "excluded",
                f"session {state.scores[place].entry.session}, {state.scores[place].entry.score}: {why}",
            )
            for place, why in enumerate(state.scores.column("excluded"))
            if why is not None
        ]
    facts += [
        ("acknowledged", f"{r.event.statement} — {r.event.typed}") for r in state.of(events.Acknowledged)
    ]
    facts += [
        ("stop_rule_fired", f"day {r.event.day}: {r.event.rule} ({'; '.join(r.event.evidence)})")
        for r in state.of(events.StopRuleFired)
    ]
    facts += [("safety_card_shown", r.record.recorded_at[:10]) for r in state.of(events.SafetyCardShown)]
    facts += [
        ("look", f"{r.event.what}, {'as planned' if _is_planned(trial, r.event) else 'not planned'}")
        for r in state.of(events.LookTaken)
    ]
    facts += [("stop_rule_fired", _told_rule(r.event)) for r in state.of(events.StopRuleFired)]
    facts += [("unlocked", r.event.reason) for r in state.of(events.Unlocked)]
    facts += [("stopped", f"{r.event.on}: {r.event.reason}") for r in state.of(events.Stopped)]
    facts += [
        ("shifted", f"period {r.event.from_period} on, by {r.event.days} days: {r.event.reason}")
        for r in state.of(events.ScheduleShifted)
    ]
    facts += [("paused", f"{r.event.on}: {r.event.reason}") for r in state.of(events.Paused)]
    facts += [("resumed", r.event.on) for r in state.of(events.Resumed)]
    facts += [
        (
            "adverse_event_after_the_lock",
            f"{r.event.started_on}: {r.event.term}, severity {r.event.severity} of 5"
            + (", serious" if r.event.serious else ""),
        )
        for r in state.of(events.AdverseEventRecorded)
        if _is_after_lock(trial, r)
    ]
    facts += [
        ("amended", f"from {r.event.effective_on} on, {'; '.join(r.event.changes)}. Reason: {r.event.reason}")
        for r in state.of(events.ProtocolAmended)
    ]
    facts += [("extended", _told_extension(trial, one)) for one in state.of(events.TrialExtended)]
    facts += [("expectation", _told_expectation(trial, r)) for r in state.of(events.ExpectationRecorded)]
    facts += [
        ("opened_after_the_lock", told_opening(trial, r)) for r in breaks(trial) if _is_after_lock(trial, r)
    ]
    facts += _packed_alone(trial)
    begun_at = state.records[0].record.recorded_at
    early = (
        0
        if trial.is_imported
        else sum(at is not None and at < begun_at for at in state.scores.column("observed_at"))
    )
    if early:
        facts.append(("early", f"{early} scores were measured before the trial was registered"))
    if corrected := len(state.scores.corrected):
        facts.append(("corrected", str(corrected)))
    return TrialRecord(
        id=begun.trial_id,  # also where the folder was renamed
        participant=begun.participant_id,
        mode=trial.mode,
        zone=begun.zone,
        stages=tuple(
            (kinds[type(r.event)], r.record.recorded_at) for r in state.records if type(r.event) in kinds
        ),
        versions=(
            ("nof1", begun.version),
            ("nof1 at lock", __version__),
            ("sqlalchemy", importlib.metadata.version("sqlalchemy")),
        ),
        chain_head=_chain_head(trial),
        is_imported=trial.is_imported,
        is_simulated=trial.is_simulated,
        flags=_flags(trial),
        facts=tuple(facts),
    )


def _packed_alone(trial: Trial) -> list[tuple[str, str]]:
    """Say who shuffled, and what the slips did not say at the end."""
    facts = []
    for registered in trial.state.of(events.KitsRegistered)[-1:]:
        by = next((one.answer for one in registered.event.answers if one.question.startswith("Who ")), "")
        facts += [("shuffled_by", "the participant" if by == "me" else by)] if by else []
        if registered.event.retired:
            facts.append(("spoilt_labels", ", ".join(registered.event.retired)))
    opened = trial.state.unblinding
    for kit in opened.event.allocation if opened else ():
        where = f"{kit.kit}, period {kit.period}" if kit.period else f"{kit.kit}, which was not used"
        if not kit.condition:
            facts.append(("unknown_kit", where))
        elif kit.by_elimination:
            facts.append(("by_elimination", where))
    return facts


def _told_extension(trial: Trial, recorded: Recorded[events.TrialExtended]) -> str:
    extended = recorded.event
    n_blocks = len({kit.partition("/")[0] for kit in extended.kits})
    if trial.mode is Mode.OPEN_LABEL:
        design = trial.protocol.design
        n_blocks = len(extended.kits) // (design.per_block * len(trial.protocol.conditions))
    rule = trial.versions[0][1].design.extension
    text = f"{n_blocks} block{'' if n_blocks == 1 else 's'} after block {extended.after}"
    if rule is not None and is_planned(trial):
        text += f", as the protocol allows when {rule.when.rstrip('.')}"
    elif rule is not None:
        text += f", unplanned, since the protocol allows {rule.blocks} in all"
    else:
        text += ", unplanned, since the protocol has no rule for it"
    known = [broken.event.kit for broken, _ in openings(trial) if broken.seq < recorded.seq]
    if known:
        text += f"; decided when the participant had learned what was in {', '.join(known)}"
    elif trial.mode is not Mode.OPEN_LABEL:
        text += "; decided while nothing was opened"
    return f"{text}. Reason: {extended.reason.rstrip('.')}. Published: {extended.published_line}"


def _told_rule(fired: events.StopRuleFired) -> str:
    when = "" if fired.day is None else f"Day {fired.day}: "
    seen = f" ({'; '.join(fired.evidence)})" if fired.evidence else ""
    return f"{when}{fired.rule}{seen}; the protocol asks to {fired.action}"


def _told_expectation(trial: Trial, recorded: Recorded[events.ExpectationRecorded]) -> str:
    event = recorded.event
    spec = trial.specs.get(ScoreName(str(trial.protocol.outcomes.primary.score)))
    unit = f" {spec.unit}" if spec is not None and spec.unit else ""
    size = f"{event.effect}{unit}" if event.effect is not None else "no particular difference"
    before = sum(seq < recorded.seq for seq, _ in trial.state.scores.places)
    when = f"after {before} scores had been entered" if before else "before any score was entered"
    return f"{size} ({event.contrast}), told {when}" + (f": {event.reason}" if event.reason else "")


def _chain_head(trial: Trial) -> str | None:
    """Return the hash of the last event that the tables rest on: the opening, or else the lock."""
    rests_on = trial.state.unblinding or trial.state.lock
    return rests_on.hash if rests_on else None


def _flags(trial: Trial) -> tuple[str, ...]:
    state = trial.state
    flags = []
    lock = state.lock
    broken = [r for r in breaks(trial) if r.event.who_learned == "participant"]
    if any(lock is None or r.seq < lock.seq for r in broken):
        flags.append("unblinded_before_lock")
    if not all(_is_planned(trial, r.event) for r in state.of(events.LookTaken)):
        flags.append("unplanned_look")
    if trial.mode is Mode.OPEN_LABEL and trial.extensions and not is_planned(trial):
        flags.append("unplanned_extension")
    if state.of(events.Unlocked):
        flags.append("lock_undone")
    if state.clock_back:
        flags.append("clock_back")
    return tuple(flags)


def _is_planned(trial: Trial, look: events.LookTaken) -> bool:
    plan = trial.protocol.analysis.looks
    return isinstance(plan, Looks) and plan.foresees(look.after_block)


def without_guesses(tables: LockedTables) -> LockedTables:
    """Leave out what was guessed, until everything is opened; that a guess was made stays.

    Parameters
    ----------
    tables : LockedTables
        Of a blinded trial.

    Returns
    -------
    LockedTables
        One row for each guess, with its period and time alone.
    """
    made = {(row.period, row.at): row for row in tables.guesses}
    return replace(
        tables,
        guesses=tuple(replace(row, condition=None, percent=None, reason=None) for row in made.values()),
    )


def _guesses(trial: Trial) -> tuple[GuessRow, ...]:
    rows = []
    for recorded in trial.state.of(events.GuessRecorded):
        guess = recorded.event
        if is_no_guess(trial, recorded):
            continue
        told: tuple[tuple[str | None, str | None], ...] = ((None, None),) if guess.dont_know else ()
        told += tuple((p.condition, p.percent) for p in guess.probabilities)
        rows += [
            GuessRow(
                period=guess.period,
                condition=condition,
                percent=percent,
                at=recorded.record.recorded_at,
                reason=guess.reason,
            )
            for condition, percent in told
        ]
    return tuple(sorted(rows, key=lambda row: row.period or 0))


def _doses(trial: Trial) -> tuple[DoseRow, ...]:
    return tuple(
        DoseRow(
            on=dose.taken_on,
            at=dose.taken_at,
            day=_day(trial, dose.taken_on),
            period=dose.period,
            kit=dose.kit,
            taken=dose.taken,
            text=dose.text,
        )
        for dose in (recorded.event for recorded in trial.state.of(events.DoseRecorded))
    )


def _is_after_lock(trial: Trial, recorded: AnyRecorded) -> bool:
    """Whether a harm came too late for the locked tables, which never change; trial.json tells it then."""
    return trial.state.lock is not None and recorded.seq > trial.state.lock.seq


def _adverse_events(trial: Trial) -> tuple[AdverseEventRow, ...]:
    return tuple(
        AdverseEventRow(
            term=harm.term,
            started_on=harm.started_on,
            ended_on=harm.ended_on,
            day=_day(trial, harm.started_on),
            period=_period(trial, harm.started_on),
            severity=harm.severity,
            serious=harm.serious,
            related=harm.related,
            action=harm.action,
            outcome=harm.outcome,
        )
        for harm in (
            recorded.event
            for recorded in trial.state.of(events.AdverseEventRecorded)
            if not _is_after_lock(trial, recorded)
        )
    )


def _allocation(trial: Trial) -> tuple[AllocationRow, ...] | None:
    opened = trial.state.unblinding
    if opened is not None:
        kits: Iterable[events.OpenedKit] = opened.event.allocation
        planned = [kit for kit in kits if kit.period is not None]
        # A kit that no period planned stands there only if something was taken from it by mistake.
        taken = {dose.event.kit for dose in trial.state.of(events.DoseRecorded) if dose.event.taken}
        taken |= {box.event.kit for box in trial.state.of(events.KitOpened)}
        others = [kit for kit in kits if kit.period is None and kit.condition and kit.kit in taken]
        return tuple(
            AllocationRow(period=kit.period, kit=kit.kit, condition=kit.condition or None)
            for kit in (*sorted(planned, key=lambda kit: kit.period or 0), *others)
        )
    is_locked = trial.state.position.stage is Stage.LOCKED
    if not trial.is_imported and trial.mode is Mode.OPEN_LABEL and is_locked:
        n_periods = max((period.index for period in trial.schedule.periods), default=0)
        return tuple(
            AllocationRow(period=place, condition=code)
            for place, code in enumerate(trial.open_sequence[:n_periods], start=1)
        )
    return None


def _local(observed_local: str | None, observed_offset: str | None) -> str | None:
    return None if observed_local is None else observed_local + (observed_offset or "")


def _day(trial: Trial, on: str | None) -> int | None:
    if on is None or trial.is_imported:
        return None
    return trial.schedule.day_number(date.fromisoformat(on))


def _period(trial: Trial, on: str | None) -> int | None:
    if on is None or trial.is_imported:
        return None
    return trial.period_number(date.fromisoformat(on))
