"""SPENT 2019, the list for protocols of N-of-1 trials: which items a protocol answers, and where to write the others.

The items are told in our own words.

References
----------
Porcino et al. 2020, BMJ 368:m122, doi 10.1136/bmj.m122; SPIRIT 2025 for how alike the conditions are (item 17c here).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.battery.catalogue import scores_of
from nof1.terms import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.protocol.model import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentItem:
    """One item of the list.

    Attributes
    ----------
    number : str
        As in SPENT, such as ``11a``.
    topic : str
        What it asks for, paraphrased.
    answer : str or None
        Where the protocol says it, or what the program does for every trial; None: not written.
    write : str
        Where to write it.
    """

    number: str
    topic: str
    answer: str | None
    write: str


def spent_items(protocol: Protocol) -> tuple[SpentItem, ...]:
    """Answer the list from a protocol.

    Parameters
    ----------
    protocol : Protocol
        Without problems.

    Returns
    -------
    tuple of SpentItem
        Every item, in its order. That something is written says nothing about whether it is good.
    """
    return tuple(
        SpentItem(number=number, topic=topic, answer=answer, write=write)
        for number, topic, answer, write in (
            *_about(protocol),
            *_what(protocol),
            *_how(protocol),
            *_after(protocol),
        )
    )


_Row = tuple[str, str, "str | None", str]
_IN_RATIONALE = "rationale"


def _about(p: Protocol) -> Iterator[_Row]:
    yield (
        "1",
        "the title names an N-of-1 trial",
        _if(re.search(r"n[\s-]of[\s-]1", p.title, re.IGNORECASE), "title"),
        "title",
    )
    register = re.search(r"osf\.io|NCT\d{8}|ISRCTN\d+|DRKS\d+|ACTRN\d+|prereg", p.rationale)
    yield (
        "2",
        "where it is registered",
        _if(register, _IN_RATIONALE),
        "rationale: the register and its number, or where the digest was published",
    )
    yield "3", "date and version", "the digest below names this text; nof1 amend names each change", "–"
    yield "4", "funding", _mentions(p.rationale, r"\bfund|\bpaid\b|\bcosts?\b"), "rationale: who pays"
    yield (
        "5",
        "who does what",
        _if(p.participant.is_owner, "participant.is_owner: one person does all that a participant does")
        or _if(p.participant.consent, "participant.consent"),
        "participant",
    )
    yield "6a", "what is known, and why one person", _if(p.rationale, _IN_RATIONALE), _IN_RATIONALE
    yield (
        "6b",
        "why this comparison",
        _if(p.rationale and p.sources, "rationale, sources"),
        "rationale, with sources",
    )
    yield (
        "7",
        "objectives",
        _if(
            p.outcomes.primary.sesoi,
            f"analysis.contrasts.{next(iter(p.contrasts))} of {p.outcomes.primary.score}",
        ),
        "outcomes.primary.sesoi: the smallest effect of interest",
    )
    yield "8", "design: periods, their length, run-in, washout", f"design ({p.design.kind})", "–"


def _what(p: Protocol) -> Iterator[_Row]:
    safety = p.safety
    yield (
        "9",
        "setting",
        _mentions(
            f"{p.participant.description} {p.rationale}", r"\bat home\b|\bclinic|\bsetting\b|\bat work\b"
        ),
        "participant.description: where it takes place",
    )
    who = [
        name
        for name, held in (
            ("participant.description", p.participant.description),
            ("safety.exclusions", safety and safety.exclusions),
        )
        if held
    ]
    yield (
        "10",
        "who takes part, who does not",
        ", ".join(who) or None,
        "participant.description, safety.exclusions",
    )
    yield "11a", "what is taken or done in each condition", "conditions", "–"
    yield (
        "11b",
        "when the participant stops or changes it",
        _if(safety and safety.stop_rules, "safety.stop_rules, watched at every entry"),
        "safety.stop_rules",
    )
    yield (
        "11c",
        "adherence",
        _if(any(one.times for one in p.conditions.values()), "conditions.*.times; nof1 record dose"),
        "conditions.*.times",
    )
    else_taken = [
        name
        for name, held in (("constant", p.constant), ("safety.concomitant", safety and safety.concomitant))
        if held
    ]
    yield (
        "11d",
        "what else is allowed or taken",
        ", ".join(else_taken) or None,
        "constant, safety.concomitant",
    )
    yield (
        "12",
        "outcomes, and which days of a period count",
        f"outcomes; design.onset_days: {p.design.onset_days}",
        "–",
    )
    yield "13", "timeline of the participant", "sessions; schedule.csv at randomize", "–"
    yield "14", "how the amount was set", "what it can find, above", "–"
    yield (
        "15",
        "recruitment",
        _if(p.participant.is_owner, "none: one person, who owns the trial"),
        "participant: how they came to take part",
    )


def _how(p: Protocol) -> Iterator[_Row]:
    mode, safety = p.blinding.mode, p.safety
    is_open = mode is Mode.OPEN_LABEL
    drawn = (
        "fixed: nothing is drawn"
        if p.design.kind == "fixed"
        else f"design.kind: {p.design.kind}, drawn from a recorded secret"
    )
    hidden = {
        Mode.OPEN_LABEL: "none: blinding.mode is open_label",
        Mode.THIRD_PARTY: "a preparer's sealed secret; codes on the kits",
        Mode.SELF_BLINDED: "shuffled packs with folded slips; codes on the kits",
    }[mode]
    yield "16a", "how the order is made", drawn, "–"
    yield "16b", "how it is concealed", hidden, "–"
    yield (
        "16c",
        "who makes it",
        "the preparer, by nof1 kit draw"
        if mode is Mode.THIRD_PARTY
        else "the participant, by nof1 randomize",
        "–",
    )
    yield "17a", "who is blinded", f"blinding.mode: {mode.value}", "–"
    contact = safety.emergency_contact if safety else None
    yield (
        "17b",
        "opening in an emergency",
        _if(is_open or contact, "nothing to open" if is_open else "safety.emergency_contact; nof1 emergency"),
        "safety.emergency_contact",
    )
    alike = all(one.form for one in p.conditions.values())
    yield (
        "17c",
        "how alike the conditions are",
        _if(is_open or alike, "not alike: open_label" if is_open else "conditions.*.form, the same for all"),
        "conditions.*.form",
    )
    yield "18a", "how it is measured", "instruments; nof1 protocol show --sources for what was cited", "–"
    yield (
        "18b",
        "what is kept after stopping",
        "all that was entered: a stop is a regular end, and it is reported",
        "–",
    )
    yield "19", "data management", "an append-only record, chained by hashes; nof1 backup", "–"
    yield (
        "20a",
        "statistics: carry-over, periods, autocorrelation",
        f"analysis: {p.analysis.model}, trend {p.analysis.trend}",
        "–",
    )
    yield (
        "20b",
        "further analyses",
        _if(p.analysis.sensitivity != "none", "analysis.sensitivity"),
        "analysis.sensitivity: default",
    )
    yield "20c", "missing data", "missing scores stay missing; every analysis says how many", "–"
    yield (
        "21a",
        "monitoring",
        _if(safety and safety.stop_rules, "safety.stop_rules, on blinded data; nobody else looks on"),
        "safety.stop_rules",
    )
    yield (
        "21b",
        "looks before the end",
        f"analysis.looks: {p.analysis.looks if isinstance(p.analysis.looks, str) else p.analysis.looks.method}",
        "–",
    )
    harms = any(spec.is_harm for spec in scores_of(p).values())
    yield (
        "22",
        "harms",
        _if(
            harms or (safety and any("adverse_event" in rule.when for rule in safety.stop_rules)),
            "harm ratings, and nof1 record event, by period" if harms else "nof1 record event, by period",
        ),
        "instruments: ratings of harms",
    )
    yield "23", "audit", "nof1 verify, and verify.py in every report", "–"


def _after(p: Protocol) -> Iterator[_Row]:
    person, safety = p.participant, p.safety
    yield (
        "24",
        "ethics review",
        _mentions(p.rationale, r"\bethic"),
        "rationale: whether a review was asked for, and what it said",
    )
    yield "25", "amendments", "nof1 amend: what may change, from which day, and why", "–"
    yield (
        "26",
        "consent",
        "the participant owns the trial" if person.is_owner else person.consent and "participant.consent",
        "participant.consent",
    )
    yield "27", "confidentiality", "a pseudonym; the record stays on this machine", "–"
    yield (
        "28",
        "interests",
        _mentions(p.rationale, r"\binterests\b|\bconflict of interest|\bsponsor"),
        "rationale: what anybody gains by an answer",
    )
    yield (
        "29",
        "who has the data",
        _mentions(p.rationale, r"\bdata (?:are|is|will)\b|\barchive"),
        "rationale: where the data go",
    )
    yield (
        "30",
        "how the result guides what comes after",
        _mentions(p.rationale, r"\bafterwards\b|\bafter the trial\b|\bthe result (?:will|decides)"),
        "rationale: what will be done after each result",
    )
    yield (
        "31",
        "who is told the result",
        _mentions(p.rationale, r"\bpublish|\bshown to\b|\bwill be told\b"),
        "rationale: to whom it goes",
    )
    yield (
        "32",
        "forms",
        _if(
            (safety and safety.acknowledge) or person.consent,
            "safety.acknowledge" if safety and safety.acknowledge else "participant.consent",
        ),
        "safety.acknowledge; nof1 protocol show --as sign prints one page",
    )
    yield (
        "33",
        "samples",
        "safety.baseline_labs" if safety and safety.baseline_labs else "none are planned",
        "safety.baseline_labs",
    )


def _if(is_so: object, where: str) -> str | None:
    return where if is_so else None


def _mentions(text: str, pattern: str) -> str | None:
    return _IN_RATIONALE if re.search(pattern, text, re.IGNORECASE) else None
