// What the map draws: the shown weights without what is hidden, and the same as brightness. Knows nothing of pixels.
import { strength } from "../common/ink.js";

/** One side of the map: positions in the text, their names, and the place of each position on the screen. */
export function sideOf(store, positions) {
  const names = positions.map((position) => store.label(position));
  return { positions, names, places: new Map(positions.map((position, place) => [position, place])) };
}

/** The visible part of the shown map: its two sides, and values (query, key) as they are read out and as brightness. */
export function gridOf(store) {
  const { map, visible } = store;
  const queries = sideOf(store, visible.filter((position) => position < map.rows)); // a sink is read and reads nothing
  const keys = sideOf(store, visible);
  const [rows, cols] = [queries.positions.length, keys.positions.length];
  const values = new Float32Array(rows * cols);
  queries.positions.forEach((query, row) => fill(values.subarray(row * cols, (row + 1) * cols), store, query));
  return { queries, keys, rows, cols, values, bytes: brightness(values, cols, store.settings.scale), exact: map.exact };
}

function fill(line, store, query) {
  const { weights, cols } = store.map;
  const rest = store.settings.specials === "renormalised" ? store.keptShare[query] : 1; // as in store.value
  store.visible.forEach((key, column) => (line[column] = rest > 0 ? weights[query * cols + key] / rest : 0));
}

/** Brightness as bytes, 255 at 1 or, on a scale for each row, at the largest of the row. */
function brightness(values, cols, scale) {
  const bytes = new Uint8Array(values.length);
  for (let from = 0; from < values.length; from += cols) {
    const line = values.subarray(from, from + cols);
    const most = scale === "row" ? line.reduce((most, value) => Math.max(most, value), 0) || 1 : 1;
    bytes.set(line.map((value) => Math.round(255 * strength(value, most))), from);
  }
  return bytes;
}

/** Half as wide and high; each cell keeps the brightest of its four, so that a lone peak is never lost. */
export function halved({ bytes, rows, cols }) {
  const half = { rows: Math.ceil(rows / 2), cols: Math.ceil(cols / 2) };
  const kept = new Uint8Array(half.rows * half.cols);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < cols; column++) {
      const at = (row >> 1) * half.cols + (column >> 1);
      kept[at] = Math.max(kept[at], bytes[row * cols + column]);
    }
  return { bytes: kept, ...half };
}
