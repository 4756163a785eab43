"""From finished trials of several people to one pooled estimate: which scores, whose, and what is left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from nof1.analysis.pooled import PooledEstimate, fit_pooled
from nof1.encoding import sha256_hex
from nof1.terms import ConditionCode, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.analysis.dataset import Dataset
    from nof1.analysis.meaning import Meaning
    from nof1.protocol.model import Protocol


class _Scale(NamedTuple):
    """What a number of a score means."""

    better: str
    unit: str
    low: float | None
    high: float | None

    @property
    def span(self) -> str:
        return f"{_end(self.low)} to {_end(self.high)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledTrials:
    """A pooled estimate, and what it rests on.

    Attributes
    ----------
    estimate : PooledEstimate
        The result.
    score, label, unit, better : str
        Which score, in words, its unit, which direction is the better one (empty where that is not known).
    contrast, difference : str
        Name of the contrast, and what is subtracted from what, in the words of the first trial that is used.
    weights : dict of str to float
        Its weights.
    n_conditions : int
        Conditions of the plan, those of the contrast and others.
    n_trials, n_protocols : int
        Trials, and different protocols among them.
    n_fixed, n_open, n_simulated : int
        Trials whose order was not drawn; that were not blinded; that were simulated.
    wordings : dict of str to dict of str to int
        Code of a condition that is not called the same in all protocols, to its words, to the trials that use them.
    sesois : tuple of (float or None, int)
        Smallest effects of interest [unit], and in how many trials; None where a plan has none for this score.
    left_out : tuple of (str, str)
        Trials that could not be used, and why; the names are empty where none are to be told.
    """

    estimate: PooledEstimate
    score: str
    label: str
    unit: str
    better: str
    contrast: str
    difference: str
    weights: dict[str, float]
    n_conditions: int
    n_trials: int
    n_protocols: int
    n_fixed: int
    n_open: int
    n_simulated: int
    wordings: dict[str, dict[str, int]]
    sesois: tuple[tuple[float | None, int], ...]
    left_out: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values."""
        return asdict(self)


def pool_trials(
    datasets: Mapping[str, Dataset],
    *,
    score: str | None = None,
    contrast: str | None = None,
    without_names: bool = False,
    level: float = 0.95,
) -> PooledTrials:
    """Pool finished trials with the same conditions and the same score.

    Parameters
    ----------
    datasets : mapping of str to Dataset
        Name of a trial to its data, unblinded.
    score : str, optional
        ``<instrument>.<score>``; the primary outcome of the first trial by default.
    contrast : str, optional
        A contrast of the first trial's plan; its primary one by default.
    without_names : bool
        Call people P01, P02, … in an order that tells nothing, and tell no name of a trial either.
    level : float
        Confidence level.

    Returns
    -------
    PooledTrials
        A trial that does not fit is left out, and named; so is one whose score has another direction, unit or range
        than that of most trials (where two have as many, the one that is named first).

    Raises
    ------
    ValueError
        If there is no trial, none has such a score, or the first one has no such contrast.

    Notes
    -----
    Trials are one person each, unless two records name the same participant: then they are parts of one person's data.
    A trial that is given twice, such as a copy of its folder, counts once.
    """
    if not datasets:
        raise ValueError("datasets: there is no trial to pool")
    first = next(iter(datasets.values()))
    plan = first.protocol
    wanted, name = score or str(plan.outcomes.primary.score), contrast or next(iter(plan.contrasts))
    if name not in plan.contrasts:
        raise ValueError(f"the plan has no contrast {name!r}; it has {', '.join(plan.contrasts)}")
    if all(wanted not in dataset.meanings for dataset in datasets.values()):
        there = dict.fromkeys(known for dataset in datasets.values() for known in dataset.meanings)
        raise ValueError(f"no trial has a score {wanted!r}; there are {', '.join(there)}")
    weights = {code: float(weight) for code, weight in plan.contrasts[name].items()}
    reasons, found = _reasons(datasets, wanted, weights, without_names=without_names)
    used = {trial: dataset for trial, dataset in datasets.items() if not reasons[trial]}
    frames: list[pd.DataFrame] = []
    last: dict[str, tuple[int, int, int]] = {}
    for trial, dataset in used.items():
        person = str(dataset.trial.get("participant") or "")
        label = person if person not in {"", "unnamed"} else trial
        sessions, days, periods = last.get(label, (0, 0, 0))
        frame = found[trial]
        frame = frame.assign(
            participant=label,
            session=frame["session"] + sessions,
            day=_days(frame) + days,
            period=pd.to_numeric(frame["period"]) + periods,
        )
        last[label] = (
            int(frame["session"].max()) + 1,
            int(frame["day"].max()) + 1,
            int(frame["period"].max()),
        )
        frames.append(frame)
    telling = next(iter(used.values()), first)
    meaning = telling.meanings.get(wanted)
    trend = plan.analysis.trend
    columns = ["participant", "session", "day", "period", "condition", "value"]
    everything = pd.concat(frames)[columns] if frames else pd.DataFrame(columns=columns)
    if without_names:
        everything = everything.assign(participant=everything["participant"].map(_numbers(everything)))
    pooled = tuple(used.values())
    return PooledTrials(
        estimate=fit_pooled(everything, weights, None if trend == "none" else trend, level=level),
        score=wanted,
        label=meaning.label if meaning else wanted,
        unit=meaning.unit if meaning else "",
        better=meaning.better if meaning else "",
        contrast=name,
        difference=_difference(telling.protocol, weights) or name,
        weights=weights,
        n_conditions=len(plan.conditions),
        n_trials=len(pooled),
        n_protocols=len({dataset.protocol_sha256 for dataset in pooled}),
        n_fixed=sum(dataset.protocol.design.kind == "fixed" for dataset in pooled),
        n_open=sum(dataset.protocol.blinding.mode is Mode.OPEN_LABEL for dataset in pooled),
        n_simulated=sum(bool(dataset.trial.get("is_simulated")) for dataset in pooled),
        wordings=_wordings(pooled, weights),
        sesois=tuple(Counter(_sesoi(dataset.protocol, wanted) for dataset in pooled).items()),
        left_out=tuple(
            ("" if without_names else trial, reason) for trial, reason in reasons.items() if reason
        ),
    )


def _difference(plan: Protocol, weights: Mapping[str, float]) -> str:
    """Say in words what is subtracted from what, where one condition stands against another."""
    moved = {code: weight for code, weight in weights.items() if weight}
    if sorted(moved.values()) != [-1.0, 1.0]:
        return ""
    names = [plan.conditions[ConditionCode(code)].name for code in sorted(moved, key=moved.__getitem__)]
    return f"{names[1]} \N{MINUS SIGN} {names[0]}"


def _days(frame: pd.DataFrame) -> pd.Series[float]:
    """Return the days; where a file told none, every session counts as one, as in the analysis of the trial alone."""
    days = pd.to_numeric(frame["day"])
    return frame["session"].astype(float) if days.isna().all() else days


def _reasons(
    datasets: Mapping[str, Dataset], score: str, weights: Mapping[str, float], *, without_names: bool
) -> tuple[dict[str, str], dict[str, pd.DataFrame]]:
    """Say of every trial why it cannot be pooled, nothing where it can; and give the scores of those that differ."""
    reasons = {trial: _reason(dataset, score, weights) for trial, dataset in datasets.items()}
    frames: dict[str, pd.DataFrame] = {}
    for trial in [trial for trial, reason in reasons.items() if not reason]:
        record, frame = datasets[trial].trial, datasets[trial].frame(score)
        twins = (one for one, data in frames.items() if datasets[one].trial == record and data.equals(frame))
        if frame["value"].isna().all():
            reasons[trial] = f"no value of {score}"
        elif (twin := next(twins, None)) is not None:
            reasons[trial] = f"the same trial as {'another one' if without_names else twin}"
        else:
            frames[trial] = frame
    scales = {trial: _scale(datasets[trial].meanings[score]) for trial in frames}
    counts = Counter(scales.values())
    for trial, own in scales.items():
        reasons[trial] = _scale_reason(own, max(counts, key=counts.__getitem__))
    return reasons, frames


def _reason(dataset: Dataset, score: str, weights: Mapping[str, float]) -> str:
    """Say why a trial cannot be pooled, whatever its scores are; nothing where it can."""
    if dataset.is_blinded:
        return "not unblinded"
    if score not in dataset.meanings:
        return f"no score {score}"
    lacking = [code for code, weight in weights.items() if weight and code not in dataset.protocol.conditions]
    return f"no condition {lacking[0]}" if lacking else ""


def _scale(meaning: Meaning) -> _Scale:
    return _Scale(better=meaning.better, unit=meaning.unit, low=meaning.low, high=meaning.high)


def _scale_reason(own: _Scale, most: _Scale) -> str:
    """Say in what the numbers of a trial do not mean what those of most trials mean; nothing where they do."""
    told = []
    if own.better != most.better:
        told.append(f"its score is better when {own.better}, here when {most.better}")
    if own.unit != most.unit:
        told.append(f"its unit is {own.unit or 'none'}, here {most.unit or 'none'}")
    if own.low != most.low:
        told.append(f"its scale goes from {own.span}, here from {most.span}")
    elif own.high != most.high:
        told.append(f"its scale goes to {_end(own.high)}, here to {_end(most.high)}")
    return "; ".join(told)


def _end(value: float | None) -> str:
    return "no end" if value is None else f"{value:,.12g}"


def _wordings(datasets: Sequence[Dataset], weights: Mapping[str, float]) -> dict[str, dict[str, int]]:
    """Count the words for each condition of the contrast that is not called the same everywhere."""
    moved = [code for code, weight in weights.items() if weight]
    counted = {code: dict(Counter(_words(one.protocol, code) for one in datasets)) for code in moved}
    return {code: words for code, words in counted.items() if len(words) > 1}


def _words(protocol: Protocol, code: str) -> str:
    condition = protocol.conditions[ConditionCode(code)]
    return ", ".join(filter(None, (condition.name, condition.dose)))


def _sesoi(protocol: Protocol, score: str) -> float | None:
    found = next((one.sesoi for _, one in protocol.outcome_list() if str(one.score) == score), None)
    return None if found is None else float(found)


def _numbers(frame: pd.DataFrame) -> dict[str, str]:
    names = sorted(frame["participant"].unique(), key=lambda name: sha256_hex(str(name).encode()))
    width = max(2, len(str(len(names))))
    return {name: f"P{number:0{width}d}" for number, name in enumerate(names, start=1)}
