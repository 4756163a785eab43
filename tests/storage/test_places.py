"""Folders in which a live store is not safe are recognised."""

from __future__ import annotations

from pathlib import Path

import pytest

from nof1.storage.places import find_hazard

MOUNTS = """/dev/sda1 / ext4 rw,relatime 0 0
server:/export {root}/far nfs4 rw 0 0
tmpfs {root}/far/near tmpfs rw 0 0
//nas/home {root}/with\\040space cifs rw 0 0
broken
"""


def test_an_ordinary_folder_is_safe(tmp_path):
    """Also one that does not exist yet, and names that merely contain another."""
    assert find_hazard(tmp_path / "data" / "caffeine") is None
    assert find_hazard(tmp_path / "dropboxes" / "onedrives") is None


@pytest.mark.parametrize(
    "name",
    [
        "Dropbox",
        "Dropbox (Personal)",
        "OneDrive",
        "OneDrive - Uni",
        "Google Drive",
        "Nextcloud",
        "Mobile Documents",
    ],
)
def test_a_synchronised_folder_is_known_by_its_name(tmp_path, name):
    """However deep the trial lies in it."""
    assert "synchronised" in find_hazard(tmp_path / name / "data" / "caffeine")


@pytest.mark.parametrize("mark", [".stfolder", ".dropbox", ".sync_1a2b.db", ".SyncArchive"])
def test_a_synchronised_folder_is_known_by_what_lies_in_it(tmp_path, mark):
    """The mark is at the top of the synchronised tree."""
    (tmp_path / mark).touch()
    assert mark in find_hazard(tmp_path / "data" / "caffeine")


def test_a_copy_in_conflict_gives_a_folder_away(tmp_path):
    """Such a copy means that two computers wrote."""
    (tmp_path / "trial (Ann's conflicted copy 2026-04-03).sqlite").touch()
    assert "conflicted copy" in find_hazard(tmp_path)
    assert find_hazard(tmp_path / "below") is None


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("far/caffeine", "nfs4"), ("far/near/caffeine", None), ("with space/x", "cifs"), ("here", None)],
)
def test_a_network_is_known_by_its_mount(tmp_path, folder, kind):
    """The nearest mount point counts."""
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS.format(root=tmp_path))
    found = find_hazard(tmp_path / folder, mounts=mounts)
    assert found == (f"is on a network file system ({kind})" if kind else None)


def test_without_a_table_of_mounts_nothing_is_claimed(tmp_path):
    """Other systems have no such file."""
    assert find_hazard(tmp_path, mounts=Path("/nowhere")) is None
