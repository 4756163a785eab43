"""Every step works on a server as on a file: the same files, tables, digests and heads, to the last digit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import psycopg
import pytest

import nof1
from nof1.audit import events
from nof1.errors import ChainError, EntryError, StoreError, TrialNotFoundError, WorkspaceError
from nof1.files.locked import read_dataset
from nof1.storage.address import read_address, write_address
from nof1.workflow import doctor
from nof1.workflow import randomize as randomize_step
from nof1.workflow import report as report_step
from nof1.workflow.correct import correct_score
from nof1.workflow.emergency import check_card, record_emergency, what_to_open
from nof1.workflow.enter_table import enter_table
from nof1.workflow.import_trial import import_trial
from nof1.workflow.keep import attach_trial, backup_trial, restore_trial
from nof1.workflow.lock import undo_lock
from nof1.workflow.pool import pool
from nof1.workflow.report import report_trial
from nof1.workflow.stored import read_datasets
from nof1.workflow.trial import changing, read_trial
from nof1.workflow.verify import Outcome, verify_trial

from .playing import BROUGHT, START, Player, brought_table, ratings, self_blinded, third_party

OWN = ("trial.sqlite", "store.json", "copies")
"""What a folder holds of its own kind of store."""


def files_of(folder):
    """Return what lies in a trial's folder, but the store itself and copies of it."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    names = {str(path.relative_to(folder)): path.read_bytes() for path in paths}
    return {name: data for name, data in names.items() if not name.startswith(OWN)}


def live(player, monkeypatch):
    """Play a trial from its draw to its report; the run of the notebook alone is left out."""
    told = []
    player.play(8)
    player.put(8, "18:00")
    correction = {"target": "1", "score": "day.mood", "value": "7", "reason": "a slip"}
    told.append(correct_score(player.folder, player.context, **correction))
    table = player.root / "table.csv"
    days = [START + timedelta(days=day) for day in range(8, 12)]
    table.write_text("at,app.points,day.mood\n" + "".join(f"{day} 10:00,{day.day}.5,5\n" for day in days))
    player.put(12, "18:00")
    told.append(enter_table(player.folder, table, player.context))
    kit = player.trial.planned_kits[1]
    told.append(what_to_open(player.folder, kit, player.context))
    told.append(record_emergency(player.folder, player.context, kit, "others", reason="a fall").event)
    with changing(player.folder, player.context) as change:
        note = change.record(events.NoteRecorded(text="Dr. Quatsch rang"))
    with changing(player.folder, player.context) as change:
        change.record(events.Redacted(event_id=note.event_id, field="text", reason="a name"))
    player.lock()
    undo_lock(player.folder, "a forgotten page", player.context)
    told.append(replace(player.lock(), folder=None))
    told.append(player.unblind())
    asked = SimpleNamespace()

    def make_report(data, *, to, beside, **_options):
        asked.data, asked.beside = files_of(data), beside
        to.mkdir(parents=True)
        (to / "report.html").write_text("page")
        (to / "results.json").write_text("{}")
        return SimpleNamespace(folder=to, html=to / "report.html", results={"verdict": "inconclusive"})

    monkeypatch.setattr(report_step, "make_report", make_report)
    report_trial(player.folder, player.context)
    told += [asked.data, asked.beside]
    told.append([(check.name, check.outcome, check.text) for check in verify_trial(player.folder)])
    return told


@pytest.mark.parametrize(
    "text",
    [third_party(), pytest.param(self_blinded(), marks=pytest.mark.sim)],
    ids=["third_party", "self_blinded"],
)
def test_a_whole_trial_is_the_same(tmp_path, clinic, monkeypatch, text):
    """In the role that only adds: what is told, every row, every file, all that a report is made of."""
    told, trees, rows = [], [], []
    for name, url in (("file", ""), ("server", clinic.writer)):
        player = Player(tmp_path / name, text, store_url=url)
        told.append(live(player, monkeypatch))
        trees.append(files_of(player.folder))
        rows.append(player.rows())
    assert rows[0] == rows[1]
    assert told[0] == told[1]
    assert trees[0] == trees[1]
    assert not any(outcome is Outcome.FAIL for _, outcome, _ in told[1][-1])
    assert (player.folder / "store.json").exists()
    assert not (player.folder / "trial.sqlite").exists()
    assert clinic.writer in json.loads((player.folder / "store.json").read_text())["url"]
    datasets = read_datasets(clinic.reader)
    assert list(datasets) == ["coffee"]
    assert are_same(datasets["coffee"], read_dataset(player.folder / "locked"))


@pytest.mark.sim
def test_a_report_is_the_same(tmp_path, clinic):
    """The notebook itself: results and page, byte for byte."""
    results = []
    for name, url in (("file", ""), ("server", clinic.writer)):
        player = Player(tmp_path / name, store_url=url).play()
        player.lock()
        player.unblind()
        done = report_trial(player.folder, player.context)
        results.append((done.results, (done.folder / "results.json").read_bytes()))
        assert not any(check.outcome is Outcome.FAIL for check in verify_trial(player.folder))
    assert results[0] == results[1]


def test_finished_trials_are_pooled_from_the_store(tmp_path, clinic):
    """All of them, or some beside folders; names go on request; one that is open is not finished, one that was changed is named."""
    for name, url in (("file", ""), ("server", clinic.writer)):
        player = Player(tmp_path / name, BROUGHT, name="anna", store_url=url)
        for place, person in enumerate(("anna", "ben", "carla", "dora")):
            table = player.root / "brought.csv"
            table.write_text(brought_table().replace(",day.mood,5,", f",day.mood,{6 + place % 3},"))
            import_trial(player.protocol, table, player.workspace / "data" / person, player.context)
    waiting = Player(tmp_path / "waiting", name="waiting", store_url=clinic.writer)
    waiting.randomize()
    folders = sorted((tmp_path / "file" / "participant" / "data").iterdir())
    context = player.context
    for options in ({}, {"without_names": True}):
        of_folders = pool(folders, context, **options).to_json()
        assert of_folders["estimate"]["n_participants"] == 4
        assert pool([clinic.writer], context, **options).to_json() == of_folders
    datasets = nof1.read_datasets(clinic.reader)
    assert list(datasets) == list(nof1.read_datasets(str(folders[0].parent)))
    assert all(
        are_same(dataset, read_dataset(folders[0].parent / name / "locked"))
        for name, dataset in datasets.items()
    )
    reader = replace(context, workspace=tmp_path / "reader", store_url="")
    attached = attach_trial(clinic.reader, "anna", reader)
    with pytest.raises(
        StoreError, match="its store can only be read from here, and a report is recorded there"
    ):
        report_trial(attached.folder, reader)  # before anything is computed
    assert not (reader.workspace / "reports").exists()
    with psycopg.connect(clinic.owner) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE nof1.event SET actor = 'x' WHERE trial_id = 'ben' AND seq = 2")
    pooled = pool([clinic.reader, folders[1]], context)  # what is left out of the store lies in a folder too
    ((name, reason),) = pooled.left_out
    assert (name, reason[:7]) == ("ben", "event 2")
    assert pooled.estimate.n_participants == 4
    with pytest.raises(ChainError, match="event 2"):
        nof1.read_datasets(clinic.reader)


def test_a_store_without_a_finished_trial_is_told(clinic, tmp_path):
    """With its address."""
    with pytest.raises(WorkspaceError, match="holds no finished trial"):
        read_datasets(clinic.reader)
    with pytest.raises(WorkspaceError, match="none is finished in postgresql://rita@"):
        pool([clinic.reader], Player(tmp_path).context)


def test_a_trial_goes_to_another_computer(tmp_path, clinic):
    """Its folder is made again from the store; what follows from the record lies in it, and both go on."""
    player = Player(tmp_path / "here", store_url=clinic.writer).play(2)
    there = replace(player.context, workspace=tmp_path / "there", store_url="")
    trial = attach_trial(clinic.writer, "coffee", there)
    assert trial.folder == tmp_path / "there" / "data" / "coffee"
    ours, theirs = files_of(player.folder), files_of(trial.folder)
    assert {name for name in ours | theirs if ours.get(name) != theirs.get(name)} == {"heads.txt"}
    player.enter_session(3)
    assert not any(check.outcome is Outcome.FAIL for check in verify_trial(trial.folder))
    assert len(read_trial(trial.folder).state.records) == len(player.rows())
    with pytest.raises(WorkspaceError, match="is there already; nothing was changed"):
        attach_trial(clinic.writer, "coffee", there)
    with pytest.raises(TrialNotFoundError, match="holds no trial tea; it has coffee"):
        attach_trial(clinic.writer, "tea", there)
    assert not (tmp_path / "there" / "data" / "tea").exists()


def test_a_trial_is_taken_from_a_file_to_a_server(tmp_path, clinic):
    """By backup and restore; the folder and the store take no second one."""
    player = Player(tmp_path / "here").play(2)
    copy = backup_trial(player.folder, tmp_path / "x.nof1")
    there = replace(player.context, workspace=tmp_path / "there", store_url=clinic.writer)
    folder, restored = restore_trial(copy.path, there)
    assert restored.head == copy.head
    assert (folder / "store.json").exists()
    assert not any(check.outcome is Outcome.FAIL for check in verify_trial(folder))
    with pytest.raises(WorkspaceError, match="replaces nothing"):
        restore_trial(copy.path, there)
    with pytest.raises(StoreError, match="another trial of the name coffee"):
        restore_trial(copy.path, there, to=tmp_path / "else" / "coffee")
    assert not (tmp_path / "else" / "coffee").exists()
    (player.folder / "store.json").write_bytes((folder / "store.json").read_bytes())
    with pytest.raises(StoreError, match="two records of one trial"):
        read_trial(player.folder)


def test_a_place_that_is_taken_is_told_before_anything_is_asked(tmp_path, clinic):
    """Another trial of the name, a file in the folder, a server that is away, a password: nothing is left behind."""
    Player(tmp_path / "first", store_url=clinic.writer).randomize()
    second = Player(tmp_path / "second", self_blinded(), store_url=clinic.writer)
    with pytest.raises(StoreError, match="holds another trial of the name coffee"):
        second.randomize(ask=lambda *_: pytest.fail("asked"))
    away = Player(tmp_path / "away", store_url=f"postgresql:///clinic?host={tmp_path}")
    with pytest.raises(StoreError, match=f"{tmp_path}.*see that the server runs"):
        away.randomize()
    secret = Player(tmp_path / "secret", store_url="postgresql://anna:hunter2@db/clinic")
    with pytest.raises(StoreError, match="holds a password"):
        secret.randomize()
    for player in (second, away, secret):
        assert not player.folder.exists()
    kept = Player(tmp_path / "kept").play(1)
    kept.context = replace(kept.context, store_url=clinic.writer)
    with pytest.raises(StoreError, match="keeps this trial in a file"):
        kept.randomize(kits=kept.root / "received" / "public.json")


def test_nobody_is_asked_for_thoughts_of_death_where_nobody_reads_the_answers(tmp_path, clinic):
    """A store of many participants has no coordinator who is called: item 9 stays with a person's own trial."""
    text = ratings().replace("instruments:\n", "instruments:\n  phq: {questionnaire: phq9}\n")
    text = text.replace("- {battery: [day]}", "- {battery: [day]}\n  - {battery: [phq], days: [last]}")
    text += "  suicidality_plan: call my sister\n"
    player = Player(tmp_path, text, store_url=clinic.writer)
    with pytest.raises(EntryError, match=r"phq asks for thoughts of death.*take phq8"):
        player.randomize()
    assert not player.folder.exists()


def test_a_registration_that_was_cut_short_goes_on(tmp_path, clinic, monkeypatch):
    """The labels are registered on the server; the draw follows when the command is repeated, and nothing is asked again."""
    player = Player(tmp_path, self_blinded(), store_url=clinic.writer)
    with monkeypatch.context() as patch:
        patch.setattr(randomize_step, "draw_order", lambda *_: pytest.fail("cut short"))
        with pytest.raises(pytest.fail.Exception, match="cut short"):
            player.randomize()
    assert player.kinds() == ["kits_registered"]
    player.randomize(kits=player.workspace / "kits", ask=lambda *_: pytest.fail("asked again"))
    assert player.kinds() == ["kits_registered", "trial_randomized"]


def test_an_emergency_needs_no_server(tmp_path, clinic):
    """What to open, what it may hold, and whether a card is genuine: from the files beside it."""
    player = Player(tmp_path, store_url=clinic.writer)
    player.randomize()
    player.put(1)
    kit = player.trial.planned_kits[0]
    told = (
        what_to_open(player.folder, kit, player.context),
        check_card(player.folder, kit, "2" * 16, player.context),
    )
    assert any("caffeine" in line for line in told[0])
    path = player.folder / "store.json"
    write_address(path, replace(read_address(path), url=f"postgresql:///clinic?host={tmp_path}"))
    again = (
        what_to_open(player.folder, kit, player.context),
        check_card(player.folder, kit, "2" * 16, player.context),
    )
    assert again == told
    with pytest.raises(StoreError, match="see that the server runs"):
        record_emergency(player.folder, player.context, kit, "others")


def test_doctor_looks_at_the_store(tmp_path, clinic):
    """What whoever connects may do there; nobody should work as the owner of the tables."""
    context = Player(tmp_path).context

    def look(url):
        return doctor._server(replace(context, store_url=url))

    assert (look(clinic.writer).is_fine, look(clinic.writer).text[-21:]) == (True, "; anna adds and reads")
    assert look(clinic.reader).text.endswith("rita only reads")
    assert (look(clinic.owner).is_fine, look(clinic.owner).needed) == (False, False)
    assert "see that the server runs" in look(f"postgresql:///clinic?host={tmp_path}").text


def are_same(one, other):
    """Say whether two data sets hold the same values of the same types."""
    pairs = [(getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__]
    return all(a.equals(b) if hasattr(a, "equals") else a == b for a, b in pairs)
