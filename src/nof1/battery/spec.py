"""What is known about a score, wherever it comes from; and what a task, rating or questionnaire is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.terms import Better, ScoreName

ScoreSource = Literal["task", "rating", "questionnaire", "external"]
Param = Decimal | bool | str | tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSpec:
    """A score as a protocol knows it.

    Attributes
    ----------
    name : ScoreName
        ``<instrument>.<score>``.
    label : str
        In plain words.
    unit : str
        What one is one of.
    better : Better
        Which direction is the good one.
    range : tuple of (Decimal, Decimal)
        Lowest and highest possible value [unit].
    whole : bool
        It counts in whole numbers.
    source : str
        ``task``, ``rating``, ``questionnaire`` or ``external``.
    part : str or None
        The part of the instrument that gives it, where parts are given apart.
    sesoi : Decimal or None
        Smallest effect of interest that is proposed [unit]; the protocol decides.
    is_primary : bool
        One of the scores that the instrument is given for.
    is_harm : bool
        A rating of an unwanted effect.
    noise_sd : Decimal or None
        Standard deviation that one session has from its trials alone, in a person who never changes [unit]:
        a floor; None where it is not known.
    """

    name: ScoreName
    label: str
    unit: str
    better: Better
    range: tuple[Decimal, Decimal]
    whole: bool
    source: ScoreSource
    part: str | None = None
    sesoi: Decimal | None = None
    is_primary: bool = True
    is_harm: bool = False
    noise_sd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreDefinition:
    """A score within its instrument.

    Attributes
    ----------
    id, label, unit, better
        As in `ScoreSpec`, without the instrument.
    low, high : Decimal
        Possible values with the default parameters [unit].
    whole, part, sesoi, is_primary, noise_sd
        As in `ScoreSpec`.
    high_is : tuple of str
        Parameters whose product is the highest value; empty: `high` holds for all.
    high_plus : Decimal
        What is added to that product.
    """

    id: str
    label: str
    unit: str
    better: Better
    low: Decimal
    high: Decimal
    whole: bool = False
    part: str | None = None
    sesoi: Decimal | None = None
    is_primary: bool = False
    high_is: tuple[str, ...] = ()
    high_plus: Decimal = Decimal(0)
    noise_sd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A cognitive test.

    Attributes
    ----------
    id, label, construct : str
        Its name, in plain words, and what it measures.
    minutes : Decimal
        How long it takes with the default parameters.
    run_in_sessions : int
        Practice sessions that are proposed before period 1.
    params : mapping of str to Param
        Every parameter with its default.
    scores : tuple of ScoreDefinition
        The primary ones first.
    parts : tuple of str
        Parts that can be given apart, the first before the second; empty: it is given as a whole.
    words : mapping of str to tuple of str
        Parameters that are words, with the words that they can be.
    """

    id: str
    label: str
    construct: str
    minutes: Decimal
    run_in_sessions: int
    params: Mapping[str, Param]
    scores: tuple[ScoreDefinition, ...]
    parts: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A question that is answered by a number from 0 to 10; our own, CC0.

    Attributes
    ----------
    id, text, low, high : str
        Name, question, and what the two ends mean.
    better : Better
        Which end is the good one.
    is_harm : bool
        Whether it asks for an unwanted effect.
    """

    id: str
    text: str
    low: str
    high: str
    better: Better
    is_harm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """A questionnaire, of which nof1 takes the scores.

    Attributes
    ----------
    id, label : str
        Name and title.
    scores : tuple of ScoreDefinition
        The total first.
    recall_days : int or None
        How far back it asks [days]: it is not given more often than that.
    minutes : Decimal
        How long it takes.
    may_be_shown : bool
        Whether its owner lets everybody show its items; otherwise only scores are entered.
    notice : str
        Whose it is.
    asks_about_suicide : bool
        Whether an item asks for thoughts of death: then the protocol says who is told.
    """

    id: str
    label: str
    scores: tuple[ScoreDefinition, ...]
    recall_days: int | None
    minutes: Decimal
    may_be_shown: bool
    notice: str
    asks_about_suicide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that a protocol can name.

    Attributes
    ----------
    tasks, ratings, questionnaires
        By id.
    """

    tasks: Mapping[str, Task] = field(default_factory=dict)
    ratings: Mapping[str, Rating] = field(default_factory=dict)
    questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)
