// Results wait here, in the browser, until the server has them. Nothing is sent that is not stored first.
//
// One entry per run and one per trial, so a trial that has ended survives a reload, a crash and a lost connection. They lie
// in IndexedDB, or in localStorage where a browser refuses that (some private windows). A run is sent by PUT to the address
// that names it, again and again until the server answers 2xx; the server stores a run once, however often it comes.
//
// A run that is found "running" when a page opens, and that no other tab is giving, was cut off by a reload or a crash: it
// is sent as aborted, with its trials. It is never continued, and never begun anew without being told.

import { localTime } from "./device.js";
import { assemble } from "./record.js";

const NAME = "nof1-outbox";
const WAITS_MS = [1000, 2000, 4000, 8000, 15000, 30000];
const PATIENCE_MS = 6000; // how long `finish` waits for an answer before the person may go on
const HEARTBEAT_MS = 1000;
const DEAD_AFTER_MS = 4000;

/** IndexedDB as a map from text to value, in the order of the texts. */
class Database {
  static open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore("entries");
      request.onsuccess = () => resolve(new Database(request.result));
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("blocked"));
    });
  }

  constructor(database) {
    this.database = database;
  }

  #do(mode, act) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction("entries", mode);
      const request = act(transaction.objectStore("entries"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  static #range(prefix) {
    return IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  }

  put(key, value) {
    return this.#do("readwrite", (entries) => entries.put(value, key));
  }

  get(key) {
    return this.#do("readonly", (entries) => entries.get(key));
  }

  /** Put what `act` makes of a value, unless it makes nothing; no other tab comes in between. Resolves with the value before. */
  change(key, act) {
    return this.#do("readwrite", (entries) => {
      const request = entries.get(key);
      request.onsuccess = () => {
        try {
          const made = request.result && act(request.result);
          if (made) entries.put(made, key);
        } catch {
          request.transaction.abort();
        }
      };
      return request;
    });
  }

  keys(prefix) {
    return this.#do("readonly", (entries) => entries.getAllKeys(Database.#range(prefix)));
  }

  values(prefix) {
    return this.#do("readonly", (entries) => entries.getAll(Database.#range(prefix)));
  }

  remove(prefix) {
    return this.#do("readwrite", (entries) => entries.delete(Database.#range(prefix)));
  }
}

/** localStorage as the same map. */
class Local {
  async put(key, value) {
    localStorage.setItem(`${NAME}/${key}`, JSON.stringify(value));
  }

  async get(key) {
    return JSON.parse(localStorage.getItem(`${NAME}/${key}`) ?? "null") ?? undefined;
  }

  async change(key, act) {
    const before = await this.get(key);
    const made = before && act(before);
    if (made) await this.put(key, made);
    return before;
  }

  async keys(prefix) {
    const all = Object.keys(localStorage).filter((key) => key.startsWith(`${NAME}/${prefix}`));
    return all.map((key) => key.slice(NAME.length + 1)).sort();
  }

  async values(prefix) {
    return Promise.all((await this.keys(prefix)).map((key) => this.get(key)));
  }

  async remove(prefix) {
    for (const key of await this.keys(prefix)) localStorage.removeItem(`${NAME}/${key}`);
  }
}

let store = null;
/** The store of this browser; opened once. */
const opened = () => (store ??= Database.open().catch(() => new Local()));

/** Note something in localStorage, or take it away. It only helps to tell tabs apart; a browser that forbids it may do so. */
function note(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // full, or forbidden
  }
}

function noted(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const csrf = () => document.body?.dataset.csrf ?? "";
const runKey = (runId) => `run/${runId}`;
const trialKey = (runId, i) => `trial/${runId}/${String(i).padStart(6, "0")}`;
const aliveKey = (runId) => `nof1-alive/${runId}`;

/**
 * A run begins: from now on a reload is an interruption.
 *
 * `head` is everything that is known about it but its trials: run_id, session, instrument, part, task, form_sha256, mode,
 * restarts, started_at, device, timing.
 */
export async function begin(head) {
  const entries = await opened();
  const beat = () => note(aliveKey(head.run_id), String(Date.now()));
  beat(); // before the run is there: a page that opens at this moment would take it for dead
  await entries.put(runKey(head.run_id), { state: "running", head, begun: Date.now() });
  const timer = setInterval(beat, HEARTBEAT_MS);
  const stop = () => {
    clearInterval(timer);
    note(aliveKey(head.run_id), "0"); // this page gives it no longer; gone with the run
  };
  addEventListener("pagehide", stop);
  beats.set(head.run_id, stop);
}
const beats = new Map();

/** Trial number `i` of the run has ended. */
export async function keep(runId, i, row) {
  return (await opened()).put(trialKey(runId, i), row);
}

/**
 * The run has ended, as `end` says: from now on a reload loses nothing of that. False if another page had ended it, because
 * this one slept so long that it was taken for dead.
 */
export async function close(runId, end) {
  const entries = await opened();
  const before = await entries.change(runKey(runId), (entry) => entry.state === "running" && { ...entry, state: "waiting", end });
  if (!before) throw new Error(`the outbox has no run ${runId}`);
  beats.get(runId)?.();
  return before.state === "running";
}

/** Send a run that has ended, with all that `end` says by now; the answer, or `{state: "waiting"}` after some seconds. */
export async function finish(runId, end) {
  const entries = await opened();
  await entries.change(runKey(runId), (entry) => ["running", "waiting"].includes(entry.state) && { ...entry, state: "waiting", end });
  const patience = new Promise((resolve) => {
    setTimeout(() => resolve({ state: "waiting", error: "the server does not answer" }), PATIENCE_MS);
  });
  return Promise.race([send(runId), patience]);
}

/** The page goes away in the middle of a run: one attempt that outlives it. The next page that opens sends it again. */
export function leave(runId, rows, head, end) {
  beats.get(runId)?.();
  put(runId, assemble(head, rows, end));
}

/** Send a run that this browser could not keep, from memory: until nof1 has it, refuses it, or some seconds have gone. */
export async function deliver(runId, body) {
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const { isThere, isRefused, said, why } = await offer(runId, body);
    if (isThere) {
      await arrived(runId, body.status).catch(() => {}); // what this browser could not keep it may not be able to let go
      return { ...said, state: "saved" };
    }
    if (isRefused) return { state: "unkept", error: why };
    await pause(WAITS_MS[attempt]);
  }
  return { state: "unkept", error: "nof1 does not answer" };
}

/** Runs that the server does not have: {run_id, state, session, instrument, part, why}. */
export async function pending() {
  const entries = await opened();
  const found = [];
  for (const key of await entries.keys("run/")) {
    const entry = await entries.get(key);
    if (entry.state !== "sent") {
      const { run_id, session, instrument, part } = entry.head;
      found.push({ run_id, state: entry.state, session, instrument, part, why: entry.why ?? null, is_alive: isAlive(entry) });
    }
  }
  return found;
}

/** How often this instrument of this session was begun before in this browser. */
export async function beginnings({ session, instrument, part }) {
  const entries = await (await opened()).values("run/");
  return entries.filter(
    ({ head, end }) => head.session === session && head.instrument === instrument && head.part === part && end?.status !== "complete",
  ).length;
}

/** Send what waits, of earlier pages too, and what was refused then: the reason may be gone. Returns how many were cut off. */
export async function flush() {
  const entries = await opened();
  let cutOff = 0;
  for (const { run_id, state, is_alive } of await pending()) {
    if (state === "running" && is_alive) continue;
    if (state === "running") {
      const end = { status: "aborted", reason: "reload", finished_at: new Date().toISOString(), local_time: localTime() };
      const before = await entries.change(runKey(run_id), (entry) => entry.state === "running" && { ...entry, state: "waiting", end });
      cutOff += before.state === "running" ? 1 : 0;
    }
    send(run_id);
  }
  return cutOff;
}

/** The whole of a run as it is sent; null once the server has it. */
async function bodyOf(runId) {
  const entries = await opened();
  const rows = await entries.values(`trial/${runId}/`); // before the entry: another tab may bring the run home at any moment
  const { state, head, end } = await entries.get(runKey(runId));
  return state === "sent" ? null : assemble(head, rows, end);
}

/** Whether a page gives the run at this moment. What a page in another process wrote into localStorage may come a little late. */
function isAlive({ head, begun }) {
  const beat = Number(noted(aliveKey(head.run_id)) ?? begun ?? 0);
  return Date.now() - beat < DEAD_AFTER_MS;
}

const sending = new Map();
/** Send a run until the server has it; whoever asks meanwhile gets the same answer. */
function send(runId) {
  if (!sending.has(runId)) sending.set(runId, sendUntil(runId).finally(() => sending.delete(runId)));
  return sending.get(runId);
}

async function sendUntil(runId) {
  const entries = await opened();
  const body = await bodyOf(runId);
  if (!body) return { state: "saved" };
  for (let attempt = 0; ; attempt += 1) {
    const { isThere, isRefused, said, status, why } = await offer(runId, body);
    if (isThere) {
      await arrived(runId, body.status);
      return { ...said, state: "saved" };
    }
    if (isRefused) {
      const before = await entries.change(runKey(runId), (entry) => entry.state !== "sent" && { ...entry, state: "refused", why });
      if (before.state === "sent") return { state: "saved" }; // another tab was faster
      return { state: "refused", error: why, status };
    }
    await pause(WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)]);
  }
}

/** Offer a run to the server once. Neither there nor refused: it does not answer, or asks for patience. */
async function offer(runId, body) {
  const answer = await put(runId, body);
  const status = answer?.status ?? 0;
  const said = answer ? await answer.json().catch(() => ({})) : {};
  return {
    isThere: answer?.ok === true,
    isRefused: status >= 400 && status < 500 && ![408, 425, 429].includes(status),
    said,
    status,
    why: said.error ?? `the server refused it (${status})`,
  };
}

/** The server has a run: what is kept of it is that it was given, and how it ended. */
async function arrived(runId, status) {
  const entries = await opened();
  await entries.change(runKey(runId), ({ head: { run_id, session, instrument, part } }) => (
    { state: "sent", head: { run_id, session, instrument, part }, end: { status } }
  ));
  await entries.remove(`trial/${runId}/`);
  note(aliveKey(runId), null);
}

async function put(runId, body) {
  try {
    const text = JSON.stringify({ ...body, sent_at: new Date().toISOString() });
    const headers = { "Content-Type": "application/json", "X-Nof1-Csrf": csrf() };
    // keepalive: the request outlives the page; browsers allow it for 64 kB
    return await fetch(`/api/runs/${runId}`, { method: "PUT", body: text, headers, keepalive: text.length < 60000 });
  } catch {
    return null; // no connection, or the server is down
  }
}

/** Wait, but not longer than until the connection is back or the page is looked at again. */
function pause(ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      document.removeEventListener("visibilitychange", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
    document.addEventListener("visibilitychange", done);
  });
}
