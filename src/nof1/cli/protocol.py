"""`nof1 protocol`: new, check, schema, list, show."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import answer, json_option, next_step, pass_context, table
from nof1.errors import Nof1Error
from nof1.files.protocols import find_protocol, read_protocol, read_protocol_text
from nof1.protocol.schema import json_schema
from nof1.report.sheets.model import Paper
from nof1.terms import Mode
from nof1.workflow.handing_on import preregister, print_to_sign
from nof1.workflow.protocols import list_protocols, new_protocol

if TYPE_CHECKING:
    from nof1.workflow.context import Context

protocol_file = click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.group()
def protocol() -> None:
    """Write, check and describe protocols."""


@protocol.command(epilog="Example: nof1 protocol new coffee --like caffeine-vigilance")
@click.argument("name")
@click.option(
    "--like",
    default="caffeine-vigilance",
    show_default=True,
    metavar="ID",
    help="Which protocol of the library to copy.",
)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    help="Who knows the allocation; as in the library by default.",
)
@pass_context
def new(context: Context, name: str, like: str, mode: str | None) -> None:
    """Begin a protocol of your own from one of the library."""
    path = new_protocol(name, like, context, mode=Mode(mode) if mode else None)
    click.echo(path)
    next_step(f"change it, then nof1 protocol check {path}")


@protocol.command(epilog="Example: nof1 protocol check protocols/coffee.yaml")
@protocol_file
@json_option
@pass_context
def check(context: Context, path: Path, as_json: bool) -> None:
    """Say everything that is wrong with a protocol, or what it can find and what it takes."""
    from nof1.workflow.check import check_protocol  # noqa: PLC0415 - the power needs scipy

    checked = check_protocol(path, context)
    data = {
        "id": checked.protocol.id, "sha256": checked.sha256, "space_size": str(checked.design.size),
        "bits": checked.design.bits, "smallest_p": {k: float(r.smallest_p) for k, r in checked.design.reach.items()},
        "facts": asdict(checked.facts), "burden": asdict(checked.burden), "planning": asdict(checked.planning),
        "spent": [asdict(one) for one in checked.spent],
    }  # fmt: skip
    answer(as_json, data, "\n".join(checked.lines()))


@protocol.command(epilog="Example: nof1 protocol schema > nof1.schema.json")
def schema() -> None:
    """Print the JSON Schema of protocol files, for editors."""
    click.echo(json.dumps(json_schema(), indent=1, ensure_ascii=False))


@protocol.command(name="list", epilog="Example: nof1 protocol list")
@json_option
@pass_context
def list_(context: Context, as_json: bool) -> None:
    """List the protocols of the workspace and of the library."""
    rows, told = [], []
    for path, p in list_protocols(context):
        if isinstance(p, Nof1Error):
            rows.append([path.stem, "–", f"has problems: nof1 protocol check {path}"])
            told.append({"id": path.stem, "problem": str(p), "file": str(path)})
        else:
            rows.append([path.stem, p.blinding.mode.value, p.title])
            told.append({"id": path.stem, "title": p.title, "mode": p.blinding.mode.value, "file": str(path)})
    answer(as_json, {"protocols": told}, table(["id", "blinding", "question"], rows))


@protocol.command(
    epilog="Examples: nof1 protocol show nefiracetam-memory · nof1 protocol show protocols/coffee.yaml --as preregistration · "
    "nof1 protocol show protocols/coffee.yaml --as sign --to coffee-to-sign.pdf"
)
@click.argument("protocol_id", metavar="ID|FILE")
@click.option("--sources", is_flag=True, help="Only the facts and where they come from.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["yaml", "preregistration", "sign"]),
    default="yaml",
    show_default=True,
    help="As it is written, as text for a register with the digest, or as one page to sign.",
)
@click.option(
    "--to", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="sign: the new PDF."
)
@click.option(
    "--paper", type=click.Choice([one.value for one in Paper]), default="A4", help="sign: the paper."
)
@pass_context
def show(context: Context, protocol_id: str, sources: bool, form: str, to: Path | None, paper: str) -> None:
    """Print a protocol of the library or a file, comments included; or hand it on."""
    path = find_protocol(protocol_id, workspace=context.workspace)
    if form == "preregistration":
        click.echo(preregister(path), nl=False)
    elif form == "sign":
        click.echo(print_to_sign(path, to or Path(f"{path.stem}-to-sign.pdf"), paper=Paper(paper)))
        next_step("print it; a signed page stays with the participant")
    elif sources:
        for source in read_protocol(path).sources:
            click.echo(f"{source.fact}\n  {source.source}" + (f" ({source.date})" if source.date else ""))
    else:
        click.echo(read_protocol_text(path), nl=False)
