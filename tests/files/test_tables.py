"""The bytes of a table that was named."""

from __future__ import annotations

import pytest

from nof1.errors import WorkspaceError
from nof1.files.tables import read_bytes
from nof1.scores.table import Limits


def test_a_file_is_read_up_to_its_limit(tmp_path):
    """One byte more is refused."""
    path = tmp_path / "scores.csv"
    path.write_bytes(b"12345")
    assert read_bytes(path, limits=Limits(n_bytes=5, n_rows=None)) == b"12345"
    with pytest.raises(WorkspaceError, match="has more than 4 bytes"):
        read_bytes(path, limits=Limits(n_bytes=4, n_rows=None))


def test_what_is_no_file_is_named(tmp_path):
    """A folder, or nothing."""
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(WorkspaceError, match="give the path of a file"):
            read_bytes(path)
