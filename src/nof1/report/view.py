"""What stands where in the report: every section with its sentences, tables and figures, before any HTML."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from nof1.report import course, digits, prose, tables
from nof1.report import figure_parts as more
from nof1.report.alternatives import absent_rows, drawn_rows
from nof1.report.appendix import corrections_table, variances_table
from nof1.report.checklist import cent_items, cent_sentences, cent_table
from nof1.report.drawn import Drawn, draw
from nof1.report.exploratory import MARK, is_exploratory, marked
from nof1.report.few_values import (
    few_values_sentences,
    few_values_table,
    harm_comparison_tables,
    harm_sentences,
    harms_note,
)
from nof1.report.figures import plot_estimate, plot_estimates, plot_periods, plot_scores, plot_sensitivity
from nof1.report.guesses import given_away, guess_words, index_table
from nof1.report.leftover import plot_residuals
from nof1.report.looks import evidence_sentence, planned_looks
from nof1.report.marks import marks_of
from nof1.report.methods import methods
from nof1.report.part import Part
from nof1.report.probabilities import chances, chances_technical, priors_table
from nof1.report.quality import quality_sentences, quality_table
from nof1.report.record import facts, provenance, rules_to_stop, stop_rules
from nof1.report.verdicts import (
    because,
    blocking_flag,
    equivalence_sentence,
    randomization_sentence,
    technical,
    verdict_sentence,
    verdict_word,
)
from nof1.report.words import capitalised, comparison, condition_names, label_in, listed, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.analysis.result import OutcomeResult, Results, SensitivityRow
    from nof1.report.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """The verdict, in words and one figure."""

    code: str
    word: str
    sentence: str
    because: tuple[str, ...] = ()
    technical: str = ""
    figure: Drawn | None = None
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The whole report."""

    trial: str
    title: str
    verdict: Lead
    banners: tuple[prose.Banner, ...] = ()
    sections: tuple[Section, ...] = field(default=())


def view_of(results: Results) -> View:
    """Put a report together, in the order in which a reader asks.

    Parameters
    ----------
    results : Results
        The whole trial.

    Returns
    -------
    View
        What every form of the report shows.
    """
    names = condition_names(results)
    sections = _review(results, names) if results.blinded_review else _sections(results, names)
    lead = _lead(results, names)
    if results.mode == "open_label":
        lead = replace(lead, figure=_not_blinded(lead.figure))
        sections = tuple(
            replace(section, parts=tuple(replace(p, figure=_not_blinded(p.figure)) for p in section.parts))
            for section in sections
        )
    return View(
        trial=results.trial,
        title=results.title or results.trial,
        verdict=lead,
        banners=prose.banners(
            simulated=results.simulated,
            imported=results.imported,
            is_blinded=results.blinded_review,
            mode=results.mode,
            kind=results.sequence.kind,
            exploratory=is_exploratory(results),
        ),
        sections=tuple(_marked(results, section) for section in sections if section.parts),
    )


def _sections(results: Results, names: Mapping[str, str]) -> tuple[Section, ...]:
    return (
        _done(results, names),
        _data(results, names),
        _effect(results, names),
        _equivalence(results, names),
        _others(results, names),
        _harms(results, names),
        _guesses(results, names),
        _practice(results, names),
        _sensitivity(results, names),
        _departures(results),
        Section(title="Limits", parts=(Part(kind="notes", sentences=prose.limits(results)),)),
        _methods(results),
        _completeness(results),
    )


def _review(results: Results, names: Mapping[str, str]) -> tuple[Section, ...]:
    """Tell what may be known before the conditions are: whether the data are there and in order, what was suffered."""
    scores = dict.fromkeys(outcome.score for outcome in results.outcomes)
    first = {outcome.score: outcome for outcome in reversed(results.outcomes)}
    figures = [_scores_figure(first[score], names, score.replace(".", "-")) for score in scores]
    return (
        _done(results, names),
        _section(
            "Are the data in order?",
            _text(quality_sentences(results)),
            _table(quality_table(results)),
            *figures,
        ),
        _harms(results, names),
        _guesses(results, names),
        _departures(results),
        Section(title="Limits", parts=(Part(kind="notes", sentences=prose.limits(results)),)),
        _section(
            "Methods and versions", _table(tables.facts_table("What this report rests on", facts(results)))
        ),
    )


def _not_blinded(figure: Drawn | None) -> Drawn | None:
    """Say under a figure that nothing was hidden: a figure is copied without its page."""
    return None if figure is None else replace(figure, caption=f"Not blinded. {figure.caption}")


def _lead(results: Results, names: Mapping[str, str]) -> Lead:
    outcome = results.primary
    if results.blinded_review:
        return Lead(
            code="none",
            word="Nothing compared yet",
            sentence=(
                "The conditions are not known yet, so nothing has been compared and there is no verdict. This review tells "
                "whether the data are in order, and what was suffered, over all conditions together."
            ),
            cautions=prose.lead_cautions(results, (*results.flags, *outcome.flags), ("no_allocation",)),
        )
    has_estimate = outcome.primary is not None and outcome.primary.estimate is not None
    reason = blocking_flag(outcome) if outcome.verdict == "not_estimable" else None
    return Lead(
        code=outcome.verdict,
        word=verdict_word(outcome),
        sentence=verdict_sentence(outcome, names),
        because=because(outcome, names, alpha=results.alpha),
        technical=_line(results, outcome, names),
        figure=_effect_figure(outcome, names) if has_estimate else None,
        cautions=prose.lead_cautions(
            results, (*results.flags, *outcome.flags, *_inner_flags(outcome)), (*outcome.lowered_by, reason)
        ),
    )


def _line(results: Results, outcome: OutcomeResult, names: Mapping[str, str]) -> str:
    line = technical(outcome, names, alpha=results.alpha)
    return f"{line} [p {MARK}]" if line and is_exploratory(results) else line


def _marked(results: Results, section: Section) -> Section:
    """Let no table show a p-value that confirms nothing as if it did."""
    if not is_exploratory(results):
        return section
    parts = tuple(
        part if part.table is None else replace(part, table=marked(part.table)) for part in section.parts
    )
    return replace(section, parts=parts)


def _effect_figure(outcome: OutcomeResult, names: Mapping[str, str]) -> Drawn:
    sides = comparison(outcome, names)
    band = "" if outcome.sesoi is None else " Grey: too small to matter, by the protocol."
    return draw(
        lambda width: plot_estimate(outcome, names, width=width),
        key="effect",
        label=f"Interval plot. {technical(outcome, names)}",
        caption=f"{capitalised(sides.difference)}: {_drawn_of(outcome)}. Dashed: no difference.{band}{_believed(outcome)}",
    )


def _believed(outcome: OutcomeResult) -> str:
    bayes = outcome.bayes
    if bayes is None or bayes.posterior is None:
        return ""
    return f" Diamond: mean and {percent(bayes.level)} interval of the posterior, which the verdict does not look at."


def _drawn_of(outcome: OutcomeResult) -> str:
    """Say what of an estimate the figure shows."""
    if outcome.primary is None or outcome.primary.ci_low is None:
        return "the difference that was seen; it has no interval"
    return f"the estimate, its {percent(2 * outcome.level - 1)} interval (thick) and {percent(outcome.level)} interval (thin)"


_MARKS: Final = {
    "guesses": "what was guessed about each period, in the shape of that condition (a dot: don’t know)",
    "left out": "doses that were left out",
    "events": "the first day of each adverse event",
}


def _done(results: Results, names: Mapping[str, str]) -> Section:
    periods = course.treatment_periods(results)
    n_blocks = len({period.block for period in periods if period.block is not None})
    has_grey = not results.blinded_review and any(period.condition is None for period in results.periods)
    caption = "The calendar: one bar for each period."
    if n_blocks > 1:
        caption += " Vertical lines part the blocks."
    if has_grey:
        caption += " Grey: no condition."
    rows = [row.name for row in marks_of(results, names)]
    if rows:
        caption += f" Below it: {listed([_MARKS[name] for name in rows])}."
    if course.days_left(results):
        caption += f" It shows what was planned; data entry was closed on day {course.locked_day(results)}."
    calendar = draw(
        lambda width: plot_periods(results, width=width),
        key="periods",
        label=f"Calendar of {len(periods)} periods, one lane per condition.",
        caption=caption,
    )
    return _section(
        "What was done",
        _text((course.rationale(results),)),
        _text((*prose.done(results), *course.who_and_when(results))),
        _table(tables.interventions_table(course.interventions(results, names))),
        Part(kind="figure", figure=calendar) if results.periods else None,
        _text((course.measured(results), course.fixed_beforehand(results), planned_looks(results))),
        _text(prose.adherence(results)),
        more.adherence(results),
    )


def _data(results: Results, names: Mapping[str, str]) -> Section:
    outcome = results.primary
    return _section(
        "The data", _scores_figure(outcome, names, "primary"), _table(tables.condition_table(outcome, names))
    )


def _scores_figure(outcome: OutcomeResult, names: Mapping[str, str], key: str) -> Part | None:
    seen = [value for value in outcome.series.value if value is not None]
    if not seen:
        return None
    has_onset = any(
        not analysed and period > 0
        for analysed, period in zip(outcome.series.analysed, outcome.series.period, strict=True)
    )
    is_known = any(outcome.series.condition)
    pale = " Pale: taken, but not analysed." if has_onset else ""
    drawn = draw(
        lambda width: plot_scores(outcome, names, width=width),
        key=f"scores-{key}",
        label=(
            f"Time series of {label_in(outcome)}: {len(seen)} scores from {digits.brief(min(seen))} to "
            f"{digits.with_unit(digits.brief(max(seen)), outcome.unit, is_end=True)}"
            f"{', shaded by condition' if is_known else ''}."
        ),
        caption=(
            f"{capitalised(outcome.label)}, every score. {'Colour and shape tell the condition; ' if is_known else 'Here '}"
            f"{outcome.better} is better.{pale}"
        ),
    )
    return Part(kind="figure", figure=drawn)


def _effect(results: Results, names: Mapping[str, str]) -> Section:
    outcome = results.primary
    line = _line(results, outcome, names)
    return _section(
        "The effect",
        _text((f"{line}.",) if line else ("Nothing was estimated; the reason stands with the verdict.",)),
        _text((randomization_sentence(outcome, alpha=results.alpha), prose.primary_corrected(results))),
        more.reference(outcome),
        _text((evidence_sentence(outcome),)),
        _table(tables.methods_table(outcome)),
        _text(few_values_sentences(outcome, names)),
        _table(few_values_table((outcome,), names)),
        _table(tables.effect_sizes_table(outcome, names)),
    )


def _equivalence(results: Results, names: Mapping[str, str]) -> Section:
    outcome = results.primary
    return _section(
        "Is it large enough to matter?",
        _text((equivalence_sentence(outcome, alpha=results.alpha),)),
        _text(chances(outcome, names)),
        _text(chances_technical(outcome)),
        _table(priors_table(outcome)),
    )


def _others(results: Results, names: Mapping[str, str]) -> Section:
    others = results.outcomes[1:]
    shown = [
        outcome for outcome in others if outcome.primary is not None and outcome.primary.estimate is not None
    ]
    strips = None
    if shown:
        strips = Part(
            kind="figure",
            figure=draw(
                lambda width: plot_estimates(shown, names, width=width),
                key="others",
                label=" ".join(f"{o.label}: {technical(o, names, alpha=results.alpha)}." for o in shown),
                caption=(
                    "The same for each further outcome, in its own unit."
                    + (" Grey: too small to matter." if any(outcome.sesoi for outcome in shown) else "")
                ),
            ),
        )
    seen = {results.primary.score}
    series = []
    for outcome in others:
        if outcome.score not in seen:
            seen.add(outcome.score)
            series.append(_scores_figure(outcome, names, outcome.score.replace(".", "-")))
    notes = tuple(
        dict.fromkeys(
            f"{capitalised(outcome.label)}: {sentence}"
            for outcome in others
            for sentence in prose.cautions(outcome.flags, _inner_flags(outcome))
        )
    )
    return _section(
        "Secondary outcomes",
        _text((prose.secondary(results, len(others)),)),
        _table(tables.others_table(others, names)),
        strips,
        _table(few_values_table(others, names)),
        _notes(notes, "Of these"),
        *series,
    )


def _harms(results: Results, names: Mapping[str, str]) -> Section:
    return _section(
        "Harms",
        _text((prose.harms(results), prose.serious(results, names))),
        _notes(harm_sentences(results, names)),
        more.harms(results, names),
        _table(tables.harms_table(results, names)),
        *map(_table, harm_comparison_tables(results, names)),
        _table(tables.adverse_events_table(results, names)),
        _table(tables.events_table(results, names)),
        _text((rules_to_stop(results),)),
        _notes(stop_rules(results), "Rules that were met"),
        _text((harms_note(results),)),
    )


def _guesses(results: Results, names: Mapping[str, str]) -> Section:
    words = guess_words(results, names)
    return _section(
        "Was the blind kept?",
        _text(words.found),
        _text(words.meaning),
        _text(given_away(results)),
        more.guesses(results, names),
        _table(tables.guesses_table(results, names)),
        _table(index_table(results, names)),
        _text(words.technical),
    )


def _practice(results: Results, names: Mapping[str, str]) -> Section:
    trend = "log" if results.protocol is None else results.protocol.analysis.trend
    sentences = prose.practice(results.primary, names, trend=trend)
    sentences = (*sentences, course.carry_over(results))
    return _section(
        "Practice, neighbouring days, missing scores",
        *(_text((sentence,)) for sentence in sentences),
        more.practice(results.primary, names),
        _residuals_figure(results.primary),
    )


def _residuals_figure(outcome: OutcomeResult) -> Part | None:
    left = outcome.residuals
    if left is None:
        return None
    is_by_day = "prompts_averaged" in (*outcome.flags, *_inner_flags(outcome))
    what = "the mean of each day" if is_by_day else "each score"
    bars = " Bars: the mean of a period." if len(set(left.period)) < len(left.period) else ""
    drawn = draw(
        lambda width: plot_residuals(outcome, width=width),
        key="residuals",
        label=(
            f"What is left of {len(left.value)} {'days' if is_by_day else 'scores'} after condition and practice, from {digits.brief(min(left.value))} to "
            f"{digits.with_unit(digits.brief(max(left.value)), outcome.unit, is_end=True)}, against the number of the occasion."
        ),
        caption=(
            f"{capitalised(outcome.label)}: what condition and practice leave of {what}, by least squares.{bars} A bend would mean that "
            "the practice term does not fit."
        ),
    )
    return Part(kind="figure", figure=drawn)


def _sensitivity(results: Results, names: Mapping[str, str]) -> Section:
    rows = [
        row
        for row in results.sensitivity
        if row.score == results.primary.score and row.contrast == results.primary.contrast.name
    ]
    return _section(
        "The same question, asked otherwise",
        _text((prose.sensitivity(drawn_rows(rows), len(rows) - len(drawn_rows(rows))),)),
        _strip(drawn_rows(rows), results.primary),
        _table(tables.sensitivity_table(drawn_rows(rows), names)),
        _notes(absent_rows(rows, names), "Not there, and why"),
    )


def _strip(rows: Sequence[SensitivityRow], outcome: OutcomeResult) -> Part | None:
    if len(rows) < 2:
        return None
    band = " Grey: too small to matter." if outcome.sesoi else ""
    drawn = draw(
        lambda width: plot_sensitivity(rows, unit=outcome.unit, sesoi=outcome.sesoi, width=width),
        key="sensitivity",
        label=f"Interval plot of the planned analysis and {len(rows) - 1} alternatives; numbers in the table below.",
        caption=f"{capitalised(outcome.label)}: the planned analysis in front, the alternatives behind it.{band}",
    )
    return Part(kind="figure", figure=drawn)


def _departures(results: Results) -> Section:
    course = provenance(results)
    return _section(
        "Departures from the plan",
        _text(course[:1]),
        _table(tables.deviations_table(results)),
        _notes(course[1:]),
    )


def _methods(results: Results) -> Section:
    return _section(
        "Methods and versions",
        Part(kind="methods", methods=methods(results)),
        _table(corrections_table(results.primary)),
        _table(variances_table(results.primary)),
        _table(tables.sources_table(results)),
        _table(tables.facts_table("What this report rests on", facts(results))),
    )


def _completeness(results: Results) -> Section:
    items = cent_items(results)
    return _section("Is everything reported?", _text(cent_sentences(items)), _table(cent_table(items)))


def _inner_flags(outcome: OutcomeResult) -> tuple[str, ...]:
    inner = outcome.primary.flags if outcome.primary is not None else ()
    test = outcome.randomization_test.flags if outcome.randomization_test is not None else ()
    return (*inner, *test)


def _section(title: str, *parts: Part | None) -> Section:
    return Section(title=title, parts=tuple(part for part in parts if part is not None))


def _text(sentences: tuple[str, ...]) -> Part | None:
    kept = tuple(sentence for sentence in sentences if sentence)
    return Part(kind="text", sentences=kept) if kept else None


def _notes(sentences: tuple[str, ...], title: str = "") -> Part | None:
    return Part(kind="notes", sentences=sentences, title=title) if sentences else None


def _table(table: Table | None) -> Part | None:
    return None if table is None else Part(kind="table", table=table)
