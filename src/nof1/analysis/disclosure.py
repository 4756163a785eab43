"""What one known kit gives away by the design: for any kit, and for each that an emergency opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from nof1.schedule.leak import known_kit, leak
from nof1.terms import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """Probabilities of the best guess about another period, for somebody who knows the design.

    Attributes
    ----------
    before : float
        Nothing is known.
    worst, mean : float
        One kit is known: the period that is then easiest to guess, and the mean over all others; over every kit and
        what it may hold.
    opened : mapping of int to tuple of (float, float)
        Period of a kit that the participant learned in an emergency, to worst and mean for what it really held.
    """

    before: float
    worst: float
    mean: float
    opened: Mapping[int, tuple[float, float]] = field(default_factory=dict)


def disclosure_of(dataset: Dataset) -> Disclosure | None:
    """Compute what one kit gives away, from the space of the blocks done.

    Parameters
    ----------
    dataset : Dataset
        The trial.

    Returns
    -------
    Disclosure or None
        None where there were no kits of ours, nothing is opened yet, or there is no other period.
    """
    space = dataset.drawn_space
    has_kits = dataset.trial["mode"] != Mode.OPEN_LABEL and not dataset.trial["is_imported"]
    if not has_kits or dataset.is_blinded or space.n_periods < 2:
        return None
    found = leak(space)
    rows = dataset.deviations
    opened = {}
    for period in rows.loc[rows["category"] == "emergency", "period"].dropna():
        place = int(period)
        condition = dataset.condition_of.get(place)
        if condition is not None and place <= space.n_periods:
            one = known_kit(space, place - 1, condition)
            opened[place] = (float(one.worst), float(one.mean))
    return Disclosure(
        before=float(found.before), worst=float(found.worst), mean=float(found.mean), opened=opened
    )


def kits_taken(dataset: Dataset, score: str) -> pd.Series:
    """Return from which kit something was taken by mistake, for every planned occasion of a score.

    Parameters
    ----------
    dataset : Dataset
        The trial.
    score : str
        ``<instrument>.<score>``.

    Returns
    -------
    Series, index session
        Code of the kit, or None where it was the planned one.
    """
    rows = dataset.planned(score)
    taken = [
        next((flag.removeprefix(TAKEN_FROM) for flag in flags or () if flag.startswith(TAKEN_FROM)), None)
        for flags in rows["flags"]
    ]
    return pd.Series(taken, index=rows["session"], dtype=object)


TAKEN_FROM = "kit="
"""Beginning of the flag of a session that names the wrong kit of its day."""
