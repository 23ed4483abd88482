// Where the map and its names lie, in CSS pixels. Pure arithmetic: names come as widths.

export const LINE = 14; // the height of a name
export const GAP = 6; // between a name and the map
export const LEGEND_WIDTH = 200;
const CORNER = 48; // room for the two words that name the sides
const LEGEND = 40;
const MOST_CELL = 46;
const LEAST_SIDE = 120;
const SNAP_FROM = 6; // device pixels: smaller cells lose too much of the width when rounded down
const MINI = 112; // the small map that shows which part of a long one is in sight
const BUTTONS = 124; // room for the three of a long map
const PASSES = 4; // margins depend on cells and cells on margins; they settle at once

/** The longest a name may be before it is cut with an ellipsis. */
export const longestName = (width) => Math.min(132, Math.round(width * 0.22));

/**
 * The side of a cell, the slant of the names of the columns, the margins: {cell, slant, left, top, wide, high, …}.
 * queries and keys are the widths of their names; the whole fits width × height.
 */
export function layout({ width, height, queries, keys, ratio = 1 }) {
  const left = Math.ceil(Math.max(CORNER, ...queries)) + GAP;
  let place = { cell: MOST_CELL, slant: 0, top: 0, right: 0 };
  const given = { width: width - left, height, queries, keys, ratio };
  for (let pass = 0; pass < PASSES; pass++) place = settled(place, given);
  const high = place.cell * queries.length;
  return { ...place, left, wide: place.cell * keys.length, high, width, height: Math.ceil(place.top + high + LEGEND) };
}

function settled({ top, right }, { width, height, queries, keys, ratio }) {
  const across = Math.max(LEAST_SIDE, width - right) / keys.length;
  const down = Math.max(LEAST_SIDE, height - top - LEGEND) / queries.length;
  const cell = snapped(Math.min(MOST_CELL, across, down), ratio);
  const slant = slantFor(cell, keys);
  return { cell, slant, top: topFor(slant, keys), right: rightFor(slant, cell, keys) };
}

/** Whole device pixels, so that all cells look alike. */
function snapped(cell, ratio) {
  return cell * ratio < SNAP_FROM ? cell : Math.floor(cell * ratio) / ratio;
}

/** Flat where no name meets its neighbour; else 45°, or steeper as far as that lets every column keep its name. */
function slantFor(cell, names) {
  if (names.every((name, index) => (name + (names[index + 1] ?? 0)) / 2 + GAP <= cell)) return 0;
  const steep = cell >= LINE && cell < LINE * Math.SQRT2;
  return steep ? Math.asin(LINE / cell) : Math.PI / 4;
}

function topFor(slant, names) {
  const tall = Math.max(...names) * Math.sin(slant) + (LINE / 2) * Math.cos(slant);
  return Math.ceil(Math.max(2 * LINE + GAP, slant === 0 ? 0 : tall) + 2 * GAP);
}

/** How far names reach beyond the last column. */
function rightFor(slant, cell, names) {
  if (slant === 0) return Math.ceil(Math.max(1, (names.at(-1) - cell) / 2 + 1));
  const beyond = names.map((name, index) => name * Math.cos(slant) - (names.length - index - 0.5) * cell);
  return Math.ceil(Math.max(0, ...beyond)) + GAP;
}

/**
 * The same for a long map, whose names come and go: a square for the map, room for names of any length, and below it
 * the small map at the left.
 */
export function longLayout({ width, height, rows, cols }) {
  const slant = Math.PI / 4;
  const longest = longestName(width);
  const left = longest + GAP;
  const top = topFor(slant, [longest]);
  const room = { across: width - left - GAP, down: height - top - LEGEND };
  const cell = Math.max(LEAST_SIDE, Math.min(room.across, room.down)) / Math.max(rows, cols);
  const [wide, high] = [cell * cols, cell * rows];
  const mini = { left: 0, top: top + high + GAP, side: Math.min(MINI, longest) };
  const foot = Math.max(LEGEND, mini.side + 2 * GAP);
  const legend = Math.min(LEGEND_WIDTH, wide - BUTTONS);
  return { cell, slant, left, top, right: GAP, wide, high, width, height: Math.ceil(top + high + foot), mini, legend };
}

/** The same without the empty part of the column to its right. */
export function trimmed(place) {
  const width = place.left + Math.max(place.wide + place.right, LEGEND_WIDTH + GAP);
  return { ...place, width: Math.min(place.width, Math.ceil(width)) };
}

/** Places to name when names need `room` pixels and places are `size` apart: the wanted ones, then every k-th. */
export function named({ count, size, room, from, to, wanted }) {
  const every = Math.max(1, Math.ceil(room / size - 1e-6));
  const chosen = [];
  const free = (place) => chosen.every((other) => Math.abs(other - place) * size >= room - 1e-6);
  const offer = (place) => place + 0.5 >= from && place + 0.5 <= to && free(place) && chosen.push(place);
  wanted.forEach(offer);
  for (let place = 0; place < count; place += every) offer(place);
  return chosen;
}
