"""Our own pool of words (CC0): common, concrete English nouns, and the rule by which a typed word is one of them."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from nof1.battery.seeds import FormKey

_SHORTEST_WITH_SLIP = 5


@cache
def pool(lang: str) -> tuple[str, ...]:
    """Return all words of a language.

    Parameters
    ----------
    lang : str
        ``en``.

    Returns
    -------
    tuple of str
        In alphabetical order; lower case.
    """
    text = resources.files("nof1.battery").joinpath(f"words_{lang}.txt").read_text(encoding="utf-8")
    return tuple(text.split())


def dealt(key: FormKey, lang: str, size: int) -> tuple[str, ...]:
    """Return the words of an occasion; none that came before, until all of the pool have come.

    Parameters
    ----------
    key : FormKey
        Whose words; `FormKey.occasion` says the how manieth they are.
    lang : str
        The language.
    size : int
        How many.

    Returns
    -------
    tuple of str
        In random order.

    Raises
    ------
    ValueError
        If the pool holds fewer.
    """
    words = pool(lang)
    per_round = len(words) // size
    if per_round == 0:
        raise ValueError(f"found {size} words; the pool holds {len(words)}")
    turn, place = divmod(key.occasion - 1, per_round)
    order = key.series_stream(f"words {turn}").shuffled(words)
    return order[place * size : (place + 1) * size]


def plain(typed: str) -> str:
    """Return a typed word in the form in which words are compared.

    Parameters
    ----------
    typed : str
        As typed.

    Returns
    -------
    str
        Normal form C, without capitals and white space at its ends.
    """
    return unicodedata.normalize("NFC", typed).strip().casefold()


def recalled(typed: str, wanted: Collection[str], others: Collection[str]) -> str | None:
    """Return the word that was meant.

    Parameters
    ----------
    typed : str
        As typed.
    wanted : collection of str
        Words of the list.
    others : collection of str
        Words that were shown beside it and do not count.

    Returns
    -------
    str or None
        The word itself; or the only one of at least five letters from which it is one slip away (a letter more, less,
        another, or two exchanged), unless what was typed is itself another word of these. None: no word of the list.

    Examples
    --------
    >>> recalled(" Carott", ["carrot", "table"], [])
    'carrot'
    >>> recalled("carot", ["carrot"], ["carot"]) is None
    True
    """
    word = plain(typed)
    if word in wanted:
        return word
    if word in others:
        return None
    near = [one for one in wanted if len(one) >= _SHORTEST_WITH_SLIP and one_slip(word, one)]
    return near[0] if len(near) == 1 else None


def one_slip(one: str, other: str) -> bool:
    """Tell whether two words are at most one slip apart (Damerau–Levenshtein distance of 0 or 1).

    Parameters
    ----------
    one, other : str
        Words.

    Returns
    -------
    bool
        A letter more, less or another, or two neighbours exchanged.

    Examples
    --------
    >>> one_slip("table", "tabel"), one_slip("table", "tables"), one_slip("table", "stables")
    (True, True, False)
    """
    if abs(len(one) - len(other)) > 1:
        return False
    first = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if first is None:
        return True
    a, b = one[first:], other[first:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
