"""Scenes in a real browser: what people and networks do. Nothing is lost, nothing doubled, each with its flag."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from nof1.audit import events
from nof1.web.assets import vendor_folder

from .site import battery_trial, everything, served

if TYPE_CHECKING:
    from collections.abc import Iterator

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DAY = "/session/4/form/day"
needs_tests = pytest.mark.skipif(
    vendor_folder() is None, reason="jsPsych is not installed: uv sync --reinstall-package nof1"
)


@pytest.fixture
def context(browser) -> Iterator[object]:
    """Return a browser without a past; what its console says must be nothing."""
    context = browser.new_context()
    context.set_default_timeout(8_000)
    yield context
    context.close()


@pytest.fixture
def window(site, context):
    """Return a window that has opened the link, and whose faults fail the test."""
    window = site.open(context)
    window.faults = []
    window.on("pageerror", lambda error: window.faults.append(str(error)))
    return window


def rate(window, value: int = 6) -> None:
    """Answer every rating."""
    for group in window.locator("fieldset.scale").all():
        group.locator(f"input[value='{value}']").check()


def entered(player) -> int:
    """Count the forms that are stored."""
    return player.kinds().count("scores_entered")


def saved(window) -> None:
    """Wait until the page says that it is saved."""
    window.wait_for_selector(".told.good")


def test_the_link_opens_once_and_leaves_no_trace(site, context):
    """The token goes out of the address before anything is asked; the link does not open a second window."""
    link = site.link
    window = site.open(context)
    assert "#" not in window.url
    other = context.browser.new_context().new_page()
    other.goto(link)
    other.wait_for_selector("text=used already")
    other.context.close()
    window.reload()
    assert window.locator("h1").inner_text().startswith("Period 1 of 4")


def test_a_double_click_is_one_event(site, window, player):
    """Two presses before the first answer."""
    window.goto(site.url + DAY)
    rate(window)
    window.evaluate("const b = document.querySelector('button[type=submit]'); b.click(); b.click();")
    saved(window)
    assert entered(player) == 1
    assert player.trial.entered["day.mood", 4].value == "6"
    assert not window.faults


def test_two_windows(site, window, context, player):
    """The same form in both: the second is told what the first stored, and what it had."""
    other = context.new_page()
    for one in (window, other):
        one.goto(site.url + DAY)
    rate(window, 6)
    rate(other, 3)
    window.click("button[type=submit]")
    saved(window)
    other.click("button[type=submit]")
    other.wait_for_selector(".told.warn table")
    assert "6" in other.locator(".told.warn table").inner_text()
    assert "3" in other.locator(".told.warn table").inner_text()
    assert entered(player) == 1
    assert player.trial.entered["day.mood", 4].value == "6"


def test_the_server_is_stopped_and_started_again(site, window, context, player):
    """What was filled in waits in the browser, and is stored once when the new link is opened."""
    window.goto(site.url + DAY)
    rate(window, 8)
    site.stop()
    window.click("button[type=submit]")
    window.wait_for_selector("text=Not saved yet")
    assert entered(player) == 0
    site.start()
    window.wait_for_selector("text=new link")
    again = site.open(context)
    again.wait_for_selector("text=receipt")
    assert entered(player) == 1
    assert player.trial.entered["day.mood", 4].value == "8"
    again.goto(site.url + "/")
    time.sleep(0.3)
    assert entered(player) == 1


def test_a_form_by_keys_alone(site, window, player):
    """Tab and arrows reach everything; the focus can be seen."""
    window.goto(site.url + DAY)
    window.locator("fieldset.scale input").first.focus()
    n = window.locator("fieldset.scale").count()
    for place in range(n):
        window.keyboard.press("Space")
        window.keyboard.press("ArrowRight")
        if place < n - 1:
            window.keyboard.press("Tab")
    window.keyboard.press("Tab")
    window.keyboard.press("Enter")
    saved(window)
    assert {
        player.trial.entered[f"day.{name}", 4].value for name in ("mood", "calm", "focus", "headache")
    } == {"1"}


def test_on_a_phone(site, browser, player):
    """360 px: nothing sticks out, every target is at least 44 px, by touch alone."""
    context = browser.new_context(**PHONE)
    window = site.open(context)
    for path in (
        "/",
        "/session/4",
        DAY,
        "/session/4/form/app",
        "/dose",
        "/event",
        "/note",
        "/csv",
        "/progress",
    ):
        window.goto(site.url + path)
        assert window.evaluate("document.documentElement.scrollWidth") <= 360, path
        small = window.evaluate(
            """[...document.querySelectorAll('a, button, label, summary, select, input[type=time], input[type=date], textarea')]
            .filter(e => e.offsetParent && !e.closest('p.quiet, footer') && !e.matches('.skip, .field > label'))
            .map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect().height]).filter(([, h]) => h < 44)"""
        )
        assert not small, (path, small)
    window.goto(site.url + DAY)
    for group in window.locator("fieldset.scale").all():
        group.locator("input[value='7']").tap()
    window.tap("button[type=submit]")
    saved(window)
    assert entered(player) == 1
    context.close()


@needs_tests
def test_reload_in_the_middle_of_a_test(site, window, player):
    """What was done is stored as aborted, with its trials; the next run is marked as begun anew."""
    window.goto(f"{site.url}/session/4/run/wm?simulate=visual")
    wait_until_running(window)
    window.reload()
    window.get_by_role("button", name="Begin anew").click()
    wait_for(lambda: player.kinds().count("run_recorded") == 2)
    first, second = (r.event for r in player.trial.state.of(events.RunRecorded))
    assert (first.ended, second.ended) == ("aborted", "complete")
    assert json.loads(first.raw)["trials"]
    assert "restarted" in second.flags
    assert ("wm.dprime", 4) in player.trial.entered
    assert not window.faults


@needs_tests
def test_the_server_goes_during_a_test(site, window, context, player):
    """The run ends without it, waits in the browser, and is stored once."""
    window.goto(f"{site.url}/session/4/run/wm?simulate=visual")
    wait_until_running(window)
    site.stop()
    window.wait_for_selector("main[data-state=waiting]", timeout=20_000)
    site.start()
    site.open(context)
    wait_for(lambda: "run_recorded" in player.kinds())
    window.goto(site.url)
    window.wait_for_timeout(500)
    (run,) = (r.event for r in player.trial.state.of(events.RunRecorded))
    assert run.ended == "complete"
    assert ("wm.dprime", 4) in player.trial.entered


@needs_tests
@pytest.mark.parametrize(("session", "before", "after", "flag"), [
    (4, (4, "23:59"), (5, "00:00"), "over_midnight"),
    (27, (28, "01:59"), (28, "03:00"), "clock_changed"),  # 29 March 2026: the hour from two to three is skipped
])  # fmt: skip
def test_midnight_and_summer_time_during_a_test(tmp_path, context, session, before, after, flag):
    """The session stays the session, the day turns at four; the run is marked."""
    text = everything().replace("period_days: 2", "period_days: 14").replace("days_on: 12", "days_on: 60")
    player = battery_trial(tmp_path, text)
    player.randomize()
    player.put(*before)
    with served(player) as site:
        window = site.open(context)
        window.goto(f"{site.url}/session/{session}/run/wm?simulate=visual")
        wait_until_running(window)
        window.wait_for_timeout(2500)
        player.put(*after)
        wait_for(lambda: "run_recorded" in player.kinds())
        window.wait_for_url(re.compile(f"/session/{session}.saved="))
    (run,) = (r.event for r in player.trial.state.of(events.RunRecorded))
    assert flag in run.flags
    assert (run.session, run.ended) == (session, "complete")


@needs_tests
def test_a_whole_day_of_nefiracetam_memory(root, tmp_path, context):
    """The library's own protocol, alone, day 10 of period 1: word list, ratings, tests, recall, dose, by the one button."""
    player = battery_trial(tmp_path, (root / "protocols" / "nefiracetam-memory.yaml").read_text())
    player.randomize(acknowledged="I have read it")
    player.put(20, "09:20")
    session = next(s for s in player.trial.schedule.sessions if s.day == 20)
    here = f"/session/{session.number}"
    with served(player) as site:
        window = site.open(context)
        for _ in range(20):
            window.goto(f"{site.url}{here}")
            title = window.locator("h1").inner_text()
            if title.startswith("Done"):
                break
            if title == "A pause":
                player.put(20, "09:42")
                continue
            window.locator("a.big").click()
            window.wait_for_url(re.compile(r"/(run|form)/"))
            if "/run/" in window.url:
                before = player.kinds().count("run_recorded")
                window.goto(f"{window.url}?simulate=data-only")
                wait_for(lambda before=before: player.kinds().count("run_recorded") > before)
            else:
                rate(window)
                window.click("button[type=submit]")
                saved(window)
        window.goto(site.url + "/dose")
        window.click("button[type=submit]")
        saved(window)
        window.goto(site.url)
        window.wait_for_selector("text=All done for today")
    assert all((name, session.number) in player.trial.entered for name in player.trial.scores_in(session))
    runs = [r.event for r in player.trial.state.of(events.RunRecorded)]
    assert [(r.instrument, r.part, r.ended) for r in runs] == [
        ("words", "study", "complete"), ("wm", None, "complete"), ("vigil", None, "complete"), ("words", "delayed", "complete"),
    ]  # fmt: skip
    assert player.kinds().count("dose_recorded") == 1


def wait_until_running(window) -> None:
    """Wait until a trial has begun and the outbox knows of it."""
    look = "import('/static/engine/outbox.js').then((o) => o.pending()).then((runs) => runs.some((r) => r.state === 'running'))"
    wait_for(lambda: window.evaluate(look))
    window.wait_for_timeout(700)


def wait_for(what, seconds: float = 15) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)
