"""The table of scores as they stand: kept with every event, in its transaction, and rebuilt to compare.

Where it is a view there is nothing to keep; a correction is then held against the view before it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from nof1.audit import events
from nof1.audit.history import replay
from nof1.errors import EntryError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from nof1.audit.record import AnyRecorded
    from nof1.storage.backend import Backend

_Row = dict[str, str | int | None]


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
    """
    event = recorded.event
    if isinstance(event, events.ScoresEntered | events.ScoresImported):
        if backend.derives_scores or not event.rows:  # without rows: an aborted run
            return
        connection.execute(
            insert(backend.tables.score_current),
            [
                {
                    "event_seq": recorded.seq,
                    "row": place,
                    "score": row.score,
                    "session": row.session,
                    "day": row.day,
                    "observed_at": row.observed_at,
                    "value": row.value,
                    "missing_reason": row.missing_reason,
                    "n_versions": 1,
                    "last_seq": recorded.seq,
                }
                for place, row in enumerate(event.rows)
            ],
        )
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
    if rows := _rows(history):
        connection.execute(insert(backend.tables.score_current), rows)


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
    columns = [column for column in scores.c if column.name not in backend.owner]
    statement = select(*columns).where(*(scores.c[name] == value for name, value in backend.owner.items()))
    live = {_key(dict(row)): dict(row) for row in connection.execute(statement).mappings()}
    rebuilt = {_key(row): row for row in _rows(history)}
    return tuple(
        f"score {place} of event {seq}: {_told(live.get((seq, place)))}; its events say {_told(rebuilt.get((seq, place)))}"
        for seq, place in sorted(live.keys() | rebuilt.keys())
        if live.get((seq, place)) != rebuilt.get((seq, place))
    )


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


def _rows(history: Iterable[AnyRecorded]) -> list[_Row]:
    state = replay(history)
    return [
        {
            "event_seq": score.seq,
            "row": score.row,
            "score": score.entry.score,
            "session": score.entry.session,
            "day": score.entry.day,
            "observed_at": score.entry.observed_at,
            "value": score.value,
            "missing_reason": score.missing_reason,
            "n_versions": len(score.versions),
            "last_seq": score.versions[-1].seq,
        }
        for score in state.scores
    ]


def _key(row: _Row) -> tuple[int, int]:
    return int(row["event_seq"] or 0), int(row["row"] or 0)


def _told(row: _Row | None) -> str:
    if row is None:
        return "nothing"
    shown = row["missing_reason"] if row["value"] is None else row["value"]
    return f"{row['score']} = {shown} (session {row['session']}, {row['n_versions']} versions)"
