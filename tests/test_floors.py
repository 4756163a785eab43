"""The import rules of ARCHITECTURE that import-linter cannot see: I/O in the core, the web page, a light start."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

SRC = Path(__file__).resolve().parents[1] / "src" / "nof1"
CORE = ("protocol", "schedule", "blinding", "battery", "scores", "safety", "audit", "analysis", "report")
# verify.py is a resource, a program of its own: nof1 never imports it (tests/report/test_verify_alone.py).
MODULES = sorted(
    path for name in CORE for path in (SRC / name).rglob("*.py") if path.parent.name != "resources"
)

# What reaches outside the process, or brings in chance or the time of day.
BANNED_MODULES = {
    "logging", "os", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "urllib", "random", "secrets", "sqlalchemy",
    "pathlib", "time", "requests", "httpx",
}  # fmt: skip
BANNED_CALLS = {"open", "print", "input"}
BANNED_METHODS = {"now", "utcnow", "today", "write_text", "write_bytes", "urandom"}
READING = {"read_text", "read_bytes"}


def offences(source: str) -> list[str]:
    """Return what a core module must not do, with its line."""
    found = []
    # Package resources are part of the program: reading them is no I/O.
    banned = BANNED_METHODS if "from importlib import resources" in source else BANNED_METHODS | READING
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [
                f"{node.lineno}: import {a.name}"
                for a in node.names
                if a.name.split(".")[0] in BANNED_MODULES
            ]
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in BANNED_MODULES:
            found.append(f"{node.lineno}: from {node.module}")
        elif isinstance(node, ast.Call):
            name = node.func
            if isinstance(name, ast.Name) and name.id in BANNED_CALLS:
                found.append(f"{node.lineno}: {name.id}()")
            elif isinstance(name, ast.Attribute) and name.attr in banned:
                found.append(f"{node.lineno}: .{name.attr}()")
            elif isinstance(name, ast.Attribute) and name.attr == "default_rng" and not node.args:
                found.append(f"{node.lineno}: default_rng() without a seed")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_the_core_does_no_io(path):
    """Core packages compute: no files, no clock, no chance, no printing."""
    assert offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import logging",
        "from pathlib import Path",
        "open('x')",
        "print(1)",
        "datetime.now(UTC)",
        "np.random.default_rng()",
    ],
)
def test_the_check_for_io_sees_it(source):
    """The check above can fail."""
    assert offences(source)


def test_the_page_never_reaches_what_opens_the_blind():
    """Rule 4: `web` does not reach the opening or the steps that use it, even indirectly."""
    graph = grimp.build_graph("nof1")
    closed = [
        "blinding.opening",
        *(f"workflow.{s}" for s in ("kit_draw", "kit_check", "unblind", "emergency", "verify", "randomize")),
    ]
    if "nof1.web" not in graph.modules:
        assert not (SRC / "web").exists()
        return
    for name in closed:
        if f"nof1.{name}" in graph.modules:
            assert (
                graph.find_shortest_chain(importer="nof1.web", imported=f"nof1.{name}", as_packages=True)
                is None
            )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["lock", "--help"], ["enter", "--help"], ["protocol", "list"]]
)
def test_starting_the_command_is_light(arguments):
    """Rule 6: no numpy, no pandas, no SQLAlchemy before a command needs them."""
    code = (
        "import sys\nfrom nof1.cli.main import cli\n"
        f"try:\n    cli.main({arguments!r}, standalone_mode=False)\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'matplotlib', 'sqlalchemy', 'psycopg', 'papermill'} & set(sys.modules)\n"
        "sys.exit(','.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
