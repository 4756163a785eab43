"""What the planned model leaves of the scores, in order of session: whether the practice term fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from nof1.report.drawing import NARROW, WIDE, axes_of, label_axes, with_unit
from nof1.report.svg import CONDITION_COLOURS, MUTED, Drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nof1.analysis.result import OutcomeResult


def plot_residuals(outcome: OutcomeResult, *, width: float = WIDE) -> Figure:
    """Draw what is left of every score after condition and practice, and the mean of each period.

    Parameters
    ----------
    outcome : OutcomeResult
        With its residuals.
    width : float
        [inches]

    Returns
    -------
    Figure
        Sessions on the horizontal axis.
    """
    figure = Drawing(figsize=(width, 1.9), layout="constrained")
    axes = axes_of(figure)
    left = outcome.residuals
    if left is not None:
        (line,) = axes.plot(
            left.session, left.value, ".", color=MUTED, ms=4 if len(left.value) < 150 else 2.5, zorder=2
        )
        places = zip(left.session, left.period, left.value, strict=True)
        figure.tell(line, [f"occasion {at:g}, period {period}: {value:.3g}" for at, period, value in places])
        for period in dict.fromkeys(left.period):
            rows = [place for place, one in enumerate(left.period) if one == period]
            mean = sum(left.value[place] for place in rows) / len(rows)
            ends = (left.session[rows[0]] - 0.5, left.session[rows[-1]] + 0.5)
            if len(rows) > 1:
                axes.plot(ends, (mean, mean), color=CONDITION_COLOURS[0], lw=1.8, zorder=3)
    axes.axhline(0, color=MUTED, lw=0.9, ls=(0, (3, 2)), zorder=1)
    label_axes(axes, x="Occasion, run-in counted", y=with_unit("Left over", outcome.unit))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10 if width > NARROW else 6))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    return figure
