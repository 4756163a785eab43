"""Whether the rows of a finished trial fit together, by column: yes, or perhaps not; `import_checks` says what is wrong.

Each law of `import_checks` is here once more, without a word to say. Where this says yes, that finds nothing.
"""

from __future__ import annotations

from itertools import islice, pairwise
from operator import itemgetter, le
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nof1.protocol.model import Protocol
    from nof1.schedule.space import SequenceSpace
    from nof1.scores.columns import Columns
    from nof1.scores.long_rows import LongRow
    from nof1.scores.moments import Moment
    from nof1.scores.number import Number


def fits(rows: Columns[LongRow], protocol: Protocol, space: SequenceSpace) -> bool:
    """Say whether nothing is wrong with the rows, but for the order of conditions.

    Parameters
    ----------
    rows : Columns of LongRow
        At least one; of one participant, ordered by session.
    protocol : Protocol
        What the trial promised.
    space : SequenceSpace
        Of its design.

    Returns
    -------
    bool
        False: see `import_checks`.
    """
    sessions = rows.column("session")
    orders = {name: place for place, name in enumerate({score.name for score in rows.column("score")})}
    n_names = len(orders)
    keys = {
        session * n_names + orders[score.name]
        for session, score in zip(sessions, rows.column("score"), strict=True)
    }
    shared = (rows.column(name) for name in ("session", "period", "day", "condition", "block"))
    facts = sorted(set(zip(*shared, strict=True)), key=itemgetter(0))
    numbers, periods, days, conditions, blocks = zip(*facts, strict=True)
    n_without_day = days.count(None)
    return (
        len(keys) == len(rows)
        and protocol.outcomes.primary.score in orders
        and (n_without_day == 0 or (n_without_day == len(days) and not protocol.design.onset_days))
        and len(set(numbers)) == len(facts)  # a session is of one period, one day
        and _rises(periods)
        and (n_without_day > 0 or (_rises(days) and _is_made_of_days(periods, days)))
        and _is_one_each(zip(periods, conditions, strict=True))
        and _fit_blocks(set(zip(periods, blocks, strict=True)), space)
        and _fit_guesses(rows.column("period"), rows.column("guess"), protocol)
        and _fit_times(sessions, rows.column("moment"))
    )


def _rises(numbers: Sequence[int]) -> bool:
    return all(map(le, numbers, islice(numbers, 1, None)))


def _is_one_each(pairs: Iterable[tuple[int, object]]) -> bool:
    distinct = set(pairs)
    return len(distinct) == len({first for first, _ in distinct})


def _is_made_of_days(periods: Sequence[int], days: Sequence[int]) -> bool:
    """Whether no day belongs to two periods; the run-in may end on the day on which the first one begins."""
    treated = {(period, day) for period, day in set(zip(periods, days, strict=True)) if period > 0}
    return len(treated) == len({day for _, day in treated})


def _fit_blocks(pairs: set[tuple[int, int | None]], space: SequenceSpace) -> bool:
    return all(
        block is None or not 1 <= period <= space.n_periods or block == space.blocks[period - 1]
        for period, block in pairs
    )


def _fit_guesses(periods: Sequence[int], guesses: Sequence[Number | None], protocol: Protocol) -> bool:
    if guesses.count(None) == len(guesses):
        return True
    guessed = {
        (period, guess.text) for period, guess in zip(periods, guesses, strict=True) if guess is not None
    }
    return (
        len(protocol.conditions) == 2 and all(period > 0 for period, _ in guessed) and _is_one_each(guessed)
    )


def _fit_times(sessions: Sequence[int], moments: Sequence[Moment | None]) -> bool:
    """Whether all times are told in one way, and none is before one of an earlier session."""
    if moments.count(None) == len(moments):
        return True
    timed = [
        (session, moment) for session, moment in zip(sessions, moments, strict=True) if moment is not None
    ]
    known = {id(moment): moment for _, moment in timed}.values()
    if len({moment.has_offset for moment in known if moment.at is not None}) > 1:
        return False
    last, first = dict(timed), dict(reversed(timed))
    return not any(first[session].is_before(earlier) for (_, earlier), (session, _) in pairwise(last.items()))
