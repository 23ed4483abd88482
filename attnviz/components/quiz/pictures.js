// What a question shows: a text, a picture or small maps, and the choices on it. Knows nothing of what is right
// before the server has said so.
import { make, sharpen } from "../common/dom.js";
import { pixels, tile } from "../head_atlas/paint.js";
import { picture } from "../patch_view/overlay.js";

export const LETTERS = "ABCDEFGH";
const MAP_PIXELS = 148;
const SCENE_PIXELS = 400;
const OVERLAY = { overlay: "colour", drawing: "cells", opacity: 72 };

/** How a choice looks and what it says aloud, once its result is known. */
function marked(quiz, index, result, label) {
  if (!result) return { class: "", label };
  const right = result.right.includes(index);
  const chosen = result.chosen === index;
  const said = right ? quiz.phrase("quiz.truth", { choice: label }) : chosen ? quiz.phrase("quiz.chosen", { choice: label }) : label;
  return { class: `${right ? "truth" : ""} ${chosen ? "chosen" : ""}`, label: `${said}, ${result.scores[index]}` };
}

const button = (quiz, index, result, { kind, label }, ...inside) => {
  const found = marked(quiz, index, result, label);
  return make("button", { type: "button", class: `choice ${kind} ${found.class}`, "aria-label": found.label, "aria-disabled": result ? "true" : null, "data-choice": index }, ...inside);
};

/** A text, token by token; where there are options the tokens are only shown. */
export function drawnWords(quiz, { labels, special, glued, asked, weights }, { result, open }) {
  const bytes = weights === null ? null : quiz.data.parts[weights];
  const tokens = labels.map((label, index) => {
    const own = index === asked;
    const kind = ["token", special[index] && "special", glued[index] && "glued", own && "asked", bytes && "dyed"].filter(Boolean).join(" ");
    const inside = [make("span", {}, label), make("small", { class: "number" }, open && result ? result.scores[index] : "")];
    const element = open
      ? button(quiz, index, result, { kind, label: own ? quiz.phrase("quiz.asked", { choice: label }) : label }, ...inside)
      : make("span", { class: `choice ${kind}` }, ...inside);
    if (bytes) {
      element.style.background = quiz.ink.css(bytes[index] / 255);
      element.style.color = quiz.ink.on(bytes[index] / 255);
    }
    return element;
  });
  return { element: make("div", { class: "sentence" }, ...tokens), choices: tokens };
}

/** A picture with marked patches, and a row of weights over it. */
export function drawnScene(quiz, { image, grid, marked: cells, asked, weights }, { result }) {
  const canvas = make("canvas", { role: "img", "aria-label": quiz.phrase(weights === null ? "quiz.picture" : "quiz.picture_row", { rows: grid[0], cols: grid[1] }) });
  const loaded = new Image();
  loaded.onload = () => paint(canvas, loaded, grid, weights === null ? null : quiz.data.parts[weights], quiz.ink);
  loaded.src = quiz.picture(image);
  const choices = cells.map((cell, index) => {
    const score = result ? make("small", { class: "number" }, result.scores[index]) : null;
    const letter = make("span", { class: "letter" }, LETTERS[index]);
    return placed(button(quiz, index, result, { kind: "mark", label: quiz.phrase("quiz.patch", { letter: LETTERS[index], row: Math.floor(cell / grid[1]), col: cell % grid[1] }) }, letter, score), cell, grid);
  });
  const frame = asked === null ? [] : [placed(make("span", { class: "frame" }), asked, grid)];
  return { element: make("div", { class: "scene" }, canvas, ...frame, ...choices), choices };
}

function placed(element, cell, [rows, cols]) {
  element.classList.toggle("low", cell >= (rows - 1) * cols); // its number stands above it
  Object.assign(element.style, {
    top: `${(100 * Math.floor(cell / cols)) / rows}%`, left: `${(100 * (cell % cols)) / cols}%`, height: `${100 / rows}%`, width: `${100 / cols}%`,
  });
  return element;
}

function paint(canvas, image, [rows, cols], bytes, ink) {
  const context = sharpen(canvas, SCENE_PIXELS, SCENE_PIXELS);
  Object.assign(canvas.style, { width: "100%", height: "100%" });
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, SCENE_PIXELS, SCENE_PIXELS);
  if (!bytes) return;
  context.save();
  context.globalCompositeOperation = "saturation";
  context.fillStyle = "hsl(0 0% 50%)";
  context.fillRect(0, 0, SCENE_PIXELS, SCENE_PIXELS);
  context.restore();
  context.imageSmoothingEnabled = false;
  const strengths = Float32Array.from(bytes, (byte) => byte / 255);
  context.drawImage(picture({ rows, cols, strengths }, OVERLAY, ink), 0, 0, SCENE_PIXELS, SCENE_PIXELS);
}

/** Small maps side by side. */
export function drawnMaps(quiz, { maps }, { result }) {
  const table = pixels(quiz.ink);
  const choices = maps.map(({ part, rows, cols }, index) => {
    const canvas = make("canvas", { width: cols, height: rows });
    canvas.getContext("2d").putImageData(tile({ bytes: quiz.data.parts[part], rows, cols }, cols, rows, table), 0, 0);
    Object.assign(canvas.style, { width: `${MAP_PIXELS}px`, height: `${MAP_PIXELS}px` });
    const below = make("span", { class: "under" }, make("b", {}, LETTERS[index]), result ? make("span", {}, result.names[index]) : null, result ? make("small", { class: "number" }, result.scores[index]) : null);
    return button(quiz, index, result, { kind: "map", label: quiz.phrase("quiz.map", { letter: LETTERS[index] }) }, canvas, below);
  });
  return { element: make("div", { class: "maps" }, ...choices), choices };
}

/** Numbers to choose from. */
export function drawnOptions(quiz, options, result) {
  return options.map((option, index) => button(quiz, index, result, { kind: "option number", label: option }, option));
}
