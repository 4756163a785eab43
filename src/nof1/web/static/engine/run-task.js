// From a form to a run: the timeline of jsPsych, and the rows of its trials.
//
// The form was made by nof1 from a public key, with every trial in it; nothing is drawn here. Blocks follow each other, with a
// page between them where a pause is possible. Practice says right and wrong and can be repeated; the rest says nothing.

import { round } from "./frames.js";
import { pagePlugin } from "./page.js";
import { pressPlugin } from "./press.js";
import { seriesPlugin } from "./series.js";
import { isSame, rightList, Staircase } from "./staircase.js";

/** What the plugins share during a run. */
class Context {
  constructor(form, watch, { frame_ms, isDialogOpen, isVirtual }) {
    this.form = form;
    this.watch = watch;
    this.frame_ms = frame_ms;
    this.isDialogOpen = isDialogOpen;
    this.isVirtual = isVirtual; // data-only simulation: time is made up
    this.clock = 0;
    this.startedAt = isVirtual ? 0 : performance.now();
    this.block = null;
    this.frame = null; // timestamp of the frame that is being made
    this.blockStart = 0;
    this.elapsedBefore = 0;
  }

  now() {
    return this.isVirtual ? this.clock : performance.now();
  }

  /** A trial ended inside an animation frame: the next one may use that same frame, so that a fixed pace loses one frame only. */
  inFrame(stamp) {
    this.frame = stamp;
    requestAnimationFrame(() => (this.frame = null));
  }

  /** The first frame of a trial: of a block, if it is the first. Returns the moment at which a timed block ends, or null. */
  blockBegan(block, stamp) {
    if (this.block !== block.id) {
      this.block = block.id;
      this.blockStart = stamp;
      this.isCounted = !block.is_practice;
    }
    return block.rule.kind === "timed" ? this.blockStart + block.rule.duration_ms : null;
  }

  /** The block is over; a page follows. */
  blockEnded() {
    if (this.block !== null && this.isCounted) this.elapsedBefore += this.now() - this.blockStart;
    this.block = null;
  }

  /** Time in blocks that count, until now [ms]. */
  elapsed() {
    return this.elapsedBefore + (this.block !== null && this.isCounted ? this.now() - this.blockStart : 0);
  }
}

/**
 * Give a form. Resolves with `{rows, isComplete, jsPsych}` when it was given to the end or stopped.
 *
 * `onFirst` is called before the first trial, `onRow` after every one; `control.stop()` ends it after the trial that is on.
 */
export async function runTask(form, { host, input, mode, watch, frame_ms, isDialogOpen, onFirst, onRow, control, extensions = [] }) {
  const library = globalThis.jsPsychModule;
  const rows = [];
  let isStopped = false;
  let hasBegun = false;
  const jsPsych = globalThis.initJsPsych({
    display_element: host,
    extensions,
    on_trial_finish: (data) => {
      if (!data.row) return;
      const row = { ...data.row, ...(data.compared ?? {}) };
      rows.push(row);
      onRow?.(row, rows.length - 1);
    },
  });
  const context = new Context(form, watch, { frame_ms, isDialogOpen, isVirtual: mode === "data-only" });
  const plugins = {
    page: pagePlugin(context, library),
    press: pressPlugin(context, library),
    series: seriesPlugin(context, library),
    end: endPlugin(context),
  };
  control.context = context;
  control.stop = () => {
    isStopped = true;
    jsPsych.abortExperiment();
    jsPsych.finishTrial({ dropped: true });
  };
  const begin = async () => {
    if (hasBegun) return;
    hasBegun = true;
    context.startedAt = context.isVirtual ? 0 : performance.now();
    await onFirst?.();
  };
  const timeline = timelineOf(form, { input, jsPsych, context, plugins, begin, extensions });
  if (mode === "live") await jsPsych.run(timeline);
  else {
    jsPsych.randomization.setSeed(form.seed);
    await jsPsych.simulate(timeline, mode);
  }
  return { rows, isComplete: !isStopped, jsPsych, elapsed_ms: round(context.elapsed()) };
}

function timelineOf(form, tools) {
  const { input, plugins } = tools;
  const intro = pagesOf(plugins, form.title, form.pages[input], { isFirst: true });
  const counted = form.blocks.filter(({ is_practice }) => !is_practice);
  return [
    ...intro,
    ...form.blocks.map((block) => {
      const number = counted.indexOf(block) + 1;
      const step = number && counted.length > 1 ? `Part ${number} of ${counted.length}` : "";
      return blockOf(form, block, step, tools);
    }),
  ];
}

/** Pages one after another, with a way back. */
function pagesOf(plugins, title, texts, { isFirst = false, last = "Go on" } = {}) {
  if (texts.length === 0) return [];
  let at = 0;
  const page = {
    type: plugins.page,
    title,
    text: () => texts[at],
    step: () => (texts.length > 1 ? `${at + 1} of ${texts.length}` : ""),
    buttons: () => [
      ...(at > 0 ? [{ id: "back", label: "Back" }] : []),
      { id: "on", label: at + 1 < texts.length ? "Next" : last, isMain: true },
    ],
    offer_fullscreen: () => isFirst && at === 0,
    on_finish: ({ chosen }) => (at += chosen === "back" ? -1 : 1),
  };
  return [{ timeline: [page], loop_function: () => at < texts.length, on_timeline_start: () => (at = Math.min(at, texts.length - 1)) }];
}

/** A block: its pages, its trials by its rule, and, for practice, the offer to repeat it. */
function blockOf(form, block, step, { input, jsPsych, context, plugins, begin, extensions }) {
  const title = block.is_practice ? "Practice" : step || form.title;
  const texts = block.pages[input];
  const ready = {
    type: plugins.page,
    title,
    text: block.is_practice ? "First some practice. Here, and only here, you are told what was right." : "Ready?",
    buttons: [{ id: "on", label: "Start", isMain: true }],
  };
  const before = texts.length ? pagesOf(plugins, title, texts, { last: "Start" }) : [ready];
  const trials = { timeline: trialsOf(block, { jsPsych, context, plugins, begin, extensions }) };
  const end = { type: plugins.end };
  if (!block.is_practice) return { timeline: [...before, trials, end] };
  const again = {
    type: plugins.page,
    title: "End of practice",
    text: "From here on you are not told what was right.",
    buttons: [
      { id: "again", label: "Practise again" },
      { id: "on", label: "Go on", isMain: true },
    ],
  };
  return {
    timeline: [...before, { timeline: [trials, end, again], loop_function: (data) => data.last(1).values()[0].chosen === "again" }],
  };
}

function trialsOf(block, { jsPsych, context, plugins, begin, extensions }) {
  const stairs = block.rule.kind === "staircase" ? new Staircase(block.rule) : null;
  const total = block.trials.length;
  return block.trials.map((trial, i) => ({
    type: plugins[trial.mode],
    block,
    trial,
    progress: block.rule.kind === "timed" || block.is_practice || total === 1 ? "" : `${i + 1} / ${total}`,
    ...(stairs ? { length: () => stairs.length } : {}),
    ...(trial.mode === "press" && extensions.length ? { extensions } : {}),
    on_start: i === 0 ? begin : undefined,
    on_finish: ({ row, dropped }) => {
      if (dropped) jsPsych.abortCurrentTimeline();
      else if (stairs) stairs.record(isSame(rightList(trial.answer, trial.entry.order, row.length), row.response));
    },
  }));
}

/** Nothing to see: the block's time stops. */
function endPlugin(context) {
  return class End {
    static info = { name: "nof1-end", version: "1.0.0", parameters: {}, data: {} };

    async trial() {
      context.blockEnded();
      return {};
    }

    async simulate(trial, mode, options, onLoad) {
      onLoad();
      return this.trial();
    }
  };
}
