"""A trial as every step meets it: its store, its state, its protocol, and its schedule as it stands now."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast
from zoneinfo import ZoneInfo

from nof1.audit import events
from nof1.audit.chain import Anchor, check_anchors
from nof1.audit.event import Event
from nof1.audit.scores import FirstScores
from nof1.battery.catalogue import planned_scores, scores_of, scores_of_part
from nof1.errors import (
    ChainError,
    EntryError,
    Nof1Error,
    StageError,
    StoreError,
    TrialNotFoundError,
    WorkspaceError,
)
from nof1.files.atomic import write_atomically
from nof1.files.workspace import ADDRESS_NAME, STORE_NAME
from nof1.protocol.digest import protocol_from_canonical
from nof1.schedule.design import space_done, space_of
from nof1.schedule.printed import schedule_csv
from nof1.scores.number import shortened
from nof1.storage.heads import append_anchor, read_anchors
from nof1.storage.store import create_shared_store, create_store, open_store, require_free
from nof1.terms import ConditionCode, Mode, PeriodKind, ScoreName, TrialId
from nof1.workflow.course import kits_of, planned_kits, schedule_of, spare_blocks, waits_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nof1.audit.history import TrialState
    from nof1.audit.record import Recorded
    from nof1.audit.scores import ScoreHistory
    from nof1.battery.spec import ScoreSpec
    from nof1.protocol.model import Protocol
    from nof1.schedule.calendar import Period, Schedule, Session
    from nof1.schedule.space import SequenceSpace
    from nof1.storage.store import Store
    from nof1.storage.transaction import Transaction
    from nof1.terms import KitCode
    from nof1.workflow.context import Context

E = TypeVar("E", bound=Event)
HEADS = "heads.txt"
PARTICIPANT = "participant"
RECEIPT_LENGTH = 8
"""Characters of the name of an event that stand on a receipt."""


@dataclass(frozen=True)
class Trial:
    """What is known about a trial at one moment.

    Attributes
    ----------
    folder : Path
        Its folder; the name of the folder is the name of the trial.
    state : TrialState
        What its events add up to.
    """

    folder: Path
    state: TrialState

    @property
    def name(self) -> str:
        """The trial id."""
        return self.folder.name

    @cached_property
    def registration(self) -> events.TrialRandomized | events.TrialImported:
        """How it began."""
        found = self.state.registration
        if found is None:
            raise StageError(
                f"{self.name} has not been drawn; next: nof1 randomize PROTOCOL --trial {self.folder} --start DATE"
            )
        return found.event

    @property
    def is_imported(self) -> bool:
        """Whether it was run elsewhere."""
        return isinstance(self.registration, events.TrialImported)

    @property
    def mode(self) -> Mode:
        """Who knows the allocation before unblinding."""
        return Mode(self.registration.mode)

    @cached_property
    def protocol(self) -> Protocol:
        """The protocol in force."""
        held = self.state.protocol or self.registration
        return protocol_from_canonical(held.protocol_canonical.encode())

    @cached_property
    def versions(self) -> tuple[tuple[date, Protocol], ...]:
        """Every protocol that was in force, each with the first day on which it holds; the registered one first."""
        texts = [(date.min, self.registration.protocol_canonical)]
        texts += [
            (date.fromisoformat(r.event.effective_on), r.event.protocol_canonical)
            for r in self.state.of(events.ProtocolAmended)
        ]
        return tuple((since, protocol_from_canonical(text.encode())) for since, text in texts)

    def protocol_on(self, day: date) -> Protocol:
        """Return the protocol that says what is due on a day of the study."""
        return self.versions[self._version_on(day)][1]

    def _version_on(self, day: date) -> int:
        return max(place for place, (since, _) in enumerate(self.versions) if since <= day)

    @cached_property
    def specs(self) -> Mapping[ScoreName, ScoreSpec]:
        """The scores that the protocol knows or has known, by name, in its order."""
        specs = dict(scores_of(self.protocol))
        for _, earlier in reversed(self.versions[:-1]):
            specs = {
                **specs,
                **{name: spec for name, spec in scores_of(earlier).items() if name not in specs},
            }
        return specs

    @property
    def zone(self) -> ZoneInfo:
        """The zone at home."""
        return ZoneInfo(self.registration.zone or "UTC")

    @cached_property
    def schedule(self) -> Schedule:
        """The calendar with every shift, pause and stop."""
        begun = self.registration
        if isinstance(begun, events.TrialImported):
            raise StageError(f"{self.name} was run elsewhere; it has no calendar of ours")
        return schedule_of(begun, [change.event for change in self.state.schedule_changes])

    @property
    def _packed(self) -> events.TrialRandomized | None:
        """The registration of a trial that has kits."""
        begun = self.registration
        if isinstance(begun, events.TrialImported) or self.mode is Mode.OPEN_LABEL:
            return None
        return begun

    @property
    def registered_kits(self) -> tuple[KitCode, ...]:
        """Kits of the periods as they were registered, in order of use, extensions last, without spare ones."""
        if self._packed is None:
            return ()
        parts: tuple[events.TrialRandomized | events.TrialExtended, ...] = (self._packed, *self.extensions)
        return tuple(code for part in parts for _, code in kits_of(part))

    @property
    def extensions(self) -> tuple[events.TrialExtended, ...]:
        """Blocks that were drawn later, for an amended protocol."""
        return tuple(recorded.event for recorded in self.state.of(events.TrialExtended))

    @property
    def is_simulated(self) -> bool:
        """Whether clock or entropy of any draw were injected."""
        return self.registration.simulated or any(one.simulated for one in self.extensions)

    @property
    def open_sequence(self) -> tuple[ConditionCode, ...]:
        """The conditions of an open trial by period, extensions included and spare blocks left out."""
        begun = self.registration
        if isinstance(begun, events.TrialImported) or self.mode is not Mode.OPEN_LABEL:
            return ()
        drawn = begun.kits[: space_of(self.versions[0][1]).n_periods]
        return tuple(
            ConditionCode(code) for part in (drawn, *(one.kits for one in self.extensions)) for code in part
        )

    @property
    def spare_blocks(self) -> tuple[str, ...]:
        """Spare blocks that were packed, ``S1`` first."""
        return () if self._packed is None else spare_blocks(self._packed)

    def spare_kits(self, spare: str) -> tuple[KitCode, ...]:
        """Return the kits of a spare block, in order of use."""
        return () if self._packed is None else tuple(code for _, code in kits_of(self._packed, spare))

    @cached_property
    def planned_kits(self) -> tuple[KitCode, ...]:
        """Kits by planned place, spare blocks where they took over; with those that a stop left unopened."""
        changes = [recorded.event for recorded in self.state.schedule_changes]
        return () if self._packed is None else planned_kits(self._packed, changes)

    def is_empty_on(self, period: int, day: date) -> bool:
        """Whether the kit of a period is lost by a day, so that nothing is taken."""
        lost = (recorded.event for recorded in self.state.of(events.KitLost))
        return any(event.period == period and event.on <= day.isoformat() for event in lost)

    @cached_property
    def space(self) -> SequenceSpace:
        """Every sequence that could have been drawn for the blocks that were done until now, or will be."""
        treated = (s for s in self.schedule.sessions if s.kind is PeriodKind.TREATMENT)
        return space_done(self.versions[0][1], [s.block for s in treated if s.block is not None])

    def place_of_kit(self, kit: str) -> int | None:
        """Return the number of the period for which a kit is planned, or None."""
        return next((n for n, code in enumerate(self.planned_kits, start=1) if code == kit), None)

    @cached_property
    def waits_from(self) -> date | None:
        """First day of what waits for `resume`; None while the trial goes on."""
        return waits_from(self.schedule)

    def period_on(self, day: date) -> Period | None:
        """Return the period that a day of the study belongs to; None before, after, and in a rest."""
        if self.waits_from is not None and day >= self.waits_from:
            return None
        return self.schedule.period_on(day)

    def sessions_on(self, day: date) -> tuple[Session, ...]:
        """Return what is due on a day of the study; nothing in a rest."""
        return self.schedule.sessions_on(day) if self.waits_from is None or day < self.waits_from else ()

    def period_number(self, day: date) -> int | None:
        """Return the number of the treatment period that a day belongs to (0: run-in), or None."""
        period = self.period_on(day)
        return None if period is None or period.kind is PeriodKind.WASHOUT else period.index

    @property
    def ends_on(self) -> date:
        """Last day, as it is planned now."""
        periods = self.schedule.periods
        return periods[-1].ends_on if periods else self.schedule.start_on

    def local(self, moment: datetime) -> datetime:
        """Return a moment as local time at home."""
        return moment.astimezone(self.zone)

    def study_date(self, moment: datetime) -> date:
        """Return the date of the study day to which a moment belongs."""
        return self.schedule.study_date(self.local(moment))

    @cached_property
    def entered(self) -> Mapping[tuple[str, int], ScoreHistory]:
        """Scores of planned sessions, by name and number of the session."""
        return FirstScores(self.state.scores)

    @cached_property
    def sessions_of(self) -> Mapping[ScoreName, tuple[Session, ...]]:
        """The sessions in which each score can be measured, in order; those that wait for `resume` are none."""
        able: dict[ScoreName, list[Session]] = {name: [] for name in self.specs}
        gives = {(place, part): scores_of_part(self.versions[place][1], part) for place, part in self._parts}
        for session in self.schedule.sessions:
            if self.waits_from is not None and session.on >= self.waits_from:
                continue
            for part in session.due:
                for name in gives[self._version_on(session.on), part]:
                    able[name].append(session)
        return {name: tuple(sessions) for name, sessions in able.items()}

    @cached_property
    def runs(self) -> Mapping[tuple[int, str], tuple[Recorded[events.RunRecorded], ...]]:
        """Runs of tests on the page, aborted ones too, by session and part such as ``words:delayed``."""
        found: dict[tuple[int, str], list[Recorded[events.RunRecorded]]] = {}
        for run in self.state.of(events.RunRecorded):
            part = f"{run.event.instrument}:{run.event.part}" if run.event.part else run.event.instrument
            found.setdefault((run.event.given_in, part), []).append(run)
        return {place: tuple(runs) for place, runs in found.items()}

    def receipt(self, score: ScoreHistory) -> str:
        """Return by what a score can be told from all others, such as ``3f09a1c7``, or ``3f09a1c7:2`` within a file."""
        name = score.event_id[:RECEIPT_LENGTH]
        return name if self._n_in_event[score.seq, score.entry.score] == 1 else f"{name}:{score.row + 1}"

    @cached_property
    def _n_in_event(self) -> Counter[tuple[int, str]]:
        scores = self.state.scores
        return Counter(zip((seq for seq, _ in scores.places), scores.column("score"), strict=True))

    def scores_in(self, session: Session) -> tuple[ScoreName, ...]:
        """Return the scores that are due in a session, in the order in which its instruments are given."""
        place = self._version_on(session.on)
        return tuple(name for part in session.due for name in self._due[place, part])

    @cached_property
    def _due(self) -> Mapping[tuple[int, str], tuple[ScoreName, ...]]:
        return {(place, part): planned_scores(self.versions[place][1], part) for place, part in self._parts}

    @cached_property
    def _parts(self) -> frozenset[tuple[int, str]]:
        """What is due in any session, with the place of the protocol that says so."""
        return frozenset((self._version_on(s.on), part) for s in self.schedule.sessions for part in s.due)


class Change:
    """A transaction on a trial: what is read is what will be true when it is committed."""

    def __init__(self, folder: Path, transaction: Transaction, context: Context) -> None:
        self._folder = folder
        self._transaction = transaction
        self._context = context

    @cached_property
    def trial(self) -> Trial:
        """The trial as it stood when it was first asked for, or refreshed."""
        return Trial(folder=self._folder, state=self._transaction.state)

    def refresh(self) -> None:
        """Let `trial` see what was recorded here."""
        self.__dict__.pop("trial", None)

    def earlier(self, kind: type[E], key: str | None) -> Recorded[E] | None:
        """Return what an attempt with the same key recorded before, marked as duplicate; None: nothing.

        Parameters
        ----------
        kind : type of Event
            Of the event.
        key : str or None
            Names the attempt.

        Returns
        -------
        Recorded or None
            To be answered in the place of a new one.

        Raises
        ------
        EntryError
            If the key names another kind of event.
        """
        for recorded in self.trial.state.records if key else ():
            if recorded.record.idem_key == key:
                if not isinstance(recorded.event, kind):
                    raise EntryError(
                        f"this attempt was recorded as {recorded.event.KIND} before; nothing was added. Begin anew"
                    )
                return cast("Recorded[E]", replace(recorded, duplicate=True))
        return None

    def record(self, event: E, *, key: str | None = None, at: datetime | None = None) -> Recorded[E]:
        """Append an event in the name of the actor.

        Parameters
        ----------
        event : Event
            What happened.
        key : str or None
            Names the attempt; a retry with the same key adds nothing. Random when not given.
        at : datetime or None
            When it happened, where the event itself does not say it [aware].

        Returns
        -------
        Recorded
            Event and record, or those of the first attempt.
        """
        context = self._context
        observed = at.isoformat(timespec="seconds") if at else None
        return self._transaction.append(
            event,
            actor=context.actor or PARTICIPANT,
            channel=context.channel,
            recorded_at=context.now(),
            idem_key=key or context.entropy(16).hex(),
            observed_at=observed,
        )


def store_path(folder: Path) -> Path:
    """Return the file of a trial's store; or the one that says on which server it is, where that is there."""
    address = folder / ADDRESS_NAME
    return address if address.exists() else folder / STORE_NAME


def require_place(folder: Path, context: Context) -> None:
    """Refuse a store in which a new trial cannot be kept, before anything is asked or drawn.

    Parameters
    ----------
    folder : Path
        The trial's folder; may hold a trial that was begun.
    context : Context
        Says whether trials are kept on a server.

    Raises
    ------
    StoreError
        If the server cannot be reached, has another trial of this name, or the folder holds another store.
    """
    if not context.store_url:
        return
    path = store_path(folder)
    if path.exists() and path.name != ADDRESS_NAME:
        raise StoreError(
            f"{path} keeps this trial in a file, and nothing was changed; leave --store out (NOF1_STORE too), or take "
            "another folder"
        )
    require_free(folder / ADDRESS_NAME, context.store_url, TrialId(folder.name))


def create_trial_store(folder: Path, context: Context, *, allow_synced: bool) -> Store:
    """Create the store of a new trial: on a server where the context names one, else in the trial's folder.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Says where trials are kept.
    allow_synced : bool
        A file also in a folder that is synchronised or on a network.

    Returns
    -------
    Store
        Without events.

    Raises
    ------
    StoreError
        If there is a trial already.
    WorkspaceError
        If the place is not safe, or cannot be written.
    """
    require_place(folder, context)
    name, path = TrialId(folder.name), store_path(folder)
    if context.store_url or path.name == ADDRESS_NAME:
        return create_shared_store(folder / ADDRESS_NAME, context.store_url, name)
    return create_store(path, name, allow_synced=allow_synced)


def remains_of(folder: Path) -> tuple[str, ...]:
    """Name the files that a trial left in a folder whose record is gone; a second draw must not take their place.

    Parameters
    ----------
    folder : Path
        The trial's folder.

    Returns
    -------
    tuple of str
        Empty where the record is there, or where there never was one.
    """
    path = store_path(folder)
    if path.exists() and path.stat().st_size:  # not opened here: a crash may have left a journal to play back
        return ()
    return tuple(
        name for name in (HEADS, "schedule.csv", "public.json", "locked") if (folder / name).exists()
    )


def open_trial_store(folder: Path, *, read_only: bool = False) -> Store:
    """Open the store of a trial.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    read_only : bool
        Nothing can be written; so it is in any case where the file cannot be.

    Returns
    -------
    Store
        Open.

    Raises
    ------
    TrialNotFoundError
        If there is none.
    """
    path = store_path(folder)
    if path.name == ADDRESS_NAME and (folder / STORE_NAME).exists():
        raise StoreError(
            f"{folder} holds both {STORE_NAME} and {ADDRESS_NAME}, two records of one trial; move away the one that is "
            "not its own. nof1 verify says whether the other one is whole"
        )
    if remains := remains_of(folder):
        raise TrialNotFoundError(
            f"{folder}: the record of this trial is missing or empty, but {', '.join(remains)} of it are there; "
            "restore a backup: nof1 restore FILE; or, of a trial on a server, nof1 store attach URL TRIAL"
        )
    if not path.exists():
        raise TrialNotFoundError(f"{folder} holds no trial; see nof1 trials, or begin with nof1 randomize")
    return open_store(path, read_only=read_only or not os.access(path, os.W_OK))


def read_trial(folder: Path) -> Trial:
    """Read a trial without changing it.

    Parameters
    ----------
    folder : Path
        The trial's folder.

    Returns
    -------
    Trial
        As it stands.
    """
    return Trial(folder=folder, state=open_trial_store(folder).state())


def require_heads(trial: Trial) -> None:
    """Refuse to go on with a record that is older than, or other than, what was written down of it.

    Parameters
    ----------
    trial : Trial
        About to be locked, opened or reported.

    Raises
    ------
    ChainError
        If a head of heads.txt is not in the chain.
    """
    if wrong := other_record(trial):
        raise ChainError(f"{trial.name}: {wrong}")


def other_record(trial: Trial) -> str | None:
    """Hold a record against what was written down of it.

    Parameters
    ----------
    trial : Trial
        As it stands.

    Returns
    -------
    str or None
        What is wrong and what to do; None if every head of heads.txt is in the chain.

    Raises
    ------
    ChainError
        If heads.txt cannot be read.
    """
    wrong = check_anchors([r.record for r in trial.state.records], read_heads(trial.folder / HEADS))
    if not wrong:
        return None
    return (
        f"the record is not the one of which heads.txt was written ({wrong[0]}); an older copy was "
        f"put in its place, or it was changed. See nof1 verify {trial.name}, and restore the right one"
    )


@contextmanager
def changing(folder: Path, context: Context, store: Store | None = None) -> Iterator[Change]:
    """Read a trial, and commit what is recorded when the block ends; an error undoes all of it.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor, clock, entropy.
    store : Store or None
        One that was just created, and holds nothing yet.

    Yields
    ------
    Change
        The trial, and `record`.
    """
    with (store or open_trial_store(folder)).writing(context.entropy) as transaction:
        yield Change(folder, transaction, context)


@contextmanager
def stored(what: str, name: str) -> Iterator[None]:
    """Say that something is stored, where a file that follows from it cannot be written afterwards.

    Parameters
    ----------
    what : str
        What was committed before the block begins.
    name : str
        The trial.

    Yields
    ------
    None
        Nothing.

    Raises
    ------
    WorkspaceError
        In the place of whatever goes wrong in the block: nobody may believe that nothing was stored.
    """
    try:
        yield
    except (OSError, Nof1Error, KeyboardInterrupt) as error:
        why = (
            "interrupted"
            if isinstance(error, KeyboardInterrupt)
            else getattr(error, "strerror", None) or error
        )
        raise WorkspaceError(
            f"{what} is stored, but a file that follows from it was not written ({why}); "
            f"next: nof1 verify {name} --repair"
        ) from error


def write_schedule(trial: Trial) -> Path:
    """Write schedule.csv as it follows from the events; it can be made again at any time.

    Parameters
    ----------
    trial : Trial
        As it stands after the change.

    Returns
    -------
    Path
        The file.
    """
    path = trial.folder / "schedule.csv"
    write_atomically(path, schedule_csv(trial.schedule).encode())
    return path


def read_heads(path: Path) -> tuple[Anchor, ...]:
    """Read heads that were written down; a step that will add one does so before it begins.

    Parameters
    ----------
    path : Path
        A heads.txt; need not exist.

    Returns
    -------
    tuple of Anchor
        In order.

    Raises
    ------
    ChainError, WorkspaceError
        If it cannot be read.
    """
    try:
        return read_anchors(path)
    except ChainError as error:
        raise ChainError(
            f"{path}: {shortened(str(error), 200)}; set the line right, or keep the file elsewhere and remove it here"
        ) from None


def anchor_head(trial: Trial, what: str) -> str:
    """Append the head of the chain to heads.txt, and return it for printing.

    Parameters
    ----------
    trial : Trial
        As it stands after the change.
    what : str
        Why now, such as ``lock``.

    Returns
    -------
    str
        The line.
    """
    last = trial.state.records[-1]
    anchor = Anchor(seq=last.seq, head=last.hash, at=last.record.recorded_at, what=what)
    append_anchor(trial.folder / HEADS, anchor)
    return str(anchor)
