"""`nof1 pool`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from typing_extensions import override

from nof1.cli.shared import TrialPath, answer, json_option, pass_context, table
from nof1.errors import Nof1Error, TrialNotFoundError
from nof1.storage.address import is_url

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from nof1.workflow.context import Context


class FinishedTrials(click.ParamType[Path | str]):
    """A trial as everywhere, any folder that holds locked data, such as one that somebody sent, or a store of many."""

    name = "TRIAL"

    @override
    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path | str:
        """Find the folder; the address of a store stays as it is."""
        if isinstance(value, str) and is_url(value):
            return value
        if (Path(str(value)) / "locked").is_dir():
            return Path(str(value)).resolve()
        try:
            return TrialPath().convert(value, param, ctx)
        except Nof1Error:
            if ctx is None or not ctx.params.get("without_names"):
                raise
            raise TrialNotFoundError(
                "a TRIAL is no trial; without --without-names it is said which one"
            ) from None

    @override
    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Complete the names under ./data/."""
        return TrialPath().shell_complete(ctx, param, incomplete)


@click.command(
    epilog="Examples: nof1 pool anna ben carla dora emil · nof1 pool postgresql://rita@db.example.org/clinic --without-names"
)
@click.argument("trials", metavar="TRIAL...", type=FinishedTrials(), nargs=-1, required=True)
@click.option(
    "--score", metavar="NAME", help="Which score; the primary outcome of the first trial by default."
)
@click.option(
    "--contrast", metavar="NAME", help="Which contrast; the primary one of the first trial by default."
)
@click.option(
    "--without-names",
    is_flag=True,
    is_eager=True,  # whoever names a trial wrongly is told without names, too
    help="Call people P01, P02, … in an order that tells nothing; tell no name of a trial.",
)
@json_option
@pass_context
def pool(
    context: Context, trials: tuple[Path | str, ...], score: str | None, contrast: str | None, without_names: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Pool finished trials of several people. Every TRIAL is unblinded; one that does not fit is left out and named.

    The address of a PostgreSQL store stands for all trials in it that are locked.
    """
    from nof1.report.pooled import people_notes, people_table, pooled_lines  # noqa: PLC0415 - numpy and pandas
    from nof1.workflow.pool import pool as bring_together  # noqa: PLC0415

    try:
        done = bring_together(trials, context, score=score, contrast=contrast, without_names=without_names)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo("", err=True)
    people = people_table(done)
    lines = [*pooled_lines(done), "", people.caption, table(people.columns, people.rows), *people_notes(done)]
    answer(as_json, done.to_json(), "\n".join(lines))
