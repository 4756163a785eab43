"""What the sections say around their figures and tables: plain wording first, the technical beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nof1.report import digits
from nof1.report.cautions import caution, ordered
from nof1.report.words import MODES, capitalised, counted, listed, percent, was

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.analysis.result import OutcomeResult, Results

_RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
KINDS: Final[Mapping[str, str]] = {
    "randomized_blocks": "in randomized blocks",
    "balanced": "in a randomized order with equal numbers of periods",
    "williams": "in the rows of a Williams square, in randomized order",
    "counterbalanced": "in a drawn order and its mirror",
    "fixed": "in a fixed order that was not randomized",
}
TRENDS: Final[Mapping[str, str]] = {
    "log": "the logarithm of the session number",
    "linear": "a straight line over sessions",
    "exp": "an exponential approach to a plateau",
    "spline": "a smooth curve over sessions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """What must be seen before anything else.

    Attributes
    ----------
    word : str
        Short, for the head of every section and page.
    sentence : str
        The whole of it.
    """

    word: str
    sentence: str


def banners(*, simulated: bool, imported: bool, is_blinded: bool, mode: str) -> tuple[Banner, ...]:
    """Say what every page must say.

    Parameters
    ----------
    simulated, imported, is_blinded : bool
        As in `Results`.
    mode : str
        Blinding mode.

    Returns
    -------
    tuple of Banner
        Empty for a real, blinded trial that was run and opened here.
    """
    found = []
    if simulated:
        found.append(Banner(word="Simulated", sentence="A computer made these scores; nobody took part."))
    if imported:
        found.append(
            Banner(
                word="Imported", sentence="This trial was run elsewhere; nof1 did not draw, blind or lock it."
            )
        )
    if mode == "open_label":
        found.append(
            Banner(
                word="Not blinded",
                sentence="The participant knew the condition throughout, so expectation may be part of any difference.",
            )
        )
    if is_blinded:
        found.append(
            Banner(
                word="Blinded review", sentence="The conditions are not known yet, and nothing is compared."
            )
        )
    return tuple(found)


def done(results: Results) -> tuple[str, ...]:
    """Say what was done: conditions, order, length, blinding.

    Parameters
    ----------
    results : Results
        The whole trial.

    Returns
    -------
    tuple of str
        Sentences.
    """
    periods = [period for period in results.periods if period.period > 0]
    names = listed([f"{name}" for name in results.conditions.values()])
    lengths = {
        period.last_day - period.first_day + 1 for period in periods if period.first_day and period.last_day
    }
    length = f" of {counted(lengths.pop(), 'day')} each" if len(lengths) == 1 else ""
    how = KINDS.get(results.sequence.kind, "")
    sentences = [
        f"One person went through {counted(len(periods), 'period')}{length}, comparing {names}{f', {how}' if how else ''}."
    ]
    if results.sequence.kind != "fixed" and not results.imported:
        sentences.append(f"The order was drawn from {_spelled(results.sequence.size)} possible orders.")
    elif results.imported:
        sentences.append(
            f"The order is taken to be one of {_spelled(results.sequence.size)} possible orders."
        )
    sentences.append(_onset(results))
    sentences.append(_blinding_mode(results))
    return tuple(sentence for sentence in sentences if sentence)


def adherence(results: Results) -> tuple[str, ...]:
    """Say how much of the plan was kept: scores, late entries, doses.

    Parameters
    ----------
    results : Results
        The whole trial.

    Returns
    -------
    tuple of str
        Sentences.
    """
    kept = results.adherence
    if not kept.n_planned:
        return ()
    share = percent(round(100 * kept.n_entered / kept.n_planned) / 100)
    sentences = [
        f"Of {counted(kept.n_planned, 'planned score')}, {kept.n_entered:,} {was(kept.n_entered)} entered ({share})."
    ]
    if kept.n_missing and kept.missing_by_condition:
        parts = [
            f"{n} under {results.conditions.get(code, code)}" for code, n in kept.missing_by_condition.items()
        ]
        sentences.append(f"Missing: {listed(parts)}.")
    reasons = [(reason, n) for reason, n in kept.missing_by_reason.items() if reason != "not_given"]
    if reasons:
        parts = [f"{reason.replace('_', ' ')} {n}" for reason, n in reasons]
        sentences.append(f"Reasons given: {listed(parts)}.")
    if kept.n_late:
        sentences.append(
            f"{capitalised(counted(kept.n_late, 'score'))} came late, from memory or from paper."
        )
    if kept.n_doses_recorded:
        missed = f"; {kept.n_doses_missed} of them missed" if kept.n_doses_missed else ", none of them missed"
        sentences.append(
            f"{capitalised(counted(kept.n_doses_recorded, 'dose'))} {was(kept.n_doses_recorded)} recorded{missed}."
        )
    return tuple(sentences)


def secondary(results: Results, n_others: int) -> str:
    """Say how the other outcomes must be read.

    Parameters
    ----------
    results : Results
        The whole trial.
    n_others : int
        How many outcomes and comparisons stand beside the primary one.

    Returns
    -------
    str
        A sentence or two.
    """
    family = results.primary.n_family
    if not n_others:
        return "The protocol names no other outcome."
    text = f"{capitalised(counted(n_others, 'further comparison'))} stood in the protocol. "
    if family > 1 and any(outcome.adjusted_p_value is not None for outcome in results.outcomes):
        text = (
            f"{text}Where many are tested, some look convincing by chance. Each verdict below rests on its own interval "
            f"alone; the p called Holm is corrected for all {family} of the plan."
        )
        if any(outcome.max_t_test is not None for outcome in results.outcomes[1:]):
            text += (
                " The last column is the randomization test corrected the same way: every outcome against the largest "
                "difference that an order brings in any of them."
            )
        return text
    return f"{text}Where many are tested, some look convincing by chance."


def harms(results: Results) -> str:
    """Introduce the harms; what was not seen is never called safe.

    Parameters
    ----------
    results : Results
        The whole trial.

    Returns
    -------
    str
        A sentence or two.
    """
    n_events = sum(row.n_events for row in results.adverse_events)
    if not results.harms and not n_events:
        return "No adverse event was recorded, and the protocol rated none. That nothing was recorded does not show that nothing can happen."
    rated = "Ratings of harm by condition; " if results.harms else ""
    events = counted(n_events, "adverse event")
    return (
        f"{capitalised(f'{rated}{events} recorded.')} One person over a short time sees frequent harms only; "
        "rare ones cannot be found like this."
    )


def practice(outcome: OutcomeResult, names: Mapping[str, str], *, trend: str) -> tuple[str, ...]:
    """Say how practice, day-to-day resemblance and missing days were dealt with.

    Parameters
    ----------
    outcome : OutcomeResult
        The primary outcome.
    names : mapping of str to str
        Condition code to name.
    trend : str
        What the plan names.

    Returns
    -------
    tuple of str
        Sentences.
    """
    sentences = []
    if trend in TRENDS:
        sentences.append(
            f"Scores rise or fall with practice and time, whatever the condition. The plan takes this out by {TRENDS[trend]}, "
            "run-in counted."
        )
    else:
        sentences.append("The plan does not correct for practice or drift.")
    same = outcome.autocorrelation
    if same is not None and same.rho is not None:
        text = (
            f"After condition and practice, the resemblance of one day to the next is estimated as {digits.number(same.rho, 2)} "
            "(0: none, 1: complete)."
        )
        if same.effective_days is not None and outcome.primary_method == "mixed_model":
            text += f" A period is then worth about {digits.brief(same.effective_days, 2)} independent days."
        sentences.append(text)
    lost = [row for row in outcome.by_condition if row.n_missing]
    if lost:
        parts = [
            f"{row.n_missing} of {row.n_planned} under {names.get(row.condition, row.condition)}"
            for row in lost
        ]
        sentences.append(f"Missing among the scores that count: {listed(parts)}. None was filled in.")
    return tuple(sentences)


def sensitivity(rows: Sequence[object]) -> str:
    """Introduce the alternatives to the planned analysis.

    Parameters
    ----------
    rows : sequence
        The alternatives, the planned one included.

    Returns
    -------
    str
        A sentence or two.
    """
    if len(rows) < 2:
        return "No alternative analysis was planned."
    return (
        f"The planned analysis stands first; behind it are {counted(len(rows) - 1, 'alternative')}, each with one thing done "
        "otherwise, and none left out. They show how much the answer hangs on the choices; they are not there to choose from."
    )


def cautions(*groups: tuple[str, ...]) -> tuple[str, ...]:
    """Explain every flag that was raised, those that lower a claim first.

    Parameters
    ----------
    *groups : tuple of str
        Flags.

    Returns
    -------
    tuple of str
        One sentence per flag.
    """
    return tuple(caution(flag) for flag in ordered(tuple(flag for group in groups for flag in group)))


def limits(results: Results) -> tuple[str, ...]:
    """Say what a trial like this cannot tell.

    Parameters
    ----------
    results : Results
        The whole trial.

    Returns
    -------
    tuple of str
        Sentences.
    """
    found = [
        "It speaks of one person, in this time, under these conditions; it says nothing of anybody else.",
        f"What counts as one observation of a condition is the period, not the score: there are {results.primary.n_periods} of them with scores, however many scores were taken.",
        "A p-value is not the probability that the conditions are equal, and a large one does not show that they are.",
        "What carries over from one period into the next makes a difference look smaller than it is.",
    ]
    if results.mode == "open_label":
        found.append(
            "Nobody was blinded, so what was expected and what the condition did cannot be told apart."
        )
    else:
        found.append(
            "The blind rests on packages that look, weigh and taste alike, which no computer can check."
        )
    if results.imported:
        found.append("That the order was drawn as stated, and that no score was changed, is taken on trust.")
    found.append("This report describes. It is no medical advice.")
    return tuple(found)


def _spelled(size: str) -> str:
    """Write a count that may have dozens of digits."""
    if len(size) <= 12 and size.isdigit():
        return f"{int(size):,}"
    return "about 10" + str(len(size) - 1).translate(_RAISED)


def _onset(results: Results) -> str:
    if results.protocol is None or not results.protocol.design.onset_days:
        return ""
    days = results.protocol.design.onset_days
    first = "The first day" if days == 1 else f"The first {days} days"
    return f"{first} of every period were taken but not analysed, so that an effect can set in and another can fade."


def _blinding_mode(results: Results) -> str:
    sentences = {
        "self_blinded": "The trial was self-blinded: shuffled packages carried codes, and no file knew what was in them.",
        "third_party": "Another person prepared the packages and kept what was in them until data entry was closed.",
        "open_label": "The trial was not blinded.",
    }
    if results.imported and results.mode != "open_label":
        return f"By its own account it was {MODES.get(results.mode, results.mode)}."
    return sentences.get(results.mode, "")
