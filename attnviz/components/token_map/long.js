// A long map without its weights: its two sides, and how its numbers are asked for. The same shape as grid.js makes.
import { sideOf } from "./grid.js";
import { unitsOf } from "./units.js";

/** `before` is the last one; its sides are taken over where they are the same, for they are slow to make. */
export function longGrid(store, before) {
  const { packet, settings, map, visible } = store;
  const made = `${packet.id} ${settings.specials === "shown"} ${settings.spelling}`;
  const sides = before?.made === made ? before : sidesOf(store, map, visible);
  const { queries, keys } = sides;
  const grid = { made, queries, keys, rows: queries.positions.length, cols: keys.positions.length, exact: true };
  return { ...grid, isLong: true, numbers: (rows, columns) => numbersOf(store, grid, rows, columns) };
}

function sidesOf(store, map, visible) {
  const side = (positions) => {
    const named = sideOf(store, positions);
    return { ...named, units: unitsOf({ ...store.packet, source: store.packet.tiles.source }, named) };
  };
  const keys = side(visible);
  const reading = visible.filter((position) => position < map.rows); // a sink is read and reads nothing
  return { keys, queries: reading.length === visible.length ? keys : side(reading) };
}

/** The exact numbers of some neighbouring places, as number(row, column); null while they are on their way. */
function numbersOf(store, { queries, keys }, rows, columns) {
  const [top, left] = [queries.positions[rows[0]], keys.positions[columns[0]]];
  const [bottom, right] = [queries.positions[rows.at(-1)] + 1, keys.positions[columns.at(-1)] + 1];
  const renormalised = store.settings.specials === "renormalised";
  const kept = renormalised ? store.keptShare : null;
  const block = store.number(`numbers/${top}-${bottom}/${left}-${right}`);
  if (!block || (renormalised && !kept)) return null;
  return (row, column) => {
    const [query, key] = [queries.positions[row], keys.positions[column]];
    const weight = block[(query - top) * (right - left) + key - left];
    if (!renormalised) return weight;
    return kept[query] > 0 ? weight / kept[query] : 0;
  };
}
