"""Trials as real processes, on the real clock, with logs at their loudest: arguments, environment, output, home, notebook."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pypdf
import pytest

from nof1.files.protocols import read_protocol
from nof1.protocol.digest import canonical_protocol

from ..workflow.playing import quick_folder  # noqa: TID252 - tests have no absolute names
from .leak_scan import Known, Watch, leaks_in
from .watched import NAMES, OPEN, SLIPS, TEXTS

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="there is no /proc to look into"
)

LOUD = """\
import logging, sys
logging.basicConfig(level=logging.DEBUG, format="%(name)s %(message)s")
sys.addaudithook(lambda event, args: event == "open" and sys.stderr.write(f"open {args[0]!r}\\n"))
"""
"""Everything that any library logs at any level, and every file that is opened."""
_KEY = re.compile(r"\b(?:[2-9A-Z]{4}[ -]){3}[2-9A-Z]{4}\b")
_BLINDED_REPORT = """\
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from nof1.runner.notebooks import find_notebook
from nof1.runner.report import make_report
shipped = find_notebook("primary_analysis")
notebook = shipped if sys.argv[3] == "shipped" else replace(shipped, is_modified=True)
make_report(Path(sys.argv[1]), to=Path(sys.argv[2]), at=datetime.now(UTC), notebook=notebook, with_pdf=sys.argv[3] == "shipped")
"""


class Person:
    """Somebody with a home, a workspace and a shell that remembers what was typed."""

    def __init__(self, root: Path, text: str) -> None:
        self.home, self.workspace = root / "home", root / "participant"
        loud = root / "loud"
        for folder in (self.home, self.workspace / "protocols", self.workspace / "data", loud):
            folder.mkdir(parents=True)
        (loud / "sitecustomize.py").write_text(LOUD)
        self.protocol = self.workspace / "protocols" / "coffee.yaml"
        self.protocol.write_text(text)
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "TMPDIR"}}
        self.environment = {
            **kept, "HOME": str(self.home), "PYTHONPATH": str(loud), "PYTHONFAULTHANDLER": "1", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        self.n_looked = 0

    def run(self, *words: object, typed: str = "", code: int = 0) -> SimpleNamespace:
        """Type a command of nof1; return its streams, and what the system shows of its processes while it runs."""
        with (self.home / ".bash_history").open("a") as history:
            history.write(shlex.join(["nof1", *map(str, words)]) + "\n")
        return self.start([Path(sys.executable).with_name("nof1"), *words], typed, code)

    def start(self, command: list[object], typed: str = "", code: int = 0) -> SimpleNamespace:
        """Start a process and look at it, and at those that it starts, until it ends."""
        with (self.home.parent / "out").open("w+b") as out, (self.home.parent / "err").open("w+b") as err:
            process = subprocess.Popen(
                [str(word) for word in command], cwd=self.workspace, env=self.environment,
                stdin=subprocess.PIPE, stdout=out, stderr=err,
            )  # fmt: skip
            process.stdin.write(typed.encode())
            process.stdin.close()
            shown = set()
            while process.poll() is None:
                shown |= self._shown()
                time.sleep(0.1)
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode())
        assert process.returncode == code, (command, texts)
        assert any(b"HOME=" in one for one in shown), "no process was seen"
        self.n_looked += len(shown)
        return SimpleNamespace(out=texts[0], err=texts[1], shown=b"\n".join(shown).decode())

    def _shown(self) -> set[bytes]:
        """Return arguments and environment of every process of this person."""
        found, ours = set(), f"HOME={self.home}\0".encode()
        for place in Path("/proc").glob("[0-9]*"):
            try:
                environment = (place / "environ").read_bytes()
                if ours in environment + b"\0":
                    found |= {
                        environment.replace(b"\0", b"\n"),
                        (place / "cmdline").read_bytes().replace(b"\0", b" "),
                    }
            except OSError:  # it has ended, or is not ours
                continue
        return found


def known_of(person: Person, root: Path, mode: str) -> Known:
    """Let the kits be made by the command; return what may not be told."""
    canonical = canonical_protocol(read_protocol(person.protocol)).decode()
    texts = (person.protocol.read_text(), canonical)
    if mode == "third_party":
        preparer = Person(root / "preparer", texts[0])
        preparer.run("kit", "draw", preparer.protocol, "--to", root / "drawn", "--paper", "none")
        (person.workspace / "public.json").write_bytes(
            (root / "drawn" / "for-participant" / "public.json").read_bytes()
        )
        return Known.of(root / "drawn", texts, NAMES)
    person.run("kit", "plan", person.protocol, "--to", "kits")
    plan = json.loads((person.workspace / "kits" / "kits.json").read_text())
    codes = [code for block in plan["blocks"] for code in block["codes"]]
    printed = [
        _KEY.findall(page.extract_text())
        for path in sorted((person.workspace / "kits").rglob("sheet-[12].pdf"))
        for page in pypdf.PdfReader(path).pages
    ]
    keys = [re.sub("[ -]", "", key) for page in printed for key in dict.fromkeys(page)]
    assert len(keys) == len(codes)
    # Which slip lay in which box nobody knows; whatever is said of a code, and any key, would be a leak.
    held = {code: (NAMES[place % 2], key) for place, (code, key) in enumerate(zip(codes, keys, strict=True))}
    return Known(secret=None, kits=held, names=NAMES, protocol=texts, slips=SLIPS)


def live(person: Person, known: Known, mode: str, *, whole: bool) -> None:
    """Live a day and lock, with a look after each command; then make the blinded report."""
    watch = Watch([person.workspace, person.home], known)

    def typing(*words: object, typed: str = "", code: int = 0, may_tell: bool = False) -> None:
        done = person.run(*words, typed=typed, code=code)
        assert "sqlalchemy" in done.err, "nothing was logged"
        told = [line for text in (done.out, done.err, done.shown) for line in leaks_in(text, known)]
        assert bool(told) == (may_tell and "verified: " in done.out), (words, told)
        assert all(line in leaks_in(done.out, known) for line in told), (
            words,
            told,
        )  # never in log or arguments
        assert watch.look() == [], words

    start = datetime.now(UTC).date() - timedelta(days=1)
    kits = ("--kits", "public.json")
    if mode == "self_blinded":
        plan = json.loads((person.workspace / "kits" / "kits.json").read_text())
        answers = {"labels": "none", "labels_on": "after", "known": "none", "shuffled_by": "me"}
        answers |= {f"{what}_{n}": 0 for what in ("capsules", "slips") for n in (1, 2)}
        answers |= {f"block_{block['block']}": block["codes"] for block in plan["blocks"]}
        (person.workspace / "answers.json").write_text(json.dumps(answers))
        kits = ("--kits", "kits", "--answers", "answers.json")
    typing("randomize", person.protocol, "--trial", "data/coffee", "--start", start, "--zone", "UTC", *kits)
    code, (_, key) = min(known.kits.items())
    typing(
        "emergency",
        "coffee",
        code,
        "--card",
        "--who",
        "others",
        typed=f"{key}\n",
        may_tell=True,
    )
    if whole:
        typing("today", "coffee")
        typing("status", "coffee")
        typing("enter", "coffee", "--set", "day.mood=5", "--at", f"{start} 10:00")
        typing("correct", "coffee", "1", "mood=6", "--reason", "a slip")
        for words in (("dose",), ("guess", "--percent", "verum=70"), ("note", "slept badly"), ("deviation", "tea"),
                      ("event", "--term", "headache", "--severity", "1"), ("lost", code, "--reason", "left")):  # fmt: skip
            typing("record", "coffee", *words)
        typing("shift", "coffee", "--days", "1", "--reason", "travel")
        typing("pause", "coffee", "--reason", "flu", "--on", start + timedelta(days=3))
        typing("resume", "coffee", "--on", start + timedelta(days=4))
        typing("export", "coffee", "--as", "csv", "--to", "tables")
        typing("backup", "coffee", "coffee.nof1")
    typing("lock", "coffee", "--yes")
    wrong = person.workspace.parent / "wrong.txt"
    wrong.write_text(
        "0" * 64 if mode == "third_party" else "".join(f"{one} {'2' * 16}\n" for one in known.kits)
    )
    typing("unblind", "coffee", "--secret" if mode == "third_party" else "--cards", wrong, code=1)
    if whole:
        typing("report", "coffee", code=1)
        typing(
            "verify", "coffee", code=1
        )  # the clock is real: the one score is of the day before the registration


def report(person: Person, known: Known) -> None:
    """Run the notebook on the locked data without an allocation; look at all that it leaves, with a kernel and without."""
    for kind in ("shipped", "modified"):
        made = f"reports/{kind}"
        done = person.start([sys.executable, "-c", _BLINDED_REPORT, "data/coffee/locked", made, kind])
        for text in (done.out, done.err, done.shown):
            assert leaks_in(text, known) == []
        assert ("ipykernel_launcher" in done.shown) == (kind == "modified")
        notebook = person.workspace / made / "analysis.ipynb"
        assert set(json.loads(notebook.read_text())["metadata"]["papermill"]["parameters"]) == {"data"}
    assert Watch([person.workspace, person.home], known).look() == []
    assert list(person.home.rglob("history.sqlite")) == []
    assert list(person.workspace.rglob(".ipynb_checkpoints")) == []
    # What the look at home and notebook is worth: the same places with something in them.
    code, (condition, _) = min(known.kits.items())
    history = person.home / ".ipython" / "profile_default" / "history.sqlite"
    checkpoint = notebook.parent / ".ipynb_checkpoints" / "analysis-checkpoint.ipynb"
    for path in (history, checkpoint, person.home / ".cache" / "matplotlib" / "fontlist.json"):
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if path.exists() else None
        path.write_text(json.dumps({"cells": [{"source": [f"{code} = {condition!r}"]}]}))
        assert Watch([person.workspace, person.home], known).look() != []
        path.unlink() if before is None else path.write_bytes(before)


def documented(root: Path) -> list[str]:
    """Return every command line that the help, the README or the sheets tell a person to type."""
    texts = [(root / name).read_text() for name in ("README.md", "ARCHITECTURE.md")]
    texts += [path.read_text() for path in sorted((root / "src" / "nof1").rglob("*.py"))]
    return [line for text in texts for line in re.findall(r"nof1 [a-z]+ [^`\"\n]*", text)]


def test_no_documented_command_carries_a_secret(root_of_checkout):
    """What is typed stays in the history of the shell: a secret comes from a file or a question, and so does a card."""
    lines = documented(root_of_checkout)
    assert len(lines) > 100
    for option in ("--secret", "--card"):
        assert any(option in line for line in lines)
    for line in lines:
        assert not re.search(r"[0-9a-f]{64}", line), line
        assert not re.search(r"--card[ =]+[2-9A-Z]{4}", line), line
        assert not re.search(r"--secret[ =]+[0-9a-f]{8}", line), line


@pytest.fixture
def root_of_checkout(request) -> Path:
    """Return the folder with the README."""
    return request.config.rootpath


@pytest.fixture
def root(tmp_path_factory):
    """Return a folder in memory."""
    with quick_folder(tmp_path_factory.getbasetemp()) as folder:
        yield folder


def test_processes_and_the_notebook_tell_nothing(root):
    """The commands that a secret or a card comes near, and the notebook, once."""
    person = Person(root, TEXTS["third_party"])
    known = known_of(person, root, "third_party")
    live(person, known, "third_party", whole=False)
    report(person, known)


@pytest.mark.sim
@pytest.mark.parametrize("mode", TEXTS)
def test_whole_trials_of_processes_tell_nothing(root, mode):
    """Every command, and the sheets that a lone person prints."""
    person = Person(root, TEXTS[mode])
    known = known_of(person, root, mode)
    live(person, known, mode, whole=True)
    report(person, known)


@pytest.mark.sim
def test_an_open_trial_of_processes_tells_of_itself_alone(root):
    """Beside a blinded trial in one workspace: the order that is public is another one."""
    person = Person(root, TEXTS["third_party"])
    known = known_of(person, root, "third_party")
    start = ("--start", "today", "--zone", "UTC")
    person.run("randomize", person.protocol, "--trial", "data/coffee", *start, "--kits", "public.json")
    openly = person.workspace / "protocols" / "openly.yaml"
    openly.write_text(OPEN)
    watch = Watch([person.workspace, person.home], known)
    for words in (("randomize", openly, "--trial", "data/openly", *start), ("today", "openly"), ("lock", "openly", "--yes"),
                  ("report", "openly"), ("verify", "openly")):  # fmt: skip
        done = person.run(*words)
        for text in (done.out, done.err, done.shown):
            assert leaks_in(text, known) == [], words
        assert watch.look() == [], words
