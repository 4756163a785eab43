"""Everything that the plan of a protocol asks for, as values; what is shown of it is for the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nof1.analysis.describe import adherence_of, adverse_events_of, blinding_of, harms_of, periods_of
from nof1.analysis.flags import FLAGS
from nof1.analysis.multiplicity import adjust_p_values
from nof1.analysis.outcome import Question, analyse_outcome, blank, described
from nof1.analysis.result import Contrast, OutcomeResult, Results, SensitivityRow, SequenceSummary
from nof1.analysis.sensitivity import sensitivity_rows
from nof1.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from nof1.analysis.dataset import Dataset


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
    return Results(
        nof1=__version__,
        trial=str(trial["id"]),
        title=protocol.title,
        protocol_sha256=dataset.protocol_sha256,
        simulated=bool(trial["is_simulated"]),
        imported=bool(trial["is_imported"]),
        is_blinded=dataset.is_blinded,
        mode=str(trial["mode"]),
        alpha=float(protocol.analysis.alpha),
        sequence=_sequence(dataset),
        outcomes=_adjusted(outcomes, dataset),
        harms=harms_of(dataset),
        adverse_events=adverse_events_of(dataset),
        blinding=blinding_of(dataset),
        adherence=adherence_of(dataset),
        sensitivity=() if dataset.is_blinded else _sensitivity(questions, outcomes),
        deviations=tuple(
            {str(name): str(cell) for name, cell in row.items() if cell is not None and cell == cell}  # noqa: PLR0124  (NaN)
            for row in dataset.deviations.to_dict(orient="records")
        ),
        flags=tuple(flag for flag in dataset.trial_flags if flag in FLAGS),
        conditions={str(code): condition.name for code, condition in protocol.conditions.items()},
        periods=periods_of(dataset),
        protocol=protocol,
        record=trial,
    )


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


def _adjusted(outcomes: list[OutcomeResult], dataset: Dataset) -> tuple[OutcomeResult, ...]:
    """Adjust the primary p-values over outcomes and contrasts."""
    p_values = [None if outcome.primary is None else outcome.primary.p_value for outcome in outcomes]
    if dataset.protocol.analysis.multiplicity == "none":
        return tuple(outcomes)
    n_family = sum(p is not None for p in p_values)
    return tuple(
        replace(outcome, adjusted_p_value=p, n_family=n_family)
        for outcome, p in zip(outcomes, adjust_p_values(p_values), strict=True)
    )


def _sensitivity(questions: list[Question], outcomes: list[OutcomeResult]) -> tuple[SensitivityRow, ...]:
    return tuple(
        row
        for question, outcome in zip(questions, outcomes, strict=True)
        if question.role == "primary"
        for row in sensitivity_rows(question, outcome.primary)
    )


def _sequence(dataset: Dataset) -> SequenceSummary:
    space, sequence = dataset.space, dataset.sequence
    rank = str(space.rank(sequence)) if sequence is not None and sequence in space else None
    return SequenceSummary(kind=space.kind, size=str(space.size), rank=rank)
