// Draws a scene on a canvas context. Knows nothing of events or of what is shared.
//
// A scene: {queries, keys (sides.js), place (layout.js), part (../token_map/zoom.js), size {x, y}, raster, ink, words, ratio,
// hover {row, column}, chosen {rows, columns}}; raster is {canvas, closed, box} of raster.js, or null while nothing is there.
import { across, down, GAP, LINE } from "./layout.js";
import { labels } from "./sides.js";

const HATCH = 5;
const ROOM_ACROSS = 26; // CSS pixels: "r12"
const ROOM_ACROSS_LONG = 58; // "r12 c12"
const GAPS_FROM = 9; // CSS pixels: smaller cells touch
const LEAST_ROW = 16; // CSS pixels: rows of patches that are lower are not parted by lines
const LEAST_OUTLINE = 7;
const LEAST_FRAME = 4; // CSS pixels
const NOTCH = 8;
const BEYOND = 3;

export function paint(context, scene) {
  const { place, ink, part, queries, keys } = scene;
  const end = { x: part.x + keys.count / part.zoom, y: part.y + queries.count / part.zoom };
  const view = { ...scene, end };
  context.fillStyle = ink.background;
  context.fillRect(0, 0, place.width, place.height);
  within(context, place, 0, () => {
    if (scene.raster) paintCells(context, view);
    paintLines(context, view);
  });
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  context.strokeRect(place.left - 0.5, place.top - 0.5, place.wide + 1, place.high + 1);
  within(context, place, BEYOND, () => {
    paintChosen(context, view);
    paintCross(context, view);
  });
  paintLabels(context, view);
}

function within(context, { left, top, wide, high }, beyond, draw) {
  context.save();
  context.beginPath();
  context.rect(left - beyond, top - beyond, wide + 2 * beyond, high + 2 * beyond);
  context.clip();
  draw();
  context.restore();
}

/** Where the cells of the raster lie. */
function boxOf(view) {
  const { row, col, rows, cols, down: high, across: wide } = view.raster.box;
  return [across(view, col * wide), down(view, row * high), cols * wide * view.size.x, rows * high * view.size.y];
}

function paintCells(context, view) {
  const { raster } = view;
  context.imageSmoothingEnabled = raster.isEnlarged;
  context.imageSmoothingQuality = "high";
  context.drawImage(raster.canvas, ...boxOf(view));
  context.imageSmoothingEnabled = false;
  if (raster.closed) hatch(context, view);
}

/** Hatches what cannot be read: quiet lines of one pitch at every zoom. */
function hatch(context, view) {
  const { place, ink, ratio, raster } = view;
  const layer = new OffscreenCanvas(Math.ceil(place.width * ratio), Math.ceil(place.height * ratio));
  const over = layer.getContext("2d");
  over.setTransform(ratio, 0, 0, ratio, 0, 0);
  over.imageSmoothingEnabled = false;
  over.drawImage(raster.closed, ...boxOf(view));
  over.globalCompositeOperation = "source-in";
  over.fillStyle = ink.dark ? "#1b2130" : "#eef0f5";
  over.fillRect(0, 0, place.width, place.height);
  over.globalCompositeOperation = "source-atop";
  over.strokeStyle = ink.dark ? "#39435a" : "#cfd5e2";
  over.lineWidth = 1;
  over.beginPath();
  for (let at = -place.height; at < place.width; at += HATCH) {
    over.moveTo(at, place.height);
    over.lineTo(at + place.height, 0);
  }
  over.stroke();
  context.drawImage(layer, 0, 0, place.width, place.height);
}

/** Between cells that are large, between rows of patches, and, ruled, between tokens and patches. */
function paintLines(context, view) {
  const { queries, keys, place, part, end, size, ink, ratio } = view;
  const sharp = (at) => Math.round(at * ratio) / ratio;
  const upright = (at, thick) => context.fillRect(sharp(across(view, at)) - thick / 2, place.top, thick, place.high);
  const flat = (at, thick) => context.fillRect(place.left, sharp(down(view, at)) - thick / 2, place.wide, thick);
  context.fillStyle = ink.background;
  if (size.x >= GAPS_FROM) for (let at = Math.ceil(part.x); at <= end.x; at++) upright(at, 1);
  if (size.y >= GAPS_FROM) for (let at = Math.ceil(part.y); at <= end.y; at++) flat(at, 1);
  context.fillStyle = ink.faint;
  context.globalAlpha = 0.25;
  for (const { from, to } of keys.units) if ((to - from) * size.x >= LEAST_ROW && to - from > 1) upright(from, 1);
  for (const { from, to } of queries.units) if ((to - from) * size.y >= LEAST_ROW && to - from > 1) flat(from, 1);
  context.globalAlpha = 1;
  context.fillStyle = ink.text;
  for (const at of keys.rules) upright(at, 1.5);
  for (const at of queries.rules) flat(at, 1.5);
}

/** A frame around the rows, or the columns, of what is chosen. */
function paintChosen(context, view) {
  const { chosen, place, ink, size } = view;
  context.strokeStyle = context.fillStyle = ink.accent;
  context.lineWidth = 2;
  for (const [from, to] of runs(chosen.rows)) {
    if ((to - from) * size.y >= LEAST_FRAME) context.strokeRect(place.left - 1, down(view, from) - 1, place.wide + 2, (to - from) * size.y + 2);
    else notches(context, [place.left, down(view, (from + to) / 2)], [place.left + place.wide, down(view, (from + to) / 2)], [0, 1]);
  }
  for (const [from, to] of runs(chosen.columns)) {
    if ((to - from) * size.x >= LEAST_FRAME) context.strokeRect(across(view, from) - 1, place.top - 1, (to - from) * size.x + 2, place.high + 2);
    else notches(context, [across(view, (from + to) / 2), place.top], [across(view, (from + to) / 2), place.top + place.high], [1, 0]);
  }
}

/** Two marks at the ends of what is thinner than a frame, which would hide it: they point at it from outside. */
function notches(context, [x, y], [right, bottom], [along, over]) {
  for (const [at, to, inwards] of [[x, y, 1], [right, bottom, -1]]) {
    context.beginPath();
    context.moveTo(at + inwards * over * NOTCH, to + inwards * along * NOTCH);
    context.lineTo(at - along * NOTCH * 0.7 - inwards * over * 2, to - over * NOTCH * 0.7 - inwards * along * 2);
    context.lineTo(at + along * NOTCH * 0.7 - inwards * over * 2, to + over * NOTCH * 0.7 - inwards * along * 2);
    context.fill();
  }
}

/** Neighbouring places, half-open. */
export function runs(places) {
  const found = [];
  for (const place of [...places].sort((one, other) => one - other)) {
    if (found.length && found.at(-1)[1] === place) found.at(-1)[1] = place + 1;
    else found.push([place, place + 1]);
  }
  return found;
}

/** The row and the column under the hand, and the cell where they meet, in two rings that are seen on every colour. */
function paintCross(context, view) {
  const { hover, ink, place, size } = view;
  const { row, column } = hover;
  context.strokeStyle = ink.accent;
  context.lineWidth = 1;
  context.globalAlpha = 0.8;
  context.fillStyle = ink.accent;
  const thin = (length) => length < LEAST_FRAME;
  if (row !== null && thin(size.y)) context.fillRect(place.left - 1, down(view, row + 0.5) - 0.5, place.wide + 2, 1);
  else if (row !== null) context.strokeRect(place.left - 1, down(view, row) - 0.5, place.wide + 2, size.y);
  if (column !== null && thin(size.x)) context.fillRect(across(view, column + 0.5) - 0.5, place.top - 1, 1, place.high + 2);
  else if (column !== null) context.strokeRect(across(view, column) - 0.5, place.top - 1, size.x, place.high + 2);
  context.globalAlpha = 1;
  if (row === null || column === null) return;
  const [wide, high] = [Math.max(size.x, LEAST_OUTLINE), Math.max(size.y, LEAST_OUTLINE)];
  const [x, y] = [across(view, column + 0.5) - wide / 2, down(view, row + 0.5) - high / 2];
  for (const [width, colour] of [[4, ink.background], [2, ink.text]]) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.strokeRect(x, y, wide, high);
  }
}

function paintLabels(context, view) {
  const { queries, keys, part, end, size, place, ink, words, hover } = view;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const label of labels(queries, { size: size.y, room: LINE, long: LINE, from: part.y, to: end.y, wanted: hover.row })) {
    dress(context, ink, label.marked);
    context.fillText(label.name, place.left - GAP, down(view, label.at), place.left - GAP);
  }
  context.textAlign = "center";
  for (const label of labels(keys, { size: size.x, room: ROOM_ACROSS, long: ROOM_ACROSS_LONG, from: part.x, to: end.x, wanted: hover.column })) {
    dress(context, ink, label.marked);
    const half = context.measureText(label.name).width / 2;
    const x = Math.min(place.width - half, Math.max(place.left - GAP + half, across(view, label.at)));
    context.fillText(label.name, x, place.top - GAP - LINE / 2);
  }
  context.font = `11px ${ink.font}`;
  context.fillStyle = ink.faint;
  context.textAlign = "right";
  context.fillText(`${words.key} →`, place.left - GAP, LINE / 2);
  context.fillText(`${words.query} ↓`, place.left - GAP, LINE / 2 + LINE);
}

function dress(context, ink, marked) {
  context.font = `${marked ? "600 " : ""}12px ${ink.font}`;
  context.fillStyle = marked ? ink.accent : ink.text;
}
