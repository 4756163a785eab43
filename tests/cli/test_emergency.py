"""An emergency at the terminal: told before anything is touched, refused never, recorded without a condition."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

import pytest

from nof1.audit.events import BlindBroken
from nof1.blinding.opening import follow
from nof1.blinding.sealed import Secret
from nof1.files.secrets import read_secret
from nof1.schedule.design import space_of, spare_space

from ..workflow.playing import Player, self_blinded, third_party  # noqa: TID252 - tests have no absolute names
from .terminal import Terminal

if TYPE_CHECKING:
    from nof1.blinding.cards import Card


class Case(NamedTuple):
    """A trial on its third day, and the cards that lie in its boxes."""

    player: Player
    nof1: Terminal
    cards: dict[str, Card]

    @property
    def kits(self) -> list[str]:
        """Codes in order of use."""
        return [str(code) for code in self.player.trial.planned_kits]


@pytest.fixture
def case(tmp_path, monkeypatch) -> Case:
    text = third_party().replace(
        "exclusions: [none]", "emergency_contact: 'Kim, 555 0100'\n  exclusions: [none]"
    )
    player = Player(tmp_path, text.replace("period_days: 2", "period_days: 2, onset_days: 1"))
    player.randomize()
    player.put(3, "12:00")
    protocol = player.trial.protocol
    opening = follow(
        Secret(read_secret(player.secret)),
        player.trial.registration.protocol_sha256,
        space_of(protocol),
        [spare_space(protocol)],
    )
    cards = {str(k.code): c for k, c in zip(opening.public.kits, opening.cards, strict=True)}
    monkeypatch.chdir(player.workspace)
    return Case(player, Terminal(player.context, monkeypatch), cards)


def test_what_to_open_is_told_first_and_the_opening_recorded(case):
    """The box in use, the one before it while it may still act, what any box may hold, and whom to call."""
    now, before = case.kits[1], case.kits[0]
    told = case.nof1("emergency", "coffee", now, "--reason", "fainted")
    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[0] == (
        f"Open the slip in the box {now}, or the sealed card with its code. It says what the box contains."
    )
    assert lines[2] == f"By the calendar the box in use is {now}, since 2026-03-04."
    assert lines[3].startswith(f"The box before it, {before}, until 2026-03-03, may still act")
    assert "caffeine 100 mg, at 08:00; or cellulose, at 08:00" in told.out
    assert "Contact: Kim, 555 0100" in told.out
    assert f"Recorded: {now} was opened, the participant knows" in told.out
    event = case.player.trial.state.records[-1].event
    assert (event.kit, event.who_learned, event.reason) == (now, "participant", "fainted")


def test_a_card_is_verified_offline_and_leaves_no_trace(case):
    """The screen says what the card says; store, log and files hold neither condition nor key."""
    code = case.kits[1]
    card = case.cards[code]
    told = case.nof1("emergency", "coffee", code.lower(), "--card", card.key.lower(), "--who", "others")
    name = {"on": "caffeine 100 mg", "off": "cellulose"}[card.condition]
    assert f"verified: {code} contains {name}, at 08:00" in told.out
    assert "only others know; the participant stays blind" in told.out
    told = json.loads(case.player.rows()[-1].payload)
    assert set(told) == {"kit", "who_learned", "on"}
    assert (told["kit"], told["who_learned"], told["on"][:16]) == (code, "others", "2026-03-04T11:00")
    held = b"".join(path.read_bytes() for path in case.player.folder.iterdir() if path.is_file())
    assert card.key.encode() not in held


def test_a_key_is_asked_for_and_stays_out_of_the_shell(case):
    """Without a value the key comes from the terminal."""
    code = case.kits[1]
    told = case.nof1("emergency", "coffee", code, "--card", typed=case.cards[code].key + "\n")
    assert "verified: " in told.out


@pytest.mark.parametrize("typed", ["", "23456789ABCDEFGH", "0", "x" * 400])
def test_a_key_of_no_card_is_told_and_stops_nothing(case, typed):
    """Go by the card; the opening is recorded all the same."""
    told = case.nof1("emergency", "coffee", case.kits[1], "--card", typed or " ")
    assert "this key is not a card of this trial; go by the card" in told.out
    assert "Recorded: " in told.out


def test_the_card_of_another_box_is_named(case):
    """A slip in the wrong box is told with the box that it belongs to."""
    told = case.nof1("emergency", "coffee", case.kits[1], "--card", case.cards[case.kits[4]].key)
    assert f"this slip belongs to {case.kits[4]}" in told.out


@pytest.mark.parametrize("kit", ["K-222222", "nefiracetam 900 mg", "", "K-1", "=1+1"])
def test_an_unknown_code_is_not_refused(case, kit):
    """A code of no kit is recorded as it is; free words, which may name a condition, as unknown."""
    told = case.nof1("emergency", "coffee", kit)
    assert told.code == 0
    assert "go by the box in your hand" in told.out
    assert "Recorded: " in told.out
    assert case.player.trial.state.records[-1].event.kit in {"K-222222", "unknown"}
    assert "nefiracetam" not in case.player.rows()[-1].payload


def test_a_mistyped_code_finds_its_box_by_the_card(case):
    """The card says which kit it is of."""
    told = case.nof1("emergency", "coffee", "K-222222", "--card", case.cards[case.kits[2]].key)
    assert f"verified: {case.kits[2]} contains " in told.out


@pytest.mark.parametrize("stage", ["locked", "unblinded"])
def test_at_any_stage(case, stage):
    """After the lock, and after the opening, it is told and recorded as on any day."""
    case.player.lock()
    if stage == "unblinded":
        case.player.unblind()
    told = case.nof1("emergency", "coffee", case.kits[5])
    assert (told.code, case.player.kinds()[-1]) == (0, "blind_broken")


def _damaged(folder):
    (folder / "trial.sqlite").write_bytes(b"no database at all" * 400)


def _cut(folder):
    path = folder / "trial.sqlite"
    path.write_bytes(path.read_bytes()[:5000])


def _changed(folder):
    with sqlite3.connect(folder / "trial.sqlite") as store:
        store.execute("PRAGMA writable_schema = ON")
        store.execute("DELETE FROM sqlite_master WHERE type IN ('table', 'trigger')")


def _gone(folder):
    (folder / "trial.sqlite").unlink()


@pytest.mark.parametrize("damage", [_damaged, _cut, _changed, _gone])
def test_a_damaged_store_stands_in_nobodys_way(case, damage):
    """Calendar, contact and card come from what else is there; the command for later is printed."""
    code = case.kits[1]
    card = case.cards[code]
    damage(case.player.folder)
    told = case.nof1("emergency", "coffee", code, "--card", card.key)
    assert told.code == 0
    assert f"the box in use is {code}" in told.out
    assert "Contact: Kim, 555 0100" in told.out
    assert f"verified: {code} contains " in told.out
    assert "Not recorded: " in told.err
    assert f"  nof1 emergency coffee {code} --who participant --at 2026-03-04T11:00:" in told.out


def test_a_folder_that_is_not_there(case):
    """The first lines come in any case."""
    told = case.nof1("emergency", "no-such-trial", "K-222222")
    assert told.code == 0
    assert told.out.startswith("Open the slip in the box K-222222, or the sealed card with its code.")
    assert "was not found here" in told.out


def test_everything_gone_but_the_folder(case):
    """An empty folder: the slip says the rest."""
    code = case.kits[1]
    shutil.rmtree(case.player.folder)
    case.player.folder.mkdir()
    told = case.nof1("emergency", str(case.player.folder), code, "--card", "23456789ABCDEFGH")
    assert told.code == 0
    assert "The protocol of this trial cannot be read here" in told.out
    assert "The card cannot be checked here" in told.out


def test_without_write_access_the_command_for_later_is_printed(case, monkeypatch):
    """A read-only disk: everything is told, and the printed command records it later with its time."""
    code = case.kits[1]
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **more: mode != os.W_OK and real(path, mode, **more))
    told = case.nof1("emergency", "coffee", code, "--who", "others")
    assert told.code == 0
    assert "Not recorded: " in told.err
    command = told.out.splitlines()[-1].split()
    monkeypatch.setattr(os, "access", real)
    case.player.put(6)
    later = case.nof1(*command[1:])
    event = case.player.trial.state.records[-1].event
    assert "Recorded: " in later.out
    assert (event.on[:16], event.who_learned) == ("2026-03-04T11:00", "others")


def test_a_reason_can_follow_and_nothing_is_told_twice(case):
    """The later record replaces the earlier one and keeps its time; the same again adds nothing."""
    code = case.kits[1]
    case.nof1("emergency", "coffee", code)
    first = case.player.trial.state.records[-1].event
    case.player.put(5)
    case.nof1("emergency", "coffee", code, "--reason", "fainted")
    case.nof1("emergency", "coffee", code)
    from nof1.audit.events import BlindBroken  # noqa: PLC0415 - for this look at the record alone

    (broken,) = case.player.trial.state.of(BlindBroken)
    assert (broken.event.on, broken.event.reason) == (first.on, "fainted")
    assert case.player.kinds().count("blind_broken") == 2


def test_nobody_read_it(case):
    """A drill records nothing."""
    told = case.nof1("emergency", "coffee", case.kits[1], "--who", "nobody")
    assert "Nothing was recorded." in told.out
    assert "blind_broken" not in case.player.kinds()


def test_a_card_that_was_read_out_is_recorded_whoever_says_nobody(case):
    """What the screen has shown somebody knows; who says nobody, or says nothing, is taken to know."""
    code = case.kits[2]
    told = case.nof1("emergency", "coffee", code, "--card", case.cards[code].key, "--who", "nobody")
    assert told.code == 0
    assert "verified: " in told.out
    (opened,) = [r.event for r in case.player.trial.state.of(BlindBroken)]
    assert (opened.kit, opened.who_learned) == (code, "participant")


def test_the_box_that_the_card_names_is_the_one_that_is_recorded(case):
    """A code that was mistyped is no reason to record another box than the one that was opened."""
    code = case.kits[2]
    case.nof1("emergency", "coffee", "garbage", "--card", case.cards[code].key, "--who", "participant")
    (opened,) = [r.event for r in case.player.trial.state.of(BlindBroken)]
    assert opened.kit == code


def test_a_slip_of_somebody_alone_names_no_box_that_was_not_typed(tmp_path, monkeypatch):
    """Its key is of a block, and of each box in it as much as of the other: to name one would be wrong half of the time."""
    player = Player(tmp_path, text=self_blinded())
    player.randomize()
    player.put(3)
    monkeypatch.chdir(player.workspace)
    keys = player.pack().keys
    told = Terminal(player.context, monkeypatch)(
        "emergency", "coffee", "garbage", "--card", next(iter(keys.values())), "--who", "others"
    )
    said = next(line for line in told.out.splitlines() if line.startswith("verified"))
    assert "a genuine card of block" in said
    assert not any(kit in said for kit in keys)
    (opened,) = [r.event for r in player.trial.state.of(BlindBroken)]
    assert opened.kit == "unknown"
