"""`nof1 store`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import answer, json_option, next_step, pass_context
from nof1.workflow.keep import attach_trial

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.group()
def store() -> None:
    """Keep the trials of many people in a PostgreSQL database.

    URL is postgresql://USER@HOST/DATABASE, as libpq takes it, without a password: that is taken from ~/.pgpass, from a
    service file, or from PGPASSWORD. New trials are kept there with --store URL, or while NOF1_STORE is set.
    """


url_argument = click.argument("url", metavar="URL")


@store.command(epilog="Example: nof1 store init postgresql://owner@db.example.org/clinic")
@url_argument
@click.option(
    "--writer", metavar="ROLE", default="nof1_writer", show_default=True, help="Role that adds and reads."
)
@click.option(
    "--reader", metavar="ROLE", default="nof1_reader", show_default=True, help="Role that only reads."
)
@json_option
def init(url: str, writer: str, reader: str, as_json: bool) -> None:
    """Make tables, guards and two roles in a database. Nobody can change or remove what is recorded, and a writer may only add."""
    from nof1.storage.server import init_store  # noqa: PLC0415 - SQLAlchemy

    done = init_store(url, writer=writer, reader=reader)
    what = "Made a store" if done.is_new else "The store was there already; its roles are set again"
    lines = [
        f"{what}: PostgreSQL {done.version}.",
        f"  {done.writer} adds and reads, {done.reader} only reads; neither can log in until it is granted to somebody:",
        f"  CREATE ROLE anna LOGIN IN ROLE {done.writer};",
    ]
    data = {"new": done.is_new, "version": done.version, "writer": done.writer, "reader": done.reader}
    answer(as_json, data, "\n".join(lines))
    next_step("nof1 randomize FILE --trial DIR --start DATE --store URL, as somebody who adds")


@store.command(epilog="Example: nof1 store trials postgresql://rita@db.example.org/clinic")
@url_argument
@json_option
def trials(url: str, as_json: bool) -> None:
    """List the trials that a store holds."""
    from nof1.storage.server import trials_of  # noqa: PLC0415 - SQLAlchemy

    found = trials_of(url)
    answer(as_json, {"trials": found}, "\n".join(found) or "There is none yet.")


@store.command(epilog="Example: nof1 store attach postgresql://anna@db.example.org/clinic coffee")
@url_argument
@click.argument("trial", metavar="TRIAL")
@click.option(
    "--to",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The new folder; data/TRIAL by default.",
)
@json_option
@pass_context
def attach(context: Context, url: str, trial: str, to: Path | None, as_json: bool) -> None:
    """Make the folder of a trial that a store holds, on another computer. Nothing is recorded."""
    made = attach_trial(url, trial, context, to=to)
    n_events = len(made.state.records)
    answer(
        as_json,
        {"folder": str(made.folder), "events": n_events},
        f"Attached: {made.folder}, {n_events} events.",
    )
    next_step(f"nof1 status {made.folder}")
