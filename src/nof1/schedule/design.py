"""From the design section of a protocol to its sequence space, and everything that the space forbids."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from nof1.schedule.space import (
    SequenceSpace,
    balanced,
    counterbalanced,
    fixed,
    product,
    randomized_blocks,
    williams,
)
from nof1.schedule.strength import Reach, bits, longest_run, reach
from nof1.terms import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nof1.protocol.model import Protocol

MOST_BLOCKS_TRIED = 200
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignFacts:
    """What is told about a design before the trial.

    Attributes
    ----------
    size : int
        Number of sequences that could be drawn.
    bits : float
        The same as a logarithm to base 2.
    reach : dict of str to Reach
        Contrast to the smallest p that its randomization test can reach.
    longest_days_on : int
        Days in a row on a condition with a dose, at worst [days].
    notes : tuple of str
        What should be known, one sentence each.
    """

    size: int
    bits: float
    reach: dict[str, Reach]
    longest_days_on: int
    notes: tuple[str, ...]


def space_of(protocol: Protocol) -> SequenceSpace:
    """Return every sequence that the design of a protocol could draw.

    Parameters
    ----------
    protocol : Protocol
        Any protocol that was read.

    Returns
    -------
    SequenceSpace
        Without spare blocks.

    Raises
    ------
    ValueError
        If the numbers of the design do not fit together.
    """
    design, codes = protocol.design, protocol.condition_codes
    match design.kind:
        case "randomized_blocks":
            if design.blocks is None:
                raise ValueError("randomized_blocks needs the number of blocks; write blocks: 6")
            return randomized_blocks(design.blocks, codes, design.per_block)
        case "balanced":
            return balanced(_n_periods(protocol), codes, design.max_run)
        case "williams":
            return williams(codes, _n_periods(protocol))
        case "counterbalanced":
            return counterbalanced(codes, _n_periods(protocol))
        case "fixed":
            if not design.sequence:
                raise ValueError(f"fixed needs its sequence; write sequence: [{', '.join(codes)}, …]")
            if design.periods not in {None, len(design.sequence)}:
                raise ValueError(f"the sequence has {len(design.sequence)} periods, not {design.periods}")
            return fixed(design.sequence, codes)


def spare_space(protocol: Protocol) -> SequenceSpace:
    """Return the space of one spare block; every spare block is drawn for itself.

    Parameters
    ----------
    protocol : Protocol
        Of a design with randomized blocks.

    Returns
    -------
    SequenceSpace
        One block.
    """
    return randomized_blocks(1, protocol.condition_codes, protocol.design.per_block)


def part_space(protocol: Protocol, after: int = 0) -> SequenceSpace:
    """Return what is drawn at once: the whole design, or the blocks that extend it.

    Parameters
    ----------
    protocol : Protocol
        Of the design; of an extension the amended one.
    after : int
        Blocks that were drawn before; 0: nothing was.

    Returns
    -------
    SequenceSpace
        Of an extension, with blocks numbered on.

    Raises
    ------
    ValueError
        If the design has no blocks to add, or none is left.
    """
    if not after:
        return space_of(protocol)
    n_blocks = protocol.design.blocks or 0
    if protocol.design.kind != "randomized_blocks":
        raise ValueError(f"{protocol.design.kind} cannot be extended; only randomized_blocks can")
    if n_blocks <= after:
        raise ValueError(
            f"design.blocks is {n_blocks}, so no block comes after block {after}; write the number of all blocks, "
            "with those that are added"
        )
    more = randomized_blocks(n_blocks - after, protocol.condition_codes, protocol.design.per_block)
    return replace(more, blocks=tuple(block + after for block in more.blocks))


def part_spares(protocol: Protocol, after: int = 0) -> list[SequenceSpace]:
    """Return the space of each spare block that is drawn at once with the others.

    Parameters
    ----------
    protocol : Protocol
        As in `part_space`.
    after : int
        As in `part_space`; an extension has no spare blocks of its own.

    Returns
    -------
    list of SequenceSpace
        Each of one block.
    """
    return [] if after else [spare_space(protocol)] * protocol.blinding.spare_blocks


def space_done(protocol: Protocol, blocks: Iterable[int]) -> SequenceSpace:
    """Return every sequence that could have been drawn for the blocks that were done.

    Blocks are drawn independently. So one that never began, because the trial was stopped, says nothing and is
    left out, and a spare block that was added at the end comes on top. Where the design has no blocks the whole
    space stays: a period that was not lived through is a missing one.

    Parameters
    ----------
    protocol : Protocol
        Of the trial.
    blocks : iterable of int
        Numbers of the blocks in which something was planned until the end; none where that is not known.

    Returns
    -------
    SequenceSpace
        As `space_of` gives it, for as many blocks as were done.
    """
    n_blocks = max(blocks, default=0)
    if protocol.design.kind != "randomized_blocks" or not n_blocks:
        return space_of(protocol)
    return randomized_blocks(n_blocks, protocol.condition_codes, protocol.design.per_block)


def facts(protocol: Protocol) -> DesignFacts:
    """Compute what a person should know about a design before the trial.

    Parameters
    ----------
    protocol : Protocol
        Without problems.

    Returns
    -------
    DesignFacts
        Size, bits, smallest p per contrast, longest run.
    """
    space = space_of(protocol)
    notes = []
    if protocol.design.kind == "counterbalanced" and protocol.blinding.mode is Mode.THIRD_PARTY:
        notes.append(
            "One known period gives the whole trial: an order and its mirror are all that was drawn from."
        )
    return DesignFacts(
        size=space.size,
        bits=bits(space),
        reach={name: reach(space, weights) for name, weights in protocol.contrasts.items()},
        longest_days_on=longest_days_on(protocol, space),
        notes=tuple(notes),
    )


def longest_days_on(protocol: Protocol, space: SequenceSpace) -> int:
    """Return the longest time on conditions that count for the ceilings, over all sequences.

    Never that of the drawn sequence: a refusal would tell something about it.

    Parameters
    ----------
    protocol : Protocol
        Names the conditions that count.
    space : SequenceSpace
        Of its design.

    Returns
    -------
    int
        [days]; a washout ends a run.
    """
    active = {code for code, condition in protocol.conditions.items() if condition.is_active}
    spares = [spare_space(protocol)] * _spare_blocks(protocol)
    run = longest_run(product(space, *spares), active)
    return (min(run, 1) if protocol.design.washout_days else run) * protocol.design.period_days


def design_problems(protocol: Protocol) -> list[tuple[Path, str]]:
    """Return everything about a protocol that cannot be, given what its design can draw.

    Parameters
    ----------
    protocol : Protocol
        Any protocol that was read.

    Returns
    -------
    list of (path, message)
        Path of the value in the protocol, and what to write instead; empty if all is well.
    """
    try:
        space = space_of(protocol)
    except ValueError as error:
        return [(("design", _length_key(protocol)), str(error))]
    return [
        *_blinding_problems(protocol, space),
        *_extension_problems(protocol),
        *_confirm_problems(protocol, space),
        *ceiling_problems(protocol, space),
    ]


def _blinding_problems(protocol: Protocol, space: SequenceSpace) -> Iterator[tuple[Path, str]]:
    mode, kind = protocol.blinding.mode, protocol.design.kind
    if protocol.blinding.spare_blocks and kind != "randomized_blocks":
        yield (
            ("blinding", "spare_blocks"),
            f'{kind} has no blocks that could be replaced. Write "kind: randomized_blocks", or spare_blocks: 0.',
        )
    if kind == "fixed" and mode is not Mode.OPEN_LABEL:
        yield (
            ("design", "kind"),
            "fixed is written in the protocol, so nobody can be blind to it. Write blinding.mode: open_label.",
        )
    elif mode is Mode.SELF_BLINDED and space.sacks is None:
        yield _self_blinding_problem(protocol, space)


def _self_blinding_problem(protocol: Protocol, space: SequenceSpace) -> tuple[Path, str]:
    if protocol.design.kind == "williams":
        return (
            ("design", "kind"),
            (
                "A Williams design uses only some of the orders; a shuffle makes all. "
                'Write "kind: randomized_blocks", or blinding.mode: third_party.'
            ),
        )
    if protocol.design.kind == "counterbalanced":
        return (
            ("design", "kind"),
            (
                f"counterbalanced has {space.size} sequences: one opened kit gives all periods. "
                'Write "kind: randomized_blocks", or blinding.mode: third_party or open_label.'
            ),
        )
    blocks, left = divmod(space.n_periods // len(space.conditions), 2)
    harder = (
        f', or "blocks: {blocks}, per_block: 2" (never longer than 4, harder to guess)' if not left else ""
    )
    return (
        ("design", "max_run"),
        (
            f"max_run {protocol.design.max_run} cannot be kept by hands that must not know what they shuffle. "
            f'Write "kind: randomized_blocks, blocks: {space.n_periods // len(space.conditions)}" '
            f"(a run is then never longer than 2){harder}, or blinding.mode: third_party."
        ),
    )


def _extension_problems(protocol: Protocol) -> Iterator[tuple[Path, str]]:
    if protocol.design.extension is None:
        return
    if protocol.design.kind != "randomized_blocks":
        yield (
            ("design", "extension"),
            f'{protocol.design.kind} has no blocks that could be added. Write "kind: randomized_blocks", or leave it out.',
        )
    elif protocol.analysis.looks != "none":
        yield (
            ("design", "extension"),
            (
                "looks before the end share the error among a known number of blocks, so none can be added. "
                "Leave it out, or write analysis.looks: none."
            ),
        )


def _confirm_problems(protocol: Protocol, space: SequenceSpace) -> Iterator[tuple[Path, str]]:
    if protocol.analysis.confirm != "randomization_test":
        return
    contrasts = {
        name: weights
        for name, weights in protocol.contrasts.items()
        if set(weights) <= set(space.conditions) and any(weights.values())
    }
    if not contrasts:
        return
    alpha = Fraction(protocol.analysis.alpha)
    reached = {name: reach(space, weights) for name, weights in contrasts.items()}
    name = max(reached, key=lambda name: reached[name].smallest_p)
    if reached[name].smallest_p <= alpha:
        return
    per_block = protocol.design.per_block
    enough = _enough_blocks(protocol, name, alpha, per_block)
    if protocol.design.kind == "randomized_blocks":
        instead = f'Write "blocks: {enough}" or more, or confirm: none.'
    elif per_block > 1:
        instead = (
            f'Write "kind: randomized_blocks, blocks: {enough}, per_block: {per_block}", or confirm: none.'
        )
    else:
        instead = f'Write "kind: randomized_blocks, blocks: {enough}", or confirm: none.'
    why = (
        f"a Williams design leaves {reached[name].n_sequences} sequences when the other conditions stay in place, "
        f"so no contrast can be confirmed: the smallest p of {name} is {reached[name]}"
        if protocol.design.kind == "williams"
        else f"the smallest p of {name} in this design is {reached[name]}"
    )
    yield (
        ("analysis", "confirm"),
        f"randomization_test cannot reach alpha {protocol.analysis.alpha}: {why}. {instead}",
    )


def _enough_blocks(protocol: Protocol, contrast: str, alpha: Fraction, per_block: int) -> int:
    weights, codes = protocol.contrasts[contrast], protocol.condition_codes
    tried = range(1, MOST_BLOCKS_TRIED)
    return next(
        (n for n in tried if reach(randomized_blocks(n, codes, per_block), weights).smallest_p <= alpha),
        MOST_BLOCKS_TRIED,
    )


def ceiling_problems(protocol: Protocol, space: SequenceSpace) -> Iterator[tuple[Path, str]]:
    """Return which limits of the person's own a design goes beyond.

    Parameters
    ----------
    protocol : Protocol
        Any protocol that was read.
    space : SequenceSpace
        Of its design.

    Yields
    ------
    path, message
        As in `design_problems`.
    """
    safety = protocol.safety
    if safety is None:
        return
    longest = longest_days_on(protocol, space)
    ceiling = safety.max_consecutive_days_on
    if ceiling is not None and longest > ceiling:
        yield (
            ("safety", "max_consecutive_days_on"),
            (
                f"found {ceiling}, but this design can give {longest} days in a row on a condition with a dose. "
                f"Write {longest}, or shorter periods, or a washout between them."
            ),
        )
    active = [code for code, condition in protocol.conditions.items() if condition.is_active]
    total = sum(space.unrank(0).count(code) for code in space.conditions if code in active)
    total *= protocol.design.period_days
    more = protocol.design.extension
    total += _days_on(protocol, more.blocks) if more else 0
    with_more = ", with the blocks that may be added," if more else ""
    if safety.max_total_days_on is not None and total > safety.max_total_days_on:
        yield (
            ("safety", "max_total_days_on"),
            (
                f"found {safety.max_total_days_on}, but this design{with_more} has {total} days on a condition with a dose. "
                f"Write {total}, or fewer or shorter periods."
            ),
        )


def _days_on(protocol: Protocol, n_blocks: int) -> int:
    """Return the days on a condition with a dose in some blocks of the design."""
    n_active = sum(condition.is_active for condition in protocol.conditions.values())
    return n_blocks * protocol.design.per_block * n_active * protocol.design.period_days


def _spare_blocks(protocol: Protocol) -> int:
    return protocol.blinding.spare_blocks if protocol.design.kind == "randomized_blocks" else 0


def _n_periods(protocol: Protocol) -> int:
    design = protocol.design
    if design.periods is not None:
        return design.periods
    if design.kind != "balanced" and design.blocks is not None:
        return design.blocks * len(protocol.conditions)  # a row is a block
    n_conditions = len(protocol.conditions)
    if design.kind == "balanced":
        raise ValueError(f"balanced needs the number of periods; write periods: {6 * n_conditions}")
    raise ValueError(f"{design.kind} needs the number of its rows; write blocks: {n_conditions}")


def _length_key(protocol: Protocol) -> str:
    """Return the key of the design that says how long it is."""
    design = protocol.design
    if design.kind == "fixed":
        return "sequence"
    if design.kind == "balanced" or (design.kind != "randomized_blocks" and design.periods is not None):
        return "periods"
    return "blocks"
