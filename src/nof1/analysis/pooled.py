"""Many people together: the mean effect, how much people differ, what each of them may expect, and the next one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import repeat
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special, stats

from nof1.analysis.contrasts import ContrastLike, contrast_weights, moving
from nof1.analysis.kenward_roger import adjusted, degrees_of_freedom, variance_of_parameters
from nof1.analysis.people import People, people_of
from nof1.analysis.pooled_reml import State, derivatives, fit_people
from nof1.analysis.search import minimise

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from nof1.analysis.trend import Floats, Trend

    Shrunken = tuple[float | None, float | None, float]

FEWEST_PEOPLE = 5
"""People below whom the differences between them cannot be estimated."""
_ALIKE = 1e-12  # share of a mean below which the scatter of estimates is that of the computer
_NOTHING = 1e-10  # share of the variance of a day below which a variance is one of 0
_FEWEST_PERIODS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Individual:
    """What one person may expect.

    Attributes
    ----------
    participant : str
        Who.
    n_days : int
        Observed days.
    own, own_se : float or None
        Estimate from this person alone, with the variances of all [unit]; None below two periods of a condition.
    effect, se : float or None
        Drawn towards the mean of all (with ``spread_singular``: read from the level); its standard error holds the error of that mean (Henderson) and that of the
        variances, which Prasad and Rao count twice [unit].
    ci_low, ci_high : float or None
        Interval of `effect` [unit].
    """

    participant: str
    n_days: int
    own: float | None
    own_se: float | None
    effect: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStage:
    """The cross-check: estimates of single people, then their mean.

    Attributes
    ----------
    estimate, se, df, p_value, ci_low, ci_high : float
        Mean with Hartung, Knapp, Sidik and Jonkman's standard error; t with n - 1 degrees of freedom [unit].
    tau : float
        Standard deviation of true effects by REML [unit].
    n_participants : int
        People with an estimate of their own.
    """

    estimate: float
    se: float
    df: float
    p_value: float
    ci_low: float
    ci_high: float
    tau: float
    n_participants: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledEstimate:
    """What many trials say together.

    Attributes
    ----------
    estimate, se, df, statistic, p_value, ci_low, ci_high : float or None
        Mean effect [unit], Kenward and Roger's standard error and degrees of freedom.
    tau, tau_low, tau_high : float or None
        Standard deviation of true effects between people, and its interval (Q profile) [unit].
    heterogeneity_p : float or None
        Against no differences in effect, by the likelihood ratio with the mixture of chi-squares of a boundary.
    prediction_low, prediction_high : float or None
        Where the true effect of the next person is expected [unit]; from ten people it holds about 90 % in place of 95,
        because the spread is estimated.
    individuals : tuple of Individual
        Everybody.
    two_stage : TwoStage or None
        The cross-check; None below two people with estimates of their own, or if these are alike to the last digit.
    day_sd, period_sd : float or None
        Standard deviation of a day and of a period [unit]; of a period None where each is one day.
    method : str
        ``pooled_model``, or ``participant_means`` below five people.
    n_participants, n_days : int
        People, and days with a score.
    level : float
        Confidence level.
    flags : tuple of str
        ``too_few_participants``; ``few_periods``: somebody has no own estimate; ``singular``: the variance of a
        period is estimated as 0; ``spread_singular``: the covariance of people's condition means is, in some direction,
        as where level and effect correlate with 1 or -1; ``tau_zero``: the variance of effects is; ``not_estimable``,
        also where people's own estimates are alike to the last digit; ``no_data``.
    """

    estimate: float | None = None
    se: float | None = None
    df: float | None = None
    statistic: float | None = None
    p_value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    tau: float | None = None
    tau_low: float | None = None
    tau_high: float | None = None
    heterogeneity_p: float | None = None
    prediction_low: float | None = None
    prediction_high: float | None = None
    individuals: tuple[Individual, ...] = ()
    two_stage: TwoStage | None = None
    day_sd: float | None = None
    period_sd: float | None = None
    method: str = "pooled_model"
    n_participants: int = 0
    n_days: int = 0
    level: float = 0.95
    flags: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values."""
        return asdict(self)


def fit_pooled(
    frame: pd.DataFrame,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    level: float = 0.95,
) -> PooledEstimate:
    """Fit ``value ~ condition + trend + (condition | participant) + (1 | participant:period)`` by REML.

    People differ in their level and in what a condition does to them, so the mean effect has about as many degrees
    of freedom as there are people. What a single person may expect is drawn towards that mean, the more the less is
    known about this person.

    Parameters
    ----------
    frame : DataFrame
        Columns participant, session, period, condition, value (NaN = missing), day where known.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights of the conditions.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term, the same for all; ``exp`` with a time constant of ten sessions.
    level : float
        Confidence level.

    Returns
    -------
    PooledEstimate
        Below five people no model of their differences: a t of their own estimates.

    Raises
    ------
    ValueError
        If the frame or the contrast cannot be meant.

    References
    ----------
    Kenward and Roger 1997, doi:10.2307/2533558. Henderson 1975, doi:10.2307/2529430. Viechtbauer 2007,
    doi:10.1002/sim.2514 (Q profile). Stram and Lee 1994, doi:10.2307/2533455.
    """
    wanted = contrast_weights(contrast)
    if not 0.0 < level < 1.0:
        raise ValueError(f"level: found {level}; write a number between 0 and 1, such as 0.95")
    people = people_of(frame, trend)
    base = PooledEstimate(n_participants=len(people.names), n_days=people.n_days, level=level)
    if not people.n_days:
        return replace(base, flags=("no_data",))
    if any(code not in people.conditions for code in moving(wanted)) or people.spread == 0.0:
        return replace(base, flags=("not_estimable",))
    contrasted = np.array([wanted.get(code, 0.0) for code in people.conditions])
    is_few = len(people.names) < FEWEST_PEOPLE
    state, deviance = fit_people(people, with_spread=not is_few)
    own = _own(people, state, contrasted)
    scale = people.spread
    flags = {
        "too_few_participants": is_few,
        "few_periods": bool(np.isnan(own[:, 0]).any()),
        "singular": state.period == 0.0 and people.has_long_periods,
    }
    base = replace(
        base,
        two_stage=_two_stage(own, level, scale),
        day_sd=scale * float(np.sqrt(state.day)),
        period_sd=scale * float(np.sqrt(state.period)) if people.has_long_periods else None,
        flags=tuple(name for name, holds in flags.items() if holds),
    )
    if is_few:
        individuals = _individuals(people, own, repeat((None, None, 0.0), len(people.names)))
        return _of_means(
            replace(base, individuals=individuals, method="participant_means"), own[:, 0] * scale
        )
    fitted = Fitted(people=people, state=state, deviance=deviance, contrast=contrasted, own=own)
    return _of_model(base, fitted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A model of people, and what each of them says alone."""

    people: People
    state: State
    deviance: float
    contrast: Floats
    own: Floats


def _of_means(base: PooledEstimate, own: Floats) -> PooledEstimate:
    """Take the mean of people's own estimates: a t with one degree of freedom less than people."""
    known = own[np.isfinite(own)]
    if known.size < 2:
        return replace(base, estimate=float(known[0]) if known.size else None)
    mean, se = float(known.mean()), float(known.std(ddof=1) / np.sqrt(known.size))
    if not se > _ALIKE * abs(mean):
        return replace(base, estimate=mean, flags=(*base.flags, "not_estimable"))
    return _with_test(base, mean, se, float(known.size - 1))


def _of_model(base: PooledEstimate, of: Fitted) -> PooledEstimate:
    people, state, contrast = of.people, of.state, of.contrast
    k, p, scale, level = contrast.size, people.p, people.spread, base.level
    weights = np.append(contrast, np.zeros(p - k))
    pieces = derivatives(people, state)
    first, second, traces = pieces.summed()
    variance = variance_of_parameters(state.phi, first, second, traces)
    estimate = scale * float(weights @ state.coefficients)
    if variance is None:
        return replace(base, estimate=estimate, flags=(*base.flags, "not_estimable"))
    se = scale * float(np.sqrt(weights @ adjusted(state.phi, first, second, variance) @ weights))
    df = degrees_of_freedom(weights, state.phi, first, variance)
    tau2 = max(0.0, float(contrast @ state.spread @ contrast))
    low, high = _tau_interval(of.own, level)
    _, without = fit_people(people, with_spread=False)
    tau = scale * float(np.sqrt(tau2))
    flags = {
        "spread_singular": float(np.linalg.eigvalsh(state.spread)[0]) < _NOTHING * state.day,
        "tau_zero": tau2 < _NOTHING * state.day,
    }
    wide = float(special.stdtrit(len(people.names) - 2, 0.5 + level / 2.0)) * float(np.hypot(tau, se))
    return replace(
        _with_test(base, estimate, se, df),
        tau=tau,
        tau_low=None if low is None else scale * low,
        tau_high=None if high is None else scale * high,
        heterogeneity_p=_mixture_p(without - of.deviance, k),
        prediction_low=estimate - wide,
        prediction_high=estimate + wide,
        individuals=_shrunken(
            of,
            pieces.unsure(state, contrast, variance),
            float(special.stdtrit(df, 0.5 + level / 2.0)),
        ),
        flags=(*base.flags, *(name for name, holds in flags.items() if holds)),
    )


def _with_test(base: PooledEstimate, estimate: float, se: float, df: float) -> PooledEstimate:
    half, p_value = _half_and_p(estimate, se, df, base.level)
    return replace(
        base,
        estimate=estimate,
        se=se,
        df=df,
        statistic=estimate / se,
        p_value=p_value,
        ci_low=estimate - half,
        ci_high=estimate + half,
    )


def _half_and_p(estimate: float, se: float, df: float, level: float) -> tuple[float, float]:
    half = float(special.stdtrit(df, 0.5 + level / 2.0)) * se
    return half, float(2.0 * special.stdtr(df, -abs(estimate / se)))


def _mixture_p(difference: float, k: int) -> float:
    """Compare a likelihood ratio with an equal mixture of chi-squares: one person-effect more, or none, on the boundary.

    The larger model has k(k + 1)/2 numbers for people, the smaller one 1.
    """
    many = k * (k + 1) // 2 - 1
    ratio = max(0.0, difference)
    return float(0.5 * stats.chi2.sf(ratio, many) + 0.5 * stats.chi2.sf(ratio, many - 1))


def _own(people: People, state: State, contrast: Floats) -> Floats:
    """Return estimate and variance of every person alone, under the variances of all; NaN where periods are few."""
    k, p = contrast.size, people.p
    plain = people.at(state.day, state.period, 1)
    enough = people.counts[:, np.flatnonzero(contrast)].min(axis=1) >= _FEWEST_PERIODS
    seen = np.column_stack([people.counts > 0, np.ones((len(plain), p - k), dtype=bool)])
    seen &= np.einsum("npp->np", plain)[:, :p] > 0.0
    found = np.full((len(plain), 2), np.nan)
    for columns in np.unique(seen[enough], axis=0):  # most people have met every condition
        which = np.flatnonzero(enough & np.all(seen == columns, axis=1))
        kept = np.flatnonzero(columns)
        gram = plain[which][:, kept[:, None], kept]
        size = np.sqrt(np.einsum("npp->np", gram))
        regular = np.linalg.cond(gram / (size[:, :, None] * size[:, None, :])) <= 1e10
        unit = np.linalg.inv(gram[regular])
        weights = np.append(contrast, np.zeros(p - k))[kept]
        reach = unit @ weights
        right = plain[which[regular]][:, kept, p]
        found[which[regular]] = np.column_stack([np.sum(reach * right, axis=1), reach @ weights])
    return found


def _individuals(people: People, own: Floats, shrunken: Iterable[Shrunken]) -> tuple[Individual, ...]:
    scale = people.spread
    estimates, errors = (scale * own[:, 0]).tolist(), (scale * np.sqrt(own[:, 1])).tolist()
    told = []
    for name, n_days, estimate, error, (effect, se, half) in zip(
        people.names, people.days.tolist(), estimates, errors, shrunken, strict=True
    ):
        known = isfinite(estimate)
        low, high = (effect - half, effect + half) if known and effect is not None else (None, None)
        told.append(
            Individual(
                participant=name,
                n_days=n_days,
                own=estimate if known else None,
                own_se=error if known else None,
                effect=effect,
                se=se,
                ci_low=low,
                ci_high=high,
            )
        )
    return tuple(told)


def _shrunken(of: Fitted, unsure: Floats, t: float) -> tuple[Individual, ...]:
    """Predict what conditions do to each person; errors of the mean and of the variances are part of every error."""
    people, state, contrast = of.people, of.state, of.contrast
    k, p, scale = contrast.size, people.p, people.spread
    along, inside = state.products[:, :k, :p], state.products[:, :k, :k]
    reach = state.spread @ contrast
    moved = (state.products[:, :k] @ state.residual) @ reach
    fixed = np.append(contrast, np.zeros(p - k)) - np.einsum("nkp,k->np", along, reach)
    variance = contrast @ reach - np.einsum("a,nab,b->n", reach, inside, reach)
    variance = variance + np.einsum("np,pq,nq->n", fixed, state.phi, fixed)
    variance = variance + 2.0 * np.maximum(0.0, unsure)
    effects = scale * (float(contrast @ state.coefficients[:k]) + moved)
    errors = scale * np.sqrt(np.maximum(0.0, variance))
    told = zip(effects.tolist(), errors.tolist(), (t * errors).tolist(), strict=True)
    return _individuals(people, of.own, told)


def _known(own: Floats) -> Floats:
    return own[np.isfinite(own[:, 0])]


def _two_stage(own: Floats, level: float, scale: float) -> TwoStage | None:
    known = _known(own)
    n = len(known)
    if n < 2:
        return None
    b, v = known.T

    def deviance(log_tau2: Floats) -> Floats:
        weight = 1.0 / (v + np.exp(log_tau2)[:, None])
        mean = (weight @ b) / weight.sum(axis=1)
        rest = np.sum(weight * (b - mean[:, None]) ** 2, axis=1)
        return np.asarray(rest - np.log(weight).sum(axis=1) + np.log(weight.sum(axis=1)))

    middle = float(np.log(v.mean()))
    place, value = minimise(deviance, middle - 18.0, middle + 18.0)
    tau2 = float(np.exp(place)) if value < float(deviance(np.array([-np.inf]))[0]) - 1e-9 else 0.0
    weight = 1.0 / (v + tau2)
    mean = float(weight @ b / weight.sum())
    spread = float(weight @ (b - mean) ** 2) / (n - 1)
    mean, se = scale * mean, scale * float(np.sqrt(spread / weight.sum()))
    if not se > _ALIKE * abs(mean):
        return None
    half, p_value = _half_and_p(mean, se, float(n - 1), level)
    return TwoStage(
        estimate=mean,
        se=se,
        df=float(n - 1),
        p_value=p_value,
        ci_low=mean - half,
        ci_high=mean + half,
        tau=scale * float(np.sqrt(tau2)),
        n_participants=n,
    )


def _tau_interval(own: Floats, level: float) -> tuple[float | None, float | None]:
    """Return the standard deviations of true effects under which the spread of estimates is not surprising."""
    known = _known(own)
    n = len(known)
    if n < 2:
        return None, None
    b, v = known.T

    def q(tau2: float) -> float:
        weight = 1.0 / (v + tau2)
        mean = weight @ b / weight.sum()
        return float(weight @ (b - mean) ** 2)

    largest = 1e3 * float(b.var(ddof=1) + v.max()) * n

    def solved(bound: float) -> float:
        if q(0.0) <= bound:
            return 0.0
        return float(optimize.brentq(lambda tau2: q(tau2) - bound, 0.0, largest, xtol=1e-14))

    bounds = [float(stats.chi2.ppf(share, n - 1)) for share in (0.5 + level / 2.0, 0.5 - level / 2.0)]
    return float(np.sqrt(solved(bounds[0]))), float(np.sqrt(solved(bounds[1])))
