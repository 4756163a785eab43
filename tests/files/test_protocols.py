"""Protocol files on disk: read with every rule, found in the workspace or in the library."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from nof1.errors import ProtocolError, WorkspaceError
from nof1.files import protocols
from nof1.files.protocols import (
    find_library,
    library,
    library_text,
    parse_protocol,
    read_protocol,
    read_protocol_text,
)

NAME = "caffeine-vigilance"


@pytest.fixture
def workspace(tmp_path):
    """Return a workspace with one protocol of its own, and one that hides one of the library."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    text = library_text(NAME)
    (folder / "mine.yaml").write_text(text.replace(f"id: {NAME}", "id: mine"), encoding="utf-8")
    (folder / f"{NAME}.yaml").write_text(text, encoding="utf-8")
    (folder / "notes.txt").write_text("not a protocol", encoding="utf-8")
    (folder / "folder.yaml").mkdir()
    return tmp_path


def test_a_file_is_read_with_the_rules_of_every_floor(tmp_path):
    """One call gives what the document, the catalogue and the sequence space have to say, each at its place."""
    path = tmp_path / "coffee.yaml"
    text = (
        library_text(NAME)
        .replace("score: vigil.speed", "score: vigil.sped")
        .replace("  blocks: 8", "  blocks: 1")
    )
    path.write_text(text.replace("\ntitle:", "\ntitel:"), encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        read_protocol(path)
    assert caught.value.source == str(path)
    assert [problem.where for problem in caught.value.problems] == [
        "titel",
        "outcomes.primary.score",
        "analysis.confirm",
    ]
    assert all(problem.line and problem.column for problem in caught.value.problems)


def test_the_text_is_kept_as_it_was_written():
    """Comments included: it is stored with the trial."""
    text = read_protocol_text(find_library(NAME))
    assert text == library_text(NAME)
    assert text.startswith("# yaml-language-server")
    assert parse_protocol(text, "p.yaml").id == NAME


@pytest.mark.parametrize("read", [read_protocol, read_protocol_text])
def test_what_cannot_be_opened_is_said(read, tmp_path):
    """No file, a folder: one sentence with the path, and no traceback."""
    for path in (tmp_path / "no.yaml", tmp_path):
        with pytest.raises(WorkspaceError, match=r"cannot be read: .*; give the path of a protocol file"):
            read(path)


def test_a_file_of_another_encoding_is_said(tmp_path):
    """The reader of the text and that of the protocol both name the encoding."""
    path = tmp_path / "coffee.yaml"
    path.write_bytes("title: café\n".encode("latin-1"))
    with pytest.raises(WorkspaceError, match="save the file with the encoding UTF-8"):
        read_protocol_text(path)
    with pytest.raises(ProtocolError, match="save the file with the encoding UTF-8"):
        read_protocol(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="only where there is an endless file")
def test_an_endless_file_is_not_read_to_its_end():
    """What is longer than a protocol can be is refused after its first bytes."""
    with pytest.raises(ProtocolError, match="found 262145 bytes"):
        read_protocol(Path("/dev/zero"))


def test_the_workspace_comes_first(workspace):
    """A copy of one's own hides that of the library; folders and other files are none."""
    found = library(workspace=workspace)
    assert list(found) == sorted(found)
    assert found["mine"] == workspace / "protocols" / "mine.yaml"
    assert found[NAME].parent == workspace / "protocols"
    assert "folder" not in found
    assert set(library()) <= set(found)
    assert find_library("mine", workspace=workspace) == found["mine"]


def test_an_unknown_name_is_refused_with_those_that_are_there():
    """The message lists the library."""
    with pytest.raises(WorkspaceError, match=f"there is no protocol 'tea'; there are .*{NAME}"):
        find_library("tea")


def test_outside_a_checkout_the_library_of_the_wheel_is_used(monkeypatch, tmp_path):
    """Beside an installed package there is no checkout; the wheel put the files next to it."""
    share = tmp_path / "nof1_share" / "protocols"
    share.mkdir(parents=True)
    (share / "only.yaml").write_text("nof1: 1\n", encoding="utf-8")
    monkeypatch.setattr(
        protocols, "__file__", str(tmp_path / "site-packages" / "nof1" / "files" / "protocols.py")
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(protocols, "_SHARE", "nof1_share_of_test")
    with pytest.raises(WorkspaceError, match="install nof1 again"):
        library()
    (tmp_path / "nof1_share").rename(tmp_path / "nof1_share_of_test")
    assert list(library()) == ["only"]


def test_reading_is_quick_and_light():
    """In a fresh process a protocol is read without numpy, pandas or a database."""
    code = (
        "import sys, time\n"
        "from nof1.files.protocols import find_library, read_protocol\n"
        f"path = find_library({NAME!r})\n"
        "start = time.process_time()\nread_protocol(path)\nfirst = time.process_time() - start\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'matplotlib', 'sqlalchemy'} & set(sys.modules)\n"
        "sys.exit(f'{first} {heavy}' if heavy or first > 0.3 else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    start = time.process_time()
    read_protocol(find_library(NAME))
    assert time.process_time() - start < 0.15
