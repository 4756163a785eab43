"""What the participant is told when a limit of their own is reached: what it says, what can be done, and no advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.questionnaires import QUESTIONNAIRES
from nof1.safety.exclusions import exclusions_of

if TYPE_CHECKING:
    from nof1.protocol.model import Protocol
    from nof1.safety.observed import Observed
    from nof1.safety.stop_rules import Met

_SHOWN = 5


def rule_lines(met: Met, trial: str, protocol: Protocol) -> tuple[str, ...]:
    """Say which rule of the participant's own is met, and how to do what it says.

    Parameters
    ----------
    met : Met
        The rule.
    trial : str
        Name of the trial, for the commands.
    protocol : Protocol
        Names the contact.

    Returns
    -------
    tuple of str
        Lines of text. Nothing is stopped, opened or refused by it.
    """
    shown = met.evidence[-_SHOWN:]
    more = f" and {len(met.evidence) - _SHOWN} more" if len(met.evidence) > _SHOWN else ""
    lines = [
        f"A stop rule of your protocol is met: {met.rule} ({'; '.join(shown)}{more}).",
        f"It says: {met.action}. You decide: nof1 {met.action} {trial} --reason '…'.",
        "Entry goes on either way, and the rule knows of no condition.",
    ]
    contact = protocol.safety.emergency_contact if protocol.safety else None
    if contact:
        lines.append(f"Whom your protocol names: {contact}")
    return tuple(lines)


def asks_about_death(protocol: Protocol) -> frozenset[str]:
    """Name the scores of items about thoughts of death.

    Parameters
    ----------
    protocol : Protocol
        Without problems.

    Returns
    -------
    frozenset of str
        Such as ``phq.item9``; empty where nothing asks.
    """
    return frozenset(
        f"{name}.item9"
        for name, one in protocol.instruments.items()
        if one.questionnaire and QUESTIONNAIRES[one.questionnaire].asks_about_suicide
    )


def asked_about_death(new: tuple[Observed, ...], protocol: Protocol) -> str | None:
    """Name the instrument of which an item about thoughts of death was answered above "not at all".

    Parameters
    ----------
    new : tuple of Observed
        What was just saved.
    protocol : Protocol
        In force.

    Returns
    -------
    str or None
        Then `card_lines` are shown; None: nothing of that kind was answered.
    """
    scores = asks_about_death(protocol)
    return next((one.score.partition(".")[0] for one in new if one.score in scores and one.value >= 1), None)


def card_lines(trial: str, protocol: Protocol) -> tuple[str, ...]:
    """Return the card: calm, the person's own plan first, nothing hidden, nothing blocked.

    Parameters
    ----------
    trial : str
        Name of the trial, for the commands.
    protocol : Protocol
        Holds the plan that was written for this moment.

    Returns
    -------
    tuple of str
        Lines of text.
    """
    safety = protocol.safety
    lines = ["Your answer is saved. You wrote down what you want to do when such thoughts come:"]
    if safety and safety.suicidality_plan:
        lines.append(f"  {safety.suicidality_plan}")
    if safety and safety.emergency_contact:
        lines.append(f"  {safety.emergency_contact}")
    lines += [
        "Nobody is monitoring this device: no message goes out by itself. In danger, call the local emergency number.",
        f"The trial can go on, rest (nof1 pause {trial}) or end (nof1 stop {trial}).",
        f"Any box can be opened: nof1 emergency {trial} KIT. You decide; what was entered stays.",
    ]
    return tuple(lines)


def period_lines(trial: str, protocol: Protocol) -> tuple[str, ...]:
    """Return what is said when a period begins: the exclusions that the participant wrote, neutrally.

    Parameters
    ----------
    trial : str
        Name of the trial, for the commands.
    protocol : Protocol
        In force.

    Returns
    -------
    tuple of str
        Empty where the protocol names no exclusion.
    """
    exclusions = exclusions_of(protocol)
    if not exclusions:
        return ()
    return (
        f"Your protocol leaves out: {', '.join(exclusions)}.",
        "Where none of it has come to hold, or none applies to you, there is nothing to do.",
        f"Otherwise: nof1 stop {trial}, and nof1 emergency {trial} KIT opens a box.",
    )
