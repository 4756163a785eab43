"""Heads are written down one a line, and read back."""

from __future__ import annotations

import pytest

from nof1.audit.chain import Anchor
from nof1.errors import ChainError, WorkspaceError
from nof1.storage import heads
from nof1.storage.heads import append_anchor, read_anchors

FIRST = Anchor(seq=1, head="01" * 32, at="2026-04-03T08:00:00.000Z", what="randomized")
SECOND = Anchor(seq=9, head="02" * 32, at="2026-05-03T08:00:00.000Z", what="locked")


def test_heads_are_added_and_read(tmp_path):
    """A trial without a heads.txt has no anchors; each occasion adds a line."""
    path = tmp_path / "heads.txt"
    assert read_anchors(path) == ()
    append_anchor(path, FIRST)
    append_anchor(path, SECOND)
    assert read_anchors(path) == (FIRST, SECOND)
    assert path.read_text().splitlines()[1:] == [str(FIRST), str(SECOND)]


def test_a_failed_line_leaves_the_others(tmp_path, monkeypatch):
    """A full disk must not cost the heads that are there."""
    path = tmp_path / "heads.txt"
    append_anchor(path, FIRST)

    def fail(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(heads, "write_atomically", fail)
    with pytest.raises(WorkspaceError, match="cannot be written"):
        append_anchor(path, SECOND)
    assert read_anchors(path) == (FIRST,)


def test_a_file_of_something_else_is_refused(tmp_path):
    """And not overwritten."""
    path = tmp_path / "heads.txt"
    path.write_text("tails\n")
    with pytest.raises(ChainError, match="line 1"):
        append_anchor(path, FIRST)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(WorkspaceError, match="cannot be read"):
        append_anchor(path, FIRST)
    assert path.read_bytes() == b"\xff\xfe"
