"""What was known of a period before everything was opened: which emergencies ended its blind, and from when on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.schedule.leak import settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.audit.record import Recorded
    from nof1.workflow.trial import Trial


def openings(trial: Trial) -> Iterator[tuple[Recorded[events.BlindBroken], tuple[int, ...]]]:
    """Yield every kit that the participant learned, with the periods that are not blind from then on.

    Parameters
    ----------
    trial : Trial
        Blinded.

    Yields
    ------
    tuple of (Recorded, tuple of int)
        The period of the kit, and those that follow from it with certainty by the design, such as the other one of
        a pair. Breaks of which only others learned are not there.
    """
    for broken in trial.state.of(events.BlindBroken):
        place = trial.place_of_kit(broken.event.kit)
        if broken.event.who_learned == "participant" and place is not None:
            others = settled(trial.space, place - 1) if place <= trial.space.n_periods else ()
            yield broken, (place, *(position + 1 for position in others))


def opened_since(trial: Trial, period: int) -> int | None:
    """Return the place in the chain of the first record that a period was not blind any more.

    Parameters
    ----------
    trial : Trial
        At any stage.
    period : int
        From 1.

    Returns
    -------
    int or None
        None where it stayed blind.
    """
    return min((broken.seq for broken, periods in openings(trial) if period in periods), default=None)
