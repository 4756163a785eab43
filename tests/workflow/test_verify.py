"""Verification: PASS for what is as it was written, FAIL for every changed byte, and what nobody can prove."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest

from nof1.errors import TrialNotFoundError
from nof1.files.locked import read_locked
from nof1.workflow.correct import correct_score
from nof1.workflow.enter_table import enter_table
from nof1.workflow.evidence import trial_evidence
from nof1.workflow.verify import Outcome, verify_trial

from ..report.verifying import verify  # noqa: TID252


def outcomes(player, **options):
    """Return the outcome of every check by its name."""
    return {check.name: check.outcome.value for check in verify_trial(player.folder, **options)}


def failures(player, **options):
    """Return name and text of every check that failed."""
    return {
        check.name: check.text
        for check in verify_trial(player.folder, **options)
        if check.outcome is Outcome.FAIL
    }


def test_a_running_trial(running):
    """What is not yet is called so."""
    running.enter_session(1)
    assert outcomes(running) == {
        "record": "PASS", "protocol": "PASS", "commitment": "PASS", "draw": "NOT YET", "order of events": "PASS",
        "schedule.csv": "PASS", "public.json": "PASS", "locked data": "NOT YET", "kits": "PASS", "limits": "NOT PROVABLE",
    }  # fmt: skip


def test_an_opened_trial(unblinded):
    """Everything that a computer can check is checked."""
    assert outcomes(unblinded) == {
        "record": "PASS", "protocol": "PASS", "commitment": "PASS", "draw": "PASS", "sequence": "PASS",
        "order of events": "PASS",
        "schedule.csv": "PASS", "public.json": "PASS", "locked data": "PASS", "kits": "PASS", "limits": "NOT PROVABLE",
    }  # fmt: skip
    told = {check.name: check.text for check in verify_trial(unblinded.folder)}
    assert told["limits"] == "that the preparer drew once, told nobody, and packed what the list says"
    assert told["locked data"] == "9 tables as they were locked"


def test_an_open_trial(openly):
    """There is no commitment to kits, and the draw can be repeated from the first day on."""
    assert outcomes(openly) == {
        "record": "PASS", "protocol": "PASS", "draw": "PASS", "order of events": "PASS", "schedule.csv": "PASS",
        "public.json": "PASS", "locked data": "NOT YET", "limits": "NOT PROVABLE",
    }  # fmt: skip


def test_a_folder_without_a_trial(tmp_path):
    """Nothing can be said about it."""
    with pytest.raises(TrialNotFoundError, match="holds no trial"):
        verify_trial(tmp_path)


def test_a_flipped_byte_of_a_score(played):
    """The event no longer has its hash; what rests on the record is not looked at."""
    path = played.folder / "trial.sqlite"
    data = path.read_bytes()
    place = data.index(b'"value":"40"') if b'"value":"40"' in data else data.index(b'"value":"4')
    changed = bytearray(data)
    changed[place + 10] ^= 1
    path.write_bytes(changed)
    assert list(outcomes(played).items()) == [("record", "FAIL")]
    assert "its content was changed" in failures(played)["record"]


@pytest.mark.parametrize("place", [0, 100, 4096, -1])
def test_a_flipped_byte_of_the_file_never_ends_in_a_traceback(played, place):
    """Header, root page, second page, last byte: a FAIL, or a byte that carries nothing."""
    path = played.folder / "trial.sqlite"
    changed = bytearray(path.read_bytes())
    changed[place] ^= 0xFF
    path.write_bytes(changed)
    found = verify_trial(played.folder)
    if found[0].outcome is Outcome.FAIL:
        assert len(found) == 1
    else:
        assert place != 0


def test_a_record_that_ends_too_early(played):
    """An older copy of the file lacks the head that was written down."""
    path = played.folder / "trial.sqlite"
    older = path.read_bytes()
    played.lock()
    path.write_bytes(older)
    assert "record" in failures(played)


def test_heads_that_cannot_be_read(running):
    """Said with the line and what to do."""
    (running.folder / "heads.txt").write_text("what\n")
    assert failures(running)["record"].endswith(
        "heads, line 1: found 'what'; expected 'seq head time what'; "
        "set the line right, or keep the file elsewhere and remove it here"
    )


def test_a_changed_projection_is_found_and_built_again(played):
    """The table of current scores follows from the events."""
    connection = sqlite3.connect(played.folder / "trial.sqlite")
    connection.execute("DELETE FROM score_current WHERE score = 'day.mood'")
    connection.commit()
    connection.close()
    wrong = failures(played)["record"]
    assert wrong.startswith("score 1 of event 2: nothing; its events say day.mood = 4")
    assert wrong.endswith("; and 7 more; nof1 verify --repair writes again what follows from the record")
    assert failures(played, repair=True) == {}
    assert failures(played) == {}


def test_beside_a_broken_chain_the_projection_is_evidence(played):
    """A repair must not wipe out what the table still knows of a changed event."""
    connection = sqlite3.connect(played.folder / "trial.sqlite")
    for name in [n for (n,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")]:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(
        """UPDATE event SET payload = replace(payload, '"value":"4"', '"value":"9"') WHERE seq = 2"""
    )
    connection.commit()
    before = connection.execute("SELECT * FROM score_current").fetchall()
    assert "its content was changed" in failures(played, repair=True)["record"]
    assert connection.execute("SELECT * FROM score_current").fetchall() == before
    connection.close()


@pytest.mark.parametrize("content", [b"", b"period,kit\n", None])
def test_a_changed_schedule_is_found_and_written_again(running, content):
    """Changed or gone."""
    path = running.folder / "schedule.csv"
    whole = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    assert failures(running) == {
        "schedule.csv": "not as it follows from the events; nof1 verify --repair writes again what follows from the record"
    }
    assert failures(running, repair=True) == {}
    assert path.read_bytes() == whole


@pytest.mark.parametrize("content", [b"", b"{nope", b"\xff\xfe", b"[]", b"[" * 5000, None])
def test_a_changed_public_file_is_found_and_written_again(running, content):
    """Whatever stands there instead: one line says it."""
    path = running.folder / "public.json"
    whole = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    assert failures(running) == {
        "public.json": "not as it was registered; nof1 verify --repair writes again what follows from the record"
    }
    assert failures(running, repair=True) == {}
    assert path.read_bytes() == whole


def test_another_leaf_in_the_public_file_is_found(running):
    """A file that is consistent in itself is not the one that was registered."""
    path = running.folder / "public.json"
    document = json.loads(path.read_text())
    document["leaves"][0] = "0" * 64
    path.write_text(json.dumps(document))
    assert list(failures(running)) == ["public.json"]


@pytest.mark.parametrize(
    "name", ["scores.csv", "sessions.csv", "protocol.json", "notes/unplanned_scores.csv", "allocation.csv"]
)
def test_a_changed_locked_table_is_found_and_written_again(unblinded, name):
    """Also the allocation, which came after the lock."""
    path = unblinded.folder / "locked" / name
    whole = path.read_bytes()
    path.write_bytes(whole + b"x")
    assert failures(unblinded) == {
        "locked data": f"{name} is not what was locked; nof1 verify --repair writes again what follows from the record"
    }
    path.unlink()
    assert failures(unblinded)["locked data"].startswith(f"{name} is missing")
    assert failures(unblinded, repair=True) == {}
    assert path.read_bytes() == whole


def test_a_changed_description_of_the_locked_data_is_found(unblinded):
    """trial.json holds its own digest."""
    path = unblinded.folder / "locked" / "trial.json"
    path.write_text(path.read_text().replace('"simulated": true', '"simulated": false'))
    assert "trial.json was changed or damaged" in failures(unblinded)["locked data"]
    assert failures(unblinded, repair=True) == {}


def test_a_file_that_was_put_beside_the_locked_data_is_found(locked):
    """An allocation before the opening does not belong there."""
    (locked.folder / "locked" / "allocation.csv").write_text("period,kit,condition\n")
    assert "allocation.csv is not named in trial.json" in failures(locked)["locked data"]


def test_corrections_before_the_lock_are_no_failure(played):
    """They are part of the record."""
    correct_score(played.folder, played.context, target="1", score="mood", value="9", reason="x")
    played.lock()
    played.unblind()
    assert failures(played) == {}


def test_verification_changes_nothing(unblinded):
    """Unless it is told to repair."""
    before = {path: path.read_bytes() for path in unblinded.folder.rglob("*") if path.is_file()}
    verify_trial(unblinded.folder)
    assert {path: path.read_bytes() for path in unblinded.folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("content", [None, b""])
def test_heads_that_are_gone_are_found_and_written_again(played, content):
    """Without a head that was kept nobody could tell an older copy; a new one is written on demand."""
    path = played.folder / "heads.txt"
    path.unlink() if content is None else path.write_bytes(content)
    assert failures(played)["record"].startswith("no head was kept: heads.txt is missing or empty")
    assert failures(played, repair=True) == {}
    assert path.read_text().splitlines()[-1].endswith(" repaired")
    assert failures(played) == {}


def test_a_repair_writes_the_present_head_once(played):
    """Again and again it would only make the file longer."""
    for _ in range(2):
        verify_trial(played.folder, repair=True)
    assert (played.folder / "heads.txt").read_text().count(" repaired") == 1


def alone(player):
    """Return what verify.py says of each line: whether it holds, and the first number that it counts as too early."""
    files = trial_evidence(player.folder)
    rows = [json.loads(row) for row in files["evidence/events.jsonl"].decode().splitlines()]
    found = verify.checks(rows, files["evidence/heads.txt"].decode(), {})
    return {
        name: (outcome, int(re.search(r"(\d+) too early|$", text)[1] or 0)) for name, outcome, text in found
    }


def test_scores_from_before_the_registration_are_named(running):
    """A trial that was registered afterwards is not one that was planned."""
    running.enter(1, "05:30", day__mood="5")
    running.put(2, "10:00")
    assert failures(running) == {"order of events": "1 scores were measured before the trial was registered"}
    table = running.folder.parent / "early.csv"
    table.write_text("at,day.calm\n2026-03-02 05:40,5\n2026-03-03 09:55,5\n")
    enter_table(running.folder, table, running.context)
    running.lock()
    assert alone(running)["order"] == (False, 2)
    assert alone(running)["chain"] == (True, 0)
    assert ("early", "2 scores were measured before the trial was registered") in read_locked(
        running.folder / "locked"
    ).trial.facts
