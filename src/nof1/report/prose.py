"""What the sections say around their figures and tables: plain wording first, the technical beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nof1.analysis.estimation import DESCRIPTION_ONLY
from nof1.report import digits
from nof1.report.cautions import caution, ordered
from nof1.report.course import ended_periods, locked_day, treatment_periods
from nof1.report.record import pairs
from nof1.report.words import MODES, capitalised, condition_names, counted, listed, share, was

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.analysis.day_records import EventRecord
    from nof1.analysis.result import OutcomeResult, PeriodSummary, Results

_RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
KINDS: Final[Mapping[str, str]] = {
    "randomized_blocks": "in randomized blocks",
    "balanced": "in a randomized order with equal numbers of periods",
    "williams": "in the rows of a Williams square, in randomized order",
    "counterbalanced": "in a drawn order and its mirror",
    "fixed": "in a fixed order that was not randomized",
}
NO_PLACE_FOR_EVENTS: Final = (
    "An imported file has no place for adverse events, so whether there were any is not known."
)
TRENDS: Final[Mapping[str, str]] = {
    "log": "the logarithm of the number of the {occasion}",
    "linear": "a straight line over {occasions}",
    "exp": "an exponential approach to a plateau over {occasions}",
    "spline": "a smooth curve over {occasions}",
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


def banners(
    *,
    simulated: bool,
    imported: bool,
    is_blinded: bool,
    mode: str,
    kind: str = "",
    exploratory: bool = False,
) -> tuple[Banner, ...]:
    """Say what every page must say.

    Parameters
    ----------
    simulated, imported, is_blinded : bool
        As in `Results`.
    mode : str
        Blinding mode.
    kind : str
        Of the design, as in `SequenceSummary`.
    exploratory : bool
        Whether no p-value confirms anything.

    Returns
    -------
    tuple of Banner
        Empty for a real, randomized, blinded trial that was run and opened here.
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
    if kind == "fixed":
        found.append(
            Banner(
                word="Not randomized",
                sentence=(
                    "The order was fixed: nothing but this order could have occurred, and a drift cannot be told from an "
                    "effect."
                ),
            )
        )
    if mode == "open_label":
        found.append(
            Banner(
                word="Not blinded",
                sentence="The participant knew the condition throughout, so expectation may be part of any difference.",
            )
        )
    if exploratory:
        found.append(
            Banner(
                word="Exploratory",
                sentence=(
                    "Conditions, or results by condition, were seen before the planned end, so every p-value here is "
                    "exploratory and confirms nothing."
                ),
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
    periods = treatment_periods(results)
    ended = ended_periods(results)
    names = listed(list(condition_names(results).values()))
    lengths = {
        period.last_day - period.first_day + 1 for period in periods if period.first_day and period.last_day
    }
    length = f" of {counted(lengths.pop(), 'day')} each" if len(lengths) == 1 else ""
    how = KINDS.get(results.sequence.kind, "")
    told = f"{counted(len(periods), 'period')}{length}, comparing {names}{f', {how}' if how else ''}"
    if len(ended) < len(periods):
        day = locked_day(results)
        came = f"{len(ended)} had" if ended else "none had"
        sentences = [
            f"One person was to go through {told}.",
            f"When data entry was closed, on day {day}, {came} ended; the calendar shows what was planned.",
        ]
    elif silent := _without_any_score(results, ended):
        sentences = [
            f"One person was to go through {told}.",
            f"{capitalised(silent)} no outcome has a score.",
        ]
    elif results.imported:
        sentences = [f"By its own account, one person went through {told}."]
    else:
        sentences = [f"One person went through {told}."]
    if results.sequence.kind == "fixed":
        sentences.append("Nothing but this order could have occurred.")
    elif results.imported:
        sentences.append(
            f"The order is taken to be one of {_spelled(results.sequence.size)} possible orders."
        )
    else:
        sentences.append(f"The order was drawn from {_spelled(results.sequence.size)} possible orders.")
    sentences.append(_onset(results))
    sentences.append(_blinding_mode(results))
    return tuple(sentence for sentence in sentences if sentence)


def _without_any_score(results: Results, ended: Sequence[PeriodSummary]) -> str:
    """Say from which period on nothing was entered to the end; empty where the last one has a score."""
    seen = {
        period
        for outcome in results.outcomes
        for period, value in zip(outcome.series.period, outcome.series.value, strict=True)
        if value is not None
    }
    left = [one.period for one in ended if one.period > max(seen, default=0)]
    if not left or len(left) == len(ended):
        return "in all of them" if left else ""
    return f"from period {left[0]} on" if len(left) > 1 else f"in the last one, period {left[0]},"


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
    part = share(kept.n_entered / kept.n_planned)
    there = "in the file" if results.imported else "entered"
    verb = ("is" if kept.n_entered == 1 else "are") if results.imported else was(kept.n_entered)
    sentences = [
        f"Of {counted(kept.n_planned, 'planned score')}, {kept.n_entered:,} {verb} {there} ({part})."
    ]
    more = kept.n_rows - kept.n_entered - kept.n_missing + kept.missing_by_reason.get("no_row", 0)
    if results.imported and more > 0:
        sentences.append(f"The file holds {more:,} beyond the plan.")
    if kept.n_missing and kept.missing_by_condition:
        names = condition_names(results)
        parts = [f"{n} under {names.get(code, code)}" for code, n in kept.missing_by_condition.items()]
        if kept.n_missing_in_run_in:
            parts.insert(0, f"{kept.n_missing_in_run_in} during practice")
        sentences.append(f"Missing: {listed(parts)}.")
    reasons = [(reason, n) for reason, n in kept.missing_by_reason.items() if reason not in _NO_REASONS]
    if reasons:
        parts = [f"{reason.replace('_', ' ')} {n}" for reason, n in reasons]
        sentences.append(f"Reasons given: {listed(parts)}.")
    if kept.n_late:
        sentences.append(
            f"{capitalised(counted(kept.n_late, 'score'))} came late, from memory or from paper."
        )
    sentences += _doses(results)
    if kept.n_guesses_planned:
        sentences.append(
            f"A guess was recorded for {kept.n_guesses} of {counted(kept.n_guesses_planned, 'period')}."
        )
    return tuple(sentences)


_NO_REASONS: Final = frozenset({"not_given", "no_row"})


def _doses(results: Results) -> list[str]:
    """Say of how many planned doses anything is known, and what."""
    kept = results.adherence
    n, planned = kept.n_doses_recorded, kept.n_doses_planned
    if not n and not planned:
        return []
    if not n:
        where = (
            "the file holds no record of" if results.imported else "none has a record: nothing is known of"
        )
        return [f"Of {counted(planned or 0, 'planned dose')}, {where} what was taken."]
    taken = n - kept.n_doses_missed
    missed = f", {kept.n_doses_missed} as missed" if kept.n_doses_missed else ", none as missed"
    if not planned:
        return [f"{capitalised(counted(taken, 'dose'))} {was(taken)} recorded as taken{missed}."]
    without = kept.n_doses_without_record or 0
    rest = (
        f"; {without} {'has' if without == 1 else 'have'} no record, and of them nothing is known"
        if without
        else ""
    )
    return [f"Of {counted(planned, 'planned dose')}, {taken} {was(taken)} recorded as taken{missed}{rest}."]


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
    amended = any(
        name == "amended" and "outcomes.secondary" in told
        for name, told in pairs(results.record.get("facts"))
    )
    where = (
        "stand in the amended protocol, not all of them in the first" if amended else "stood in the protocol"
    )
    if amended and n_others == 1:
        where = "stands in the amended protocol, and did not stand so in the first"
    text = f"{capitalised(counted(n_others, 'further comparison'))} {where}. "
    if family > 1 and any(outcome.adjusted_p_value is not None for outcome in results.outcomes):
        every = "both comparisons" if family == 2 else f"all {family} comparisons"
        also = ", on the confirmation that the protocol asks for" if _confirms(results) else ""
        text = (
            f"{text}Where many are tested, some look convincing by chance. A verdict below rests on its own interval{also}, "
            f"and on the p called Holm, which is corrected for {every} of the plan: an effect is claimed only where that "
            f"is at most {digits.level(results.alpha)}."
        )
        if any(outcome.max_t_test is not None for outcome in results.outcomes[1:]):
            text += (
                " The last column is the randomization test, corrected by the orders themselves: every outcome against the largest "
                "difference that an order brings in any of them."
            )
        return text
    return f"{text}Where many are tested, some look convincing by chance."


def primary_corrected(results: Results) -> str:
    """Tell the corrected p of the primary outcome, which its verdict does not need.

    Parameters
    ----------
    results : Results
        The whole trial.

    Returns
    -------
    str
        Empty where nothing is corrected.
    """
    outcome = results.primary
    if outcome.n_family < 2 or outcome.adjusted_p_value is None:
        return ""
    return (
        f"Corrected for the {outcome.n_family} comparisons of the plan (Holm) "
        f"{digits.p_value(outcome.adjusted_p_value, results.alpha)}; the verdict on this first comparison rests on its own "
        "interval."
    )


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
        return (
            NO_PLACE_FOR_EVENTS
            if results.imported
            else "No adverse event was recorded, and the protocol rated none. That nothing was recorded does not show that nothing can happen."
        )
    by = "over all conditions together" if results.blinded_review else "by condition"
    rated = [f"Harms were rated, and are told {by}."] if results.harms else []
    limit = "One person over a short time sees frequent harms only; rare ones cannot be found like this."
    return " ".join([*rated, _events(results, n_events), limit])


def _events(results: Results, n: int) -> str:
    if results.imported and not n:
        return NO_PLACE_FOR_EVENTS
    told = f"{capitalised(counted(n, 'adverse event'))} {was(n)} recorded"
    if not n:
        return f"{told}."
    n_serious = sum(row.n_serious for row in results.adverse_events)
    worst = max(row.worst_severity or 0 for row in results.adverse_events)
    grade = f"the worst was of grade {worst} of 5" if n > 1 else f"it was of grade {worst} of 5"
    return f"{told}, {n_serious or 'none'} called serious; {grade}."


def serious(results: Results, names: Mapping[str, str]) -> str:
    """Name the adverse events that were called serious, each with its grade and where it began.

    Parameters
    ----------
    results : Results
        With its `events`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    str
        Empty where there is none. While blinded no event has a condition.
    """
    told = [f"{one.term} (grade {one.severity}{_where(one, names)})" for one in results.events if one.serious]
    return f"Called serious: {'; '.join(told)}." if told else ""


def _where(one: EventRecord, names: Mapping[str, str]) -> str:
    day = "" if one.day is None else f", day {one.day}"
    return day if one.condition is None else f"{day}, under {names.get(one.condition, one.condition)}"


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
        inner = outcome.primary.flags if outcome.primary is not None else ()
        is_by_day = "prompts_averaged" in (*outcome.flags, *inner)
        one, many = ("day with scores", "days with scores") if is_by_day else ("session", "sessions")
        clock = TRENDS[trend].format(occasion=one, occasions=many)
        run_in = ", run-in counted" if 0 in outcome.series.period else ""
        sentences.append(
            "Scores rise or fall with practice and time, whatever the condition. The plan takes this out by "
            f"{clock}{run_in}.{_practice_change(outcome)}"
        )
    else:
        sentences.append("The plan does not correct for practice or drift.")
    same = outcome.autocorrelation
    if same is not None and same.rho is not None:
        text = (
            f"After condition and practice, the resemblance of one day to the next is estimated as {digits.number(same.rho, 2)} "
            "(0: none, 1: complete; below 0: neighbouring days differ more than distant ones)."
        )
        days = _days_of_a_period(outcome)
        if same.effective_days is not None and outcome.primary_method == "mixed_model" and days:
            # Where neighbours differ more than chance, the formula gives more days than there are.
            worth = digits.brief(min(same.effective_days, days), 2)
            text += f" A period, of {digits.brief(days, 2)} days with scores on average, is then worth about {worth} independent days."
        sentences.append(text)
    lost = [row for row in outcome.by_condition if row.n_missing]
    if lost:
        parts = [
            f"{row.n_missing} of {row.n_planned} under {names.get(row.condition, row.condition)}"
            for row in lost
        ]
        sentences.append(f"Missing among the scores that count: {listed(parts)}. None was filled in.")
    return tuple(sentences)


def _practice_change(outcome: OutcomeResult) -> str:
    """Say what practice and time brought by the planned model; empty where it does not tell."""
    details = {} if outcome.primary is None else outcome.primary.details
    change, se = details.get("practice_change"), details.get("practice_se")
    if change is None or se is None:
        return ""
    places = digits.estimate_decimals(outcome.primary)
    size = digits.with_unit(digits.number(abs(change), places), outcome.unit)
    word = "up" if change >= 0 else "down"
    sure = "" if abs(change) > 2 * se else ", no more than chance may bring"
    return (
        f" By the model, practice and time alone moved the score {word} by {size} from the first day that counts to the last "
        f"(standard error {digits.number(se, places)}{sure})."
    )


def _days_of_a_period(outcome: OutcomeResult) -> float | None:
    series = outcome.series
    seen = {
        (period, session if day is None else day)
        for period, day, session, value, analysed in zip(
            series.period, series.day, series.session, series.value, series.analysed, strict=True
        )
        if analysed and value is not None
    }
    return len(seen) / len({period for period, _ in seen}) if seen else None


def sensitivity(rows: Sequence[object], n_absent: int = 0) -> str:
    """Introduce the alternatives to the planned analysis.

    Parameters
    ----------
    rows : sequence
        The alternatives that have a number, the planned one included.
    n_absent : int
        How many have none.

    Returns
    -------
    str
        A sentence or two.
    """
    if len(rows) < 2:
        return (
            f"{capitalised(counted(n_absent, 'alternative'))} to the planned analysis {was(n_absent)} tried, and there is a "
            "number for none."
            if n_absent
            else "No alternative analysis was planned."
        )
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
    flags = tuple(flag for group in groups for flag in group)
    left_out = _said_by_others(flags)
    return tuple(caution(flag) for flag in ordered(flags) if flag not in left_out)


def lead_cautions(results: Results, flags: tuple[str, ...], told: Sequence[str | None]) -> tuple[str, ...]:
    """Say under the verdict what a reader must bear in mind.

    Parameters
    ----------
    results : Results
        The whole trial.
    flags : tuple of str
        Of the trial, of the primary outcome and its tests.
    told : sequence of str or None
        Flags that the verdict has explained already.

    Returns
    -------
    tuple of str
        One sentence per flag, counts where they say more, and whether guesses beat chance.
    """
    left_out = {*told, *_said_by_others(flags)}
    if results.primary.outlying:
        left_out |= {"outliers", "outlier_decides"}  # told with the score itself
    sentences = []
    tests = (results.blinding.correct_test, results.blinding.log_score_test)
    if results.mode != "open_label" and any(
        test is not None and test.p_value <= results.alpha for test in tests
    ):
        sentences.append(
            "The guesses were right more often than chance explains: the participant could often tell, and expectation may "
            "be part of any difference."
        )
    for flag in ordered(flags):
        if flag in left_out:
            continue
        text = caution(flag)
        if flag in {"unequal_missing", "condition_mostly_missing"} and results.primary.by_condition:
            text = f"{text} Missing: {listed(_missing(results))}."
        sentences.append(text)
    return tuple(sentences)


_WITHOUT_SCORES: Final = frozenset(
    {
        *("not_estimable", "interval_not_attainable", "randomization_cannot_confirm", "single_condition"),
        *("many_missing", "period_without_data", "block_incomplete", "sparse_period", "too_few_periods"),
    }
)
"""Flags that only say again that a condition, or every one, has no score."""
_WITHOUT_SPREAD: Final = frozenset(
    {
        *("interval_not_attainable", "randomization_cannot_confirm", "singular", "few_values"),
        *("floor_or_ceiling", "implausibly_exact"),
    }
)
"""Flags that say nothing more where the score never varied: the data are at fault then, not the design."""
_WITHOUT_TEST: Final = frozenset({"interval_not_attainable", "randomization_cannot_confirm", "singular"})
"""Flags that warn of an interval or a p where there is neither."""


def _said_by_others(flags: Sequence[str]) -> frozenset[str]:
    left_out: frozenset[str] = frozenset()
    if {"no_data", "condition_absent"}.intersection(flags):
        left_out |= _WITHOUT_SCORES
    if "constant_outcome" in flags:
        left_out |= _WITHOUT_SPREAD
    if DESCRIPTION_ONLY.intersection(flags):
        left_out |= _WITHOUT_TEST
    return left_out


def _missing(results: Results) -> list[str]:
    names = condition_names(results)
    return [
        f"{row.n_missing} of {row.n_planned} under {names.get(row.condition, row.condition)}"
        for row in results.primary.by_condition
    ]


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
        f"What counts as one observation of a condition is the period, not the score: there are {results.primary.n_periods} of them with scores of the primary outcome, however many scores were taken.",
        "A p-value is not the probability that the conditions are equal, and a large one does not show that they are.",
        "What carries over from one period into the next usually makes a difference look smaller; with withdrawal or a rebound, larger.",
    ]
    if results.mode == "open_label":
        found.append(
            "Nobody was blinded, so what was expected and what the condition did cannot be told apart."
        )
    else:
        found.append(
            "The blind rests on packages that look, weigh and taste alike, which no computer can check."
        )
    if results.imported and results.sequence.kind == "fixed":
        found.append("That no score was changed is taken on trust.")
    elif results.imported:
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
    first = "the first day" if days == 1 else f"the first {days} days"
    return f"Scores of {first} of every period were taken but not analysed, so that an effect can set in and another can fade."


def _blinding_mode(results: Results) -> str:
    sentences = {
        "self_blinded": "The trial was self-blinded: shuffled packages carried codes, and no file knew what was in them.",
        "third_party": "Another person prepared the packages and kept what was in them until data entry was closed.",
        "open_label": "The trial was not blinded.",
    }
    if results.imported and results.mode != "open_label":
        return f"By its own account it was {MODES.get(results.mode, results.mode)}."
    return sentences.get(results.mode, "")


def _confirms(results: Results) -> bool:
    return results.protocol is not None and results.protocol.analysis.confirm != "none"
