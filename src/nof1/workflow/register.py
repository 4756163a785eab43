"""Register the packed kits of a lone person: the dialog, committed as one event before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import Stage
from nof1.blinding.packing import KitsPlan, sacks_of
from nof1.blinding.registration import Question, Registration, check_answer, questions, settle
from nof1.errors import (
    DocumentError,
    EntryError,
    Nof1Error,
    Problem,
    StageError,
    StoreError,
    TrialNotFoundError,
)
from nof1.files.secrets import PLAN_NAME, read_public
from nof1.files.workspace import trial_names
from nof1.protocol.digest import protocol_sha256
from nof1.schedule.design import part_space, part_spares
from nof1.terms import Mode
from nof1.workflow.parts import parts_of
from nof1.workflow.trial import (
    anchor_head,
    changing,
    create_trial_store,
    open_trial_store,
    read_trial,
    store_path,
    stored,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nof1.protocol.model import Protocol
    from nof1.storage.store import Store
    from nof1.workflow.context import Context
    from nof1.workflow.trial import Trial

Ask = Callable[[Question, Callable[[str], str]], str]
"""Puts a question, and returns what the check made of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Kits whose labels are fixed.

    Attributes
    ----------
    store : Store
        With the registration, and nothing drawn.
    registered : KitsRegistered
        The registration that holds.
    simulated : bool
        Clock or entropy were injected, now or when the kits were registered.
    """

    store: Store
    registered: events.KitsRegistered
    simulated: bool


def answers_from(given: Mapping[str, object]) -> Ask:
    """Answer from a file instead of a person.

    Parameters
    ----------
    given : mapping of str to str
        Answers by the key of the question; those of blocks that are not asked do no harm.

    Returns
    -------
    callable
        Raises EntryError where an answer is missing.
    """

    def ask(question: Question, check: Callable[[str], str]) -> str:
        answer = given.get(question.key)
        if answer is None:
            raise EntryError(f"{question.key}: not answered: {question.text}")
        return check(" ".join(map(str, answer)) or "none" if isinstance(answer, list) else str(answer))

    return ask


def read_plan(kits: Path, protocol: Protocol, digest: str, after: int = 0) -> KitsPlan:
    """Read what `kit plan` wrote, for the protocol at hand.

    Parameters
    ----------
    kits : Path
        Its folder, or kits.json.
    protocol : Protocol
        The protocol.
    digest : str
        Its digest as 64 hexadecimal digits.
    after : int
        Blocks that were drawn before, where the trial is extended.

    Returns
    -------
    KitsPlan
        Labels and hashes.

    Raises
    ------
    WorkspaceError
        If it is not there, or a preparer's secret lies beside it.
    DocumentError
        If it is for another protocol.
    """
    source, document = read_public(kits, PLAN_NAME, otherwise="take the folder that nof1 kit plan made")
    plan = KitsPlan.from_dict(document, source=str(source))
    problems = []
    if plan.protocol_sha256 != digest:
        problems.append(
            Problem(
                where="protocol_sha256",
                message=f"planned for the protocol {plan.protocol_sha256[:12]}…, this one is {digest[:12]}…; the slips "
                "are bound to the first: take that file, or plan and pack again",
            )
        )
    space, spares = part_space(protocol, after), part_spares(protocol, after)
    needed = [(block, len(sack.positions)) for block, sack in sacks_of(space, spares)]
    if [(block.block, len(block.codes)) for block in plan.blocks] != needed:
        n = sum(length for _, length in needed)
        problems.append(
            Problem(
                where="blocks", message=f"found {plan.n_kits} kits; this design needs {n}, block by block"
            )
        )
    if problems:
        raise DocumentError(str(source), problems)
    return plan


def register_kits(
    protocol: Protocol,
    folder: Path,
    kits: Path | None,
    ask: Ask | None,
    context: Context,
    *,
    allow_synced: bool = False,
) -> Packed:
    """Ask what must be asked, and commit the answers; nothing is drawn here.

    Parameters
    ----------
    protocol : Protocol
        Self-blinded.
    folder : Path
        The trial's folder; may hold a registration that was not followed by a draw.
    kits : Path or None
        The folder that `kit plan` made.
    ask : callable or None
        Puts the questions.
    context : Context
        Clock and entropy; that of the draw is not taken here.
    allow_synced : bool
        Accept a folder that is synchronised or on a network.

    Returns
    -------
    Packed
        The same registration again, without a question, where it was committed before.

    Raises
    ------
    StoreError
        If something was drawn here already.
    StageError
        If the kits belong to another trial, or an answer says that something went wrong.
    EntryError
        If kits or answers are missing.
    """
    if kits is None:
        raise EntryError(
            "a self_blinded trial needs packed kits: --kits DIR, the folder that nof1 kit plan FILE --to DIR made"
        )
    digest = protocol_sha256(protocol)
    plan = read_plan(kits, protocol, digest)
    refuse_used(plan.root, folder, context)
    before = _registrations(folder)
    simulated = context.simulated or any(one.simulated for one in before)
    if before and is_of(before[-1], plan):
        return Packed(store=open_trial_store(folder), registered=before[-1], simulated=simulated)
    settled = hold_dialog(plan, len(protocol.conditions), ask, context)
    event = events.KitsRegistered(
        protocol_sha256=digest,
        kits=tuple(map(str, settled.kits)),
        retired=settled.retired,
        leaves=plan.leaves,
        answers=tuple(events.Answer(question=q, answer=a) for q, a in settled.answers),
        simulated=simulated,
    )
    store = (
        open_trial_store(folder) if before else create_trial_store(folder, context, allow_synced=allow_synced)
    )
    with changing(folder, context, store) as change:
        change.record(event)
    with stored("the registration of the kits", folder.name):
        anchor_head(read_trial(folder), "kits registered")
    return Packed(store=store, registered=event, simulated=simulated)


def hold_dialog(plan: KitsPlan, n_conditions: int, ask: Ask | None, context: Context) -> Registration:
    """Ask everything about packed kits; nothing is stored here.

    Parameters
    ----------
    plan : KitsPlan
        What was packed.
    n_conditions : int
        Tubs and sheets.
    ask : callable or None
        Puts the questions.
    context : Context
        Its entropy chooses the blocks whose boxes are turned over.

    Returns
    -------
    Registration
        Labels that are on a box, labels that were spoilt, answers.

    Raises
    ------
    EntryError
        If nobody answers.
    StageError
        If an answer says that something went wrong.
    """
    if ask is None:
        raise EntryError(
            "the packed kits are registered by a dialog before anything is drawn: answer at a terminal, "
            "or with --answers FILE"
        )
    asked = questions(plan, n_conditions, context.entropy(32))
    answers: dict[str, str] = {}
    for question in asked:
        answers[question.key] = ask(question, partial(check_answer, plan, question, answers))
    return settle(plan, asked, answers)


def refuse_used(root: str | None, folder: Path, context: Context) -> None:
    """Refuse kits that another trial of the workspace was registered with.

    Parameters
    ----------
    root : str or None
        Hash over all cards; None: there are no kits.
    folder : Path
        The trial at hand.
    context : Context
        Names the workspace.

    Raises
    ------
    StageError
        With the name of the other trial.
    """
    used = user_of(root, context, other_than=folder)
    if used is not None:
        again = "Plan and pack again" if used.mode is Mode.SELF_BLINDED else "Ask the preparer to draw again"
        raise StageError(
            f"these kits belong to {used.name}, of which this commitment was published; a trial needs kits of its own. "
            f"{again}"
        )


def user_of(root: str | None, context: Context, *, other_than: Path | None = None) -> Trial | None:
    """Find the trial of the workspace that was drawn with some kits.

    Parameters
    ----------
    root : str or None
        Hash over all cards; None: there are no kits.
    context : Context
        Names the workspace.
    other_than : Path or None
        Folder of a trial that is passed over.

    Returns
    -------
    Trial or None
        None: no trial that can be read was drawn with them.
    """
    for name in trial_names(context.workspace) if root else ():
        place = context.workspace / "data" / name
        if other_than is not None and place.resolve() == other_than.resolve():
            continue
        try:
            trial = read_trial(place)
            used = [part.drawn.root for part in parts_of(trial)]
        except Nof1Error:
            continue  # what cannot be read, or was never drawn, holds up nobody
        if root in used:
            return trial
    return None


def _registrations(folder: Path) -> list[events.KitsRegistered]:
    """Return the registrations of a trial that was not drawn yet; none where there is no trial."""
    try:
        trial = read_trial(folder)
    except TrialNotFoundError:
        return []
    if trial.state.position.stage is not Stage.REGISTERED:
        raise StoreError(
            f"{store_path(folder)} holds a trial already; nothing was changed. Take another folder"
        )
    return [recorded.event for recorded in trial.state.of(events.KitsRegistered)]


def is_of(registered: events.KitsRegistered | events.ExtensionRegistered, plan: KitsPlan) -> bool:
    """Return whether a registration is of these kits.

    Parameters
    ----------
    registered : KitsRegistered or ExtensionRegistered
        The registration.
    plan : KitsPlan
        What lies in the folder.

    Returns
    -------
    bool
        False also where the labels are others.
    """
    codes = [kit.partition("/")[2] for kit in registered.kits]
    return (
        registered.protocol_sha256 == plan.protocol_sha256
        and registered.leaves == plan.leaves
        and all(plan.block_of(code) is not None for code in (*codes, *registered.retired))
    )
