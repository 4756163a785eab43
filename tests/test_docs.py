"""What the documents say is so: commands, rooms, the schema beside the library; and nothing of a workplace is in the files."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from nof1.cli.main import COMMANDS
from nof1.protocol.schema import json_schema

# What must not be committed: places of one machine, hosts of package registries.
BANNED = re.compile(
    r"(?<![\w.])/(?:work|home|root|Users)/|pypi\.org|files\.pythonhosted|registry\.npmjs", re.IGNORECASE
)


def tracked(root):
    """Return the text files that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [root / name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def test_the_commands_of_the_readme_exist(root):
    """Every `nof1 …` that the README shows is a command."""
    known = {name for section in COMMANDS.values() for name in section}
    shown = set(
        re.findall(
            r"(?:`|&& |uv run |^)nof1 (?!keeps|checks)([a-z]+)",
            (root / "README.md").read_text(),
            flags=re.MULTILINE,
        )
    )
    assert len(shown) > 10
    assert shown <= known


def test_architecture_names_every_room(root):
    """A package that ARCHITECTURE does not explain has no place."""
    text = (root / "ARCHITECTURE.md").read_text()
    rooms = {path.parent.name for path in (root / "src" / "nof1").glob("*/__init__.py")}
    assert {room for room in rooms if f"`{room}/`" not in text} == set()


def test_the_schema_beside_the_library_is_the_current_one(root):
    """Editors check protocols against the file that the first line of each names."""
    assert json.loads((root / "protocols" / "nof1.schema.json").read_text()) == json_schema()


def test_what_is_committed_speaks_of_the_project_alone(root):
    """No path of a machine and no host of a registry stands in a file."""
    hits = []
    for path in tracked(root):
        if path.suffix in {".png", ".sqlite"} or path.name == "test_docs.py":
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        hits += [f"{path.relative_to(root)}: {match[0]}" for match in BANNED.finditer(text)]
    assert hits == []


def test_the_test_command_of_the_readme_is_the_one_that_ci_runs(root):
    """`.ci/run` takes its command from the README: the line must be found."""
    pattern = re.search(r"grep -m1 -E '([^']+)' README.md", (root / ".ci" / "run").read_text())[1]
    lines = [line for line in (root / "README.md").read_text().splitlines() if re.search(pattern, line)]
    assert len(lines) == 1
    assert lines[0].endswith("pytest -n 4")
