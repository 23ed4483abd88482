// The two sides of the map: in which order positions stand, what they are called, where their labels fit. Pure.
import { nameOf, placeOf } from "../common/patches.js";

const bare = (name) => name.replace(/^[[(](.*)[\])]$/, "$1");

/**
 * One side: {order, places, units, rules}. The tokens beside the patches come first, as the model has them, then the
 * patches row by row; with `kept` all stand as the model has them. A unit is a token or a row of patches: {name, from, to,
 * token}; a rule stands where tokens and patches meet.
 */
export function sideOf(axis, kept) {
  const tokens = [...axis.named.keys()].sort((one, other) => one - other);
  const patches = Array.from(axis.at).filter((position) => position >= 0);
  const order = kept ? Array.from({ length: axis.count }, (_, at) => at) : [...tokens, ...patches];
  const places = new Int32Array(axis.count).fill(-1);
  order.forEach((position, place) => (places[position] = place));
  const units = unitsOf(axis, order);
  const rules = units.slice(1).filter((unit, index) => unit.token !== units[index].token).map(({ from }) => from);
  return { axis, order, places, units, rules, count: order.length, isUsual: !kept || order.every((position, place) => position === (place < tokens.length ? tokens[place] : patches[place - tokens.length])) };
}

function unitsOf(axis, order) {
  const units = [];
  let last = null;
  order.forEach((position, place) => {
    const at = placeOf(axis, position);
    const row = at ? at.row : null;
    if (row !== null && row === last) return (units.at(-1).to = place + 1);
    units.push({ name: at ? `r${row}` : bare(nameOf(axis, position)), from: place, to: place + 1, token: !at });
    last = row;
  });
  return units;
}

export const nameAt = (side, place) => bare(nameOf(side.axis, side.order[place]));

/**
 * The labels that fit: [{at, name, marked}]. A place is `size` pixels wide, the name of a unit needs `room` of them, that of
 * a patch `long`. The wanted place comes first, then tokens, then rows of patches, or single patches where a row is long.
 */
export function labels(side, { size, room, long, from, to, wanted }) {
  const chosen = [];
  const free = (at, need) => chosen.every((other) => Math.abs(other.at - at) * size >= (other.need + need) / 2 - 1e-6);
  const offer = (at, name, need, marked = false) => at >= from && at <= to && free(at, need) && chosen.push({ at, name, need, marked });
  if (wanted !== null) offer(wanted + 0.5, nameAt(side, wanted), long, true);
  const every = Math.max(1, Math.ceil(long / size - 1e-6));
  for (const unit of side.units.filter(({ token }) => token)) offer(unit.from + 0.5, unit.name, room);
  for (const unit of side.units) {
    if (unit.token || unit.to < from || unit.from > to) continue;
    if ((unit.to - unit.from) * size < 3 * long) offer((unit.from + unit.to) / 2, unit.name, room);
    else for (let place = unit.from; place < unit.to; place += every) offer(place + 0.5, nameAt(side, place), long);
  }
  return chosen;
}

/** Where a key takes the cursor, or null: an arrow with Shift goes a row of patches, Home and End to the ends of the row. */
export function stepped({ key, shiftKey, ctrlKey, metaKey }, { row, column }, queries, keys) {
  const last = { row: queries.count - 1, column: keys.count - 1 };
  const whole = ctrlKey || metaKey;
  if (key === "Home") return { row: whole ? 0 : row, column: 0 };
  if (key === "End") return { row: whole ? last.row : row, column: last.column };
  const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key] ?? [0, 0];
  if (whole || (!down && !right)) return null;
  const step = (side) => (shiftKey ? Math.max(1, side.axis.cols) : 1);
  const within = (place, end) => Math.min(end, Math.max(0, place));
  return { row: within(row + down * step(queries), last.row), column: within(column + right * step(keys), last.column) };
}
