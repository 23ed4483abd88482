// Draws a scene on a canvas context. Knows nothing of events or of the store.
//
// A scene: {grid (grid.js or long.js), place (layout.js), part (zoom.js), pictures (pictures.js or tiles.js), ink, ratio,
// words, scale, and the lit places hover and pinned: {row, column}, either may be null}.
import { paintLegend } from "./legend.js";
import { paintNames } from "./names.js";
import { across, down } from "./places.js";

const GAPS_FROM = 10; // CSS pixels: smaller cells touch
const LEAST_OUTLINE = 7;
const BEYOND = 3; // how far the lines of a lit row may leave the frame

export function paint(context, scene) {
  const { grid, place, part, ink } = scene;
  const end = { x: part.x + grid.cols / part.zoom, y: part.y + grid.rows / part.zoom };
  const view = { ...scene, end, size: place.cell * part.zoom };
  context.fillStyle = ink.background;
  context.fillRect(0, 0, place.width, place.height);
  paintCells(context, view);
  paintFrame(context, view);
  paintPin(context, view);
  paintCross(context, view);
  paintNames(context, view);
  paintLegend(context, view);
}

function paintCells(context, view) {
  const { grid, pictures, size } = view;
  if (grid.isLong) pictures.paint(context, view);
  else paintPicture(context, view);
  if (size >= GAPS_FROM) paintGaps(context, view);
}

function paintPicture(context, { place, part, end, pictures, ratio, size }) {
  const { canvas, shrink } = pictures.sized(size * ratio);
  context.imageSmoothingEnabled = false;
  const source = [part.x, part.y, end.x - part.x, end.y - part.y].map((cells) => cells / shrink);
  context.drawImage(canvas, ...source, place.left, place.top, place.wide, place.high);
}

function paintGaps(context, view) {
  const { place, part, end, ink, ratio } = view;
  const sharp = (at) => Math.round(at * ratio) / ratio;
  context.fillStyle = ink.background;
  for (let line = Math.ceil(part.x); line <= end.x; line++)
    context.fillRect(sharp(across(view, line)) - 1, place.top, 1, place.high);
  for (let line = Math.ceil(part.y); line <= end.y; line++)
    context.fillRect(place.left, sharp(down(view, line)) - 1, place.wide, 1);
}

function paintFrame(context, { place, ink }) {
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  context.strokeRect(place.left - 0.5, place.top - 0.5, place.wide, place.high);
}

/** The pinned token: a row, or where the direction is "who reads it" a column. */
function paintPin(context, view) {
  const { pinned, ink, place, part, end, size } = view;
  const along = pinned.row !== null;
  const at = along ? pinned.row : pinned.column;
  const side = along ? "y" : "x";
  if (at === null || at + 0.5 < part[side] || at + 0.5 > end[side]) return;
  context.strokeStyle = ink.accent;
  context.lineWidth = 2;
  if (along) context.strokeRect(place.left - 1.5, down(view, at) - 1, place.wide + 2, size + 1);
  else context.strokeRect(across(view, at) - 1, place.top - 1.5, size + 1, place.high + 2);
}

/** The row and the column under the mouse, and the cell where they meet; a zoomed map has cells beyond its frame. */
function paintCross(context, view) {
  const { place, hover } = view;
  context.save();
  context.beginPath();
  context.rect(place.left - BEYOND, place.top - BEYOND, place.wide + 2 * BEYOND, place.high + 2 * BEYOND);
  context.clip();
  paintLines(context, view);
  if (hover.row !== null && hover.column !== null) paintCell(context, view);
  context.restore();
}

function paintLines(context, view) {
  const { hover, pinned, ink, place, size } = view;
  const { row, column } = hover;
  context.strokeStyle = ink.accent;
  context.lineWidth = 1;
  context.globalAlpha = 0.75;
  if (row !== null && row !== pinned.row)
    context.strokeRect(place.left - 1, down(view, row) - 0.5, place.wide + 2, size);
  if (column !== null && column !== pinned.column)
    context.strokeRect(across(view, column) - 0.5, place.top - 1, size, place.high + 2);
  context.globalAlpha = 1;
}

/** Two rings, dark and light, are seen on every colour of the ramp. */
function paintCell(context, view) {
  const { hover, ink, size } = view;
  const side = Math.max(size, LEAST_OUTLINE);
  const x = across(view, hover.column + 0.5) - side / 2 - 0.5;
  const y = down(view, hover.row + 0.5) - side / 2 - 0.5;
  for (const [width, colour] of [[4, ink.background], [2, ink.text]]) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.strokeRect(x, y, side, side);
  }
}
