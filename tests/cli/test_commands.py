"""What every command says: to a person, to a program, and where it asks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from nof1.audit.events import GuessRecorded
from nof1.cli import shared
from nof1.workflow.demo import Played
from nof1.workflow.enter import due_scores

from ..workflow.playing import BROUGHT, Player, brought_table, open_label  # noqa: TID252 - tests have no absolute names
from .terminal import Terminal
from .test_help import TREE


@pytest.fixture
def finished(nof1, player):
    """Return a terminal whose trial has every score."""
    player.play_days()
    player.put(13, "09:00")
    return nof1


def test_a_trial_by_name_and_by_path(nof1, player):
    """Both are the same; a path also from elsewhere."""
    named = nof1("status", "coffee")
    assert named.code == 0
    assert nof1("status", player.folder).out == named.out
    assert nof1("status", "data/coffee").out == named.out


def test_status(nof1, player):
    """Where it stands; simulated is said."""
    lines = nof1("status", "coffee").out.splitlines()
    assert lines[0] == "coffee: Does it do anything for me? A made-up trial"
    assert lines[1] == "  stage      running (SIMULATED)"
    assert lines[2] == "  today      day 1 of 12, period 1 of 6; ends on 2026-03-13"
    assert lines[3] == "  scores     0 of 3 planned until now; 0 late, 0 corrected"
    assert lines[5] == f"  published  {player.trial.registration.published_line}"
    assert lines[6] == "  The files are yours alone (0600) but not encrypted: use disk encryption."
    assert nof1("status", "coffee", "--json").json["stage"] == "running"


def test_status_lists_scores_with_every_earlier_value(nof1, player):
    """And with the receipt that `correct` takes."""
    assert nof1("status", "coffee", "--scores").out == "Nothing was entered yet.\n"
    receipt = player.enter(1, day__mood="5", day__calm="ill").receipt
    nof1("correct", "coffee", "1", "mood=7", "--reason", "typo")
    assert nof1("status", "coffee", "--scores").out.splitlines()[1].split() == [
        "1", "day.mood", "5", "→", "7", "2026-03-02T10:00:00", receipt,
    ]  # fmt: skip
    rows = nof1("status", "coffee", "--scores", "--json").json["scores"]
    assert [row["value"] for row in rows] == ["5 → 7", "(ill)"]


def test_today(nof1, player, richly):
    """Box, sessions, what is done; what is next goes to stderr."""
    answer = nof1("today", "coffee")
    kit = player.trial.schedule.periods[0].kit
    assert answer.out.splitlines() == [
        "Monday 02 March 2026, day 1 of coffee",
        f"  period 1, day 1, box {kit}",
        f"  A new period begins: open the box {kit}, and no other.",
        "  Then type the code that is on it: nof1 record coffee kit CODE",
        "  planned dose at 08:00: nof1 record coffee dose",
        "  10:00 (09:15 to 10:45)  day, app  0 of 3 scores",
    ]
    assert answer.err == "Next: nof1 enter coffee\n"
    player.enter_session(1)
    done = nof1("today", "coffee")
    assert (done.out.splitlines()[-1], done.err) == ("  10:00 (09:15 to 10:45)  day, app  done", "")
    assert nof1("today", "coffee", "--json").json["kit"] == kit


@pytest.mark.parametrize(
    ("on", "lines"),
    [
        ("2026-03-01", ["richly begins on 2026-03-02"]),
        (
            "2026-03-02",
            [
                "Monday 02 March 2026, day 1 of richly",
                "  run-in: practice; no box is open",
                "  in every period: choline 300 mg at 08:00",
                "  10:00 (09:00 to 11:00)  day  0 of 1 scores",
                "  16:00 (15:00 to 17:00)  day  0 of 1 scores",
            ],
        ),
        (
            "2026-03-08",
            [
                "Sunday 08 March 2026, day 7 of richly",
                "  washout: no box is open",
                "  in every period: choline 300 mg at 08:00",
                "  No session today.",
            ],
        ),
        (
            "2026-04-30",
            [
                "Thursday 30 April 2026, day 60 of richly",
                "  No period today; the trial ended on 2026-03-19.",
                "  No session today.",
            ],
        ),
    ],
)
def test_other_days(nof1, richly, on, lines):
    """Before, practice, between periods, after."""
    assert nof1("today", richly.folder, "--on", on).out.splitlines() == lines


def test_after_the_last_day_and_after_the_lock(nof1, player):
    """The lock is what comes next; behind it nothing can be entered, so that is not proposed."""
    player.put(60)
    assert "then nof1 lock coffee when all that is known is entered" in nof1("today", "coffee").err
    nof1("lock", "coffee", "--yes")
    closed = nof1("today", "coffee", "--on", "2026-03-02")
    assert ("  Scores are closed." in closed.out.splitlines(), closed.err) == (True, "")


def test_a_day_of_rest(nof1, player):
    """No box, no session, and not said to be over."""
    nof1("pause", "coffee", "--reason", "flu")
    player.put(2)
    assert nof1("today", "coffee").out.splitlines() == [
        "Tuesday 03 March 2026, day 2 of coffee",
        "  The trial rests from 2026-03-02 on; nof1 resume goes on.",
        "  No period today.",
        "  No session today.",
    ]


def test_a_stopped_trial(nof1, player):
    """Said on its last day and on every day after."""
    nof1("stop", "coffee", "--reason", "enough")
    assert "  The trial was stopped; 2026-03-02 is its last day." in nof1("today", "coffee").out.splitlines()
    player.put(2)
    assert nof1("today", "coffee").out.splitlines()[1:] == [
        "  The trial was stopped.",
        "  No period today; the trial ended on 2026-03-02.",
        "  No session today.",
    ]


def test_an_open_trial_names_the_condition(nof1, openly):
    """And says that nothing is hidden."""
    openly.put(1)
    (line,) = [
        text for text in nof1("today", openly.folder, "--on", "2026-03-02").out.splitlines() if "NOT" in text
    ]
    assert line in {"  NOT BLINDED: caffeine 100 mg at 08:00", "  NOT BLINDED: cellulose at 08:00"}
    assert "(SIMULATED, NOT BLINDED)" in nof1("status", openly.folder).out


def test_enter_asks_for_everything_that_is_due(nof1, player):
    """Out of range: asked again; a reason: missing; nothing: skipped, and asked for the next time."""
    answer = nof1("enter", "coffee", typed="99\n6,5\n7\n\nforgot\n")
    assert answer.code == 0
    assert answer.out.startswith("Saved 2 scores at 10:00, receipt ")
    assert answer.err.splitlines() == [
        "Mood right now [points], 0 to 10",
        "  day.mood: 99",
        "  found 99; the range is 0 to 10 points",
        "  day.mood: 6,5",
        "  found '6,5'; write 6.5",
        "  day.mood: 7",
        "Calm right now [points], 0 to 10",
        "  day.calm: ",
        "App points [points], 0 to 100",
        "  app.points: forgot",
        "Next: nof1 today coffee",
    ]
    stored = {
        score.entry.score: (score.value, score.missing_reason, score.source)
        for score in player.trial.state.scores
    }
    assert stored == {"day.mood": ("7", None, "hand"), "app.points": (None, "forgot", "hand")}
    again = nof1("enter", "coffee", typed="4\n")
    assert again.err.splitlines()[0] == "Calm right now [points], 0 to 10"
    assert again.out.startswith("Saved 1 score at ")
    nothing = nof1("enter", "coffee")
    assert (nothing.code, nothing.out) == (0, "Nothing is due now. See nof1 today, or give --at.\n")
    assert nof1("enter", "coffee", "--json").json == {"saved": 0, "due": 0}


def test_enter_asks_for_one_instrument(nof1, player):
    """When it was last entered is told, its value is not: it would pull the next one."""
    player.enter(1, app__points="73")
    player.put(2)
    answer = nof1("enter", "coffee", "app", typed="50\n")
    assert answer.err.splitlines()[0] == "App points [points], 0 to 100; last entered Mon 02 Mar, 10:00"
    assert "73" not in answer.err


def test_enter_without_any_answer(nof1, player):
    """Nothing is stored, and that is no error."""
    answer = nof1("enter", "coffee", typed="\n\n\n")
    assert (answer.code, answer.out) == (0, "Nothing was entered.\n")
    assert len(player.rows()) == 1


def test_a_value_far_from_the_run_in_is_asked_for_twice(nof1, player, monkeypatch):
    """Whatever is meant is stored; a slip of the finger can be taken back."""
    (due, *_) = due_scores(player.folder, player.context)
    monkeypatch.setattr("nof1.cli.enter.due_scores", lambda *args, **options: (far_due(due),))
    answer = nof1("enter", "coffee", typed="9\nn\n9\ny\n")
    assert answer.err.count("9 is far from the values of the run-in. Is it right? [y/N]: ") == 2
    assert [score.value for score in player.trial.state.scores] == ["9"]


def far_due(due):
    """Return the same with a run-in of twos and threes."""
    return replace(due, run_in=tuple(map(Decimal, (2, 3, 2, 3, 2, 3))))


def test_enter_by_option(nof1, player):
    """Short names within the instrument, a time of today, an actor."""
    answer = nof1(
        "enter",
        "coffee",
        "day",
        "--set",
        "mood=7",
        "--set",
        "calm=6",
        "--at",
        "9:50",
        "--as",
        "a nurse",
        "--json",
    )
    assert answer.json["saved"] == 2
    assert answer.json["sessions"] == [1]
    assert player.rows()[-1].actor == "a nurse"
    assert player.trial.state.scores[0].entry.observed_local == "2026-03-02T09:50:00"
    assert player.trial.state.scores[0].source == "option"
    again = nof1("enter", "coffee", "day", "--set", "mood=7", "--set", "calm=6", "--at", "9:50")
    assert again.out == f"Saved before, at 10:00, receipt {answer.json['receipt']}; nothing was added.\n"


def test_flags_are_told(nof1, player):
    """Each in a sentence."""
    player.put(20)
    answer = nof1("enter", "coffee", "--set", "app.points=5", "--at", "2026-03-02 20:00")
    assert answer.out.splitlines()[1:] == [
        "  late: entered more than 36 hours after it was measured: stored, and marked as late",
        "  outside_window: measured outside the window of the session: stored, and marked",
    ]
    assert (
        "  unplanned: no session was planned for it" in nof1("enter", "coffee", "--set", "app.points=5").out
    )


def test_enter_from_a_file(nof1, player):
    """Once; the second time nothing is added, and that is said with the first receipt."""
    player.put(3, "20:00")
    file = player.workspace / "scores.csv"
    file.write_text("date;points\n02.03.2026;50,5\n03.03.2026;60,0\n")
    first = nof1("enter", "coffee", "app", "--csv", "scores.csv", "--dayfirst")
    assert first.code == 0
    assert first.out.startswith("Saved 2 scores at 20:00, receipt ")
    again = nof1("enter", "coffee", "app", "--csv", "scores.csv", "--dayfirst")
    receipt = first.out.split("receipt ")[1].split(".")[0].split()[0]
    assert again.out == f"Saved before, at 20:00, receipt {receipt}; nothing was added.\n"


def test_record(nof1, player):
    """Every kind, by option and by question."""
    assert nof1("record", "coffee", "dose", "--at", "08:00").out.startswith(
        "Recorded: dose of 2026-03-02, period 1, box K-"
    )
    twice = nof1("record", "coffee", "dose", "--at", "08:00")
    assert (twice.code, "2 doses are recorded for 2026-03-02: 08:00, 08:00." in twice.err) == (0, True)
    assert nof1("record", "coffee", "guess", "--percent", "on=70%", "--json").json["recorded"] == "guess"
    asked = nof1("record", "coffee", "event", typed="headache\n9\n2\n")
    assert asked.code == 0
    assert "Severity, 1 mild to 5 death: 2" in asked.err
    assert nof1("record", "coffee", "note", typed="\nslept badly\n").code == 0
    assert nof1("record", "coffee", "deviation", "two coffees", "--on", "2026-03-01").code == 0
    look = nof1("record", "coffee", "look", "--after-block", "2")
    assert look.out.startswith("Recorded: look after block 2 (receipt ")
    assert player.kinds()[1:] == [
        "dose_recorded", "dose_recorded", "guess_recorded", "adverse_event_recorded", "note_recorded", "deviation_recorded",
        "look_taken",
    ]  # fmt: skip


def test_reasons_are_asked_for(nof1, player):
    """Where they are not given."""
    player.enter(1, day__mood="5")
    assert nof1("correct", "coffee", "1", "7", typed="typo\n").out.startswith(
        "Corrected: day.mood, session 1: 5 → 7 (receipt "
    )
    for words, answer in (
        (("shift", "coffee", "--days", "2", "--from", "3"), "Moved: the trial now ends on 2026-03-15."),
        (("pause", "coffee", "--on", "2026-03-10"), "Paused from 2026-03-10."),
        (("stop", "coffee"), "Stopped on 2026-03-02."),
    ):
        asked = nof1(*words, typed="\ntravel\n")
        assert asked.code == 0, asked.err
        assert asked.out.startswith(answer)
    assert nof1("resume", "coffee").code == 1


def test_a_correction_shows_both_values(nof1, player):
    """A value that is missing is called so, and a minus is no option."""
    player.enter(1, day__mood="5")
    assert ": 5 → missing (receipt" in nof1("correct", "coffee", "1", "ill", "--reason", "x").out
    assert ": missing → 4 (receipt" in nof1("correct", "coffee", "1", "4", "--reason", "x").out
    assert (
        nof1("correct", "coffee", "1", "-3", "--reason", "x").err
        == "day.mood: found -3; the range is 0 to 10 points\n"
    )
    assert nof1("correct", "coffee", "1", "3", "--reson", "x").code == 2


def test_resume_says_the_new_end(nof1, player):
    """With the file of the dates."""
    nof1("pause", "coffee", "--reason", "flu", "--on", "2026-03-04")
    answer = nof1("resume", "coffee", "--on", "2026-03-07")
    assert answer.out == f"Resumed: the trial now ends on 2026-03-16. See {player.folder / 'schedule.csv'}.\n"


def test_lock_shows_what_it_closes_and_asks_once(nof1, player):
    """A no leaves everything open; `--yes` does not ask."""
    player.play_days(2)
    before = player.rows()
    declined = nof1("lock", "coffee", typed="n\n")
    assert declined.code == 1
    assert declined.err.splitlines()[0] == "6 of 36 planned scores are entered; 0 late, 0 corrected."
    assert declined.err.splitlines()[1].startswith("Missing: day.mood, session 3; ")
    assert declined.err.splitlines()[1].endswith("; and 18 more")
    assert declined.err.splitlines()[2] == "The schedule goes on for 10 more days."
    assert player.rows() == before
    done = nof1("lock", "coffee", typed="y\n")
    assert done.out.splitlines()[0] == "Locked: 6 scores, 30 missing."
    assert done.out.splitlines()[1].startswith("nof1/1 locked coffee ")
    assert done.err.endswith(
        "Next: send this line to the preparer and ask for the secret; then nof1 unblind coffee --secret FILE\n"
    )
    undone = nof1("lock", "coffee", "--undo", typed="a page\n")
    assert undone.out == "coffee is open again; the report will say so.\n"
    assert nof1("lock", "coffee", "--yes", "--json").json["n_scores"] == 6


def test_the_end_of_a_trial(finished, player):
    """Lock, unblind, verify, export, backup, restore: each answers a person and a program."""
    assert finished("lock", "coffee", "--yes").code == 0
    opened = finished("unblind", "coffee", "--secret", player.secret)
    assert opened.out.startswith(
        "Unblinded: 8 kits. The secret gives exactly what was published before the trial.\n"
    )
    assert opened.err == "Next: nof1 report coffee\n"
    verified = finished("verify", "coffee")
    assert (verified.code, verified.out.count("PASS"), verified.out.count("FAIL")) == (0, 10, 0)
    assert "NOT PROVABLE  limits: that the preparer drew once" in verified.out
    assert {check["outcome"] for check in finished("verify", "coffee", "--json").json["checks"]} == {
        "PASS",
        "NOT PROVABLE",
    }
    exported = finished("export", "coffee", "--as", "csv", "--to", "out", "--json").json
    assert len(exported["files"]) == 11
    copied = finished("backup", "coffee", "b.nof1", "--json").json
    assert copied["events"] == len(player.rows())
    restored = finished(
        "restore", "b.nof1", "--to", "again/coffee", "--heads", player.folder / "heads.txt", "--json"
    ).json
    assert restored["head"] == copied["head"]
    assert "head" in finished("backup", "coffee", "c.nof1").out


def test_the_secret_can_be_typed(finished, player):
    """From a terminal, so that it stands in no file of the participant."""
    finished("lock", "coffee", "--yes")
    program = Path(sys.executable).parent / "nof1"
    done = subprocess.run(
        [program, "unblind", "coffee", "--secret", "-"],
        cwd=player.workspace, input=player.secret.read_text(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.startswith("Unblinded: 8 kits."), done.stderr


def test_a_verification_that_fails_ends_with_1(finished, player):
    """So that a script notices; `--repair` ends with 0."""
    (player.folder / "schedule.csv").write_text("x")
    failed = finished("verify", "coffee")
    assert failed.code == 1
    assert "\nFAIL          schedule.csv: " in failed.out
    assert finished("verify", "coffee", "--json").code == 1
    assert finished("verify", "coffee", "--repair").code == 0


def test_an_open_trial_needs_no_opening(nof1, openly):
    """Each step says so."""
    assert nof1("unblind", openly.folder).out == "openly is open_label: there is nothing to open.\n"
    assert nof1("lock", openly.folder, "--yes").err.endswith("Next: nof1 report openly\n")


def test_protocols(nof1, player):
    """New, list, show, check, schema."""
    made = nof1("protocol", "new", "tea-time", "--like", "melatonin-mood")
    assert made.out == f"{player.workspace / 'protocols' / 'tea-time.yaml'}\n"
    assert nof1("protocol", "check", "protocols/tea-time.yaml").out.startswith(
        "tea-time: Is my mood another one"
    )
    checked = nof1("protocol", "check", player.protocol, "--json").json
    assert (checked["id"], checked["space_size"]) == ("pairs", "8")
    (player.workspace / "protocols" / "broken.yaml").write_text("nof1: 1\n")
    listed = nof1("protocol", "list")
    assert listed.code == 0
    assert "broken" in listed.out
    assert {one["id"] for one in nof1("protocol", "list", "--json").json["protocols"]} >= {
        "tea-time",
        "broken",
    }
    assert (
        nof1("protocol", "show", "tea-time").out
        == (player.workspace / "protocols" / "tea-time.yaml").read_text()
    )
    assert "doi:" in nof1("protocol", "show", "caffeine-vigilance", "--sources").out
    assert json.loads(nof1("protocol", "schema").out)["title"]


def test_a_workspace(nof1, player):
    """Made once, left alone afterwards."""
    made = nof1("init", "more")
    assert made.code == 0
    assert "made more/protocols" in made.out
    assert nof1("init", "more").out == "more is a workspace already; nothing was changed\n"


def test_a_preparer_and_a_participant(nof1, player):
    """Draw and registration name the files and the line."""
    drawn = nof1(
        "kit", "draw", player.preparer / "protocol.yaml", "--to", player.preparer / "again", "--json"
    )
    assert drawn.json["n_kits"] == 8
    public = shutil.copy(drawn.json["public"], player.workspace)
    registered = nof1(
        "randomize",
        player.protocol,
        "--trial",
        "data/second",
        "--start",
        "2026-12-01",
        "--zone",
        "UTC",
        "--kits",
        public,
    )
    assert registered.out.splitlines()[0] == "Registered: second, 2026-12-01 to 2026-12-12, 12 sessions."
    assert registered.out.splitlines()[-1] == drawn.json["line"]
    assert "Publish or mail the line that begins with nof1/1 before the first dose" in registered.err


def test_an_open_trial_is_registered_with_a_warning(nof1, openly):
    """And answers a program."""
    answer = nof1("randomize", openly.protocol, "--trial", "data/second", "--start", "today", "--zone", "UTC")
    assert "  NOT BLINDED: the order is public from now on, in public.json." in answer.out.splitlines()
    again = nof1(
        "randomize",
        openly.protocol,
        "--trial",
        "data/third",
        "--start",
        "2026-12-01",
        "--zone",
        "UTC",
        "--json",
    )
    assert again.json["mode"] == "open_label"
    assert {row["name"] for row in nof1("trials", "--json").json["trials"]} == {
        "coffee",
        "openly",
        "second",
        "third",
    }


def test_a_finished_trial_comes_in(nof1, player):
    """What was noticed is told."""
    (player.workspace / "protocols" / "brought.yaml").write_text(BROUGHT)
    (player.workspace / "brought.csv").write_text(brought_table())
    answer = nof1("import", "protocols/brought.yaml", "--data", "brought.csv", "--trial", "data/brought")
    assert answer.out.splitlines()[:3] == [
        "Imported: 12 scores of 12 sessions; 0 of them the file leaves out.",
        "  rows of the file, whoever they are of: 12",
        "  order: number 1 of 4 that the design allows (counted from 0)",
    ]
    assert answer.err == "Next: nof1 report data/brought\n"
    again = nof1(
        "import", "protocols/brought.yaml", "--data", "brought.csv", "--trial", "data/again", "--json"
    )
    assert again.json["sequence_rank"] == "1"


def test_no_trial_yet(nof1, player):
    """The list of an empty workspace says so."""
    player.folder.rename(player.root / "gone")
    answer = nof1("trials")
    assert (answer.code, answer.out) == (0, f"No trial in {player.workspace / 'data'}.\n")
    assert nof1("trials", "--json").json == {"trials": []}


def test_what_the_machine_lacks(nof1, monkeypatch):
    """Exit code 1 where something is needed."""
    assert nof1("doctor").code == 0
    assert nof1("doctor", "--json").json["findings"][0]["name"] == "Python"
    monkeypatch.setattr("nof1.workflow.doctor.importlib.util.find_spec", lambda name: None)
    assert nof1("doctor").code == 1


def test_an_amendment_for_a_program(nof1, player):
    """What changed, its class, and from when on."""
    path = player.workspace / "protocols" / "second.yaml"
    path.write_text(player.text.replace("title: Does it", "title: Whether it"), encoding="utf-8")
    answer = nof1("amend", "coffee", path, "--reason", "a better title", "--json")
    assert answer.json["changes"] == [{"path": "title", "kind": "clerical"}]
    assert answer.json["effective_on"] == "2026-03-02"


def test_an_extension_for_a_program(nof1, quick_root, monkeypatch):
    """Its periods, whether the protocol foresaw it, and the line to publish."""
    openly = Player(quick_root / "extended", open_label(blocks=2)).play(1)
    monkeypatch.chdir(openly.workspace)
    path = openly.workspace / "protocols" / "longer.yaml"
    path.write_text(openly.text.replace("blocks: 2", "blocks: 3"), encoding="utf-8")
    terminal = Terminal(openly.context, monkeypatch)
    answer = terminal("extend", "coffee", path, "--reason", "too noisy", "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["periods"], answer.json["planned"]) == ([5, 6], False)
    assert answer.json["line"].startswith("nof1/1 open_label ")
    refused = terminal("extend", "coffee", path, "--reason", "too noisy")
    assert (refused.code, refused.out) == (1, "")
    assert "found 3, and 3 are drawn already" in refused.err


def test_every_json_option_was_read():
    """A command that answers a program is tested as one: here, or beside the tests of its step."""
    steps = Path(__file__).parents[1] / "workflow"
    source = "".join(path.read_text(encoding="utf-8") for path in (Path(__file__), *steps.glob("test_*.py")))
    for words, command in TREE.items():
        if any("--json" in parameter.opts for parameter in command.params) and words != ("report",):
            assert f'"{words[0]}"' in source, words


def test_the_demo_takes_no_folder_that_is_in_use(nof1, player):
    """What lies there stays."""
    answer = nof1("demo", "--to", player.preparer)
    assert (answer.code, answer.err) == (
        1,
        f"{player.preparer} is a file, or not empty; take another folder\n",
    )


@pytest.mark.parametrize("plain", [True, False])
def test_no_colour(nof1, monkeypatch, plain):
    """The demo shows its commands in bold, unless the terminal asks for plain text."""

    def play(to, context, run):
        run(["trials"], context, False)
        return Played(participant=to, report=to, found="nothing")

    monkeypatch.setattr("nof1.cli.demo.play", play)
    monkeypatch.setenv("NO_COLOR", "1" if plain else "")
    monkeypatch.setenv("TERM", "xterm")
    answer = nof1("demo", "--to", "demo", colour=True)
    assert ("\x1b[" in answer.out) != plain
    assert "$ nof1 trials" in answer.out


def test_the_context_of_this_machine(tmp_path, monkeypatch):
    """Without one that is passed in: the nearest workspace, the real clock, real entropy."""
    (tmp_path / "protocols").mkdir()
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "data")
    context = shared.context_of(None)
    assert context.workspace == tmp_path
    assert not context.simulated
    assert context.entropy(8) != context.entropy(8)


def test_a_session_after_midnight_names_its_day(nof1, openly):
    """A day of the study that begins at half past eleven at night has its sessions on the next day of the calendar."""
    openly.protocol.write_text(openly.text.replace("conditions:", 'day_starts: "23:30"\nconditions:'))
    nof1("randomize", openly.protocol, "--trial", "data/nightly", "--start", "2026-03-02", "--zone", "UTC")
    shown = nof1("today", "nightly", "--on", "2026-03-02").out.splitlines()
    assert shown[0] == "Monday 02 March 2026, day 1 of nightly"
    assert shown[-1] == "  Tue 03 Mar 10:00 (09:15 to 10:45)  day, app  0 of 3 scores"


def test_a_stop_never_fails_for_want_of_a_reason(nof1, player):
    """Whoever closes the terminal at the question has stopped the trial all the same."""
    answer = nof1("stop", "coffee")
    assert (answer.code, answer.out) == (0, "Stopped on 2026-03-02.\n")
    assert player.trial.state.schedule_changes[-1].event.reason == "not told"


def test_a_person_is_asked_for_a_guess(nof1, player, monkeypatch):
    """At a terminal; nothing is "don't know", and so is a guess without a number from a program."""
    monkeypatch.setattr("nof1.cli.record.sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    asked = nof1("record", "coffee", "guess", typed="70%\na bitter taste\n")
    assert player.trial.state.records[-1].event.reason == "a bitter taste"
    assert asked.err.startswith("How likely was it on? 0 to 100; empty: don't know: ")
    assert "guess about period 1: on 70 %, off 30 %" in asked.out
    assert "guess about period 1: don’t know" in nof1("record", "coffee", "guess", typed="\n").out
    monkeypatch.undo()


def test_a_guess_of_a_program_without_a_number(nof1):
    """It is not asked, and does not know."""
    assert "don’t know" in nof1("record", "coffee", "guess").out


def test_a_time_in_the_place_of_a_text_is_noticed(nof1, player):
    """Or the dose would be recorded for now."""
    before = player.rows()
    answer = nof1("record", "coffee", "dose", "08:00")
    assert (answer.code, answer.err) == (
        1,
        "08:00 looks like a time; write --at 08:00, else the dose is recorded for now\n",
    )
    assert player.rows() == before


def test_a_start_that_has_passed_is_told(nof1, openly):
    """It is not refused: what was measured before is named later."""
    answer = nof1(
        "randomize", openly.protocol, "--trial", "data/past", "--start", "2026-02-01", "--zone", "UTC"
    )
    assert answer.code == 0
    assert answer.err.startswith("Careful: 2026-02-01 lies in the past.")


def test_protocol_new_in_another_mode(nof1, player):
    """By option."""
    assert nof1("protocol", "new", "mine", "--mode", "third_party").code == 0
    assert "  mode: third_party" in (player.workspace / "protocols" / "mine.yaml").read_text()


def test_a_missing_guess_is_asked_for_before_the_lock(nof1, player, monkeypatch):
    """Once data entry is closed it is too late: the last period is asked about, the others are named."""
    for module in ("lock", "record"):
        monkeypatch.setattr(
            f"nof1.cli.{module}.sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
        )
    player.put(4, "20:00")
    assert "guess --period 2, in the evening" in nof1("today", "coffee").err
    nof1("record", "coffee", "guess", "--period", "2", "--percent", "on=20", "--reason", "slept")
    assert "guess" not in nof1("today", "coffee").err
    player.put(13, "09:00")
    answer = nof1("lock", "coffee", typed="y\n70\na hunch\ny\n")
    assert answer.code == 0, answer.err
    assert (
        "Nothing was guessed about periods 1, 3, 4, 5, 6, and once the data are locked it is too late"
        in answer.err
    )
    kinds = player.kinds()
    assert kinds.index("locked") == len(kinds) - 1
    assert player.trial.state.of(GuessRecorded)[-1].event.reason == "a hunch"


def test_a_report_is_of_a_trial_or_made_again(nof1, player, monkeypatch, tmp_path):
    """One of both is named; a rerun says whether every number is the same, and fails where one is not."""
    assert nof1("report").code == 2
    manifest = tmp_path / "manifest.json"
    manifest.write_text("{}")
    assert nof1("report", "coffee", "--from", manifest).code == 2
    assert "leave --jobs and --cluster out" in nof1("report", "--from", manifest, "--jobs", "2").err
    done = SimpleNamespace(html="new/report.html", folder="new", different=(), versions=("scipy 1, now 2",))
    asked = []
    monkeypatch.setattr("nof1.workflow.rerun.rerun_report", lambda *_, **how: asked.append(how) or done)
    same = nof1("report", "--from", manifest, "--no-pdf")
    assert asked == [{"to": None, "with_pdf": False}]
    assert same.out == "Every number is the same. Other versions: scipy 1, now 2.\nnew/report.html\n"
    done.different = ("outcomes[0].verdict",)
    other = nof1("report", "--from", manifest)
    assert other.code == 1
    assert "1 results differ from the first (outcomes[0].verdict)" in other.err


def test_a_blinded_review_says_that_nothing_was_compared(nof1, player, monkeypatch):
    """Its word for the verdict would read like a failure."""
    done = SimpleNamespace(html="a/report.html", folder="a", verdict="not_estimable")
    monkeypatch.setattr("nof1.workflow.report.review_trial", lambda *_, **__: done)
    answer = nof1("report", "coffee", "--blinded")
    assert answer.out == "Nothing was compared: the conditions are not known.\na/report.html\n"
