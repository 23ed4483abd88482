// What one token reads, or who reads it, in the shown map. Knows nothing of the page.
import { store } from "../common/store.js";

/** How a token's numbers are found: its row when it reads, its column when it is read. */
function line(token) {
  const { rows, cols } = store.map;
  const read = store.choice.direction === "read";
  const exists = token < (read ? cols : rows); // a sink is read and reads nothing
  const end = exists ? (read ? rows : cols) : 0;
  return { end, weight: read ? (other) => store.value(other, token) : (other) => store.value(token, other) };
}

/** What a token reads, or who reads it: [{token, weight}], in text order. */
export function shares(token) {
  const { end, weight } = line(token);
  return store.visible.filter((other) => other < end).map((other) => ({ token: other, weight: weight(other) }));
}

/** The largest of them, without the list: every token of a long text asks for it. */
export function favourite(token) {
  const { end, weight } = line(token);
  let best = null;
  for (const other of store.visible) {
    if (other >= end) break;
    const found = weight(other);
    if (!best || found > best.weight) best = { token: other, weight: found };
  }
  return best;
}

/** The weight that the strongest ink stands for: 1 on the shared scale, the largest share on a scale of its own. */
export function most(found) {
  if (store.settings.scale !== "row") return 1;
  return found.reduce((largest, { weight }) => Math.max(largest, weight), 0) || 1;
}

/** The largest shares, largest first. */
export function largest(found, count) {
  return [...found].sort((one, other) => other.weight - one.weight).slice(0, count);
}
