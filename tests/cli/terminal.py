"""A terminal: runs the command as a shell would, with its exit code and both of its streams."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from nof1.cli import main, shared

if TYPE_CHECKING:
    import pytest

    from nof1.workflow.context import Context


@dataclass(frozen=True)
class Answer:
    """What a command gave.

    Attributes
    ----------
    code : int
        Exit code.
    out, err : str
        Results; progress, questions and errors.
    """

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The result as a program reads it."""
        return json.loads(self.out)


class Terminal:
    """Runs commands with a context, and types answers to their questions."""

    def __init__(self, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
        self.context = context
        self._monkeypatch = monkeypatch

    def __call__(self, *words: object, typed: str = "", colour: bool = False) -> Answer:
        """Run one command line; a fault that is no refusal comes through as it is."""
        runner = CliRunner()
        with (
            self._monkeypatch.context() as patch,
            runner.isolation(input=typed, color=colour) as (out, err, _),
        ):
            patch.setattr(sys, "argv", ["nof1", *map(str, words)])
            patch.setattr(shared, "context_of", lambda ctx: self.context)
            code = 0
            try:
                main.run()
            except SystemExit as stop:
                code = int(stop.code or 0)
            sys.stdout.flush()
            sys.stderr.flush()
            return Answer(code=code, out=out.getvalue().decode(), err=err.getvalue().decode())
