"""Sequence spaces: all sequences that a design could have drawn, numbered, so that one integer is a draw.

Drawing, the randomization test, the strength of a design and the verification all use this one object;
they cannot disagree about what was possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nof1.schedule.arrangements import Arrangements, Runs
from nof1.schedule.automaton import Agreeing, Chain, layers, rank, sequences, unrank
from nof1.schedule.draw import draw
from nof1.schedule.rows import Choices, Mirrored, Williams
from nof1.terms import ConditionCode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nof1.schedule.automaton import Automaton, Branch

MAX_WILLIAMS = 6
"""More conditions than this would need more periods than a person has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sack:
    """Positions whose kits hands may shuffle among themselves.

    Attributes
    ----------
    place : str
        ``block 3``, or ``block 0`` where the design has no blocks: what a slip and its hash say.
    positions : tuple of int
        Positions in the sequence, from 0.
    counts : tuple of (ConditionCode, int)
        How many kits of each condition lie in it, in the order of the protocol.
    """

    place: str
    positions: tuple[int, ...]
    counts: tuple[tuple[ConditionCode, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SequenceSpace:
    """All sequences that a design could have drawn, in lexicographic order.

    Made by `randomized_blocks`, `balanced`, `williams`, `counterbalanced`, `fixed` and `product`. Cheap to
    make, to compare, to hash and to pickle: what is counted is counted when it is asked for.

    Attributes
    ----------
    kind : str
        Name of the design in the protocol.
    conditions : tuple of ConditionCode
        In the order of the protocol, which is the order of the ranks.
    blocks : tuple of int, length n_periods
        Block of each position, from 1; 0 where the design has no blocks.
    automaton : Automaton
        What counts.
    """

    kind: str
    conditions: tuple[ConditionCode, ...]
    blocks: tuple[int, ...]
    automaton: Automaton

    @property
    def n_periods(self) -> int:
        """Length of every sequence."""
        return len(self.blocks)

    @property
    def size(self) -> int:
        """Number of sequences, exact."""
        return self.automaton.root().total

    @property
    def max_run(self) -> int | None:
        """Longest run that a rule of the design allows, or None where no rule binds."""
        return self.automaton.longest if isinstance(self.automaton, Runs) else None

    @property
    def sacks(self) -> tuple[Sack, ...] | None:
        """Sets of positions whose kits hands may shuffle, or None if a shuffle could leave the space.

        Self-blinding is possible if and only if this is not None.
        """
        if self.kind == "fixed" or not isinstance(self.automaton, Arrangements):
            return None
        positions: dict[int, list[int]] = {}
        for position, sack in enumerate(self.automaton.sack_of):
            positions.setdefault(sack, []).append(position)
        return tuple(
            Sack(
                place=f"block {self.blocks[held[0]]}",
                positions=tuple(held),
                counts=tuple(zip(self.conditions, self.automaton.counts[sack], strict=True)),
            )
            for sack, held in positions.items()
        )

    def __repr__(self) -> str:
        codes = ", ".join(self.conditions)
        return f"<SequenceSpace {self.kind} of {codes}: {self.n_periods} periods, {self.size} sequences>"

    def rank(self, sequence: Sequence[str]) -> int:
        """Return the number of sequences of the space before this one.

        Parameters
        ----------
        sequence : sequence of ConditionCode, length n_periods
            First period first.

        Returns
        -------
        int
            0 … size - 1.

        Raises
        ------
        ValueError
            If the sequence is not in the space.

        Examples
        --------
        >>> balanced(14, ("A", "B"), max_run=2).rank("ABBABAABBABAAB")
        226
        """
        index = rank(self.automaton, self._symbols(sequence))
        if index is None:
            raise ValueError(f"{' '.join(sequence)} is not a sequence of this design ({self.kind})")
        return index

    def unrank(self, index: int) -> tuple[ConditionCode, ...]:
        """Return the sequence that has ``index`` sequences of the space before it.

        Parameters
        ----------
        index : int
            0 … size - 1.

        Returns
        -------
        tuple of ConditionCode, length n_periods
            First period first.

        Raises
        ------
        ValueError
            If there is no such sequence.

        Examples
        --------
        >>> "".join(randomized_blocks(6, ("A", "B")).unrank(15))
        'ABABBABABABA'
        """
        if not 0 <= index < self.size:
            raise ValueError(f"there is no sequence {index}; they go from 0 to {self.size - 1}")
        return tuple(self.conditions[symbol] for symbol in unrank(self.automaton, index))

    def __contains__(self, sequence: object) -> bool:
        if not isinstance(sequence, Sequence):
            return False
        return rank(self.automaton, self._symbols(sequence)) is not None

    def __iter__(self) -> Iterator[tuple[ConditionCode, ...]]:
        for symbols in sequences(self.automaton):
            yield tuple(self.conditions[symbol] for symbol in symbols)

    def draw(self, seed: bytes) -> tuple[ConditionCode, ...]:
        """Draw one sequence, every one with the same probability.

        Parameters
        ----------
        seed : bytes, length 32
            In a trial the trial key.

        Returns
        -------
        tuple of ConditionCode, length n_periods
            First period first.

        Examples
        --------
        >>> "".join(randomized_blocks(3, ("A", "B", "C")).draw(bytes(range(32))))
        'ABCABCBAC'
        """
        return self.unrank(draw(seed, self.size, "sequence"))

    def orders(self, codes: Sequence[Collection[str]]) -> SequenceSpace:
        """Return the space of the orders in which coded kits can be used.

        Where hands made the kits exchangeable, this is what the computer draws: which code comes when,
        without anybody knowing what the codes stand for.

        Parameters
        ----------
        codes : sequence of collections of str
            For every sack its codes, one for each position.

        Returns
        -------
        SequenceSpace
            Each sack's codes, sorted as text, in the place of conditions.

        Raises
        ------
        ValueError
            If the space has no sacks, or the codes do not fit them.

        Examples
        --------
        >>> pairs = randomized_blocks(2, ("on", "off"))
        >>> pairs.orders([("K-C", "K-D"), ("K-B", "K-A")]).unrank(1)
        ('K-C', 'K-D', 'K-B', 'K-A')
        """
        sacks = self.sacks
        if sacks is None:
            raise ValueError(f"the kits of this design ({self.kind}) are not exchangeable")
        if [len(sack.positions) for sack in sacks] != [len(held) for held in codes]:
            raise ValueError("every sack needs one code for each of its positions")
        every = sorted(code for held in codes for code in held)
        if len(set(every)) != len(every):
            raise ValueError("a code is there twice")
        sack_of = [0] * self.n_periods
        for number, sack in enumerate(sacks):
            for position in sack.positions:
                sack_of[position] = number
        counts = tuple(tuple(int(code in set(held)) for code in every) for held in codes)
        return SequenceSpace(
            kind="orders",
            conditions=tuple(ConditionCode(code) for code in every),
            blocks=self.blocks,
            automaton=Arrangements(tuple(sack_of), counts),
        )

    def agreeing(self, known: Mapping[int, str]) -> SequenceSpace:
        """Return the sequences of the space in which some positions are settled.

        Parameters
        ----------
        known : mapping of int to ConditionCode
            Position, from 0, to condition.

        Returns
        -------
        SequenceSpace
            A part of this space, of the same length.

        Raises
        ------
        ValueError
            If no sequence of the space agrees.

        Examples
        --------
        >>> list(williams(("A", "B"), 4).agreeing({0: "B"}))
        [('B', 'A', 'A', 'B')]
        """
        settled = {position: self._symbol(code) for position, code in known.items()}
        return self._where(settled, tuple(range(len(self.conditions))))

    def among(self, possible: Sequence[Collection[str]]) -> SequenceSpace:
        """Return the sequences of the space in which every position has one of the conditions given for it.

        Parameters
        ----------
        possible : sequence of collections of ConditionCode, length n_periods
            For every position its conditions.

        Returns
        -------
        SequenceSpace
            A part of this space, of the same length.

        Raises
        ------
        ValueError
            If there is no such sequence.

        Examples
        --------
        >>> balanced(4, ("A", "B")).among(["A", "AB", "AB", "A"]).size
        1
        """
        allowed = tuple(tuple(self._symbol(code) for code in codes) for codes in possible)
        return self._part(Agreeing(self.automaton, allowed))

    def opened(self, known: Mapping[int, str]) -> SequenceSpace:
        """Return the space of the periods whose condition is known, where the others are lost.

        Inside a sack the arrangements of what was opened remain equally probable, if the loss did not
        depend on the content. So a randomization test stays exact on the periods that are left.

        Parameters
        ----------
        known : mapping of int to ConditionCode
            Position, from 0, to condition.

        Returns
        -------
        SequenceSpace
            With one period for each known position.

        Raises
        ------
        ValueError
            If the space has no sacks, or no sequence of it agrees.

        Examples
        --------
        >>> randomized_blocks(6, ("on", "off")).opened({0: "on", 1: "off", 2: "off"}).size
        2
        """
        if self.sacks is None or not isinstance(self.automaton, Arrangements):
            raise ValueError(f"a lost period cannot be left out of this design ({self.kind})")
        self.agreeing(known)
        positions = sorted(known)
        sack_of = tuple(self.automaton.sack_of[position] for position in positions)
        counts = [[0] * len(self.conditions) for _ in self.automaton.counts]
        for position, sack in zip(positions, sack_of, strict=True):
            counts[sack][self._symbol(known[position])] += 1
        return SequenceSpace(
            kind=self.kind,
            conditions=self.conditions,
            blocks=tuple(self.blocks[position] for position in positions),
            automaton=Arrangements(sack_of, tuple(map(tuple, counts))).without_empty_sacks(),
        )

    def rearrangements(self, sequence: Sequence[str], conditions: Collection[str]) -> SequenceSpace:
        """Return the sequences of the space in which only some conditions moved, the others in place.

        The reference set of a test of "these conditions do the same", whatever the others do.

        Parameters
        ----------
        sequence : sequence of ConditionCode, length n_periods
            The sequence that was used.
        conditions : collection of ConditionCode
            Those that move.

        Returns
        -------
        SequenceSpace
            Holds the sequence itself.

        Raises
        ------
        ValueError
            If the sequence is not in the space.

        Examples
        --------
        >>> blocks = randomized_blocks(6, ("low", "high", "none"))
        >>> blocks.rearrangements(("low", "high", "none") * 6, {"low", "none"}).size
        64
        """
        self.rank(sequence)
        moving = tuple(symbol for symbol, code in enumerate(self.conditions) if code in conditions)
        in_place = {i: symbol for i, symbol in enumerate(self._symbols(sequence)) if symbol not in moving}
        return self._where(in_place, moving)

    def exchanges(self, sequence: Sequence[str], *renamings: Mapping[str, str]) -> SequenceSpace:
        """Return what becomes of a sequence when conditions change their names, block by block.

        The reference set of a null hypothesis about a pattern: reversing the doses (lowest with
        highest, …), or exchanging the levels of one factor, leaves the design as it was.

        Parameters
        ----------
        sequence : sequence of ConditionCode, length n_periods
            The sequence that was used.
        *renamings : mapping of ConditionCode to ConditionCode
            Each may be applied in every block or not; they must not touch the same condition.

        Returns
        -------
        SequenceSpace
            With r renamings and B blocks, 2^(r B) sequences unless some coincide.

        Raises
        ------
        ValueError
            If the sequence is not in the space, or the design has no independent blocks.

        Examples
        --------
        >>> doses = randomized_blocks(3, ("d0", "d1", "d2", "d3"))
        >>> reverse = {"d0": "d3", "d1": "d2", "d2": "d1", "d3": "d0"}
        >>> doses.exchanges(doses.unrank(0), reverse).size
        8
        """
        if self.kind != "randomized_blocks":
            raise ValueError(f"only randomized blocks can be renamed one by one, not {self.kind}")
        self.rank(sequence)
        maps = [{symbol: symbol for symbol in range(len(self.conditions))}]
        touched: set[int] = set()
        for renaming in renamings:
            step = {self._symbol(old): self._symbol(new) for old, new in renaming.items()}
            if any(step.get(new) != old for old, new in step.items()) or touched & set(step):
                raise ValueError("a renaming exchanges conditions in pairs, and each condition only once")
            touched |= set(step)
            maps += [{old: step.get(new, new) for old, new in done.items()} for done in maps]
        symbols = self._symbols(sequence)
        rows = []
        for block in dict.fromkeys(self.blocks):
            row = [s for s, b in zip(symbols, self.blocks, strict=True) if b == block]
            rows.append(tuple(sorted({tuple(renamed[s] for s in row) for renamed in maps})))
        return SequenceSpace(
            kind="exchanges", conditions=self.conditions, blocks=self.blocks, automaton=Choices(tuple(rows))
        )

    def layers(self) -> tuple[tuple[tuple[Branch, ...], ...], ...]:
        """Lay the space out by position, for programs that handle many sequences at once.

        Returns
        -------
        tuple of length n_periods
            For every position its nodes, for every node its branches (index of the condition, number
            of sequences that go on there, place of the next node in the next layer).
        """
        return layers(self.automaton)

    def _where(self, settled: Mapping[int, int], elsewhere: tuple[int, ...]) -> SequenceSpace:
        """Return the sequences in which some positions are settled and the others hold what is left."""
        if isinstance(self.automaton, Arrangements):
            return self._part(self.automaton.agreeing(settled))
        possible = ((settled[i],) if i in settled else elsewhere for i in range(self.n_periods))
        return self._part(Agreeing(self.automaton, tuple(possible)))

    def _part(self, automaton: Automaton | None) -> SequenceSpace:
        if automaton is None or automaton.root().total == 0:
            raise ValueError("no sequence of this design agrees with what is known")
        return replace(self, automaton=automaton)

    def _symbol(self, code: str) -> int:
        if code not in self.conditions:
            raise ValueError(
                f"{code!r} is not a condition of this design; it has {', '.join(self.conditions)}"
            )
        return self.conditions.index(ConditionCode(code))

    def _symbols(self, sequence: Iterable[object]) -> tuple[int, ...]:
        number = {str(code): index for index, code in enumerate(self.conditions)}
        return tuple(number.get(code, -1) if isinstance(code, str) else -1 for code in sequence)


def randomized_blocks(n_blocks: int, conditions: Sequence[str], per_block: int = 1) -> SequenceSpace:
    """Return the space of blocks that hold every condition equally often, each block in its own order.

    Parameters
    ----------
    n_blocks : int
        1 or more.
    conditions : sequence of ConditionCode
        In the order of the protocol.
    per_block : int
        How often each condition comes in a block.

    Returns
    -------
    SequenceSpace
        ``((r k)! / r!^k)^B`` sequences.

    Raises
    ------
    ValueError
        If a number is below 1, or there are not two different conditions.

    Examples
    --------
    >>> randomized_blocks(6, ("on", "off")).size
    64
    """
    codes = _codes(conditions)
    if n_blocks < 1 or per_block < 1:
        raise ValueError("a design needs at least 1 block, and each condition at least once in it")
    length = per_block * len(codes)
    of = tuple(block for block in range(n_blocks) for _ in range(length))
    return SequenceSpace(
        kind="randomized_blocks",
        conditions=codes,
        blocks=tuple(block + 1 for block in of),
        automaton=Arrangements(of, ((per_block,) * len(codes),) * n_blocks),
    )


def balanced(n: int, conditions: Sequence[str], max_run: int | None = None) -> SequenceSpace:
    """Return the space of all sequences that hold every condition equally often.

    Parameters
    ----------
    n : int
        Number of periods, a multiple of the number of conditions.
    conditions : sequence of ConditionCode
        In the order of the protocol.
    max_run : int or None
        Longest run of one condition. Where it cannot bind it is as if there were none.

    Returns
    -------
    SequenceSpace
        Without blocks.

    Raises
    ------
    ValueError
        If the conditions cannot come equally often, or ``max_run`` is below 1.

    Examples
    --------
    >>> balanced(14, ("A", "B"), max_run=2).size
    518
    """
    codes = _codes(conditions)
    each = _rows(n, codes, "balanced")
    if max_run is not None and max_run < 1:
        raise ValueError(f"max_run is the length of a run and at least 1, got {max_run}")
    automaton: Automaton
    if max_run is None or max_run >= each:
        automaton = Arrangements((0,) * n, ((each,) * len(codes),))
    else:
        automaton = Runs(len(codes), each, max_run)
    return SequenceSpace(kind="balanced", conditions=codes, blocks=(0,) * n, automaton=automaton)


def williams(conditions: Sequence[str], n: int) -> SequenceSpace:
    """Return the space of Williams designs: every condition follows every other one equally often.

    Labels are permuted and rows come in random order; each row is a block. For an even number of
    conditions a square has as many rows as conditions; for an odd number, rows come in mirrored pairs,
    as many pairs as conditions or fewer. Longer designs are several squares, each drawn for itself.

    Parameters
    ----------
    conditions : sequence of ConditionCode
        2 to 6, in the order of the protocol.
    n : int
        Number of periods.

    Returns
    -------
    SequenceSpace
        144 sequences for four conditions in 16 periods; 6, 72, 720 for three in 6, 12, 18.

    Raises
    ------
    ValueError
        If no Williams design has this many periods.

    Examples
    --------
    >>> williams(("A", "B", "C", "D"), 16).size
    144
    """
    codes = _codes(conditions)
    k = len(codes)
    if k > MAX_WILLIAMS:
        raise ValueError(f"a Williams design of {k} conditions is not offered; write {MAX_WILLIAMS} or fewer")
    n_rows = _rows(n, codes, "williams")
    square = 2 * k if k % 2 else k
    smallest = 2 if k % 2 else k
    if n_rows % (square if n_rows > square else smallest):
        wanted = f"{smallest * k}" + (f" up to {square * k}, then of {square * k}" if k % 2 else "")
        raise ValueError(f"a Williams design of {k} conditions has a multiple of {wanted} periods, got {n}")
    parts = (Williams(k, square),) * (n_rows // square) if n_rows > square else (Williams(k, n_rows),)
    return SequenceSpace(
        kind="williams",
        conditions=codes,
        blocks=tuple(row + 1 for row in range(n_rows) for _ in codes),
        automaton=parts[0] if len(parts) == 1 else Chain(parts),
    )


def counterbalanced(conditions: Sequence[str], n: int) -> SequenceSpace:
    """Return the space of one drawn order, then its mirror, and so on by turns.

    Parameters
    ----------
    conditions : sequence of ConditionCode
        In the order of the protocol.
    n : int
        Number of periods, a multiple of the number of conditions.

    Returns
    -------
    SequenceSpace
        ``k!`` sequences, without blocks: one known period can give the whole trial.

    Raises
    ------
    ValueError
        If the conditions cannot come equally often.

    Examples
    --------
    >>> ["".join(s) for s in counterbalanced(("A", "B"), 6)]
    ['ABBAAB', 'BAABBA']
    """
    codes = _codes(conditions)
    n_rows = _rows(n, codes, "counterbalanced")
    return SequenceSpace(
        kind="counterbalanced", conditions=codes, blocks=(0,) * n, automaton=Mirrored(len(codes), n_rows)
    )


def fixed(sequence: Sequence[str], conditions: Sequence[str] | None = None) -> SequenceSpace:
    """Return the space that holds one sequence: nothing is drawn.

    Parameters
    ----------
    sequence : sequence of ConditionCode
        First period first.
    conditions : sequence of ConditionCode or None
        In the order of the protocol; by default in the order in which they come.

    Returns
    -------
    SequenceSpace
        Of size 1.

    Raises
    ------
    ValueError
        If the sequence is empty or holds what is not a condition.

    Examples
    --------
    >>> fixed(("off", "on", "off")).size
    1
    """
    codes = _codes(tuple(dict.fromkeys(sequence)) if conditions is None else conditions)
    if not sequence or not set(sequence) <= set(codes):
        raise ValueError("a fixed sequence names a condition of the protocol for every period")
    counts = tuple(tuple(int(code == held) for code in codes) for held in sequence)
    return SequenceSpace(
        kind="fixed",
        conditions=codes,
        blocks=(0,) * len(sequence),
        automaton=Arrangements(tuple(range(len(sequence))), counts),
    )


def product(*spaces: SequenceSpace) -> SequenceSpace:
    """Return the space of one design after another, such as spare blocks added at the end.

    Parameters
    ----------
    *spaces : SequenceSpace
        At least one, all of the same conditions. Blocks are numbered on.

    Returns
    -------
    SequenceSpace
        As many sequences as the product of the sizes.

    Raises
    ------
    ValueError
        If the conditions differ.

    Examples
    --------
    >>> product(randomized_blocks(6, ("on", "off")), randomized_blocks(1, ("on", "off"))).size
    128
    """
    if len({space.conditions for space in spaces}) != 1:
        raise ValueError("spaces in a row need the same conditions in the same order")
    blocks: list[int] = []
    for space in spaces:
        done = max(blocks, default=0)
        blocks += [block and block + done for block in space.blocks]
    kinds = list(dict.fromkeys(space.kind for space in spaces))
    parts = [space.automaton for space in spaces]
    automaton: Automaton
    if len(parts) == 1:
        automaton = parts[0]
    elif all(isinstance(part, Arrangements) for part in parts):
        automaton = _side_by_side([part for part in parts if isinstance(part, Arrangements)])
    else:
        automaton = Chain(tuple(parts))
    return SequenceSpace(
        kind=kinds[0] if len(kinds) == 1 else "product",
        conditions=spaces[0].conditions,
        blocks=tuple(blocks),
        automaton=automaton,
    )


def _side_by_side(parts: list[Arrangements]) -> Arrangements:
    sack_of: list[int] = []
    counts: list[tuple[int, ...]] = []
    for part in parts:
        sack_of += [sack + len(counts) for sack in part.sack_of]
        counts += part.counts
    return Arrangements(tuple(sack_of), tuple(counts))


def _codes(conditions: Sequence[str]) -> tuple[ConditionCode, ...]:
    if len(conditions) < 1 or len(set(conditions)) != len(conditions):
        raise ValueError(f"conditions must be different from each other, got {list(conditions)}")
    return tuple(ConditionCode(code) for code in conditions)


def _rows(n: int, codes: tuple[ConditionCode, ...], kind: str) -> int:
    if len(codes) < 2 or n < len(codes) or n % len(codes):
        raise ValueError(
            f"{kind} needs a multiple of {len(codes)} periods, so that every condition comes equally often, got {n}"
        )
    return n // len(codes)
