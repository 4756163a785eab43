// What is known about the device of a session: recorded with every run, and never sent anywhere but to nof1 itself.

import { measureRefresh, round, timerResolution } from "./frames.js";

const MAX_EVENTS = 500;

/** Keeps the list of everything that took the attention of the page away. */
export class Watch {
  constructor() {
    this.events = [];
    this.away = document.hidden || !document.hasFocus();
    this.seen = 0; // how often the page was hidden or lost the focus
    const note = (event) => () => this.#note(event);
    this.listeners = [
      [document, "visibilitychange", () => this.#note(document.hidden ? "hidden" : "visible")],
      [window, "blur", note("blur")],
      [window, "focus", note("focus")],
      [window, "online", note("online")],
      [window, "offline", note("offline")],
      [document, "fullscreenchange", () => this.#note(document.fullscreenElement ? "fullscreen" : "window")],
      [window, "orientationchange", note("rotated")],
    ];
    for (const [target, name, listener] of this.listeners) target.addEventListener(name, listener);
  }

  #note(event) {
    if (event === "hidden" || event === "blur") {
      this.seen += 1;
      this.away = true;
    } else if (event === "visible" || event === "focus") {
      this.away = document.hidden;
    }
    if (this.events.length < MAX_EVENTS) this.events.push({ event, at_ms: round(performance.now()) });
  }

  stop() {
    for (const [target, name, listener] of this.listeners) target.removeEventListener(name, listener);
  }
}

/** Whether the main pointer is a finger: then the pads are large. */
export const isCoarse = () => matchMedia("(pointer: coarse)").matches;

/** Local time with its offset from UTC, such as 2026-03-01T08:30:00.000+01:00. */
export function localTime(date = new Date()) {
  const minutes = -date.getTimezoneOffset();
  const pad = (number, n = 2) => String(Math.trunc(Math.abs(number))).padStart(n, "0");
  const local = new Date(date.getTime() + minutes * 60000).toISOString().slice(0, -1);
  return `${local}${minutes < 0 ? "-" : "+"}${pad(minutes / 60)}:${pad(minutes % 60)}`;
}

/** Fix dark or light for the whole run: a change of the system's theme at dusk must not reach a task. */
export function fixTheme() {
  const root = document.documentElement;
  root.dataset.theme ||= matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  return root.dataset.theme;
}

/** Everything about the device that does not change during a run; `refresh` is measured while the instructions are read. */
export async function describeDevice(restarts) {
  const agent = navigator.userAgentData;
  const refresh = await measureRefresh();
  return {
    user_agent: navigator.userAgent,
    brands: agent ? agent.brands.map(({ brand, version }) => `${brand} ${version}`) : [],
    platform: agent ? agent.platform : navigator.platform,
    is_mobile: agent ? agent.mobile : /Mobi/.test(navigator.userAgent),
    languages: [...navigator.languages],
    pointer: isCoarse() ? "coarse" : matchMedia("(pointer: fine)").matches ? "fine" : "none",
    touch_points: navigator.maxTouchPoints,
    device_pixel_ratio: devicePixelRatio,
    zoom: visualViewport ? visualViewport.scale : 1,
    screen: [screen.width, screen.height],
    viewport: [innerWidth, innerHeight],
    theme: document.documentElement.dataset.theme ?? "light",
    reduced_motion: matchMedia("(prefers-reduced-motion: reduce)").matches,
    timer_resolution_ms: timerResolution(),
    is_secure_context: isSecureContext,
    cross_origin_isolated: self.crossOriginIsolated === true,
    has_fullscreen: document.fullscreenElement !== null,
    local_time: localTime(),
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    time_origin_ms: round(performance.timeOrigin),
    restarts,
    refresh_start: refresh,
  };
}

const BROWSERS = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chromium/", "Chromium"], ["Chrome/", "Chromium"], ["Safari/", "Safari"]];
const SYSTEMS = [["Android", "Android"], ["iPhone", "iOS"], ["iPad", "iOS"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["CrOS", "ChromeOS"], ["Linux", "Linux"]];
const first = (pairs, text) => pairs.find(([sign]) => text.includes(sign))?.[1] ?? "other";

/** What the device lock compares: family of browser and system, pointer, refresh rate. */
export function fingerprint({ user_agent, pointer, refresh_start }) {
  return {
    browser: first(BROWSERS, user_agent),
    os: first(SYSTEMS, user_agent),
    pointer,
    refresh_hz: refresh_start.median_ms ? Math.round(10000 / refresh_start.median_ms) / 10 : null,
  };
}
