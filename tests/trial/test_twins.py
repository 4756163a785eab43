"""Twins: two draws under one clock and one entropy leave the same files, but for what must differ; and none tells."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from nof1.audit.chain import find_break
from nof1.encoding import sha256_hex
from nof1.protocol.digest import canonical_protocol
from nof1.report.sheets.model import Paper
from nof1.report.sheets.pdf import load_weasyprint, make_pdf
from nof1.report.sheets.qr import qr_svg
from nof1.workflow.correct import correct_score
from nof1.workflow.enter import enter_scores
from nof1.workflow.enter_table import enter_table
from nof1.workflow.export import export_tables
from nof1.workflow.keep import backup_trial
from nof1.workflow.move import pause_trial, resume_trial, shift_trial
from nof1.workflow.record import (
    record_adverse_event,
    record_deviation,
    record_dose,
    record_guess,
    record_note,
)
from nof1.workflow.status import trial_status
from nof1.workflow.today import due_today

from ..workflow.playing import START, Player, quick_folder, third_party  # noqa: TID252 - tests have no absolute names
from .leak_scan import Known, Watch, find_leaks

N_PAIRS = 3  # of whole lives; test_many_twins.py has many short ones
# Words that stand nowhere by chance: `on` is also the name of a column.
TEXT = third_party(blocks=2, spares=1).replace("  on:", "  verum:").replace("  off:", "  sham:")
NAMES = ("verum", "sham", "caffeine", "cellulose")


def live(player: Player) -> Player:
    """Play a trial with everything that a participant can do before the opening."""
    folder, context = player.folder, player.context
    player.randomize()
    kits = [period.kit for period in player.trial.schedule.periods]
    player.enter_session(1)
    correct_score(folder, context, target="1", score="calm", value="6", reason="a slip")
    player.put(1, "20:00")
    record_dose(folder, context, text="late")
    record_dose(folder, context, kit=kits[3])
    record_guess(folder, context, percent={"verum": "70"}, reason="a taste")
    record_note(folder, context, "slept badly")
    record_adverse_event(folder, context, term="headache", severity=1, serious=False)
    record_deviation(folder, context, "two coffees")
    shift_trial(folder, 2, "travel", context)
    player.put(2, "21:00")
    pause_trial(folder, START + timedelta(days=2), "flu", context)
    player.put(5, "08:00")
    resume_trial(folder, None, context)
    moment = player.put(5)
    enter_scores(folder, {"app.points": "44"}, context, at=moment)
    file = player.workspace / "scores.csv"
    file.write_text("at,app.points\n2026-03-03 10:00,51\n2026-03-07 10:00,52\n")
    player.put(9, "12:00")
    enter_table(folder, file, context)
    player.lock(12)
    export_tables(folder, player.workspace / "tables")
    export_tables(folder, player.workspace / "raw", raw=True)
    backup_trial(folder, player.workspace / "coffee.nof1")
    return player


def known_to_the_preparer(player: Player) -> Known:
    """Return what must not be found on the other side."""
    texts = (player.text, canonical_protocol(player.trial.protocol).decode())
    return Known.of(player.preparer / "kits", texts, NAMES)


def order(player: Player) -> tuple[str, ...]:
    """Return the conditions in the order of the periods."""
    known = known_to_the_preparer(player)
    return tuple(known.kits[str(period.kit)][0] for period in player.trial.schedule.periods)


def names_of_what_differs(player: Player) -> dict[str, str]:
    """Return every text that may differ between twins, and a name that is the same for both.

    The hashes of the record, and the digests of files that hold a code, are functions of the rest: they are listed
    here because they are computed again from it.
    """
    begun = player.trial.registration
    names = {kit.partition("/")[2]: f"<kit {place}>" for place, kit in enumerate(begun.kits)}
    names |= {leaf: f"<leaf {place}>" for place, leaf in enumerate(begun.leaves)}
    names |= {begun.root: "<root>", begun.commitment: "<commitment>"}
    rows = player.rows()
    assert find_break(rows) is None
    names |= {row.hash: f"<hash {row.seq}>" for row in rows}
    for folder in (player.folder / "locked", player.workspace / "raw"):
        for path in sorted(folder.rglob("*.csv")):
            names[sha256_hex(path.read_bytes())] = f"<digest of {path.name}>"
    for place, (digest, _) in enumerate(blobs(player)):
        names[digest] = f"<text {place}>"
    for path in (player.folder / "locked" / "trial.json", player.workspace / "raw" / "trial.json"):
        if not path.exists():
            continue
        document = json.loads(path.read_text())
        names[document["sha256"]] = f"<digest of {path.parent.name}/trial.json>"
    return names


def blobs(player: Player) -> list[tuple[str, bytes]]:
    """Return the texts of the store in the order of their events."""
    with closing(sqlite3.connect(player.folder / "trial.sqlite")) as connection:
        found = dict(connection.execute("SELECT sha256, content FROM blob").fetchall())
    used = [digest for row in player.rows() for digest in re.findall(r'"blob":"([0-9a-f]{64})"', row.payload)]
    assert sorted(used) == sorted(found)
    return [(digest, found[digest]) for digest in used]


def shown(player: Player, n_days: int = 14) -> dict[str, str]:
    """Return every file of the participant as text, and every day, with the names of what differs in its place."""
    names = names_of_what_differs(player)
    pattern = re.compile("|".join(re.escape(text) for text in sorted(names, key=len, reverse=True)))

    def named(text: str) -> str:
        return pattern.sub(lambda match: names[match[0]], text).replace(str(player.root), "<root folder>")

    found = {}
    for path in sorted(player.workspace.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            text = dumped(path) if data.startswith(b"SQLite") else data.decode()
            found[str(path.relative_to(player.workspace))] = named(text)
    player.put(12, "09:30")
    found["status"] = named(repr(trial_status(player.folder, player.context)))
    for n in range(n_days):
        found[f"day {n}"] = named(repr(due_today(player.folder, player.context, START + timedelta(days=n))))
    return found


def dumped(path) -> str:
    """Return every row of every table; rows that are kept by a digest stand in the order of their content."""
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1"
            )
        ]
        lines = []
        for name in names:
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 - its own names
            if name == "blob":
                rows.sort(key=lambda row: (len(row[2]), row[1]))  # the salt, which both twins share
            lines += [f"{name}: {row!r}" for row in rows]
    return "\n".join(lines)


def sizes(player: Player) -> dict[str, int]:
    """Return the length of every file [bytes]."""
    return {
        str(path.relative_to(player.workspace)): path.stat().st_size
        for path in player.workspace.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """Return one trial and its twins, which differ from it in nothing but the preparer's secret."""
    with quick_folder(tmp_path_factory.getbasetemp()) as root:
        yield [live(Player(root / f"{n:02d}", TEXT, seed=f"secret {n}")) for n in range(N_PAIRS + 1)]


def test_twins_differ_in_what_the_secret_gives_and_in_nothing_else(twins):
    """Names, lengths and contents of all files, and what is shown of the trial."""
    first, *others = twins
    expected, lengths = shown(first), sizes(first)
    assert {
        "data/coffee/trial.sqlite",
        "data/coffee/public.json",
        "data/coffee/locked/doses.csv",
        "coffee.nof1",
    } <= set(expected)
    for other in others:
        assert sizes(other) == lengths
        found = shown(other)
        assert found.keys() == expected.keys()
        for name, text in found.items():
            assert text == expected[name], name


def test_the_twins_are_none(twins):
    """Their orders, codes and commitments do differ, or nothing was compared."""
    assert len({order(player) for player in twins}) >= 3
    for what in (lambda p: p.trial.registration.kits, lambda p: p.trial.registration.commitment, order):
        assert any(what(player) != what(twins[0]) for player in twins[1:])
    assert len({player.trial.registration.published_line for player in twins}) == N_PAIRS + 1


def test_twins_that_differ_in_something_else_are_told_apart(twins, tmp_path):
    """The comparison sees a single digit, a name of a file, and the length of one."""
    first, other = twins[:2]
    expected = shown(first)
    copy = other.copy(tmp_path)
    path = copy.workspace / "tables" / "scores.csv"
    path.write_text(path.read_text().replace(",44,", ",45,"))
    assert shown(copy)["tables/scores.csv"] != expected["tables/scores.csv"]
    (copy.workspace / "tables" / "one-more").touch()
    assert sizes(copy) != sizes(first)


def test_no_file_of_the_participant_tells(twins):
    """Before the opening: no condition beside a kit, no card key, no secret, in any form."""
    for player in twins[:N_PAIRS]:
        assert find_leaks(player.workspace, known_to_the_preparer(player)) == []


def test_the_preparers_folder_would_be_found(twins):
    """The scan knows what it looks for."""
    player = twins[0]
    found = " ".join(find_leaks(player.preparer, known_to_the_preparer(player)))
    for what in ("the secret in digits", "the card key of", "beside K-"):
        assert what in found


def test_the_opening_is_found(twins, tmp_path):
    """After it the participant knows; the scan sees that in the store and in the table."""
    player = twins[0].copy(tmp_path)
    player.unblind()
    found = " ".join(find_leaks(player.workspace, known_to_the_preparer(player)))
    for what in ("allocation.csv: verum beside K-", "in a row of event", "the secret in digits"):
        assert what in found


def _freed_page(folder, line, known):
    path = folder / "data" / "coffee" / "trial.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE packing (line TEXT)")
        connection.execute("INSERT INTO packing VALUES (?)", (line,))
        connection.commit()
        connection.execute("DROP TABLE packing")
        connection.commit()
        assert line.encode() in path.read_bytes()


def _row(folder, line, known):
    with closing(sqlite3.connect(folder / "data" / "coffee" / "trial.sqlite")) as connection:
        connection.execute("CREATE TABLE kit_state (code TEXT, filler TEXT, condition TEXT)")
        code, _, condition = line.partition(" ")
        connection.execute("INSERT INTO kit_state VALUES (?, ?, ?)", (code, "-" * 200, condition))
        connection.commit()


def _into(name, write):
    def plant(folder, line, known):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write(line, known))

    return plant


def _column(folder, line, known):
    path = folder / "data" / "coffee" / "schedule.csv"
    code, _, condition = line.partition(" ")
    path.write_text(
        "".join(f"{row},{condition if code in row else ''}\n" for row in path.read_text().splitlines())
    )


def _named_by_kit(folder, known, write):
    """Make a file for every kit, one condition after the other."""
    for place, code in enumerate(sorted(known.kits, key=lambda code: (known.kits[code][0], code))):
        path = folder / "labels" / f"{code}.svg"
        path.parent.mkdir(exist_ok=True)
        write(path, place)


def _times(folder, line, known):
    def write(path, place):
        path.write_text("a label")
        os.utime(path, ns=(10**18 + place, 10**18 + place))

    _named_by_kit(folder, known, write)


def _lengths(folder, line, known):
    _named_by_kit(folder, known, lambda path, place: path.write_bytes(b"x" * (100 + place)))


def _row_numbers(folder, line, known):
    with closing(sqlite3.connect(folder / "data" / "coffee" / "trial.sqlite")) as connection:
        connection.execute("CREATE TABLE kit_state (code TEXT)")
        order = sorted(known.kits, key=lambda code: (known.kits[code][0], code), reverse=True)
        connection.executemany("INSERT INTO kit_state VALUES (?)", [(code,) for code in order])
        connection.commit()


def _sheet(text):
    return _into("sheet.pdf", lambda line, known: make_pdf(
        "text", Paper.A4, heading=text(line, known), title="", digest="", parts=()
    ))  # fmt: skip


def _square(folder, line, known):
    page = load_weasyprint().HTML(string=f'<div style="width: 60mm">{qr_svg(line)}</div>').write_pdf()
    (folder / "label.pdf").write_bytes(page)


PLANTED = {
    "the numbers of rows": _row_numbers,
    "the time of files": _times,
    "the length of files": _lengths,
    "a sheet": _sheet(lambda line, known: line),
    "a card key on a sheet": _sheet(lambda line, known: " ".join(re.findall("....", known.kits[line.split()[0]][1]))),
    "a square on a label": _square,
    "the order of a list": _into("to-do.txt", lambda line, known: "\n".join(
        sorted(known.kits, key=lambda code: (known.kits[code][0], code), reverse=True)
    ).encode()),
    "a line of a log": _into("nof1.log", lambda line, known: f"DEBUG nof1 opened {line.replace(' ', ' -> ')}\n".encode()),
    "a parameter of a notebook": _into("analysis.ipynb", lambda line, known: json.dumps(
        {"metadata": {"papermill": {"parameters": dict([line.split()])}}, "cells": []}
    ).encode()),
    "a parameter of a long notebook": _into("long.ipynb", lambda line, known: json.dumps(
        {"metadata": {"papermill": {"parameters": {"kits": dict([line.split()])}}}, "cells": ["a cell"] * 1000}
    ).encode()),
    "an output of a long notebook": _into("out.ipynb", lambda line, known: json.dumps(
        {"cells": [{"outputs": [{"text": ["x" * 1990, line, "x" * 1990]}]}]}
    ).encode()),
    "a line": _into("notes.txt", lambda line, known: f"to do\n{line}\n".encode()),
    "a hidden file": _into("data/coffee/.cache", lambda line, known: line.encode()),
    "a column": _column,
    "a JSON document": _into(
        "x.json", lambda line, known: json.dumps({"kits": line.split()[:1], "n": "-" * 300, "c": line.split()[1:]}).encode()
    ),
    "the name of a file": lambda folder, line, known: (folder / line.replace(" ", "-")).touch(),
    "a row": _row,
    "a freed page": _freed_page,
    "a journal": _into("data/coffee/trial.sqlite-journal", lambda line, known: b"\0" * 700 + line.encode() + b"\0"),
    "UTF-16": _into("sheet.csv", lambda line, known: line.encode("utf-16")),
    "UTF-16 at an odd place": _into("sheet.bin", lambda line, known: b"\0" + line.encode("utf-16-be")),
    "hex": _into("dump.txt", lambda line, known: line.encode().hex().encode()),
    "base64": _into("mail.txt", lambda line, known: b"> " + base64.b64encode(b"x" + line.encode())),
    "gzip": _into("old.gz", lambda line, known: b"junk" + gzip.compress(line.encode())),
    "the secret in bytes": _into("s.bin", lambda line, known: b"\1" + known.secret),
    "the secret as a program prints it": _into("v.log", lambda line, known: repr([known.secret]).encode()),
    "the secret as numbers": _into("w.log", lambda line, known: repr(list(known.secret)).encode()),
    "the secret in groups": _into("s.txt", lambda line, known: known.secret.hex(" ", 4).upper().encode()),
    "the secret over lines": _into("t.txt", lambda line, known: known.secret.hex("\n", 8).encode()),
    "the secret in base64": _into("u.txt", lambda line, known: base64.urlsafe_b64encode(known.secret)),
    "a card key": _into(
        "k.txt", lambda line, known: "-".join(re.findall("....", known.kits[line.split()[0]][1])).lower().encode()
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", PLANTED)
def test_a_planted_leak_is_found(twins, tmp_path, form):
    """Whatever its form; a scan that finds nothing proves nothing otherwise."""
    player = twins[0]
    known = known_to_the_preparer(player)
    code, (condition, _) = min(known.kits.items())
    if form == "a column":
        code = str(player.trial.schedule.periods[0].kit)
        condition = known.kits[code][0]
    copy = player.copy(tmp_path)
    watch = Watch([copy.workspace], known)
    assert watch.look() == []
    PLANTED[form](copy.workspace, f"{code} {condition}", known)
    assert watch.look() != []
    assert find_leaks(copy.workspace, known) != []
