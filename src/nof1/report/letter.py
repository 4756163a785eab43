"""The letter for the clinician: one page with the question, the verdict, harms, blinding, adherence and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nof1.report import course, prose
from nof1.report.drawing import shortened
from nof1.report.few_values import harm_sentences
from nof1.report.guesses import guess_words
from nof1.report.verdicts import verdict_sentence
from nof1.report.words import condition_names

if TYPE_CHECKING:
    from nof1.analysis.result import Results
    from nof1.report.view import View

_LONGEST: Final = 420
"""Characters of one sentence; a page has room for so many, and the report holds the rest."""
_MOST_CAUTIONS: Final = 4
_MOST_HARMS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A heading and what stands under it."""

    title: str
    sentences: tuple[str, ...]


def paragraphs_of(view: View, results: Results) -> tuple[Paragraph, ...]:
    """Say on one page what a clinician asks first; every sentence also stands in the report.

    Parameters
    ----------
    view : View
        The report.
    results : Results
        What it was made from.

    Returns
    -------
    tuple of Paragraph
        Question, cautions, what else was worse, harms, blinding, adherence, limits; those that have nothing to say are not there.
    """
    names = condition_names(results)
    words = guess_words(results, names)
    cautions = view.verdict.cautions
    left = len(cautions) - _MOST_CAUTIONS
    more = (f"The report says {left} more.",) if left > 0 else ()
    worse = tuple(verdict_sentence(one, names) for one in results.outcomes[1:] if one.verdict == "harm")
    rated = harm_sentences(results, names)[:_MOST_HARMS]
    if results.harms and not rated:
        rated = ("The report has the ratings under each condition.",)
    found = (
        Paragraph(
            title="What was asked and done",
            sentences=(*prose.done(results), *course.who_and_when(results)[-1:], course.measured(results)),
        ),
        Paragraph(title="What to bear in mind", sentences=(*cautions[:_MOST_CAUTIONS], *more)),
        Paragraph(title="Worse by other comparisons of the plan", sentences=worse[:_MOST_HARMS]),
        Paragraph(
            title="Harms",
            sentences=(
                prose.harms(results),
                prose.serious(results, names),
                *rated,
            ),
        ),
        Paragraph(title="Was the blind kept?", sentences=(*words.found, *words.meaning[:2])),
        Paragraph(title="Adherence", sentences=prose.adherence(results)),
        Paragraph(title="Limits", sentences=prose.limits(results)),
    )
    return tuple(
        Paragraph(
            title=one.title, sentences=tuple(shortened(text, _LONGEST) for text in one.sentences if text)
        )
        for one in found
        if any(one.sentences)
    )
