"""What a register asks for, from a protocol: plain text with the digest, ready to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.catalogue import scores_of
from nof1.encoding import decimal_text
from nof1.protocol.facts import facts_of
from nof1.report.methods import STATISTICS
from nof1.report.words import counted
from nof1.terms import Mode, ScoreName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from nof1.protocol.model import Condition, Outcome, Protocol
    from nof1.protocol.plan import Looks

_KNOWS = {
    Mode.OPEN_LABEL: "Open: the participant knows the condition throughout.",
    Mode.THIRD_PARTY: "The participant is blinded; a preparer packed the kits and keeps the allocation until the data are locked.",
    Mode.SELF_BLINDED: "The participant is blinded and shuffled the packed kits; nobody knows the allocation until the data are locked.",
}
_MODELS = {
    "mixed": "Linear mixed model with a random intercept for each period, REML, Kenward-Roger degrees of freedom.",
    "daily": "Daily means, generalised least squares with first-order autoregressive errors, REML, first-order Kenward-Roger.",
}
_SMALL = (
    "Too small to matter, in place of either: the same holds, but the interval at {inner} % lies within the smallest effect of interest on both sides.",
    "No worthwhile difference: the interval at {inner} % lies within the smallest effect of interest on both sides, and no effect is shown.",
)
_MORE_THAN_TWO = (
    " In a comparison of two conditions only these change places; for one of more (a trend over doses, a difference of differences) "
    "each block is turned round, and the means are taken as they are."
)
_LOOKS = "Conditions are compared only after the last session is entered and the data are locked."


def preregistration(protocol: Protocol, sha256: str) -> str:
    """Write a preregistration.

    Parameters
    ----------
    protocol : Protocol
        Without problems.
    sha256 : str
        Its digest, 64 hexadecimal digits.

    Returns
    -------
    str
        Plain text with headings; nothing that is not in the protocol.
    """
    parts = [f"{heading}\n{'-' * len(heading)}\n{body}" for heading, body in _parts(protocol, sha256) if body]
    return "\n\n".join([protocol.title, *parts]) + "\n"


def _parts(protocol: Protocol, sha256: str) -> Iterator[tuple[str, str]]:
    facts = facts_of(protocol)
    design, analysis, safety = protocol.design, protocol.analysis, protocol.safety
    yield "Background", " ".join(protocol.rationale.split())
    person = [
        f"One person: {protocol.participant.description}"
        if protocol.participant.description
        else "One person"
    ]
    if safety and safety.exclusions:
        person.append(f"Left out: {', '.join(safety.exclusions)}.")
    yield "Participant", "\n".join(person)
    conditions = [f"{code}: {_taken(one)}" for code, one in protocol.conditions.items()]
    conditions += [
        f"In every period: {one.name}" + (f", {one.dose}" if one.dose else "") for one in protocol.constant
    ]
    yield "Conditions", "\n".join(conditions)
    length = [
        f"{design.kind.replace('_', ' ').capitalize()}, {facts.n_periods} periods of {counted(design.period_days, 'day')}"
        + (f" in {design.blocks} blocks" if design.blocks else "")
        + f"; {facts.n_days} days in all.",
        f"Left out of the analysis at the beginning of each period: {counted(design.onset_days, 'day')}."
        if design.onset_days
        else "Every day of a period is analysed.",
        f"Without a condition between two periods: {counted(design.washout_days, 'day')}."
        if design.washout_days
        else "",
        f"Practice before the first period: {counted(design.run_in.sessions, 'session')} within {counted(design.run_in.within_days, 'day')}."
        if design.run_in
        else "",
    ]
    yield "Design", "\n".join(filter(None, length))
    yield "Blinding", _KNOWS[protocol.blinding.mode]
    yield (
        "Outcomes",
        "\n".join(
            _outcome(protocol, role.capitalize(), outcome) for role, outcome in protocol.outcome_list()
        ),
    )
    plan = [
        _MODELS[analysis.model or "mixed"],
        f"Trend over the trial: {analysis.trend}. Two-sided level {decimal_text(analysis.alpha)}; "
        + ("Holm over outcomes and comparisons." if analysis.multiplicity == "holm" else "no correction."),
        *(
            f"Comparison {name}: {_weights(weights)}" + (" (primary)" if place == 0 else "")
            for place, (name, weights) in enumerate(protocol.contrasts.items())
        ),
        "Missing scores stay missing; none is filled in.",
    ]
    yield "Analysis", "\n".join(filter(None, plan))
    yield "Decision", "\n".join(_decision(protocol))
    yield "Probabilities", _probabilities(protocol)
    yield (
        "Looks before the end",
        _LOOKS if isinstance(analysis.looks, str) else _looks(analysis.looks, design.blocks, analysis.alpha),
    )
    yield "Harms", "\n".join(_harms(protocol))
    yield "Stopping", "\n".join(f"{rule.when}: {rule.do}" for rule in safety.stop_rules) if safety else ""
    bound = (
        f"It names the exact text of the protocol {protocol.id}: whoever has the file can count it again with "
        "nof1 protocol check. The order is bound by the line that nof1 randomize prints; add it here."
    )
    yield "Digest of the protocol", f"SHA-256 {sha256}\n{bound}"


def _decision(protocol: Protocol) -> Iterator[str]:
    """Say the rule of `analysis.verdict.decide` in words."""
    analysis = protocol.analysis
    outer, inner = (decimal_text(100 * (1 - times * analysis.alpha)) for times in (1, 2))
    level = decimal_text(analysis.alpha)
    claim = f"Benefit or harm: the interval of the difference at {outer} % leaves out 0 on the better or the worse side"
    if analysis.confirm == "randomization_test":
        claim += f", and the randomization test gives at most {level} too"
    if analysis.multiplicity == "holm":
        claim += f"; for every outcome and comparison but the first, p after Holm's correction is at most {level} as well"
    yield f"{claim}."
    if analysis.confirm == "randomization_test":
        statistic = STATISTICS["prewhitened" if analysis.model == "daily" else "residual"]
        yield (
            f"Randomization test: {statistic}, for the orders that the design could have drawn; two-sided, the true order included."
            + (_MORE_THAN_TWO if len(protocol.conditions) > 2 else "")
        )
    if any(outcome.sesoi is not None for _, outcome in protocol.outcome_list()):
        yield from (text.format(inner=inner) for text in _SMALL)
    yield "Inconclusive: everything else. It does not say that there is no effect."
    yield (
        "What makes an analysis unsound (such as an order mixed up with time, too few periods or days, a condition that is mostly "
        "missing, an opening before the lock) takes a claim back; it never makes one. Where more than a quarter of the scores lie at the "
        "end of their scale, neither of the two that call an effect small is said."
    )


def _looks(looks: Looks, n_blocks: int | None, alpha: Decimal) -> str:
    """Say what each look costs, as `analysis.spending` and `analysis.evidence` have it."""
    if looks.method == "e_value":
        return (
            f"After any block. Benefit and harm then also need an e-value of {decimal_text(1 / alpha)} on the differences within complete blocks, and "
            "what is called small needs the interval that holds whenever one stops; the rule above is not enough."
        )
    from nof1.analysis.spending import lan_demets  # noqa: PLC0415 - scipy, for whoever plans looks

    blocks = [*looks.at_blocks, n_blocks or looks.at_blocks[-1]]
    levels = lan_demets([block / blocks[-1] for block in blocks], float(alpha))
    told = [f"after block {block} {one.level:.2g}" for block, one in zip(blocks, levels, strict=True)]
    return (
        f"Planned: {', '.join(told)} (Lan-DeMets, O'Brien-Fleming type, by shares of the planned blocks). Each of these levels takes the place "
        f"of {decimal_text(alpha)} in the decision, and its interval that of the one above."
    )


def _probabilities(protocol: Protocol) -> str:
    sd = str(protocol.analysis.prior.effect_sd)
    if protocol.outcomes.primary.sesoi is None and "sesoi" in sd:
        prior = "flat"
    else:
        prior = f"normal around 0 with standard deviation {_size(sd)}"
    return f"Beside the decision the probability of a benefit is given, with a prior that is {prior}; the decision does not rest on it."


def _size(effect_sd: str) -> str:
    factor = effect_sd.removesuffix("sesoi").strip()
    if factor == effect_sd:
        return effect_sd
    return f"{'' if factor in {'', '1'} else f'{factor} times '}the smallest effect of interest"


def _harms(protocol: Protocol) -> Iterator[str]:
    yield "Adverse events are recorded whenever they happen, with their severity; the report tells all of them by condition."
    safety = protocol.safety
    for what, when in (
        ((safety.baseline_labs, "before"), (safety.follow_up_labs, "afterwards")) if safety else ()
    ):
        if what:
            yield f"Measured {when}: {', '.join(what)}."
    if safety and safety.concomitant:
        for names, said in (
            (safety.concomitant.prohibited, "Must not be taken"),
            (safety.concomitant.record, "Written down when taken"),
        ):
            if names:
                yield f"{said}: {'; '.join(names)}."


def _taken(condition: Condition) -> str:
    parts = [condition.name, condition.dose, condition.form]
    told = ", ".join(part for part in parts if part)
    return told + (f", at {', '.join(condition.times)}" if condition.times else "")


def _outcome(protocol: Protocol, role: str, outcome: Outcome) -> str:
    spec = scores_of(protocol)[ScoreName(outcome.score)]
    text = (
        f"{role}: {outcome.label or spec.label} ({outcome.score}, {spec.unit}), {spec.better.value} is better"
    )
    if outcome.sesoi is None:
        return f"{text}; no smallest effect of interest."
    return f"{text}; smallest effect of interest {decimal_text(outcome.sesoi)}."


def _weights(weights: Mapping[str, Decimal]) -> str:
    return ", ".join(
        f"{'+' if weight > 0 else ''}{decimal_text(weight)} {code}"
        for code, weight in weights.items()
        if weight
    )
