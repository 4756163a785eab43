"""Runs of tests: raw trials are stored, scores follow from them, and nothing is stored twice or in the place of another."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from nof1.audit import events
from nof1.battery.form import form_from_json
from nof1.battery.run import read_run
from nof1.battery.score import score_run
from nof1.battery.simulate import simulate_run

from .site import PageClient, battery_trial

DEVICE = {"browser": "Chromium", "os": "Linux", "pointer": "fine", "refresh_hz": 60.01}


def run_of(
    page: PageClient, path: str = "4/wm", seed: int = 1, **more: object
) -> tuple[str, dict[str, object]]:
    """Return the name and the body of a run by a made-up person, as a page would send it now."""
    asked = page.get(f"/api/form/{path}").json()
    run = simulate_run(form_from_json(asked["form"]), np.random.default_rng(seed))
    now = page.player.clock()
    body = {
        "session": asked["session"], "instrument": asked["instrument"], "part": asked["part"], "status": "complete", "mode": "data-only",
        "started_at": (now - timedelta(minutes=3)).isoformat(), "finished_at": now.isoformat(), "sent_at": now.isoformat(),
        "run": run, "trials": [{"trial": 0, "rt_ms": 312.4}], "events": [], "device": DEVICE, "timing": {"timer_ms": 0.005}, **more,
    }  # fmt: skip
    return asked["run_id"], body


def runs(player) -> list[events.RunRecorded]:
    """Return all runs that are stored."""
    return [r.event for r in player.trial.state.of(events.RunRecorded)]


def test_the_form_is_the_same_every_time_and_says_nothing_of_a_kit(page):
    """A reload shows the same trials; only the name of the run is new."""
    first, second = (page.get("/api/form/4/wm").json() for _ in range(2))
    assert first.pop("run_id") != second.pop("run_id")
    assert first == second
    assert first["task"] == "nback"
    assert page.get("/api/form/4/words/study").json()["part"] == "study"


def test_a_run_is_one_event_with_raw_trials_and_scores(page, player):
    """The scores are those that the scorer gives for the trials that are stored."""
    name, body = run_of(page)
    said = page.put(f"/api/runs/{name}", body).json()
    assert said["state"] == "saved"
    assert "score" not in json.dumps(said)
    (run,) = runs(player)
    raw = json.loads(run.raw)
    assert "sent_at" not in raw
    assert raw["trials"] == body["trials"]
    form = form_from_json(page.get("/api/form/4/wm").json()["form"])
    scored = score_run(read_run(form, raw["run"]).run)
    held = {v.score: v.value for v in run.values}
    assert held["wm.dprime"] == str(scored.value("dprime").normalize()) or held[
        "wm.dprime"
    ] == f"{scored.value('dprime'):f}".rstrip("0")
    assert run.scorer_version == scored.scorer_version
    assert (run.form_seed, run.form_sha256) == (form.seed, form.sha256)
    assert player.trial.entered["wm.dprime", 4].source == "simulated"


def test_the_same_run_again_adds_nothing(page, player):
    """However often it is sent, and whatever the clock says when it is: the first answer again."""
    name, body = run_of(page)
    first = page.put(f"/api/runs/{name}", body).json()
    player.put(4, "10:30")
    second = page.put(f"/api/runs/{name}", {**body, "sent_at": player.clock().isoformat()}).json()
    assert (first["receipt"], first["saved_at"]) == (second["receipt"], second["saved_at"])
    assert second["duplicate"]
    assert len(runs(player)) == 1


def test_a_second_run_is_stored_and_does_not_count(page, player):
    """The first complete one does."""
    (one, first), (two, second) = run_of(page, seed=1), run_of(page, seed=2)
    page.put(f"/api/runs/{one}", first)
    value = player.trial.entered["wm.dprime", 4].value
    assert "repeated" in page.put(f"/api/runs/{two}", second).json()["flags"]
    assert len(runs(player)) == 2
    assert player.trial.entered["wm.dprime", 4].value == value
    assert not player.trial.state.conflicts


def test_an_aborted_run_is_an_event_without_scores(page, player):
    """It leaves the session open; the next one is marked as begun anew."""
    name, body = run_of(page, status="aborted", reason="reload")
    assert page.put(f"/api/runs/{name}", body).status_code == 200
    assert ("wm.dprime", 4) not in player.trial.entered
    assert "starts anew" not in page.get("/session/4").text  # it is not the first step of the session
    name, body = run_of(page)
    assert "restarted" in page.put(f"/api/runs/{name}", body).json()["flags"]
    assert ("wm.dprime", 4) in player.trial.entered


@pytest.mark.parametrize("change", [
    {"run": None}, {"run": {}}, {"session": 99}, {"session": "4"}, {"instrument": "../x"}, {"instrument": "day"}, {"status": "done"},
    {"started_at": "yesterday"}, {"started_at": "2026-03-05T10:00:00"}, {"mode": "magic"}, {"part": "study"},
])  # fmt: skip
def test_what_cannot_be_a_run_is_refused_as_a_whole(page, player, change):
    """422, and nothing is stored."""
    name, body = run_of(page)
    assert page.put(f"/api/runs/{name}", {**body, **change}).status_code == 422
    assert not runs(player)


def test_trials_that_are_not_those_of_the_form_are_refused(page, player):
    """The form is made again here; the page is not believed."""
    name, body = run_of(page)
    body["run"]["form_sha256"] = "0" * 64
    answer = page.put(f"/api/runs/{name}", body)
    assert answer.status_code == 422
    assert answer.json()["problems"]
    assert not runs(player)


@pytest.mark.parametrize("claim", ["0" * 64, "", None, 7])
def test_an_aborted_run_of_another_form_is_refused(page, player, claim):
    """What a browser kept of another trial at the same address is not stored in this one; it may be sent to its own."""
    name, body = run_of(page, status="aborted", reason="reload")
    body["run"] |= {"ended": "stopped", "form_sha256": claim}
    answer = page.put(f"/api/runs/{name}", body)
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert "another form than this was shown" in problem
    assert not runs(player)
    own = page.get("/api/form/4/wm").json()["form_sha256"]
    body["run"]["form_sha256"] = own
    assert page.put(f"/api/runs/{name}", body).status_code == 200
    assert [one.ended for one in runs(player)] == ["aborted"]


@pytest.mark.parametrize("name", ["", "x", "A" * 32, "0" * 31, "0" * 33])
def test_a_run_has_a_name_of_its_own(page, player, name):
    """Only names that the page could have given."""
    _, body = run_of(page)
    assert page.put(f"/api/runs/{name}", body).status_code in {404, 405, 422}
    assert not runs(player)


@pytest.mark.parametrize("text", ["", "[]", "nul", '{"a": NaN}', "[" * 100_000, '{"a": 1e999}'])
def test_what_is_no_json_is_refused(page, text):
    """With a sentence, and never with a fault of ours."""
    headers = {
        "origin": "http://127.0.0.1:8417",
        "x-nof1-csrf": page.csrf,
        "content-type": "application/json",
    }
    assert page.ask("PUT", f"/api/runs/{'a' * 32}", content=text, headers=headers).status_code == 422


def test_a_run_that_waited_belongs_to_its_own_time(page, player):
    """Kept on a phone whose clock is wrong, sent two days later: placed when it was made, and marked as late."""
    name, body = run_of(page)
    player.put(6, "12:00")
    wrong = timedelta(hours=7)
    for field in ("started_at", "finished_at"):
        body[field] = (datetime.fromisoformat(body[field]) + wrong).isoformat()
    body["sent_at"] = (player.clock() + wrong).isoformat()
    said = page.put(f"/api/runs/{name}", body).json()
    assert "late" in said["flags"]
    assert "outside_window" not in said["flags"]
    assert player.trial.entered["wm.dprime", 4].entry.observed_local.startswith("2026-03-05T09:57")


def test_midnight_and_moved_clocks_are_marked(page, player):
    """A run that begins before midnight belongs to its session, and is marked."""
    player.put(5, "00:01")
    name, body = run_of(page)
    said = page.put(f"/api/runs/{name}", body).json()
    assert {"over_midnight", "outside_window"} <= set(said["flags"])
    assert player.trial.entered["wm.dprime", 4]


def test_a_run_of_another_period_does_not_stand_for_this_one(page, player):
    """Taken under another kit it is kept, apart from the analysis."""
    name, body = run_of(page)
    player.put(6, "12:00")
    now = player.clock()
    body |= {field: now.isoformat() for field in ("started_at", "finished_at", "sent_at")}
    assert "unplanned" in page.put(f"/api/runs/{name}", body).json()["flags"]
    assert ("wm.dprime", 4) not in player.trial.entered


def test_another_device_is_told_and_marked(page, player):
    """The protocol keeps tests on the device of the first run; another one is never refused."""
    ask = {"device": DEVICE}
    headers = {"origin": "http://127.0.0.1:8417", "x-nof1-csrf": page.csrf}
    assert page.ask("POST", "/api/device", json=ask, headers=headers).json()["changed"] is False
    name, body = run_of(page)
    page.put(f"/api/runs/{name}", body)
    other = {**DEVICE, "os": "Android", "pointer": "coarse", "refresh_hz": 119.8}
    said = page.ask("POST", "/api/device", json={"device": other}, headers=headers).json()
    assert said == {"is_locked": True, "changed": True, "differences": ["os", "pointer", "refresh"]}
    name, body = run_of(page, "4/vigil", device=other)
    assert "device_changed" in page.put(f"/api/runs/{name}", body).json()["flags"]
    name, body = run_of(page, "4/words/study", device={**DEVICE, "refresh_hz": 59.4})
    assert "device_changed" not in page.put(f"/api/runs/{name}", body).json()["flags"]


def test_a_simulated_run_is_none_of_a_real_trial(tmp_path):
    """Made-up people answer rehearsals alone."""
    player = battery_trial(tmp_path)
    player.context = replace(player.context, simulated=False)
    player.randomize()
    player.put(4, "10:00")
    page = PageClient.opened(player)
    name, body = run_of(page)
    answer = page.put(f"/api/runs/{name}", body)
    assert answer.status_code == 422
    assert "simulated" in answer.json()["error"]
    assert (
        page.put(f"/api/runs/{name}", {**body, "mode": "live"}).status_code == 422
    )  # its record says it too


def test_the_recall_comes_at_its_time(page, player):
    """It waits for the list, then for its minutes; whoever is too early or too late is not sent away."""
    assert "needs what comes before" not in page.get("/session/4").text
    for path in ("4/words/study", "4/wm", "4/vigil"):
        name, body = run_of(page, path)
        page.put(f"/api/runs/{name}", body)
    page.send("/session/4/form/day", {f"day.{n}": "5" for n in ("mood", "calm", "focus", "headache")})
    text = page.get("/session/4").text
    assert "A pause" in text
    assert "10:01" in text
    player.put(4, "10:02")
    assert "Next: Word list" in page.get("/session/4").text
    player.put(4, "10:05")
    assert "the best time" in page.get("/session/4").text.lower()
    name, body = run_of(page, "4/words/delayed")
    assert page.put(f"/api/runs/{name}", body).status_code == 200
    assert "words.retention" in {name for name, _ in player.trial.entered}


def test_a_record_with_many_runs_is_read_quickly(page, player):
    """Raw trials do not slow the page down."""
    for seed in range(12):
        name, body = run_of(
            page,
            seed=seed,
            trials=[{"trial": n, "rt_ms": 312.4, "onset_ms": 1.5 * n, "block": "x"} for n in range(150)],
        )
        page.put(f"/api/runs/{name}", body)
    began = time.process_time()
    assert page.get("/").status_code == 200
    assert time.process_time() - began < 1.0


def test_a_renamed_folder_keeps_its_forms(page, player):
    """Trials of a test follow from the name under which the trial was drawn: a run that waits in a browser still fits."""
    name, body = run_of(page)
    form = page.get("/api/form/4/wm").json()["form"]
    player.folder.rename(player.folder.with_name("renamed"))
    renamed = replace(player, name="renamed")
    renamed.clock, renamed.context = player.clock, player.context
    again = PageClient.opened(renamed)
    assert again.get("/api/form/4/wm").json()["form"] == form
    assert again.put(f"/api/runs/{name}", body).status_code == 200
