"""What the colour–word test and the flanker test share: trials in agreement, in conflict, and with nothing to agree with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from nof1.battery.form import Trial
from nof1.battery.scoring import difference, mean, rate_correct, share_right, valid_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.battery.form import Stimulus
    from nof1.battery.making import Numbers
    from nof1.battery.run import Given, Run
    from nof1.battery.seeds import Stream

Cards = Mapping[str, Mapping[str, "Sequence[str]"]]
"""What can be shown of each kind: by what is to be told, what is to be ignored."""
Chosen = Callable[["Numbers", "Stream", Cards], "list[tuple[str, str, str]]"]
"""What chooses how many of each are shown."""

CONGRUENT, INCONGRUENT, NEUTRAL = "congruent", "incongruent", "neutral"
KINDS = (CONGRUENT, INCONGRUENT, NEUTRAL)


def material(numbers: Numbers, stream: Stream, cards: Cards) -> list[tuple[str, str, str]]:
    """Return what is to be shown; what is to be told, and what to be ignored, comes equally often or once more.

    Parameters
    ----------
    numbers : Numbers
        How many of each kind.
    stream : Stream
        Chooses which come once more.
    cards : mapping
        What can be shown.

    Returns
    -------
    list of (str, str, str)
        Kind, what is to be told, what is to be ignored; in no order.
    """
    return _dealt([kind for kind in KINDS for _ in range(numbers.whole(kind))], stream, cards)


def practice_material(numbers: Numbers, stream: Stream, cards: Cards) -> list[tuple[str, str, str]]:
    """Return what is shown in practice: half agreement, half conflict.

    Parameters
    ----------
    numbers : Numbers
        How many.
    stream : Stream
        Choices.
    cards : mapping
        What can be shown.

    Returns
    -------
    list of (str, str, str)
        As in `material`.
    """
    size = numbers.whole("practice")
    return _dealt(sorted((CONGRUENT, INCONGRUENT)[place % 2] for place in range(size)), stream, cards)


def _dealt(kinds: Sequence[str], stream: Stream, cards: Cards) -> list[tuple[str, str, str]]:
    told = stream.shuffled(cards[CONGRUENT])
    ignored = {(kind, one): stream.shuffled(cards[kind][one]) for kind in KINDS for one in told}
    used = dict.fromkeys(ignored, 0)
    done = []
    for place, kind in enumerate(kinds):
        one = told[place % len(told)]
        options = ignored[kind, one]
        done.append((kind, one, options[used[kind, one] % len(options)]))
        used[kind, one] += 1
    return done


def trial(numbers: Numbers, stream: Stream, kind: str, stimulus: Stimulus, expected: str) -> Trial:
    """Return one trial, that ends with the response.

    Parameters
    ----------
    numbers : Numbers
        Times.
    stream : Stream
        Chooses the wait before it.
    kind : str
        Agreement or conflict.
    stimulus : Stimulus
        What is shown.
    expected : str
        Id of the right choice.

    Returns
    -------
    Trial
        Not numbered yet.
    """
    low, high = numbers.ms_range("iti_ms")
    return Trial(
        index=0,
        kind=kind,
        before_ms=stream.between(low, high),
        stimulus=stimulus,
        deadline_ms=numbers.ms("deadline_ms"),
        expected=expected,
    )


def score(run: Run, _study: Run | None) -> dict[str, float | None]:
    """Compute the scores.

    Parameters
    ----------
    run : Run
        Of such a task.

    Returns
    -------
    dict of str to float or None
        By score.
    """
    conflict = of_kind(run.given, INCONGRUENT)
    agreement = of_kind(run.given, CONGRUENT)
    return {
        "rcs_incongruent": rate_correct(conflict),
        "interference": difference(mean(valid_times(conflict)), mean(valid_times(agreement))),
        "error_cost": difference(share_right(agreement), share_right(conflict)),
    }


def of_kind(given: Sequence[Given], kind: str) -> list[Given]:
    """Return the trials of one kind.

    Parameters
    ----------
    given : sequence of Given
        Trials.
    kind : str
        Which.

    Returns
    -------
    list of Given
        In order.
    """
    return [one for one in given if one.trial.kind == kind]
