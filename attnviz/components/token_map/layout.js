// Where the map and its names lie, in CSS pixels. Pure arithmetic: names come as widths.

export const LINE = 14; // the height of a name
export const GAP = 6; // between a name and the map
export const CORNER = 48; // room for the two words that name the sides
const LEGEND = 40;
const MOST_CELL = 46;
const LEAST_SIDE = 120;
const SNAP_FROM = 6; // device pixels: smaller cells lose too much of the width when rounded down

/** The longest a name may be before it is cut with an ellipsis. */
export const longestName = (width) => Math.min(132, Math.round(width * 0.22));

/** Margins, the side of a cell and the slant of the names of the columns; the whole fits width × height. */
export function layout({ width, height, count, widths, ratio = 1 }) {
  const longest = Math.max(0, ...widths);
  const left = Math.ceil(Math.max(CORNER, longest)) + GAP;
  let place = { cell: MOST_CELL, slant: 0, top: LINE + GAP, right: 1 };
  for (let pass = 0; pass < 4; pass++) place = settled(place, { width, height, count, widths, longest, left, ratio });
  const side = place.cell * count;
  return { ...place, left, count, side, width, height: Math.ceil(place.top + side + LEGEND) };
}

function settled({ top, right }, { width, height, count, widths, longest, left, ratio }) {
  const room = Math.max(LEAST_SIDE, Math.min(width - left - right, height - top - LEGEND));
  const cell = snapped(Math.min(MOST_CELL, room / count), ratio);
  const slant = slantFor(cell, widths);
  return { cell, slant, top: topFor(slant, longest), right: rightFor(slant, cell, widths) };
}

function snapped(cell, ratio) {
  return cell * ratio < SNAP_FROM ? cell : Math.floor(cell * ratio) / ratio;
}

/** Flat where no name meets its neighbour; else 45°, or steeper as far as that lets every column keep its name. */
function slantFor(cell, widths) {
  if (widths.every((name, index) => (name + (widths[index + 1] ?? 0)) / 2 + GAP <= cell)) return 0;
  const steep = cell >= LINE && cell < LINE * Math.SQRT2;
  return steep ? Math.asin(LINE / cell) : Math.PI / 4;
}

function topFor(slant, longest) {
  if (slant === 0) return 2 * LINE + 2 * GAP;
  return Math.ceil(Math.max(2 * LINE + GAP, longest * Math.sin(slant) + (LINE / 2) * Math.cos(slant)) + 2 * GAP);
}

/** How far slanted names reach beyond the last column. */
function rightFor(slant, cell, widths) {
  if (slant === 0) return Math.max(1, Math.ceil((widths.at(-1) - cell) / 2) + 1);
  const beyond = widths.map((name, index) => name * Math.cos(slant) - (widths.length - index - 0.5) * cell);
  return Math.ceil(Math.max(0, ...beyond)) + GAP;
}

/** Places to name when names need `room` pixels and places are `size` apart: the wanted ones, then every k-th. */
export function named({ count, size, room, from = 0, to = count, wanted = [] }) {
  const every = Math.max(1, Math.ceil(room / size - 1e-6));
  const chosen = [];
  const free = (place) => chosen.every((other) => Math.abs(other - place) * size >= room - 1e-6);
  const offer = (place) => place + 0.5 >= from && place + 0.5 <= to && free(place) && chosen.push(place);
  wanted.forEach(offer);
  for (let place = 0; place < count; place += every) offer(place);
  return chosen;
}
