"""The mark of a trial into which somebody looked before its time: no p-value of it confirms anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nof1.analysis.result import Results
    from nof1.report.tables import Table

EXPLORING: Final = frozenset({"unplanned_extension", "unplanned_look", "unblinded_before_lock"})
"""Flags of a trial after which no p-value confirms anything."""
MARK: Final = "exploratory"


def is_exploratory(results: Results) -> bool:
    """Whether somebody saw results by condition, or conditions, when the plan did not allow it.

    Parameters
    ----------
    results : Results
        With the flags of the trial.

    Returns
    -------
    bool
        True where every p must be marked.
    """
    return not EXPLORING.isdisjoint(results.flags)


def marked(table: Table) -> Table:
    """Mark every column of p-values as exploratory.

    Parameters
    ----------
    table : Table
        Any table.

    Returns
    -------
    Table
        The same, with longer heads where a column holds p-values.
    """
    columns = tuple(
        f"{head} ({MARK})" if head == "p" or head.startswith(("p, ", "Randomization")) else head
        for head in table.columns
    )
    return replace(table, columns=columns)
