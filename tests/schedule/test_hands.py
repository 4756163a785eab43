"""Why a poor shuffle does not harm the p-value: the enumerations, for every way the hands can have worked."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from itertools import product as cartesian

import pytest

from nof1.schedule.space import balanced, counterbalanced, randomized_blocks, williams

EXCHANGEABLE = [
    (randomized_blocks(4, "AB"), 16),
    (randomized_blocks(2, "ABC"), 36),
    (randomized_blocks(2, "ABCD"), 576),
    (randomized_blocks(2, "AB", 2), 36),
    (balanced(6, "AB"), 20),
    (balanced(8, "AB"), 70),
    (balanced(6, "ABC"), 90),
]


def _every_map(space):
    """Yield every map code → condition that keeps the counts of each sack, and the codes by sack."""
    codes = [[f"K-{p:02}" for p in sack.positions] for sack in space.sacks]
    contents = [
        sorted(set(permutations([c for c, n in sack.counts for _ in range(n)]))) for sack in space.sacks
    ]
    for filled in cartesian(*contents):
        yield (
            codes,
            {
                code: condition
                for held, conditions in zip(codes, filled, strict=True)
                for code, condition in zip(held, conditions, strict=True)
            },
        )


@pytest.mark.parametrize(("space", "size"), EXCHANGEABLE, ids=range(7))
def test_uniform_for_every_way_of_packing(space, size):
    """Whatever lies in which box: the drawn order of codes makes every sequence equally probable."""
    assert space.size == size
    maps = list(_every_map(space))
    assert len(maps) == size  # every map is a sequence of contents
    # Orders inside one sack do not depend on those of another, so each sack is counted for itself.
    for number, sack in enumerate(space.sacks):
        one_sack = {tuple(s[p] for p in sack.positions) for s in space}
        contents = {tuple(content[code] for code in codes[number]) for codes, content in maps}
        for content in contents:
            seen = Counter(permutations(content))
            assert set(seen) == one_sack
            assert len(set(seen.values())) == 1


@pytest.mark.parametrize(
    "space",
    [space for space, size in EXCHANGEABLE if size in {16, 20, 36, 90}],
    ids=range(5),
)
def test_uniform_over_the_whole_order(space):
    """The same through the space of orders itself, all sacks at once."""
    for codes, content in _every_map(space):
        seen = Counter(tuple(content[code] for code in order) for order in space.orders(codes))
        assert set(seen) == set(space)
        assert len(set(seen.values())) == 1


@pytest.mark.parametrize(
    ("space", "shuffled", "outside", "of"),
    [
        (balanced(6, "AB", 2), balanced(6, "AB"), 6, 20),
        (counterbalanced("AB", 4), balanced(4, "AB"), 4, 6),
    ],
    ids=["max_run", "mirrored"],
)
def test_designs_that_hands_would_leave(space, shuffled, outside, of):
    """These have no sacks, because shuffling makes sequences that the design does not have."""
    assert space.sacks is None
    every = list(shuffled)
    assert (sum(s not in space for s in every), len(every)) == (outside, of)


def test_a_williams_square_has_four_of_the_rows():
    """Once one row is known, 20 of the 24 orders of another row are not in its square."""
    space = williams("ABCD", 16)
    assert space.sacks is None
    rows = {s[i : i + 4] for s in space if s[:4] == tuple("ABDC") for i in range(0, 16, 4)}
    orders = set(permutations("ABCD"))
    assert rows < orders
    assert (len(orders - rows), len(orders)) == (20, 24)


def test_two_different_rows_of_three():
    """Two blocks of three whose rows must differ: 6 of the 36 shuffles repeat a row."""
    shuffled = list(randomized_blocks(2, "ABC"))
    assert (sum(s[:3] == s[3:] for s in shuffled), len(shuffled)) == (6, 36)
    assert all(s[:3] != s[3:] for s in williams("ABC", 6))
    assert williams("ABC", 6).sacks is None
