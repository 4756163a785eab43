"""How the numbers came about, and where each method is published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.analysis.result import OutcomeResult, Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How something was computed, and where that is published."""

    name: str
    text: str
    reference: str = ""


def methods(results: Results) -> tuple[Method, ...]:
    """Say how the numbers came about, with the publication of each method.

    Parameters
    ----------
    results : Results
        The whole trial.

    Returns
    -------
    tuple of Method
        In the order in which the report uses them.
    """
    outcomes = results.outcomes
    used = [
        (True, _MODELS[results.primary.primary_method]),
        (any(one.randomization_test for one in outcomes), _randomization(outcomes)),
        (any(one.period_means for one in outcomes), _PERIOD_MEANS),
        (any(one.paired_blocks for one in outcomes), _PAIRED_BLOCKS),
        (any(one.equivalence for one in outcomes), _EQUIVALENCE),
        (
            any(one.bayes is not None and one.bayes.posterior is not None for one in outcomes),
            _chances(results),
        ),
        (
            any(row.name == "exposure" and row.estimate.estimate is not None for row in results.sensitivity),
            _EXPOSURE,
        ),
        (results.primary.n_family > 1, _HOLM),
        (any(one.max_t_test for one in outcomes), _MAX_T),
        (bool(results.harm_comparisons) or any(one.discrete for one in outcomes), _FEW_VALUES),
    ]
    if results.looks is not None:
        used.append((True, _LOOKS[results.looks.method]))
    used.append((bool(results.blinding.bang), _GUESSES))
    return tuple(method for is_used, method in used if is_used)


def _randomization(outcomes: Sequence[OutcomeResult]) -> Method:
    kinds = {one.randomization_test.kind for one in outcomes if one.randomization_test}
    statistics = [f"The statistic is {STATISTICS[kind]}." for kind in sorted(kinds) if kind in STATISTICS]
    return replace(_RANDOMIZATION, text=" ".join((_RANDOMIZATION.text, *statistics)))


def _chances(results: Results) -> Method:
    method = "" if results.primary.bayes is None else results.primary.bayes.method
    return replace(_CHANCES, text=f"{_GRIDS.get(method, _GRIDS['period_grid'])} {_CHANCES.text}")


_GRIDS: Final[Mapping[str, str]] = {
    "period_grid": (
        "Score on condition and practice, with days that resemble their neighbours inside a period (AR(1)) and an intercept "
        "for each period."
    ),
    "daily_grid": "Day means on condition and practice, with days that resemble their neighbours (AR(1)).",
}
_MODELS: Final[Mapping[str, Method]] = {
    "mixed_model": Method(
        name="Mixed model",
        text=(
            "Score on condition and practice, with a random intercept for each period, by restricted maximum likelihood on "
            "the days that count; standard error and degrees of freedom by Kenward and Roger. Missing days are left missing."
        ),
        reference="Kenward & Roger 1997, Biometrics 53:983, doi 10.2307/2533558",
    ),
    "daily_model": Method(
        name="Daily model",
        text=(
            "Day means on condition and practice, with errors that resemble those of the day before (AR(1) over calendar "
            "days), by restricted maximum likelihood; standard error and degrees of freedom by Kenward and Roger, first order."
        ),
        reference="Kenward & Roger 1997, Biometrics 53:983, doi 10.2307/2533558",
    ),
}
_RANDOMIZATION: Final = Method(
    name="Randomization test",
    text=(
        "The statistic, computed again for the orders that the design could have drawn; p is the share at least as extreme, "
        "two-sided, the true order included. It assumes nothing about how scores are distributed or hang together in time."
    ),
    reference="Edgington 1980, J Educ Stat 5:235, doi 10.3102/10769986005003235; Phipson & Smyth 2010, doi 10.2202/1544-6115.1585",
)
STATISTICS: Final[Mapping[str, str]] = {
    "residual": "the difference between the conditions of the mean of the period means, practice taken out first",
    "prewhitened": (
        "the difference between the conditions of the days, practice and the resemblance of one day to "
        "the next taken out first (prewhitened)"
    ),
    "squares": "the sum of squares between the conditions",
}
"""What a randomization test compares, by the name of its statistic."""
_PERIOD_MEANS: Final = Method(
    name="Period means",
    text="Least squares of period means on condition and mean practice; t with the periods as units.",
)
_PAIRED_BLOCKS: Final = Method(
    name="Paired blocks",
    text="Paired t on the differences within complete blocks.",
    reference="Chen & Chen 2014, PLoS ONE 9:e87752, doi 10.1371/journal.pone.0087752",
)
_EQUIVALENCE: Final = Method(
    name="Equivalence",
    text="Two one-sided tests against the smallest worthwhile difference, with the standard error of the planned model.",
    reference="Schuirmann 1987, J Pharmacokinet Biopharm 15:657, doi 10.1007/BF01068419",
)
_CHANCES: Final = Method(
    name="Chances",
    text=(
        "Flat priors on the coefficients, Jeffreys’ on the variance of a day, and those that are stated on the rest. "
        "Correlation and ratio of variances on a grid, given which the effect follows a t distribution; the prior on the "
        "effect by quadrature. No random numbers are used."
    ),
    reference="Gelman et al. 2013, Bayesian Data Analysis, 3rd edition, doi 10.1201/b16018",
)
_EXPOSURE: Final = Method(
    name="Carry-over as a model",
    text=(
        "Among the alternatives, the condition of a day is replaced by how much of its effect is there: of what was there "
        "on one day the share left on the next follows from the half-life of the protocol, and a day under the condition "
        "adds the rest."
    ),
)
_HOLM: Final = Method(
    name="Several outcomes",
    text="Holm’s correction over all comparisons of the plan.",
    reference="Holm 1979, Scand J Stat 6:65",
)
_MAX_T: Final = Method(
    name="Randomization test for all outcomes",
    text=(
        "Every statistic in units of its own spread over the orders; p is the share of orders whose largest statistic is at "
        "least as large (single-step max-T), for all outcomes of one comparison."
    ),
    reference="Westfall & Young 1993, Resampling-Based Multiple Testing",
)
_FEW_VALUES: Final = Method(
    name="Ratings, counts, yes and no",
    text=(
        "Means, shares of days above the low end, and the chance that a day of one condition lies above one of the other "
        "(ties by half), each averaged over days and then over periods, without a trend; the randomization test of each. "
        "Intervals hold the differences or ratios that, taken out of every period alike, this test does not reject."
    ),
    reference=(
        "Michiels et al. 2017, Behav Res Methods 49:363, doi 10.3758/s13428-016-0714-4; Parker & Vannest 2009, Behav Ther "
        "40:357, doi 10.1016/j.beth.2008.10.006"
    ),
)
_GUESSES: Final = Method(
    name="Guesses",
    text=(
        "Bang’s index for each condition (of more than two, wrong guesses weigh less, so that chance is 0), with the interval "
        "of all values that neither of two exact one-sided score tests at 2.5 % rejects; James’ index with the standard error "
        "of the delta method; the logarithmic score of the stated probabilities. Their p: the share of all orders that the "
        "design could have drawn under which the same guesses do as well."
    ),
    reference=(
        "Bang, Ni & Davis 2004, Control Clin Trials 25:143, doi 10.1016/j.cct.2003.10.016; James et al. 1996, Stat Med "
        "15:1421; Chan & Zhang 1999, Biometrics 55:1202, doi 10.1111/j.0006-341X.1999.01202.x"
    ),
)
_LOOKS: Final[Mapping[str, Method]] = {
    "lan_demets": Method(
        name="Looks before the end",
        text=(
            "Lan–DeMets boundaries with the spending function of O’Brien–Fleming type at shares of the planned blocks, by numerical "
            "integration; the p of the planned test is compared with the level of the look. Every planned look that has passed "
            "counts as taken. Intervals have the level of the look (repeated confidence intervals)."
        ),
        reference="Lan & DeMets 1983, Biometrika 70:659, doi 10.1093/biomet/70.3.659",
    ),
    "e_value": Method(
        name="Looks before the end",
        text=(
            "E-value of the differences within complete blocks: the Bayes factor of a standard normal prior on the standardized "
            "effect, whatever the scale, a martingale without an effect; an effect is claimed where it reached 1 / alpha after any "
            "block."
        ),
        reference=(
            "Gonen et al. 2005, Am Stat 59:252, doi 10.1198/000313005X55233; Wang & Ramdas 2023, arXiv:2310.03722"
        ),
    ),
}
