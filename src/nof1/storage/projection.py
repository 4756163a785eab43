"""The table of scores as they stand: kept with every event, in its transaction, and rebuilt to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from nof1.audit import events
from nof1.audit.history import replay
from nof1.errors import EntryError
from nof1.storage.tables import EVENT, SCORE_CURRENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from nof1.audit.record import AnyRecorded

_Row = dict[str, str | int | None]


def apply(connection: Connection, recorded: AnyRecorded) -> None:
    """Bring the table up to one more event.

    Parameters
    ----------
    connection : Connection
        In the transaction in which the event was inserted.
    recorded : Recorded
        The event.

    Raises
    ------
    EntryError
        If a correction names a score that is not there.
    """
    event = recorded.event
    if isinstance(event, events.ScoresEntered | events.ScoresImported):
        if not event.rows:  # an aborted run
            return
        connection.execute(
            insert(SCORE_CURRENT),
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
        _correct(connection, recorded, event)


def rebuild(connection: Connection, history: Iterable[AnyRecorded]) -> None:
    """Empty the table and fill it from the events.

    Parameters
    ----------
    connection : Connection
        In a transaction that may write.
    history : iterable of Recorded
        The whole history, in order.
    """
    connection.execute(delete(SCORE_CURRENT))
    if rows := _rows(history):
        connection.execute(insert(SCORE_CURRENT), rows)


def compare(connection: Connection, history: Iterable[AnyRecorded]) -> tuple[str, ...]:
    """Hold the table against what the events add up to.

    Parameters
    ----------
    connection : Connection
        In any transaction.
    history : iterable of Recorded
        The whole history, in order.

    Returns
    -------
    tuple of str
        One finding for each score that differs; empty: the table is right.
    """
    live = {_key(dict(row)): dict(row) for row in connection.execute(select(SCORE_CURRENT)).mappings()}
    rebuilt = {_key(row): row for row in _rows(history)}
    return tuple(
        f"score {place} of event {seq}: {_told(live.get((seq, place)))}; its events say {_told(rebuilt.get((seq, place)))}"
        for seq, place in sorted(live.keys() | rebuilt.keys())
        if live.get((seq, place)) != rebuilt.get((seq, place))
    )


def _correct(connection: Connection, recorded: AnyRecorded, event: events.ScoreCorrected) -> None:
    entry = select(EVENT.c.seq).where(EVENT.c.event_id == event.replaces).scalar_subquery()
    changed = connection.execute(
        update(SCORE_CURRENT)
        .where(
            SCORE_CURRENT.c.event_seq == entry,
            SCORE_CURRENT.c.row == event.row,
            SCORE_CURRENT.c.score == event.score,
        )
        .values(
            value=event.value,
            missing_reason=event.missing_reason,
            n_versions=SCORE_CURRENT.c.n_versions + 1,
            last_seq=recorded.seq,
        )
    )
    if changed.rowcount != 1:
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
