"""Was the blind kept? What the guesses were, whether chance alone would do as well, and what that cannot show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nof1.report import digits
from nof1.report.record import pairs
from nof1.report.tables import Table
from nof1.report.words import capitalised, comparison, counted, percent, was

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.blinding_summary import BlindingSummary, GuessTest, Index
    from nof1.analysis.result import Results

_LEVEL: Final = 0.95  # of the intervals of the indices
_NUMBERS: Final = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
CANNOT_SHOW: Final = (
    "Guesses near chance cannot show that the blinding held; they only do not show that it was lost."
)
UNBLINDS_ITSELF: Final = (
    "A treatment that works unblinds itself: whoever feels it guesses right. So right guesses do not tell whether the "
    "blind failed or the treatment worked."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessWords:
    """What is said of the guesses.

    Attributes
    ----------
    found : tuple of str
        What was guessed, and whether chance would do as well.
    meaning : tuple of str
        What that shows and what it does not.
    technical : tuple of str
        How the indices are to be read.
    """

    found: tuple[str, ...]
    meaning: tuple[str, ...] = ()
    technical: tuple[str, ...] = ()


def given_away(results: Results) -> tuple[str, ...]:
    """Say what one known kit gives away by the design, and what the kits gave away that were opened early.

    Parameters
    ----------
    results : Results
        The whole trial.

    Returns
    -------
    tuple of str
        Sentences; empty where there were no kits, or nothing is opened yet.
    """
    found = results.disclosure
    if found is None:
        return ()
    general = (
        f"By the design, whoever knows what one kit held guesses another period right with up to {_whole(found.worst)}, "
        f"{_whole(found.mean)} on average, instead of {_whole(found.before)}."
    )
    if not found.opened:
        return (f"{general} No kit was opened early.",) if not _opened_by_others(results) else (general,)
    return (
        general,
        *(
            f"The kit of period {period}, which the participant learned in an emergency, gave away up to {_whole(worst)} "
            f"for another period, {_whole(mean)} on average."
            for period, (worst, mean) in found.opened.items()
        ),
    )


def _whole(share: float) -> str:
    return percent(round(share, 2))


def _opened_by_others(results: Results) -> bool:
    return any(str(row.get("category", "")).startswith("emergency") for row in results.deviations)


def _expected(results: Results) -> str:
    told = [text for name, text in pairs(results.record.get("facts")) if name == "expectation"]
    if not told:
        return (
            "What the participant expected was not recorded, so expectation cannot be set beside the result."
        )
    return f"Asked what to expect, the participant said: {told[-1].rstrip('.')}."


def guess_words(results: Results, names: Mapping[str, str]) -> GuessWords:
    """Say what the guesses show and what they do not, first plainly, then in technical words.

    Parameters
    ----------
    results : Results
        The whole trial.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    GuessWords
        Sentences. A share near chance is never called proof that the blind held.
    """
    if results.mode == "open_label":
        return GuessWords(
            found=("The participant knew the conditions; there was nothing to guess.", _expected(results))
        )
    summary = results.blinding
    if not summary.n_guesses:
        return GuessWords(found=("No guess was recorded, so whether the blind was kept cannot be told.",))
    n = counted(summary.n_guesses, "guess", "guesses")
    made = (
        f"The file holds {n}; nothing here shows that they were made before anything was opened."
        if results.imported
        else f"{capitalised(n)} {was(summary.n_guesses)} recorded before anything was opened."
    )
    if summary.n_correct is None:
        return GuessWords(found=(made,), meaning=(CANNOT_SHOW,))
    n_conditions = max(2, len(results.conditions))
    unsure = f", and {summary.n_dont_know} “don’t know”" if summary.n_dont_know else ""
    right = (
        f"{summary.n_correct} {was(summary.n_correct)} right and {summary.n_wrong} wrong{unsure}; of guesses made blindly, about "
        f"one in {_NUMBERS.get(n_conditions, n_conditions)} would be right."
    )
    return GuessWords(
        found=(made, right, *_by_other_orders(summary, results.alpha)),
        meaning=(
            *(() if _beats_chance(summary, results.alpha) else (CANNOT_SHOW,)),
            UNBLINDS_ITSELF,
            *_adjusted(results, names),
        ),
        technical=_technical(summary, n_conditions),
    )


def index_table(results: Results, names: Mapping[str, str]) -> Table | None:
    """Put the indices beside what blind guessing would give.

    Parameters
    ----------
    results : Results
        With its `blinding`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Table or None
        None where there is no index.
    """
    summary = results.blinding
    if not summary.bang or results.mode == "open_label":
        return None
    rows = [
        (f"Bang, {names.get(code, code)}", *_index_cells(index), "0", digits.NOTHING)
        for code, index in summary.bang.items()
    ]
    if summary.james is not None:
        rows.append(("James, all conditions", *_index_cells(summary.james), "0.50", digits.NOTHING))
    rows.append(
        ("Right guesses", f"{summary.n_correct}", digits.NOTHING, digits.NOTHING, _p(summary.correct_test))
    )
    rows.append(
        (
            "Log score [bits a guess]",
            digits.number(summary.log_score, 2),
            digits.NOTHING,
            "0",
            _p(summary.log_score_test),
        )
    )
    columns = ("Measure", "Value", f"{percent(_LEVEL)} interval", "As by chance", "p, randomization")
    return Table(caption="Blinding indices", columns=columns, rows=tuple(rows))


def _beats_chance(summary: BlindingSummary, alpha: float) -> bool:
    tests = (summary.correct_test, summary.log_score_test)
    return any(test is not None and test.p_value <= alpha for test in tests)


def _by_other_orders(summary: BlindingSummary, alpha: float) -> tuple[str, ...]:
    """Say how many orders would have made as many of the same guesses right."""
    test = summary.correct_test
    if test is None:
        return ()
    which = (
        "orders that the design could have drawn"
        if test.exact
        else "orders drawn anew by the design’s own rule"
    )
    sentence = (
        f"Of {test.n_sequences:,} {which}, {test.n_as_extreme:,} would have made at least as many of these guesses right "
        f"(p {digits.related(test.p_value, exact=test.exact)})"
    )
    if test.p_value <= alpha:
        return (f"{sentence}: more than guessing without knowing explains.",)
    if test.smallest_p > alpha:
        text = f"{sentence}; whatever the order had been, these guesses could not have brought p down to {digits.level(alpha)}."
    else:
        text = f"{sentence}: so many come about without knowing anything."
    score = summary.log_score_test
    if score is not None and score.p_value <= alpha:
        hold = "The stated probabilities, though, hold more about the conditions than that explains"
        return text, f"{hold} (p {digits.related(score.p_value, exact=score.exact)})."
    return (text,)


def _adjusted(results: Results, names: Mapping[str, str]) -> tuple[str, ...]:
    """Say what is left of the effect with the guess in the model."""
    outcome = results.primary
    row = next(
        (
            row.estimate
            for row in results.sensitivity
            if (row.score, row.contrast, row.name) == (outcome.score, outcome.contrast.name, "guess_adjusted")
        ),
        None,
    )
    planned = outcome.primary
    if row is None or planned is None or planned.estimate is None:
        return ()
    if row.estimate is None and "not_estimable" not in row.flags:
        return ()
    if row.estimate is None:
        return (
            "The guesses follow the condition so closely that an effect beside the belief cannot be estimated.",
        )
    places = digits.estimate_decimals(row)
    value = digits.with_unit(digits.number(row.estimate, places), outcome.unit)
    before = digits.with_unit(digits.number(planned.estimate, places), outcome.unit)
    ends = (
        ""
        if row.ci_low is None
        else f" ({percent(row.level)} interval {digits.interval(row.ci_low, row.ci_high, places)})"
    )
    difference = comparison(outcome, names).difference
    return (
        f"With the guess in the model, {difference} is {value}{ends}, as planned it is {before}.",
        "This is no correction: if it was the effect that made the belief, holding the guess fixed distorts the effect.",
    )


def _technical(summary: BlindingSummary, n_conditions: int) -> tuple[str, ...]:
    if not summary.bang:
        return ()
    worst = digits.number(-1.0 / (n_conditions - 1), 0 if n_conditions == 2 else 2)
    return (
        f"Bang’s index is 1 where every guess about a condition was right, 0 as by chance, {worst} where every one was wrong.",
        "Its interval is exact for independent guesses.",
        "James’ index is 0 where all were right, 0.5 as by chance, 1 where nobody knew or all were wrong.",
        "The log score is the information that the stated probabilities hold about the conditions, beyond even odds.",
        "The guesses of one person hang together, so the randomization p, one-sided, deserves more weight than the intervals.",
    )


def _index_cells(index: Index) -> tuple[str, str]:
    if index.value is None:
        return digits.NOTHING, digits.NOTHING
    low, high = index.ci or (None, None)
    return digits.number(index.value, 2), digits.interval(low, high, 2)


def _p(test: GuessTest | None) -> str:
    return digits.fraction(test)
