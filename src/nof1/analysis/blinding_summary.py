"""What the guesses of a trial come to: values only, as in `nof1.analysis.result`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A blinding index with its uncertainty.

    Attributes
    ----------
    value : float or None
        None where nothing was guessed.
    se : float or None
        Standard error, guesses taken as independent.
    ci : tuple of (float, float), or None
        Interval at 95 %, guesses taken as independent.
    """

    value: float | None
    se: float | None = None
    ci: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessRow:
    """What the participant believed about one period, beside what it was.

    Attributes
    ----------
    period : int
        From 1.
    condition : str or None
        What it was; None while it is not known.
    guess : str or None
        The condition that seemed most likely; None for a tie and for "don't know".
    probability : float or None
        How likely the first condition of the protocol seemed.
    shares : mapping of str to float
        How likely each condition seemed, adding to 1; empty for "don't know".
    """

    period: int
    condition: str | None
    guess: str | None
    probability: float | None
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessTest:
    """How many orders that could have been drawn would have made the same guesses look as good.

    Attributes
    ----------
    statistic : float
        Of the order that was drawn.
    n_as_extreme, n_sequences : int
        Orders under which the guesses do as well or better (one-sided, the true one included), of how many.
    p_value, smallest_p : float
        Their ratio; and the smallest that these guesses can reach under any order.
    exact : bool
        True where every order was counted, False for uniform draws.
    """

    statistic: float
    n_as_extreme: int
    n_sequences: int
    p_value: float
    smallest_p: float
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindingSummary:
    """The guesses as a table, and what can be said of them.

    Attributes
    ----------
    n_guesses : int
        Periods that were guessed at, "don't know" included.
    n_correct, n_wrong, n_dont_know : int or None
        None while blinded.
    guesses : tuple of GuessRow
        One per period; empty while blinded.
    counts : mapping of str to mapping of str to int
        What it was, what was guessed, how often.
    bang : mapping of str to Index
        Per condition: 1 all right, 0 as by chance, below 0 wrong more often than by chance.
    james : Index or None
        Over all: 0 all right, .5 as by chance, 1 nothing but "don't know" (or all wrong).
    log_score : float or None
        Information that the guesses hold about the conditions, over even odds [bits a guess]: 0 as good as
        even odds, 1 sure and right (of two conditions), below 0 worse than even odds.
    correct_test, log_score_test : GuessTest or None
        Whether so many right guesses, or so high a score, would have come about under other orders as well.
    """

    n_guesses: int = 0
    n_correct: int | None = None
    n_wrong: int | None = None
    n_dont_know: int | None = None
    guesses: tuple[GuessRow, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    bang: Mapping[str, Index] = field(default_factory=dict)
    james: Index | None = None
    log_score: float | None = None
    correct_test: GuessTest | None = None
    log_score_test: GuessTest | None = None
