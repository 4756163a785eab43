"""What the commands share: the trial argument, the context, answers for people and for programs."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click
from typing_extensions import override

from nof1.files.workspace import find_trial, find_workspace, trial_names
from nof1.scores.moments import FIRST_YEAR, LAST_YEAR
from nof1.workflow.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from click.shell_completion import CompletionItem

    from nof1.workflow.watch import Told

P = ParamSpec("P")
R = TypeVar("R")


class TrialPath(click.ParamType[Path]):
    """A trial by the path of its folder, or by its name under ./data/."""

    name = "TRIAL"

    @override
    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Find the folder; a trial that is not there is refused with what is there."""
        if isinstance(value, Path):
            return value
        return find_trial(str(value), workspace=_workspace(ctx))

    @override
    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Complete the names under ./data/."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - needed by the shell only

        return [CompletionItem(n) for n in trial_names(_workspace(ctx)) if n.startswith(incomplete)]


class IsoDate(click.ParamType[date]):
    """A date as YYYY-MM-DD, or `today`."""

    name = "DATE"

    @override
    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the date."""
        if isinstance(value, date):
            return value
        if value == "today":
            return context_of(ctx).now().astimezone().date()
        try:
            on = date.fromisoformat(str(value))
        except ValueError:
            on = None
        # The library also reads 20260301 and 2026-W09-7, which nobody types on purpose.
        if on is None or on.isoformat() != value:
            self.fail(f"{value!r} is not a date; write YYYY-MM-DD, such as 2026-03-01", param, ctx)
        if not FIRST_YEAR <= on.year <= LAST_YEAR:
            self.fail(f"{value!r}: write a year from {FIRST_YEAR} to {LAST_YEAR}", param, ctx)
        return on


trial_argument = click.argument("trial", type=TrialPath())
json_option = click.option("--json", "as_json", is_flag=True, help="Answer for a program.")
actor_option = click.option("--as", "actor", metavar="NAME", help="Who acts, if not the participant.")
store_option = click.option(
    "--store",
    metavar="URL",
    envvar="NOF1_STORE",
    show_envvar=True,
    help="PostgreSQL database that keeps the trial, such as postgresql://anna@db.example.org/clinic; without a password.",
)
reason_option = click.option("--reason", metavar="TEXT", help="Why; asked for when not given.")


def context_of(ctx: click.Context | None) -> Context:
    """Return the context of this call: the one that was passed in, or that of this machine."""
    given = ctx.find_object(Context) if ctx is not None else None
    return given or Context(workspace=find_workspace(Path.cwd()), progress=_tell)


def pass_context(function: Callable[Concatenate[Context, P], R]) -> Callable[P, R]:
    """Give the context as first argument, for the actor that `--as` names and the store of `--store`."""

    @click.pass_context
    def wrapped(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        context = context_of(ctx)
        actor = kwargs.pop("actor", None)
        if isinstance(actor, str) and actor:
            context = replace(context, actor=actor)
        store = kwargs.pop("store", None)
        if isinstance(store, str) and store:
            context = replace(context, store_url=store)
        return function(context, *args, **kwargs)

    wrapped.__doc__ = function.__doc__
    wrapped.__name__ = function.__name__
    return wrapped


def answer(as_json: bool, data: Mapping[str, object], text: str) -> None:
    """Print the answer for a program or for a person."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=1, default=str) if as_json else text)


def tell_limits(told: Sequence[Told]) -> None:
    """Say on stderr which limits of the participant's own were reached; what was entered is saved."""
    for one in told:
        click.echo("\n".join(["", *one.lines]), err=True)


def next_step(text: str) -> None:
    """Say on stderr what to do next."""
    click.echo(f"Next: {text}", err=True)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows in columns of equal width."""
    widths = [max(len(str(cell)) for cell in column) for column in zip(headers, *rows, strict=True)]
    lines = [headers, *rows]
    return "\n".join(
        "  ".join(str(cell).ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def ask_reason(reason: str | None, question: str) -> str:
    """Return the reason given, or ask for it."""
    return reason or str(click.prompt(question, err=True))


def _workspace(ctx: click.Context | None) -> Path:
    return context_of(ctx).workspace


def _tell(message: str) -> None:
    ctx = click.get_current_context(silent=True)
    is_plain = ctx is not None and ctx.color is False
    if sys.stderr.isatty() and not is_plain:
        click.echo(f"\r\x1b[2K{message}", err=True, nl=False)
    else:
        click.echo(message, err=True)
