"""The data folder of a trial: written, read back, and refused when touched."""

from __future__ import annotations

import csv
import io
import json
import stat
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.encoding import sha256_hex
from nof1.errors import WorkspaceError
from nof1.files.locked import locked_bytes, read_locked, remove_locked, write_locked
from nof1.scores.locked_tables import (
    AdverseEventRow,
    AllocationRow,
    DeviationRow,
    DoseRow,
    GuessRow,
    LockedTables,
    ScoreRow,
    SessionRow,
    TrialRecord,
    UnplannedRow,
)
from nof1.terms import Mode, PeriodKind

from .strategies import TABLES

SMALL = LockedTables(
    trial=TrialRecord(
        id="small-trial",
        participant="K7QF2M3A",
        mode=Mode.SELF_BLINDED,
        zone="Europe/Berlin",
        stages=(("randomized", "2026-01-01T08:00:00Z"), ("locked", "2026-02-01T08:00:00Z")),
        versions=(("nof1", "0.1.0"),),
        chain_head="ab" * 32,
        flags=("unplanned_look",),
        facts=(("drift", "one"), ("drift", "two")),
    ),
    protocol='{"id":"small-trial","title":"Müde?"}',
    scores=(
        ScoreRow(score="day.mood", session=1, day=1, period=0, day_in_period=1, kind=PeriodKind.RUN_IN, analysed=False, value="7.50", source="hand"),
        ScoreRow(score="day.mood", session=2, day=8, period=1, day_in_period=1, block=1, missing_reason="forgot", late=True, flags=("late", "corrected")),
    ),
    sessions=(SessionRow(session=1, day=1, on="2026-01-01", period=0, day_in_period=1, kind=PeriodKind.RUN_IN, battery="day wm"),),
    guesses=(GuessRow(period=1, condition="on", percent="65"), GuessRow(period=2, condition=None, percent=None, reason="no idea")),
    doses=(DoseRow(on="2026-01-08", kit="K-N2PQH5", taken=True),),
    adverse_events=(AdverseEventRow(term="headache, dull", severity=1, serious=False),),
    deviations=(DeviationRow(text='said "no"\nand left'),),
    unplanned_scores=(UnplannedRow(score="day.mood", day=3, value="-3"),),
)  # fmt: skip
OPENED = replace(SMALL, allocation=(AllocationRow(period=1, kit="K-N2PQH5", condition="on"),))


@pytest.fixture
def folder(tmp_path):
    """Return a written data folder, unblinded."""
    place = tmp_path / "trial" / "locked"
    write_locked(place, OPENED)
    return place


def test_the_columns_are_those_of_the_contract():
    """Notebooks, pooling, verify.py and outside analysts rely on these names and this order."""
    headers = {
        name: next(csv.reader(io.StringIO(data.decode())))
        for name, data in locked_bytes(OPENED).items()
        if name.endswith(".csv")
    }
    assert {name: ",".join(columns) for name, columns in headers.items()} == {
        "scores.csv": "score,session,day,period,day_in_period,block,kind,analysed,at,value,missing_reason,late,flags,source,scorer_version",
        "sessions.csv": "session,day,on,period,day_in_period,block,kind,battery,due_at,at",
        "guesses.csv": "period,condition,percent,at,reason",
        "doses.csv": "on,at,day,period,kit,taken,text",
        "adverse_events.csv": "term,started_on,ended_on,day,period,severity,serious,related,action,outcome",
        "deviations.csv": "on,day,period,category,text",
        "notes/unplanned_scores.csv": "score,day,period,day_in_period,kind,at,value,missing_reason,late,flags,source,scorer_version",
        "allocation.csv": "period,kit,condition",
    }


def test_numbers_stand_as_typed():
    """7.50 stays 7.50, and a negative number is no formula; lines end with LF."""
    files = locked_bytes(SMALL)
    assert files["scores.csv"].decode().splitlines()[1:] == [
        "day.mood,1,1,0,1,,run_in,false,,7.50,,false,,hand,",
        "day.mood,2,8,1,1,1,treatment,true,,,forgot,true,late corrected,,",
    ]
    assert b",-3," in files["notes/unplanned_scores.csv"]
    assert all(b"\r" not in data for data in files.values())


def test_what_was_written_is_read_back(folder):
    """Every table, the protocol and the record."""
    assert read_locked(folder) == OPENED
    write_locked(folder, SMALL)
    assert read_locked(folder) == SMALL
    assert not (folder / "allocation.csv").exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(tables=TABLES)
def test_any_tables_survive_the_journey(tmp_path, tables):
    """Quotes, line ends, NUL, other scripts and absent values all come back."""
    place = tmp_path / "any"
    remove_locked(place)
    write_locked(place, tables)
    assert read_locked(place) == tables
    assert {
        path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()
    } == locked_bytes(tables)


@pytest.mark.parametrize("name", ["trial.json", "scores.csv"])
def test_the_same_tables_give_the_same_bytes(golden, name):
    """The digests that a lock publishes can be computed again by any later version."""
    golden(name, locked_bytes(SMALL)[name].decode())


def test_digests_can_be_checked_with_the_standard_library(folder):
    """As verify.py does: every file beside trial.json, and trial.json without its own line."""
    document = json.loads((folder / "trial.json").read_text(encoding="utf-8"))
    assert document["files"] == {
        name: sha256_hex((folder / name).read_bytes())
        for name in locked_bytes(OPENED)
        if name != "trial.json"
    }
    own = document.pop("sha256")
    assert sha256_hex((json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()) == own


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_byte_is_refused_with_the_name_of_the_file(folder, data):
    """Any bit of any file: the data are what was locked, or they are not read."""
    name = data.draw(st.sampled_from(sorted(locked_bytes(OPENED))))
    path = folder / name
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    try:
        path.write_bytes(content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :])
        with pytest.raises(WorkspaceError) as refused:
            read_locked(folder)
    finally:
        path.write_bytes(content)
    assert str(path) in str(refused.value)
    assert read_locked(folder) == OPENED


@pytest.mark.parametrize("name", sorted(locked_bytes(OPENED)))
def test_every_byte_matters(folder, name):
    """Bytes all along each file, one after the other, and one more at its end."""
    path = folder / name
    content = path.read_bytes()
    for place in range(0, len(content), max(1, len(content) // 200)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(WorkspaceError, match=name):
            read_locked(folder)
    path.write_bytes(content + b"\n")
    with pytest.raises(WorkspaceError, match=name):
        read_locked(folder)


@pytest.mark.parametrize("name", [name for name in locked_bytes(OPENED) if name != "trial.json"])
def test_a_lost_file_is_named(folder, name):
    """A file that trial.json names must be there."""
    (folder / name).unlink()
    with pytest.raises(WorkspaceError, match=f"{name} cannot be read"):
        read_locked(folder)


def test_an_allocation_that_was_slipped_in_is_refused(folder):
    """Before unblinding nobody can put conditions beside the scores."""
    allocation = (folder / "allocation.csv").read_bytes()
    write_locked(folder, SMALL)
    (folder / "allocation.csv").write_bytes(allocation)
    with pytest.raises(WorkspaceError, match=r"allocation\.csv is not named in trial\.json"):
        read_locked(folder)


def resealed(folder, **changes):
    """Change trial.json and give it a digest that fits, as an attacker would."""
    document = json.loads((folder / "trial.json").read_text(encoding="utf-8")) | changes
    del document["sha256"]
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    document["sha256"] = sha256_hex(text.encode())
    (folder / "trial.json").write_text(
        json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def test_a_name_that_leads_elsewhere_is_refused(folder):
    """Only files of a data folder are ever opened."""
    resealed(folder, files={"../../secret.txt": "00"})
    with pytest.raises(
        WorkspaceError, match=r"names '\.\./\.\./secret\.txt', which is no file of a data folder"
    ):
        read_locked(folder)
    resealed(folder, files={})
    with pytest.raises(WorkspaceError, match="is not named in"):
        read_locked(folder)


def test_a_later_format_is_refused(folder):
    """An older program does not guess what a newer one wrote."""
    resealed(folder, nof1=2, mode="quantum")
    with pytest.raises(WorkspaceError, match="has format 2, this version reads 1; update nof1"):
        read_locked(folder)


def test_a_record_that_makes_no_sense_is_refused(folder):
    """Also where its digest fits."""
    resealed(folder, mode="quantum")
    with pytest.raises(WorkspaceError, match=r"trial\.json was changed or damaged"):
        read_locked(folder)


def test_other_columns_are_refused(folder):
    """A table of another shape is named with what it has and what it must have."""
    path = folder / "allocation.csv"
    path.write_text("period,condition\n1,on\n", encoding="utf-8")
    files = json.loads((folder / "trial.json").read_text(encoding="utf-8"))["files"]
    resealed(folder, files=files | {"allocation.csv": sha256_hex(path.read_bytes())})
    with pytest.raises(
        WorkspaceError, match="has the columns period, condition; expected period, kit, condition"
    ):
        read_locked(folder)


def test_a_cell_that_makes_no_sense_is_refused(folder):
    """With its line; a digest that fits does not make it right."""
    path = folder / "allocation.csv"
    path.write_text("period,kit,condition\n1,,on\ntwo,,off\n", encoding="utf-8")
    files = json.loads((folder / "trial.json").read_text(encoding="utf-8"))["files"]
    resealed(folder, files=files | {"allocation.csv": sha256_hex(path.read_bytes())})
    with pytest.raises(WorkspaceError, match=r"allocation\.csv, line 3: invalid literal"):
        read_locked(folder)


def test_a_folder_that_is_none(tmp_path):
    """What nof1 did not write is not read."""
    with pytest.raises(WorkspaceError, match="it is no data folder"):
        read_locked(tmp_path)


def test_a_half_written_folder_is_refused(folder, monkeypatch):
    """A crash between two files leaves no trial.json, so nothing half new is read."""
    calls = []

    def failing(path, data, mode=0o600):
        calls.append(path.name)
        if len(calls) == 4:
            raise OSError("disk full")
        path.write_bytes(data)

    monkeypatch.setattr("nof1.files.locked.write_atomically", failing)
    with pytest.raises(OSError, match="disk full"):
        write_locked(folder, SMALL)
    with pytest.raises(WorkspaceError, match="it is no data folder"):
        read_locked(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_the_folder_is_private(folder):
    """Folders 0700, files 0600."""
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_removing_leaves_what_is_not_ours(folder):
    """An undone lock takes the tables away, and nothing else."""
    (folder / "mine.txt").write_text("x", encoding="utf-8")
    remove_locked(folder)
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    (folder / "mine.txt").unlink()
    remove_locked(folder)
    remove_locked(folder)
    assert not folder.exists()
