"""`nof1 report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import TrialPath, actor_option, answer, json_option, pass_context
from nof1.errors import ReportError
from nof1.workflow.report import report_trial, review_trial
from nof1.workflow.rerun import rerun_report

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 report coffee")
@click.argument("trial", type=TrialPath(), required=False)
@click.option(
    "--from",
    "manifest",
    metavar="MANIFEST",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="Make a report again from its manifest.json, and compare every number.",
)
@click.option(
    "--blinded",
    is_flag=True,
    help="Before unblinding: data quality, adherence, practice, harms; no condition.",
)
@click.option(
    "--to",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder; below reports/ by default.",
)
@json_option
@actor_option
@pass_context
def report(
    context: Context, trial: Path | None, manifest: Path | None, blinded: bool, to: Path | None, as_json: bool
) -> None:
    """Run the analysis and make the report. The protocol of TRIAL says which analysis it is."""
    if (trial is None) == (manifest is None) or (manifest is not None and blinded):
        raise click.UsageError("Name a TRIAL, or --from MANIFEST alone.")
    if manifest is not None:
        _again(context, manifest, to, as_json=as_json)
        return
    assert trial is not None  # noqa: S101 - as was just checked
    done = review_trial(trial, context, to=to) if blinded else report_trial(trial, context, to=to)
    click.echo("", err=True)
    data = {"verdict": done.verdict, "html": str(done.html), "folder": str(done.folder)}
    verdict = f"Verdict on the primary outcome: {done.verdict.replace('_', ' ')}."
    told = "Nothing was compared: the conditions are not known." if blinded else verdict
    answer(as_json, data, f"{told}\n{done.html}")


def _again(context: Context, manifest: Path, to: Path | None, *, as_json: bool) -> None:
    """Tell whether a report that was made again says the same; exit 1 where it does not."""
    done = rerun_report(manifest, context, to=to)
    click.echo("", err=True)
    changed = f" Other versions: {'; '.join(done.versions)}." if done.versions else ""
    if done.different:
        where = ", ".join(done.different[:5])
        raise ReportError(
            f"{done.html}: {len(done.different)} results differ from the first ({where}).{changed}"
        )
    data = {"same": True, "html": str(done.html), "folder": str(done.folder), "versions": list(done.versions)}
    answer(as_json, data, f"Every number is the same.{changed}\n{done.html}")
