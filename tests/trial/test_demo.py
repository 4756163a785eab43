"""The demo, as somebody runs it who has nothing but the program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nof1.workflow.demo import TRUE_EFFECT
from nof1.workflow.trial import read_trial
from nof1.workflow.verify import Outcome, verify_trial

from ..workflow.playing import quick_folder  # noqa: TID252 - tests have no absolute names


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run the command in a process of its own, with an empty home; return what it printed, and the folders."""
    with quick_folder(tmp_path_factory.getbasetemp()) as root:
        (root / "home").mkdir()
        kept = {
            name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG", "LC_ALL") if name in os.environ
        }
        done = subprocess.run(
            [sys.executable, "-m", "nof1", "demo", "--to", Path("..", "demo")],
            cwd=root / "home",
            env={**kept, "HOME": str(root / "home"), "NO_COLOR": "1"},
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        yield done, root


def test_it_ends_well_and_says_where_the_report_is(demo):
    """The last line is the path of the page."""
    done, root = demo
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr[-2000:]
    last = done.stdout.rstrip().splitlines()[-1]
    report = Path(last.removeprefix("The report: "))
    assert report.is_file()
    assert report.is_relative_to(root / "demo" / "participant" / "reports" / "demo")
    assert f"True effect {TRUE_EFFECT} 1/s; found " in done.stdout


def test_the_page_says_that_it_is_simulated(demo):
    """The banner stands at its head."""
    _, root = demo
    (page,) = (root / "demo" / "participant" / "reports").rglob("report.html")
    text = page.read_text(encoding="utf-8")
    assert "<strong>Simulated.</strong> A computer made these scores; nobody took part." in text
    assert text.index("nobody took part") < text.index("<h2")


def test_it_shows_the_commands_that_a_person_would_type(demo):
    """From the protocol to the report, in order and without colour."""
    done, _ = demo
    shown = re.findall(r"^\$ nof1 (\S+)", done.stdout, re.MULTILINE)
    order = [
        "protocol",
        "kit",
        "randomize",
        "today",
        "enter",
        "record",
        "status",
        "lock",
        "unblind",
        "verify",
        "report",
    ]
    assert list(dict.fromkeys(shown)) == order
    assert "\x1b" not in done.stdout + done.stderr
    assert "FAIL" not in done.stdout


def test_somebody_alone_has_sheets_and_no_secret(demo):
    """Slips and labels to print, the registration before the draw, and slips at the end: nothing of a preparer's."""
    done, root = demo
    folder = root / "demo" / "participant"
    assert {path.name for path in (folder / "kits" / "sheets").iterdir()} >= {
        "sheet-1.pdf",
        "sheet-2.pdf",
        "labels.pdf",
    }
    assert "Every card is one of those that were published before the trial." in done.stdout
    trial = read_trial(folder / "data" / "demo")
    assert [type(recorded.event).KIND for recorded in trial.state.records[:2]] == [
        "kits_registered",
        "trial_randomized",
    ]
    assert trial.state.records[0].event.simulated
    assert not list(folder.rglob("secret*"))


def test_nothing_is_left_outside_its_folder(demo):
    """Neither beside the demo nor in the home, but for what a library keeps for the next time."""
    _, root = demo
    left = {
        path.relative_to(root / "home").as_posix() for path in (root / "home").rglob("*") if path.is_file()
    }
    assert {name for name in left if not name.startswith(".cache/matplotlib/")} == set()
    assert {path.name for path in root.iterdir()} == {"home", "demo"}


def test_the_trial_of_the_demo_is_a_trial(demo):
    """It verifies, and is marked for ever."""
    _, root = demo
    folder = root / "demo" / "participant" / "data" / "demo"
    checks = verify_trial(folder)
    assert not [check for check in checks if check.outcome is Outcome.FAIL]
    assert '"simulated": true' in (folder / "locked" / "trial.json").read_text()
