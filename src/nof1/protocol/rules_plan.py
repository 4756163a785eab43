"""Rules about outcomes, analysis and safety that need no catalogue."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nof1.encoding import decimal_text
from nof1.protocol.facts import is_swallowed, n_periods
from nof1.protocol.finding import Finding, names
from nof1.protocol.plan import Looks
from nof1.protocol.scalars import EFFECT_IN_SESOI, quantity
from nof1.protocol.sentences import found, nearest
from nof1.protocol.stop_rules import EVENT, stop_condition
from nof1.terms import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.protocol.model import Protocol
    from nof1.protocol.scalars import Quantity
    from nof1.protocol.yaml_text import Path

FEWEST_PERIODS_FOR_SPLINE = 12
_SEVERITIES = (1, 5)


def plan_findings(protocol: Protocol) -> Iterator[Finding]:
    """Find what does not agree in the sections about outcomes, analysis and safety.

    Parameters
    ----------
    protocol : Protocol
        As the model read it.

    Yields
    ------
    Finding
        One for each mistake.
    """
    yield from _outcomes(protocol)
    yield from _model(protocol)
    yield from _contrasts(protocol)
    yield from _prior(protocol)
    yield from _looks(protocol)
    yield from _safety(protocol)
    yield from _ceiling(protocol)
    yield from _stop_rules(protocol)


def _outcomes(protocol: Protocol) -> Iterator[Finding]:
    seen = [protocol.outcomes.primary.score]
    for index, outcome in enumerate(protocol.outcomes.secondary):
        if outcome.score in seen:
            yield Finding(
                ("outcomes", "secondary", index, "score"),
                f"found {found(outcome.score)} again; write each outcome once",
                needs=(("outcomes", "primary"),),
            )
        seen.append(outcome.score)


def _model(protocol: Protocol) -> Iterator[Finding]:
    design, analysis = protocol.design, protocol.analysis
    days: tuple[Path, ...] = (("design", "period_days"),)
    if analysis.model == "mixed" and design.period_days == 1:
        yield Finding(
            ("analysis", "model"),
            "in 1-day periods nothing varies within a period; write daily, or leave model out",
            needs=days,
        )
    if analysis.model == "daily" and design.period_days > 1:
        yield Finding(
            ("analysis", "model"),
            f"in {design.period_days}-day periods the days of a period belong together; write mixed, or leave model out",
            needs=days,
        )
    if analysis.block_effect and analysis.model == "daily":
        yield Finding(
            ("analysis", "block_effect"), "the daily model has no block effect; write false",
            needs=(("analysis", "model"), *days),
        )  # fmt: skip
    elif analysis.block_effect and design.kind != "randomized_blocks":
        yield Finding(
            ("analysis", "block_effect"),
            f"{design.kind} has no blocks; write false",
            needs=(("design", "kind"),),
        )
    periods = n_periods(design, len(protocol.conditions))
    if analysis.trend == "spline" and periods is not None and periods < FEWEST_PERIODS_FOR_SPLINE:
        yield Finding(
            ("analysis", "trend"),
            f"a spline needs {FEWEST_PERIODS_FOR_SPLINE} periods, and there are {periods}; write log, linear, exp or none",
            needs=(("design",), names("conditions")),
        )


def _contrasts(protocol: Protocol) -> Iterator[Finding]:
    for name, weights in protocol.contrasts.items():
        path: Path = ("analysis", "contrasts", name)
        unknown = [code for code in weights if code not in protocol.conditions]
        for code in unknown:
            yield Finding(
                (*path, code),
                f"no condition is called {found(code)}; {nearest(code, protocol.conditions)}",
                needs=(("conditions", code),),
                at="key",
            )
        total = sum(weights.values())
        if total:
            shown = ", ".join(f"{code}: {decimal_text(weight)}" for code, weight in weights.items())
            yield Finding(path, f"{{{shown}}} sums to {decimal_text(total)}; write weights that sum to 0")
        elif not any(weights.values()):
            yield Finding(path, "compares nothing, since all weights are 0; write weights such as 1 and -1")


def _prior(protocol: Protocol) -> Iterator[Finding]:
    sd = protocol.analysis.prior.effect_sd
    path: Path = ("analysis", "prior", "effect_sd")
    if isinstance(sd, Decimal):
        return
    match = EFFECT_IN_SESOI.fullmatch(sd)
    if match is not None and not Decimal(match[1]):
        yield Finding(path, f"found {found(sd)}; write a number above 0, or 1 sesoi")
    elif protocol.outcomes.primary.sesoi is None and "prior" in protocol.analysis.model_fields_set:
        yield Finding(
            path,
            f"found {found(sd)}, and the primary outcome has no sesoi; write outcomes.primary.sesoi, or a number",
            needs=(("outcomes", "primary"),),
        )


def _looks(protocol: Protocol) -> Iterator[Finding]:
    looks, design = protocol.analysis.looks, protocol.design
    path: Path = ("analysis", "looks")
    if not isinstance(looks, Looks):
        return
    if design.kind != "randomized_blocks":
        yield Finding(
            path,
            f"looks are taken after whole blocks, and {design.kind} has none; write none, or design.kind: randomized_blocks",
            needs=(("design", "kind"),),
        )
    elif protocol.blinding.mode is Mode.SELF_BLINDED:
        yield Finding(
            path,
            "in a self_blinded trial nobody knows the conditions before the end, so nobody can look; write none, or "
            "blinding.mode: third_party",
            needs=(("blinding", "mode"),),
        )
    elif looks.method == "lan_demets" and not looks.at_blocks:
        yield Finding(
            (*path, "at_blocks"),
            "missing; lan_demets needs it: write after which blocks, such as at_blocks: [4]",
            needs=((*path, "method"),),
        )
    elif looks.method == "e_value" and looks.at_blocks:
        yield Finding(
            (*path, "at_blocks"),
            "e_value allows a look after any block; leave it out, or write method: lan_demets",
            needs=((*path, "method"),),
        )
    else:
        yield from _look_after(looks.at_blocks, design.blocks, (*path, "at_blocks"))


def _look_after(at_blocks: tuple[int, ...], blocks: int | None, path: Path) -> Iterator[Finding]:
    for index, (before, block) in enumerate(zip((0, *at_blocks), at_blocks, strict=False)):
        if block <= before:
            yield Finding(
                (*path, index), f"found {block} after {before}; write each look once, the earliest first"
            )
        elif blocks is not None and block >= blocks:
            yield Finding(
                (*path, index),
                f"found {block}, and there are {blocks} blocks: after the last there is nothing left to stop; "
                "write a smaller number",
                needs=(("design", "blocks"),),
            )


def _safety(protocol: Protocol) -> Iterator[Finding]:
    if protocol.safety is None and is_swallowed(protocol):
        yield Finding(
            ("safety",),
            "missing; something is taken in, so write your own limits, such as safety: {max_daily_dose: 400 mg, "
            "exclusions: [pregnancy], stop_rules: [{when: adverse_event.severity >= 3, do: stop}]}",
        )


def _ceiling(protocol: Protocol) -> Iterator[Finding]:
    """Hold every condition to the participant's own ceiling, in whatever unit of mass it is told."""
    if protocol.safety is None or protocol.safety.max_daily_dose is None:
        return
    text = protocol.safety.max_daily_dose
    ceiling = quantity(text)
    for code, condition in protocol.conditions.items():
        if condition.dose is None or not condition.times:
            continue
        path: Path = ("conditions", code, "dose")
        dose, n = quantity(condition.dose), len(condition.times)
        compared = _compared(dose, ceiling)
        needs: tuple[Path, ...] = (("safety", "max_daily_dose"), ("conditions", code, "times"))
        if compared is None:
            yield Finding(
                path,
                f"found {found(condition.dose)}, and safety.max_daily_dose is {text}: they cannot be compared; "
                "write both in the same unit",
                needs=needs,
            )
        elif compared[0] * n > compared[1]:
            a_day = f"{decimal_text(dose.amount * n)} {dose.unit}"
            times = "once" if n == 1 else f"{n} times"
            yield Finding(
                path,
                f"found {found(condition.dose)}, {times} a day: {a_day}, above your own safety.max_daily_dose of {text}; "
                "write a schedule that keeps to it, or another ceiling",
                needs=needs,
            )


def _compared(dose: Quantity, ceiling: Quantity) -> tuple[Decimal, Decimal] | None:
    if dose.unit == ceiling.unit:
        return dose.amount, ceiling.amount
    if dose.mg is not None and ceiling.mg is not None:
        return dose.mg, ceiling.mg
    return None


def _stop_rules(protocol: Protocol) -> Iterator[Finding]:
    if protocol.safety is None:
        return
    for index, rule in enumerate(protocol.safety.stop_rules):
        path: Path = ("safety", "stop_rules", index, "when")
        try:
            condition = stop_condition(rule.when)
        except ValueError as error:
            yield Finding(path, str(error))
            continue
        if condition.instrument == EVENT:
            low, high = _SEVERITIES
            if condition.score != "severity" or not low <= condition.number <= high:
                yield Finding(
                    path, f"found {found(rule.when)}; of an adverse event the severity counts, {low} to {high}: "
                    "write adverse_event.severity >= 3",
                )  # fmt: skip
        elif condition.instrument not in protocol.instruments:
            yield Finding(
                path,
                f"no instrument is called {found(condition.instrument)}; "
                f"{nearest(condition.instrument, [EVENT, *protocol.instruments])}",
                needs=(("instruments", condition.instrument),),
            )
