"""From a protocol and what was drawn to the texts of the sheets; the rendering knows neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.report.sheets.model import HandPlan, LabelBlock, Pack, PackedKit, PreparerPlan, Slip, TrialText
from nof1.terms import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.blinding.cards import Card
    from nof1.blinding.kits import Kit
    from nof1.blinding.packing import KitsPlan
    from nof1.blinding.sealed import Secret
    from nof1.protocol.model import Protocol
    from nof1.protocol.treatment import Condition


def hand_plan(protocol: Protocol, plan: KitsPlan, cards: Sequence[Card] = (), after: int = 0) -> HandPlan:
    """Say what is printed for somebody who packs alone.

    Parameters
    ----------
    protocol : Protocol
        Self-blinded.
    plan : KitsPlan
        Labels by block.
    cards : sequence of Card
        The slips; none where only labels are printed.
    after : int
        Blocks that were drawn before, where the trial is extended.

    Returns
    -------
    HandPlan
        Slips by condition and labels by block, which nothing joins.
    """
    return HandPlan(
        trial=trial_text(protocol, plan.protocol_sha256),
        pack=pack_of(protocol),
        slips=tuple(
            tuple(
                Slip(block=card.place.removeprefix("block "), card_key=card.key)
                for card in cards
                if card.condition == code
            )
            for code in protocol.conditions
        ),
        labels=tuple(
            LabelBlock(block=block.block, codes=tuple(block.codes), reserve=block.reserve)
            for block in plan.blocks
        ),
        extends=after > 0,
    )


def preparer_plan(
    protocol: Protocol, protocol_sha256: str, kits: Sequence[Kit], cards: Sequence[Card], secret: Secret
) -> PreparerPlan:
    """Say what is printed for a preparer.

    Parameters
    ----------
    protocol : Protocol
        Of the participant.
    protocol_sha256 : str
        Its digest as 64 hexadecimal digits.
    kits : sequence of Kit
        In order of use, spare ones last.
    cards : sequence of Card
        One for each kit, in the same order.
    secret : Secret
        What the recovery sheet keeps.

    Returns
    -------
    PreparerPlan
        Kits with what they contain.
    """
    content = {code: _content(one) for code, one in protocol.conditions.items()}
    return PreparerPlan(
        trial=trial_text(protocol, protocol_sha256),
        pack=pack_of(protocol),
        kits=tuple(
            PackedKit(code=kit.code, block=kit.block, content=content[card.condition], card_key=card.key)
            for kit, card in zip(kits, cards, strict=True)
        ),
        secret_groups=tuple((group[:-1], group[-1]) for group in secret.sheet()),
    )


def trial_text(protocol: Protocol, protocol_sha256: str) -> TrialText:
    """Say what every sheet may say of a trial.

    Parameters
    ----------
    protocol : Protocol
        The protocol.
    protocol_sha256 : str
        Its digest as 64 hexadecimal digits.

    Returns
    -------
    TrialText
        Contents in the order of the protocol.
    """
    conditions = protocol.conditions.values()
    safety = protocol.safety
    return TrialText(
        title=protocol.title,
        protocol_sha256=protocol_sha256,
        contents=tuple(_content(one) for one in conditions),
        capsules_per_kit=max(_capsules_a_day(one) for one in conditions) * protocol.design.period_days,
        contact=(safety.emergency_contact or "") if safety else "",
        highest_daily_dose=(safety.max_daily_dose or "") if safety else "",
    )


def pack_of(protocol: Protocol) -> Pack:
    """Return what a kit is put into.

    Parameters
    ----------
    protocol : Protocol
        The protocol.

    Returns
    -------
    Pack
        A day pack where a period is a day; with a preparer one without a slip.
    """
    if protocol.design.period_days > 1:
        return Pack.BOX
    return Pack.CARD if protocol.blinding.mode is Mode.THIRD_PARTY else Pack.DAY


def _content(condition: Condition) -> str:
    """Write what a kit contains, such as ``nefiracetam 150 mg per capsule, 3 capsules a day``."""
    n_day, n_intake = _capsules_a_day(condition), condition.capsules
    what = condition.name
    if condition.dose:
        what += f" {condition.dose}" + (" per capsule" if n_intake == 1 else f" in {n_intake} capsules")
    return what + (f", {n_day} capsule{'' if n_day == 1 else 's'} a day" if n_day else "")


def _capsules_a_day(condition: Condition) -> int:
    return len(condition.times) * condition.capsules
