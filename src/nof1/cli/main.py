"""The group of commands, loaded one at a time, and the one place where errors become lines."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click
from typing_extensions import override

from nof1.errors import Nof1Error, StoreError, TableError
from nof1.version import __version__

# Name → (module, first sentence of its help). The sentence stands here too, so that `nof1 --help` loads no command.
COMMANDS: dict[str, dict[str, str]] = {
    "Begin": {
        "demo": "Play a whole simulated trial, from protocol to report, with a known effect.",
        "init": "Make a workspace: protocols/, data/ and reports/.",
        "doctor": "Say what this machine lacks, and how to get it.",
        "store": "Keep the trials of many people in a PostgreSQL database.",
        "protocol": "Write, check and describe protocols.",
        "power": "Say by simulation what a protocol can find, what weakens it, and which design does with least.",
        "kit": "Plan, draw and check the kits of a blinded trial.",
        "randomize": "Register the trial, draw the order, make the schedule.",
    },
    "Every day": {
        "today": "Show what is due today.",
        "serve": "Open the page: what is due, forms, the battery.",
        "enter": "Enter scores: by prompt, by option, or from a CSV file.",
        "record": "Record what else happened: kit, dose, guess, event, lost kit, deviation, note, look.",
        "correct": "Replace a score by another one; the old one stays visible.",
        "status": "Show where a trial stands.",
        "trials": "List all trials of the workspace.",
    },
    "When plans change": {
        "shift": "Move all periods that have not begun by some days.",
        "pause": "Pause the trial: illness, travel.",
        "resume": "Go on after a pause.",
        "stop": "Stop the trial; this is never refused.",
        "amend": "Amend the protocol where it may change, from a day on.",
        "extend": "Add blocks at the end, drawn for an amended protocol.",
        "emergency": "Say what to open in an emergency; this is never refused.",
    },
    "At the end": {
        "lock": "Close data entry.",
        "unblind": "Open the allocation, once the data are locked.",
        "report": "Run the analysis and make the report.",
        "pool": "Pool finished trials of several people.",
        "verify": "Check the record, the draw and the files of a trial.",
        "export": "Write the data of a trial for other programs.",
        "import": "Analyse a finished trial that was run elsewhere.",
        "backup": "Write a verified copy of a trial into one file.",
        "restore": "Bring back a trial from a backup.",
    },
}
_MODULES = {"import": "import_trial"}


class LazyGroup(click.Group):
    """A group that imports a command when it is called, so that the command starts fast."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of use."""
        return [name for section in COMMANDS.values() for name in section]

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = _MODULES.get(cmd_name, cmd_name)
        command = getattr(import_module(f"nof1.cli.{module}"), module)
        if not isinstance(command, click.Command):
            raise TypeError(f"nof1.cli.{module}.{module} is not a command")
        return command

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one."""
        from difflib import get_close_matches  # noqa: PLC0415 - needed for a typing error only

        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in self.list_commands(ctx):
            near = get_close_matches(name, self.list_commands(ctx), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "; see nof1 --help"
            raise click.UsageError(f"no command {name!r}{hint}", ctx)
        return super().resolve_command(ctx, args)

    @override
    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what the system refuses outside the store is told in a line too."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            raise StoreError(
                f"{place}{error.strerror or error}; the command ended there. nof1 status shows what is stored"
            ) from error

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in sections, as one meets them."""
        for section, commands in COMMANDS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `nof1 demo`. TRIAL is a folder, or a name under ./data/.",
)
@click.version_option(__version__, prog_name="nof1", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Blinded N-of-1 trials: from a protocol file to a report."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":  # https://no-color.org
        ctx.color = False


def run() -> None:
    """Run the command line; 0 done, 1 refused with a reason, 2 usage."""
    if any("\ud800" <= letter <= "\udfff" for argument in sys.argv for letter in argument):
        sys.stderr.write(
            "an argument is not UTF-8; nothing was done. Write it in a UTF-8 terminal, or from a file\n"
        )
        raise SystemExit(2)
    try:
        code = cli.main(standalone_mode=False)  # click hands the code of an `Exit` back, it does not raise it
    except click.Abort:
        sys.stderr.write("\nStopped. nof1 status shows what is stored.\n")
        raise SystemExit(1) from None
    except click.UsageError as error:
        error.show()
        raise SystemExit(2) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(1) from None
    except TableError as error:
        sys.stderr.write(_table(error))
        raise SystemExit(1) from None
    except Nof1Error as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
    if code:
        raise SystemExit(code)


_WIDTHS = (8, 40, 40, 240)
"""Most letters of a cell, in the order of the columns."""


def _table(error: TableError) -> str:
    from nof1.cli.shared import table  # noqa: PLC0415 - needed for a refused file only
    from nof1.scores.number import shortened  # noqa: PLC0415
    from nof1.scores.problems import problem_rows  # noqa: PLC0415

    rows = [
        [shortened(cell, most) for cell, most in zip(row, _WIDTHS, strict=True)]
        for row in problem_rows(error.problems)
    ]
    n = len(error.problems)
    head = f"{error.source}: {n} problem{'' if n == 1 else 's'}; nothing was stored"
    return f"{head}\n{table(['row', 'column', 'found', 'expected'], rows)}\n"
