"""The numbers of other programs beside ours, as something a notebook displays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nof1.analysis.crosscheck import Check, crosscheck
from nof1.report import digits
from nof1.report.render import Shown, show_table
from nof1.report.tables import Table

if TYPE_CHECKING:
    from nof1.analysis.result import OutcomeResult, Results

_NAMES = {
    "estimate": "difference, planned model",
    "standard error": "standard error, planned model",
    "paired t": "t of block differences",
    "paired p": "p of block differences",
    "effect size of differences": "effect size of block differences",
    "equivalence p": "equivalence p of block differences",
}
"""What each number is a number of."""
_ANSWERS = {True: "agrees", False: "differs", None: digits.NOTHING}


def render_crosscheck(results: Results) -> Shown:
    """Compute the primary estimate again with statsmodels and pingouin, and tell both numbers.

    Parameters
    ----------
    results : Results
        From `analyse`; the scores of the primary outcome are taken from it.

    Returns
    -------
    Shown
        A table that displays itself. A program that cannot do the comparison is told as such.
    """
    outcome = results.primary
    trend = "log" if results.protocol is None else results.protocol.analysis.trend
    checks = crosscheck(
        _frame(outcome, results),
        dict(outcome.contrast.weights),
        None if trend == "none" else trend,
        outcome.sesoi,
        is_daily=outcome.primary_method == "daily_model",
        p_values=[None if one.primary is None else one.primary.p_value for one in results.outcomes],
    )
    return show_table(checks_table(checks))


def checks_table(checks: tuple[Check, ...]) -> Table:
    """Put every number that was computed twice into a row.

    Parameters
    ----------
    checks : tuple of Check
        From `crosscheck`.

    Returns
    -------
    Table
        One row per check.
    """
    rows = tuple(
        (
            _NAMES.get(check.name, check.name),
            check.tool,
            f"not cross-checked: {check.note}" if check.note else _ANSWERS[check.agrees],
            digits.brief(check.ours, 5),
            digits.brief(check.theirs, 5),
        )
        for check in checks
    )
    columns = ("Number", "Program", "Comparison", "nof1", "Program's")
    return Table(caption="The same, computed by other programs", columns=columns, rows=rows, n_text_columns=3)


def _frame(outcome: OutcomeResult, results: Results) -> pd.DataFrame:
    """Take the scores that count out of the results, as the analysis had them."""
    series = outcome.series
    blocks = {period.period: period.block for period in results.periods}
    frame = pd.DataFrame(
        {
            "session": series.session,
            "day": series.day,
            "period": series.period,
            "block": [blocks.get(period) for period in series.period],
            "condition": series.condition,
            "value": [float("nan") if value is None else value for value in series.value],
        }
    )
    frame = frame.loc[list(series.analysed)].reset_index(drop=True)
    unknown = [name for name in ("day", "block") if frame[name].isna().all()]
    return frame.drop(columns=unknown)
