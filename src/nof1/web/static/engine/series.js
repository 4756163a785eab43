// A list is shown item by item, then given back. Self-paced from the moment at which the entry opens.

import { prepareEntry } from "./entry.js";
import { nextFrame, onsetOf, round } from "./frames.js";
import { Stage } from "./stage.js";
import { isSame, rightList } from "./staircase.js";

const FEEDBACK_MS = 1400;

/** Make the plugin for a run; `context`: see run-task.js. */
export function seriesPlugin(context, { ParameterType }) {
  return class Series {
    static info = {
      name: "nof1-series",
      version: "1.0.0",
      parameters: {
        trial: { type: ParameterType.OBJECT, default: undefined }, // a trial of the form
        block: { type: ParameterType.OBJECT, default: undefined }, // its block
        length: { type: ParameterType.INT, default: null }, // how many of the items; null: all
        progress: { type: ParameterType.STRING, default: "" },
      },
      data: { row: { type: ParameterType.OBJECT }, dropped: { type: ParameterType.BOOL } },
    };

    constructor(jsPsych) {
      this.jsPsych = jsPsych;
    }

    trial(host, { trial, block, length, progress }, onLoad) {
      this.#run(host, trial, block, length, progress).then((data) => this.jsPsych.finishTrial(data));
      onLoad();
    }

    async #run(host, trial, block, length, progress) {
      const stage = new Stage(host, context.form, block, { mode: "series", trial: trial.index, progress });
      const entry = prepareEntry(stage, trial.entry); // its room is kept from the start: the board must not move
      const awayBefore = context.watch.seen;
      const half = (context.frame_ms ?? 16.7) / 2;
      const until = async (moment) => {
        let stamp = await nextFrame();
        while (stamp + half < moment) stamp = await nextFrame();
        return stamp;
      };
      const begun = await nextFrame();
      context.blockBegan(block, begun);
      let next = begun + trial.before_ms;
      for (const item of trial.items.slice(0, length ?? undefined)) {
        await until(next);
        stage.show(item);
        next += trial.item_ms;
        await until(next);
        stage.clear();
        next += trial.gap_ms;
      }
      await until(next);
      const opened = new Promise((resolve) => {
        entry.open(context.isDialogOpen, (response, press) => resolve({ response, press }));
      });
      const written = performance.now();
      const onset = await onsetOf(written);
      this.onOpen?.(stage);
      const { response, press } = await opened;
      const row = this.#row(trial, block, length, response, {
        rt_ms: round(press.at - onset),
        onset_ms: round(onset - context.startedAt),
        onset_lag_ms: round(onset - written),
        dom_write_ms: round(written - context.startedAt),
        event_ms: round(press.at - context.startedAt),
        device: press.device,
        trusted: press.trusted,
        hidden: document.hidden || context.watch.seen > awayBefore,
      });
      if (block.is_practice) {
        const right = rightList(trial.answer, trial.entry.order, length ?? undefined);
        const isRight = isSame(right, response);
        const isSayable = ["digits"].includes(trial.entry.kind);
        stage.say(isRight ? "✓ Right" : isSayable ? `✗ It was ${right.join(" ")}` : "✗ Not quite", isRight);
        await new Promise((resolve) => setTimeout(resolve, FEEDBACK_MS));
      }
      return { row, dropped: false };
    }

    #row(trial, block, length, response, clocks) {
      return {
        trial: trial.index,
        block: block.id,
        practice: block.is_practice,
        kind: trial.kind,
        response,
        ...clocks,
        early: 0,
        elapsed_ms: round(context.elapsed()),
        ...(length === null ? {} : { length }),
      };
    }

    simulate({ trial, block, length, progress }, mode, options, onLoad) {
      const made = simulatedList(trial, length, this.jsPsych.randomization);
      if (mode === "visual") {
        this.onOpen = (stage) => act(stage, trial.entry, made.response);
        this.trial(this.jsPsych.getDisplayElement(), { trial, block, length, progress }, onLoad);
        return;
      }
      onLoad();
      context.blockBegan(block, context.clock);
      const n = trial.items.slice(0, length ?? undefined).length;
      const onset = context.clock + trial.before_ms + n * (trial.item_ms + trial.gap_ms);
      context.clock = onset + made.rt_ms;
      const row = this.#row(trial, block, length, made.response, {
        rt_ms: made.rt_ms, onset_ms: round(onset), onset_lag_ms: null, dom_write_ms: null, event_ms: null,
        device: "keyboard", trusted: false, hidden: false,
      });
      this.jsPsych.finishTrial({ row, dropped: false });
    }
  };
}

/** A list as a person might give it back: short ones right, of long ones and of words a part. */
function simulatedList(trial, length, random) {
  const { kind, order, glyphs } = trial.entry;
  let response;
  if (kind === "words") {
    response = trial.answer.filter(() => Math.random() < 0.7);
  } else if (kind === "placement") {
    const places = [...new Set(trial.answer)];
    response = glyphs.map((_, i) => (Math.random() < 0.7 ? trial.answer[i] : random.sampleWithReplacement(places, 1)[0]));
  } else {
    response = rightList(trial.answer, order, length ?? undefined);
    const isKept = Math.random() < 1 / (1 + Math.exp(response.length - 6));
    if (!isKept && response.length > 1) [response[0], response[1]] = [response[1], response[0]];
  }
  return { response, rt_ms: round(900 + 700 * response.length + 300 * Math.random()) };
}

/** Visual simulation: do on the page what the made-up person would. */
async function act(stage, { kind }, response) {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 30));
  const press = (target) => target.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, pointerType: "mouse" }));
  if (kind === "words") {
    const input = stage.entry.querySelector("input");
    for (const word of response) {
      input.value = word;
      stage.entry.querySelector(".add").click();
      await pause();
    }
    stage.entry.querySelector(".done").click();
    return;
  }
  for (const item of response) {
    await pause();
    if (item === null) press(stage.pads.querySelector(".skip"));
    else press(stage.cell(item) ?? stage.pads.querySelector(`[data-choice="${CSS.escape(item)}"]`));
  }
  await pause();
  if (kind !== "placement") press(stage.pads.querySelector(".done"));
}
