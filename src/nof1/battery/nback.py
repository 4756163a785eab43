"""N-back: press when a letter is the one of N letters before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.form import Choice, Pages, Stimulus, Trial
from nof1.battery.making import Numbers, block, made_form
from nof1.battery.scoring import d_prime, mean, usable, valid_times, z_rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.battery.form import Form
    from nof1.battery.run import Given, Run
    from nof1.battery.seeds import FormKey, Stream
    from nof1.battery.spec import Param

LETTERS = "BFHJKLMQRT"
TARGET, LURE, OTHER, LEAD = "target", "lure", "other", "lead"
_MATCH = Choice(id="match", label="Match", keys=(" ", "enter"))
_ATTEMPTS = 200


def make(params: Mapping[str, Param], key: FormKey, _part: str | None) -> Form:
    """Make a form.

    Parameters
    ----------
    params : mapping of str to Param
        Of the task.
    key : FormKey
        Whose form it is.

    Returns
    -------
    Form
        In every block exactly so many targets, and so many letters that came one place nearer or farther.
    """
    numbers = Numbers(params)
    n, size = numbers.whole("n"), numbers.whole("trials")
    targets, lures = numbers.whole("targets"), numbers.whole("lures")
    practice = numbers.whole("practice")
    on, soa = numbers.ms("on_ms"), numbers.ms("soa_ms")

    def trials(label: str, count: int, n_targets: int, n_lures: int) -> list[Trial]:
        made = letters(key.stream(label), n=n, size=count, targets=n_targets, lures=n_lures)
        return [
            Trial(
                index=0, kind=kind, stimulus=Stimulus(kind="letter", text=letter), on_ms=on, length_ms=soa,
                expected=_MATCH.id if kind == TARGET else None,
            )
            for letter, kind in made
        ]  # fmt: skip

    blocks = []
    if practice:
        made = trials("practice", practice, practice * targets // size, practice * lures // size)
        blocks.append(block("practice", made, choices=(_MATCH,)))
    for number in range(1, numbers.whole("blocks") + 1):
        name = f"block-{number}"
        blocks.append(block(name, trials(name, size, targets, lures), choices=(_MATCH,)))
    aim = f"Letters come one after another. Compare each with the one {_before(n)}."
    example = f"For example, in {_example(n)} the last letter is a match."
    rest = "Do nothing for all other letters. Some are traps: they came, but one place nearer or farther."
    return made_form(
        "nback",
        numbers,
        key,
        pages=Pages(
            keyboard=(aim, f"Press the space bar when both are the same: a match. {example}", rest),
            touch=(aim, f"Touch the pad when both are the same: a match. {example}", rest),
        ),
        blocks=blocks,
        settings={"n": n},
    )


def _before(n: int) -> str:
    return "just before" if n == 1 else f"{n} letters before"


def _example(n: int) -> str:
    return ", ".join([*LETTERS[: n + 1][:n], LETTERS[0]])


def letters(stream: Stream, *, n: int, size: int, targets: int, lures: int) -> tuple[tuple[str, str], ...]:
    """Return letters with what each of them is.

    Parameters
    ----------
    stream : Stream
        Choices.
    n : int
        How far back.
    size, targets, lures : int
        Letters after the first n, and how many of them are targets and lures.

    Returns
    -------
    tuple of (str, str)
        n + size letters and kinds.

    Raises
    ------
    ValueError
        If no such list was found.
    """
    kinds = [TARGET] * targets + [LURE] * lures + [OTHER] * (size - targets - lures)
    for _ in range(_ATTEMPTS):
        found = _filled(stream, n, [LEAD] * n + list(stream.shuffled(kinds)))
        if found is not None:
            return found
    raise ValueError(f"{targets} targets and {lures} lures do not fit into {size} letters of {n}-back")


def _filled(stream: Stream, n: int, order: list[str]) -> tuple[tuple[str, str], ...] | None:
    """Choose letters; where no lure is possible (the letters around are alike), its turn is exchanged with a later one."""
    done: list[str] = []
    for place in range(len(order)):
        target = done[place - n] if place >= n else None
        near = {done[place - back] for back in (n - 1, n + 1) if 0 < back <= place} - {target}
        if order[place] == LURE and not near:
            later = [other for other in range(place + 1, len(order)) if order[other] != LURE]
            if not later:
                return None
            other = stream.choice(later)
            order[place], order[other] = order[other], order[place]
        if order[place] == TARGET and target is not None:
            done.append(target)
        elif order[place] == LURE:
            done.append(stream.choice(sorted(near)))
        else:
            done.append(stream.choice([one for one in LETTERS if one not in {target, *near}]))
    return tuple(zip(done, order, strict=True))


def score(run: Run, _study: Run | None) -> dict[str, float | None]:
    """Compute the scores.

    Parameters
    ----------
    run : Run
        Of this task.

    Returns
    -------
    dict of str to float or None
        By score.
    """
    hits, n_targets, false_alarms, n_others = counts(run.given)
    pressed = [float(one.is_answered) for one in usable(run.given) if one.trial.kind == LURE]
    both = bool(n_targets and n_others)
    return {
        "dprime": d_prime(hits, n_targets, false_alarms, n_others),
        "criterion": -(z_rate(hits, n_targets) + z_rate(false_alarms, n_others)) / 2 if both else None,
        "lure_fa": mean(pressed),
        "hit_rt": mean(valid_times([one for one in run.given if one.trial.kind == TARGET])),
    }


def counts(given: Sequence[Given]) -> tuple[int, int, int, int]:
    """Count presses; the first letters, which have nothing before them, are left out.

    Parameters
    ----------
    given : sequence of Given
        Trials.

    Returns
    -------
    tuple of int
        Hits, targets, false alarms, others.
    """
    seen = [one for one in usable(given) if one.trial.kind != LEAD]
    targets = [one.is_answered for one in seen if one.trial.kind == TARGET]
    others = [one.is_answered for one in seen if one.trial.kind != TARGET]
    return sum(targets), len(targets), sum(others), len(others)
