"""What a design can find, in lines for a terminal and in tables for a notebook."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from nof1.analysis.planned_words import UNKNOWN_SPREAD, beside, smallest_effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.analysis.planned import Scale
    from nof1.analysis.power import PowerResult
    from nof1.analysis.power_designs import Variant
    from nof1.analysis.power_question import Power, Rate
    from nof1.analysis.simulate import Person
    from nof1.report.render import Shown


class Rows(NamedTuple):
    """A table, its first column words."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def render_power(result: PowerResult) -> Shown:
    """Show what a design can find.

    Parameters
    ----------
    result : PowerResult
        From `simulate_power`.

    Returns
    -------
    Shown
        Displays itself as the last value of a notebook cell.
    """
    from nof1.report.planned_power_figure import plot_power  # noqa: PLC0415 - a terminal needs no matplotlib
    from nof1.report.render import Shown, show_table  # noqa: PLC0415 - nor the page
    from nof1.report.svg import framed  # noqa: PLC0415
    from nof1.report.tables import Table  # noqa: PLC0415

    parts = [show_table(Table(n_text_columns=1, **one._asdict())) for one in power_tables(result)]
    lines = power_lines(result)
    first = "; ".join(line.strip() for line in first_lines(result.planned, result.alpha, result.scale))
    told = (first, *person_lines(result.person), *conclusion_lines(result))
    label = "Power curve: the chance to find an effect, over effects. The table has the numbers."
    figure = framed(plot_power(result), key="power", label=label)
    html = "".join(f"<p>{_escaped(line)}</p>" for line in told) + figure
    return Shown(html=html + "".join(part.html for part in parts), text="\n".join(lines))


def power_tables(result: PowerResult) -> tuple[Rows, ...]:
    """Put curve, costs and designs into tables.

    Parameters
    ----------
    result : PowerResult
        From `simulate_power`.

    Returns
    -------
    tuple of Rows
        With the Monte Carlo error beside every rate.
    """
    planned, confirmed = "found by the planned model", "and by the randomization test"
    has_both = result.type_one.confirmed is not None
    heads = (planned, confirmed) if has_both else (planned,)
    curve = tuple(
        (f"{one.effect:g}" if one.effect else "none (type I error)", *_rates(one))
        for one in (result.type_one, *result.curve)
    )
    rows = tuple((_what(one), *_takes(one), *_rates(one.power)) for one in result.costs)
    designs = tuple((_what(one), *_takes(one), *_rates(one.power)) for one in result.designs)
    takes = ("days", "periods", "sessions")
    return (
        Rows(
            caption="Power over effects",
            columns=("Effect [SD of a score]", *heads),
            rows=curve,
        ),
        Rows(
            caption=f"What it costs, for an effect of {result.effect:g} SD",
            columns=("What", *takes, *heads),
            rows=rows,
        ),
        Rows(
            caption=f"Other designs of up to {result.most_days} days, for an effect of {result.effect:g} SD",
            columns=("Design", *takes, *heads),
            rows=designs,
        ),
    )


def power_lines(result: PowerResult) -> list[str]:
    """Tell everything in lines.

    Parameters
    ----------
    result : PowerResult
        From `simulate_power`.

    Returns
    -------
    list of str
        Lines.
    """
    lines = [
        *first_lines(result.planned, result.alpha, result.scale),
        *person_lines(result.person),
        "",
        *curve_lines(result.curve, result.type_one, result.alpha),
    ]
    for table in power_tables(result)[1:]:
        lines += ["", table.caption, *_laid_out((table.columns, *table.rows))]
    return [*lines, "", *conclusion_lines(result)]


def first_lines(power: Power, alpha: float, scale: Scale) -> list[str]:
    """Tell the power of the plan as it is, for the effect in question.

    Parameters
    ----------
    power : Power
        Of the plan.
    alpha : float
        Two-sided level.
    scale : Scale
        What an SD is in the unit of the score.

    Returns
    -------
    list of str
        The chance, by the planned model and, where the plan wants it, by the randomization test too; and what the
        effect is in the unit of the score, beside the smallest effect of interest.
    """
    n = power.found.n_trials
    model = f"by the planned model at level {alpha:g}, degrees of freedom corrected"
    lines = [f"Chance that this plan finds an effect of {power.effect:g} SD: {_rate(power.found)} {model}"]
    if power.confirmed is not None:
        lines.append(
            f"  confirmed by the randomization test too, as the plan wants: {_rate(power.confirmed)}"
        )
    lines.append(f"  of {n} simulated trials; ± is the Monte Carlo standard error")
    return [*lines, f"  {_in_unit(power.effect, scale)}"]


def curve_lines(curve: Sequence[Power], type_one: Power, alpha: float) -> list[str]:
    """Tell the power over effects, and the type I error beside it.

    Parameters
    ----------
    curve : sequence of Power
        Over effects.
    type_one : Power
        Without any.
    alpha : float
        Two-sided level.

    Returns
    -------
    list of str
        Lines.
    """
    has_both = type_one.confirmed is not None
    head = ("effect [SD]", "found", *(("and confirmed",) if has_both else ()))
    rows = [head, *((f"{one.effect:g}", *_rates(one)) for one in curve)]
    rows.append((f"none (level {alpha:g})", *_rates(type_one)))
    n = type_one.found.n_trials
    return [
        f"Chance to find an effect, of {n} simulated trials each (± Monte Carlo standard error)",
        *_laid_out(rows),
    ]


def person_lines(person: Person) -> list[str]:
    """Say what was assumed.

    Parameters
    ----------
    person : Person
        What was assumed.

    Returns
    -------
    list of str
        One line.
    """
    told = [
        f"autocorrelation {person.rho:g} a day",
        f"periods differ by {person.period_sd:g} SD of their own",
        f"{person.missing:.0%} of sessions missed",
    ]
    if person.drop_out:
        told.append(f"{person.drop_out:.0%} give up")
    if person.practice:
        told.append(f"practice {person.practice:g} SD per log session")
    if person.onset_half_life or person.half_life:
        told.append(f"half-lives {person.onset_half_life:g} (coming) and {person.half_life:g} (going) days")
    return ["Assumed: " + "; ".join(told)]


def conclusion_lines(result: PowerResult) -> list[str]:
    """Tell the effect that is found, and the design that does with least.

    Parameters
    ----------
    result : PowerResult
        From `simulate_power`.

    Returns
    -------
    list of str
        Lines.
    """
    target = f"{result.target:.0%}"
    finds = "finds" if result.type_one.confirmed is None else "finds and confirms"
    lines = [
        f"With {target} this plan {finds} an effect of about {result.detectable:.2f} SD"
        f"{beside(result.scale.in_unit(result.detectable))}."
        if result.detectable is not None
        else f"No effect on the curve is found with just {target}: see the table.",
        "To find an effect is to tell it from none; it may still be smaller than what matters to you.",
    ]
    if result.grid.limits:
        limits = "; ".join(result.grid.limits)
        lines.append(
            f"Longer designs or periods were left out: they go beyond the person's own limit ({limits})."
        )
    one = result.recommended
    if one is not None:
        lines.append(
            f"The cheapest of these designs that {finds} {result.effect:g} SD with {target} within {result.most_days} days: "
            f"{one.what}, {one.n_days} days in all, power {_rate(one.power.needed)} when simulated again."
        )
    elif result.grid.shortest_days is not None:
        lines.append(
            f"No design of this kind fits into {result.most_days} days; the shortest takes "
            f"{result.grid.shortest_days} days."
        )
    else:
        longest = max(one.n_days for one in result.designs if one.n_days <= result.most_days)
        more = ": allow more days with --days" if result.grid.can_grow else ""
        lines.append(
            f"None of these designs of up to {longest} days {finds} {result.effect:g} SD with {target}{more}. What "
            "effect to look for is a question of what would matter, not of what can be found."
        )
    return lines + [f"Note: {note}." for note in result.notes]


def power_json(result: PowerResult) -> dict[str, object]:
    """Return everything as plain values.

    Parameters
    ----------
    result : PowerResult
        From `simulate_power`.

    Returns
    -------
    dict
        For JSON; rates as counts, with share and error.
    """

    def power(one: Power) -> dict[str, object]:
        return {"effect_sd": one.effect, "found": rate(one.found), "confirmed": rate(one.confirmed)}

    def rate(one: Rate | None) -> dict[str, object] | None:
        return None if one is None else asdict(one) | {"share": one.share, "error": one.error}

    def variant(one: Variant | None) -> dict[str, object] | None:
        if one is None:
            return None
        return {
            "what": one.what, "is_planned": one.is_planned, "n_days": one.n_days, "n_sessions": one.n_sessions,
            "n_periods": one.n_periods, "design": dict(one.changes), "power": power(one.power),
        }  # fmt: skip

    return {
        "contrast": result.contrast, "score": result.score, "alpha": result.alpha, "assumed": asdict(result.person),
        "effect_sd": result.effect, "score_sd": result.scale.score_sd, "sesoi_sd": result.scale.sesoi_sd, "planned": power(result.planned), "curve": [power(one) for one in result.curve], "type_one": power(result.type_one),
        "target": result.target, "detectable_sd": result.detectable, "most_days": result.most_days,
        "costs": [variant(one) for one in result.costs], "designs": [variant(one) for one in result.designs],
        "left_out_by": list(result.grid.limits), "shortest_days": result.grid.shortest_days, "can_grow": result.grid.can_grow,
        "recommended": variant(result.recommended), "notes": list(result.notes),
    }  # fmt: skip


def _in_unit(effect: float, scale: Scale) -> str:
    if scale.score_sd is None:
        told = (
            f" The smallest effect of interest is {scale.sesoi} in the score's unit." if scale.sesoi else ""
        )
        return UNKNOWN_SPREAD + told
    asked = f"Asked for: {effect:g} SD{beside(scale.in_unit(effect))}"
    least = (
        "no smallest effect of interest"
        if scale.sesoi_sd is None
        else smallest_effect(scale.sesoi, scale.sesoi_sd)
    )
    return f"{asked}; in the plan: {least}; a score is taken to vary by {scale.score_sd:.3g}"


def _what(one: Variant) -> str:
    return f"{one.what} (as planned)" if one.is_planned else one.what


def _takes(one: Variant) -> tuple[str, str, str]:
    return str(one.n_days), str(one.n_periods), str(one.n_sessions)


def _rates(one: Power) -> tuple[str, ...]:
    return (_rate(one.found),) if one.confirmed is None else (_rate(one.found), _rate(one.confirmed))


def _rate(one: Rate) -> str:
    return f"{one.share:.3f} ± {one.error:.3f}"


def _laid_out(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _escaped(text: str) -> str:
    from markupsafe import escape  # noqa: PLC0415 - the page only

    return str(escape(text))
