// Draws a scene on a canvas context. Knows nothing of events or of the store.
//
// A scene: {grid (grid.js), place (layout.js), part (zoom.js), pictures, ink, ratio, words, scale, and the lit places
// hover and pinned: {row, column}, either may be null}.
import { halved } from "./grid.js";
import { GAP, LEGEND_WIDTH, LINE, named } from "./layout.js";

const GAPS_FROM = 10; // CSS pixels: smaller cells touch
const SMALL = 11;
const SIDES_ABOVE = 11; // clear of the first row's name, which is higher than a small row
const LEAST_OUTLINE = 7;
const LEGEND_HEIGHT = 8;
const TICKS = [0, 0.02, 0.1, 0.25, 0.5, 1];
const TICKS_OF_ROW = [0, 1];

export const nameFont = (ink, bold = false) => `${bold ? "600 " : ""}12px ${ink.font}`;

/** Small pictures of the map, one pixel a cell, the first whole and each one half as wide: made when needed. */
export class Pictures {
  constructor(grid, ink) {
    this.levels = [grid];
    this.ink = ink;
    this.canvases = [];
  }

  /** The most detailed picture whose cells are at least one device pixel wide. */
  sized(pixelsPerCell) {
    const level = Math.max(0, Math.ceil(-Math.log2(pixelsPerCell)));
    while (this.levels.length <= level) this.levels.push(halved(this.levels.at(-1)));
    this.canvases[level] ??= this.coloured(this.levels[level]);
    return { canvas: this.canvases[level], shrink: 2 ** level };
  }

  coloured({ bytes, rows, cols }) {
    const canvas = new OffscreenCanvas(cols, rows);
    const context = canvas.getContext("2d");
    const image = context.createImageData(cols, rows);
    bytes.forEach((byte, at) => image.data.set([...this.ink.rgb(byte / 255), 255], at * 4));
    context.putImageData(image, 0, 0);
    return canvas;
  }
}

export function paint(context, scene) {
  const { place, ink } = scene;
  context.fillStyle = ink.background;
  context.fillRect(0, 0, place.width, place.height);
  const { part, grid } = scene;
  const view = { ...scene, size: place.cell * part.zoom, end: { x: part.x + grid.cols / part.zoom, y: part.y + grid.rows / part.zoom } };
  paintCells(context, view);
  paintFrame(context, view);
  paintPin(context, view);
  paintCross(context, view);
  paintRowNames(context, view);
  paintColumnNames(context, view);
  paintSides(context, view);
  paintLegend(context, view);
}

const across = ({ place, part, size }, column) => place.left + (column - part.x) * size;
const down = ({ place, part, size }, row) => place.top + (row - part.y) * size;

function paintCells(context, view) {
  const { place, part, end, pictures, ratio, size } = view;
  const { canvas, shrink } = pictures.sized(size * ratio);
  context.imageSmoothingEnabled = false;
  const source = [part.x, part.y, end.x - part.x, end.y - part.y].map((cells) => cells / shrink);
  context.drawImage(canvas, ...source, place.left, place.top, place.wide, place.high);
  if (size >= GAPS_FROM) paintGaps(context, view);
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

/** The row and the column under the mouse, and the cell where they meet. */
function paintCross(context, view) {
  const { hover, ink, place, size } = view;
  const { row, column } = hover;
  context.save();
  context.beginPath();
  context.rect(place.left - 3, place.top - 3, place.wide + 6, place.high + 6); // a zoomed map has cells beyond its frame
  context.clip();
  context.strokeStyle = ink.accent;
  context.lineWidth = 1;
  context.globalAlpha = 0.75;
  if (row !== null && row !== view.pinned.row) context.strokeRect(place.left - 1, down(view, row) - 0.5, place.wide + 2, size);
  if (column !== null && column !== view.pinned.column) context.strokeRect(across(view, column) - 0.5, place.top - 1, size, place.high + 2);
  context.globalAlpha = 1;
  if (row !== null && column !== null) outline(context, view, { row, column });
  context.restore();
}

/** Two rings, dark and light, are seen on every colour of the ramp. */
function outline(context, view, { row, column }) {
  const { ink, size } = view;
  const side = Math.max(size, LEAST_OUTLINE);
  const [x, y] = [across(view, column + 0.5) - side / 2 - 0.5, down(view, row + 0.5) - side / 2 - 0.5];
  context.lineWidth = 4;
  context.strokeStyle = ink.background;
  context.strokeRect(x, y, side, side);
  context.lineWidth = 2;
  context.strokeStyle = ink.text;
  context.strokeRect(x, y, side, side);
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

function paintRowNames(context, view) {
  const { grid, place, part, end, size, hover, pinned } = view;
  const wanted = [hover.row, pinned.row].filter((row) => row !== null);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const row of named({ count: grid.rows, size, room: LINE, from: part.y, to: end.y, wanted })) {
    dress(context, view, row === hover.row || row === pinned.row);
    const name = elided(context, grid.queries.names[row], place.left - GAP - 1);
    context.fillText(name, place.left - GAP, down(view, row + 0.5));
  }
}

function paintColumnNames(context, view) {
  const { grid, place, part, end, size, hover, pinned } = view;
  const { slant } = place;
  const wanted = [hover.column, pinned.column].filter((column) => column !== null);
  const room = slant === 0 ? place.cell : LINE / Math.sin(slant);
  context.textBaseline = "middle";
  context.textAlign = slant === 0 ? "center" : "left";
  for (const column of named({ count: grid.cols, size, room, from: part.x, to: end.x, wanted })) {
    dress(context, view, column === hover.column || column === pinned.column);
    const x = across(view, column + 0.5);
    const limit = slant === 0 ? 2 * (place.width - x) : Math.min(longestAbove(place), (place.width - x - 2) / Math.cos(slant));
    slanted(context, elided(context, grid.keys.names[column], limit), x, place.top - GAP, slant);
  }
}

const longestAbove = ({ top, slant }) => (top - 2 * GAP - (LINE / 2) * Math.cos(slant)) / Math.sin(slant) + 1;

function slanted(context, name, x, y, slant) {
  context.save();
  context.translate(x, y - (LINE / 2) * Math.cos(slant));
  context.rotate(-slant);
  context.fillText(name, 0, 0);
  context.restore();
}

function dress(context, { ink }, marked) {
  context.font = nameFont(ink, marked);
  context.fillStyle = marked ? ink.accent : ink.text;
}

/** A name cut to a width, with an ellipsis. */
export function elided(context, name, limit) {
  if (context.measureText(name).width <= limit) return name;
  const letters = [...name];
  let [fits, over] = [0, letters.length];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (context.measureText(letters.slice(0, middle).join("") + "…").width <= limit) fits = middle;
    else over = middle;
  }
  return letters.slice(0, fits).join("") + "…";
}

/** The words "key" and "query" in the corner, with an arrow along each side. */
function paintSides(context, { place, ink, words }) {
  context.font = `${SMALL}px ${ink.font}`;
  context.fillStyle = ink.faint;
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  context.fillText(`${words.key} →`, place.left - GAP, place.top - SIDES_ABOVE - LINE);
  context.fillText(`${words.query} ↓`, place.left - GAP, place.top - SIDES_ABOVE);
}

function paintLegend(context, { place, ink, scale, words }) {
  const width = Math.min(LEGEND_WIDTH, place.width - place.left - GAP); // a map of three words is narrower than its legend
  const y = place.top + place.high + 14;
  for (let x = 0; x < width; x++) {
    context.fillStyle = ink.css(x / (width - 1));
    context.fillRect(place.left + x, y, 1, LEGEND_HEIGHT);
  }
  context.strokeStyle = ink.line;
  context.strokeRect(place.left - 0.5, y - 0.5, width, LEGEND_HEIGHT + 1);
  context.font = `${SMALL}px ${ink.font}`;
  context.fillStyle = ink.faint;
  context.textBaseline = "top";
  for (const tick of scale === "row" ? TICKS_OF_ROW : TICKS) {
    const name = scale === "row" && tick === 1 ? words.most : String(tick);
    context.textAlign = tick === 0 ? "left" : tick === 1 ? "right" : "center";
    context.fillText(name, place.left + width * Math.sqrt(tick), y + LEGEND_HEIGHT + 4);
  }
}
