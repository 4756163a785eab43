"""What a machine lacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nof1.workflow.doctor import examine


def found(context):
    """Return every finding by its name."""
    return {finding.name: finding for finding in examine(context)}


def test_a_machine_that_runs_these_tests_is_fine(player):
    """Everything that is needed is there, and nothing is changed."""
    before = set(player.root.rglob("*"))
    seen = found(player.context)
    assert list(seen) == [
        "Python", "store", "notebooks", "sheets to print", "clock", "time zone", "workspace", "disk",
    ]  # fmt: skip
    assert all(finding.is_fine for finding in seen.values() if finding.needed)
    assert set(player.root.rglob("*")) == before


def test_a_clock_that_was_never_set(player):
    """It lies before nof1 was written."""
    finding = found(replace(player.context, now=lambda: datetime(1970, 1, 1, tzinfo=UTC)))["clock"]
    assert not finding.is_fine
    assert finding.text == "1970-01-01 00:00 UTC; this lies before nof1 was written: set the clock"


def test_a_folder_that_another_program_copies(player):
    """With what to do instead."""
    folder = player.root / "Nextcloud"
    folder.mkdir()
    finding = found(replace(player.context, workspace=folder))["workspace"]
    assert not finding.is_fine
    assert finding.text == (
        f"{folder} is synchronised by another program (Nextcloud); keep trials on a local disk and back them up with nof1 backup"
    )


@pytest.mark.parametrize(("zone", "is_fine"), [("Europe/Berlin", True), (None, False)])
def test_a_zone_without_a_name(player, monkeypatch, zone, is_fine):
    """It can be given, so it is not needed."""
    monkeypatch.setattr("nof1.workflow.doctor.local_zone", lambda: zone)
    finding = found(player.context)["time zone"]
    assert (finding.is_fine, finding.needed) == (is_fine, False)


def test_a_kernel_that_is_missing(player, monkeypatch):
    """Without it no report can be made."""
    monkeypatch.setattr("nof1.workflow.doctor.importlib.util.find_spec", lambda name: None)
    finding = found(player.context)["notebooks"]
    assert not finding.is_fine
    assert finding.text == "ipykernel, papermill, nbconvert cannot be imported; reinstall nof1"


def test_a_full_disk(player, monkeypatch):
    """Said before anything is entered."""
    monkeypatch.setattr(
        "nof1.workflow.doctor.shutil.disk_usage", lambda path: type("U", (), {"free": 5 * 2**20})()
    )
    assert found(player.context)["disk"].text == "5 MiB free; free some space before you enter scores"
