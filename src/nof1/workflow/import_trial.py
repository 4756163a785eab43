"""Bring in a finished trial that was run elsewhere; the report says that nof1 neither drew, blinded nor locked it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nof1.audit import events
from nof1.encoding import decimal_text
from nof1.errors import EntryError, TableError, WorkspaceError
from nof1.files.locked import locked_bytes, write_locked
from nof1.files.protocols import read_protocol, read_protocol_text
from nof1.files.tables import read_bytes
from nof1.files.workspace import check_trial_id
from nof1.protocol.digest import canonical_protocol, protocol_sha256
from nof1.schedule.design import space_of
from nof1.scores.columns import Columns, by_distinct
from nof1.scores.importers import ImportForm, read_import
from nof1.scores.moments import DateOrder, Moment
from nof1.version import __version__
from nof1.workflow.lock import lock_event
from nof1.workflow.tables import locked_tables, opened_tables
from nof1.workflow.trial import (
    Trial,
    anchor_head,
    changing,
    create_trial_store,
    remains_of,
    require_place,
    stored,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal
    from pathlib import Path

    from nof1.protocol.model import Protocol
    from nof1.scores.imported import ImportedTrial
    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was brought in.

    Attributes
    ----------
    trial : Trial
        Locked and unblinded.
    n_rows : int
        Rows of the file, whoever they are of.
    n_scores, n_sessions, n_excluded : int
        Scores of this trial, sessions that have one, and scores that the file leaves out itself.
    findings : tuple of str
        What a reader should know: drift between day index and calendar, gaps.
    space_size, sequence_rank : int
        Sequences that the design allows, and which one it was.
    """

    trial: Trial
    n_rows: int
    n_scores: int
    n_sessions: int
    n_excluded: int
    findings: tuple[str, ...]
    space_size: int
    sequence_rank: int


def import_trial(
    protocol_path: Path,
    data: Path,
    folder: Path,
    context: Context,
    *,
    participant: str | None = None,
    zone: str | None = None,
    form: ImportForm = ImportForm.LONG,
    order: DateOrder = DateOrder.ISO,
    allow_synced: bool = False,
) -> Imported:
    """Read a finished trial from its long table; everything is stored, locked and opened, or nothing is.

    Parameters
    ----------
    protocol_path : Path
        The protocol that the trial followed.
    data : Path
        The table.
    folder : Path
        The trial's folder, which does not exist yet.
    context : Context
        Actor, clock, entropy.
    participant : str or None
        Whose rows, where the file holds several people.
    zone : str or None
        IANA zone in which times without offset were written.
    form : ImportForm
        What kind of file it is.
    order : DateOrder
        How dates that are not ISO are read.
    allow_synced : bool
        Accept a folder that is synchronised or on a network.

    Returns
    -------
    Imported
        The trial and what was noticed.

    Raises
    ------
    ProtocolError, TableError
        With all problems.
    StoreError
        If there is a trial in the folder already.
    """
    protocol = read_protocol(protocol_path)
    check_trial_id(folder.name)
    if remains := remains_of(folder):
        raise WorkspaceError(
            f"{folder} holds {', '.join(remains)} of a trial whose record is gone; a second draw would be a choice. "
            "Restore a backup (nof1 restore FILE), or take another folder"
        )
    require_place(folder, context)
    home = _zone(zone)
    raw = read_bytes(data)
    table = read_import(raw, protocol, form=form, participant=participant, order=order)
    if table.trial is None:
        raise TableError(str(data), table.problems)
    found = table.trial
    space = space_of(protocol)
    rank = space.rank(found.sequence)
    notes = (*(str(finding) for finding in found.drift), *found.findings)
    begun = events.TrialImported(
        trial_id=folder.name,
        participant_id=found.participant or participant or "unnamed",
        mode=protocol.blinding.mode.value,
        protocol_text=read_protocol_text(protocol_path),
        protocol_canonical=canonical_protocol(protocol).decode(),
        protocol_sha256=protocol_sha256(protocol),
        zone=home.key if home else None,
        file_name=data.name,
        file_sha256=table.sha256,
        n_rows=table.n_rows,
        drift=notes,
        simulated=context.simulated,
        version=__version__,
    )
    store = create_trial_store(folder, context, allow_synced=allow_synced)
    with changing(folder, context, store) as change:
        change.record(begun, key=f"import/{folder.name}")
        for part in events.ScoresImported.of_file(
            _score_rows(found, home), file_name=data.name, file_sha256=table.sha256, source="import"
        ):
            change.record(part)
        for guess in _guess_events(found, protocol):
            change.record(guess)
        change.refresh()
        tables = locked_tables(change.trial)
        content = locked_bytes(tables)
        change.record(lock_event(tables, content))
        change.record(
            events.Unblinded(
                how="import",
                allocation=tuple(
                    events.OpenedKit(period=place, condition=code)
                    for place, code in enumerate(found.sequence, start=1)
                ),
                space_size=space.size,
                sequence_rank=rank,
            )
        )
        change.refresh()
        trial = change.trial
    with stored("the import", trial.name):
        write_locked(folder / "locked", opened_tables(tables, trial), kept=content)
        anchor_head(trial, "imported")
    return Imported(
        trial=trial,
        n_rows=table.n_rows,
        n_scores=len(found.scores),
        n_sessions=len(found.sessions),
        n_excluded=len(found.excluded),
        findings=notes,
        space_size=space.size,
        sequence_rank=rank,
    )


def _score_rows(found: ImportedTrial, home: ZoneInfo | None) -> Columns[events.ScoreRow]:
    numbers, scores = found.scores.column("session"), found.scores.column("score")

    def of_session(name: str) -> list[Any]:
        values = dict(zip(found.sessions.column("session"), found.sessions.column(name), strict=True))
        return list(map(values.__getitem__, numbers))

    periods = of_session("period")
    columns = {
        "score": [score.name for score in scores],
        "session": numbers,
        "day": of_session("day"),
        "value": [score.number and score.number.text for score in scores],
        "missing_reason": [score.missing_reason and score.missing_reason.value for score in scores],
        "period": periods,
        "block": by_distinct(lambda period: (found.blocks[period - 1] or None) if period else None, periods),
        "excluded": found.scores.column("excluded"),
    }
    if "moment" in found.scores.given:
        own = found.scores.column("moment")
        columns |= _times(
            [mine or theirs for mine, theirs in zip(own, of_session("moment"), strict=True)], home
        )
    held = {name: column for name, column in columns.items() if column.count(None) < len(column)}
    return Columns(events.ScoreRow, held)


def _times(moments: Sequence[Moment | None], home: ZoneInfo | None) -> dict[str, list[str | None]]:
    """Return UTC, local text and offset of each score, as far as the file tells them."""
    distinct = {id(moment): moment for moment in moments}
    told_by = {key: _when(moment, home) for key, moment in distinct.items()}
    when = [told_by[id(moment)] for moment in moments]
    names = ("observed_at", "observed_local", "observed_offset")
    return {name: [told[place] for told in when] for place, name in enumerate(names)}


def _when(moment: Moment | None, home: ZoneInfo | None) -> tuple[str | None, str | None, str | None]:
    """Return UTC, local text and offset, as far as the file tells them."""
    if moment is None:
        return None, None, None
    if moment.at is None:
        return None, moment.on.isoformat(), None
    local = moment.at.replace(tzinfo=None).isoformat(timespec="seconds")
    aware = moment.at if moment.at.tzinfo else moment.at.replace(tzinfo=home) if home else None
    if aware is None:
        return None, local, None
    utc = aware.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    offset = f"{aware:%z}"
    return utc, local, f"{offset[:3]}:{offset[3:5]}"


def _guess_events(found: ImportedTrial, protocol: Protocol) -> list[events.GuessRecorded]:
    codes = protocol.condition_codes
    told = []
    for guess in found.guesses:
        percent = guess.probability.value * 100
        shares: list[tuple[str, Decimal]] = [(codes[0], percent)]
        if len(codes) == 2:
            shares.append((codes[1], 100 - percent))
        told.append(
            events.GuessRecorded(
                period=guess.period,
                probabilities=tuple(
                    events.Probability(condition=code, percent=decimal_text(share)) for code, share in shares
                ),
            )
        )
    return told


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise EntryError(
            f"the zone {name!r} is not known; write its IANA name, such as Europe/Berlin"
        ) from None
