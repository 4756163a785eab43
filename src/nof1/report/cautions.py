"""Every flag as a sentence for a reader: what happened, and what it does to the claim."""

from __future__ import annotations

from typing import Final

from nof1.analysis.flags import FLAGS, LOWERING

CAUTIONS: Final[dict[str, str]] = {
    # These lower a claim.
    "constant_outcome": "The score never varied, so there is nothing to compare.",
    "implausibly_exact": (
        "The scores, or those under one condition, are almost identical, more exact than such scores can be, "
        "so no p-value that rests on their scatter can be trusted."
    ),
    "condition_mostly_missing": (
        "Under one condition less than half of the planned scores are there, so what was missed may be what mattered."
    ),
    "not_randomized": (
        "The order of the conditions was fixed, not drawn: nothing but this order could have occurred, so a drift over "
        "time cannot be told from an effect."
    ),
    "order_confounded": (
        "One condition always came at the same place of its block, so a drift over time would look like an effect."
    ),
    "too_few_blocks": "There are fewer than three complete blocks: too few for more than a description.",
    "too_few_days": (
        "There are fewer than 12 days with a score, or fewer than 5 under one condition: too few for more than a "
        "description."
    ),
    "too_few_periods": "A condition has fewer than two periods with scores, so nothing tells its effect from chance.",
    "fallback_ols": "The planned model could not be fitted, and a simpler one (least squares with a trend) stands in.",
    "autocorrelation_at_bound": (
        "The estimated resemblance of one day to the next lies at the end of its range, so the interval is uncertain."
    ),
    "unblinded_before_lock": "The conditions were known before data entry was closed.",
    "unplanned_look": "The results were looked at before the planned end, so all p-values are exploratory.",
    # These inform.
    "singular": (
        "The periods of one condition differ no more than chance alone would make them (period variance estimated as "
        "0); then the interval may be too narrow, and a small p deserves doubt, whichever test it comes from."
    ),
    "negative_autocorrelation": (
        "Neighbouring days differ more than distant ones, which is unusual; least squares and the randomization test "
        "stand beside the planned model."
    ),
    "not_estimable": "The scores do not hold this comparison.",
    "condition_absent": "One condition of the comparison has no score at all.",
    "no_data": "There is no score to analyse.",
    "no_allocation": "The conditions are not known yet: this is a blinded review, and nothing is compared.",
    "day_absent": "The data name no days, so the session number stands in for the day.",
    "session_absent": "The data name no sessions, so the order of the rows stands in.",
    "prompts_averaged": "Several scores of one day were averaged, because the day is what was randomized.",
    "period_without_data": "At least one period has no score; the others are analysed, and the test keeps its place.",
    "sparse_period": "At least one period has fewer than three scores.",
    "block_incomplete": "At least one block has lost a condition; what is left of it stays in the planned analysis.",
    "many_missing": "More than 40 % of the planned scores are missing.",
    "unequal_missing": (
        "Scores are missing more often under one condition than under the other; if bad days were skipped, the "
        "difference is overstated."
    ),
    "variance_changed": (
        "The scores scatter more than twice as much in one half of the trial as in the other; the planned model takes "
        "their scatter to be the same throughout."
    ),
    "outlier_decides": "If the outlying scores are pulled in, the verdict is another one.",
    "outliers": "At least one score lies far from the others. None was left out for that reason.",
    "floor_or_ceiling": "More than a quarter of the scores lie at the end of the scale, where a change cannot show.",
    "few_values": "The score takes only a few different values, so its distribution is far from normal.",
    "many_zeros": (
        "More than half of the scores are 0, so a difference is one of how often anything was there rather than of how much."
    ),
    "block_variance_zero": "The variance between blocks is estimated as 0.",
    "trend_unavailable": "The planned practice trend could not be estimated, and a simpler one was taken.",
    "day_variance_unidentified": (
        "There is one day per period, so the variance between periods cannot be told from that between days."
    ),
    "randomization_cannot_confirm": (
        "The design has too few possible orders for the randomization test to reach the level of the plan."
    ),
    "sequence_not_in_space": (
        "The order of the conditions is not one that the design could have drawn, so the randomization test rests on "
        "an assumption that does not hold."
    ),
    "sequence_incomplete": (
        "The condition of a period without scores is not known, so the randomization test cannot repeat the whole draw."
    ),
    "interval_not_attainable": "The design has too few possible orders for a randomization interval at this level.",
    "analysis_failed": "One analysis stopped with an error; the rest of the report still stands.",
    "single_condition": "All scores belong to one condition, so nothing can be compared.",
    "three_to_five_blocks": "With fewer than six blocks of two the randomization test cannot reach p ≤ .05.",
    "period_reused": "A period number stood for several runs of days; the runs were numbered anew.",
    "drift_confounded": "The condition follows time almost exactly, so a drift over time would look like an effect.",
    "late_entries": "Some scores were entered late, from memory or from paper.",
}
"""One sentence per flag of `nof1.analysis.flags`."""

OF_THE_TRIAL: Final[dict[str, str]] = {
    "lock_undone": "Data entry was opened again after it had been closed, before anything was unblinded.",
    "clock_back": "The clock of the computer went backwards at least once, so the times of entry are less certain.",
    "excluded": "Some scores were left out by the person who imported them, for the reasons given.",
}
"""Flags that the record of a trial carries beside those of the analysis."""


def caution(flag: str) -> str:
    """Return the sentence that explains a flag.

    Parameters
    ----------
    flag : str
        A key of `nof1.analysis.flags.FLAGS`.

    Returns
    -------
    str
        A sentence; for a flag without one, its meaning, so that no flag is ever left out of a report.
    """
    known = CAUTIONS.get(flag) or OF_THE_TRIAL.get(flag)
    if known is not None:
        return known
    meaning = FLAGS.get(flag, f"the record notes “{flag.replace('_', ' ')}”")
    return f"{meaning[:1].upper()}{meaning[1:]}."


def ordered(flags: tuple[str, ...]) -> tuple[str, ...]:
    """Put the flags that lower a claim before those that inform.

    Parameters
    ----------
    flags : tuple of str
        In any order.

    Returns
    -------
    tuple of str
        Each flag once.
    """
    return tuple(sorted(dict.fromkeys(flags), key=lambda flag: flag not in LOWERING))
