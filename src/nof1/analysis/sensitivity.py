"""The sensitivity strip: the planned analysis in front, and behind it the same question asked otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nof1.analysis.alternative import Alternative, unavailable
from nof1.analysis.as_taken import as_taken
from nof1.analysis.estimation import described_only
from nof1.analysis.other_models import carry_over, other_covariances, other_trends, with_guesses
from nof1.analysis.other_scores import halves, in_doubt, missing_scores, robust, without_blocks
from nof1.analysis.result import Estimate, SensitivityRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nof1.analysis.outcome import Question

GROUPS: Final[tuple[Callable[[Question], Iterator[Alternative]], ...]] = (
    other_trends,
    carry_over,
    other_covariances,
    with_guesses,
    as_taken,
    without_blocks,
    halves,
    robust,
    in_doubt,
    missing_scores,
)
"""What is done otherwise, in the order of the report; each yields alternatives, or says why there are none."""


def sensitivity_rows(question: Question, planned: Estimate | None) -> Iterator[SensitivityRow]:
    """Yield the planned result and then every alternative that applies, also those that contradict it.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.
    planned : Estimate or None
        The result of the planned analysis.

    Yields
    ------
    SensitivityRow
        One that these data do not have is told with its reason in `note`, and one that stops with an error with
        the flag ``analysis_failed``. Where the plan may only be described, so may its alternatives.
    """
    if planned is None:
        return
    yield _row(question, "planned", "as planned", planned, is_planned=True)
    if question.dataset.protocol.analysis.sensitivity == "none":
        return
    for alternative in (one for group in GROUPS for one in _guarded(group, question)):
        try:
            estimate = alternative.fit()
        except Exception as error:  # noqa: BLE001  (one alternative must not cost the report)
            estimate = Estimate(
                estimate=None,
                method="none",
                flags=("analysis_failed",),
                note=f"{type(error).__name__}: {error}",
            )
        estimate = described_only(estimate, planned.flags)
        yield _row(question, alternative.name, alternative.label, estimate, is_planned=False)


def _guarded(group: Callable[[Question], Iterator[Alternative]], question: Question) -> Iterator[Alternative]:
    """Yield what a group yields; where it stops with an error, that is told as an alternative of its own."""
    try:
        yield from group(question)
    except Exception as error:  # noqa: BLE001  (the others still come)
        reason = f"{type(error).__name__}: {error}"
        yield unavailable(group.__name__, group.__name__.replace("_", " "), reason)


def _row(
    question: Question, name: str, label: str, estimate: Estimate, *, is_planned: bool
) -> SensitivityRow:
    return SensitivityRow(
        score=question.score,
        contrast=question.contrast.name,
        name=name,
        label=label,
        is_planned=is_planned,
        estimate=estimate,
    )
