"""Sheets on the disk."""

from __future__ import annotations

import stat

from nof1.files.sheets import write_sheets


def test_sheets_belong_to_their_owner_alone(tmp_path):
    """A slip is a secret until the trial is opened: no other account of the machine can read it."""
    paths = write_sheets(tmp_path / "kits", {"a.pdf": b"1", "b.pdf": b"2"})
    assert [(path.name, path.read_bytes()) for path in paths] == [("a.pdf", b"1"), ("b.pdf", b"2")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert {path.name for path in (tmp_path / "kits").iterdir()} == {"a.pdf", "b.pdf"}
