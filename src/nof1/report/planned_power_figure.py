"""The power curve as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import PercentFormatter

from nof1.report.drawing import SMALL, add_legend, axes_of, label_axes
from nof1.report.svg import CONDITION_COLOURS, INK, MUTED, Drawing

if TYPE_CHECKING:
    from nof1.analysis.power import PowerResult


def plot_power(result: PowerResult) -> Drawing:
    """Draw the chance to find an effect, over effects.

    Parameters
    ----------
    result : PowerResult
        From `simulate_power`.

    Returns
    -------
    Figure
        Dots with two Monte Carlo standard errors; a second line where the plan wants the randomization test too; lines
        across at the level and at the power that is asked for.
    """
    figure = Drawing(figsize=(6.4, 3.2), layout="constrained")
    axes = axes_of(figure)
    points = (result.type_one, *result.curve)
    effects = [one.effect for one in points]
    lines = [("found by the planned model", [one.found for one in points])]
    if result.type_one.confirmed is not None:
        lines.append(("and by the randomization test", [one.needed for one in points]))
    for (label, rates), colour, marker in zip(lines, CONDITION_COLOURS, "os", strict=False):
        axes.errorbar(
            effects,
            [rate.share for rate in rates],
            yerr=[2.0 * rate.error for rate in rates],
            marker=marker,
            markersize=4,
            linewidth=1.3,
            color=colour,
            label=label,
        )
    for height, what in ((result.alpha, "level"), (result.target, "asked for")):
        axes.axhline(height, color=MUTED, linewidth=0.8, linestyle="--")
        axes.annotate(
            f"{what}: {height:.0%}",
            (1.0, height),
            xycoords=("axes fraction", "data"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right",
            fontsize=SMALL,
            color=INK,
        )
    axes.set_ylim(0.0, 1.04)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    label_axes(axes, x="True effect [SD of a score]", y="Chance to find it")
    add_legend(figure, axes.get_legend_handles_labels()[0])
    return figure
