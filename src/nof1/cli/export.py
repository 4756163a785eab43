"""`nof1 export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import answer, json_option, pass_context, trial_argument
from nof1.workflow.export import export_package, export_redcap, export_tables

if TYPE_CHECKING:
    from nof1.workflow.context import Context

_FORMS = {"csv": export_tables, "redcap": export_redcap, "package": export_package}


@click.command(
    epilog="Examples: nof1 export coffee --as csv --to coffee-tables · nof1 export coffee --as ics --to coffee-calendar"
)
@trial_argument
@click.option(
    "--as",
    "form",
    type=click.Choice([*_FORMS, "ics"]),
    required=True,
    help="csv: tables; redcap: dictionary and data; package: for an archive; ics: what is due, for a calendar.",
)
@click.option(
    "--to",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder.",
)
@click.option(
    "--raw", is_flag=True, help="For a program: leave texts that a spreadsheet would run as formulas."
)
@click.option("--without-notes", is_flag=True, help="Leave out what was written in own words.")
@json_option
@pass_context
def export(
    context: Context, trial: Path, form: str, to: Path, raw: bool, without_notes: bool, as_json: bool
) -> None:
    """Write the data of a trial for other programs. As tables, or what is due in TRIAL as a calendar; no condition before unblinding.

    csv is every table; redcap a data dictionary and data to import; package what an archive asks for: the tables, a
    codebook, datapackage.json and CITATION.cff.
    """
    if form == "ics":
        from nof1.workflow.export_calendar import export_calendar  # noqa: PLC0415 - icalendar, for this form alone

        files: tuple[Path, ...] = (export_calendar(trial, to, context),)
    else:
        files = _FORMS[form](trial, to, raw=raw, with_notes=not without_notes)
    answer(as_json, {"form": form, "files": [str(f) for f in files]}, "\n".join(map(str, files)))
