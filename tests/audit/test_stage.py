"""What may happen at which stage, and what is said when it may not."""

from __future__ import annotations

import pytest

from nof1.audit import events
from nof1.audit.stage import MOVES, Position, Stage, advance, position_after, require, require_opened
from nof1.errors import StageError

from .strategies import PROTOCOL_SHA256

REGISTERED = events.KitsRegistered(protocol_sha256=PROTOCOL_SHA256, kits=("1/K-3KEVN6", "1/K-XUMYRH"))
PAUSED = events.Paused(on="2026-04-03", reason="flu")
STOPPED = events.Stopped(on="2026-04-03", reason="moved house")
LOCKED = events.Locked(files=(), n_scores=1, n_missing=0)
UNLOCKED = events.Unlocked(reason="a forgotten page")
UNBLINDED = events.Unblinded(how="cards", allocation=(), space_size=64)


def randomized(mode):
    """Return the draw of a trial."""
    return events.TrialRandomized(
        trial_id="caffeine",
        participant_id="p",
        mode=mode,
        start_on="2026-04-01",
        zone="Europe/Berlin",
        day_starts="04:00",
        protocol_text="",
        protocol_canonical="",
        protocol_sha256=PROTOCOL_SHA256,
        kits=("1/K-3KEVN6", "1/K-XUMYRH"),
        commitment="",
        published_line="",
        version="0.1.0",
    )


DRAWN = randomized("self_blinded")
POSITIONS = {
    Stage.NEW: Position(),
    Stage.REGISTERED: position_after([REGISTERED]),
    Stage.RUNNING: position_after([REGISTERED, DRAWN]),
    Stage.LOCKED: position_after([REGISTERED, DRAWN, LOCKED]),
    Stage.UNBLINDED: position_after([REGISTERED, DRAWN, LOCKED, UNBLINDED]),
}

# Written down apart from the code: the first letters of the stages at which each kind may be recorded.
ALLOWED = {
    "kits_registered": "NE RE",
    "kit_relabelled": "RE RU",
    "trial_randomized": "NE RE",
    "trial_imported": "NE",
    "acknowledged": "NE RE RU LO UN",
    **dict.fromkeys(
        [
            "kit_opened",
            "scores_entered",
            "run_recorded",
            "scores_imported",
            "score_corrected",
            "dose_recorded",
            "guess_recorded",
        ],
        "RU",
    ),
    **dict.fromkeys(
        ["deviation_recorded", "schedule_shifted", "stopped", "protocol_amended", "look_taken"], "RU"
    ),
    **dict.fromkeys(["paused", "locked"], "RU"),
    "resumed": "",  # only after a pause
    **dict.fromkeys(
        ["note_recorded", "adverse_event_recorded", "stop_rule_fired", "safety_card_shown"], "RU LO UN"
    ),
    "blind_broken": "NE RE RU LO UN",  # an emergency asks for no stage
    **dict.fromkeys(["redacted", "report_made"], "RU LO UN"),
    **dict.fromkeys(["expectation_recorded", "kit_lost", "spare_block_used", "label_inferred"], "RU"),
    **dict.fromkeys(["unlocked", "unblinded", "opening_refused"], "LO"),
}


def refusal(position, kind):
    """Return what is said, or None where the kind is allowed."""
    try:
        require(position, kind)
    except StageError as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", events.EVENTS, ids=lambda kind: kind.KIND)
def test_each_kind_is_allowed_at_its_stages_alone(kind):
    """After the lock only notes, safety, unblinding and its undoing; nothing before the draw."""
    allowed = [stage for stage, position in POSITIONS.items() if refusal(position, kind) is None]
    assert " ".join(stage.name[:2] for stage in allowed) == ALLOWED[kind.KIND]


def test_every_refusal_says_what_to_do(golden):
    """The sentences are read by people in a hurry: each is looked at when it changes."""
    lines = {
        f"{stage}: {said}"
        for stage, position in POSITIONS.items()
        for kind in events.EVENTS
        if (said := refusal(position, kind))
    }
    assert all("{" not in line for line in lines)
    golden("refusals.txt", "".join(f"{line}\n" for line in sorted(lines)))


def test_stages_go_forward_and_only_the_lock_goes_back():
    """The position follows from the events alone."""
    history = [REGISTERED, DRAWN, LOCKED, UNLOCKED, LOCKED, UNBLINDED]
    stages = [position_after(history[:n]).stage for n in range(len(history) + 1)]
    assert stages == ["new", "registered", "running", "locked", "running", "locked", "unblinded"]


def test_a_pause_ends_with_a_resumption_or_the_stop():
    """A trial is paused once at a time, and a stopped one does not go on."""
    paused = advance(POSITIONS[Stage.RUNNING], PAUSED)
    assert paused.is_paused
    assert "nof1 resume caffeine" in refusal(paused, events.Paused)
    assert refusal(paused, events.ScoresEntered) is None  # data entry is never refused before the lock
    assert not advance(paused, events.Resumed(on="2026-04-05")).is_paused
    stopped = advance(paused, STOPPED)
    assert (stopped.is_stopped, stopped.is_paused, stopped.stage) == (True, False, Stage.RUNNING)
    for kind in (events.Paused, events.Resumed, events.Stopped, events.ScheduleShifted):
        assert "was stopped" in refusal(stopped, kind)
    assert refusal(stopped, events.Locked) is None


def test_kits_are_registered_before_the_draw():
    """A sequence that was drawn before the labels were final could be fitted to them."""
    assert "registered before" in refusal(Position(), DRAWN)
    assert refusal(POSITIONS[Stage.REGISTERED], DRAWN) is None
    assert refusal(Position(), randomized("third_party")) is None


def test_kinds_that_move_a_position_are_known():
    """The store reads only these to know where a trial stands."""
    examples = {type(e): e for e in (REGISTERED, DRAWN, PAUSED, STOPPED, LOCKED, UNLOCKED, UNBLINDED)}
    for kind, event in examples.items():
        before = (
            POSITIONS[Stage.LOCKED] if kind is events.Unlocked else Position(is_paused=kind is events.Resumed)
        )
        assert advance(before, event) != before
    assert set(MOVES) == set(examples) | {events.TrialImported, events.Resumed}
    note = events.NoteRecorded(text="x")
    assert all(advance(position, note) is position for position in POSITIONS.values())


@pytest.mark.parametrize(
    ("history", "said"),
    [
        ([], "nof1 randomize"),
        ([DRAWN], "nof1 lock caffeine"),
        ([DRAWN, LOCKED], "nof1 unblind caffeine"),
        ([DRAWN, LOCKED, UNBLINDED], None),
        ([randomized("open_label")], "nof1 lock caffeine"),
        ([randomized("open_label"), LOCKED], None),
    ],
)
def test_nothing_is_analysed_by_condition_before_its_time(history, said):
    """Unblinded, or open and locked."""
    if said is None:
        require_opened(position_after(history))
    else:
        with pytest.raises(StageError, match=said):
            require_opened(position_after(history))
