"""What a report of an N-of-1 trial should say (CENT 2015, in our own words), and where this one says it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nof1.report.course import days_left, ended_periods, treatment_periods
from nof1.report.record import pairs
from nof1.report.tables import Table
from nof1.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.analysis.result import Results
    from nof1.protocol.model import Protocol

_SOURCE: Final = (
    "CENT 2015 (Vohra et al., BMJ 2015;350:h1738; Shamseer et al., BMJ 2015;350:h1793) names what a report of an N-of-1 "
    "trial should tell. The items stand here in our own words."
)
_ABSENT: Final = "not reported"
_SOURCES: Final = "Methods and versions (sources)"
_OUTSIDE: Final = "nof1 does not know it; say it where the report is shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the list.

    Attributes
    ----------
    number : str
        As CENT 2015 counts.
    asks : str
        What should be told, in our own words.
    is_told : bool
        Whether this report tells it.
    where : str
        The section that does; or where to write it for the next report.
    """

    number: str
    asks: str
    is_told: bool
    where: str


def cent_items(results: Results) -> tuple[Item, ...]:
    """Answer every item of CENT 2015 for the trial of one person.

    Parameters
    ----------
    results : Results
        The whole trial.

    Returns
    -------
    tuple of Item
        In the order of the publication; what only a series of trials has to tell is left out.
    """
    return tuple(
        Item(number=number, asks=asks, is_told=bool(told), where=there if told else missing)
        for number, asks, told, there, missing in _rows(results)
    )


def cent_sentences(items: tuple[Item, ...]) -> tuple[str, ...]:
    """Say how complete the report is.

    Parameters
    ----------
    items : tuple of Item
        From `cent_items`.

    Returns
    -------
    tuple of str
        Sentences. That an item is answered does not say that the answer is good.
    """
    told = sum(item.is_told for item in items)
    return (
        _SOURCE,
        f"Of {counted(len(items), 'item')} that concern one person, {told} are answered in this report.",
        "That an item is answered says nothing about how good the answer is.",
    )


def cent_table(items: tuple[Item, ...]) -> Table:
    """List every item, and where it is answered.

    Parameters
    ----------
    items : tuple of Item
        From `cent_items`.

    Returns
    -------
    Table
        Three columns of words.
    """
    rows = tuple(
        (item.number, item.asks, item.where if item.is_told else f"{_ABSENT}: {item.where}") for item in items
    )
    return Table(
        caption="CENT 2015: what should be reported, and where it stands",
        columns=("Item", "What should be told", "Where"),
        rows=rows,
        n_text_columns=3,
    )


_Row = tuple[str, str, object, str, str]


def _rows(results: Results) -> Iterator[_Row]:
    yield from _head(results)
    yield from _methods(results)
    yield from _order_and_blinding(results)
    yield from _results(results)
    yield from _rest(results)


def _write(key: str) -> str:
    return f"write {key} in the protocol"


def _head(results: Results) -> Iterator[_Row]:
    protocol = results.protocol
    is_named = re.search(r"\bn[\s-]*of[\s-]*1\b", results.title, re.IGNORECASE)
    yield "1a", "Title calls it an N-of-1 trial", is_named, "title", _write("“N-of-1 trial” in title")
    yield (
        "1b",
        "Summary of design, methods, results and conclusion",
        True,
        "verdict at the top; letter.pdf",
        "",
    )
    why = protocol is not None and protocol.rationale
    yield "2a.1", "Background", why, "What was done", _write("rationale")
    yield "2a.2", "Why a trial in one person", why, "What was done (rationale)", _write("rationale")
    yield (
        "2b",
        "Objective or hypothesis",
        results.outcomes,
        "title; What was done",
        _write("outcomes.primary"),
    )


def _methods(results: Results) -> Iterator[_Row]:
    protocol, facts = results.protocol, dict(pairs(results.record.get("facts")))
    yield (
        *("3a", "Design, planned number and length of periods, run-in and washout"),
        *(results.periods, "What was done, calendar", _write("design")),
    )
    yield "3b", "Changes of the methods after the start, with reasons", True, "Departures from the plan", ""
    yield (
        *("4a", "Diagnosis or state of the participant, criteria, other illnesses and treatments"),
        *(protocol is not None and protocol.participant.description, "What was done"),
        _write("participant.description"),
    )
    yield "4b", "Where the data were collected", False, "", _OUTSIDE
    yield (
        *("4c", "Whether it is research or care, and whether an ethics committee was asked"),
        *(False, "", _OUTSIDE),
    )
    intakes = protocol is not None and all(one.dose or one.form for one in protocol.conditions.values())
    recorded = results.adherence.n_doses_recorded
    yield (
        *("5", "The intervention of each period so that it could be repeated, and how it was taken in fact"),
        *(intakes and recorded, "What was done; adherence"),
        "run elsewhere; say what was taken where the report is shown"
        if intakes and results.imported
        else "record doses (nof1 record TRIAL dose)"
        if intakes
        else _write("dose, times and form of each condition"),
    )
    yield (
        *("6a.1", "Primary and secondary outcomes, how and when they were measured"),
        *(results.outcomes and protocol is not None, "What was done; Secondary outcomes"),
        _write("outcomes"),
    )
    yield (
        *("6a.2", "How valid and reliable the measures are"),
        *(
            _has_source(protocol, "valid|reliab"),
            _SOURCES,
            _write("sources, with a fact on how valid and reliable"),
        ),
    )
    yield "6b", "Changes of outcomes after the start, with reasons", True, "Departures from the plan", ""
    sized = results.primary.sesoi is not None or results.looks is not None
    yield (
        *("7a", "How the number of periods and measurements was decided on"),
        *(
            sized and _has_source(protocol, "power|detect|enough|periods|sessions"),
            f"What was done; {_SOURCES}",
        ),
        _write("sesoi, and in sources why so many periods"),
    )
    rules = protocol is not None and protocol.safety is not None and protocol.safety.stop_rules
    yield (
        *("7b", "Looks before the end and rules to stop"),
        *(results.looks is not None or rules or facts.get("look"), "What was done; Harms"),
        _write("analysis.looks or safety.stop_rules"),
    )


def _order_and_blinding(results: Results) -> Iterator[_Row]:
    kind = results.sequence.kind
    is_random = kind != "fixed"
    yield (
        *("8a", "Whether the order was randomized, and how it was made"),
        *(not results.imported or not is_random, "What was done; Methods and versions"),
        "run elsewhere; say how the order was drawn",
    )
    yield (
        "8b",
        "Kind of randomization and its restrictions",
        kind,
        "What was done; sequence",
        _write("design.kind"),
    )
    yield (
        *("8c", "The whole planned order of the periods"),
        *(results.periods and not results.blinded_review, "calendar; results.json", "after unblinding"),
    )
    hidden = results.mode != "open_label" and not results.imported
    yield (
        *("9", "How the order was concealed until it was needed"),
        *(hidden, "What was done; commitment", "nothing was concealed, or it was run elsewhere"),
    )
    yield (
        *("10", "Who made the order, who packed, who gave it"),
        *(hidden, "What was done; What this report rests on", _OUTSIDE),
    )
    yield "11a", "Who was blinded, and how", results.mode, "What was done", _write("blinding.mode")
    forms = results.protocol is not None and all(one.form for one in results.protocol.conditions.values())
    yield (
        *("11b", "How alike the interventions were"),
        *(forms, "What was done (form)", _write("form of each condition")),
    )
    yield "12a", "Methods that summarise and compare", True, "Methods and versions", ""
    yield "12b", "Further analyses", True, "The same question, asked otherwise", ""
    yield (
        *("12c", "How carry-over, period effects and resemblance of neighbouring days were dealt with"),
        *(True, "Practice, neighbouring days, missing scores; Methods and versions", ""),
    )


def _results(results: Results) -> Iterator[_Row]:
    facts = {name for name, _ in pairs(results.record.get("facts"))}
    n, ended = len(treatment_periods(results)), len(ended_periods(results))
    yield (
        *("13a", "Periods completed, of those planned, with reasons"),
        *(n, f"What was done ({ended} of {n})", _write("design")),
    )
    yield "13b", "Losses and exclusions, when and why", True, "What was done; Departures from the plan", ""
    yield (
        *("14a", "Dates of recruitment and of the trial"),
        *(
            "start_on" in facts,
            "What was done",
            "the record has no day on which it began; say from when to when it ran where the report is shown",
        ),
    )
    yield (
        *("14b", "Whether and why periods or the trial ended early"),
        *(not days_left(results) or "stopped" in facts, "Departures from the plan"),
        "tell why it ended early (nof1 stop TRIAL)",
    )
    has_run_in = any(period.period == 0 for period in results.periods)
    yield (
        *("15", "State of the participant before the first period"),
        *(has_run_in, "The data (run-in)", _write("design.run_in")),
    )
    yield (
        *("16", "Periods analysed of each condition"),
        *(results.primary.by_condition, "The data", "after unblinding"),
    )
    estimate = results.primary.primary
    yield (
        "17a.1",
        "Result of each period, with a figure of the data",
        results.primary.n_sessions,
        "The data",
        "",
    )
    yield (
        *("17a.2", "Size of the effect on each outcome and its precision"),
        *(estimate is not None and estimate.estimate is not None, "The effect; Secondary outcomes"),
        "it could not be estimated; the verdict says why",
    )
    yield (
        *("17b", "For yes-or-no outcomes, absolute and relative effect"),
        *(True, "Secondary outcomes and Harms, where there are any", ""),
    )
    yield (
        *("18", "Results of further analyses: carry-over, order, neighbouring days"),
        *(results.sensitivity, "The same question, asked otherwise", "after unblinding"),
    )
    yield (
        *("19", "Harms under each condition"),
        *(not results.imported or results.harms or results.adverse_events, "Harms", _OUTSIDE),
    )


def _rest(results: Results) -> Iterator[_Row]:
    facts = dict(pairs(results.record.get("facts")))
    yield "20", "Limits, sources of bias and imprecision", True, "Limits", ""
    yield "21", "To whom the result applies", True, "Limits", ""
    yield (
        *("22", "What the result means, harms weighed with benefits"),
        *(False, "", "a verdict speaks of one outcome and weighs nothing; say it where the report is shown"),
    )
    yield (
        *("23", "Registration: where, and under which number"),
        *(
            False,
            "",
            _OUTSIDE
            if results.imported
            else f"publish the line of the trial before the first dose; {_OUTSIDE}",
        ),
    )
    yield (
        *("24", "Where the protocol can be read"),
        *(facts.get("published_line"), "protocol.json beside the data; digest under Methods and versions"),
        "give the protocol file with the report",
    )
    yield "25", "Funding, supply of the interventions, role of funders", False, "", _OUTSIDE


def _has_source(protocol: Protocol | None, words: str) -> bool:
    """Whether one of the facts that the protocol gives a source for speaks of this."""
    facts = [] if protocol is None else [source.fact for source in protocol.sources]
    return any(re.search(words, fact, re.IGNORECASE) for fact in facts)
