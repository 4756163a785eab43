"""Help of every command, and names that lead there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from nof1.cli.main import COMMANDS, cli

SENTENCES = {name: sentence for section in COMMANDS.values() for name, sentence in section.items()}


def tree(group=cli, words=()):
    """Yield every command with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from tree(command, (*words, name))


TREE = dict(tree())
LEAVES = [words for words, command in TREE.items() if not isinstance(command, click.Group)]


def first_sentence(text):
    """Return a text up to its first full stop."""
    return re.split(r"(?<=\.)\s", " ".join(text.split()), maxsplit=1)[0]


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_help_has_an_example_that_can_be_read(nof1, words):
    """Every example names its own command, and only arguments and options that it takes."""
    shown = nof1(*words, "--help")
    assert shown.code == 0
    command = TREE[words]
    assert command.epilog is not None
    assert " ".join(shown.out.split()).endswith(" ".join(command.epilog.split()))
    kind, _, examples = command.epilog.partition(": ")
    assert kind in {"Example", "Examples"}
    known = {option for parameter in command.params for option in parameter.opts}
    for example in examples.split(" · "):
        assert example.startswith(" ".join(("nof1", *words)))
        assert set(re.findall(r"--[a-z-]+", example)) <= known


@pytest.mark.parametrize("name", SENTENCES)
def test_the_list_says_what_the_help_says(name):
    """The sentence stands twice, so that the list loads no command; both are the same."""
    assert first_sentence(TREE[name,].help or "") == SENTENCES[name]


def test_every_option_says_what_it_does():
    """No option without help, no help without its end."""
    for words, command in TREE.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert (parameter.help or "").endswith((".", "…")), (words, parameter.name)


def test_the_group_shows_all_commands_in_the_order_of_use(nof1):
    """In sections; and without a command it is shown as usage."""
    shown = nof1("--help")
    assert (shown.code, shown.err) == (0, "")
    places = [shown.out.index(f"\n  {name} ") for name in SENTENCES]
    assert places == sorted(places)
    assert [section for section in COMMANDS if f"\n{section}:\n" in shown.out] == list(COMMANDS)
    assert nof1().code == 2


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_both_ways_to_ask_for_help(nof1, flag):
    """Everywhere."""
    assert nof1("status", flag).out.startswith("Usage: nof1 status [OPTIONS] TRIAL")


def test_the_version(nof1):
    """One line."""
    from nof1.version import __version__  # noqa: PLC0415 - beside its one use

    assert nof1("--version").out == f"nof1 {__version__}\n"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("entr", "no command 'entr'; did you mean 'enter'?"),
        ("Status", "no command 'Status'; did you mean 'status'?"),
        ("xyzzy", "no command 'xyzzy'; see nof1 --help"),
    ],
)
def test_a_command_that_is_not_there(nof1, typed, hint):
    """The nearest is named; this is usage."""
    answer = nof1(typed)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.endswith(f"Error: {hint}\n")


def test_texts_of_workflow_and_command_name_commands_that_exist():
    """Whoever is told to type something can type it."""
    source = Path(sys.modules["nof1"].__file__).parent
    known = {" ".join(words) for words in TREE}
    for folder in ("cli", "workflow"):
        for path in (source / folder).glob("*.py"):
            for said in re.findall(r"nof1 ([a-z]+(?: [a-z]+)?)(?= [A-Z{]| --|;|`|, or|\")", path.read_text()):
                first = said.split()[0]
                assert said in known or first in SENTENCES or first in _WORDS, (path.name, said)


_WORDS = {"has", "did", "neither", "at", "was"}


def test_names_of_trials_are_completed(player):
    """The shell asks the command itself; names under data/ come back."""
    (player.workspace / "data" / "cocoa").mkdir()
    (player.workspace / "data" / "cocoa" / "trial.sqlite").touch()
    program = Path(sys.executable).parent / "nof1"
    environment = {
        **os.environ,
        "_NOF1_COMPLETE": "bash_complete",
        "COMP_WORDS": "nof1 status cof",
        "COMP_CWORD": "2",
    }
    done = subprocess.run(
        [program],
        cwd=player.workspace,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("plain,coffee\n", "")
