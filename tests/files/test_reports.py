"""The folder of a report: named by time, grown under another name, never written over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nof1.errors import ReportError, WorkspaceError
from nof1.files.reports import (
    add_json,
    begin_report,
    finish_report,
    folder_digests,
    read_manifest,
    report_place,
)

AT = datetime(2026, 3, 1, 9, 30, 5, tzinfo=UTC)


def test_two_reports_of_one_second_get_two_names(tmp_path):
    """Names sort by time, and hold no sign that a file system refuses."""
    with report_place(None, tmp_path, "caffeine", AT) as first:
        assert first == tmp_path / "caffeine" / "2026-03-01T09-30-05Z"
        first.mkdir(parents=True)
    with report_place(None, tmp_path, "caffeine", AT) as second:
        assert second.name == "2026-03-01T09-30-05Z-2"


def test_growing_folder_has_another_name(tmp_path):
    """A crash leaves a folder that says it is unfinished; the next run does not touch it."""
    to = tmp_path / "reports" / "now"
    crashed = begin_report(to)
    growing = begin_report(to)
    assert (crashed.name, growing.name) == ("now.unfinished", "now.unfinished-2")
    add_json(growing / "results.json", {"µ": 1.5})
    finish_report(growing, to)
    assert (to / "results.json").read_text(encoding="utf-8") == '{\n "µ": 1.5\n}\n'
    assert crashed.is_dir()
    assert not growing.exists()


def test_report_takes_an_empty_folder_but_no_other(tmp_path):
    """A folder that the person made for it is fine; anything in it stays as it is."""
    to = tmp_path / "mine"
    to.mkdir()
    finish_report(begin_report(to), to)
    (to / "kept.txt").write_text("x", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="there is something already"):
        begin_report(to)
    with pytest.raises(WorkspaceError, match="there is something already"):
        begin_report(to / "kept.txt")


def test_numbers_that_json_does_not_know_are_refused(tmp_path):
    """NaN would make a file that other programs cannot read."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        add_json(tmp_path / "x.json", {"p": float("nan")})
    assert not (tmp_path / "x.json").exists()


def test_digests_cover_every_depth(tmp_path):
    """A file in a folder of the folder counts like the others."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.csv").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert folder_digests(tmp_path) == {"notes/a.csv": empty}
    with pytest.raises(WorkspaceError, match="no data folder"):
        folder_digests(tmp_path / "nothing")


def test_a_place_is_kept_from_before_the_report_is_made(tmp_path):
    """Two at once: of one second they get two names; for one named folder the second is refused; no lock is left."""
    with (
        report_place(None, tmp_path, "caffeine", AT) as one,
        report_place(None, tmp_path, "caffeine", AT) as other,
    ):
        assert (one.name, other.name) == ("2026-03-01T09-30-05Z", "2026-03-01T09-30-05Z-2")
    to = tmp_path / "caffeine" / "mine"
    with (
        report_place(to, tmp_path, "caffeine", AT) as place,
        pytest.raises(WorkspaceError, match="another report is being made there"),
        report_place(to, tmp_path, "caffeine", AT),
    ):
        raise AssertionError(place)
    with report_place(to, tmp_path, "caffeine", AT) as place:
        finish_report(begin_report(place), place)
    assert [path.name for path in (tmp_path / "caffeine").iterdir()] == ["mine"]


def test_a_manifest_of_endless_depth_is_told(tmp_path):
    """As any other text that is no manifest."""
    (tmp_path / "manifest.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(ReportError, match="not the manifest of a report"):
        read_manifest(tmp_path / "manifest.json")
