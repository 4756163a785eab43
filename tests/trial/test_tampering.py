"""One bit changed anywhere in what proves a trial: both programs refuse, and say what differs."""

from __future__ import annotations

import json
import random
import re
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace

import pytest

from nof1.audit.chain import seal
from nof1.audit.record import Record
from nof1.blinding.opening import open_with_cards, open_with_secret
from nof1.blinding.public import PublicKits
from nof1.blinding.sealed import Secret
from nof1.errors import EntryError, OpeningError
from nof1.files.secrets import read_secret
from nof1.protocol.digest import protocol_from_canonical
from nof1.schedule.design import space_of, spare_space
from nof1.workflow.evidence import trial_evidence
from nof1.workflow.public import registered_public
from nof1.workflow.verify import Outcome, verify_trial

from ..report.verifying import verify  # noqa: TID252 - tests have no absolute names
from ..workflow.playing import Player, open_label, quick_folder, self_blinded, third_party  # noqa: TID252

TEXTS = {"third_party": third_party, "self_blinded": self_blinded, "open_label": open_label}
N_PER_PLACE = 70
"""With three modes, bits of events, heads, files, cards and secrets, and what is sealed again: more than 1000 changes."""
N_OWNED = 8
LINES = {
    "chain", "heads", "protocol", "locked data", "limits", "order", "commitment", "draw", "sequence", "kits used",
}  # fmt: skip


class Finished:
    """A trial that is locked and opened, and its evidence in memory."""

    def __init__(self, root, mode):
        """Play it."""
        self.player = Player(root=root / mode, text=TEXTS[mode]())
        self.player.play(2)
        self.player.lock(13)
        if mode != "open_label":
            self.player.unblind()
        files = trial_evidence(self.player.folder)
        self.rows = [json.loads(line) for line in files["evidence/events.jsonl"].decode().splitlines()]
        self.heads = files["evidence/heads.txt"].decode()
        start = "evidence/locked/"
        self.locked = {name[len(start) :]: data for name, data in files.items() if name.startswith(start)}
        self.files = files

    def wrong(self, rows=None, heads=None, locked=None, line=None):
        """Return name and words of every line of verify.py that fails."""
        found = []
        try:
            for name, outcome, text in verify.checks(
                rows or self.rows, heads or self.heads, locked or self.locked, line
            ):
                found += [(name, text)] * (outcome is False)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            found.append(("evidence", repr(error)))
        return found


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return a finished trial in each mode."""
    with quick_folder(tmp_path_factory.getbasetemp()) as folder:
        yield {mode: Finished(folder, mode) for mode in TEXTS}


def flipped(data, chance):
    """Change one bit."""
    place, bit = chance.randrange(len(data)), chance.randrange(8)
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]


def chained(rows):
    """Return rows whose chain was computed anew by somebody who owns the file."""
    made, head = [], None
    for row in rows:
        head = seal(Record(**row), head)
        made.append(asdict(head))
    return made


def changed(rows, kind, change):
    """Return the events with the payload of one of them changed, and the chain made whole again."""
    again = []
    for row in rows:
        if row["kind"] != kind:
            again.append(row)
            continue
        payload = json.loads(row["payload"])
        change(payload)
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        again.append({**row, "payload": text})
    return chained(again)


@pytest.mark.parametrize("mode", TEXTS)
def test_a_whole_trial_passes_both(finished, mode, tmp_path, capsys):
    """Every line of the design is there, none fails, the limits are always said, and nof1 verify agrees."""
    one = finished[mode]
    found = list(verify.checks(one.rows, one.heads, one.locked))
    assert {name for name, *_ in found} == LINES | ({"cards"} if mode != "open_label" else set())
    assert [name for name, outcome, _ in found if outcome is None] == ["limits"]
    assert [name for name, outcome, _ in found if outcome is False] == []
    ours = verify_trial(one.player.folder)
    assert [check.name for check in ours if check.outcome is Outcome.FAIL] == []
    assert ours[-1].outcome is Outcome.NOT_PROVABLE
    assert [text for name, _, text in found if name == "limits"] == [ours[-1].text]
    for name, data in one.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert verify.main([tmp_path]) == 0
    assert "NOT PROVABLE  limits" in capsys.readouterr().out
    assert verify.main([tmp_path, "nof1/1 another line"]) == 1


@pytest.mark.parametrize("mode", TEXTS)
def test_what_was_locked_or_opened_is_what_lies_there(finished, mode):
    """Conditions exchanged or left out, another word about the trial, a file that nobody locked."""
    one = finished[mode]
    rows = one.locked["allocation.csv"].decode().splitlines(keepends=True)
    other = {"on": "off", "off": "on"}
    first = rows[1].rstrip().rsplit(",", 1)
    about = one.locked["trial.json"].replace(b'"imported": false', b'"imported": true')
    for name, data in (
        ("allocation.csv", "".join([rows[0], f"{first[0]},{other[first[1]]}\n", *rows[2:]]).encode()),
        ("trial.json", about),
        ("extra.csv", b"score\n"),
        *([("allocation.csv", "".join(rows[:-1]).encode())] if mode != "open_label" else []),
    ):
        found = {
            what: (fine, text)
            for what, fine, text in verify.checks(one.rows, one.heads, {**one.locked, name: data})
        }
        assert found["locked data"][0] is False
        assert name in found["locked data"][1]


def test_a_score_that_was_corrected_after_the_lock_is_counted(finished):
    """Also where the chain was sealed again with it."""
    one = finished["third_party"]
    late = {
        **one.rows[-1],
        "seq": len(one.rows) + 1,
        "kind": "score_corrected",
        "payload": "{}",
        "event_id": "f" * 32,
    }
    found = {
        name: (fine, text)
        for name, fine, text in verify.checks(chained([*one.rows, late]), one.heads, one.locked)
    }
    assert found["chain"][0]
    assert found["order"][0] is False
    assert "1 after the lock" in found["order"][1]


def test_evidence_that_cannot_be_read_fails_in_words(finished, tmp_path, capsys):
    """A cut line, a list, other bytes: a line that says FAIL, never a traceback."""
    for name, data in finished["open_label"].files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    events = tmp_path / "evidence" / "events.jsonl"
    whole = events.read_bytes()
    for data in (whole[:-9], b"[1]\n" + whole, b"\xff" + whole, b"[" * 100_000):
        events.write_bytes(data)
        assert verify.main([tmp_path]) == 1
        assert "FAIL          evidence: cannot be read further" in capsys.readouterr().out


@pytest.mark.parametrize("mode", TEXTS)
def test_any_bit_of_events_heads_and_locked_data(finished, mode):
    """A bit of an event is told by the chain with its number, one of a head by its number, one of a file by its name."""
    chance = random.Random(f"bits {mode}")  # noqa: S311 - which bit
    one = finished[mode]
    for _ in range(N_PER_PLACE):
        place = chance.randrange(len(one.rows))
        row = one.rows[place]
        column = chance.choice([name for name, value in row.items() if isinstance(value, str) and value])
        data = flipped(row[column].encode(), chance).decode("latin-1")
        wrong = one.wrong(rows=[*one.rows[:place], {**row, column: data}, *one.rows[place + 1 :]])
        assert ("chain", f"event {place + 1}") in [
            (name, match[0])
            for name, text in wrong
            for match in re.finditer(rf"event {place + 1}\b", text)
        ]  # fmt: skip
        name = chance.choice(sorted({*one.locked} - {"trial.json", "allocation.csv"}))
        wrong = one.wrong(locked={**one.locked, name: flipped(one.locked[name], chance)})
        assert any(found == "locked data" and name in text for found, text in wrong)
        lines = one.heads.splitlines()
        at = chance.randrange(1, len(lines))
        seq, head, *rest = lines[at].split(" ")
        digit = chance.randrange(64)
        head = head[:digit] + ("1" if head[digit] == "0" else "0") + head[digit + 1 :]
        heads = "\n".join([*lines[:at], " ".join([seq, head, *rest]), *lines[at + 1 :]])
        assert any(found == "heads" and text.endswith(f": {seq}") for found, text in one.wrong(heads=heads))


def _protocol(payload, chance):
    payload["protocol_canonical"] = payload["protocol_canonical"].replace(
        "cellulose", "cellulos" + chance.choice("fgx")
    )


def _order(payload, chance):
    kits = payload["kits"]
    i = chance.choice([i for i in range(len(kits) - 1) if kits[i] != kits[i + 1]])
    kits[i], kits[i + 1] = kits[i + 1], kits[i]


def _code(payload, chance):
    i = chance.randrange(len(payload["kits"]))
    payload["kits"][i] = flipped(payload["kits"][i].encode(), chance).decode("latin-1")


def _digit(text, chance):
    place = chance.randrange(len(text))
    return text[:place] + format(int(text[place], 16) ^ 1 << chance.randrange(4), "x") + text[place + 1 :]


def _leaf(payload, chance):
    i = chance.randrange(len(payload["leaves"]))
    payload["leaves"][i] = _digit(payload["leaves"][i], chance)


def _secret(payload, chance):
    payload["secret"] = _digit(payload["secret"], chance)


def _condition(payload, chance):
    kit = chance.choice(payload["allocation"])
    kit["condition"] = {"on": "off", "off": "on"}[kit["condition"]]


def _key(payload, chance):
    kit = chance.choice(payload["allocation"])
    kit["key"] = flipped(kit["key"].encode(), chance).decode("latin-1")


DRAWN = (("trial_randomized", _protocol, "protocol"), ("trial_randomized", _order, "commitment"),
         ("trial_randomized", _code, "commitment"))  # fmt: skip
CARDS = (
    ("trial_randomized", _leaf, "commitment"),
    ("unblinded", _condition, "cards"),
    ("unblinded", _key, "cards"),
)
SEALED = {
    "third_party": (*DRAWN, *CARDS, ("unblinded", _secret, "draw")),
    "self_blinded": (*DRAWN, *CARDS, ("trial_randomized", _secret, "heads")),
    "open_label": (*DRAWN, ("trial_randomized", _secret, "heads")),
}
"""What is changed, and the line that must tell. One secret in 16 orders the same few codes: then the heads alone tell."""


@pytest.mark.parametrize(("mode", "change"), [(mode, one) for mode in SEALED for one in SEALED[mode]])
def test_a_chain_made_anew_does_not_help(finished, mode, change):
    """Protocol, codes, order, leaves, conditions, keys, secret: changed, and the chain sealed again by whoever owns the file."""
    chance = random.Random(f"sealed {mode}")  # noqa: S311 - what is changed
    one = finished[mode]
    drawn = next(row for row in one.rows if row["kind"] == "trial_randomized")
    line = json.loads(drawn["payload"])["published_line"]
    kind, alter, where = change
    seen = set()
    for _ in range(N_PER_PLACE // 7):
        wrong = dict(
            one.wrong(rows=changed(one.rows, kind, lambda payload: alter(payload, chance)), line=line)
        )
        assert {where, "heads"} <= wrong.keys()
        seen |= wrong.keys()
    assert alter is not _secret or "draw" in seen


def test_registration_after_the_draw_is_told(finished):
    """Self-blinded, the labels come before the entropy; a draw without them fails."""
    one = finished["self_blinded"]
    rows = chained([one.rows[1], one.rows[0], *one.rows[2:]])
    assert "draw" in dict(one.wrong(rows=rows))
    assert "draw" in dict(one.wrong(rows=chained(one.rows[1:])))


def test_a_secret_or_a_card_that_was_changed_opens_nothing(finished):
    """The opening refuses as a whole, and never repeats what was typed."""
    chance = random.Random("opening")  # noqa: S311 - which bit
    one = finished["third_party"].player
    public, protocol = registered_public(one.trial), one.trial.protocol
    space, spares = space_of(protocol), [spare_space(protocol)]
    secret = read_secret(one.secret)
    open_with_secret(Secret(secret), public, space, spares)
    for _ in range(N_PER_PLACE):
        with pytest.raises(OpeningError):
            open_with_secret(Secret(flipped(secret, chance)), public, space, spares)
    alone = finished["self_blinded"].player
    public, protocol = registered_public(alone.trial), alone.trial.protocol
    event = alone.trial.state.unblinding.event
    cards = {kit.kit: kit.key for kit in event.allocation}
    open_with_cards(cards, public, space_of(protocol), spares)
    for _ in range(N_PER_PLACE):
        code = chance.choice(sorted(cards))
        wrong = flipped(cards[code].encode(), chance).decode("latin-1")
        if wrong.upper() == cards[code]:
            continue  # small letters are the same card
        with pytest.raises((OpeningError, EntryError)) as caught:
            open_with_cards({**cards, code: wrong}, public, space_of(protocol), spares)
        assert cards[code] not in str(caught.value)
    assert isinstance(public, PublicKits)
    for _ in range(N_PER_PLACE):
        i = chance.randrange(len(public.leaves))
        text = flipped(bytes.fromhex(public.leaves[i]), chance).hex()
        leaves = tuple(sorted((*public.leaves[:i], text, *public.leaves[i + 1 :])))
        with pytest.raises(OpeningError):
            open_with_cards(cards, replace(public, leaves=leaves), space_of(protocol), spares)
    assert protocol_from_canonical(alone.trial.registration.protocol_canonical.encode()) == protocol


def owned(one, root, rows, *, heads):
    """Return every line of nof1 verify that fails, where somebody wrote these events into the store, and perhaps new heads."""
    player = one.player.copy(root)
    with closing(sqlite3.connect(player.folder / "trial.sqlite")) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for row in rows:
            columns = ", ".join(f"{name} = :{name}" for name in row)
            connection.execute(f"UPDATE event SET {columns} WHERE seq = :seq", row)  # noqa: S608 - names of columns
        for _, guard in guards:
            connection.execute(guard)
        connection.commit()
    if heads:
        now = {str(row["seq"]): row["hash"] for row in rows}
        path = player.folder / "heads.txt"
        words = [line.split(" ") for line in path.read_text().splitlines()]
        path.write_text("".join(" ".join([w[0], now.get(w[0], w[1]), *w[2:]]) + "\n" for w in words))
    return {check.name: check.text for check in verify_trial(player.folder) if check.outcome is Outcome.FAIL}


OURS = {
    "third_party": {"cards": "draw"},
    "self_blinded": {"heads": "order of codes"},
    "open_label": {"heads": "public.json", "commitment": "draw"},
}
"""Lines of nof1 verify that have another name than in verify.py, or tell although no head does."""
SAYS = {
    "protocol": r"its canonical bytes give [0-9a-f]{12}…, registered was [0-9a-f]{12}…",
    "commitment": r"kits and leaves give another .*commitment.* than was registered|never writes: '.*' is not a kit code",
    "draw": r"for K-\w{6}|secret does not fit what was published: .* differ|does not give the order",
    "order of codes": r"the public secret does not give the order of codes",
    "cards": r"for K-\w{6}|not a card of this trial",
    "public.json": r"not as it was registered",
}
"""What a line says of what differs."""


@pytest.mark.parametrize(("mode", "change"), [(mode, one) for mode in SEALED for one in SEALED[mode]])
def test_nof1_verify_says_what_was_changed(finished, tmp_path, mode, change):
    """The same changes, in the store itself: a head tells, with its event; and without heads the line of what was changed.

    A public secret that orders the same codes changes nothing but itself: then the heads tell, and public.json, which was
    published. The line that was published cannot, for it holds what was drawn and not from what.
    """
    kind, alter, where = change
    one, name = finished[mode], OURS[mode].get(where, where)
    chance = random.Random(f"owned {mode}")  # noqa: S311 - what is changed
    rows = changed(one.rows, kind, lambda payload: alter(payload, chance))
    place = next(row["seq"] for row in rows if row["kind"] == kind)
    wrong = owned(one, tmp_path / "heads kept", rows, heads=False)
    assert f"event {place} or one before it was changed since" in wrong["record"]
    wrong = owned(one, tmp_path / "heads made anew", rows, heads=True)
    assert re.search(SAYS[name], wrong[name]), wrong


@pytest.mark.parametrize("mode", TEXTS)
def test_nof1_verify_names_the_event_of_a_changed_bit(finished, tmp_path, mode):
    """Where the chain was left as it is, the record tells the number, whichever column was changed."""
    chance = random.Random(f"owned bits {mode}")  # noqa: S311 - which bit
    one = finished[mode]
    for n in range(N_OWNED):
        place = chance.randrange(len(one.rows))
        row = one.rows[place]
        column = chance.choice([name for name, value in row.items() if isinstance(value, str) and value])
        text = chance.randrange(len(row[column]))
        data = row[column][:text] + ("x" if row[column][text] != "x" else "y") + row[column][text + 1 :]
        rows = [*one.rows[:place], {**row, column: data}, *one.rows[place + 1 :]]
        wrong = owned(one, tmp_path / str(n), rows, heads=False)
        assert re.search(rf"event {place + 1}\b", wrong["record"]), (column, wrong)
