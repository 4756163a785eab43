"""What a fit has to confess: short stable codes, what each means, and which of them lower a claim."""

from __future__ import annotations

from typing import Final

FLAGS: Final[dict[str, str]] = {
    # These lower a claim.
    "constant_outcome": "the outcome did not vary",
    "implausibly_exact": (
        "the scores follow the model without error, or do not vary under one condition; "
        "no p-value that rests on their scatter can be trusted"
    ),
    "condition_mostly_missing": "a condition of the contrast has less than half of its planned scores",
    "not_randomized": "the order was fixed, not drawn; a drift over time cannot be told from an effect",
    "order_confounded": "one condition always came at the same place of its block, so a trend can look like an effect",
    "too_few_blocks": "fewer than three complete blocks: description only",
    "too_few_days": "fewer than 12 observed days, or fewer than 5 in a condition: description only",
    "too_few_periods": "a condition has fewer than two periods with data",
    "fallback_ols": "the planned model could not be fitted; least squares with trend stands in for it",
    "autocorrelation_at_bound": "the estimated day-to-day correlation lies at its bound",
    "unblinded_before_lock": "the conditions were known before data entry was closed",
    "unplanned_extension": "blocks were added without a rule in the plan, by somebody who knew the conditions",
    "unplanned_look": "the results were looked at before the planned end",
    # These inform.
    "singular": "the variance between periods is estimated as 0",
    "negative_autocorrelation": "neighbouring days differ more than distant ones",
    "not_estimable": "the data do not hold the comparison",
    "condition_absent": "a condition of the contrast has no score at all",
    "no_data": "there is no score to analyse",
    "no_allocation": "the conditions are not known: blinded review",
    "day_absent": "there are no days; the session number stands in",
    "session_absent": "there are no session numbers; the order of the rows stands in",
    "prompts_averaged": "several scores a day were averaged to a day mean",
    "period_without_data": "a period has no score",
    "sparse_period": "a period has fewer than three scores",
    "block_incomplete": "a block has lost a condition",
    "many_missing": "more than 40 % of the planned scores are missing",
    "unequal_missing": "scores are missing more often under one condition than under the other",
    "variance_changed": "the scores scatter more than twice as much in one half of the trial as in the other",
    "outlier_decides": "with its outlying scores pulled in the verdict would be another one",
    "outliers": "at least one score lies far from the others; it stays in",
    "floor_or_ceiling": "more than a quarter of the scores lie at a bound of the scale",
    "few_values": "the score takes few different values",
    "many_zeros": "more than half of the scores are 0",
    "block_variance_zero": "the variance between blocks is estimated as 0",
    "trend_unavailable": "the trend could not be estimated; a simpler one was taken",
    "day_variance_unidentified": "one day per period: the variance of periods cannot be told from that of days",
    "randomization_cannot_confirm": "the smallest p that the design can reach is above alpha",
    "sequence_not_in_space": "the sequence is not one that the design could have drawn",
    "sequence_incomplete": "the condition of a period without scores is not known",
    "interval_not_attainable": "the design has too few sequences for an interval at this level",
    "analysis_failed": "the analysis stopped with an error; the rest of the report still stands",
    "single_condition": "all scores belong to one condition",
    "three_to_five_blocks": "with fewer than six blocks of two the randomization test cannot reach .05",
    "period_reused": "a period number stood for several runs of days; runs were numbered anew",
    "drift_confounded": "the condition follows time almost exactly",
    "late_entries": "some scores were entered late",
}
"""Every flag and its meaning in one line."""

LOWERING: Final[frozenset[str]] = frozenset(
    {
        "constant_outcome",
        "implausibly_exact",
        "condition_mostly_missing",
        "not_randomized",
        "order_confounded",
        "too_few_blocks",
        "too_few_days",
        "too_few_periods",
        "fallback_ols",
        "autocorrelation_at_bound",
        "unblinded_before_lock",
        "unplanned_extension",
        "unplanned_look",
    }
)
"""Flags that turn every claim, also that an effect is small, into inconclusive; all others inform.

One of those that inform, ``floor_or_ceiling``, takes away the two claims that an effect is small."""


def merged(*groups: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Join groups of flags, each flag once, in the order of first use.

    Parameters
    ----------
    *groups : tuple or list of str
        Flags.

    Returns
    -------
    tuple of str
        Distinct flags.

    Raises
    ------
    ValueError
        If a flag is not in `FLAGS`: a code that nobody explains is no flag.

    Examples
    --------
    >>> merged(("singular",), ["singular", "outliers"])
    ('singular', 'outliers')
    """
    flags = tuple(dict.fromkeys(flag for group in groups for flag in group))
    unknown = [flag for flag in flags if flag not in FLAGS]
    if unknown:
        raise ValueError(f"unknown flag {unknown[0]!r}; write it into FLAGS with its meaning")
    return flags
