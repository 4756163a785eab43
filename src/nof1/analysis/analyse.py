"""Everything that the plan of a protocol asks for, as values; what is shown of it is for the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nof1.analysis.closed_test import closed_randomization_test
from nof1.analysis.day_records import days_of, events_of
from nof1.analysis.describe import adherence_of, adverse_events_of, harms_of, periods_of
from nof1.analysis.disclosure import disclosure_of
from nof1.analysis.discrete_trial import compared_harms
from nof1.analysis.flags import FLAGS
from nof1.analysis.guesses import blinding_of
from nof1.analysis.max_t import max_t_test
from nof1.analysis.multiplicity import adjust_p_values
from nof1.analysis.outcome import Question, analyse_outcome, blank, described
from nof1.analysis.progress import level_now, looks_of
from nof1.analysis.randomization_test import seeded
from nof1.analysis.result import (
    Contrast,
    OutcomeResult,
    RandomizationResult,
    Results,
    SensitivityRow,
    SequenceSummary,
)
from nof1.analysis.sensitivity import sensitivity_rows
from nof1.analysis.verdict import Judgement, corrected
from nof1.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from nof1.analysis.dataset import Dataset
    from nof1.analysis.discrete_result import DiscreteComparison


def analyse(dataset: Dataset, progress: Callable[[int, int], None] | None = None) -> Results:
    """Analyse a trial as its protocol planned.

    Parameters
    ----------
    dataset : Dataset
        The trial. Before unblinding everything is described and nothing compared.
    progress : callable, optional
        Gets the number of comparisons that are done, and of all.

    Returns
    -------
    Results
        One entry per outcome and contrast. An outcome that stops with an error gets the flag
        ``analysis_failed`` and the reason; the others come all the same.
    """
    questions = [
        Question(dataset=dataset, outcome=outcome, role=role, contrast=contrast)
        for role, outcome in dataset.protocol.outcome_list()
        for contrast in _contrasts(dataset)
    ]
    outcomes = []
    for done, question in enumerate(questions):
        if progress is not None:
            progress(done, len(questions))
        outcomes.append(_guarded(question))
    if progress is not None:
        progress(len(questions), len(questions))
    protocol, trial = dataset.protocol, dataset.trial
    harm_comparisons = _harm_comparisons(dataset)
    failed = ("analysis_failed",) if harm_comparisons is None else ()
    return Results(
        nof1=__version__,
        trial=str(trial["id"]),
        title=protocol.title,
        protocol_sha256=dataset.protocol_sha256,
        simulated=bool(trial["is_simulated"]),
        imported=bool(trial["is_imported"]),
        blinded_review=dataset.is_blinded,
        mode=str(trial["mode"]),
        alpha=level_now(dataset),
        looks=looks_of(dataset),
        sequence=_sequence(dataset),
        outcomes=_adjusted(_with_max_t(questions, _with_closed_tests(questions, outcomes)), dataset),
        harms=harms_of(dataset),
        harm_comparisons=harm_comparisons or (),
        adverse_events=adverse_events_of(dataset),
        events=events_of(dataset),
        days=days_of(dataset),
        blinding=blinding_of(dataset),
        disclosure=disclosure_of(dataset),
        adherence=adherence_of(dataset),
        sensitivity=() if dataset.is_blinded else _sensitivity(questions, outcomes),
        deviations=tuple(
            {
                str(name): str(int(cell)) if isinstance(cell, float) else str(cell)  # days and periods
                for name, cell in row.items()
                if cell is not None and cell == cell  # noqa: PLR0124  (NaN)
            }
            for row in dataset.deviations.to_dict(orient="records")
        ),
        flags=(*(flag for flag in dataset.trial_flags if flag in FLAGS), *failed),
        conditions={str(code): condition.name for code, condition in protocol.conditions.items()},
        periods=periods_of(dataset),
        protocol=protocol,
        record=trial,
    )


def _harm_comparisons(dataset: Dataset) -> tuple[DiscreteComparison, ...] | None:
    """Compare the harms; None after an error of ours, for they are described all the same."""
    level = 1.0 - float(dataset.protocol.analysis.alpha)
    try:
        return compared_harms(dataset, _contrasts(dataset), level=level)
    except Exception:  # noqa: BLE001  (a flag tells)
        return None


def _contrasts(dataset: Dataset) -> list[Contrast]:
    return [
        Contrast(name=name, weights={str(code): float(weight) for code, weight in weights.items()})
        for name, weights in dataset.protocol.contrasts.items()
    ]


def _guarded(question: Question) -> OutcomeResult:
    """Analyse an outcome; an error of ours in one must not cost the report of the others."""
    try:
        if question.dataset.is_blinded:
            return described(question, ("no_allocation",), "The conditions are not known yet.")
        return analyse_outcome(question)
    except Exception as error:  # noqa: BLE001  (the reason is kept and shown)
        return blank(
            question, ("analysis_failed",), f"The analysis stopped: {type(error).__name__}: {error}."
        )


def _with_closed_tests(questions: list[Question], outcomes: list[OutcomeResult]) -> list[OutcomeResult]:
    """Test several conditions against one reference as a family, where the plan compares them so."""
    dataset = questions[0].dataset
    reference = _common_reference(dataset)
    if reference is None or dataset.is_blinded:
        return outcomes
    found: dict[str, dict[str, RandomizationResult]] = {}
    results = []
    for question, outcome in zip(questions, outcomes, strict=True):
        if question.score not in found:
            found[question.score] = _closed_tests(question, reference)
        treated = next(code for code, weight in question.contrast.weights.items() if weight > 0)
        results.append(
            replace(outcome, closed_test=found[question.score].get(treated) if _is_tested(outcome) else None)
        )
    return results


def _closed_tests(question: Question, reference: str) -> dict[str, RandomizationResult]:
    dataset = question.dataset
    try:
        return closed_randomization_test(
            dataset.frame(question.score),
            dataset.space,
            reference,
            question.trend,
            sequence=dataset.sequence,
            rng=seeded(bytes.fromhex(dataset.protocol_sha256), question.score, f"closed {reference}"),
        )
    except Exception:  # noqa: BLE001  (the outcome itself tells why nothing can be computed)
        return {}


def _with_max_t(questions: list[Question], outcomes: list[OutcomeResult]) -> list[OutcomeResult]:
    """Adjust the randomization p over the outcomes of each contrast, by the same sequences."""
    dataset = questions[0].dataset
    if dataset.is_blinded or dataset.space.size == 1 or dataset.protocol.analysis.multiplicity == "none":
        return outcomes
    found: dict[tuple[str, str], RandomizationResult] = {}
    for contrast in _contrasts(dataset):
        family = [
            question
            for question, outcome in zip(questions, outcomes, strict=True)
            if question.contrast == contrast and _is_tested(outcome)
        ]
        if len(family) > 1:
            found |= {(score, contrast.name): test for score, test in _max_t(family).items()}
    results = []
    for outcome in outcomes:
        test = found.get((outcome.score, outcome.contrast.name))
        results.append(replace(outcome, max_t_test=test, max_t_p_value=test.p_value) if test else outcome)
    return results


def _is_tested(outcome: OutcomeResult) -> bool:
    """Whether the scores are more than described: beside a description no test may stand."""
    return outcome.randomization_test is not None and outcome.randomization_test.p_value is not None


def _max_t(family: list[Question]) -> dict[str, RandomizationResult]:
    first = family[0]
    dataset = first.dataset
    try:
        return max_t_test(
            {question.score: dataset.frame(question.score) for question in family},
            dataset.space,
            first.contrast.weights,
            first.trend,
            permute=first.permute,
            statistic=first.statistic,
            sequence=dataset.sequence,
            rng=seeded(bytes.fromhex(dataset.protocol_sha256), "max-t", first.contrast.name),
        )
    except Exception:  # noqa: BLE001  (the outcomes themselves tell why nothing can be computed)
        return {}


def _common_reference(dataset: Dataset) -> str | None:
    """Return the condition that every other one is compared with, if the contrasts are just that."""
    pairs = [
        (
            {str(code) for code, weight in weights.items() if weight == 1},
            {str(code) for code, weight in weights.items() if weight == -1},
            sum(weight != 0 for weight in weights.values()),
        )
        for weights in dataset.protocol.contrasts.values()
    ]
    references = {next(iter(minus)) for plus, minus, n in pairs if len(plus) == len(minus) == 1 and n == 2}
    treated = {next(iter(plus)) for plus, minus, n in pairs if len(plus) == len(minus) == 1 and n == 2}
    others = {str(code) for code in dataset.protocol.condition_codes} - references
    is_family = len(references) == 1 and len(pairs) == len(treated) == len(others) > 1 and treated == others
    return references.pop() if is_family and dataset.space.size > 1 else None


def _adjusted(outcomes: list[OutcomeResult], dataset: Dataset) -> tuple[OutcomeResult, ...]:
    """Adjust the primary p-values over outcomes and contrasts; only the first comparison stands by its interval."""
    p_values = [None if outcome.primary is None else outcome.primary.p_value for outcome in outcomes]
    if dataset.protocol.analysis.multiplicity == "none":
        return tuple(outcomes)
    n_family = sum(p is not None for p in p_values)
    adjusted = adjust_p_values(p_values)
    results = []
    for place, (outcome, p_value, p) in enumerate(zip(outcomes, p_values, adjusted, strict=True)):
        one = replace(outcome, adjusted_p_value=p, n_family=n_family)
        if place and p is not None and p_value is not None:
            given = Judgement(
                verdict=one.verdict,
                reason=one.verdict_reason,
                by_interval=one.verdict_by_interval,
                lowered_by=one.lowered_by,
            )
            found = corrected(given, p_value, p, n_family, level_now(dataset))
            one = replace(
                one, verdict=found.verdict, verdict_reason=found.reason, lowered_by=found.lowered_by
            )
        results.append(one)
    return tuple(results)


def _sensitivity(questions: list[Question], outcomes: list[OutcomeResult]) -> tuple[SensitivityRow, ...]:
    return tuple(
        row
        for question, outcome in zip(questions, outcomes, strict=True)
        if question.role == "primary"
        for row in sensitivity_rows(question, outcome.primary)
    )


def _sequence(dataset: Dataset) -> SequenceSummary:
    space, sequence = dataset.space, dataset.sequence
    is_known = not dataset.lost_periods
    rank = str(space.rank(sequence)) if is_known and sequence is not None and sequence in space else None
    kind = space.kind if is_known else dataset.protocol.design.kind
    return SequenceSummary(kind=kind, size=str(space.size), rank=rank)
