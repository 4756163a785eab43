"""Errors: one readable text on stderr, exit code 1 for a refusal and 2 for usage, and never a traceback."""

from __future__ import annotations

import pytest

from ..workflow.playing import third_party  # noqa: TID252 - tests have no absolute names

BINARY = bytes(range(256)) * 4
TAKES_A_FILE = [
    ("protocol", "check", "{file}"),
    ("kit", "draw", "{file}", "--to", "kits"),
    ("randomize", "{file}", "--trial", "data/new", "--start", "2026-12-01"),
    (
        "randomize",
        "{protocol}",
        "--trial",
        "data/new",
        "--start",
        "2026-12-01",
        "--zone",
        "UTC",
        "--kits",
        "{file}",
    ),
    ("import", "{file}", "--data", "{protocol}", "--trial", "data/new"),
    ("import", "{protocol}", "--data", "{file}", "--trial", "data/new"),
    ("import", "{protocol}", "--data", "{file}", "--trial", "data/new", "--from", "studyu"),
    ("enter", "coffee", "--csv", "{file}"),
    ("enter", "coffee", "app", "--csv", "{file}"),
    ("restore", "{file}"),
    ("restore", "{file}", "--heads", "{file}"),
]


def is_readable(answer):
    """Whether an error is a text for a person."""
    return (
        "Traceback" not in answer.err
        and "Error:" not in answer.err.replace("Error: ", "", 1)
        and answer.err.endswith("\n")
    )


NO_FILES_OF_OURS = (b"", BINARY, b"a,b\n1\n", b"{}", b"[" * 10_000, b"\xef\xbb\xbf", b"- " * 3000)


@pytest.mark.parametrize("words", TAKES_A_FILE, ids=" ".join)
def test_any_file_is_taken_or_refused_in_a_sentence(nof1, player, words):
    """Nothing, noise, another format, a bomb: never a traceback, and nothing is stored."""
    file = player.workspace / "given"
    before = (player.folder / "trial.sqlite").read_bytes()
    for content in NO_FILES_OF_OURS:
        file.write_bytes(content)
        answer = nof1(*(word.format(file=file, protocol=player.protocol) for word in words))
        assert answer.code in {1, 2}
        assert answer.out == ""
        assert is_readable(answer)
        assert str(file) in answer.err
        assert len(answer.err) < 5000
        assert (player.folder / "trial.sqlite").read_bytes() == before
        assert not (player.workspace / "data" / "new").exists()
        assert not (player.workspace / "kits").exists()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("status", "cofee"), 1, "did you mean coffee?"),
        (("status", "tea"), 1, "tea is no trial under {data}; there are coffee"),
        (("status", ""), 1, "an empty name is no trial under {data}; there are coffee"),
        (("status",), 2, "Missing argument 'TRIAL'"),
        (("status", "coffee", "--nope"), 2, "No such option"),
        (("record", "coffee", "nap"), 2, "'nap' is not one of"),
        (("today", "coffee", "--on", "2026-13-01"), 2, "'2026-13-01' is not a date; write YYYY-MM-DD"),
        (("today", "coffee", "--on", "20260301"), 2, "'20260301' is not a date; write YYYY-MM-DD"),
        (("today", "coffee", "--on", "2026-W09-7"), 2, "'2026-W09-7' is not a date; write YYYY-MM-DD"),
        (("today", "coffee", "--on", "9999-12-31"), 2, "write a year from 1970 to 2199"),
        (("shift", "coffee", "--days", "99999999999", "--reason", "x"), 1, "write at most 1000"),
        (("shift", "coffee", "--days", "many", "--reason", "x"), 2, "'many' is not a valid integer"),
        (("enter", "coffee", "--csv", "none.csv"), 2, "File 'none.csv' does not exist"),
        (("enter", "coffee", "--csv", "protocols"), 2, "is a directory"),
        (("enter", "coffee", "--at", "soon", "--set", "mood=1"), 1, "found 'soon'"),
        (("enter", "coffee", "--set", "mood"), 1, "--set mood: write SCORE=VALUE, such as day.mood=7"),
        (("enter", "coffee", "--set", "mood=1", "--set", "mood=2"), 1, "--set mood: found twice; give it once"),
        (("record", "coffee", "guess", "--percent", "on"), 1, "--percent on: write CONDITION=N, such as on=70"),
        (("record", "coffee", "guess", "--percent", "on=1", "--percent", "on=2"), 1, "--percent on: found twice"),
        (("unblind", "coffee", "--secret", "none"), 2, "File 'none' does not exist"),
        (("report", "coffee"), 1, "coffee is not locked yet; next: nof1 lock coffee"),
        (("backup", "coffee", "none/b"), 1, "none is no folder; create it first"),
        (("export", "coffee", "--as", "xml", "--to", "out"), 2, "'xml' is not"),
        (("export", "coffee", "--as", "csv", "--to", "data"), 1, "data is a file, or not empty; take another folder"),
        (("protocol", "new", "X"), 1, "'X' cannot name a trial"),
        (("protocol", "show", "none"), 1, "there is no protocol 'none'; there are"),
        (("init", "public.json"), 2, "is a file"),
        (("lock", "coffee", "--undo", "--reason", "x"), 1, "coffee is not locked; there is no lock to undo"),
        (("resume", "coffee"), 1, "coffee is not paused; there is nothing to resume"),
    ],
)  # fmt: skip
def test_refusals_and_usage(nof1, player, words, code, sentence):
    """1 with what to do next, 2 with the usage; on stderr, and nothing is stored."""
    (player.workspace / "public.json").touch()
    before = player.rows()
    answer = nof1(*words)
    assert (answer.code, answer.out) == (code, "")
    assert sentence.format(data=player.workspace / "data") in answer.err
    assert is_readable(answer)
    assert answer.err.startswith("Usage: nof1") == (code == 2)
    assert player.rows() == before


def test_problems_of_a_table_come_as_a_table(nof1, player):
    """Row, column, what was found, what is expected."""
    file = player.workspace / "scores.csv"
    file.write_text("at,app.points\n2026-03-02 10:00,fifty\n2026-03-99,5\n")
    answer = nof1("enter", "coffee", "--csv", file)
    head, columns, *rows = answer.err.splitlines()
    assert head == f"{file}: 2 problems; nothing was stored"
    assert columns.split() == ["row", "column", "found", "expected"]
    assert [row.split()[:2] for row in rows] == [["2", "app.points"], ["3", "at"]]


def test_problems_of_a_protocol_come_with_line_and_column(nof1, player):
    """All of them; this is no fault of the command."""
    player.protocol.write_text(
        third_party().replace("period_days: 2", "period_days: two").replace("sesoi: 5", "sesoy: 5")
    )
    answer = nof1("protocol", "check", player.protocol)
    assert (answer.code, answer.out) == (1, "")
    head, *problems = answer.err.splitlines()
    assert head == f"{player.protocol}: 2 problems"
    assert all(line.split()[0].count(":") == 1 for line in problems)


def test_a_lone_person_needs_packed_kits(nof1, player):
    """`randomize` of a self_blinded protocol without them, and where nobody can be asked."""
    player.protocol.write_text(player.text.replace("mode: third_party", "mode: self_blinded"))
    start = ("randomize", player.protocol, "--trial", "data/alone", "--start", "2026-12-01")
    answer = nof1(*start)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "a self_blinded trial needs packed kits: --kits DIR, the folder that nof1 kit plan FILE --to DIR made\n"
    )
    nof1("kit", "plan", player.protocol, "--to", "kits")
    answer = nof1(*start, "--kits", "kits")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.endswith("answer at a terminal, or with --answers FILE\n")


def test_what_the_system_refuses_is_told_in_a_line(nof1, player):
    """A path below a file cannot be made."""
    answer = nof1("protocol", "check", player.protocol / "x")
    assert answer.code == 2
    answer = nof1(
        "kit",
        "draw",
        player.protocol,
        "--to",
        player.root / "participant" / "protocols" / "protocol.yaml" / "x",
    )
    assert answer.code in {1, 2}
    assert is_readable(answer)


def test_an_input_that_ends_stores_nothing(nof1, player):
    """Whoever closes the terminal in the middle of the questions has entered nothing."""
    before = player.rows()
    answer = nof1("enter", "coffee", typed="7\n")
    assert answer.code == 1
    assert answer.err.endswith("\nStopped. nof1 status shows what is stored.\n")
    assert player.rows() == before


def test_a_damaged_store_is_told_by_every_command(nof1, player):
    """And `verify` says FAIL."""
    (player.folder / "trial.sqlite").write_bytes(BINARY)
    for words in (
        ("status", "coffee"),
        ("today", "coffee"),
        ("enter", "coffee", "--set", "mood=1"),
        ("lock", "coffee", "--yes"),
    ):
        answer = nof1(*words)
        assert answer.code == 1
        assert "is damaged, or no store" in answer.err
        assert is_readable(answer)
    verified = nof1("verify", "coffee")
    assert (verified.code, verified.out[:12]) == (1, "FAIL  record")
    listed = nof1("trials")
    assert listed.code == 0
    assert "unreadable" in listed.out
    assert "is damaged, or no store" in listed.err


def test_a_fault_of_the_program_keeps_its_traceback(nof1, monkeypatch):
    """A bug must not look like a refusal."""

    def fails(*args, **options):
        raise ZeroDivisionError

    monkeypatch.setattr("nof1.cli.status.trial_status", fails)
    with pytest.raises(ZeroDivisionError):
        nof1("status", "coffee")


def test_an_argument_that_is_no_text(nof1, player):
    """Bytes that are not UTF-8 reach no file."""
    answer = nof1("record", "coffee", "note", "caf\udce9")
    assert (answer.code, answer.out) == (2, "")
    assert (
        answer.err
        == "an argument is not UTF-8; nothing was done. Write it in a UTF-8 terminal, or from a file\n"
    )
