// The names along the two sides of the map: never one over another, never cut without an ellipsis.
import { GAP, LINE, named } from "./layout.js";
import { across, down } from "./places.js";
import { fitting } from "./units.js";

const LEAST_NAME = 40; // CSS pixels
const LEAST_REACH = 4; // CSS pixels: what is shorter needs no line
const BESIDE = 4;
const SIDES_ABOVE = 11; // clear of the first row's name, which is higher than a small row

export const nameFont = (ink, bold = false) => `${bold ? "600 " : ""}12px ${ink.font}`;

export function paintNames(context, view) {
  paintRowNames(context, view);
  paintColumnNames(context, view);
  paintSides(context, view);
}

const lit = (...places) => places.filter((place) => place !== null);

/** The names of a side that fit: of single places, or of the words and sentences of a long map. */
function labels(side, { size, room, from, to, wanted }) {
  if (side.units) return fitting(side, { size, room, from, to, wanted });
  return named({ count: side.names.length, size, room, from, to, wanted }).map((place) => {
    return { at: place + 0.5, name: side.names[place], marked: wanted.includes(place) };
  });
}

function paintRowNames(context, view) {
  const { grid, place, part, end, size, hover, pinned } = view;
  const wanted = lit(hover.row, pinned.row);
  for (const label of labels(grid.queries, { size, room: LINE, from: part.y, to: end.y, wanted })) {
    context.textAlign = "right";
    context.textBaseline = "middle";
    dress(context, view, label.marked);
    const name = elided(context, label.name, place.left - GAP - 1);
    context.fillText(name, place.left - GAP, down(view, label.at));
    if (grid.isLong) paintReach(context, view, label);
  }
}

/** A thin line beside the map along what a name stands for. */
function paintReach(context, view, { from, to, marked }) {
  const { place, ink, size } = view;
  const [top, bottom] = [Math.max(place.top, down(view, from)), Math.min(place.top + place.high, down(view, to))];
  if (marked || to - from < 2 || (to - from) * size < LEAST_REACH) return;
  context.fillStyle = ink.faint;
  context.fillRect(place.left - BESIDE, top + 1, 1, bottom - top - 2);
}

function paintColumnNames(context, view) {
  const { grid, place, part, end, size, hover, pinned } = view;
  const { slant } = place;
  const wanted = lit(hover.column, pinned.column);
  const room = slant === 0 ? place.cell : LINE / Math.sin(slant);
  context.textAlign = slant === 0 ? "center" : "left";
  context.textBaseline = "middle";
  for (const label of labels(grid.keys, { size, room, from: part.x, to: end.x, wanted })) {
    dress(context, view, label.marked);
    const x = across(view, label.at);
    const room = roomAbove(place, x);
    if (grid.isLong && room < LEAST_NAME && context.measureText(label.name).width > room) continue; // an ellipsis alone names nothing
    const name = elided(context, label.name, room);
    slanted(context, name, x, place.top - GAP, slant);
  }
}

/** How long the name of the column at x may be: up to the upper and the right edge of the canvas. */
function roomAbove({ width, top, slant }, x) {
  if (slant === 0) return 2 * (width - x);
  const upwards = (top - 2 * GAP - (LINE / 2) * Math.cos(slant)) / Math.sin(slant) + 1;
  return Math.min(upwards, (width - x - 2) / Math.cos(slant));
}

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
function elided(context, name, limit) {
  if (context.measureText(name).width <= limit) return name;
  const letters = [...name];
  let [fits, over] = [0, letters.length];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (context.measureText(`${letters.slice(0, middle).join("")}…`).width <= limit) fits = middle;
    else over = middle;
  }
  return `${letters.slice(0, fits).join("")}…`;
}

/** The words for the two sides, in the corner between them. */
function paintSides(context, { place, ink, words }) {
  context.font = `11px ${ink.font}`;
  context.fillStyle = ink.faint;
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  context.fillText(`${words.key} →`, place.left - GAP, place.top - SIDES_ABOVE - LINE);
  context.fillText(`${words.query} ↓`, place.left - GAP, place.top - SIDES_ABOVE);
}
