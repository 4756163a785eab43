"""Word list: learned in several trials, recalled at once and later; other words in every session."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from nof1.battery.form import Choice, Entry, Pages, Stimulus, Trial
from nof1.battery.making import Numbers, block, both, made_form
from nof1.battery.scoring import d_prime, usable
from nof1.battery.words import dealt, plain, recalled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.battery.form import Form
    from nof1.battery.run import Given, Run
    from nof1.battery.seeds import FormKey
    from nof1.battery.spec import Param

OLD, NEW = "old", "new"
_CHOICES = (
    Choice(id=OLD, label="On the list", keys=("f", "arrowleft")),
    Choice(id=NEW, label="New", keys=("j", "arrowright")),
)
_LIMIT = 40
_BEFORE_MS = 1000
_RECOGNITION_BEFORE_MS = 400


def make(params: Mapping[str, Param], key: FormKey, part: str | None) -> Form:
    """Make a form.

    Parameters
    ----------
    params : mapping of str to Param
        Of the task.
    key : FormKey
        Whose form it is; the same for both parts.
    part : str or None
        ``study`` or ``delayed``.

    Returns
    -------
    Form
        Study: the list in another order in every trial. Delayed: recall, then old and new words mixed.
    """
    numbers = Numbers(params)
    size = numbers.whole("words")
    chosen = dealt(key, numbers.word("lang"), 2 * size)
    words, foils = chosen[:size], chosen[size:]
    return (_delayed if part == "delayed" else _study)(numbers, key, words, foils)


def _study(numbers: Numbers, key: FormKey, words: tuple[str, ...], foils: tuple[str, ...]) -> Form:
    n_trials = numbers.whole("trials")
    blocks = [
        block(
            f"study-{number}",
            [
                Trial(
                    index=0,
                    kind="study",
                    mode="series",
                    before_ms=_BEFORE_MS,
                    items=tuple(Stimulus(kind="word", text=word) for word in order),
                    item_ms=numbers.ms("word_ms"),
                    gap_ms=numbers.ms("gap_ms"),
                    entry=Entry(kind="words", order="any", limit=_LIMIT),
                    answer=order,
                )
            ],
            layout="typed",
            pages=both(f"The same words again, in another order. Then type all that you remember. Trial {number} of {n_trials}.")
            if number > 1
            else None,
        )
        for number in range(1, n_trials + 1)
        for order in [key.stream(f"study-{number}").shuffled(words)]
    ]  # fmt: skip
    aim = f"{len(words)} words come one after another. Read each of them and try to keep them in mind. Do not write them down."
    return made_form(
        "wordlist",
        numbers,
        key,
        part="study",
        pages=Pages(
            keyboard=(
                aim,
                (
                    "Then type all words that you remember, in any order, with Enter after each. This is done "
                    f"{_times(n_trials)} with the same words. Later you will be asked for them again."
                ),
            ),
            touch=(
                aim,
                (
                    "Then type all words that you remember, in any order, one at a time. This is done "
                    f"{_times(n_trials)} with the same words. Later you will be asked for them again."
                ),
            ),
        ),
        blocks=blocks,
        settings={"words": " ".join(words), "foils": " ".join(foils)},
    )


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _delayed(numbers: Numbers, key: FormKey, words: tuple[str, ...], foils: tuple[str, ...]) -> Form:
    recognition = [
        Trial(
            index=0, kind=OLD if word in words else NEW, before_ms=_RECOGNITION_BEFORE_MS,
            stimulus=Stimulus(kind="word", text=word), expected=OLD if word in words else NEW,
        )
        for word in key.stream("recognition").shuffled(words + foils)
    ]  # fmt: skip
    recall = Trial(
        index=0,
        kind="recall",
        mode="series",
        entry=Entry(kind="words", order="any", limit=_LIMIT),
        answer=words,
    )
    aim = "Some time ago you learned a list of words. Which of them do you still remember? They are not shown again."
    return made_form(
        "wordlist",
        numbers,
        key,
        part="delayed",
        pages=Pages(
            keyboard=(aim, "Type all that come to mind, in any order, with Enter after each."),
            touch=(aim, "Type all that come to mind, in any order, one at a time."),
        ),
        blocks=[
            block("recall", [recall], layout="typed"),
            block(
                "recognition",
                recognition,
                choices=_CHOICES,
                layout="row",
                pages=Pages(
                    keyboard=("Now words come one at a time. Press F if a word was on the list, J if it is new.",),
                    touch=("Now words come one at a time. Was the word on the list, or is it new?",),
                ),
            ),
        ],
        settings={"words": " ".join(words), "foils": " ".join(foils)},
    )  # fmt: skip


def score(run: Run, study: Run | None) -> dict[str, float | None]:
    """Compute the scores of the part.

    Parameters
    ----------
    run : Run
        Of one part.
    study : Run or None
        The study part of the same session, where this is the delayed one: retention is told from both.

    Returns
    -------
    dict of str to float or None
        By score.
    """
    if run.form.part == "delayed":
        return _score_delayed(run, study)
    marked = [_marked(run, one) for one in usable(run.given)]
    counts = [float(len(found)) for found, _, _ in marked]
    return {
        "immediate": sum(counts) if marked else None,
        "slope": _slope(counts),
        "intrusions": sum(intrusions for _, intrusions, _ in marked) if marked else None,
        "repetitions": sum(repetitions for _, _, repetitions in marked) if marked else None,
    }


def _score_delayed(run: Run, study: Run | None) -> dict[str, float | None]:
    recall = usable(run.of_block("recall"))
    delayed = float(len(_marked(run, recall[0])[0])) if recall else None
    learned = _learned(study)
    seen = usable(run.of_block("recognition"))
    yes = {
        kind: [one.record.response == OLD for one in seen if one.trial.kind == kind] for kind in (OLD, NEW)
    }
    return {
        "delayed": delayed,
        "retention": delayed / learned if delayed is not None and learned else None,
        "recognition_dprime": d_prime(sum(yes[OLD]), len(yes[OLD]), sum(yes[NEW]), len(yes[NEW])),
    }


def _learned(study: Run | None) -> int:
    """Return how many words were recalled in the last trial of the study part; 0 where it is not there."""
    if study is None:
        return 0
    last = [one for one in usable(study.given) if one.trial == study.form.trials[-1]]
    return len(_marked(study, last[0])[0]) if last else 0


def _marked(run: Run, one: Given) -> tuple[set[str], int, int]:
    """Return the words that were recalled, how many typed ones are not on the list, and how many came twice."""
    words, foils = (str(run.form.settings[name]).split() for name in ("words", "foils"))
    typed = one.record.response if isinstance(one.record.response, tuple) else ()
    found: set[str] = set()
    intrusions = repetitions = 0
    for text in typed:
        if text is None or not plain(text):
            continue
        word = recalled(text, words, foils)
        if word is None:
            intrusions += 1
        elif word in found:
            repetitions += 1
        else:
            found.add(word)
    return found, intrusions, repetitions


def _slope(counts: Sequence[float]) -> float | None:
    """Return the slope of the least-squares line through the trials."""
    if len(counts) < 2:
        return None
    middle, level = (len(counts) - 1) / 2, fmean(counts)
    across = sum((place - middle) ** 2 for place in range(len(counts)))
    return sum((place - middle) * (count - level) for place, count in enumerate(counts)) / across
