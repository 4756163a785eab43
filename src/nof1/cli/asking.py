"""The questions about packed kits: answered from a file, or at a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nof1.errors import EntryError
from nof1.files.secrets import read_answers
from nof1.workflow.register import answers_from

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nof1.blinding.registration import Question
    from nof1.workflow.register import Ask


def asking(answers: Path | None) -> Ask | None:
    """Answer the questions about packed kits from a file, or ask at a terminal; elsewhere nobody can be asked."""
    if answers is not None:
        return answers_from(read_answers(answers))
    return _ask if sys.stdin.isatty() else None


def _ask(question: Question, check: Callable[[str], str]) -> str:
    while True:
        typed = str(click.prompt(question.text, default="", show_default=False, err=True))
        if not typed.strip():
            click.echo("It needs an answer; write none where there is nothing.", err=True)
            continue
        try:
            return check(typed)
        except EntryError as error:
            click.echo(str(error), err=True)
