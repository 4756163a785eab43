// The response plugin: one stimulus, one press by key or by pointer, timed from the frame that shows the stimulus.
//
//   blank (before_ms) → cue (cue_ms) → stimulus for on_ms → until the first press, the deadline, or length_ms
//
// onset     = timestamp of the animation frame after the one in which the stimulus was written; never before the writing
// rt_ms     = event.timeStamp − onset (no later than its handling): neither the wait for the frame nor the queue of the browser is in it
// rt_naive  = time in the handler − time of writing: what a clock without frames would say; kept for comparison

import { nextFrame, onsetOf, round } from "./frames.js";
import { Stage } from "./stage.js";

const MIN_RT_MS = 150;
const FEEDBACK_MS = 700;
const FEEDBACK_SLOW_MS = 500;

/** Listen to everything that can be a press. Returns the function that stops it. */
export function listen(host, onEvent) {
  const onKey = (event) => {
    if (!host.isConnected) return; // the run was stopped
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    onEvent(event);
  };
  const onPointer = (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    onEvent(event);
  };
  document.addEventListener("keydown", onKey, true);
  host.addEventListener("pointerdown", onPointer, true);
  return () => {
    document.removeEventListener("keydown", onKey, true);
    host.removeEventListener("pointerdown", onPointer, true);
  };
}

/** When a press was made [ms since the page began]; a stamp of another clock cannot lie after the handling of the press. */
export const timeOf = (event, handled = performance.now()) => Math.min(event.timeStamp, handled);

/** What a press came from: keyboard, touch, mouse or pen. */
export const deviceOf = (event) => (event.type === "keydown" ? "keyboard" : event.pointerType || "mouse");

/** Make the plugin for a run; `context` has form, watch, startedAt, clock (of data-only simulation) and isDialogOpen(). */
export function pressPlugin(context, { ParameterType }) {
  return class Press {
    static info = {
      name: "nof1-press",
      version: "1.0.0",
      parameters: {
        trial: { type: ParameterType.OBJECT, default: undefined }, // a trial of the form
        block: { type: ParameterType.OBJECT, default: undefined }, // its block
        progress: { type: ParameterType.STRING, default: "" },
      },
      data: { row: { type: ParameterType.OBJECT }, dropped: { type: ParameterType.BOOL } },
    };

    constructor(jsPsych) {
      this.jsPsych = jsPsych;
    }

    trial(host, { trial, block, progress }, onLoad) {
      this.#run(host, trial, block, progress).then((data) => this.jsPsych.finishTrial(data));
      onLoad();
    }

    async #run(host, trial, block, progress) {
      const stage = new Stage(host, context.form, block, { mode: "press", trial: trial.index, progress });
      const awayBefore = context.watch.seen;
      const found = { early: 0, press: null };
      let onset = null;
      let written = null;
      let wake = () => {};
      const stopListening = listen(host, (event) => {
        if (context.isDialogOpen() || event.target.closest?.("[data-stop]")) return;
        const choice = stage.choiceOf(event);
        if (choice === null) return;
        event.preventDefault();
        const handled = performance.now();
        if (written === null) found.early += 1;
        else if (found.press === null && !found.isClosed) {
          found.press = { choice, at: timeOf(event, handled), handled, device: deviceOf(event), trusted: event.isTrusted };
          stage.root.querySelector(`[data-choice="${CSS.escape(choice)}"].pad`)?.classList.add("pressed");
          wake();
        }
      });
      const half = (context.frame_ms ?? 16.7) / 2;
      /** Wait for the frame nearest to a moment, or for the time of the block to be over. */
      let stopAt = null;
      const until = async (moment) => {
        let stamp = context.frame ?? (await nextFrame());
        while (stamp + half < moment) {
          if (stopAt !== null && written === null && stamp >= stopAt) return null;
          stamp = await nextFrame();
        }
        return stamp;
      };

      const begun = context.frame ?? (await nextFrame());
      stopAt = context.blockBegan(block, begun);
      const drop = () => {
        stopListening();
        return { dropped: true };
      };
      let shown = await until(begun + trial.before_ms);
      if (shown === null) return drop();
      if (trial.cue) {
        stage.showCue(trial.cue);
        shown = await until(shown + trial.cue_ms);
        if (shown === null) return drop();
      }
      written = performance.now();
      stage.show(trial.stimulus);
      onset = await onsetOf(written);
      this.onOnset?.(); // visual simulation

      const offAt = trial.on_ms === undefined ? Infinity : onset + trial.on_ms;
      const endAt = trial.length_ms !== undefined ? onset + trial.length_ms : onset + (trial.deadline_ms ?? Infinity);
      const lastPress = onset + Math.min(trial.length_ms ?? Infinity, trial.deadline_ms ?? Infinity);
      let isOver = false;
      await new Promise((resolve) => {
        wake = () => {
          if (trial.length_ms === undefined) {
            isOver = true;
            resolve();
          } else if (block.is_practice) this.#feedback(stage, trial, found.press.choice);
        };
        if (found.press !== null && found.press.at < onset) {
          found.early += 1; // pressed after the writing, but before anything could be seen
          found.press = null;
          stage.root.querySelector(".pad.pressed")?.classList.remove("pressed");
        } else if (found.press !== null) wake();
        const step = (stamp) => {
          if (isOver) return;
          if (stage.counter) stage.counter.textContent = String(Math.max(0, Math.floor(stamp - onset)));
          if (stamp + half >= offAt) stage.stimulus.innerHTML = "";
          const isCut = stopAt !== null && !block.rule.finish_trial && stamp >= stopAt;
          if (isCut) found.isCut = true;
          if (isCut || stamp + half >= endAt) {
            isOver = true;
            context.inFrame(stamp);
            resolve();
          } else requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      });
      found.isClosed = true;
      if (found.isCut && found.press === null) return drop();
      const press = found.press !== null && found.press.at <= lastPress ? found.press : null;
      const row = {
        trial: trial.index,
        block: block.id,
        practice: block.is_practice,
        kind: trial.kind,
        response: press?.choice ?? null,
        rt_ms: press && round(press.at - onset),
        rt_naive_ms: press && round(press.handled - written),
        onset_ms: round(onset - context.startedAt),
        onset_lag_ms: round(onset - written),
        dom_write_ms: round(written - context.startedAt),
        event_ms: press && round(press.at - context.startedAt),
        handler_ms: press && round(press.handled - context.startedAt),
        early: found.early,
        device: press?.device ?? null,
        trusted: press?.trusted ?? true,
        hidden: document.hidden || context.watch.seen > awayBefore,
        elapsed_ms: round(context.elapsed()),
      };
      if (block.is_practice) {
        stage.clear();
        if (this.#feedback(stage, trial, row.response)) {
          await new Promise((resolve) => setTimeout(resolve, trial.length_ms === undefined ? FEEDBACK_MS : FEEDBACK_SLOW_MS));
        }
      }
      stopListening();
      return { row, dropped: false };
    }

    /** In practice alone: right or wrong. Returns whether there was something to say. */
    #feedback(stage, trial, response) {
      const isRight = response === (trial.expected ?? null);
      if (isRight && response === null) return false;
      if (isRight) stage.say("✓ Right", true);
      else if (response === null) stage.say("✗ Too late", false);
      else stage.say(trial.expected === undefined ? "✗ Do not press here" : "✗ Wrong", false);
      return true;
    }

    /** Data-only: no page, a made-up person on a made-up clock. Visual: the page, and events that are not trusted. */
    simulate({ trial, block, progress }, mode, options, onLoad) {
      const made = simulatedPress(trial, block, this.jsPsych.randomization);
      if (mode === "visual") {
        this.onOnset = () => {
          if (made.response === null) return;
          const { keys } = block.choices.find(({ id }) => id === made.response);
          setTimeout(() => document.dispatchEvent(new KeyboardEvent("keydown", { key: keys[0], bubbles: true })), made.rt_ms);
        };
        this.trial(this.jsPsych.getDisplayElement(), { trial, block, progress }, onLoad);
        return;
      }
      onLoad();
      const onset = context.clock + trial.before_ms + (trial.cue_ms ?? 0);
      const end = onset + (trial.length_ms ?? made.rt_ms ?? trial.deadline_ms);
      const stopAt = context.blockBegan(block, context.clock);
      const isLate = stopAt !== null && (block.rule.finish_trial ? onset >= stopAt : end >= stopAt);
      context.clock = isLate ? stopAt : end;
      if (isLate) {
        this.jsPsych.finishTrial({ dropped: true });
        return;
      }
      const row = {
        trial: trial.index, block: block.id, practice: block.is_practice, kind: trial.kind,
        response: made.response, rt_ms: made.rt_ms, rt_naive_ms: null, onset_ms: round(onset), onset_lag_ms: null,
        dom_write_ms: null, event_ms: null, handler_ms: null, early: 0, device: made.response === null ? null : "keyboard",
        trusted: false, hidden: false, elapsed_ms: round(context.elapsed()),
      };
      this.jsPsych.finishTrial({ row, dropped: false });
    }
  };
}

/** A press as a person might make it: mostly right, a skewed reaction time, never after the deadline. */
function simulatedPress(trial, block, random) {
  const wrong = block.choices.map(({ id }) => id).filter((id) => id !== trial.expected);
  if (trial.deadline_ms !== undefined || trial.length_ms !== undefined) wrong.push(null);
  const isRight = Math.random() < 0.92 || wrong.length === 0;
  const response = isRight ? (trial.expected ?? null) : random.sampleWithoutReplacement(wrong, 1)[0];
  const limit = Math.min(trial.deadline_ms ?? 5000, trial.length_ms ?? 5000) - 50;
  const mean = block.choices.length > 4 ? 900 : block.choices.length > 1 ? 380 : 230;
  const rt = Math.min(limit, Math.max(MIN_RT_MS, random.sampleExGaussian(mean, 40, 1 / 70, true)));
  return { response, rt_ms: response === null ? null : round(rt) };
}
