"""Which rows of the strip are drawn, and what is said of those that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.report.words import capitalised, told_note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.analysis.result import SensitivityRow


def drawn_rows(rows: Sequence[SensitivityRow]) -> list[SensitivityRow]:
    """Return the rows that have an estimate, and the planned one in any case.

    Parameters
    ----------
    rows : sequence of SensitivityRow
        Of one score and contrast.

    Returns
    -------
    list of SensitivityRow
        In the same order.
    """
    return [row for row in rows if row.is_planned or row.estimate.estimate is not None]


def absent_rows(rows: Sequence[SensitivityRow], names: Mapping[str, str]) -> tuple[str, ...]:
    """Say of every alternative that is not there why it is not.

    Parameters
    ----------
    rows : sequence of SensitivityRow
        Of one score and contrast.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    tuple of str
        One sentence for each reason.
    """
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if not row.is_planned and row.estimate.estimate is None:
            reason = told_note(row.estimate, names) or "these scores do not hold it"
            reasons.setdefault(reason, []).append(capitalised(row.label))
    return tuple(f"{'; '.join(labels)}: {reason}." for reason, labels in reasons.items())
