// Ways to give back a list: digits on a keypad, cells of the board, typed words, places for glyphs.
//
// Each is laid out in a stage, unseen, before the list is shown; `open` shows it and calls `done(response, press)` once. Keys and pointer do the same everywhere; nothing is timed
// but the whole entry, and everything can be undone until it is done (places: the next glyph comes at once).

import { deviceOf, listen, timeOf } from "./press.js";
import { escape, glyphSvg } from "./stimuli.js";

const button = (name, label, key = "") =>
  `<button type="button" tabindex="-1" class="pad ${name}" data-act="${name}">${escape(label)}${key ? `<kbd>${key}</kbd>` : ""}</button>`;

const actOf = (event, keys) =>
  event.type === "keydown" ? keys[event.key.toLowerCase()] : event.target.closest?.("[data-act]")?.dataset.act;

/** Show for a moment that a choice was taken. */
function flash(stage, choice) {
  const target = stage.cell(choice) ?? stage.pads.querySelector(`[data-choice="${CSS.escape(choice)}"]`);
  target?.classList.add("pressed");
  setTimeout(() => target?.classList.remove("pressed"), 180);
}

const pressOf = (event) => ({ at: timeOf(event), device: deviceOf(event), trusted: event.isTrusted });

/** A list of choices, one after another, with undo and done: digits or cells. */
function listEntry(stage, { order, limit }) {
  const isCells = stage.block.layout === "cells";
  const given = [];
  let isTrusted = true;
  const pad = ({ id, label }) => `<button type="button" tabindex="-1" class="pad" data-choice="${escape(id)}">${escape(label)}</button>`;
  stage.entry.innerHTML = `<output class="given${isCells ? "" : " digits"}"></output>`;
  const keypad = isCells ? "" : `<div class="keypad">${stage.block.choices.map(pad).join("")}</div>`;
  stage.pads.innerHTML = `${keypad}<div class="acts">${button("undo", "Undo", "⌫")}${button("done", "Done", "enter")}</div>`;
  const draw = () => {
    stage.entry.firstElementChild.textContent = isCells ? "●".repeat(given.length) : given.join(" ");
    stage.pads.querySelector(".undo").disabled = given.length === 0;
  };
  draw();
  const open = (isDialogOpen, done) => {
    stage.say(order === "backward" ? "Backwards: the last one first" : "In the same order");
    const stop = listen(stage.root, (event) => {
      if (isDialogOpen()) return;
      const act = actOf(event, { backspace: "undo", enter: "done" });
      const choice = act ? null : stage.choiceOf(event);
      if (!act && choice === null) return;
      event.preventDefault();
      isTrusted &&= event.isTrusted;
      if (act === "done") {
        stop();
        done([...given], { ...pressOf(event), trusted: isTrusted });
        return;
      }
      if (act === "undo") given.pop();
      else if (given.length < limit) {
        given.push(choice);
        flash(stage, choice);
      }
      draw();
    });
  };
  return { open };
}

/** Words, typed one after another. */
function wordEntry(stage, { limit }) {
  const open = (isDialogOpen, done) => openWords(stage, limit, isDialogOpen, done);
  return { open };
}

function openWords(stage, limit, isDialogOpen, done) {
  const given = [];
  let device = null;
  let isTrusted = true;
  stage.root.classList.add("typing");
  stage.entry.innerHTML = `
    <form class="words" autocomplete="off">
      <label for="word">Type a word, then press Enter</label>
      <div class="line">
        <input id="word" type="text" maxlength="60" autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck="false" enterkeyhint="next">
        <button type="submit" class="pad add">Add</button>
      </div>
      <ol class="typed" aria-live="polite"></ol>
      <button type="button" class="pad done">Done: I remember no more</button>
    </form>`;
  const form = stage.entry.querySelector("form");
  const input = form.querySelector("input");
  const list = form.querySelector("ol");
  input.focus({ preventScroll: true });
  form.addEventListener("input", (event) => (isTrusted &&= event.isTrusted));
  form.addEventListener("keydown", () => (device ??= "keyboard"));
  form.addEventListener("pointerdown", (event) => (device ??= event.pointerType || "mouse"));
  const add = () => {
    const word = input.value.trim();
    if (word && given.length < limit) {
      given.push(word);
      list.insertAdjacentHTML("beforeend", `<li>${escape(word)}</li>`);
      list.lastElementChild.scrollIntoView({ block: "nearest" });
    }
    input.value = "";
    input.focus({ preventScroll: true });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isDialogOpen()) add();
  });
  form.querySelector(".done").addEventListener("click", (event) => {
    if (isDialogOpen()) return;
    add(); // a word that stands in the field counts
    input.blur();
    done([...given], { at: timeOf(event), device: device ?? "mouse", trusted: isTrusted && event.isTrusted });
  });
}

/** A cell for each glyph, one glyph after another. */
function placeEntry(stage, { glyphs }) {
  const given = [];
  let isTrusted = true;
  stage.pads.innerHTML = `<div class="acts">${button("skip", "I do not know", "space")}</div>`;
  const draw = () => (stage.entry.innerHTML = glyphSvg(stage.form, glyphs[given.length]));
  draw();
  const open = (isDialogOpen, done) => {
    const ask = () => stage.say(`Where was this one? (${given.length + 1} of ${glyphs.length})`);
    ask();
    const stop = listen(stage.root, (event) => {
      if (isDialogOpen()) return;
      const isSkip = actOf(event, { " ": "skip" }) === "skip";
      const cell = isSkip ? null : stage.choiceOf(event);
      if (!isSkip && cell === null) return;
      event.preventDefault();
      isTrusted &&= event.isTrusted;
      given.push(cell);
      if (cell !== null) flash(stage, cell);
      if (given.length === glyphs.length) {
        stop();
        done([...given], { ...pressOf(event), trusted: isTrusted });
        return;
      }
      draw();
      ask();
    });
  };
  return { open };
}

const KINDS = { digits: listEntry, cells: listEntry, words: wordEntry, placement: placeEntry };

/** Lay out the entry that the form asks for, unseen; `open(isDialogOpen, done)` shows it. */
export function prepareEntry(stage, entry) {
  const prepared = KINDS[entry.kind](stage, entry);
  stage.root.classList.add("waiting");
  return {
    open(isDialogOpen, done) {
      stage.root.classList.replace("waiting", "entering");
      prepared.open(isDialogOpen, done);
    },
  };
}
