"""Spaces hold exactly the sequences of their design, in one order, under one number each."""

from __future__ import annotations

import pickle
import time
from collections import Counter
from itertools import chain, groupby, pairwise, permutations
from itertools import product as cartesian
from math import factorial

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nof1.schedule.space import (
    SequenceSpace,
    balanced,
    counterbalanced,
    fixed,
    product,
    randomized_blocks,
    williams,
)

from .strategies import balanced_spaces, block_spaces, sequence_spaces, spaces_with_sequence

SECRET = bytes(range(32))
SEVENTY_DAYS = "ABBAABABAABBAABAABABBAABAABBABABABBAABBABAABAABAABBABBABABBABBABBAABBA"


def longest_run(sequence) -> int:
    return max(len(list(run)) for _, run in groupby(sequence))


# --- independent enumerations, straight from the definitions ------------------------------------------


def all_balanced(n, codes, max_run=None):
    arrangements = set(permutations(codes * (n // len(codes)))) if n <= 8 else _multiset(n, codes)
    return sorted(s for s in arrangements if max_run is None or longest_run(s) <= max_run)


def _multiset(n, codes):
    return {s for s in cartesian(codes, repeat=n) if all(s.count(c) == n // len(codes) for c in codes)}


def all_blocks(n_blocks, codes, per_block):
    block = set(permutations(codes * per_block))
    return sorted(tuple(chain(*blocks)) for blocks in cartesian(block, repeat=n_blocks))


def all_williams(codes, n_rows):
    """Relabel the cyclic square, take whole squares or mirrored pairs, and put the rows in every order."""
    k = len(codes)
    zigzag = {2: "01", 3: "012", 4: "0132", 5: "01423"}[k]
    found = set()
    for labels in permutations(codes):
        rows = [tuple(labels[(int(z) + shift) % k] for z in zigzag) for shift in range(k)]
        if k % 2 == 0:
            chosen = [rows]
        else:
            pairs = [(row, row[::-1]) for row in rows]
            chosen = [
                list(chain(*some)) for some in permutations(pairs, n_rows // 2) if list(some) == sorted(some)
            ]
        for square in chosen:
            found.update(tuple(chain(*order)) for order in permutations(square))
    return sorted(found)


def all_mirrored(codes, n_rows):
    return sorted(
        tuple(chain(*(order[::-1] if row % 2 else order for row in range(n_rows))))
        for order in permutations(codes)
    )


SMALL = [
    *[
        (balanced(n, "AB", run), all_balanced(n, "AB", run), f"balanced{n}/{run}")
        for n in (2, 4, 6, 8, 10, 12, 14)
        for run in (None, 1, 2, 3, 4)
    ],
    *[
        (balanced(n, "ABC", run), all_balanced(n, "ABC", run), f"balanced{n}of3/{run}")
        for n in (3, 6, 9)
        for run in (None, 1, 2)
    ],
    (balanced(8, "DBCA", 1), [], "balanced8of4/1"),
    *[
        (randomized_blocks(b, codes, r), all_blocks(b, codes, r), f"{b}blocks of {codes}x{r}")
        for b, codes, r in [
            (1, "AB", 1),
            (5, "AB", 1),
            (2, "AB", 2),
            (1, "AB", 4),
            (2, "ABC", 1),
            (2, "ABCD", 1),
        ]
    ],
    *[
        (williams(codes, len(codes) * rows), all_williams(codes, rows), f"williams {codes}x{rows}")
        for codes, rows in [("AB", 2), ("ABC", 2), ("ABC", 4), ("ABC", 6), ("ABCD", 4), ("ABCDE", 2)]
    ],
    *[
        (counterbalanced(codes, len(codes) * rows), all_mirrored(codes, rows), f"mirrored {codes}x{rows}")
        for codes, rows in [("AB", 1), ("AB", 4), ("ABC", 2), ("ABCD", 3)]
    ],
    (fixed("ABBA"), [tuple("ABBA")], "fixed"),
]


def _in_protocol_order(sequences, conditions):
    return sorted(sequences, key=lambda s: [conditions.index(c) for c in s])


@pytest.mark.parametrize(
    ("space", "every"), [s[:2] for s in SMALL if s[1]], ids=[s[2] for s in SMALL if s[1]]
)
def test_small_spaces_equal_their_definition(space, every):
    """Listing, size, rank and order agree with sequences made from the definition alone."""
    assert list(space) == every
    assert space.size == len(every)
    assert [space.rank(s) for s in every] == list(range(len(every)))


def test_order_is_that_of_the_conditions_not_of_the_alphabet():
    """Conditions are numbered as the protocol writes them; the alphabet plays no part."""
    space = balanced(8, "DBCA", 1)
    assert list(space) == _in_protocol_order(all_balanced(8, "DBCA", 1), "DBCA")
    assert space.unrank(0)[0] == "D"


@pytest.mark.parametrize(
    ("space", "every"),
    [(s, e) for s, e, _ in SMALL if e and s.n_periods <= 8],
    ids=[n for s, e, n in SMALL if e and s.n_periods <= 8],
)
def test_membership_equals_brute_force(space, every):
    """Of all words over the conditions exactly those of the design are in the space."""
    members = set(every)
    for word in cartesian(space.conditions, repeat=space.n_periods):
        assert (word in space) == (word in members)


@pytest.mark.parametrize(
    ("space", "size"),
    [
        (randomized_blocks(6, ("on", "off")), 64),
        (randomized_blocks(5, ("on", "off"), 2), 7776),
        (randomized_blocks(4, ("a", "b", "c")), 6**4),
        (randomized_blocks(2, ("a", "b", "c"), 2), 90**2),
        (balanced(12, ("on", "off")), 924),
        (balanced(14, ("on", "off"), 2), 518),
        (balanced(28, ("on", "off"), 2), 337878),
        (balanced(70, ("on", "off"), 2), 136050710238288),
        (balanced(12, ("a", "b", "c"), 1), 1092),
        (balanced(12, ("on", "off"), 3), 616),
        (williams(tuple("abcd"), 16), 144),
        (williams(tuple("abc"), 6), 6),
        (williams(tuple("abc"), 12), 72),
        (williams(tuple("abc"), 18), 720),
        (williams(tuple("abcd"), 32), 144**2),
        (williams(tuple("abcdef"), 36), 120 * factorial(6)),
        (williams(tuple("abcde"), 50), 12 * factorial(10)),
        (counterbalanced(tuple("abcd"), 8), 24),
        (fixed(("on", "off", "on", "off")), 1),
        (product(randomized_blocks(6, ("on", "off")), randomized_blocks(1, ("on", "off"))), 128),
        (product(williams(tuple("abc"), 6), balanced(6, "abc", 1)), 6 * 30),
    ],
    ids=lambda value: value.kind if isinstance(value, SequenceSpace) else str(value),
)
def test_published_sizes(space, size):
    """The strength of a design is told before the trial: these numbers must be right."""
    assert space.size == size


@pytest.mark.parametrize(
    ("space", "index", "sequence"),
    [
        (randomized_blocks(6, "AB"), 0, "ABABABABABAB"),
        (randomized_blocks(6, "AB"), 15, "ABABBABABABA"),
        (randomized_blocks(6, "AB"), 63, "BABABABABABA"),
        (balanced(14, "AB", 2), 0, "AABAABABABBABB"),
        (balanced(14, "AB", 2), 226, "ABBABAABBABAAB"),
        (balanced(14, "AB", 2), 368, "BABABAABBABAAB"),
        (randomized_blocks(3, "ABC"), 2, "ABCABCBAC"),
        (randomized_blocks(2, "AB", 2), 9, "ABABBAAB"),
        (balanced(6, "AB"), 4, "ABAABB"),
        (balanced(70, "AB", 2), 53169277218255, SEVENTY_DAYS),
    ],
    ids=range(10),
)
def test_published_sequences(space, index, sequence):
    """A released secret must give this sequence for ever."""
    assert space.unrank(index) == tuple(sequence)
    assert space.rank(sequence) == index


def test_draw_unranks_what_was_drawn():
    """`space.draw` is the draw with the label of a sequence, and nothing else."""
    assert "".join(randomized_blocks(6, "AB").draw(SECRET)) == "ABABBABABABA"
    assert "".join(balanced(14, "AB", 2).draw(SECRET)) == "BABABAABBABAAB"


def _completions(a: int, b: int, last: str, run: int, longest: int, known: dict) -> int:
    """Count by plain recursion, as the rule says it."""
    if a == b == 0:
        return 1
    key = (a, b, last, run)
    if key not in known:
        known[key] = sum(
            _completions(a - (c == "A"), b - (c == "B"), c, run + 1 if c == last else 1, longest, known)
            for c, n in (("A", a), ("B", b))
            if n and not (c == last and run == longest)
        )
    return known[key]


@pytest.mark.parametrize(
    ("n", "longest", "index"), [(70, 2, 53169277218255), (84, 3, 10**21), (30, 4, 12345)]
)
def test_large_spaces_equal_a_plain_recursion(n, longest, index):
    """Where a list is impossible, the rule itself, counted without tables or symmetry, gives the same."""
    known: dict = {}
    left = {"A": n // 2, "B": n // 2}
    sequence, last, run, rest = "", "", 0, index
    while len(sequence) < n:
        for code in "AB":
            if not left[code] or (code == last and run == longest):
                continue
            after = {**left, code: left[code] - 1}
            run_after = run + 1 if code == last else 1
            count = _completions(after["A"], after["B"], code, run_after, longest, known)
            if rest < count:
                sequence, left, last, run = sequence + code, after, code, run_after
                break
            rest -= count
    space = balanced(n, "AB", longest)
    assert "".join(space.unrank(index)) == sequence
    assert space.rank(sequence) == index


# --- laws ---------------------------------------------------------------------------------------------


@given(space=sequence_spaces(), fraction=st.fractions(0, 1))
def test_rank_undoes_unrank(space, fraction):
    """Numbers and sequences are one to one: the draw, the test and the verification all lean on it."""
    index = int(fraction * (space.size - 1))
    sequence = space.unrank(index)
    assert sequence in space
    assert space.rank(sequence) == index


@given(space=sequence_spaces(), fractions=st.tuples(st.fractions(0, 1), st.fractions(0, 1)))
def test_ranks_follow_the_lexicographic_order(space, fractions):
    """There is one order for all kinds, so a rank means the same in every report."""
    one, other = (int(f * (space.size - 1)) for f in fractions)

    def key(index):
        return [space.conditions.index(code) for code in space.unrank(index)]

    assert (one < other) == (key(one) < key(other))


@given(space=sequence_spaces())
def test_ends_of_the_numbering(space):
    """There is nothing below 0 and nothing from the size on."""
    for index in (-1, space.size):
        with pytest.raises(ValueError, match="they go from 0 to"):
            space.unrank(index)


@given(space=sequence_spaces(), data=st.data())
def test_what_is_not_in_the_space_has_no_rank(space, data):
    """A wrong sequence is refused by name, not given the rank of a neighbour."""
    wrong = data.draw(
        st.lists(
            st.sampled_from([*space.conditions, "?"]),
            min_size=space.n_periods - 1,
            max_size=space.n_periods + 1,
        )
    )
    assume(tuple(wrong) not in space)
    with pytest.raises(ValueError, match="not a sequence of this design"):
        space.rank(wrong)


@given(space=sequence_spaces())
def test_spaces_are_values(space):
    """Equal designs are equal spaces: they can be keys, and travel to another process."""
    again = pickle.loads(pickle.dumps(space))  # noqa: S301 - our own bytes
    assert again == space
    assert hash(again) == hash(space)
    assert again.size == space.size


@given(space=sequence_spaces())
def test_layers_count_the_same(space):
    """Weights along a path multiply to one sequence; at every node they add up."""
    assume(space.kind != "williams" or len(space.conditions) < 5)
    laid = space.layers()
    assert len(laid) == space.n_periods
    assert sum(branch.total for branch in laid[0][0]) == space.size
    for layer, following in pairwise(laid):
        for node in layer:
            for branch in node:
                assert branch.total == sum(b.total for b in following[branch.following])
    assert all(branch.total == 1 for node in laid[-1] for branch in node)


@given(space=block_spaces() | balanced_spaces())
def test_sacks_say_exactly_when_hands_may_shuffle(space):
    """A space has sacks if and only if exchanging any two kits of a sack stays inside; here: by its rule."""
    binding = space.max_run is not None
    assert (space.sacks is None) == binding
    if space.sacks is not None:
        assert sorted(p for sack in space.sacks for p in sack.positions) == list(range(space.n_periods))
        size = 1
        for sack in space.sacks:
            counts = [n for _, n in sack.counts]
            size *= factorial(sum(counts))
            for n in counts:
                size //= factorial(n)
            assert len(sack.positions) == sum(counts)
            assert {space.blocks[p] for p in sack.positions} == {int(sack.place.removeprefix("block "))}
        assert size == space.size


@given(pair=spaces_with_sequence(), data=st.data())
def test_rearrangements_equal_a_filter(pair, data):
    """Exactly the sequences of the design in which the others stayed in place, in the same order."""
    space, sequence = pair
    assume(space.size <= 3000)
    moving = data.draw(st.sets(st.sampled_from(space.conditions)))
    part = space.rearrangements(sequence, moving)
    expected = [s for s in space if all(a == b for a, b in zip(s, sequence, strict=True) if b not in moving)]
    assert list(part) == expected
    assert part.size == len(expected)
    assert part.rank(sequence) == expected.index(sequence)


@given(pair=spaces_with_sequence(), data=st.data())
def test_agreeing_equals_a_filter(pair, data):
    """What is known about some positions leaves exactly the sequences that agree with it."""
    space, _ = pair
    assume(space.size <= 3000)
    known = data.draw(
        st.dictionaries(st.integers(0, space.n_periods - 1), st.sampled_from(space.conditions), max_size=3)
    )
    expected = [s for s in space if all(s[p] == code for p, code in known.items())]
    if expected:
        assert list(space.agreeing(known)) == expected
    else:
        with pytest.raises(ValueError, match="no sequence of this design agrees"):
            space.agreeing(known)


@pytest.mark.parametrize(
    ("space", "moving", "size"),
    [
        (randomized_blocks(6, ("low", "high", "none")), {"low", "none"}, 2**6),
        (randomized_blocks(4, ("on", "off"), 2), {"on", "off"}, 6**4),
        (williams(tuple("abc"), 18), {"a", "b"}, 8),
        (williams(tuple("abc"), 12), {"a", "b"}, 4),
        (williams(tuple("abcd"), 16), {"a", "b"}, 2),
        (fixed(("on", "off")), {"on", "off"}, 1),
    ],
    ids=range(6),
)
def test_published_sizes_of_reference_sets(space, moving, size):
    """Swaps of one contrast leave so many sequences, from whichever sequence one starts."""
    for index in range(0, space.size, max(1, space.size // 12)):
        assert space.rearrangements(space.unrank(index), moving).size == size


@given(n_blocks=st.integers(1, 3), per_block=st.integers(1, 2), data=st.data())
def test_exchanges_equal_renaming_block_by_block(n_blocks, per_block, data):
    """Reversing the doses, or one factor at each level of the other, gives just these sequences."""
    codes = ("a0", "a1", "b0", "b1")
    space = randomized_blocks(n_blocks, codes, per_block)
    sequence = space.unrank(data.draw(st.integers(0, space.size - 1)))
    renamings = data.draw(
        st.sampled_from(
            [
                [{"a0": "b1", "a1": "b0", "b0": "a1", "b1": "a0"}],
                [{"a0": "b0", "b0": "a0"}, {"a1": "b1", "b1": "a1"}],
                [{"a0": "a1", "a1": "a0"}],
            ]
        )
    )
    length = 4 * per_block
    blocks = [sequence[i : i + length] for i in range(0, len(sequence), length)]
    per_block_rows = []
    for block in blocks:
        rows = {block}
        for renaming in renamings:
            rows |= {tuple(renaming.get(c, c) for c in row) for row in rows}
        per_block_rows.append(rows)
    expected = {tuple(chain(*rows)) for rows in cartesian(*per_block_rows)}
    part = space.exchanges(sequence, *renamings)
    assert set(part) == expected
    assert list(part) == _in_protocol_order(expected, codes)
    assert sequence in part
    assert all(s in space for s in part)
    assert part.size == len(expected)
    assert [part.rank(s) for s in part] == list(range(part.size))


def test_exchanges_refuse_what_is_no_group():
    """Only exchanges in pairs, without overlap, give sets on which a test is exact."""
    space = randomized_blocks(2, "abc")
    first = space.unrank(0)
    with pytest.raises(ValueError, match="in pairs"):
        space.exchanges(first, {"a": "b", "b": "c", "c": "a"})
    with pytest.raises(ValueError, match="only once"):
        space.exchanges(first, {"a": "b", "b": "a"}, {"b": "c", "c": "b"})
    with pytest.raises(ValueError, match="only randomized blocks"):
        balanced(6, "abc").exchanges("abcabc", {"a": "b", "b": "a"})


# --- orders of codes ----------------------------------------------------------------------------------


@given(space=block_spaces(max_blocks=4), fraction=st.fractions(0, 1))
def test_orders_use_every_code_once_in_its_sack(space, fraction):
    """Whatever order is drawn, each sack's kits are used at that sack's positions, each kit once."""
    codes = [[f"K-{sack}{i}" for i in sack.positions] for sack in space.sacks]
    orders = space.orders([held[::-1] for held in codes])
    expected = 1
    for held in codes:
        expected *= factorial(len(held))
    assert orders.size == expected
    order = orders.unrank(int(fraction * (orders.size - 1)))
    for sack, held in zip(space.sacks, codes, strict=True):
        assert sorted(order[p] for p in sack.positions) == sorted(held)


def test_seventy_codes_in_one_sack():
    """Two HMAC blocks, 333 bits: the largest draw that a trial can need."""
    codes = [f"K-{i:02}" for i in range(70)]
    orders = balanced(70, ("on", "off")).orders([codes])
    assert orders.size == factorial(70)
    index = (
        1478391917963669348846390996442615736040325194254551402211445400041220399936325975660184988372417146
    )
    order = orders.unrank(index)
    assert sorted(order) == codes
    assert orders.rank(order) == index


@pytest.mark.parametrize(
    ("space", "codes", "said"),
    [
        (balanced(14, "AB", 2), [["K-1"] * 14], "not exchangeable"),
        (randomized_blocks(2, "AB"), [["K-1", "K-2"]], "one code for each"),
        (randomized_blocks(2, "AB"), [["K-1", "K-2"], ["K-3"]], "one code for each"),
        (randomized_blocks(2, "AB"), [["K-1", "K-2"], ["K-3", "K-1"]], "there twice"),
    ],
)
def test_orders_refuse_codes_that_do_not_fit(space, codes, said):
    """Labels and design must fit before anything is drawn."""
    with pytest.raises(ValueError, match=said):
        space.orders(codes)


# --- refusals of wrong designs ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: balanced(13, "AB"), "multiple of 2 periods"),
        (lambda: balanced(0, "AB"), "multiple of 2 periods"),
        (lambda: balanced(12, "AB", 0), "at least 1"),
        (lambda: randomized_blocks(0, "AB"), "at least 1 block"),
        (lambda: randomized_blocks(3, "AB", 0), "at least 1 block"),
        (lambda: randomized_blocks(3, "AA"), "different from each other"),
        (lambda: williams("ABCD", 20), "multiple of 16 periods, got 20"),
        (lambda: williams("ABC", 9), "multiple of 6 up to 18, then of 18 periods, got 9"),
        (lambda: williams("ABC", 24), "multiple of 6 up to 18, then of 18 periods, got 24"),
        (lambda: williams("ABCDEFG", 98), "7 conditions is not offered"),
        (lambda: counterbalanced("ABC", 4), "multiple of 3 periods"),
        (lambda: fixed((), "AB"), "names a condition"),
        (lambda: fixed("ABC", "AB"), "names a condition"),
        (lambda: product(randomized_blocks(1, "AB"), randomized_blocks(1, "BA")), "same conditions"),
        (lambda: balanced(4, "AB").agreeing({0: "C"}), "'C' is not a condition"),
        (lambda: balanced(4, "AB").rearrangements("AAAB", "AB"), "not a sequence"),
    ],
    ids=range(16),
)
def test_designs_that_cannot_be_are_refused(make, said):
    """The message names the number that would do."""
    with pytest.raises(ValueError, match=said):
        make()


def test_a_run_that_cannot_bind_is_no_rule():
    """Runs longer than the count of a condition cannot happen, so the space is the same and has sacks."""
    assert balanced(8, "AB", 4) == balanced(8, "AB")
    assert balanced(8, "AB", 3) != balanced(8, "AB")
    assert balanced(8, "AB", 4).max_run is None
    assert balanced(8, "AB", 3).max_run == 3


def test_blocks_are_numbered_on_in_a_product():
    """Spare blocks that are added at the end are further blocks."""
    space = product(randomized_blocks(2, "AB"), randomized_blocks(1, "AB", 2))
    assert space.blocks == (1, 1, 2, 2, 3, 3, 3, 3)
    assert [sack.place for sack in space.sacks] == ["block 1", "block 2", "block 3"]
    assert product(balanced(4, "AB"), balanced(4, "AB")).blocks == (0,) * 8


def test_williams_rows_balance_what_comes_before():
    """In every sequence of one square each condition follows every other one once inside rows."""
    for sequence in williams("ABCD", 16):
        rows = [sequence[i : i + 4] for i in range(0, 16, 4)]
        pairs = Counter(pair for row in rows for pair in pairwise(row))
        assert set(pairs.values()) == {1}
        assert len(pairs) == 12


# --- speed --------------------------------------------------------------------------------------------


def test_spaces_are_cheap():
    """A command must not wait for its own space, nor a simulation for its sequences."""
    started = time.perf_counter()
    space = balanced(72, ("on", "off"), 2)  # of a size that no other test has counted before
    assert space.size > 10**14
    built = time.perf_counter() - started
    long = balanced(84, ("on", "off"), 3)
    indices = [long.size * i // 200 for i in range(200)]
    for index in indices:
        long.unrank(index)
    started = time.perf_counter()
    for index in indices:
        long.unrank(index)
    each = (time.perf_counter() - started) / len(indices)
    assert built < 0.05
    assert each < 0.001


@given(space=block_spaces(max_blocks=4) | balanced_spaces(max_each=4), data=st.data())
def test_opened_periods_are_what_is_left_of_each_sack(space, data):
    """Arrangements of the opened counts over the opened positions, whatever the lost kits held."""
    assume(space.sacks is not None)
    sequence = space.unrank(data.draw(st.integers(0, space.size - 1)))
    kept = sorted(data.draw(st.sets(st.integers(0, space.n_periods - 1), min_size=1)))
    part = space.opened({p: sequence[p] for p in kept})
    assert part.n_periods == len(kept)
    assert tuple(sequence[p] for p in kept) in part
    size = 1
    for sack in space.sacks:
        held = [sequence[p] for p in sack.positions if p in kept]
        size *= factorial(len(held))
        for code in space.conditions:
            size //= factorial(held.count(code))
    assert part.size == size
    assert part.blocks == tuple(space.blocks[p] for p in kept)


def test_opened_needs_sacks():
    """Where rules bind, what is left is not equally probable, so no space is made up."""
    with pytest.raises(ValueError, match="cannot be left out"):
        balanced(8, "AB", 2).opened({0: "A"})
