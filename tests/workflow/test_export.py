"""Tables for other programs: harmless in a spreadsheet, and blind as long as the trial is."""

from __future__ import annotations

import csv
import json
import re
from hashlib import sha256
from itertools import pairwise

import pytest
from ruamel.yaml import YAML

from nof1.errors import WorkspaceError
from nof1.scores.redcap import COLUMNS
from nof1.workflow.export import export_package, export_redcap, export_tables
from nof1.workflow.move import stop_trial
from nof1.workflow.record import (
    record_adverse_event,
    record_deviation,
    record_dose,
    record_guess,
    record_note,
)

from .playing import Player, third_party

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


# REDCap and the data package


def table(path):
    """Return the rows of a table by column."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def handed_on(tmp_path_factory):
    """Return a trial with hostile words in every field that takes words, those of its protocol included."""
    text = third_party().replace("unit: points", f"unit: '{HOSTILE}', label: '{HOSTILE}'")
    for said in (
        "Does it do anything for me? A made-up trial",
        "Made for tests.",
        "name: caffeine",
        "name: cellulose",
        "Made up.",
    ):
        hostile = f"'{HOSTILE} <script>alert(1)</script> [user-name] | 9 {said[-3:]}'"
        assert said in text
        text = text.replace(said, f"name: {hostile}" if said.startswith("name") else hostile)
    player = Player(tmp_path_factory.mktemp("handed"), text)
    player.randomize()
    player.play_days(3)
    player.put(3, "20:00")
    record_dose(player.folder, player.context, text=HOSTILE)
    record_guess(player.folder, player.context, percent={"on": "70"}, reason=HOSTILE)
    record_note(player.folder, player.context, HOSTILE)
    record_deviation(player.folder, player.context, HOSTILE)
    record_adverse_event(
        player.folder, player.context, term=HOSTILE, severity=2, serious=True, related=HOSTILE, action=HOSTILE,
        outcome=HOSTILE,
    )  # fmt: skip
    return player


def test_the_dictionary_is_one_that_redcap_reads(handed_on, tmp_path):
    """18 columns in their order, record_id first, forms together, names that may be, choices as code and label."""
    export_redcap(handed_on.folder, tmp_path / "out")
    path = tmp_path / "out" / "redcap_dictionary.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert tuple(next(csv.reader(file))) == COLUMNS
    assert len(COLUMNS) == 18
    fields = table(path)
    names = [row[COLUMNS[0]] for row in fields]
    assert (names[0], fields[0]["Field Type"]) == ("record_id", "text")
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,25}", name) for name in names)
    forms = [row["Form Name"] for row in fields]
    assert sum(a != b for a, b in pairwise(forms)) == len(set(forms)) - 1
    for row in fields:
        choices = row[COLUMNS[5]]
        assert bool(choices) == (row["Field Type"] == "dropdown")
        assert all(re.match(r"[a-z0-9_]+, ", choice) for choice in choices.split(" | ") if choice)
        assert row[COLUMNS[7]] in {"", "integer", "number", "date_ymd"}


def test_the_data_fit_the_dictionary(handed_on, tmp_path):
    """Every column is a field, every instance fills its own form alone, the scores are all there."""
    export_redcap(handed_on.folder, tmp_path / "out")
    fields = {row[COLUMNS[0]]: row for row in table(tmp_path / "out" / "redcap_dictionary.csv")}
    rows = table(tmp_path / "out" / "redcap_data.csv")
    keys = {"redcap_repeat_instrument", "redcap_repeat_instance"}
    assert set(rows[0]) - keys == set(fields)
    instances = [(row["redcap_repeat_instrument"], row["redcap_repeat_instance"]) for row in rows]
    assert len(set(instances)) == len(instances)
    for row in rows:
        filled = {name for name, value in row.items() if value and name not in keys | {"record_id"}}
        assert {fields[name]["Form Name"] for name in filled} <= {row["redcap_repeat_instrument"] or "trial"}
    moods = [row["s_day_mood"] for row in rows if row["s_day_mood"]]
    assert moods == [s.value for s in handed_on.trial.state.scores if s.entry.score == "day.mood"]
    assert len(moods) == 3


def test_redcap_knows_no_condition_before_the_opening(handed_on, tmp_path):
    """Not what a period was, nor what was guessed."""
    export_redcap(handed_on.folder, tmp_path / "out")
    rows = table(tmp_path / "out" / "redcap_data.csv")
    assert not any(row["per_condition"] or row["gs_condition"] or row["gs_percent"] for row in rows)


def test_redcap_has_the_allocation_after_it(unblinded, tmp_path):
    """A row for each period."""
    export_redcap(unblinded.folder, tmp_path / "out")
    rows = [
        row
        for row in table(tmp_path / "out" / "redcap_data.csv")
        if row["redcap_repeat_instrument"] == "period"
    ]
    assert {row["per_condition"] for row in rows} == {"on", "off"}
    assert [int(row["per_number"]) for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("export", [export_redcap, export_package, export_tables])
def test_hostile_words_stay_words(handed_on, tmp_path, export):
    """No cell begins a formula; the labels of REDCap hold no markup and nothing that is filled in."""
    files = export(handed_on.folder, tmp_path / "out")
    told = cells(tmp_path / "out")
    assert any("HYPERLINK" in cell for cell in told)
    assert not any(cell.lstrip()[:1] in set("=+@") for cell in told if cell.strip())
    if export is export_redcap:
        (path,) = (path for path in files if "dictionary" in path.name)
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "[user-name]" not in text


def test_a_package_says_what_it_holds(handed_on, tmp_path):
    """Every file with its digest and columns; every score in the codebook."""
    export_package(handed_on.folder, tmp_path / "out")
    described = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert {one["path"] for one in described["resources"]} == files - {"datapackage.json"}
    for one in described["resources"]:
        data = (tmp_path / "out" / one["path"]).read_bytes()
        assert one["hash"] == f"sha256:{sha256(data).hexdigest()}"
        assert re.fullmatch(r"[a-z0-9-]+", one["name"])
        if "schema" in one:
            header = next(csv.reader(data.decode("utf-8-sig").splitlines()))
            assert [field["name"] for field in one["schema"]["fields"]] == header
    book = table(tmp_path / "out" / "codebook.csv")
    assert {row["score"] for row in book} == {"day.mood", "day.calm", "app.points"}
    assert {row["score"]: row["role"] for row in book}["app.points"] == "primary"


def test_a_citation_is_yaml_of_texts(handed_on, tmp_path):
    """Whatever a title says, it is the title."""
    export_package(handed_on.folder, tmp_path / "out")
    read = YAML(typ="safe").load((tmp_path / "out" / "CITATION.cff").read_text(encoding="utf-8"))
    assert read["cff-version"] == "1.2.0"
    assert read["title"].startswith(handed_on.trial.protocol.title)
    assert read["authors"] == [{"alias": handed_on.trial.registration.participant_id}]


@pytest.mark.parametrize("export", [export_redcap, export_package])
def test_without_notes_nothing_in_own_words_leaves(handed_on, tmp_path, export):
    """In every form; what the protocol says is not the participant's diary."""
    of_protocol = {"codebook.csv", "redcap_dictionary.csv"}
    files = export(handed_on.folder, tmp_path / "out", with_notes=False)
    assert "notes.csv" not in {path.name for path in files}
    tables = [path for path in files if path.suffix == ".csv" and path.name not in of_protocol]
    assert not any("HYPERLINK" in path.read_text(encoding="utf-8") for path in tables)
