"""A sequence space: all sequences that a design could have drawn, numbered, so that one integer is a draw.

Drawing, the randomization test, the strength of a design and the verification all use this one object;
they cannot disagree about what was possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nof1.schedule.arrangements import Arrangements, Runs
from nof1.schedule.automaton import Agreeing, layers, rank, sequences, unrank
from nof1.schedule.draw import draw
from nof1.schedule.rows import Choices
from nof1.terms import ConditionCode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nof1.schedule.automaton import Automaton, Branch


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
        >>> from nof1.schedule.space import balanced
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
        >>> from nof1.schedule.space import randomized_blocks
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
        >>> from nof1.schedule.space import randomized_blocks
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
        >>> from nof1.schedule.space import randomized_blocks
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
        >>> from nof1.schedule.space import williams
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
        >>> from nof1.schedule.space import balanced
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
        >>> from nof1.schedule.space import randomized_blocks
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

    def opened_in_place(self, known: Mapping[int, str]) -> SequenceSpace:
        """Return the same sequences as `opened`, with the lost periods left standing where they were.

        For programs that find a period by its number. What stands on a lost position is made up, the same in
        every sequence, and says nothing.

        Parameters
        ----------
        known : mapping of int to ConditionCode
            Position, from 0, to condition.

        Returns
        -------
        SequenceSpace
            As long as this one, with as many sequences as `opened` gives.

        Raises
        ------
        ValueError
            If the space has no sacks, or no sequence of it agrees.

        Examples
        --------
        >>> from nof1.schedule.space import randomized_blocks
        >>> randomized_blocks(6, ("on", "off")).opened_in_place({0: "on", 1: "off", 2: "off"}).size
        2
        """
        if self.sacks is None:
            raise ValueError(f"a lost period cannot be left out of this design ({self.kind})")
        filled = self.agreeing(known).unrank(0)
        lost = {i: code for i, code in enumerate(filled) if i not in known}
        # Blocks with a gap cannot be reversed or renamed as wholes.
        return replace(self.agreeing(lost), kind="opened" if lost else self.kind)

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
        >>> from nof1.schedule.space import randomized_blocks
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
        >>> from nof1.schedule.space import randomized_blocks
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
