// From the rows of the trials to what is sent: the same for a run that was finished and for one that a reload cut off.

import { localTime } from "./device.js";

/** The fields of a row that the scorer reads; the rest (the clocks) is kept beside it. */
function responseOf(row) {
  const response = { trial: row.trial, onset_ms: row.onset_ms, rt_ms: row.rt_ms, response: row.response };
  if (row.early) response.early = row.early;
  if (row.device) response.device = row.device;
  if (row.trusted === false) response.trusted = false;
  if (row.hidden) response.hidden = true;
  if (row.length !== undefined) response.length = row.length;
  return response;
}

/**
 * Put a run together.
 *
 * `head` is what was known when it began, `rows` are its trials in the order in which they ended, `end` says how and when it ended.
 * A trial of practice that was repeated has several rows; the scorer gets none of practice.
 */
export function assemble(head, rows, end) {
  const counted = rows.filter((row) => !row.practice).sort((a, b) => a.trial - b.trial);
  const steps = end.refresh_end?.n ? end.refresh_end : head.timing.refresh_start;
  return {
    session: head.session,
    instrument: head.instrument,
    part: head.part,
    status: end.status,
    ...(end.reason ? { reason: end.reason } : {}),
    started_at: head.started_at,
    finished_at: end.finished_at,
    mode: head.mode,
    run: {
      format: 1,
      task: head.task,
      part: head.form_part,
      form_sha256: head.form_sha256,
      mode: head.mode === "live" ? "live" : "simulated",
      ended: end.status === "complete" ? "complete" : "stopped",
      elapsed_ms: counted.reduce((most, row) => Math.max(most, row.elapsed_ms), 0),
      restarts: head.restarts,
      interruptions: end.interruptions ?? 0,
      frame_median_ms: steps?.median_ms ?? null,
      frame_p95_ms: steps?.p95_ms ?? null,
      responses: counted.map(responseOf),
    },
    trials: rows,
    events: end.events ?? [],
    device: head.device,
    timing: {
      ...head.timing,
      refresh_end: end.refresh_end ?? null,
      has_fullscreen_end: end.has_fullscreen ?? null,
      local_time_end: end.local_time ?? localTime(),
    },
  };
}
