"""Say what a protocol was understood to mean, what its design can find, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING

from nof1.analysis.planned_words import beside, smallest_effect
from nof1.analysis.planning import plan_facts
from nof1.battery.catalogue import minutes_of, scores_of
from nof1.files.protocols import read_protocol
from nof1.protocol.digest import protocol_sha256
from nof1.protocol.facts import Facts, facts_of, is_left_to_write, missing_in_safety
from nof1.report.spent import spent_items
from nof1.safety.exclusions import exclusions_of
from nof1.schedule.calendar import plan
from nof1.schedule.design import DesignFacts, facts
from nof1.terms import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.analysis.planned import PlanFacts, PlannedPower
    from nof1.protocol.model import Protocol
    from nof1.report.spent import SpentItem
    from nof1.workflow.context import Context


MANY_PACKS = 40
"""More packs than this cost less with somebody else who packs."""
_WIDTH = 100
_INDENT = " " * 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """What the sessions take.

    Attributes
    ----------
    n_sessions : int
        Planned occasions.
    minutes_on_longest_day : Decimal
        Tests and ratings on the day with most of them [minutes].
    hours : Decimal
        Over the whole trial [hours].
    """

    n_sessions: int
    minutes_on_longest_day: Decimal
    hours: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is said about a protocol without problems.

    Attributes
    ----------
    protocol : Protocol
        As it was understood.
    sha256 : str
        Its digest.
    design : DesignFacts
        Space, smallest p.
    facts : Facts
        Periods, days, packs, capsules, cost.
    burden : Burden
        Time for the sessions.
    planning : PlanFacts
        Power by closed form, days that count, carry-over.
    spent : tuple of SpentItem
        Which items of SPENT 2019 the protocol answers.
    """

    protocol: Protocol
    sha256: str
    design: DesignFacts
    facts: Facts
    burden: Burden
    planning: PlanFacts
    spent: tuple[SpentItem, ...]

    def lines(self) -> list[str]:
        """Return the check as text for a person."""
        told = [*_understood(self), "", *_strength(self), "", *_takes(self), "", *_limits(self)]
        told += [*_spent(self), "", f"digest {self.sha256}"]
        return [part for line in told for part in wrap(line, _WIDTH, subsequent_indent=_INDENT) or [""]]


def check_protocol(path: Path, context: Context) -> Checked:
    """Check a protocol file.

    Parameters
    ----------
    path : Path
        The file.
    context : Context
        Clock; the burden is counted on a calendar that begins today.

    Returns
    -------
    Checked
        What it can find and what it takes.

    Raises
    ------
    ProtocolError
        With all its problems.
    """
    protocol = read_protocol(path)
    return Checked(
        protocol=protocol,
        sha256=protocol_sha256(protocol),
        design=facts(protocol),
        facts=facts_of(protocol),
        burden=_burden(protocol, context),
        planning=plan_facts(protocol),
        spent=spent_items(protocol),
    )


def _burden(protocol: Protocol, context: Context) -> Burden:
    schedule = plan(protocol, context.now().date(), "UTC")
    per_day: dict[int, Decimal] = {}
    for session in schedule.sessions:
        minutes = sum((minutes_of(protocol, part) for part in session.due), Decimal(0))
        per_day[session.day] = per_day.get(session.day, Decimal(0)) + minutes
    return Burden(
        n_sessions=len(schedule.sessions),
        minutes_on_longest_day=max(per_day.values(), default=Decimal(0)),
        hours=sum(per_day.values(), Decimal(0)) / 60,
    )


_MODES = {
    Mode.OPEN_LABEL: "open label: everybody knows",
    Mode.THIRD_PARTY: "third party: a preparer knows, nobody else",
    Mode.SELF_BLINDED: "self-blinded: nobody knows",
}


def _understood(c: Checked) -> list[str]:
    protocol = c.protocol
    specs = scores_of(protocol)
    lines = [f"{protocol.id}: {protocol.title}", "", "What was understood"]
    for code, condition in protocol.conditions.items():
        taken = " at " + ", ".join(condition.times) if condition.times else ""
        lines.append(
            f"  {code:<10} {condition.name}" + (f", {condition.dose}" if condition.dose else "") + taken
        )
    lines += [f"  always     {one.name}" + (f", {one.dose}" if one.dose else "") for one in protocol.constant]
    lines.append(f"  design     {_design(c)}")
    lines.append(f"  blinding   {_MODES[protocol.blinding.mode]}")
    for role, outcome in protocol.outcome_list():
        spec = specs[outcome.score]  # type: ignore[index]  # the loader has seen to it
        sesoi = (
            f"; smallest effect of interest {outcome.sesoi} {spec.unit}" if outcome.sesoi is not None else ""
        )
        lines.append(
            f"  {role:<10} {outcome.label or spec.label} ({spec.name}), {spec.better.value} is better{sesoi}"
        )
    model = {"mixed": "mixed model, Kenward–Roger", "daily": "daily model, AR(1), first-order Kenward–Roger"}
    confirm = ", confirmed by the randomization test" if protocol.analysis.confirm != "none" else ""
    lines.append(
        f"  analysis   {model[protocol.analysis.model or 'mixed']}; trend {protocol.analysis.trend}{confirm}"
    )
    return lines


def _design(c: Checked) -> str:
    design = c.protocol.design
    text = (
        f"{design.kind.replace('_', ' ')}, {c.facts.n_periods} periods of {_count(design.period_days, 'day')}"
    )
    if design.blocks:
        text += f" in {design.blocks} blocks"
    if design.run_in:
        text += (
            f", after {_count(design.run_in.sessions, 'session')} of practice within "
            f"{_count(design.run_in.within_days, 'day')}"
        )
    if design.washout_days:
        text += f", {_count(design.washout_days, 'day')} between them"
    return text


def _count(n: int, one: str) -> str:
    return f"{n} {one}" if n == 1 else f"{n} {one}s"


def _strength(c: Checked) -> list[str]:
    lines = ["What it can find", f"  orders     {c.design.size:,} could be drawn ({c.design.bits:.1f} bits)"]
    lines += [
        f"  smallest p {name}: {reach}, by the randomization test" for name, reach in c.design.reach.items()
    ]
    lines.append(f"  days       {c.facts.analysed_days} of {c.protocol.design.period_days} of a period count")
    lines += _power(c.planning, c.protocol.outcomes.primary.sesoi)
    if c.design.longest_days_on:
        lines.append(f"  at worst   {c.design.longest_days_on} days in a row on a condition with a dose")
    notes = list(c.design.notes)
    if c.protocol.blinding.mode is Mode.SELF_BLINDED and c.facts.n_packs > MANY_PACKS:
        notes.append(
            f"{c.facts.n_packs} packs are much to pack alone. Somebody else who packs needs no shuffle and no slip in "
            "each pack: blinding.mode: third_party costs less."
        )
    if c.protocol.safety and is_left_to_write(c.protocol.safety.emergency_contact):
        notes.append(
            'safety.emergency_contact still says "to be written here". It is printed on slips and wallet cards, which are '
            "bound to this file: write whom to call before anything is printed."
        )
    return [*lines, *(f"  note       {note}" for note in notes)]


def _power(plan: PlanFacts, sesoi: Decimal | None) -> list[str]:
    lines = [
        f"  power      {_chance(one)} for an effect of {one.effect_sd:.1f} SD of a score"
        for one in plan.power
    ]
    if plan.sesoi is not None:
        lines.append(f"  power      {_chance(plan.sesoi)} for {smallest_effect(sesoi, plan.sesoi.effect_sd)}")
    if plan.detectable_sd is not None:
        in_unit = plan.in_unit(plan.detectable_sd)
        lines.append(f"  80 %       an effect of {plan.detectable_sd:.2f} SD is found{beside(in_unit)}")
    if plan.equivalence_sd is not None:
        lines.append(
            f"  too small  no bound below {plan.equivalence_sd:.2f} SD can be shown to hold the effect"
        )
    lines.append(f"  carry-over {plan.carry_over}")
    lines += [f"  assumed    {text}" for text in plan.assumptions]
    return lines + [f"  note       {text}" for text in plan.notes]


def _chance(power: PlannedPower) -> str:
    confirmed = f" ({power.confirmed:.2f} with the randomization test)" if power.confirmed is not None else ""
    return f"{power.power:.2f}{confirmed}"


def _about(amount: Decimal, unit: str) -> str:
    if amount < 1:
        return f"less than 1 {unit}"
    return f"1 {unit}" if round(amount) == 1 else f"{amount:.0f} {unit}s"


def _takes(c: Checked) -> list[str]:
    weeks = f"{c.facts.weeks:.0f} weeks" if c.facts.weeks >= 2 else _count(c.facts.n_days, "day")
    longest, hours = c.burden.minutes_on_longest_day, c.burden.hours
    minutes = f"{_about(longest, 'minute')} on the longest day, {_about(hours, 'hour')} in all"
    lines = ["What it takes", f"  time       {weeks}; {c.burden.n_sessions} sessions, {minutes}"]
    if c.facts.n_packs:
        spare = f", {c.facts.n_spare_packs} of them spare" if c.facts.n_spare_packs else ""
        lines.append(
            f"  packs      {c.facts.n_packs}{spare}; about {c.facts.packing_minutes} minutes to pack"
        )
    if c.facts.n_capsules:
        told = ", ".join(f"{n} of {code}" for code, n in c.facts.n_capsules.items())
        lines.append(f"  capsules   {told}" + (" to fill" if c.facts.n_packs else ""))
    if c.facts.cost:
        lines.append(
            "  cost       " + ", ".join(f"{amount} {currency}" for currency, amount in c.facts.cost.items())
        )
    return lines


def _limits(c: Checked) -> list[str]:
    """Say which limits of the participant's own hold, how they are watched, and what is missing."""
    safety = c.protocol.safety
    if safety is None:
        return ["Its limits", "  none       nothing is taken in, and no limit is written", ""]
    lines = ["Its limits"]
    ceilings = [
        f"{text} {limit}"
        for text, limit in (
            ("at most", safety.max_daily_dose and f"{safety.max_daily_dose} a day"),
            (
                "at most",
                safety.max_consecutive_days_on and f"{safety.max_consecutive_days_on} days on in a row",
            ),
            ("at most", safety.max_total_days_on and f"{safety.max_total_days_on} days on in all"),
        )
        if limit
    ]
    lines += [f"  ceiling    {text}; no order that could be drawn goes beyond it" for text in ceilings]
    lines += [f"  stop rule  {rule.when}: {rule.do}" for rule in safety.stop_rules]
    if safety.stop_rules:
        lines.append(
            "  watched    at every entry, without knowing a condition; what is met is told, and nobody is stopped"
        )
    if exclusions := exclusions_of(c.protocol):
        lines.append(f"  left out   {', '.join(exclusions)}; asked once at randomize")
    if safety.acknowledge:
        lines.append("  asked      one sentence to acknowledge, once; the report shows it")
    lines += [f"  missing    {path}" for path in missing_in_safety(c.protocol)]
    return [*lines, ""]


def _spent(c: Checked) -> list[str]:
    items = c.spent
    missing = [one for one in items if one.answer is None]
    lines = [
        f"SPENT 2019, the list for protocols of N-of-1 trials: {len(items) - len(missing)} of {len(items)} answered"
    ]
    return lines + [f"  {one.number:<10} {one.topic}: not written; {one.write}" for one in missing]
