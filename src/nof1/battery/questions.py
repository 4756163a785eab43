"""Ratings and questionnaires as they are asked and scored.

The order of ratings is new every day. Items of a questionnaire stand in their own order and in their own words; the
texts, with whose they are, lie beside this module as data and are never altered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from nof1.battery.questionnaires import QUESTIONNAIRES
from nof1.battery.scored import ScoredValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.battery.seeds import FormKey

SCORER_VERSION: Final = "1"
_UNANSWERED: Final = "an item has no answer"
_FEWEST_FOR_STRAIGHT: Final = 5
_FASTEST_ITEM_MS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireText:
    """A questionnaire that may be shown.

    Attributes
    ----------
    id, label : str
        As in the catalogue.
    stem : str
        What is asked of every item.
    items : tuple of str
        In order.
    options : tuple of str
        Answers; the first counts 0, the next 1, …
    notice : str
        Whose it is; shown with it.
    watched_item : int or None
        Place (from 0) of the item that asks for thoughts of death; None: none does.
    """

    id: str
    label: str
    stem: str
    items: tuple[str, ...]
    options: tuple[str, ...]
    notice: str
    watched_item: int | None = None


@cache
def questionnaire_texts() -> Mapping[str, QuestionnaireText]:
    """Return every questionnaire whose items may be shown.

    Returns
    -------
    mapping of str to QuestionnaireText
        By id; those of the catalogue with `may_be_shown`.
    """
    text = resources.files("nof1.battery").joinpath("questionnaires_en.json").read_text(encoding="utf-8")
    return {
        id_: QuestionnaireText(
            id=id_,
            label=QUESTIONNAIRES[id_].label,
            stem=held["stem"],
            items=tuple(held["items"]),
            options=tuple(held["options"]),
            notice=held["notice"],
            watched_item=len(held["items"]) - 1 if QUESTIONNAIRES[id_].asks_about_suicide else None,
        )
        for id_, held in json.loads(text).items()
    }


def score_questionnaire(id_: str, answers: Sequence[int | None]) -> tuple[ScoredValue, ...]:
    """Compute the scores of a questionnaire that was shown.

    Parameters
    ----------
    id_ : str
        Id in the catalogue.
    answers : sequence of (int or None)
        One for each item, in order: place of the option, from 0; None: not answered.

    Returns
    -------
    tuple of ScoredValue
        The total is missing where an item is: a sum over fewer items would be too low. The single item that is watched
        has its own answer.

    Raises
    ------
    KeyError
        If its items may not be shown.
    ValueError
        If the number of answers, or one of them, cannot be.

    Examples
    --------
    >>> score_questionnaire("gad7", [1, 0, 2, 0, 0, 3, 1])[0].value
    Decimal('7')
    """
    text = questionnaire_texts()[id_]
    if len(answers) != len(text.items):
        raise ValueError(f"{id_} has {len(text.items)} items, got {len(answers)} answers")
    for place, answer in enumerate(answers, 1):
        if answer is not None and not 0 <= answer < len(text.options):
            raise ValueError(f"{id_}, item {place}: found {answer}; write 0 to {len(text.options) - 1}")
    given = [answer for answer in answers if answer is not None]
    total = sum(given) if len(given) == len(answers) else None
    found = {"total": total}
    if text.watched_item is not None:
        found["item9"] = answers[text.watched_item]
    return tuple(
        ScoredValue(score=score.id, value=None, why=_UNANSWERED)
        if found[score.id] is None
        else ScoredValue(score=score.id, value=Decimal(str(found[score.id])))
        for score in QUESTIONNAIRES[id_].scores
    )


def shuffled_items(key: FormKey, items: Sequence[str]) -> tuple[str, ...]:
    """Return ratings in the order of the day.

    Parameters
    ----------
    key : FormKey
        Whose day it is.
    items : sequence of str
        Ids of the ratings.

    Returns
    -------
    tuple of str
        All of them; the same order whenever it is asked for.
    """
    return key.stream("order of items").shuffled(items)


def rating_flags(answers: Sequence[int | None], elapsed_ms: float) -> tuple[str, ...]:
    """Return the quality flags of ratings or of a questionnaire.

    Parameters
    ----------
    answers : sequence of (int or None)
        In the order in which they were asked; None: left out.
    elapsed_ms : float
        From the first item shown to the last answer [ms].

    Returns
    -------
    tuple of str
        Of `nof1.battery.tasks.FLAGS`: ``fast_guess`` below one second an item; ``straight_lining`` where five items or
        more have the same answer other than 0: no trouble at all can be meant.
    """
    given = [answer for answer in answers if answer is not None]
    flags = []
    if given and elapsed_ms < _FASTEST_ITEM_MS * len(given):
        flags.append("fast_guess")
    if len(given) >= _FEWEST_FOR_STRAIGHT and len(set(given)) == 1 and given[0] != 0:
        flags.append("straight_lining")
    return tuple(flags)
