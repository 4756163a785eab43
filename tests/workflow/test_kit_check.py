"""The read-back: what was printed must give what was published, before the sheet is sealed."""

from __future__ import annotations

import json

import pytest

from nof1.blinding.sealed import Secret
from nof1.errors import DocumentError, EntryError, OpeningError, WorkspaceError
from nof1.files.secrets import read_secret
from nof1.workflow.kit_check import check_kits


@pytest.fixture
def folder(player):
    """Return the folder of a draw."""
    player.draw()
    return player.preparer / "kits"


@pytest.fixture
def sheet(folder):
    """Return the secret as the recovery sheet prints it."""
    return " ".join(Secret(read_secret(folder / "preparer-only" / "secret.txt")).sheet())


def test_the_sheet_gives_what_was_published(folder, sheet):
    """With its check characters, or as bare digits."""
    done = check_kits(folder, sheet)
    public = json.loads((folder / "for-participant" / "public.json").read_text())
    assert done.n_kits == len(public["kits"])
    assert done.line.endswith(public["commitment"])
    assert check_kits(folder, (folder / "preparer-only" / "secret.txt").read_text()) == done


def test_a_misread_group_is_named(folder, sheet):
    """And nothing of what was typed is repeated."""
    groups = sheet.split()
    groups[4] = ("1" if groups[4][0] == "0" else "0") + groups[4][1:]
    with pytest.raises(EntryError, match="group 5 of the secret was misread") as refused:
        check_kits(folder, " ".join(groups))
    assert groups[4] not in str(refused.value)


def test_the_sheet_of_another_draw(folder):
    """Well read, but not this one."""
    with pytest.raises(OpeningError, match="this secret does not fit what was published"):
        check_kits(folder, "ab" * 32)


def test_a_packing_list_that_was_changed(folder, sheet):
    """It is what the kits are packed by."""
    path = folder / "preparer-only" / "packing-list.csv"
    text = path.read_text()
    path.write_text(text.replace(",on,", ",?,").replace(",off,", ",on,").replace(",?,", ",off,"))
    with pytest.raises(OpeningError, match="do not pack by it, draw again"):
        check_kits(folder, sheet)


def test_another_protocol_beside_the_secret(folder, sheet):
    """The draw is bound to the text."""
    path = folder / "preparer-only" / "protocol.yaml"
    path.write_text(path.read_text().replace("Made for tests.", "Changed."))
    with pytest.raises(DocumentError, match="not that of"):
        check_kits(folder, sheet)


def test_a_folder_without_a_draw(tmp_path):
    """Said before anything is compared."""
    with pytest.raises(WorkspaceError, match="give the one that nof1 kit draw FILE --to DIR made"):
        check_kits(tmp_path, "ab" * 32)
