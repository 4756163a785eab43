"""`nof1 power`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nof1.cli.shared import answer, json_option, pass_context
from nof1.files.protocols import find_protocol

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.command(
    epilog="Examples: nof1 power tea-sleep · nof1 power protocols/coffee.yaml --effect 0.8 --days 120"
)
@click.argument("protocol_id", metavar="ID|FILE")
@click.option(
    "--effect", default=0.5, show_default=True, metavar="SD", help="The effect to be found [SD of a score]."
)
@click.option(
    "--target", default=0.8, show_default=True, metavar="POWER", help="Chance with which to find it."
)
@click.option(
    "--days", "most_days", type=click.IntRange(1), metavar="N",
    help="Longest trial that you would do; twice the days of the protocol by default.",
)  # fmt: skip
@click.option("--contrast", metavar="NAME", help="A contrast of the plan; the primary one by default.")
@click.option("--rho", default=0.3, show_default=True, metavar="R", help="Autocorrelation from day to day.")
@click.option(
    "--period-sd",
    default=0.3,
    show_default=True,
    metavar="SD",
    help="What a period has of its own; always 0 where a period is a day of a daily model.",
)
@click.option(
    "--missing", default=0.0, show_default=True, metavar="SHARE", help="Share of sessions that are missed."
)
@click.option(
    "--drop-out", default=0.0, show_default=True, metavar="SHARE", help="Chance that the trial is given up."
)
@click.option(
    "--half-life", default=0.0, show_default=True, metavar="DAYS", help="How fast an effect comes and goes."
)
@click.option(
    "--trials", "n_trials", default=2000, show_default=True, type=click.IntRange(100, 1_000_000), metavar="N",
    help="Simulated trials for each question.",
)  # fmt: skip
@click.option(
    "--jobs", default=1, show_default=True, type=click.IntRange(1, 256), metavar="N", help="Local processes."
)
@click.option(
    "--cluster", metavar="ADDRESS", help="A Dask scheduler such as tcp://host:8786, in place of processes."
)
@json_option
@pass_context
def power(
    context: Context, protocol_id: str, effect: float, target: float, most_days: int | None, contrast: str | None, rho: float,
    period_sd: float, missing: float, drop_out: float, half_life: float, n_trials: int, jobs: int, cluster: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Say by simulation what a protocol can find, what weakens it, and which design does with least."""
    from nof1.analysis.simulate import Person  # noqa: PLC0415 - numpy
    from nof1.report.planned_power import power_json, power_lines  # noqa: PLC0415 - numpy
    from nof1.workflow.power import plan_power  # noqa: PLC0415

    def show(lines: list[str]) -> None:
        shown.extend(lines)
        click.echo("\n".join(lines))

    shown: list[str] = []
    try:
        person = Person(
            rho=rho, period_sd=period_sd, missing=missing, drop_out=drop_out, half_life=half_life,
            onset_half_life=half_life,
        )  # fmt: skip
        result = plan_power(
            find_protocol(protocol_id, workspace=context.workspace), effect=effect, person=person, contrast=contrast, target=target, most_days=most_days,
            n_trials=n_trials, tell=None if as_json else show, n_processes=jobs, address=cluster,
        )  # fmt: skip
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    answer(as_json, power_json(result), "\n".join(power_lines(result)[len(shown) :]))
