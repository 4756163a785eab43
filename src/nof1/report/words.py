"""The words that every part of the report shares: names of conditions and contrasts, directions, levels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nof1.report.digits import MINUS, NBSP, brief

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.result import Estimate, OutcomeResult, Results, Verdict

VERDICTS: Final[Mapping[Verdict, str]] = {
    "benefit": "Benefit",
    "harm": "Harm",
    "trivial": "Too small to matter",
    "no_worthwhile_difference": "No worthwhile difference",
    "inconclusive": "Inconclusive",
    "not_estimable": "Not estimable",
}
"""The six verdicts as a heading says them."""

MODES: Final[Mapping[str, str]] = {
    "self_blinded": "self-blinded",
    "third_party": "blinded by a third party",
    "open_label": "not blinded",
}

METHODS: Final[Mapping[str, str]] = {
    "mixed_model": "Mixed model, Kenward–Roger",
    "daily_model": "Daily model, Kenward–Roger",
    "period_means": "Least squares on period means",
    "paired_blocks": "Paired t on block differences",
    "ols": "Least squares with trend",
}


_NAMES: Final = frozenset({"Stroop", "Beck", "Hamilton", "Likert", "Sternberg", "Corsi", "Epworth"})
"""People whose names begin the name of a test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is compared with what, in words.

    Attributes
    ----------
    first, second : str
        The two sides; for a contrast of more than two conditions, its name and an empty text.
    difference : str
        How the difference is written, such as ``caffeine − placebo``.
    """

    first: str
    second: str
    difference: str

    @property
    def is_pair(self) -> bool:
        """Whether two conditions stand against each other."""
        return bool(self.second)


def condition_names(results: Results) -> dict[str, str]:
    """Name every condition so that no two names are the same.

    Parameters
    ----------
    results : Results
        Names come from the protocol; doses are added where names repeat, as in a dose trial.

    Returns
    -------
    dict of str to str
        Code to name, in the order of the protocol.
    """
    names = {code: " ".join(name.split()) for code, name in results.conditions.items()}
    if _repeats(names) and results.protocol is not None:
        doses = {code: condition.dose for code, condition in results.protocol.conditions.items()}
        names = {code: f"{name} {doses.get(code) or ''}".strip() for code, name in names.items()}
    if _repeats(names):
        names = {code: f"{name} ({code})" for code, name in names.items()}
    return names


def comparison(outcome: OutcomeResult, names: Mapping[str, str]) -> Comparison:
    """Say what the contrast of an outcome compares.

    Parameters
    ----------
    outcome : OutcomeResult
        With its contrast.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Comparison
        Two names where one condition stands against another, else the name of the contrast.
    """
    weights = {code: weight for code, weight in outcome.contrast.weights.items() if weight}
    if sorted(weights.values()) == [-1, 1]:
        first, second = sorted(weights, key=weights.__getitem__, reverse=True)
        first, second = names.get(first, first), names.get(second, second)
        return Comparison(first=first, second=second, difference=f"{first} {MINUS} {second}")
    return Comparison(
        first=f"the comparison “{contrast_name(outcome.contrast.name)}”{_groups(weights, names)}",
        second="",
        difference=_weighted(weights, names),
    )


def contrast_name(name: str) -> str:
    """Write the name of a contrast as words.

    Parameters
    ----------
    name : str
        As the protocol has it.

    Returns
    -------
    str
        Without the signs that only files need.

    Examples
    --------
    >>> contrast_name("drug_overall")
    'drug overall'
    """
    return name.replace("_", " ")


def direction(value: float) -> str:
    """Say on which side of zero a difference lies.

    Parameters
    ----------
    value : float
        A difference.

    Returns
    -------
    str
        ``higher`` or ``lower``.
    """
    return "higher" if value >= 0 else "lower"


def percent(level: float) -> str:
    """Write a level as a percentage.

    Parameters
    ----------
    level : float
        Between 0 and 1.

    Returns
    -------
    str
        Such as ``95 %``, with a space that does not break.

    Examples
    --------
    >>> percent(0.95).replace(NBSP, " ")
    '95 %'
    """
    return f"{brief(100 * level)}{NBSP}%"


def share(value: float) -> str:
    """Write a share in whole per cent, and never as 0 or 100 when it is neither.

    Parameters
    ----------
    value : float
        Between 0 and 1.

    Returns
    -------
    str
        Such as ``97 %`` or ``more than 99 %``.

    Examples
    --------
    >>> share(0.999).replace(NBSP, " "), share(1.0).replace(NBSP, " "), share(0.001).replace(NBSP, " ")
    ('more than 99 %', '100 %', 'less than 1 %')
    """
    whole = round(100 * value)
    if whole == 0 and value > 0.0:
        return f"less than 1{NBSP}%"
    if whole == 100 and value < 1.0:
        return f"more than 99{NBSP}%"
    return percent(whole / 100)


def counted(n: int, one: str, many: str | None = None) -> str:
    """Write a number of things.

    Parameters
    ----------
    n : int
        How many.
    one : str
        The thing in the singular.
    many : str, optional
        In the plural; by default with an s.

    Returns
    -------
    str
        Such as ``1 period`` or ``12 periods``.

    Examples
    --------
    >>> counted(1, "day"), counted(2, "day"), counted(0, "entry", "entries")
    ('1 day', '2 days', 'no entries')
    """
    return f"{n:,} {one}" if n == 1 else f"{n:,} {many or one + 's'}" if n else f"no {many or one + 's'}"


def was(n: int) -> str:
    """Return the verb that goes with a number of things.

    Parameters
    ----------
    n : int
        How many.

    Returns
    -------
    str
        ``was`` or ``were``.
    """
    return "was" if n == 1 else "were"


def listed(items: list[str]) -> str:
    """Join items as a sentence does.

    Parameters
    ----------
    items : list of str
        Any number.

    Returns
    -------
    str
        Such as ``a, b and c``.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', '')
    """
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def label_in(outcome: OutcomeResult) -> str:
    """Write the name of an outcome as it stands inside a sentence.

    Parameters
    ----------
    outcome : OutcomeResult
        Its label may begin with a capital letter, as a heading does.

    Returns
    -------
    str
        With a small first letter where that is all that was capital; names and abbreviations stay.
    """
    label = outcome.label
    first = label.split(" ", 1)[0].rstrip(",:;")
    is_name = (
        first in _NAMES or first.endswith(("’s", "'s")) or label[1:] != label[1:].lower() or len(first) < 2
    )
    return label if is_name else f"{label[:1].lower()}{label[1:]}"


def told_note(estimate: Estimate, names: Mapping[str, str]) -> str:
    """Say why there is no estimate, with the names of conditions for their codes.

    Parameters
    ----------
    estimate : Estimate
        With its note.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    str
        Without a full stop; empty where there is no note.
    """
    from nof1.analysis.estimation import NO_SCORE_UNDER  # noqa: PLC0415 - numpy; other words need none

    for code, name in names.items():
        if estimate.note == NO_SCORE_UNDER.format(code=code):
            return f"there is no score under {name}"
    return estimate.note.rstrip(".")


def capitalised(text: str) -> str:
    """Begin a sentence with a capital letter and leave the rest as it is.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The same with a capital first letter.
    """
    return text[:1].upper() + text[1:]


def _repeats(names: Mapping[str, str]) -> bool:
    return any(count > 1 for count in Counter(names.values()).values())


def _groups(weights: Mapping[str, float], names: Mapping[str, str]) -> str:
    """Say which conditions stand against which, where each side is their plain average."""
    sides = []
    for sign in (1, -1):
        codes = [code for code, weight in weights.items() if sign * weight > 0]
        if not codes or any(abs(sign * weights[code] * len(codes) - 1) > 1e-9 for code in codes):
            return ""
        sides.append(listed([names.get(code, code) for code in codes]))
    return f" (the average of {sides[0]} against that of {sides[1]})"


def _weighted(weights: Mapping[str, float], names: Mapping[str, str]) -> str:
    terms = []
    for code, weight in sorted(weights.items(), key=lambda term: term[1] < 0):
        sign = MINUS if weight < 0 else "+"
        size = "" if abs(weight) == 1 else f"{brief(abs(weight))}{NBSP}×{NBSP}"
        terms.append(f"{sign} {size}{names.get(code, code)}")
    return " ".join(terms).removeprefix("+ ")
