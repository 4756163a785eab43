"""The table of scores as they stand: kept with every event, in its transaction, and rebuilt to compare.

Where it is a view there is nothing to keep; a correction is then held against the view before it counts.
"""

from __future__ import annotations

from itertools import count, zip_longest
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from nof1.audit import events
from nof1.audit.history import replay
from nof1.errors import EntryError, StoreError
from nof1.scores.columns import column_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from nof1.audit.record import AnyRecorded
    from nof1.storage.backend import Backend

_Row = tuple[str | int | None, ...]
_ENTERED = ("score", "session", "day", "observed_at", "value", "missing_reason")
_COLUMNS = ("event_seq", "row", *_ENTERED, "n_versions", "last_seq")
"""Of the table, in its order, without the trial to which a row belongs on a server."""


def apply(connection: Connection, backend: Backend, recorded: AnyRecorded) -> None:
    """Bring the table up to one more event.

    Parameters
    ----------
    connection : Connection
        In the transaction in which the event was inserted.
    backend : Backend
        Where the trial is kept.
    recorded : Recorded
        The event.

    Raises
    ------
    EntryError
        If a correction names a score that is not there.
    StoreError
        If a view does not show the scores, since an earlier version of nof1 made it.
    """
    event = recorded.event
    if isinstance(event, events.ScoresEntered | events.ScoresImported):
        if backend.derives_scores:
            if isinstance(event, events.ScoresImported) and not backend.shows_columns(connection):
                raise StoreError(
                    "the database shows scores by a view of an earlier nof1, which cannot read rows of a file; nothing was "
                    "recorded. Let the owner of its tables run nof1 store init URL: it makes the view anew and keeps the rest"
                )
            return
        columns = [column_of(event.rows, name) for name in _ENTERED]
        seqs = [recorded.seq] * len(event.rows)
        _insert(connection, backend, zip(seqs, count(), *columns, [1] * len(seqs), seqs))
    elif isinstance(event, events.ScoreCorrected):
        _correct(connection, backend, recorded, event)


def rebuild(connection: Connection, backend: Backend, history: Iterable[AnyRecorded]) -> None:
    """Empty the table and fill it from the events.

    Parameters
    ----------
    connection : Connection
        In a transaction that may write.
    backend : Backend
        Where the trial is kept; a view needs no building.
    history : iterable of Recorded
        The whole history, in order.
    """
    if backend.derives_scores:
        return
    connection.execute(delete(backend.tables.score_current))
    _insert(connection, backend, _rows(history))


def compare(connection: Connection, backend: Backend, history: Iterable[AnyRecorded]) -> tuple[str, ...]:
    """Hold the table against what the events add up to.

    Parameters
    ----------
    connection : Connection
        In any transaction.
    backend : Backend
        Where the trial is kept.
    history : iterable of Recorded
        The whole history, in order.

    Returns
    -------
    tuple of str
        One finding for each score that differs; empty: the table is right.
    """
    scores = backend.tables.score_current
    columns = [scores.c[name] for name in _COLUMNS]
    statement = select(*columns).where(*(scores.c[name] == value for name, value in backend.owner.items()))
    statement = statement.order_by(scores.c.event_seq, scores.c.row)
    live = (tuple(row) for row in connection.execute(statement))
    odd: dict[tuple[object, object], dict[bool, _Row]] = {}
    for found, expected in zip_longest(live, _rows(history)):
        if found != expected:
            for is_live, row in ((True, found), (False, expected)):
                if row is not None:
                    odd.setdefault((row[0], row[1]), {})[is_live] = row
    return tuple(
        f"score {place} of event {seq}: {_told(rows.get(True))}; its events say {_told(rows.get(False))}"
        for (seq, place), rows in sorted(odd.items())
        if rows.get(True) != rows.get(False)
    )


def _insert(connection: Connection, backend: Backend, rows: Iterable[_Row]) -> None:
    """Insert rows as they are: a million of them by the driver, without a word to each."""
    if listed := list(rows):
        statement = insert(backend.tables.score_current).compile(connection)
        connection.exec_driver_sql(str(statement), listed)


def _correct(
    connection: Connection, backend: Backend, recorded: AnyRecorded, event: events.ScoreCorrected
) -> None:
    scores, origin = backend.tables.score_current, backend.tables.event
    owner = backend.owner.items()
    entry = select(origin.c.seq).where(
        origin.c.event_id == event.replaces, *(origin.c[name] == value for name, value in owner)
    )
    named = (
        scores.c.event_seq == entry.scalar_subquery(),
        scores.c.row == event.row,
        scores.c.score == event.score,
        *(scores.c[name] == value for name, value in owner),
    )
    if backend.derives_scores:
        n_found = len(connection.execute(select(scores.c.row).where(*named)).all())
    else:
        changed = (
            update(scores)
            .where(*named)
            .values(
                value=event.value,
                missing_reason=event.missing_reason,
                n_versions=scores.c.n_versions + 1,
                last_seq=recorded.seq,
            )
        )
        n_found = connection.execute(changed).rowcount
    if n_found != 1:
        raise EntryError(
            f"event {event.replaces} has no {event.score} at place {event.row}; nothing was corrected. Look the entry up first"
        )


def _rows(history: Iterable[AnyRecorded]) -> Iterator[_Row]:
    """Yield every score as it stands, in the order of the table."""
    scores = replay(history).scores
    places, entered = scores.places, [scores.column(name) for name in _ENTERED[:-2]]
    seqs = [seq for seq, _ in places]
    values, reasons = scores.values()
    n_versions, last = [1] * len(scores), list(seqs)
    for place, score in scores.corrected.items():
        n_versions[place], last[place] = len(score.versions), score.versions[-1].seq
    return zip(seqs, [row for _, row in places], *entered, values, reasons, n_versions, last, strict=True)


def _told(row: _Row | None) -> str:
    if row is None:
        return "nothing"
    named = dict(zip(_COLUMNS, row, strict=True))
    shown = named["missing_reason"] if named["value"] is None else named["value"]
    return f"{named['score']} = {shown} (session {named['session']}, {named['n_versions']} versions)"
