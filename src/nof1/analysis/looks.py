"""A look at a running trial by whoever may know the conditions, as the protocol planned it.

In an open trial that is anybody. In a trial that another person packed it is that person alone: the participant
sends a backup (``nof1 backup``), in which no condition stands; the preparer restores it on a machine of their
own, closes and opens that copy with the secret (``nof1 restore``, ``lock``, ``unblind --secret``), reads its
``locked`` folder with `nof1.read_dataset` and calls `look`. The trial itself stays open and blind. The
participant is told one of two things: go on, or the trial may end. Not which condition is which, not the
estimate, not by how much a boundary was missed. The look is recorded in the trial (``nof1 record TRIAL look
--after-block N``), so that the report can tell one that was planned from one that was not. In a self-blinded
trial nobody can look by condition.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nof1.analysis.outcome import Question, analyse_outcome
from nof1.analysis.progress import LooksSummary, blocks_done, looks_of
from nof1.analysis.result import Contrast, OutcomeResult
from nof1.protocol.plan import Looks

if TYPE_CHECKING:
    from nof1.analysis.dataset import Dataset

SETTLED = frozenset({"benefit", "harm", "trivial", "no_worthwhile_difference"})
"""Verdicts after which a trial may end; the others are no answer yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look found; for the eyes of whoever took it.

    Attributes
    ----------
    after_block : int
        Blocks that it rests on.
    is_planned : bool
        Whether the protocol foresees a look there. One that it does not foresee makes every p of the trial
        exploratory, and settles nothing.
    summary : LooksSummary or None
        Boundaries up to this look; None where no looks are planned.
    outcome : OutcomeResult
        The primary outcome and its first contrast, as the report would tell them if the trial ended now.
    may_end : bool
        Whether that would be an answer: the only thing that the participant may learn.
    """

    after_block: int
    is_planned: bool
    summary: LooksSummary | None
    outcome: OutcomeResult
    may_end: bool


def look(dataset: Dataset, plan: Looks | None = None, *, after_block: int | None = None) -> Look:
    """Analyse the whole blocks of a running trial as if it ended with them.

    The verdict is that of the planned analysis at the level that the look leaves (Lan-DeMets), or with the
    evidence that it asks for (e-value); a trial that must be confirmed by the randomization test must be so
    here, with the few blocks there are.

    Parameters
    ----------
    dataset : Dataset
        What is known so far, with the conditions.
    plan : Looks, optional
        The looks of the protocol if not given.
    after_block : int, optional
        The blocks to look at; as many as are done if not given.

    Returns
    -------
    Look
        Nothing of it but `may_end` is for the participant.

    Raises
    ------
    ValueError
        If the conditions are not known, the design has no blocks, or the block has not passed.
    """
    if dataset.is_blinded:
        raise ValueError("the conditions are not in these tables; a look is for whoever holds them")
    last = [place for place, block in enumerate(dataset.space.blocks, start=1) if block]
    if not last:
        raise ValueError("the design has no blocks; a look is taken after whole blocks")
    n_done = blocks_done(dataset)
    after = n_done if after_block is None else after_block
    if not 1 <= after <= n_done:
        raise ValueError(f"after_block: found {after}; {n_done} blocks are done, so write 1 to {n_done}")
    if plan is not None:
        analysis = dataset.protocol.analysis.model_copy(update={"looks": plan})
        dataset = replace(dataset, protocol=dataset.protocol.model_copy(update={"analysis": analysis}))
    so_far = up_to(dataset, after)
    summary = looks_of(so_far)
    role, outcome = next(iter(dataset.protocol.outcome_list()))
    name, weights = next(iter(dataset.protocol.contrasts.items()))
    contrast = Contrast(name=name, weights={str(code): float(weight) for code, weight in weights.items()})
    result = analyse_outcome(Question(dataset=so_far, outcome=outcome, role=role, contrast=contrast))
    planned = dataset.protocol.analysis.looks
    is_planned = isinstance(planned, Looks) and planned.foresees(after)
    return Look(
        after_block=after,
        is_planned=is_planned,
        summary=summary,
        outcome=result,
        may_end=is_planned and result.verdict in SETTLED,
    )


def up_to(dataset: Dataset, block: int) -> Dataset:
    """Return the trial as it was at the end of a block.

    Parameters
    ----------
    dataset : Dataset
        The trial.
    block : int
        From 1.

    Returns
    -------
    Dataset
        Without scores and sessions of later periods; the conditions stay.
    """
    last = max(place for place, number in enumerate(dataset.space.blocks, start=1) if 0 < number <= block)
    until = dataset.scores.loc[dataset.scores["period"] <= last, "session"].max()
    return replace(
        dataset,
        scores=dataset.scores[dataset.scores["session"] <= until].reset_index(drop=True),
        sessions=dataset.sessions[dataset.sessions["session"] <= until].reset_index(drop=True),
    )
