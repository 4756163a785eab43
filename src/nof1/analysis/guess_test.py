"""Would the same guesses have looked as good under another order? Counted over all orders that could have been drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.blinding_summary import GuessTest
from nof1.analysis.counting import count_halves, count_listed, half_sizes, halves
from nof1.analysis.reference_set import (
    LARGEST_HALF,
    LARGEST_LISTED,
    N_DRAWS,
    Codes,
    drawn,
    listed,
    segments,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.trend import Floats
    from nof1.schedule.space import SequenceSpace

_CHUNK: Final = 1 << 13


def guess_test(
    worth: Floats,
    known: Mapping[int, str],
    space: SequenceSpace,
    rng: np.random.Generator,
    *,
    n_draws: int = N_DRAWS,
) -> GuessTest | None:
    """Count the orders under which the guesses do as well as under the one that was drawn.

    If the guesses do not depend on what was given, every order that could have been drawn was as likely to
    fit them. That holds however the guesses hang together, so no independence is assumed, and someone who
    always names the conditions in turn, as the blocks do, gains nothing by it. One-sided: only guesses that
    are better than by chance speak against the blind.

    Parameters
    ----------
    worth : ndarray of shape (n_periods, k)
        What the guess about a period adds if the condition, in the order of `space.conditions`, is the true
        one; 0 throughout where there is no guess.
    known : mapping of int to str
        Position, from 0, to the condition that was given; with it at least every position that was guessed at.
    space : SequenceSpace
        Every order that the design could have drawn.
    rng : numpy.random.Generator
        For draws, where the orders are too many to count.
    n_draws : int
        Number of draws.

    Returns
    -------
    GuessTest or None
        None where the order was not one of the space, or nothing was drawn.

    References
    ----------
    Edgington 1980, doi:10.3102/10769986005003235. Phipson and Smyth 2010, doi:10.2202/1544-6115.1585.

    Examples
    --------
    >>> from nof1.schedule.space import randomized_blocks
    >>> on, off = [1.0, 0.0], [0.0, 1.0]
    >>> space, known = randomized_blocks(2, ("on", "off")), dict(enumerate(("on", "off", "off", "on")))
    >>> test = guess_test(np.array([on, off, off, on]), known, space, np.random.default_rng(1))
    >>> test.statistic, test.n_as_extreme, test.n_sequences
    (4.0, 1, 4)
    """
    try:
        agrees = space.size > 1 and space.agreeing(known).size > 0
    except ValueError:
        agrees = False
    if not agrees:
        return None
    place = {str(code): column for column, code in enumerate(space.conditions)}
    statistic = sum(worth[position, place[code]] for position, code in known.items())
    # Counts are two-sided; from the least that each guess can be worth on, nothing is negative.
    least = worth.min(axis=1, keepdims=True)
    above, observed = worth - least, float(statistic - least.sum())
    parts = segments(space)
    exact = True
    if parts is not None and max(half_sizes([len(part) for part in parts])) <= LARGEST_HALF:
        stops = np.cumsum([part.shape[1] for part in parts])[:-1]
        pieces = np.split(above, stops)
        both = halves([_sums(part, piece) for part, piece in zip(parts, pieces, strict=True)])
        count = count_halves(*both, observed)
    else:
        exact = space.size <= LARGEST_LISTED
        count = count_listed(_sums(listed(space) if exact else drawn(space, n_draws, rng), above), observed)
    extra = 0 if exact else 1
    n_sequences = count.n_sequences + extra
    return GuessTest(
        statistic=float(statistic),
        n_as_extreme=count.n_as_extreme + extra,
        n_sequences=n_sequences,
        p_value=(count.n_as_extreme + extra) / n_sequences,
        smallest_p=count.n_most_extreme / n_sequences if exact else 1 / n_sequences,
        exact=exact,
    )


def _sums(codes: Codes, worth: Floats) -> Floats:
    """Return for every sequence what the guesses are worth under it."""
    positions = np.arange(len(worth))
    chunks = (codes[start : start + _CHUNK] for start in range(0, len(codes), _CHUNK))
    return np.concatenate([worth[positions, chunk].sum(axis=1) for chunk in chunks])
