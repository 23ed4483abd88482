// What one token reads, or who reads it, in the shown map. Knows nothing of the page.
import { store } from "../common/store.js";

const NAMED = 4; // tokens that the caption names

/** Which numbers belong to a token: its row when it reads, its column when it is read. [{token, weight}], in text order. */
export function shares(token) {
  const { rows, cols } = store.map;
  const read = store.choice.direction === "read";
  if (token >= (read ? cols : rows)) return []; // a sink is read and reads nothing
  const others = store.visible.filter((other) => other < (read ? rows : cols));
  return others.map((other) => ({ token: other, weight: read ? store.value(other, token) : store.value(token, other) }));
}

/** The weight that the strongest ink stands for: 1 on the shared scale, the largest share on a scale of its own. */
export function most(found) {
  if (store.settings.scale !== "row") return 1;
  return found.reduce((largest, { weight }) => Math.max(largest, weight), 0) || 1;
}

/** The largest shares, largest first. */
export function largest(found, count = NAMED) {
  return [...found].sort((one, other) => other.weight - one.weight).slice(0, count);
}

/** For every token the one it reads most (or is read by most), in one pass over the map. */
export function favourites() {
  return new Map(store.visible.map((token) => [token, largest(shares(token), 1)[0]]));
}
