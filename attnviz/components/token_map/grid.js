// What the map draws: the shown weights without what is hidden, and the same as brightness. Knows nothing of pixels.
import { strength } from "../common/ink.js";

/** The visible part of the shown map: values (row, column) as they are read out, names, and positions in the text. */
export function gridOf(store) {
  const { weights, cols, exact } = store.map;
  const { specials, scale } = store.settings;
  const positions = store.visible;
  const names = positions.map((position) => store.label(position));
  const count = positions.length;
  const values = new Float32Array(count * count);
  const most = new Float32Array(count);
  positions.forEach((query, row) => {
    const rest = specials === "renormalised" ? 1 - store.hiddenShare[query] : 1;
    positions.forEach((key, column) => {
      const value = rest > 0 ? weights[query * cols + key] / rest : 0;
      values[row * count + column] = value;
      most[row] = Math.max(most[row], value);
    });
  });
  const bytes = Uint8Array.from(values, (value, at) => 255 * strength(value, scale === "row" ? most[Math.floor(at / count)] || 1 : 1) + 0.5);
  return { positions, names, count, values, bytes, exact, places: new Map(positions.map((position, place) => [position, place])) };
}

/** Half as wide and high; each cell keeps the brightest of its four, so that a lone peak is never lost. */
export function halved({ bytes, count }) {
  const half = Math.ceil(count / 2);
  const kept = new Uint8Array(half * half);
  for (let row = 0; row < count; row++)
    for (let column = 0; column < count; column++) {
      const at = (row >> 1) * half + (column >> 1);
      kept[at] = Math.max(kept[at], bytes[row * count + column]);
    }
  return { bytes: kept, count: half };
}
