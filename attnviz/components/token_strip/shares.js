// What one token reads, or who reads it, in the shown map. Knows nothing of the page.
import { store } from "../common/store.js";

/** The numbers of a token, by the other token: its row when it reads, its column when it is read; null on their way. */
function line(token) {
  const { direction } = store.choice;
  const { rows, cols } = store.map;
  const exists = token < (direction === "read" ? cols : rows); // a sink is read and reads nothing
  return exists ? store.shares(token, direction) : [];
}

/** What a token reads, or who reads it: [{token, weight}], in text order; null while it is on its way. */
export function shares(token) {
  const weights = line(token);
  return weights && store.visible.filter((other) => other < weights.length).map((other) => ({ token: other, weight: weights[other] }));
}

/** The largest of them, without the list: every token of a text asks for it. Not of a long one. */
export function favourite(token) {
  if (store.isLong) return null;
  const weights = line(token);
  let best = null;
  for (const other of store.visible) {
    if (other >= weights.length) break;
    if (!best || weights[other] > best.weight) best = { token: other, weight: weights[other] };
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
