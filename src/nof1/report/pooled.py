"""Pooled trials as something a notebook displays: the mean, a forest of people, the next person, the cross-check."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nof1.report import digits
from nof1.report.drawing import SMALL, axes_of, label_axes, shortened, with_unit
from nof1.report.render import Shown, show_table
from nof1.report.svg import CONDITION_COLOURS, INK, LINE, MUTED, Drawing, framed
from nof1.report.tables import Table
from nof1.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nof1.analysis.pooled import Individual
    from nof1.analysis.pooled_trials import PooledTrials

_MOST_IN_FOREST = 60


def render_pooled(pooled: PooledTrials) -> Shown:
    """Show what several trials say together.

    Parameters
    ----------
    pooled : PooledTrials
        From `pool_trials`.

    Returns
    -------
    Shown
        Displays itself as the last value of a notebook cell.
    """
    from markupsafe import escape  # noqa: PLC0415 - the page only

    told = "".join(f"<p>{escape(line)}</p>" for line in pooled_lines(pooled))
    table, notes = show_table(people_table(pooled)), people_notes(pooled)
    noted = "".join(f"<p>{escape(line)}</p>" for line in notes)
    drawn = ""
    if pooled.estimate.individuals:
        label = f"Forest plot. {pooled.label}, {pooled.difference}: each person and the mean. The table has the numbers."
        drawn = framed(plot_forest(pooled), key="forest", label=label)
    text = "\n".join([*pooled_lines(pooled), "", table.text, *notes])
    return Shown(html=f"{told}{drawn}{table.html}{noted}", text=text)


def pooled_lines(pooled: PooledTrials) -> list[str]:
    """Tell mean, spread, prediction and cross-check in sentences.

    Parameters
    ----------
    pooled : PooledTrials
        From `pool_trials`.

    Returns
    -------
    list of str
        Sentences.
    """
    one, unit = pooled.estimate, pooled.unit
    places = digits.decimals_for(one.se)

    def number(value: float) -> str:
        return digits.with_unit(digits.number(value, places), unit)

    def interval(low: float | None, high: float | None) -> str:
        return digits.with_unit(digits.interval(low, high, places), unit)

    percent = _percent(one.level)
    better = f", {pooled.better} is better" if pooled.better else ""
    lines = [f"Simulated: {_of_all(pooled, pooled.n_simulated)}."] if pooled.n_simulated else []
    people, days = counted(one.n_participants, "person", "people"), counted(one.n_days, "day")
    lines.append(f"{pooled.label}{better}. {pooled.difference}: {people}, {days} with a score.")
    if one.estimate is None:
        lines.append(
            "No effect can be estimated from these trials: " + (", ".join(one.flags) or "no data") + "."
        )
    elif one.se is None:
        lines.append(f"The estimate is {number(one.estimate)}; nothing can be said about its error.")
    else:
        lines.append(
            f"Mean effect {number(one.estimate)}, {percent} interval {interval(one.ci_low, one.ci_high)}; "
            f"t({digits.number(one.df, 1)}) = {digits.number(one.statistic)}, {digits.p_value(one.p_value)}."
        )
    if "too_few_participants" in one.flags:
        lines.append(
            "Fewer than five people: the mean is that of their own estimates. How much effects differ between people "
            "is not estimated, and a mean of so few says little about others."
        )
    if one.tau is not None:
        spread = "" if one.tau_low is None else f", {percent} interval {interval(one.tau_low, one.tau_high)}"
        lines.append(
            f"True effects differ between people with a standard deviation of {number(one.tau)}{spread}; test of no "
            f"difference between people{' in any condition' * (len(pooled.weights) > 2)}: {digits.p_value(one.heterogeneity_p)}."
        )
        lines.append(
            f"The true effect in a next person is expected within {interval(one.prediction_low, one.prediction_high)} "
            f"({percent} by formula; in simulations with ten people it was there in about 90 of 100, because the spread "
            "is itself estimated from few)."
        )
    if "tau_zero" in one.flags:
        lines.append(
            "The differences are estimated as 0, so everybody is given the mean; that does not show that all are alike."
        )
    check = one.two_stage
    if check is not None:
        lines.append(
            f"Cross-check in two stages (estimates of single people, then their mean), {check.n_participants} people: "
            f"{number(check.estimate)}, {percent} interval {interval(check.ci_low, check.ci_high)}, "
            f"{digits.p_value(check.p_value)}."
        )
    lines += _limits(pooled)
    if pooled.n_protocols > 1:
        lines.append(f"The trials follow {pooled.n_protocols} different protocols.")
    lines += _differences(pooled)
    return lines + [
        f"Left out: {name or counted(n, 'trial')} ({reason})."
        for (name, reason), n in Counter(pooled.left_out).items()
    ]


def _of_all(pooled: PooledTrials, n: int) -> str:
    return f"{n} of {pooled.n_trials} trials" if n < pooled.n_trials else "all trials"


def _limits(pooled: PooledTrials) -> list[str]:
    """Say what weakens the trials that were pooled."""
    lines: list[str] = []
    if pooled.n_fixed:
        lines.append(
            f"Not randomized: in {_of_all(pooled, pooled.n_fixed)} the order was fixed, so whatever else changed in that order "
            "looks like an effect, and more people with the same order do not help."
        )
    if pooled.n_open:
        lines.append(
            f"Not blinded: in {_of_all(pooled, pooled.n_open)} people knew what they took, so expectation is part of the difference."
        )
    return lines


def _differences(pooled: PooledTrials) -> list[str]:
    """Say in what the plans differ, although their scores mean the same."""

    def told(counts: Iterable[tuple[str, int]]) -> str:
        return ", ".join(f"{words} in {counted(n, 'trial')}" for words, n in counts)

    lines = []
    if pooled.wordings:
        codes = "; ".join(f"{code} is {told(words.items())}" for code, words in pooled.wordings.items())
        lines.append(f"Conditions are worded differently: {codes}.")
    if len(pooled.sesois) > 1:
        sizes = (("none" if size is None else f"{size:g}", n) for size, n in pooled.sesois)
        lines.append(f"The smallest effect of interest is not the same: {told(sizes)}.")
    return lines


def people_table(pooled: PooledTrials) -> Table:
    """Put every person into a row.

    Parameters
    ----------
    pooled : PooledTrials
        From `pool_trials`.

    Returns
    -------
    Table
        The estimate from the own scores, and what is predicted from those of all.
    """
    places = digits.decimals_for(pooled.estimate.se)

    def row(one: Individual) -> tuple[str, ...]:
        return (
            one.participant,
            str(one.n_days),
            digits.number(one.own, places),
            digits.number(one.own_se, places),
            digits.number(one.effect, places),
            digits.NOTHING if one.ci_low is None else digits.interval(one.ci_low, one.ci_high, places),
        )

    interval = f"{_percent(pooled.estimate.level)} interval"
    heads = ("Person", "Days", "Own scores", "Standard error", "Predicted from all", interval)
    n_columns = len(heads) if any(one.effect is not None for one in pooled.estimate.individuals) else 4
    return Table(
        caption=with_unit("Effects of single people", pooled.unit),
        columns=heads[:n_columns],
        rows=tuple(row(one)[:n_columns] for one in pooled.estimate.individuals),
        n_text_columns=1,
    )


def people_notes(pooled: PooledTrials) -> list[str]:
    """Tell what the columns of `people_table` are.

    Parameters
    ----------
    pooled : PooledTrials
        From `pool_trials`.

    Returns
    -------
    list of str
        Sentences, to stand below it; none where nobody is in it.
    """
    if not pooled.estimate.individuals:
        return []
    one = pooled.estimate
    notes = [
        "Own scores: the estimate from each one's own scores; weights and standard error take the variances of all."
    ]
    if "spread_singular" in one.flags and "tau_zero" not in one.flags:
        notes.append(
            "How level and effect of people go together is estimated at its limit, as if one told the other exactly: "
            "predicted effects follow the levels. They are not simply drawn towards the mean, and may lie farther from "
            "it than the own scores, or on its other side."
        )
    elif any(person.effect is not None for person in one.individuals):
        notes.append(
            "Predicted from all: drawn towards the mean, the more the less is known of someone, and by what levels tell "
            "about effects."
        )
    return notes


def _percent(level: float) -> str:
    return f"{100 * level:g}%"


def plot_forest(pooled: PooledTrials) -> Drawing:
    """Draw every person's effect with its interval, and the mean below.

    Parameters
    ----------
    pooled : PooledTrials
        From `pool_trials`.

    Returns
    -------
    Figure
        Crosses: each person's own scores; dots: predicted from all, with the interval (without those, crosses have
        one standard error); diamond: the mean, and behind it where the next person is expected. At most sixty people, evenly chosen over the range
        of effects; the axis says so.
    """
    one = pooled.estimate
    people = sorted(one.individuals, key=_shown)
    step = -(-len(people) // _MOST_IN_FOREST) if people else 1
    people = people[::step]
    figure = Drawing(figsize=(6.4, 1.6 + 0.24 * (len(people) + 2)), layout="constrained")
    axes = axes_of(figure)
    colour = CONDITION_COLOURS[0]
    rows = list(range(len(people), 0, -1))
    for place, person in zip(rows, people, strict=True):
        if person.ci_low is not None and person.ci_high is not None:
            axes.plot([person.ci_low, person.ci_high], [place, place], color=colour, linewidth=1.2)
        if person.own is not None:
            error = person.own_se if person.effect is None else None
            axes.errorbar(
                [person.own], [place], xerr=error, fmt="x", markersize=4, color=MUTED, linewidth=1.0,
                label=f"own scores{'' if error is None else ' ± standard error'}",
            )  # fmt: skip
        if person.effect is not None:
            axes.plot(
                [person.effect], [place], marker="o", markersize=4, color=colour, linestyle="none",
                label=f"predicted from all, with {_percent(one.level)} interval",
            )  # fmt: skip
    if one.prediction_low is not None and one.prediction_high is not None:
        axes.plot(
            [one.prediction_low, one.prediction_high], [0, 0], color=LINE, linewidth=6, solid_capstyle="butt",
            label="the next person",
        )  # fmt: skip
    if one.ci_low is not None and one.ci_high is not None:
        axes.plot([one.ci_low, one.ci_high], [0, 0], color=INK, linewidth=2.4)
    if one.estimate is not None:
        axes.plot([one.estimate], [0], marker="D", markersize=5, color=INK, linestyle="none", label="mean")
    axes.axvline(0.0, color=MUTED, linewidth=0.8)
    axes.set_yticks([*rows, 0], [*(shortened(person.participant, 24) for person in people), "mean"])
    some = "" if step == 1 else f", one person in {step}"
    better = f" ({pooled.better} is better)" if pooled.better else ""
    label_axes(
        axes, x=with_unit(f"{pooled.label}{better}, {shortened(pooled.difference, 60)}{some}", pooled.unit)
    )
    marks = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(
        marks.values(), marks.keys(), loc="outside upper left", ncols=2, frameon=False, fontsize=SMALL, labelcolor=INK,
    )  # fmt: skip
    return figure


def _shown(person: Individual) -> float:
    return next((value for value in (person.effect, person.own) if value is not None), 0.0)
