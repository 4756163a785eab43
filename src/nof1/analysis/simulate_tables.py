"""A whole simulated trial as the tables of a data folder, so that whatever reads a trial can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.analysis.simulate import FIRST_DAY, Person, Simulated, occasions_of, simulate_trials
from nof1.battery.catalogue import planned_scores
from nof1.encoding import sha256_hex
from nof1.protocol.digest import canonical_protocol
from nof1.schedule.calendar import plan
from nof1.scores.locked_tables import AllocationRow, LockedTables, ScoreRow, SessionRow, TrialRecord
from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from nof1.protocol.model import Protocol
    from nof1.schedule.timetable import Session

NO_EFFECT: Mapping[str, float] = {}


def simulate_tables(
    protocol: Protocol,
    effect: Mapping[str, float],
    rng: np.random.Generator,
    *,
    person: Person | None = None,
    trial_id: str = "simulated",
    participant: str = "simulated",
) -> LockedTables:
    """Play a trial from its protocol, locked and unblinded, with a known effect on the primary score.

    Every score of the protocol is simulated, with errors of its own; the other scores have no effect. Numbers
    are not cut off at the ends of a scale, so that what was put in is what can be found.

    Parameters
    ----------
    protocol : Protocol
        Without problems.
    effect : mapping of str to float
        Condition to what it adds to the primary score [unit].
    rng : numpy.random.Generator
        Source of everything.
    person : Person, optional
        How scores behave.
    trial_id, participant : str
        Names in the record, which says that the trial was simulated.

    Returns
    -------
    LockedTables
        As `lock` and `unblind` leave them.
    """
    person = person or Person()
    sessions = plan(protocol, FIRST_DAY, "UTC").sessions
    primary = str(protocol.outcomes.primary.score)
    due = {
        session.number: {str(name) for part in session.due for name in planned_scores(protocol, part)}
        for session in sessions
    }
    names = sorted(set().union(*due.values()), key=lambda name: (name != primary, name))
    trials: dict[str, Simulated] = {}
    for name in names:
        codes = trials[primary].codes if primary in trials else None
        made = simulate_trials(occasions_of(protocol, name), person, rng, codes=codes)
        trials[name] = made.with_effect(effect if name == primary else NO_EFFECT)
    sequence = [str(trials[primary].occasions.space.conditions[code]) for code in trials[primary].codes[:, 0]]
    place = {name: number for number, name in enumerate(names)}
    rows: list[ScoreRow] = []
    for name in names:
        its = [session for session in sessions if name in due[session.number]]
        rows += [
            _score(session, name, float(value), counted=bool(counted))
            for session, value, counted in zip(
                its, trials[name].value[:, 0], trials[name].occasions.counted, strict=True
            )
        ]
    text = canonical_protocol(protocol)
    return LockedTables(
        trial=TrialRecord(
            id=trial_id,
            participant=participant,
            mode=protocol.blinding.mode,
            zone="UTC",
            is_simulated=True,
            facts=(("protocol_sha256", sha256_hex(text)),),
        ),
        protocol=text.decode(),
        scores=tuple(sorted(rows, key=lambda row: (row.session, place[row.score]))),
        sessions=tuple(_session(session) for session in sessions),
        allocation=tuple(
            AllocationRow(period=place, kit=None, condition=code)
            for place, code in enumerate(sequence, start=1)
        ),
    )


def _score(session: Session, name: str, value: float, *, counted: bool) -> ScoreRow:
    is_missing = value != value  # noqa: PLR0124 - NaN
    return ScoreRow(
        score=name,
        session=session.number,
        day=session.day,
        period=session.period,
        day_in_period=session.day_in_period,
        block=session.block if session.kind is PeriodKind.TREATMENT else None,
        kind=session.kind,
        analysed=counted,
        at=f"{session.on.isoformat()}T12:00",
        value=None if is_missing else f"{value:.6g}",
        missing_reason="missed" if is_missing else None,
        source="simulated",
    )


def _session(session: Session) -> SessionRow:
    return SessionRow(
        session=session.number,
        day=session.day,
        on=session.on.isoformat(),
        period=session.period,
        day_in_period=session.day_in_period,
        block=session.block,
        kind=session.kind,
        battery=" ".join(session.due),
        due_at=None if session.at is None else session.at.isoformat(),
        at=f"{session.on.isoformat()}T12:00",
    )
