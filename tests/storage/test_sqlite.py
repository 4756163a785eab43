"""Every connection has the settings under which an acknowledged entry survives."""

from __future__ import annotations

import pytest

from nof1.storage.faults import StorageFault
from nof1.storage.sqlite import APPLICATION_ID, connect, require_sound


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("journal_mode", "delete"),
        ("synchronous", 3),
        ("fullfsync", 1),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("secure_delete", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("mmap_size", 0),
        ("busy_timeout", 30_000),
        ("application_id", 0x6E6F6631),
        ("user_version", 1),
    ],
)
def test_settings_hold_on_every_connection(writer, setting, value):
    """A weaker setting would show only in a crash; so it is looked at."""
    connection = connect(writer.store.path)
    (found,) = connection.execute(f"PRAGMA {setting}").fetchone()
    connection.close()
    assert found == value


def test_a_file_is_never_created_by_looking(tmp_path):
    """A mistyped path must not leave an empty store."""
    with pytest.raises(StorageFault, match="CANTOPEN"):
        connect(tmp_path / "nothing.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_reading_connection_cannot_write(writer):
    """Whatever statement is run on it."""
    connection = connect(writer.store.path, read_only=True)
    with pytest.raises(Exception, match="readonly"):
        connection.execute("CREATE TABLE x (y)")
    connection.close()


def test_odd_names_of_folders_are_taken_as_they_are(tmp_path):
    """A question mark or a percent sign in a path is part of its name, not of an address."""
    folder = tmp_path / "100% sure? #1"
    folder.mkdir()
    (folder / "trial.sqlite").touch()
    connection = connect(folder / "trial.sqlite")
    connection.execute("CREATE TABLE x (y)")
    connection.close()
    assert (folder / "trial.sqlite").stat().st_size > 0


def test_a_row_without_its_event_is_found(writer):
    """A thorough look also follows the links between tables."""
    connection = connect(writer.store.path)
    require_sound(connection, thorough=True)
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("INSERT INTO score_current VALUES (99, 0, 'x', 1, 1, '', '1', NULL, 1, 99)")
    with pytest.raises(StorageFault, match="without its event"):
        require_sound(connection, thorough=True)
    connection.close()


def test_the_number_in_the_file_names_the_program():
    """`file` and other tools can tell what it is."""
    assert APPLICATION_ID.to_bytes(4, "big") == b"nof1"
