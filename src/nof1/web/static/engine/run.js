// The page of one run: fetch the form, look at the device, give the task, bring the result home, go on.

import { describeDevice, fingerprint, fixTheme, isCoarse, localTime, Watch } from "./device.js";
import { measureRefresh, round } from "./frames.js";
import * as outbox from "./outbox.js";
import { assemble } from "./record.js";
import { runTask } from "./run-task.js";
import { escape } from "./stimuli.js";

const COARSEST_CLOCK_MS = 2;

const main = document.getElementById("run");
const say = (title, html, buttons = "") => {
  main.innerHTML = `<section class="page" role="status"><h1 tabindex="-1">${escape(title)}</h1>${html}<div class="buttons">${buttons}</div></section>`;
  (main.querySelector(".big") ?? main.querySelector("h1")).focus({ preventScroll: true });
};
const on = (selector, act) => main.querySelector(selector)?.addEventListener("click", act, { once: true });
const goOn = (address = main.dataset.next) => location.assign(address);
const FILE = '<button type="button" class="quiet" data-file>Save as a file</button>';
const NEXT = '<button type="button" class="big" data-go>Go on</button>';

/** Ask the server. Resolves with `{ok, status, said}`; status 0 means that it does not answer. */
async function ask(address, body) {
  const headers = { "Content-Type": "application/json", "X-Nof1-Csrf": document.body.dataset.csrf ?? "" };
  const options = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  try {
    const answer = await fetch(address, options);
    return { ok: answer.ok, status: answer.status, said: await answer.json().catch(() => ({})) };
  } catch {
    return { ok: false, status: 0, said: { error: "nof1 does not answer" } };
  }
}

/** Say something and wait for one of the buttons. */
function choose(title, html, choices) {
  return new Promise((resolve) => {
    const buttons = choices.map(({ id, label, isMain }) => `<button type="button" class="${isMain ? "big" : "quiet"}" data-id="${id}">${escape(label)}</button>`);
    say(title, html, buttons.join(""));
    for (const { id } of choices) on(`[data-id=${id}]`, () => resolve(id));
  });
}

let isGiven = false; // whether a test has been asked for in this page

async function start() {
  fixTheme();
  if (typeof globalThis.initJsPsych !== "function") {
    say("The library for tests is not installed", "<p>Everything else works. To add it: <code>uv sync --reinstall-package nof1</code>.</p>", NEXT);
    on("[data-go]", () => goOn());
    return;
  }
  const here = { session: Number(main.dataset.session), instrument: main.dataset.instrument, part: main.dataset.part || null };
  const isHere = (run) => run.session === here.session && run.instrument === here.instrument && run.part === here.part;
  const open = (await outbox.pending()).find((run) => run.state === "running" && isHere(run));
  if (open?.is_alive) {
    say("This test is open in another tab", "<p>Finish it there, or close that tab and open this page again after some seconds.</p>", NEXT);
    on("[data-go]", () => goOn());
    return;
  }
  await outbox.flush();
  if (open) {
    const chosen = await choose(
      "This test was interrupted",
      "<p>What you had done is kept, and marked as interrupted. If you do the test again, it begins anew, and that is recorded too.</p>",
      [{ id: "leave", label: "Leave it" }, { id: "again", label: "Begin anew", isMain: true }],
    );
    if (chosen === "leave") {
      goOn();
      return;
    }
  }
  const { ok, said } = await ask(main.dataset.form);
  if (!ok) {
    say("The test could not be loaded", `<p>${escape(said.error ?? "nof1 does not answer")}.</p>`, '<button type="button" class="big" data-again>Try again</button>');
    on("[data-again]", () => location.reload());
    return;
  }
  await give(said, here);
}

async function give({ run_id, form, form_sha256, settings }, here) {
  isGiven = true;
  const wanted = new URLSearchParams(location.search).get("simulate");
  const mode = settings.simulated && ["data-only", "visual"].includes(wanted) ? wanted : "live";
  const input = settings.input ?? (isCoarse() ? "touch" : "keyboard");
  document.documentElement.dataset.input = input;
  const restarts = await outbox.beginnings(here);
  say(form.title, "<p>One moment: looking at the display…</p>");
  const device = { ...(await describeDevice(restarts)), input };
  const { refresh_start, timer_resolution_ms } = device;
  if (timer_resolution_ms > COARSEST_CLOCK_MS && mode === "live") {
    say(
      "This browser's clock is too coarse",
      `<p>It moves in steps of ${round(timer_resolution_ms)} ms; reaction times need ${COARSEST_CLOCK_MS} ms or less. Some browsers do this to protect privacy: use another browser, or turn that setting off for this address.</p>`,
      NEXT,
    );
    on("[data-go]", () => goOn());
    return;
  }
  const lock = await ask("/api/device", { device: { ...device, ...fingerprint(device) } });
  if (lock.ok && lock.said.changed) {
    const what = (lock.said.differences ?? []).join(", ");
    await choose(
      "Another device than before",
      `<p>Your plan promises the same device for every session; this one differs${what ? ` (${escape(what)})` : ""}. You can go on: the session is marked.</p>`,
      [{ id: "on", label: "Go on", isMain: true }],
    );
  }
  const watch = new Watch();
  const control = {};
  const stopper = stopButton(control);
  const head = {
    run_id, ...here, task: form.task, form_part: form.part ?? null, form_sha256, mode, restarts,
    device: { ...device, ...fingerprint(device) },
    timing: {
      timer_ms: timer_resolution_ms,
      refresh_start,
      isolated: device.cross_origin_isolated,
      time_origin_ms: device.time_origin_ms,
      local_time_start: device.local_time,
    },
  };
  const rows = [];
  let hasBegun = false;
  let stored = Promise.resolve();
  let isKept = true; // whether this browser could keep all of it so far
  const keep = (what) => {
    stored = stored.then(what).catch(() => {
      isKept = false;
    });
    return stored;
  };
  const endOf = (status, reason) => ({
    status,
    ...(reason ? { reason } : {}),
    finished_at: new Date().toISOString(),
    local_time: localTime(),
    has_fullscreen: document.fullscreenElement !== null,
    interruptions: control.interruptions ?? 0,
    events: watch.events,
  });
  let end = null;
  const onLeave = () => {
    if (hasBegun) outbox.leave(run_id, rows, head, end ?? endOf("aborted", "pagehide"));
  };
  addEventListener("pagehide", onLeave);
  main.innerHTML = '<div id="stage"></div>';
  document.documentElement.dataset.running = "";
  const { isComplete } = await runTask(form, {
    host: document.getElementById("stage"),
    input, mode, watch, control,
    frame_ms: refresh_start.median_ms ?? undefined,
    isDialogOpen: () => stopper.open,
    extensions: globalThis.nof1Extensions ?? [],
    onFirst: () => {
      hasBegun = true;
      head.started_at = new Date().toISOString();
      return keep(() => outbox.begin(head));
    },
    onRow: (row, i) => {
      rows.push(row);
      keep(() => outbox.keep(run_id, i, row));
    },
  });
  delete document.documentElement.dataset.running;
  stopper.remove();
  if (!hasBegun) {
    removeEventListener("pagehide", onLeave);
    goOn();
    return;
  }
  const ended = () => (isComplete ? endOf("complete") : endOf("aborted", "left"));
  end = ended();
  main.dataset.state = "saving";
  say(isComplete ? "Done" : "Stopped", "<p>Saving…</p>");
  await stored;
  let isOurs = true;
  if (isKept) {
    await keep(async () => {
      isOurs = await outbox.close(run_id, end);
    });
  }
  removeEventListener("pagehide", onLeave);
  const refresh_end = mode === "data-only" ? null : await measureRefresh();
  watch.stop();
  if (document.fullscreenElement) await document.exitFullscreen().catch(() => {});
  const whole = { ...ended(), refresh_end };
  const body = assemble(head, rows, whole);
  if (!isOurs) await tell({ state: "interrupted" }, run_id, body);
  else await tell(isKept ? await outbox.finish(run_id, whole) : await outbox.deliver(run_id, body), run_id, body);
}

/** Say where the result is. */
async function tell(answer, runId, body) {
  main.dataset.state = answer.state;
  if (answer.state === "saved") {
    say("Saved", `<p>${answer.saved_at ? `At ${escape(answer.saved_at)}. ` : ""}${answer.receipt ? `Receipt ${escape(answer.receipt)}.` : ""}</p>`, NEXT);
    on("[data-go]", () => goOn(answer.next));
    setTimeout(() => goOn(answer.next), 900);
    return;
  }
  if (answer.state === "interrupted") {
    say("Taken as interrupted", "<p>This page was out of sight for so long that another page of nof1 ended this test. What you had done until then is kept, marked as interrupted.</p>", NEXT);
    on("[data-go]", () => goOn());
    return;
  }
  const told = {
    waiting: [
      "Kept on this device",
      "<p>nof1 does not answer at the moment. Your result is kept on this device; it is sent as soon as nof1 answers, also if you close this page and open it again later.</p>",
      FILE + NEXT,
    ],
    refused: [
      "Kept here, not taken by nof1",
      `<p>nof1 said: ${escape(answer.error)}.</p><p>Your result is kept in this browser and is offered again whenever a page of nof1 opens. You can also save it as a file.</p>`,
      FILE + NEXT,
    ],
    unkept: [
      "Save this result now",
      `<p>This browser keeps nothing (its storage is full, or switched off), and nof1 did not take the result: ${escape(answer.error)}.</p><p>Save it as a file before you go on; it is gone otherwise.</p>`,
      '<button type="button" class="big" data-file>Save as a file</button><button type="button" class="quiet" data-go>Go on</button>',
    ],
  };
  say(...told[answer.state]);
  on("[data-go]", () => goOn());
  main.querySelector("[data-file]").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(body)], { type: "application/json" }));
    link.download = `nof1-run-${runId}.json`;
    link.click();
  });
}

/** A way out at any time: a button in the corner and the Escape key; it asks once. The time it takes counts as an interruption. */
function stopButton(control) {
  const box = document.createElement("div");
  box.className = "stopper";
  box.innerHTML = `
    <button type="button" class="stop" data-stop tabindex="-1" aria-label="Stop this test">Stop</button>
    <dialog aria-labelledby="stop-title"><h2 id="stop-title">Stop this test?</h2>
      <p>What you have done so far is kept and marked as stopped. Time goes on while you read this.</p>
      <div class="buttons"><button type="button" class="quiet" data-end>Stop</button><button type="button" class="big" data-stay>Go on with the test</button></div>
    </dialog>`;
  document.body.append(box);
  const dialog = box.querySelector("dialog");
  control.interruptions = 0;
  const open = () => {
    if (dialog.open) return;
    control.interruptions += control.context?.block === null ? 0 : 1;
    dialog.showModal();
  };
  box.querySelector(".stop").addEventListener("click", open);
  const onKey = (event) => {
    if (event.key === "Escape" && !dialog.open) {
      event.preventDefault();
      open();
    }
  };
  document.addEventListener("keydown", onKey);
  box.querySelector("[data-stay]").addEventListener("click", () => dialog.close());
  box.querySelector("[data-end]").addEventListener("click", () => {
    dialog.close();
    control.stop?.();
  });
  return {
    get open() {
      return dialog.open;
    },
    remove() {
      document.removeEventListener("keydown", onKey);
      box.remove();
    },
  };
}

start().catch((error) => {
  if (isGiven) throw error;
  say("The test cannot be given here", `<p>This browser said: ${escape(error.message)}. If its storage is switched off, allow it for this address, or use another browser. Nothing was lost.</p>`, NEXT);
  on("[data-go]", () => goOn());
});
