"""How many scores a protocol plans: the yardstick for a file that has no row for what was never measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.catalogue import planned_scores
from nof1.schedule.occasions import of_day, of_run_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nof1.protocol.model import Protocol
    from nof1.schedule.occasions import Occasion


def scores_of_day(protocol: Protocol, score: str, day_in_period: int) -> int:
    """Return how often a score is due on a day of a period.

    Parameters
    ----------
    protocol : Protocol
        Its `sessions`.
    score : str
        ``<instrument>.<score>``.
    day_in_period : int
        From 1.

    Returns
    -------
    int
        0 where it is not due.
    """
    return sum(_holds(protocol, occasion, score) for occasion in of_day(protocol, day_in_period))


def scores_of_period(protocol: Protocol, score: str, onset_days: int = 0) -> int:
    """Return how many scores a whole period plans.

    Parameters
    ----------
    protocol : Protocol
        Its `sessions`.
    score : str
        ``<instrument>.<score>``.
    onset_days : int
        First days that are not counted.

    Returns
    -------
    int
        Number of occasions.
    """
    days = range(onset_days + 1, protocol.design.period_days + 1)
    return sum(scores_of_day(protocol, score, day) for day in days)


def scores_of_run_in(protocol: Protocol, score: str) -> int:
    """Return how many scores the practice before the first period plans.

    Parameters
    ----------
    protocol : Protocol
        Its `sessions`.
    score : str
        ``<instrument>.<score>``.

    Returns
    -------
    int
        0 where there is no practice.
    """
    run_in = protocol.design.run_in
    if run_in is None:
        return 0
    practice = [one for _ in range(run_in.within_days) for one in of_run_in(protocol)][: run_in.sessions]
    return sum(_holds(protocol, occasion, score) for occasion in practice)


def scores_of_trial(protocol: Protocol, scores: Iterable[str], n_periods: int) -> int:
    """Return how many scores a trial plans in all, practice and onset days included.

    Parameters
    ----------
    protocol : Protocol
        Its `sessions`.
    scores : iterable of str
        Which scores count.
    n_periods : int
        Periods of the trial.

    Returns
    -------
    int
        Number of scores.
    """
    return sum(
        scores_of_run_in(protocol, score) + n_periods * scores_of_period(protocol, score) for score in scores
    )


def _holds(protocol: Protocol, occasion: Occasion, score: str) -> bool:
    return any(score in planned_scores(protocol, part) for part in occasion.due)
