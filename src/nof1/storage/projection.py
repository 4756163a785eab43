"""The table of scores as they stand: kept with every event, in its transaction, and rebuilt to compare.

Where it is a view there is nothing to keep; a correction is then held against the view before it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from nof1.audit import events
from nof1.audit.history import replay
from nof1.errors import EntryError, StoreError
from nof1.scores.columns import column_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from nof1.audit.record import AnyRecorded
    from nof1.storage.backend import Backend

_Row = tuple[str | int | None, ...]
_Column = Sequence[str | int | None] | int
_AT_ONCE, _READ_AT_ONCE = 50, 1_000
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
        entered = {name: column_of(event.rows, name) for name in _ENTERED}
        places = range(len(event.rows))
        _insert(connection, backend, [recorded.seq, places, *entered.values(), 1, recorded.seq])
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
    _insert(connection, backend, _columns(history))


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
    live = chain.from_iterable(connection.execute(statement).partitions(_READ_AT_ONCE))
    odd: dict[tuple[object, object], dict[bool, _Row]] = {}
    for found, expected in zip_longest(live, zip(*_columns(history), strict=True)):
        if found != expected:
            for is_live, row in ((True, found), (False, expected)):
                if row is not None:
                    odd.setdefault((row[0], row[1]), {})[is_live] = tuple(row)
    return tuple(
        f"score {place} of event {seq}: {_told(rows.get(True))}; its events say {_told(rows.get(False))}"
        for (seq, place), rows in sorted(odd.items())
        if rows.get(True) != rows.get(False)
    )


def _insert(connection: Connection, backend: Backend, columns: Sequence[_Column]) -> None:
    """Insert rows that are kept by column, many with one statement: most of what a row costs is its statement."""
    cells = [_cell(column) for column in columns]
    varying = [column for column in columns if not isinstance(column, int) and not _is_empty(column)]
    n_rows = len(varying[0]) if varying else 0  # every row has a score; an aborted run has no row
    n_together = n_rows - n_rows % _AT_ONCE
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    for size, of_rows in ((_AT_ONCE, slice(n_together)), (1, slice(n_together, None))):
        values = chain.from_iterable(zip(*(column[of_rows] for column in varying), strict=True))
        if together := list(zip(*[values] * (size * len(varying)), strict=True)):
            places = ", ".join([f"({', '.join(cells)})"] * size)
            statement = f"INSERT INTO {backend.tables.score_current.name} ({names}) VALUES {places}"  # noqa: S608 - names of ours, and whole numbers
            connection.exec_driver_sql(statement, together)


def _cell(column: _Column) -> str:
    """Return what a statement says of a column: the one number of all rows, nothing in any, or a value for each."""
    if isinstance(column, int):
        return str(column)
    return "NULL" if _is_empty(column) else "?"


def _is_empty(column: Sequence[str | int | None]) -> bool:
    return not column or (column[0] is None and column.count(None) == len(column))


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


def _columns(history: Iterable[AnyRecorded]) -> list[_Column]:
    """Return every score as it stands, by column, in the order of the table."""
    scores = replay(history).scores
    places, entered = scores.places, [scores.column(name) for name in _ENTERED[:-2]]
    seqs = [seq for seq, _ in places]
    values, reasons = scores.values()
    n_versions, last = [1] * len(scores), list(seqs)
    for place, score in scores.corrected.items():
        n_versions[place], last[place] = len(score.versions), score.versions[-1].seq
    return [seqs, [row for _, row in places], *entered, values, reasons, n_versions, last]


def _told(row: _Row | None) -> str:
    if row is None:
        return "nothing"
    named = dict(zip(_COLUMNS, row, strict=True))
    shown = named["missing_reason"] if named["value"] is None else named["value"]
    return f"{named['score']} = {shown} (session {named['session']}, {named['n_versions']} versions)"
