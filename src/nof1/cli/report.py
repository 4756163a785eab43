"""`nof1 report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import TrialPath, actor_option, answer, json_option, pass_context, table
from nof1.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 report coffee; of many: nof1 report --all --jobs 2")
@click.argument("trials", metavar="[TRIAL]...", type=TrialPath(), nargs=-1)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Every trial of the workspace whose report can be made now.",
)
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
    help="A new folder; below reports/ by default. Of several trials, each gets a folder in it.",
)
@click.option(
    "--no-pdf", is_flag=True, help="Without report.pdf and letter.pdf, which take half of the time."
)
@click.option(
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(1, 256),
    metavar="N",
    help="Local processes that share several reports.",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="A Dask scheduler such as tcp://host:8786, in place of processes; its workers see the same folders.",
)
@json_option
@actor_option
@pass_context
def report(
    context: Context, trials: tuple[Path, ...], every: bool, manifest: Path | None, blinded: bool, to: Path | None,
    no_pdf: bool, jobs: int, cluster: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Run the analysis and make the report. The protocol of TRIAL says which analysis it is.

    Several reports are made one by one, or by several processes; each is the same as if it were made alone. One that
    fails is named, the rest is finished, and the exit code is 1.
    """
    if [bool(trials), every, manifest is not None].count(True) != 1 or (manifest is not None and blinded):
        raise click.UsageError("Name a TRIAL or several, or --all, or --from MANIFEST alone.")
    if manifest is not None:
        if jobs > 1 or cluster:
            raise click.UsageError(
                "--from makes one report, in this process; leave --jobs and --cluster out."
            )
        _again(context, manifest, to, with_pdf=not no_pdf, as_json=as_json)
    elif every or len(trials) > 1 or cluster:
        _many(
            context, trials, blinded=blinded, to=to, with_pdf=not no_pdf, jobs=jobs, cluster=cluster, as_json=as_json
        )  # fmt: skip
    else:
        _one(context, trials[0], blinded=blinded, to=to, with_pdf=not no_pdf, as_json=as_json)


def _one(
    context: Context, trial: Path, *, blinded: bool, to: Path | None, with_pdf: bool, as_json: bool
) -> None:
    from nof1.runner.helper import helper_if_cold  # noqa: PLC0415

    with helper_if_cold() as helper:  # it loads while this process does
        from nof1.workflow.report import report_trial, review_trial  # noqa: PLC0415 - pandas and matplotlib

        step = review_trial if blinded else report_trial
        done = step(trial, context, to=to, with_pdf=with_pdf, helper=helper)
    click.echo("", err=True)
    data = {"verdict": done.verdict, "html": str(done.html), "folder": str(done.folder)}
    verdict = f"Verdict on the primary outcome: {done.verdict.replace('_', ' ')}."
    told = "Nothing was compared: the conditions are not known." if blinded else verdict
    answer(as_json, data, f"{told}\n{done.html}")


def _many(
    context: Context, trials: Sequence[Path], *, blinded: bool, to: Path | None, with_pdf: bool, jobs: int,
    cluster: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Make the reports of the trials that are named, or of all that can be made; exit 1 where one failed."""
    from nof1.workflow.reports import report_trials, reportable_trials  # noqa: PLC0415 - the store

    waiting: dict[str, str] = {}
    if not trials:
        trials, waiting = reportable_trials(context, blinded=blinded)
    done = report_trials(
        trials, context, blinded=blinded, to=to, with_pdf=with_pdf, n_processes=jobs, address=cluster
    )
    click.echo("", err=True)
    data = {
        "reports": {
            name: {"verdict": one.verdict, "html": str(one.html), "folder": str(one.folder)}
            for name, one in done.made.items()
        },
        "failed": done.failed,
        "waiting": waiting,
    }
    verdicts = ["reviewed" if blinded else one.verdict.replace("_", " ") for one in done.made.values()]
    rows = [
        [name, verdict, str(one.html)]
        for (name, one), verdict in zip(done.made.items(), verdicts, strict=True)
    ]
    answer(as_json, data, table(["trial", "verdict", "report"], rows) if rows else "No report was made.")
    for name, why in waiting.items():
        click.echo(f"Not yet: {name}: {why}", err=True)
    if done.failed:
        failed = [f"{name}: {why}" for name, why in done.failed.items()]
        raise ReportError(
            "\n".join([f"{len(failed)} of {len(done.made) + len(failed)} reports failed:", *failed])
        )


def _again(context: Context, manifest: Path, to: Path | None, *, with_pdf: bool, as_json: bool) -> None:
    """Tell whether a report that was made again says the same; exit 1 where it does not."""
    from nof1.workflow.rerun import rerun_report  # noqa: PLC0415 - pandas and matplotlib

    done = rerun_report(manifest, context, to=to, with_pdf=with_pdf)
    click.echo("", err=True)
    changed = f" Other versions: {'; '.join(done.versions)}." if done.versions else ""
    if done.different:
        where = ", ".join(done.different[:5])
        raise ReportError(
            f"{done.html}: {len(done.different)} results differ from the first ({where}).{changed}"
        )
    data = {"same": True, "html": str(done.html), "folder": str(done.folder), "versions": list(done.versions)}
    answer(as_json, data, f"Every number is the same.{changed}\n{done.html}")
