"""From finished trials of several people to one pooled estimate: which scores, whose, and what is left out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pandas as pd

from nof1.analysis.pooled import PooledEstimate, fit_pooled
from nof1.encoding import sha256_hex
from nof1.terms import ConditionCode, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.dataset import Dataset
    from nof1.protocol.model import Protocol


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
        Name of the contrast, and what is subtracted from what, in the words of the first protocol.
    weights : dict of str to float
        Its weights.
    n_trials, n_protocols : int
        Trials, and different protocols among them.
    n_fixed, n_open, n_simulated : int
        Trials whose order was not drawn; that were not blinded; that were simulated.
    left_out : tuple of (str, str)
        Trials that could not be used, and why.
    """

    estimate: PooledEstimate
    score: str
    label: str
    unit: str
    better: str
    contrast: str
    difference: str
    weights: dict[str, float]
    n_trials: int
    n_protocols: int
    n_fixed: int
    n_open: int
    n_simulated: int
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
        Call people P01, P02, … in an order that tells nothing.
    level : float
        Confidence level.

    Returns
    -------
    PooledTrials
        A trial that does not fit is left out, and named.

    Raises
    ------
    ValueError
        If there is no trial, or the first one has no such contrast.

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
    weights = {code: float(weight) for code, weight in plan.contrasts[name].items()}
    frames: list[pd.DataFrame] = []
    left_out: list[tuple[str, str]] = []
    last: dict[str, tuple[int, int, int]] = {}
    seen: list[tuple[str, dict[str, object], pd.DataFrame]] = []
    for trial, dataset in datasets.items():
        reason = _reason(dataset, wanted, weights)
        if reason:
            left_out.append((trial, reason))
            continue
        person = str(dataset.trial.get("participant") or "")
        label = person if person not in {"", "unnamed"} else trial
        sessions, days, periods = last.get(label, (0, 0, 0))
        frame = dataset.frame(wanted)
        record = dict(dataset.trial)
        twin = next((name for name, other, data in seen if other == record and data.equals(frame)), None)
        if twin is not None:
            left_out.append((trial, f"the same trial as {twin}"))
            continue
        seen.append((trial, record, frame))
        frame = frame.assign(
            participant=label,
            session=frame["session"] + sessions,
            day=pd.to_numeric(frame["day"]) + days,
            period=pd.to_numeric(frame["period"]) + periods,
        )
        last[label] = (
            int(frame["session"].max()) + 1,
            int(frame["day"].max()) + 1,
            int(frame["period"].max()),
        )
        frames.append(frame)
    meaning = first.meanings.get(wanted)
    trend = plan.analysis.trend
    columns = ["participant", "session", "day", "period", "condition", "value"]
    everything = pd.concat(frames)[columns] if frames else pd.DataFrame(columns=columns)
    if without_names:
        everything = everything.assign(participant=everything["participant"].map(_numbers(everything)))
    used = [dataset for trial, dataset in datasets.items() if trial not in dict(left_out)]
    return PooledTrials(
        estimate=fit_pooled(everything, weights, None if trend == "none" else trend, level=level),
        score=wanted,
        label=meaning.label if meaning else wanted,
        unit=meaning.unit if meaning else "",
        better=meaning.better if meaning else "",
        contrast=name,
        difference=_difference(plan, weights) or name,
        weights=weights,
        n_trials=len(used),
        n_protocols=len({dataset.protocol_sha256 for dataset in used}),
        n_fixed=sum(dataset.protocol.design.kind == "fixed" for dataset in used),
        n_open=sum(dataset.protocol.blinding.mode is Mode.OPEN_LABEL for dataset in used),
        n_simulated=sum(bool(dataset.trial.get("is_simulated")) for dataset in used),
        left_out=tuple(left_out),
    )


def _difference(plan: Protocol, weights: Mapping[str, float]) -> str:
    """Say in words what is subtracted from what, where one condition stands against another."""
    moved = {code: weight for code, weight in weights.items() if weight}
    if sorted(moved.values()) != [-1.0, 1.0]:
        return ""
    names = [plan.conditions[ConditionCode(code)].name for code in sorted(moved, key=moved.__getitem__)]
    return f"{names[1]} \N{MINUS SIGN} {names[0]}"


def _reason(dataset: Dataset, score: str, weights: Mapping[str, float]) -> str:
    """Say why a trial cannot be pooled; nothing where it can."""
    if dataset.is_blinded:
        return "not unblinded"
    if score not in dataset.meanings:
        return f"no score {score}"
    lacking = [code for code, weight in weights.items() if weight and code not in dataset.protocol.conditions]
    if lacking:
        return f"no condition {lacking[0]}"
    frame = dataset.frame(score)
    return "" if frame["value"].notna().any() else f"no value of {score}"


def _numbers(frame: pd.DataFrame) -> dict[str, str]:
    names = sorted(frame["participant"].unique(), key=lambda name: sha256_hex(str(name).encode()))
    width = max(2, len(str(len(names))))
    return {name: f"P{number:0{width}d}" for number, name in enumerate(names, start=1)}
