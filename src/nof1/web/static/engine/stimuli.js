// How stimuli and displays of a form look: pure functions from the form's JSON to HTML text.

export const escape = (text) =>
  String(text).replace(/[&<>"']/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[sign]);

const svg = (inside, className, box = "0 0 100 100") =>
  `<svg class="${className}" viewBox="${box}" aria-hidden="true" focusable="false">${inside}</svg>`;

export const glyphSvg = (form, id) => svg(`<path d="${escape(form.glyphs[id])}"/>`, "glyph");

const SHAPES = {
  circle: '<circle cx="50" cy="50" r="44"/>',
  square: '<rect x="8" y="8" width="84" height="84" rx="4"/>',
  diamond: '<path d="M50 4 L96 50 L50 96 L4 50 Z"/>',
  triangle: '<path d="M50 8 L94 90 L6 90 Z"/>',
};

const ARROWS = { left: "M10 50 H90 M38 24 L10 50 L38 76", right: "M10 50 H90 M62 24 L90 50 L62 76" };

/** Arrows in one row, all of one size; the middle one is the target by its place alone. */
const arrows = (directions) =>
  svg(
    directions.map((direction, i) => `<path d="${ARROWS[direction]}" transform="translate(${i * 100} 0)"/>`).join(""),
    "arrows",
    `0 0 ${directions.length * 100} 100`,
  );

/** The HTML of a stimulus (or cue) in the middle of the field; "" where it marks a cell of the board instead. */
export function stimulusHtml(form, stimulus) {
  switch (stimulus.kind) {
    case "counter":
      return '<span class="counter" data-counter>0</span>';
    case "dot":
      return '<span class="dot"></span>';
    case "cell":
      return "";
    case "glyph":
      return stimulus.cell ? "" : glyphSvg(form, stimulus.glyph);
    case "letter":
    case "digit":
      return `<span class="sign">${escape(stimulus.text)}</span>`;
    case "word":
    case "text":
      return `<span class="word">${escape(stimulus.text)}</span>`;
    case "ink": {
      const ink = form.inks.find(({ id }) => id === stimulus.ink);
      return `<span class="word ink" style="--on-dark:${escape(ink.on_dark)};--on-light:${escape(ink.on_light)}">${escape(stimulus.text)}</span>`;
    }
    case "arrows":
      return arrows(stimulus.arrows);
    case "shape":
      return svg(SHAPES[stimulus.text], "shape");
    default:
      throw new Error(`no such stimulus: ${stimulus.kind}`);
  }
}

/** The HTML of what is always there during a block: the key of glyphs, the board of cells, or a text. */
export function displayHtml(form, display) {
  if (!display) return "";
  if (display.kind === "key") {
    const pairs = display.pairs.map(([glyph, digit]) => `<li>${glyphSvg(form, glyph)}<b>${escape(digit)}</b></li>`);
    return `<ol class="key" style="--n:${pairs.length}">${pairs.join("")}</ol>`;
  }
  if (display.kind === "cells") {
    const cells = display.cells.map(
      ({ id, x, y, width }) =>
        `<div class="cell" data-cell="${escape(id)}" style="left:${x / 10}%;top:${y / 10}%;width:${width / 10}%"></div>`,
    );
    return `<div class="board">${cells.join("")}</div>`;
  }
  return `<p class="always">${escape(display.text)}</p>`;
}
