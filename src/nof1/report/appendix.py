"""Tables for those who check a method: two small-sample corrections side by side, and the variances of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nof1.report import digits
from nof1.report.tables import Table
from nof1.report.words import capitalised

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.result import OutcomeResult

_DETAILS: Final[Mapping[str, str]] = {
    "day_variance": "Variance of a day",
    "period_variance": "Variance between periods",
    "block_variance": "Variance between blocks",
    "rho": "Resemblance of one day to the next",
}


def corrections_table(outcome: OutcomeResult) -> Table | None:
    """Put Kenward and Roger's test beside Satterthwaite's, both of the planned model.

    Parameters
    ----------
    outcome : OutcomeResult
        With the details of its planned estimate.

    Returns
    -------
    Table or None
        None where the plan could not be tested, or was tested by something simpler.
    """
    first = outcome.primary
    if first is None or first.p_value is None or "satterthwaite_se" not in first.details:
        return None
    places = digits.estimate_decimals(first)
    se, df, p = (first.details.get(f"satterthwaite_{name}") for name in ("se", "df", "p"))
    rows = (
        ("Kenward–Roger (planned)", *_cells(first.se, first.df, first.p_value, places + 1)),
        ("Satterthwaite", *_cells(se, df, p, places + 1)),
    )
    caption = f"{capitalised(outcome.label)}: two corrections for small samples"
    columns = ("Correction", "Standard error", "df", "p")
    return Table(caption=caption, columns=columns, rows=rows, emphasis=0)


def variances_table(outcome: OutcomeResult) -> Table | None:
    """Tell the variances and the correlation that the planned model found.

    Parameters
    ----------
    outcome : OutcomeResult
        With the details of its planned estimate.

    Returns
    -------
    Table or None
        None where there is none.
    """
    details = {} if outcome.primary is None else outcome.primary.details
    rows = tuple(
        (name, digits.brief(details[key])) for key, name in _DETAILS.items() if details.get(key) is not None
    )
    change, se = details.get("practice_change"), details.get("practice_se")
    if change is not None and se is not None:
        places = digits.estimate_decimals(outcome.primary)
        name = "Change from the first day that counts to the last by practice and time alone (standard error)"
        rows = (*rows, (name, f"{digits.number(change, places)} ({digits.number(se, places)})"))
    caption = f"{capitalised(outcome.label)}: what the planned model found beside the effect"
    return Table(caption=caption, columns=("Quantity", "Value"), rows=rows) if rows else None


def _cells(se: float | None, df: float | None, p: float | None, places: int) -> tuple[str, ...]:
    return (
        digits.number(se, places),
        digits.number(df, 1),
        digits.p_value(p).removeprefix("p ").removeprefix("= "),
    )
