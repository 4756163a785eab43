"""Somebody alone: kits are planned, registered, then drawn; at the end the slips open the trial."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from nof1.analysis.randomization_test import randomization_test
from nof1.audit.events import KitsRegistered
from nof1.blinding.packing import KitsPlan
from nof1.errors import DocumentError, EntryError, OpeningError, StageError, StoreError, WorkspaceError
from nof1.files.locked import read_dataset
from nof1.workflow.randomize import randomize_trial
from nof1.workflow.register import answers_from
from nof1.workflow.unblind import unblind_trial
from nof1.workflow.verify import Outcome, verify_trial

from .playing import START, ZONE, Player, self_blinded, third_party


def started(root, **options) -> Player:
    """Return a trial that was just drawn."""
    player = Player(root, self_blinded(**options))
    player.randomize()
    return player


@pytest.fixture(scope="module")
def once(quick_root):
    """Play one trial to its lock; a process that takes tests from another one may do so twice."""
    with TemporaryDirectory(dir=quick_root) as name:
        player = started(Path(name)).play_days()
        player.lock()
        yield player


@pytest.fixture
def locked(once, tmp_path):
    """Return a copy of a trial that waits for its slips."""
    return once.copy(tmp_path)


def failures(player: Player) -> list[str]:
    """Return what verify finds wrong."""
    return [check.text for check in verify_trial(player.folder) if check.outcome is Outcome.FAIL]


def cards(player: Player, *lost: str) -> str:
    """Return the slips as typed, some of them lost."""
    lines = player.pack().cards.splitlines()
    return "\n".join(f"{line[:8]} lost" if line[:8] in lost else line for line in lines)


# ── the plan ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_plan_is_public(tmp_path):
    """One file, and no condition or key in it."""
    player = Player(tmp_path, self_blinded())
    made = player.plan()
    assert (made.n_kits, made.n_blocks, made.sheets) == (8, 4, ())
    plan = KitsPlan.from_dict(json.loads(made.plan.read_text()))
    assert plan.protocol_sha256
    assert all(key not in made.plan.read_text() for key in player.pack().keys.values())


def test_a_plan_is_not_made_twice(tmp_path):
    """The slips are in their boxes; only labels can be made again."""
    player = Player(tmp_path, self_blinded())
    first = KitsPlan.from_dict(json.loads(player.plan().plan.read_text()))
    with pytest.raises(WorkspaceError, match="make new labels for the slips in it with --relabel"):
        player.plan()
    again = KitsPlan.from_dict(json.loads(player.plan(relabel=True).plan.read_text()))
    assert again.leaves == first.leaves
    assert again.blocks != first.blocks


def test_other_modes_have_no_plan(player):
    """A preparer draws instead."""
    with pytest.raises(
        StageError, match=r"blinding\.mode is third_party; packing is planned only for self_blinded"
    ):
        player.plan()


# ── registration, then the draw ───────────────────────────────────────────────────────────────────────────────────


def test_the_registration_comes_first(once):
    """Two events; the first holds labels, hashes and answers, the second the public secret and the order."""
    assert once.kinds()[:2] == ["kits_registered", "trial_randomized"]
    (registered,) = once.trial.state.of(KitsRegistered)
    begun = once.trial.registration
    assert sorted(begun.kits) == list(registered.event.kits)
    assert registered.event.leaves == begun.leaves
    assert len(bytes.fromhex(begun.secret)) == 32
    assert json.loads((once.folder / "public.json").read_text())["secret"] == begun.secret
    assert failures(once) == []


def test_no_entropy_of_the_draw_before_the_registration_is_stored(tmp_path):
    """Whoever dies in the dialog, or in the registration, has drawn nothing."""
    player = Player(tmp_path, self_blinded())
    kits = player.plan().plan.parent
    boxes = player.pack()
    taken = []

    def entropy(n):
        if n == 32:
            taken.append(player.folder.exists() and "kits_registered" in player.kinds())
        return player.context.entropy(n)

    watched = replace(player.context, entropy=entropy)
    ask = answers_from(boxes.answers)
    randomize_trial(player.protocol, player.folder, START, watched, zone=ZONE, kits=kits, ask=ask)
    assert taken == [False, True]  # which boxes are turned over; the secret


@pytest.mark.parametrize("answer", [{"capsules_1": 2}, {"labels_on": "before"}, {"shuffled_by": "?"}])
def test_a_refused_answer_leaves_nothing(tmp_path, answer):
    """No folder, no store, nothing drawn; the next attempt begins anew."""
    player = Player(tmp_path, self_blinded())
    kits = player.plan().plan.parent
    boxes = player.pack()
    with pytest.raises((StageError, EntryError)):
        player.randomize(kits=kits, ask=answers_from({**boxes.answers, **answer}))
    assert not player.folder.exists()
    player.randomize(kits=kits, ask=answers_from(boxes.answers))
    assert player.kinds() == ["kits_registered", "trial_randomized"]


def interrupted(player: Player):
    """Register kits, and die before the draw; return the folder of the kits."""
    kits = player.plan().plan.parent

    def entropy(n):
        if n == 32 and (player.folder / "heads.txt").exists():
            raise KeyboardInterrupt
        return player.context.entropy(n)

    dying = replace(player.context, entropy=entropy)
    with pytest.raises(KeyboardInterrupt):
        randomize_trial(
            player.protocol,
            player.folder,
            START,
            dying,
            zone=ZONE,
            kits=kits,
            ask=answers_from(player.pack().answers),
        )
    assert player.kinds() == ["kits_registered"]
    return kits


def test_an_interrupted_draw_goes_on_without_asking(tmp_path):
    """The same kits: one registration, one draw. Then no second one."""
    player = Player(tmp_path, self_blinded())
    kits = interrupted(player)
    (check, then) = verify_trial(player.folder)
    assert (check.outcome, then.outcome) == (Outcome.PASS, Outcome.NOT_YET)
    player.randomize(kits=kits, ask=None)
    assert player.kinds() == ["kits_registered", "trial_randomized"]
    assert failures(player) == []
    with pytest.raises(StoreError, match="holds a trial already"):
        player.randomize(kits=kits, ask=None)


def test_new_labels_after_an_interrupted_draw_are_asked_for(tmp_path):
    """Nothing was drawn, so other labels can be registered; what was marked as simulated stays so."""
    player = Player(tmp_path, self_blinded())
    kits = interrupted(player)
    player.context = replace(player.context, simulated=False)
    player.plan(relabel=True)
    with pytest.raises(EntryError, match="registered by a dialog"):
        player.randomize(kits=kits, ask=None)
    plan = json.loads((kits / "kits.json").read_text())
    answers = {f"block_{block['block']}": block["codes"] for block in plan["blocks"]}
    player.randomize(kits=kits, ask=answers_from({**player.pack().answers, **answers}))
    assert player.kinds() == ["kits_registered", "kits_registered", "trial_randomized"]
    assert player.trial.registration.simulated
    assert failures(player) == []


def test_kits_of_another_protocol(tmp_path):
    """The slips are bound to the protocol that was planned."""
    player = Player(tmp_path, self_blinded())
    kits = player.plan().plan.parent
    player.protocol.write_text(self_blinded(blocks=4))
    with pytest.raises(DocumentError) as refused:
        player.randomize(kits=kits, ask=answers_from({}))
    assert "planned for the protocol" in str(refused.value)
    assert "found 8 kits; this design needs 10, block by block" in str(refused.value)


def test_kits_of_another_trial(once, tmp_path):
    """One set of kits is one trial."""
    player = once.copy(tmp_path)
    other = replace(player, name="tea")
    with pytest.raises(
        StageError, match="these kits belong to coffee, of which this commitment was published"
    ):
        other.randomize(kits=player.workspace / "kits", ask=answers_from({}))


def test_a_folder_with_a_secret_is_not_opened(tmp_path):
    """Nobody who is alone has one."""
    player = Player(tmp_path, self_blinded())
    kits = player.plan().plan.parent
    (kits / "secret.txt").write_text("00" * 32)
    with pytest.raises(WorkspaceError, match="this folder also holds the preparer's secret"):
        player.randomize(kits=kits, ask=answers_from({}))


# ── the opening ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_slips_open_every_kit(locked):
    """What they say, in the order that was drawn; its number is computed, and verify reads every slip again."""
    receipt = locked.unblind()
    assert (receipt.n_kits, receipt.space_size, receipt.by_cards, receipt.lost) == (8, 8, True, ())
    contents = locked.pack().contents
    dataset = read_dataset(locked.folder / "locked")
    planned = [contents[str(period.kit)] for period in locked.trial.schedule.periods]
    assert list(dataset.sequence) == planned
    assert dataset.space.rank(dataset.sequence) == receipt.sequence_rank
    event = locked.trial.state.unblinding.event
    assert (event.how, event.secret, event.flags) == ("cards", None, ())
    assert {kit.kit: kit.key for kit in event.allocation} == locked.pack().keys
    found = {check.name: check.outcome for check in verify_trial(locked.folder)}
    assert (found["order of codes"], found["cards"]) == (Outcome.PASS, Outcome.PASS)


def test_one_lost_slip_is_told_by_its_block(locked):
    """By elimination, marked as such; the order is known."""
    kit = str(locked.trial.schedule.periods[2].kit)
    receipt = locked.unblind(cards=cards(locked, kit))
    assert (receipt.inferred, receipt.lost, receipt.space_size) == ((kit,), (), 8)
    assert receipt.sequence_rank is not None
    assert locked.trial.state.unblinding.event.flags == ("by_elimination",)
    assert failures(locked) == []


def test_two_lost_slips_of_a_block_are_left_out(locked):
    """The space is that of the other periods, and the randomization test permutes nothing else."""
    lost = [str(period.kit) for period in locked.trial.schedule.periods[2:4]]
    receipt = locked.unblind(cards=cards(locked, *lost))
    assert (set(receipt.lost), receipt.n_kits) == (set(lost), 6)
    assert (receipt.space_size, receipt.sequence_rank) == (4, None)
    dataset = read_dataset(locked.folder / "locked")
    assert dataset.lost_periods == (3, 4)
    assert set(dataset.condition_of) == {1, 2, 5, 6}
    assert (dataset.space.size, dataset.space.n_periods) == (4, 6)
    assert {sequence[2:4] for sequence in dataset.space} == {dataset.sequence[2:4]}
    assert dataset.sequence in dataset.space
    assert failures(locked) == []


def test_all_or_nothing(locked):
    """A slip that is not typed is not passed over."""
    before = locked.rows()
    some = "\n".join(cards(locked).splitlines()[:-2])
    with pytest.raises(EntryError, match="no key; nothing is opened before all are read"):
        locked.unblind(cards=some)
    with pytest.raises(EntryError, match="--cards FILE, with a line for each box"):
        locked.unblind(cards=None)
    assert locked.rows() == before


def test_a_wrong_slip_opens_nothing(locked):
    """One event says that it was tried; no key is in it."""
    lines = cards(locked).splitlines()
    keys = [line[8:] for line in lines]
    block_of = {kit.partition("/")[2]: kit.partition("/")[0] for kit in locked.trial.registration.kits}
    other = next(n for n, line in enumerate(lines) if block_of[line[:8]] != block_of[lines[0][:8]])
    lines[0] = lines[0][:8] + keys[other]
    with pytest.raises(OpeningError) as refused:
        locked.unblind(cards="\n".join(lines))
    assert str(refused.value) == (
        f"this slip belongs to block {block_of[lines[other][:8]]}, the box is of block {block_of[lines[0][:8]]}"
    )
    assert locked.kinds()[-1] == "opening_refused"
    store = (locked.folder / "trial.sqlite").read_bytes()
    assert all(key.replace(" ", "").encode() not in store for key in keys)
    assert locked.unblind().n_kits == 8


def test_slips_are_read_after_the_lock(once, tmp_path):
    """Too early they open nothing."""
    player = started(tmp_path)
    with pytest.raises(StageError, match="nothing is opened before the lock"):
        player.unblind()


def test_the_cards_of_a_preparer_open_when_the_secret_is_gone(tmp_path):
    """Leaf by leaf; that chance made the order is then not provable."""
    player = Player(tmp_path, third_party(blocks=2)).play(8)
    player.lock(9)
    rows = (player.secret.parent / "packing-list.csv").read_text().splitlines()[1:]
    text = "\n".join(f"{row.split(',')[0]} {row.split(',')[3]}" for row in rows)
    receipt = unblind_trial(player.folder, player.context, cards=text)
    assert (receipt.n_kits, receipt.space_size, receipt.by_cards) == (6, 4, True)
    found = {check.name: check.outcome for check in verify_trial(player.folder)}
    assert (found["draw"], found["cards"]) == (Outcome.NOT_PROVABLE, Outcome.PASS)
    assert failures(player) == []


def test_the_randomization_test_leaves_unknown_periods_still(tmp_path):
    """Exact on what is left: two to the number of whole blocks, whatever was in the boxes that nobody knows."""
    player = started(tmp_path, blocks=6, spares=0).play_days(24)
    player.lock(25)
    lost = [str(period.kit) for period in player.trial.schedule.periods[2:4]]
    player.unblind(cards=cards(player, *lost))
    dataset = read_dataset(player.folder / "locked")
    frame = dataset.frame("app.points")
    test = randomization_test(
        frame, dataset.space, contrast=("on", "off"), trend=None, sequence=dataset.sequence
    )
    assert (test.n_sequences, test.exact) == (2**5, True)
    known = frame[frame["condition"].notna()]
    means = known.groupby(["block", "condition"])["value"].mean().unstack()
    difference = (means["on"] - means["off"]).to_numpy()
    signs = np.array(list(product((1, -1), repeat=5)))
    as_extreme = np.abs(signs @ difference) >= abs(difference.sum()) - 1e-9
    assert test.n_as_extreme == as_extreme.sum()


# ── accidents around the draw ─────────────────────────────────────────────────────────────────────────────────────


def test_a_protocol_that_is_edited_in_the_dialog_is_not_taken(tmp_path):
    """The text that is stored is the one that was checked, hashed and published, whatever the file says by then."""
    player = Player(tmp_path, self_blinded())
    kits = player.plan().plan.parent
    answer = answers_from(player.pack().answers)

    def ask(question, check):
        player.protocol.write_text(player.text.replace("A made-up trial", "Another trial"), encoding="utf-8")
        return answer(question, check)

    player.randomize(kits=kits, ask=ask)
    assert player.trial.registration.protocol_text == player.text
    assert "Another" not in player.trial.registration.protocol_canonical


def test_of_two_terminals_that_draw_both_tell_what_is_stored(tmp_path):
    """One draw is stored, and nobody is shown the line of another one to publish."""
    player = Player(tmp_path, self_blinded())
    kits = interrupted(player)
    other = replace(player.context, entropy=bytes)
    told = []

    def entropy(n):
        if n == 32 and not told:
            told.append(
                randomize_trial(player.protocol, player.folder, START, other, zone=ZONE, kits=kits).line
            )
        return player.context.entropy(n)

    slow = replace(player.context, entropy=entropy)
    told.append(randomize_trial(player.protocol, player.folder, START, slow, zone=ZONE, kits=kits).line)
    assert told == [player.trial.registration.published_line] * 2
    assert player.kinds() == ["kits_registered", "trial_randomized"]


def test_labels_that_changed_under_a_draw_are_not_drawn_for(tmp_path):
    """Who registers other labels meanwhile is the one whose labels count: an order is drawn for the last ones only."""
    player = Player(tmp_path, self_blinded())
    kits = interrupted(player)
    answer = answers_from(player.pack().answers)
    begun = []

    def entropy(n):
        if n == 32 and not begun:
            begun.append(True)
            player.plan(relabel=True)
            codes = json.loads((kits / "kits.json").read_text())["blocks"]
            given = {f"block_{one['block']}": one["codes"] for one in codes}
            late = answers_from({**player.pack().answers, **given})

            def die(n):
                if n == 32 and player.kinds().count("kits_registered") == 2:
                    raise KeyboardInterrupt
                return player.context.entropy(n)

            with pytest.raises(KeyboardInterrupt):
                randomize_trial(
                    player.protocol, player.folder, START, replace(player.context, entropy=die), zone=ZONE, kits=kits, ask=late
                )  # fmt: skip
        return player.context.entropy(n)

    slow = replace(player.context, entropy=entropy)
    with pytest.raises(StageError, match="registered other labels meanwhile"):
        randomize_trial(player.protocol, player.folder, START, slow, zone=ZONE, kits=kits, ask=answer)
    assert player.kinds() == ["kits_registered"] * 2


def test_labels_are_not_registered_after_a_draw(tmp_path):
    """A dialog that another terminal overtook ends with a refusal, and the trial stays as it was drawn."""
    player = Player(tmp_path, self_blinded())
    old = interrupted(player)
    saved = (old / "kits.json").read_bytes()
    player.plan(relabel=True)
    codes = json.loads((old / "kits.json").read_text())["blocks"]
    new = old.with_name("new")
    shutil.copytree(old, new)
    (old / "kits.json").write_bytes(saved)
    answer = answers_from(
        {**player.pack().answers, **{f"block_{one['block']}": one["codes"] for one in codes}}
    )
    begun = []

    def ask(question, check):
        if not begun:
            begun.append(player.randomize(kits=old))
        return answer(question, check)

    with pytest.raises(StageError):
        player.randomize(kits=new, ask=ask)
    assert player.kinds() == ["kits_registered", "trial_randomized"]
    assert failures(player) == []


def test_no_new_labels_for_boxes_that_were_drawn(once, tmp_path):
    """The order is one of codes: other labels would belong to no period, and hands have shuffled for these."""
    player = once.copy(tmp_path)
    plan = player.workspace / "kits" / "kits.json"
    before = plan.read_bytes()
    with pytest.raises(StageError, match="drawn for the labels that are on these boxes"):
        player.plan(relabel=True)
    assert plan.read_bytes() == before
