"""`nof1 power`: the first answer before the rest, the same digits every time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from nof1.cli.main import cli
from nof1.files.protocols import find_library

FILE = str(find_library("nefiracetam-memory"))


def run(*words):
    return CliRunner().invoke(cli, ["power", FILE, "--trials", "100", "--days", "150", *words])


def test_the_answer_for_a_program_and_for_a_person():
    """The same numbers, and the same ones again."""
    told = json.loads(run("--json", "--effect", "1").stdout)
    text = run("--effect", "1").stdout
    for one in told["curve"]:
        assert f"{one['found']['share']:.3f} ±" in text
    assert text.count("Chance to find an effect") == 1
    assert text.startswith("Chance that this plan finds an effect of 1 SD: ")
    assert told["planned"] == next(one for one in told["curve"] if one["effect_sd"] == 1)
    assert "What it costs" in text
    assert told["type_one"]["found"]["n_trials"] == 100
    assert run("--effect", "1").stdout == text


@pytest.mark.parametrize("words", [("--rho", "1"), ("--contrast", "tea"), ("--effect", "0")])
def test_what_cannot_be_meant_is_a_matter_of_usage(words):
    """A line that says what was found; exit 2."""
    done = run(*words)
    assert done.exit_code == 2
    assert "found" in done.stderr or "no contrast" in done.stderr


def test_a_protocol_of_the_library_is_found_by_its_id():
    """As by `protocol show`; what is neither a file nor an id is refused with the ids that are there."""
    words = ["--trials", "100", "--days", "150", "--json"]
    named = CliRunner().invoke(cli, ["power", "nefiracetam-memory", *words])
    assert named.stdout == run("--json").stdout
    lost = CliRunner().invoke(cli, ["power", "tea-slept"])
    assert lost.exit_code != 0
    assert "tea-sleep" in str(lost.exception) + lost.output


def test_the_help_tells_what_days_have_of_their_own():
    """Where a period is a day, the default is another one, and the help says which."""
    told = " ".join(CliRunner().invoke(cli, ["power", "--help"]).stdout.split())
    assert "always 0 where a period is a day" in told


def test_the_first_answer_needs_no_pandas():
    """It takes a second to load, and the curve does not need it."""
    code = (
        "import sys; from pathlib import Path; from nof1.workflow.power import plan_power\n"
        "try:\n plan_power(Path(sys.argv[1]), n_trials=100, tell=lambda lines: sys.exit('pandas' in sys.modules))\n"
        "except ImportError:\n sys.exit(3)"
    )
    assert subprocess.run([sys.executable, "-c", code, FILE], check=False).returncode == 0
