"""A trial on a server is kept as in a file: the same rows, the same refusals, and no sight of other trials."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from nof1.audit import events
from nof1.errors import EntryError, StageError, StoreError, TrialNotFoundError
from nof1.scores.columns import Columns
from nof1.storage import on_server
from nof1.storage.address import read_address, write_address
from nof1.storage.server import init_store, trials_of
from nof1.storage.store import attach_store, create_shared_store, open_store

from .trial import DRAWN, LOCKED, TRIAL_ID, UNBLINDED, UNLOCKED, Writer, begin, correction, entry

SCRIPT = Path(__file__).parent / "write_many.py"
SCORES = (
    "SELECT event_seq, row, score, session, day, observed_at, value, missing_reason, n_versions, last_seq"
)


@pytest.fixture
def place(tmp_path):
    """Return where it is said on which server the trial is."""
    return tmp_path / "clinic" / "caffeine" / "store.json"


@pytest.fixture
def writer(place, clinic):
    """Return a writer to a trial that was drawn, in the role that only adds."""
    return begin_shared(place, clinic)


def begin_shared(place, clinic, seed="", drawn=DRAWN):
    """Create a trial on the server and draw it."""
    writer = Writer(create_shared_store(place, clinic.writer, drawn.trial_id), seed)
    writer.write(drawn)
    return writer


def live(writer):
    """Record one of each: forms, corrections, texts, an erasure, a file, an aborted run, a lock undone, the opening."""
    form = writer.write(entry(1, mood="1.50", calm=None))
    writer.write(correction(form, "0.010", row=1))
    writer.write(correction(form, "9", row=1, reason="zoë “again”"))
    note = writer.write(events.NoteRecorded(text="slept “badly”\n– twice, \N{GRINNING FACE}"))
    rows = tuple(
        events.ScoreRow(
            score=f"app.{name}", session=n, day=n + 1, value=str(n), observed_at="2026-04-03T06:00:00.000Z"
        )
        for n in range(1, 4)
        for name in "ab"
    )
    table = writer.write(
        events.ScoresImported(
            file_name="t.csv",
            file_sha256="0" * 64,
            rows_sha256="1" * 64,
            part=1,
            n_parts=1,
            rows=Columns.of(events.ScoreRow, rows),
            source="csv",
        )
    )
    for row, value in ((5, "7"), (2, "8")):
        writer.write(
            events.ScoreCorrected(
                replaces=table.event_id, row=row, score=rows[row].score, value=value, reason="a slip"
            )
        )
    writer.write(
        events.RunRecorded(
            instrument="trail", run_id="r1", given_in=2, ended="aborted", why="phone", source="web", form_seed="s",
            finished_at="2026-04-03T06:00:00.000Z", form_sha256="2" * 64, observed_at="2026-04-03T06:00:00.000Z",
            observed_local="2026-04-03 08:00", observed_offset="+02:00", raw='{"trials": "\\u0000"}',
        )
    )  # fmt: skip
    writer.write(events.Redacted(event_id=note.event_id, field="text", reason="a name"))
    for event in (LOCKED, UNLOCKED, entry(2), LOCKED, UNBLINDED):
        writer.write(event)


def test_the_same_entries_give_the_same_rows_as_in_a_file(writer, path, clinic):
    """Events, hashes, texts and scores as they stand: to the last digit, for every role."""
    other = begin(path)
    live(other)
    live(writer)
    assert writer.store.rows() == other.store.rows()
    assert writer.store.records() == other.store.records()
    assert writer.store.state() == other.store.state()
    assert (writer.store.faults(), other.store.faults()) == ((), ())
    with sqlite3.connect(path) as file:
        expected = file.execute(f"{SCORES} FROM score_current ORDER BY 1, 2").fetchall()
        texts = file.execute("SELECT sha256, salt, content FROM blob ORDER BY 1").fetchall()
    for url in (clinic.writer, clinic.reader, clinic.owner):
        assert clinic.run(f"{SCORES} FROM nof1.score_current ORDER BY 1, 2", url=url) == expected
        assert clinic.run("SELECT sha256, salt, content FROM nof1.blob ORDER BY 1", url=url) == texts
    assert b"badly" not in b"".join(content for _, _, content in texts)


def test_refusals_are_those_of_a_file(writer, path):
    """Order of steps, repeated attempts, corrections of nothing, erasures of nothing: word for word."""
    answers = []
    for one in (begin(path), writer):
        form = one.write(entry(mood="3", calm="4"), "form 1")
        said = [str(one.write(entry(mood="3", calm="4"), "form 1").duplicate)]
        for event, key in (
            (DRAWN, None),
            (events.NoteRecorded(text="x"), "form 1"),
            (UNLOCKED, None),
            (correction(form, "5"), "right"),
            (
                events.ScoreCorrected(replaces=form.event_id, row=2, score="day.calm", value="9", reason="x"),
                None,
            ),
            (events.ScoreCorrected(replaces="f" * 32, row=0, score="day.mood", value="9", reason="x"), None),
            (events.Redacted(event_id=form.event_id, field="raw", reason="x"), None),
            (LOCKED, "lock"),
            (entry(), None),
        ):
            try:
                said.append(one.write(event, key).record.hash)
            except (StageError, EntryError) as error:
                said.append(str(error))
        answers.append(said)
    assert answers[0] == answers[1]
    assert len(writer.store.rows()) == 4


def test_an_error_in_the_block_of_the_caller_leaves_nothing(writer, clinic):
    """All or nothing, texts too."""
    with pytest.raises(ZeroDivisionError), writer.store.writing(writer.entropy) as transaction:  # noqa: PT012
        writer.append(transaction, events.NoteRecorded(text="x"))
        raise ZeroDivisionError
    assert clinic.run("SELECT count(*) FROM nof1.event UNION ALL SELECT count(*) FROM nof1.blob") == [
        (1,),
        (0,),
    ]


def test_trials_of_one_store_do_not_meet(writer, tmp_path, clinic):
    """Even of the same entropy and the same attempts: each has a chain of its own, and sees nothing else."""
    tea = events.TrialRandomized(
        **{**{name: getattr(DRAWN, name) for name in DRAWN.__slots__}, "trial_id": "tea"}
    )
    other = begin_shared(tmp_path / "tea" / "store.json", clinic, drawn=tea)
    live(writer)
    other.write(entry(), "form 1")
    assert [row.kind for row in other.store.rows()] == ["trial_randomized", "scores_entered"]
    assert {row.trial_id for row in writer.store.rows()} == {TRIAL_ID}
    assert (writer.store.faults(), other.store.faults()) == ((), ())
    assert trials_of(clinic.reader) == ("caffeine", "tea")
    for table in ("event", "blob", "score_current"):
        seen = f"SELECT DISTINCT trial_id FROM nof1.{table}"  # noqa: S608 - our own names
        assert clinic.run(seen, url=clinic.writer, trial="caffeine") == [("caffeine",)]
        assert set(clinic.run(seen, url=clinic.writer, trial="tea")) <= {("tea",)}
        assert clinic.run(seen, url=clinic.writer, trial="") == []


def test_a_name_is_taken_once(writer, place, tmp_path, clinic):
    """Another folder of the same name is another trial; the same folder may repeat what was cut short."""
    with pytest.raises(StoreError, match="another trial of the name caffeine; nothing was changed"):
        create_shared_store(tmp_path / "else" / "store.json", clinic.writer, TRIAL_ID)
    assert not (tmp_path / "else" / "store.json").exists()
    with pytest.raises(StoreError, match="holds a trial already"):
        create_shared_store(place, clinic.writer, TRIAL_ID)
    cut_short = tmp_path / "tea" / "store.json"
    create_shared_store(cut_short, clinic.writer, "tea")
    with pytest.raises(TrialNotFoundError, match="creation was interrupted"):
        open_store(cut_short)
    assert create_shared_store(cut_short, clinic.writer, "tea").head() is None


def test_a_folder_finds_its_own_trial_and_no_other(writer, place, clinic, tmp_path):
    """A database that was exchanged, or another trial of the same name, is told; attaching takes the one that is there."""
    again = tmp_path / "again" / "store.json"
    attach_store(again, clinic.reader, TRIAL_ID)
    assert open_store(again).rows() == writer.store.rows()
    right = read_address(place)
    write_address(again, type(right)(url=right.url, trial_id=TRIAL_ID, claim="0" * 32))
    with pytest.raises(StoreError, match="another trial of the name caffeine than the one that"):
        open_store(again)
    with pytest.raises(TrialNotFoundError, match="holds no trial tea; it has caffeine"):
        attach_store(tmp_path / "tea" / "store.json", clinic.writer, "tea")


def test_a_reader_reads_and_is_told_what_to_do(writer, place, clinic):
    """Whoever may only read sees everything, and loses nothing by trying."""
    right = read_address(place)
    write_address(place, type(right)(url=clinic.reader, trial_id=TRIAL_ID, claim=right.claim))
    reader = Writer(open_store(place), "b")
    assert reader.store.faults() == ()
    with pytest.raises(StoreError, match=r"^not saved: .*this role may not do that.*Nothing was stored"):
        reader.write(entry())
    assert len(writer.store.rows()) == 1


def test_writers_in_other_processes_wait_for_each_other(writer, place):
    """Nothing is lost, nothing is doubled, the chain has no fork."""
    names = ("ann", "bob")
    started = [subprocess.Popen([sys.executable, SCRIPT, place, name, "12"]) for name in names]
    assert [process.wait(timeout=120) for process in started] == [0] * 2
    assert writer.store.faults() == ()
    scores = Counter(score.entry.score for score in writer.store.state().scores)
    assert scores == dict.fromkeys((f"day.{name}" for name in names), 12)


def test_one_attempt_of_two_writers_is_stored_once(writer):
    """A double click, or a retry while the first try still waits."""
    with ThreadPoolExecutor(max_workers=3) as pool:
        answers = list(pool.map(lambda name: Writer(writer.store, name).write(entry(), "form 1"), "abc"))
    assert sorted(answer.duplicate for answer in answers) == [False, True, True]
    assert len(writer.store.rows()) == 2


def test_two_trials_do_not_wait_for_each_other(writer, tmp_path, clinic, monkeypatch):
    """Only writers of one trial lock each other out; whoever waits too long is told so."""
    impatient = on_server._SETTINGS.bindparams(wait="100ms")
    other = create_shared_store(tmp_path / "tea" / "store.json", clinic.writer, "tea")
    with writer.store.writing(writer.entropy) as transaction:
        writer.append(transaction, entry())
        monkeypatch.setattr(on_server, "_SETTINGS", impatient)
        with other.writing(writer.entropy) as beside:
            assert beside.records == ()
        with pytest.raises(StoreError, match="another program has held the trial"):
            Writer(open_store(writer.store.path), "b").write(entry())
    assert len(writer.store.rows()) == 2


def test_whoever_locks_first_wins(writer):
    """An entry that waited for the lock of the trial is refused, not slipped in behind it."""
    slow = Writer(open_store(writer.store.path), "slow")
    with ThreadPoolExecutor(max_workers=1) as pool:
        with writer.store.writing(writer.entropy) as transaction:
            waiting = pool.submit(slow.write, entry())
            writer.append(transaction, LOCKED)
        assert isinstance(waiting.exception(timeout=60), StageError)
    assert [row.kind for row in writer.store.rows()] == ["trial_randomized", "locked"]


def test_what_is_acknowledged_is_durable_whatever_the_database_is_set_to(writer, clinic):
    """A database or a role may be set to acknowledge too early; a transaction of ours is not."""
    database = writer.store._database
    for asked, got in (("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")):
        clinic.run(f"ALTER DATABASE {clinic.name} SET synchronous_commit = {asked}")
        assert synchronous_commit(database) == got


def synchronous_commit(database):
    """Return what holds in a transaction that writes."""
    found = []
    session = database.begin(write=True)
    session.run(
        lambda connection: found.append(connection.exec_driver_sql("SHOW synchronous_commit").scalar())
    )
    session.abandon()
    return found[0]


def test_a_store_is_made_once(clinic):
    """Again it only sets the roles; a later format is left alone; odd names are refused."""
    again = init_store(clinic.owner)
    assert (again.is_new, again.version[:2] >= "15") == (False, True)
    with pytest.raises(StoreError, match="cannot name a role"):
        init_store(clinic.owner, writer="x; DROP TABLE nof1.event")
    with pytest.raises(StoreError, match="cannot be both"):
        init_store(clinic.owner, writer="x", reader="x")
    with pytest.raises(StoreError, match="this role may not do that"):
        init_store(clinic.writer)
    clinic.run("UPDATE nof1.store SET format = 99")
    with pytest.raises(StoreError, match="a later version of nof1 made this store"):
        init_store(clinic.owner)


def test_a_later_format_is_only_read(writer, place, clinic):
    """Whoever has an old version sees everything and changes nothing."""
    clinic.run("UPDATE nof1.store SET format = 99")
    store = open_store(place)
    assert store.rows() == writer.store.rows()
    with pytest.raises(StoreError, match="A later version of nof1 made"):
        Writer(store, "b").write(entry())


def test_a_database_that_is_no_store_is_told(postgresql, tmp_path):
    """And so is one that is not there."""
    for name, advice in (
        ("postgres", "nof1 store init URL"),
        ("nowhere", 'database "nowhere" does not exist'),
    ):
        with pytest.raises(StoreError, match=advice):
            create_shared_store(tmp_path / "store.json", postgresql.url(name), TRIAL_ID)
    assert list(tmp_path.iterdir()) == []


def test_a_password_is_taken_as_libpq_takes_it_and_stands_nowhere(postgresql, clinic, tmp_path, monkeypatch):
    """From PGPASSWORD, from a password file, and by a service file; never from the address, never in a file or an error."""
    database = clinic.name
    clinic.run("DROP ROLE IF EXISTS pia; CREATE ROLE pia LOGIN PASSWORD 'hunter2' IN ROLE nof1_writer")
    url = postgresql.url(database, "pia")
    place = tmp_path / "caffeine" / "store.json"
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"*:*:{database}:pia:hunter2\n")
    passwords.chmod(0o600)
    services = tmp_path / "services"
    services.write_text(f"[clinic]\nhost={postgresql.folder}\ndbname={database}\nuser=pia\n")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    with pytest.raises(StoreError, match="no password supplied"):
        create_shared_store(place, url, TRIAL_ID)
    monkeypatch.setenv("PGPASSWORD", "hunter3")
    with pytest.raises(
        StoreError, match=r"password authentication failed.*user, database and password"
    ) as caught:
        create_shared_store(place, url, TRIAL_ID)
    assert "hunter3" not in str(caught.value)
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    writer = Writer(create_shared_store(place, url, TRIAL_ID))
    writer.write(DRAWN)
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    writer.write(entry())
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    attach_store(tmp_path / "again" / "store.json", "postgresql:///?service=clinic", TRIAL_ID)
    assert len(open_store(tmp_path / "again" / "store.json").rows()) == 2
    assert not any(b"hunter" in path.read_bytes() for path in tmp_path.rglob("store.json"))


@pytest.mark.parametrize("url", ["postgresql://[::1/x", "postgresql://db/x?nonsense=1"])
def test_an_address_that_cannot_be_read_is_told(tmp_path, url):
    """With how it is written."""
    with pytest.raises(StoreError, match="postgresql://USER@HOST/DATABASE"):
        create_shared_store(tmp_path / "store.json", url, TRIAL_ID)


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_may_lose_entries_is_refused(clinic, monkeypatch, setting):
    """What is acknowledged there may be gone after a failure of power."""
    monkeypatch.setattr(
        "nof1.storage.server._FITNESS",
        f"SELECT '16.1', 160001, 'UTF8', {', '.join(repr('off' if one == setting else 'on') for one in ('fsync', 'full_page_writes'))}",
    )
    with pytest.raises(StoreError, match="would lose what was acknowledged"):
        init_store(clinic.owner)


def test_an_old_server_and_another_encoding_are_refused(clinic, monkeypatch):
    """Before anything is made."""
    for found, told in (
        ("'14.9', 140009, 'UTF8'", "too old"),
        ("'16.1', 160001, 'LATIN1'", "encoding LATIN1"),
    ):
        monkeypatch.setattr("nof1.storage.server._FITNESS", f"SELECT {found}, 'on', 'on'")
        with pytest.raises(StoreError, match=told):
            init_store(clinic.owner)


def test_an_entry_does_not_stand_in_an_error(writer, clinic):
    """What a server adds to an error may quote a row; only the sentence itself is repeated."""
    with pytest.raises(psycopg.errors.UniqueViolation, match="caffeine"):
        clinic.run("INSERT INTO nof1.trial VALUES ('caffeine', 'x')")
    session = writer.store._database.begin(write=True)
    with pytest.raises(StoreError) as caught:
        session.run(
            lambda connection: connection.exec_driver_sql("INSERT INTO nof1.trial VALUES ('caffeine', 'x')")
        )
    session.abandon()
    assert "Key" not in str(caught.value)
    assert "another writer was faster" in str(caught.value)


def imported_rows():
    """Two rows of a file, one of them missing."""
    rows = (
        events.ScoreRow(score="app.a", session=1, day=2, value="1.50", observed_at="2026-04-03T06:00:00Z"),
        events.ScoreRow(score="app.b", session=1, missing_reason="ill", flags=("late",)),
    )
    return events.ScoresImported(
        file_name="t.csv", file_sha256="0" * 64, rows_sha256="1" * 64, part=1, n_parts=1, rows=Columns.of(events.ScoreRow, rows)
    )  # fmt: skip


def test_rows_of_an_earlier_version_stand_beside_those_of_this_one(writer, path, clinic, monkeypatch):
    """An event that holds them row by row is read for ever, in a file and on a server."""
    columns = events.ScoresImported.to_payload
    other = begin(path)
    for one in (other, writer):
        with monkeypatch.context() as earlier:
            earlier.setattr(events.ScoresImported, "VERSION", 1)
            earlier.setattr(
                events.ScoresImported,
                "to_payload",
                lambda event: columns(event) | {"rows": [row.to_payload() for row in event.rows]},
            )
            one.write(imported_rows(), "earlier")
        one.write(imported_rows(), "now")
        first, second = one.store.records()[-2:]
        assert (first.record.version, second.record.version) == (1, 2)
        assert first.event == second.event == imported_rows()
        assert one.store.faults() == ()
    with sqlite3.connect(path) as file:
        expected = file.execute(f"{SCORES} FROM score_current ORDER BY 1, 2").fetchall()
    assert clinic.run(f"{SCORES} FROM nof1.score_current ORDER BY 1, 2") == expected
    assert [row[2:7] for row in expected[2:]] == [
        ("app.a", 1, 2, "2026-04-03T06:00:00Z", "1.50"),
        ("app.b", 1, None, None, None),
    ]


def test_a_view_of_an_earlier_version_is_made_anew_before_a_file_is_taken(writer, clinic):
    """Nothing is recorded that nobody could see; what was recorded stays."""
    form = writer.write(entry(mood="3"))
    body = clinic.run("SELECT pg_get_viewdef('nof1.score_current'::regclass)", url=clinic.owner)[0][0]
    earlier = body[: body.index("UNION ALL")] + body[body.index("), corrected AS") :]
    clinic.run(f"CREATE OR REPLACE VIEW nof1.score_current AS {earlier}", url=clinic.owner)
    with pytest.raises(StoreError, match="Let the owner of its tables run nof1 store init URL"):
        writer.write(imported_rows())
    assert writer.store.rows()[-1] == form.record
    init_store(clinic.owner)
    writer.write(imported_rows())
    assert len(writer.store.state().scores) == 3
    assert writer.store.faults() == ()
