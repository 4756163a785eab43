"""What a connection, a server, a reload or a second tab can do to a run: nothing is lost, nothing is doubled, all is told."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from nof1.battery.score import score_run

from .playing import SHOWN, Hands

if TYPE_CHECKING:
    from playwright.sync_api import Page

NO_DATABASE = (
    "Object.defineProperty(globalThis, 'indexedDB', { value: { open() { throw new Error('refused'); } } });"
)


def _form(lab, trials=4):
    return lab.form("srt", trials=trials, foreperiod_s=(Decimal("0.2"), Decimal("0.4")))


def _play(page: Page, form, until=None):
    hands = Hands(page)
    for trial in hands.trials(form):
        if trial.index == until:
            break
        hands.press(trial, "press")
    return hands


@pytest.mark.parametrize("store", ["IndexedDB", "localStorage"])
def test_no_connection_in_the_middle(lab, store):
    """The connection goes during the test and comes back after it: the whole run arrives by itself, once."""
    if store == "localStorage":
        lab.context.add_init_script(NO_DATABASE)
    form = _form(lab)
    page = lab.open("srt")
    _play(page, form, until=form.trials[1].index)
    lab.context.set_offline(True)
    _play(page, form)
    page.wait_for_selector("#run[data-state=waiting]")
    assert "kept on this device" in page.inner_text("#run").lower()
    assert lab.server.runs == {}
    lab.context.set_offline(False)
    page.wait_for_function("() => navigator.onLine")
    _arrived(lab, page)
    assert [one.trial.index for one in lab.run("srt").given] == [trial.index for trial in form.trials]


def _arrived(lab, page, n=1):
    for _ in range(100):
        if len(lab.server.runs) >= n:
            break
        page.wait_for_timeout(100)
    assert len(lab.server.runs) == n


def test_the_server_is_away_and_the_page_is_closed(lab):
    """A result that could not be sent waits in the browser; the next page that opens sends it."""
    form = _form(lab, 2)
    page = lab.open("srt")
    lab.server.is_away = True
    _play(page, form)
    page.wait_for_selector("#run[data-state=waiting]")
    page.close()
    lab.server.is_away = False
    again = lab.open("srt")
    _arrived(lab, again)
    assert lab.body("srt")["status"] == "complete"


def test_a_result_that_is_sent_twice_is_one(lab):
    """The answer gets lost, so the page sends again: under the same name."""
    form = _form(lab, 2)
    lab.server.answers_lost = 1
    page = lab.open("srt")
    _play(page, form)
    page.wait_for_url("**/next")
    assert len(lab.server.puts) == 2
    assert len(lab.server.runs) == 1


def test_reload_in_the_middle(lab):
    """A reload ends the run as interrupted, with its trials; a new one begins only on request, and says that it is one."""
    form = _form(lab)
    page = lab.open("srt")
    _play(page, form, until=form.trials[2].index)
    page.reload()
    page.wait_for_selector("h1:has-text('interrupted')")
    _arrived(lab, page)
    body = lab.body("srt")
    assert (body["status"], body["run"]["ended"]) == ("aborted", "stopped")
    assert body["reason"] in {"reload", "pagehide"}
    assert [one.record.response for one in lab.run("srt").given] == ["press", "press"]
    page.click("[data-id=again]")
    _play(page, form)
    page.wait_for_url("**/next")
    run = lab.run("srt")
    assert (run.record.ended, run.record.restarts) == ("complete", 1)
    assert "restarted" in score_run(run).flags


def test_two_tabs(lab):
    """The second tab does not begin the same test beside the first, nor cut it off."""
    form = _form(lab)
    page = lab.open("srt")
    _play(page, form, until=form.trials[1].index)
    other = lab.open("srt")
    other.wait_for_selector("h1:has-text('another tab')")
    other.close()
    page.bring_to_front()
    _play(page, form)
    page.wait_for_url("**/next")
    assert len(lab.server.runs) == 1
    assert lab.body("srt")["status"] == "complete"
    assert any(event["event"] == "blur" for event in lab.body("srt")["events"]) == any(
        row["hidden"] for row in lab.body("srt")["trials"]
    )


BETWEEN = """async ({id, status}) => {
  const outbox = await import("/static/engine/outbox.js");
  const head = {run_id: id, session: 9, instrument: "srt", part: null, task: "srt", mode: "live", restarts: 0, timing: {}, device: {}};
  await outbox.begin(head);
  await outbox.keep(id, 0, {trial: 0, elapsed_ms: 1, onset_ms: 0, rt_ms: 1, response: "press"});
  const opened = indexedDB.open("nof1-outbox", 1);
  const database = await new Promise((resolve) => { opened.onsuccess = () => resolve(opened.result); });
  const otherTab = async () => {
    const change = database.transaction("entries", "readwrite");
    change.objectStore("entries").put({state: "sent", head: {run_id: id, session: 9, instrument: "srt", part: null}, end: {status: "complete"}}, `run/${id}`);
    change.objectStore("entries").delete(IDBKeyRange.bound(`trial/${id}/`, `trial/${id}/\uffff`));
    await new Promise((resolve) => { change.oncomplete = resolve; });
  };
  const fetched = globalThis.fetch;
  globalThis.fetch = async (address, options) => {
    if (status && String(address).includes(id)) {
      await otherTab();
      return new Response(JSON.stringify({error: "no"}), {status});
    }
    return fetched(address, options);
  };
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (value, key) {
    if (!status && value.state === "waiting") queueMicrotask(otherTab);
    return put.call(this, value, key);
  };
  const answer = await outbox.finish(id, {status: "complete", finished_at: "", local_time: ""});
  globalThis.fetch = fetched;
  IDBObjectStore.prototype.put = put;
  return [answer.state, (await outbox.pending()).length];
}"""


@pytest.mark.parametrize("status", [0, 409], ids=["before it is put together", "while it is sent"])
def test_another_tab_was_faster(lab, status):
    """What another tab of the browser has brought home is neither sent without its trials nor called refused."""
    _form(lab)
    page = lab.open("srt")
    page.wait_for_selector(".page .big")
    assert page.evaluate(BETWEEN, {"id": f"{status:032d}", "status": status}) == ["saved", 0]
    assert lab.server.runs == {}


def test_a_run_that_another_page_cut_off(lab):
    """A page that sleeps too long is taken for dead by the next one: it says so at its end, and calls nothing saved."""
    form = _form(lab, 2)
    page = lab.open("srt")
    _play(page, form, until=form.trials[1].index)
    other = lab.open("srt")
    other.evaluate(
        """async () => {
          for (const key of Object.keys(localStorage)) if (key.startsWith("nof1-alive/")) localStorage.setItem(key, "0");
          await (await import("/static/engine/outbox.js")).flush();
        }"""
    )
    _arrived(lab, other)
    other.close()
    page.bring_to_front()
    _play(page, form)
    page.wait_for_selector("#run[data-state=interrupted] h1:has-text('Taken as interrupted')")
    assert lab.body("srt")["status"] == "aborted"


FULL = """
const put = IDBObjectStore.prototype.put;
let left = 3;
IDBObjectStore.prototype.put = function (value, key) {
  if ((left -= 1) < 0) throw new DOMException("full", "QuotaExceededError");
  return put.call(this, value, key);
};
"""
FORBIDDEN = """
Object.defineProperty(globalThis, "localStorage", { get() { throw new DOMException("forbidden", "SecurityError"); } });
"""


@pytest.mark.parametrize("broken", [FULL, FORBIDDEN], ids=["full", "no notes"])
def test_a_browser_that_keeps_nothing(lab, broken):
    """What cannot be stored is sent from memory, whole."""
    lab.context.add_init_script(broken)
    form = _form(lab)
    page = lab.open("srt")
    _play(page, form)
    page.wait_for_url("**/next")
    assert (lab.body("srt")["status"], len(lab.run("srt").given)) == ("complete", len(form.trials))


def test_a_full_browser_and_a_server_that_refuses(lab):
    """Then the result is offered as a file, and the page says that it is gone otherwise."""
    lab.context.add_init_script(FULL)
    form = _form(lab)
    lab.server.refuses = "the trial is locked"
    page = lab.open("srt")
    _play(page, form)
    page.wait_for_selector("#run[data-state=unkept] h1:has-text('Save this result now')")
    with page.expect_download() as download:
        page.click("[data-file]")
    assert "nof1-run-" in download.value.suggested_filename


def test_a_browser_without_any_storage(lab):
    """No test is given that could be lost, and the page says why."""
    lab.context.add_init_script(NO_DATABASE + FORBIDDEN)
    _form(lab)
    page = lab.open("srt")
    page.wait_for_selector("h1:has-text('cannot be given here')")


def test_a_reload_while_it_is_saved(lab):
    """A test that was done is not told as interrupted, whenever the page goes."""
    form = _form(lab, 2)
    page = lab.open("srt")
    _play(page, form)
    page.wait_for_selector("#run[data-state=saving]")
    page.reload()
    _arrived(lab, page)
    assert lab.body("srt")["status"] == "complete"


def test_stopped_on_purpose(lab):
    """The way out asks once, keeps what was done, and counts the interruption."""
    form = _form(lab)
    page = lab.open("srt")
    _play(page, form, until=form.trials[2].index)
    page.click(".stop")
    page.click("[data-end]")
    page.wait_for_url("**/next")
    body = lab.body("srt")
    assert (body["status"], body["reason"]) == ("aborted", "left")
    assert body["run"]["interruptions"] == 1
    assert len(lab.run("srt").given) == 2


def test_a_refused_result_is_kept(lab):
    """If the server does not take a result, the page says why, keeps it, and offers it as a file."""
    form = _form(lab, 2)
    lab.server.refuses = "the trial is locked"
    page = lab.open("srt")
    _play(page, form)
    page.wait_for_selector("#run[data-state=refused]")
    assert "the trial is locked" in page.inner_text("#run")
    with page.expect_download() as download:
        page.click("[data-file]")
    assert "nof1-run-" in download.value.suggested_filename
    lab.server.refuses = ""
    lab.open("srt")
    _arrived(lab, page)


def test_hidden_trial_and_device(lab):
    """What took the page out of sight marks the trial; the record of the device is complete."""
    form = _form(lab, 2)
    page = lab.open("srt")
    hands = Hands(page)
    for trial in hands.trials(form):
        if trial is form.trials[1]:
            page.evaluate("dispatchEvent(new Event('blur'))")
            page.wait_for_selector(SHOWN.format(trial.index))
        hands.press(trial, "press")
    page.wait_for_url("**/next")
    run, body = lab.run("srt"), lab.body("srt")
    assert [one.record.hidden for one in run.given] == [False, True]
    device, timing = body["device"], body["timing"]
    assert (device["browser"], device["os"], device["pointer"], device["input"]) == (
        "Chromium",
        "Linux",
        "fine",
        "keyboard",
    )
    assert device["is_secure_context"]
    assert timing["isolated"]
    assert timing["timer_ms"] <= 0.1
    assert timing["refresh_start"]["n"] == timing["refresh_end"]["n"] == 60
    assert run.record.frame_median_ms == pytest.approx(1000 / device["refresh_hz"], abs=0.2)


def test_another_device_is_said(lab):
    """If the device differs from the one of the plan, the page says so and lets the person go on."""
    lab.server.changed = ["browser", "refresh"]
    form = _form(lab, 2)
    page = lab.open("srt")
    page.wait_for_selector("h1:has-text('Another device')")
    _play(page, form)
    page.wait_for_url("**/next")


def test_a_coarse_clock_gives_no_reaction_times(lab):
    """A browser whose clock moves in steps of a tenth of a second is told apart, before anything is recorded."""
    lab.context.add_init_script(
        "const now = performance.now.bind(performance); performance.now = () => Math.floor(now() / 100) * 100;"
    )
    _form(lab)
    page = lab.open("srt")
    page.wait_for_selector("h1:has-text('too coarse')")
    assert lab.server.runs == {}
