"""An extension: further blocks with a draw and a commitment of their own; the space is the product."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, replace

import pytest

from nof1.errors import DocumentError, EntryError, OpeningError, ProtocolError, StageError
from nof1.files.locked import read_dataset
from nof1.workflow.amend import amend_trial
from nof1.workflow.demo import simulated_entropy
from nof1.workflow.emergency import check_card
from nof1.workflow.extend import extend_trial
from nof1.workflow.hands import pack
from nof1.workflow.kit_check import check_kits
from nof1.workflow.lost import record_lost_kit
from nof1.workflow.move import pause_trial, stop_trial
from nof1.workflow.parts import parts_of
from nof1.workflow.register import answers_from
from nof1.workflow.unblind import unblind_trial
from nof1.workflow.verify import Outcome, verify_trial

from ..cli.terminal import Terminal  # noqa: TID252 - tests have no absolute names
from ..report.verifying import verify  # noqa: TID252
from .playing import Player, open_label, self_blinded, third_party

RULE = "period_days: 2, extension: {blocks: 1, when: fewer than ten scores came}"
MORE = b"tests, more sheets"


def longer(player: Player, blocks: int = 3):
    """Write the protocol with more blocks, and nothing else new."""
    path = player.workspace / "protocols" / "longer.yaml"
    path.write_text(player.text.replace("blocks: 2,", f"blocks: {blocks},"), encoding="utf-8")
    return path


def hands(player: Player):
    """Let hands pack the new blocks."""
    return pack(longer(player), simulated_entropy(MORE), random.Random("more"), after=2)  # noqa: S311 - made-up hands


def say(terminal: Terminal, *words: object) -> str:
    """Run a command that must not be refused."""
    answer = terminal(*words)
    assert answer.code == 0, answer.err
    return answer.out


def made(player: Player, patch: pytest.MonkeyPatch) -> tuple[object, ...]:
    """Let the new kits be made by the commands, each side on its own; return the options of `extend`."""
    path = longer(player)
    if player.is_open:
        return ()
    entropy = simulated_entropy(MORE)
    if player.is_alone:
        theirs = Terminal(replace(player.context, entropy=entropy), patch)
        to = player.workspace / "more"
        say(theirs, "kit", "plan", path, "--after", 2, "--to", to, "--paper", "none")
        answers = player.workspace / "answers.json"
        answers.write_text(json.dumps(hands(player).answers))
        return ("--kits", to, "--answers", answers)
    theirs = Terminal(replace(player.context, entropy=entropy), patch)
    copy = player.preparer / "longer.yaml"
    copy.write_text(path.read_text())
    say(theirs, "kit", "draw", copy, "--after", 2, "--to", player.preparer / "more", "--paper", "none")
    received = player.root / "received" / "more.json"
    received.write_bytes((player.preparer / "more" / "for-participant" / "public.json").read_bytes())
    return ("--kits", received)


def second_secret(player: Player):
    """Return the secret of the preparer's second draw."""
    return player.preparer / "more" / "preparer-only" / "secret.txt"


def opened_by(player: Player) -> tuple[object, ...]:
    """Return what opens both draws."""
    if player.is_open:
        return ()
    if not player.is_alone:  # in any order
        return ("--secret", second_secret(player), "--secret", player.secret)
    cards = player.workspace / "cards.txt"
    cards.write_text(player.pack().cards + hands(player).cards)
    return ("--cards", cards)


def contents(player: Player) -> list[str]:
    """Return what the periods held, as only whoever packed can know."""
    codes = [str(code) for code in player.trial.planned_kits]
    if player.is_alone:
        held = {**player.pack().contents, **hands(player).contents}
        return [held[code] for code in codes]
    held = {}
    for kits in ("kits", "more"):
        lines = (player.preparer / kits / "preparer-only" / "packing-list.csv").read_text().splitlines()[1:]
        held |= {line.split(",")[0]: line.split(",")[2] for line in lines}
    return [held[code] for code in codes]


@pytest.fixture(params=[self_blinded, third_party, open_label], ids=lambda mode: mode.__name__)
def lived(request, quick_root, monkeypatch):
    """Play two blocks, extend the trial by one through the commands, play that as well."""
    text = request.param(blocks=2, spares=0)
    player = Player(quick_root / f"extended-{request.param.__name__}", text).play(days=6)
    monkeypatch.chdir(player.workspace)
    terminal = Terminal(player.context, monkeypatch)
    said = say(
        terminal,
        "extend",
        "coffee",
        longer(player),
        *made(player, monkeypatch),
        "--reason",
        "too noisy",
        "--json",
    )
    return player, terminal, json.loads(said)


def test_an_extended_trial_from_its_kits_to_its_verification(lived):
    """Registered before the draw, drawn for itself, opened with both, checked in both, analysed in the product."""
    player, terminal, told = lived
    trial = player.trial
    # The calendar goes on, nothing before it changed, and what was published of the first draw stays.
    assert told["periods"] == [5, 6]
    assert [p.block for p in trial.schedule.periods] == [1, 1, 2, 2, 3, 3]
    assert told["first_day"] == "2026-03-10"
    assert not told["planned"]
    first, more = trial.registration, trial.extensions[0]
    assert more.published_line == told["line"] != first.published_line
    assert (more.after, more.amends_sha256) == (2, first.protocol_sha256)
    assert trial.space.size == 8
    kinds = player.kinds()
    if player.is_alone:
        assert kinds.index("extension_registered") < kinds.index("trial_extended")
    stored = (player.folder / "trial.sqlite").read_bytes() + (player.folder / "public-2.json").read_bytes()
    hidden = hands(player).keys.values() if player.is_alone else ()
    if not (player.is_alone or player.is_open):
        hidden = (second_secret(player).read_text().strip(),)
    assert not any(text.encode() in stored for text in hidden)
    for day in range(7, 13):
        player.enter_session(day)
    player.put(13, "09:00")
    say(terminal, "lock", "coffee", "--yes")
    say(terminal, "unblind", "coffee", *opened_by(player))
    checks = {check.name: check for check in verify_trial(player.folder)}
    assert not [check for check in checks.values() if check.outcome is Outcome.FAIL]
    assert alone(player) == []
    draw = "order of codes of extension 1" if player.is_alone else "draw of extension 1"
    assert checks[draw].outcome is Outcome.PASS
    assert checks["public-2.json"].outcome is Outcome.PASS
    dataset = read_dataset(player.folder / "locked")
    assert dataset.space.size == 8
    assert dataset.protocol.design.blocks == 3
    assert dataset.sequence in dataset.space
    if not player.is_open:
        assert list(dataset.sequence) == contents(player)
        assert trial_rank(player) == dataset.space.rank(dataset.sequence)
    facts = dict(dataset.trial["facts"])
    assert "1 block after block 2, unplanned, since the protocol has no rule for it" in facts["extended"]
    assert told["line"] in facts["extended"]
    assert ("unplanned_extension" in dataset.trial["flags"]) == player.is_open


def alone(player: Player, old: str = "", new: str = "") -> list[str]:
    """Return what the program of the report folder finds wrong, where a text of the extension was changed."""
    rows = [asdict(row) for row in player.rows()]
    for row in rows:
        if row["kind"] == "trial_extended" and old:
            assert old in row["payload"]
            row["payload"] = row["payload"].replace(old, new)
    files = [path for path in (player.folder / "locked").rglob("*") if path.is_file()]
    locked = {path.relative_to(player.folder / "locked").as_posix(): path.read_bytes() for path in files}
    heads = (player.folder / "heads.txt").read_text()
    return [f"{name}: {text}" for name, fine, text in verify.checks(rows, heads, locked) if fine is False]


def trial_rank(player: Player) -> int:
    """Return the rank that was stored at the opening."""
    return player.trial.state.unblinding.event.sequence_rank


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def once(quick_root):
    """Play an open trial and a prepared one for six days each."""
    return {
        make.__name__: Player(
            quick_root / f"once-{make.__name__}", make(blocks=2, spares=1 - (make is open_label))
        ).play(6)
        for make in (open_label, third_party)
    }


@pytest.fixture
def openly(once, tmp_path):
    """Return a copy of the open one."""
    return once["open_label"].copy(tmp_path)


@pytest.fixture
def prepared(once, tmp_path):
    """Return a copy of the one with a preparer."""
    return once["third_party"].copy(tmp_path)


def extend(player: Player, path=None, reason="too noisy", **options):
    """Extend by one block."""
    return extend_trial(player.folder, path or longer(player), reason, player.context, **options)


def test_only_the_number_of_blocks_may_differ(openly):
    """What was promised stays; with the list of what differs, and nothing stored."""
    path = longer(openly)
    path.write_text(path.read_text().replace("sesoi: 5", "sesoi: 4"), encoding="utf-8")
    with pytest.raises(ProtocolError, match=r"outcomes\.primary.*an extension changes design\.blocks alone"):
        extend(openly, path)
    with pytest.raises(ProtocolError, match="found 2, and 2 are drawn already"):
        extend(openly, openly.protocol)
    with pytest.raises(ProtocolError, match=r"Blocks are added with nof1 extend"):
        amend_trial(openly.folder, longer(openly), "more", openly.context)
    assert "trial_extended" not in openly.kinds()


def test_a_trial_that_rests_or_has_ended_is_not_extended(openly):
    """The calendar would not know where to go on."""
    pause_trial(openly.folder, None, "flu", openly.context)
    with pytest.raises(StageError, match="nof1 resume coffee"):
        extend(openly)
    stop_trial(openly.folder, None, "moved", openly.context)
    with pytest.raises(StageError, match="was stopped"):
        extend(openly)


def test_the_ceiling_counts_the_blocks_that_are_added(openly):
    """Also where the first protocol stayed below it: days on a condition with a dose."""
    path = openly.workspace / "protocols" / "capped.yaml"
    capped = openly.text.replace("max_daily_dose", "max_total_days_on: 4\n  max_daily_dose")
    path.write_text(capped, encoding="utf-8")
    amend_trial(openly.folder, path, "no more than planned", openly.context)
    path.write_text(capped.replace("blocks: 2,", "blocks: 3,"), encoding="utf-8")
    with pytest.raises(ProtocolError, match="this design has 6 days on a condition with a dose"):
        extend(openly, path)


def test_kits_of_the_first_draw_extend_nothing(prepared):
    """They are bound to the first protocol, and are other blocks."""
    with pytest.raises(EntryError, match="needs what the preparer drew"):
        extend(prepared)
    with pytest.raises(DocumentError, match="drawn for the protocol"):
        extend(prepared, kits=prepared.root / "received" / "public.json")


def test_a_planned_extension_is_told_as_one(quick_root):
    """The rule stands in the protocol that was registered; one block more than it allows is not planned."""
    text = open_label(blocks=2).replace("period_days: 2", RULE)
    player = Player(quick_root / "planned", text).play(2)
    assert extend(player).is_planned
    path = longer(player, 4)
    assert not extend(player, path).is_planned
    assert [len(one.kits) for one in player.trial.extensions] == [2, 2]
    assert len(player.trial.open_sequence) == 8
    assert not [check for check in verify_trial(player.folder) if check.outcome is Outcome.FAIL]


def test_an_extension_after_the_last_day_begins_tomorrow(openly):
    """The calendar goes on; no period lies in the past."""
    openly.put(20, "12:00")
    done = extend(openly)
    assert openly.trial.schedule.day_number(done.periods[0].starts_on) == 21


def test_a_registration_that_was_cut_short_goes_on_with_the_draw(quick_root, monkeypatch):
    """Killed between the two, the same command asks nothing again; the trial runs all the time."""
    player = Player(quick_root / "cut", self_blinded(blocks=2, spares=0)).play(2)
    _, kits, *_ = made(player, monkeypatch)
    answers = hands(player).answers
    with monkeypatch.context() as patch:
        patch.setattr("nof1.workflow.extend.draw_order", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            extend(player, kits=kits, ask=answers_from(answers))
    assert player.kinds()[-1] == "extension_registered"
    player.enter_session(3)  # nothing holds the trial up
    assert player.trial.protocol.design.blocks == 2
    done = extend(player, kits=kits, ask=None)
    assert len(done.periods) == 2
    assert player.kinds().count("extension_registered") == 1


def _interrupt(*_args: object) -> None:
    raise KeyboardInterrupt


def test_kits_of_an_extension_are_kits_like_any_other(prepared, monkeypatch):
    """Lost and replaced by a spare block of the first draw, checked in an emergency, and read back from its sheet."""
    _, kits = made(prepared, monkeypatch)
    extend(prepared, kits=kits)
    code = str(prepared.trial.planned_kits[4])
    keys = {
        line.split(",")[0]: line.split(",")[3]
        for line in (prepared.preparer / "more" / "preparer-only" / "packing-list.csv")
        .read_text()
        .splitlines()[1:]
    }
    assert check_card(prepared.folder, code, keys[code], prepared.context).text.startswith(
        f"verified: {code} contains"
    )
    assert check_kits(prepared.preparer / "more", second_secret(prepared).read_text()).n_kits == 2
    loss = record_lost_kit(prepared.folder, prepared.context, code, "left on a train")
    assert (loss.spare, loss.block) == ("S1", 3)
    assert prepared.trial.planned_kits[4:] == prepared.trial.spare_kits("S1")
    prepared.lock(7)
    with pytest.raises(EntryError, match="drawn twice, and 1 of its secrets were given"):
        prepared.unblind()
    with pytest.raises(OpeningError, match="none of these secrets fits what was published of extension 1"):
        unblind_trial(prepared.folder, prepared.context, secret=[prepared.secret, prepared.secret])
    unblind_trial(prepared.folder, prepared.context, secret=[prepared.secret, second_secret(prepared)])
    assert alone(prepared) == []
    codes = [str(kit.code) for kit in parts_of(prepared.trial)[1].public.kits]
    assert [text.partition(":")[0] for text in alone(prepared, f'"3/{codes[0]}","3/{codes[1]}"', f'"3/{codes[1]}","3/{codes[0]}"')] == [
        "chain", "commitment of extension 1", "draw of extension 1",
    ]  # fmt: skip
    assert not [check for check in verify_trial(prepared.folder) if check.outcome is Outcome.FAIL]


def test_a_changed_extension_is_found(prepared, monkeypatch):
    """Its commitment is checked like the first one."""
    _, kits = made(prepared, monkeypatch)
    extend(prepared, kits=kits)
    event = prepared.trial.extensions[0]
    wrong = replace(event, kits=tuple(reversed(event.kits)))
    real = type(prepared.trial.state).of
    monkeypatch.setattr(
        type(prepared.trial.state),
        "of",
        lambda state, kind: tuple(
            replace(one, event=wrong) if one.event == event else one for one in real(state, kind)
        ),
    )
    failed = {check.name for check in verify_trial(prepared.folder) if check.outcome is Outcome.FAIL}
    assert "commitment of extension 1" in failed


def test_a_card_of_somebody_alone_is_checked_without_the_store(quick_root):
    """In an emergency public.json is enough, though in self_blinded the public secret stands in it."""
    player = Player(quick_root / "no-store", self_blinded(blocks=2, spares=0))
    player.randomize()
    code, key = next(iter(player.pack().keys.items()))
    (player.folder / "locked").mkdir()
    (player.folder / "locked" / "protocol.json").write_text(player.trial.registration.protocol_canonical)
    (player.folder / "trial.sqlite").write_bytes(b"damaged")
    assert check_card(player.folder, code, key, player.context).text.startswith(f"verified: {code} contains")
