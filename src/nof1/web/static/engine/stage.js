// What a person sees during a trial: the field with display and stimulus above, the pads below.

import { displayHtml, escape, glyphSvg, stimulusHtml } from "./stimuli.js";

const KEY_NAMES = { " ": "space", enter: "enter", arrowleft: "←", arrowright: "→", arrowup: "↑", arrowdown: "↓" };
const keyName = (key) => KEY_NAMES[key] ?? key;

/** The name of the first key of a choice, where it is not the label itself. */
function keyHint({ keys, label }) {
  const name = keys.length ? keyName(keys[0]) : "";
  return name && name.toLowerCase() !== label.toLowerCase() ? `<kbd>${escape(name)}</kbd>` : "";
}

export class Stage {
  /** Build the stage of one trial in `host`. `block` is its block of the form, `mode` press or series, `trial` its number. */
  constructor(host, form, block, { mode, trial, progress = "" }) {
    this.form = form;
    this.block = block;
    const padOf = (choice) =>
      `<button type="button" tabindex="-1" class="pad" data-choice="${escape(choice.id)}">${escape(choice.label)}${keyHint(choice)}</button>`;
    const hasPads = mode === "press" && ["one", "row", "keypad"].includes(block.layout);
    host.innerHTML = `
      <div class="stage" data-layout="${escape(block.layout)}" data-mode="${mode}" data-trial="${trial}">
        <div class="scene">
          ${displayHtml(form, block.display ?? form.display)}
          <div class="middle"><div class="cue"></div><div class="stimulus"></div></div>
          <p class="said"></p>
        </div>
        <div class="entry"></div>
        <div class="pads">${hasPads ? block.choices.map(padOf).join("") : ""}</div>
        <p class="where">${escape(progress)}</p>
      </div>`;
    this.root = host.querySelector(".stage");
    [this.cue, this.stimulus, this.said, this.entry, this.pads] = ["cue", "stimulus", "said", "entry", "pads"].map((name) =>
      this.root.querySelector(`.${name}`),
    );
    if (block.layout === "cells" || block.layout === "place") this.#nameCells();
  }

  #nameCells() {
    for (const { id, keys } of this.block.choices) {
      const cell = this.cell(id);
      if (cell) {
        cell.dataset.choice = id;
        if (keys.length && this.block.choices.length <= 4) cell.innerHTML = `<kbd>${escape(keyName(keys[0]))}</kbd>`;
      }
    }
  }

  cell(id) {
    return this.root.querySelector(`[data-cell="${CSS.escape(id)}"]`);
  }

  /** Show a stimulus, or mark the cell it names. */
  show(stimulus) {
    this.stimulus.innerHTML = stimulusHtml(this.form, stimulus);
    this.counter = this.stimulus.querySelector("[data-counter]");
    const cell = stimulus.cell && this.cell(stimulus.cell);
    if (cell) {
      if (stimulus.kind === "glyph") cell.insertAdjacentHTML("beforeend", glyphSvg(this.form, stimulus.glyph));
      cell.classList.add("on");
    }
  }

  showCue(cue) {
    this.cue.innerHTML = stimulusHtml(this.form, cue);
  }

  /** Take stimulus and cue away. */
  clear() {
    this.stimulus.innerHTML = "";
    this.cue.innerHTML = "";
    this.counter = null;
    for (const cell of this.root.querySelectorAll(".cell.on")) {
      cell.classList.remove("on");
      cell.querySelector("svg")?.remove();
    }
  }

  /** Say something under the stimulus: `good` is true, false or null. */
  say(text, good = null) {
    this.said.textContent = text;
    this.said.dataset.good = good === null ? "" : String(good);
  }

  /** The choice that a pointer event or key event means, or null. */
  choiceOf(event) {
    if (event.type === "keydown") {
      const key = event.key.toLowerCase();
      return this.block.choices.find(({ keys }) => keys.includes(key))?.id ?? null;
    }
    if (this.block.layout === "one") return this.block.choices[0].id;
    return event.target.closest?.("[data-choice]")?.dataset.choice ?? null;
  }
}
