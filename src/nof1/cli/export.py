"""`nof1 export`."""

from __future__ import annotations

from pathlib import Path

import click

from nof1.cli.shared import answer, json_option, trial_argument
from nof1.workflow.export import export_package, export_redcap, export_tables

_FORMS = {"csv": export_tables, "redcap": export_redcap, "package": export_package}


@click.command(epilog="Example: nof1 export coffee --as csv --to coffee-tables")
@trial_argument
@click.option("--as", "form", type=click.Choice(list(_FORMS)), required=True, help="Form of the tables.")
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
def export(trial: Path, form: str, to: Path, raw: bool, without_notes: bool, as_json: bool) -> None:
    """Write the data of a trial for other programs: no condition of TRIAL before unblinding.

    csv is every table; redcap a data dictionary and data to import; package what an archive asks for: the tables, a
    codebook, datapackage.json and CITATION.cff.
    """
    files = _FORMS[form](trial, to, raw=raw, with_notes=not without_notes)
    answer(as_json, {"form": form, "files": [str(f) for f in files]}, "\n".join(map(str, files)))
