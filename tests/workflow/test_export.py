"""Tables for other programs: harmless in a spreadsheet, and blind as long as the trial is."""

from __future__ import annotations

import csv

import pytest

from nof1.errors import WorkspaceError
from nof1.workflow.export import export_tables
from nof1.workflow.move import stop_trial
from nof1.workflow.record import (
    record_adverse_event,
    record_deviation,
    record_dose,
    record_guess,
    record_note,
)

HOSTILE = '=HYPERLINK("http://x","y")'


@pytest.fixture
def told(running):
    """Return a running trial with hostile words in every field that takes words."""
    running.play_days(3)
    running.put(3, "20:00")
    record_dose(running.folder, running.context, text=HOSTILE)
    record_guess(running.folder, running.context, percent={"on": "70"}, reason=HOSTILE)
    record_deviation(running.folder, running.context, HOSTILE)
    record_adverse_event(
        running.folder, running.context, term=HOSTILE, severity=1, serious=False, related=HOSTILE, action=HOSTILE,
        outcome=HOSTILE,
    )  # fmt: skip
    stop_trial(running.folder, None, HOSTILE, running.context)
    return running


def cells(folder):
    """Return every cell of every table in a folder, without the headers."""
    found = []
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found += [cell for row in list(csv.reader(file))[1:] for cell in row]
    return found


def test_every_table_is_written(unblinded, tmp_path):
    """Also the allocation, once it is known."""
    files = export_tables(unblinded.folder, tmp_path / "out")
    assert {path.name for path in files} == {
        "scores.csv", "sessions.csv", "guesses.csv", "doses.csv", "adverse_events.csv", "deviations.csv",
        "unplanned_scores.csv", "allocation.csv", "protocol.json", "trial.json", "notes.csv",
    }  # fmt: skip
    assert {path.name for path in (tmp_path / "out").iterdir()} == {path.name for path in files}


@pytest.mark.parametrize("stage", ["played", "locked"])
def test_no_condition_before_the_opening(request, tmp_path, stage):
    """Beside the protocol no file knows the word."""
    player = request.getfixturevalue(stage)
    files = export_tables(player.folder, tmp_path / "out")
    assert "allocation.csv" not in {path.name for path in files}
    assert not {"on", "off", "caffeine", "cellulose"} & set(cells(tmp_path / "out"))
    assert "caffeine" not in (tmp_path / "out" / "trial.json").read_text()


def test_nothing_runs_in_a_spreadsheet(told, tmp_path):
    """What begins like a formula gets an apostrophe; numbers stay numbers."""
    export_tables(told.folder, tmp_path / "out")
    found = cells(tmp_path / "out")
    assert found.count(f"'{HOSTILE}") == 6  # the reason of a guess is hidden until everything is opened
    assert not [cell for cell in found if cell[:1] in set("=+-@\t\r") and not cell.lstrip("-").isdecimal()]
    assert (tmp_path / "out" / "scores.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_raw_tables_are_as_they_are(told, tmp_path):
    """For a program, byte for byte what `lock` would write."""
    files = {path.name: path.read_bytes() for path in export_tables(told.folder, tmp_path / "out", raw=True)}
    assert cells(tmp_path / "out").count(HOSTILE) == 6
    told.lock()
    folder = told.folder / "locked"
    for name in ("scores.csv", "doses.csv", "adverse_events.csv", "protocol.json"):
        assert files[name] == (folder / name).read_bytes()


def test_without_notes_no_word_of_a_person_is_left(told, tmp_path):
    """In no table, and not in the record of the trial; that something was said stays."""
    export_tables(told.folder, tmp_path / "out", raw=True, with_notes=False)
    for path in (tmp_path / "out").iterdir():
        assert b"HYPERLINK" not in path.read_bytes()
    with (tmp_path / "out" / "deviations.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["period"], row["text"]) == ("2", "")
    with (tmp_path / "out" / "scores.csv").open(newline="") as file:
        assert sum(row["value"] != "" for row in csv.DictReader(file)) == 9


def test_nothing_is_written_over(running, tmp_path):
    """Neither a file nor a folder that is not empty."""
    (tmp_path / "file").touch()
    (tmp_path / "folder" / "x").mkdir(parents=True)
    for name in ("file", "folder"):
        with pytest.raises(WorkspaceError) as refused:
            export_tables(running.folder, tmp_path / name)
        assert str(refused.value) == f"{tmp_path / name} is a file, or not empty; take another folder"


def test_notes_are_exported_unless_left_out(told, tmp_path):
    """In a table of their own."""
    record_note(told.folder, told.context, HOSTILE)
    export_tables(told.folder, tmp_path / "out")
    with (tmp_path / "out" / "notes.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["on"], row["text"]) == ("2026-03-04", f"'{HOSTILE}")
    assert "notes.csv" not in {
        path.name for path in export_tables(told.folder, tmp_path / "without", with_notes=False)
    }


def test_guesses_are_hidden_until_everything_is_opened(played, tmp_path):
    """That one was made is told, and when; what was guessed comes with the opening."""
    record_guess(played.folder, played.context, period=2, percent={"on": "71"}, reason="a bitter taste")
    export_tables(played.folder, tmp_path / "before")
    (row,) = csv.DictReader((tmp_path / "before" / "guesses.csv").read_text("utf-8-sig").splitlines())
    assert (row["period"], row["condition"], row["percent"], row["reason"]) == ("2", "", "", "")
    played.lock()
    played.unblind()
    export_tables(played.folder, tmp_path / "after")
    assert ",71," in (tmp_path / "after" / "guesses.csv").read_text("utf-8-sig")
