// Where the attention of some patches goes, and how far. Pure arithmetic on a line of weights and the axes it lies on.
import { boxOf, carried, neighbours } from "../common/patches.js";

/** What each part of the budget is called, in the order in which it is told. */
export const KINDS = ["class", "teacher", "register", "detection", "query", "probe", "padding", "other", "itself", "neighbours", "rest"];

/** Shares of a line by kind, each key counted once: tokens by what they are, then the patches themselves, those around them, the rest. */
export function budget(values, own, other, positions) {
  const itself = new Set(carried(own, positions, other));
  const beside = neighbours(other, itself);
  const shares = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  values.forEach((value, key) => {
    const kind = other.named.get(key)?.kind ?? (itself.has(key) ? "itself" : beside.has(key) ? "neighbours" : "rest");
    shares[kind] += value;
  });
  return shares;
}

/** Which of them a layer can have at all: a budget says 0.0 % of what could get some, and nothing of what is not there. */
export function possible(own, other, positions) {
  const kinds = new Set([...other.named.values()].map(({ kind }) => kind));
  const isPatch = positions.some((position) => own.cells[position] >= 0);
  if (other.patches.length) kinds.add("rest");
  if (other.patches.length && isPatch) kinds.add("itself");
  if (other.patches.length && isPatch && positions.length < own.count) kinds.add("neighbours");
  return kinds;
}

/**
 * Mean distance between a patch and the patches it reads, in pixels of the seen picture; of what goes to patches alone.
 * Of a region from its patch that lies nearest, as attnviz/measures/patches.py has it.
 */
export function distance(values, own, other, positions) {
  const from = positions.map((position) => middle(boxOf(own, position))).filter(Boolean);
  if (!from.length) return null;
  let far = 0;
  let total = 0;
  for (const key of other.patches) {
    const to = middle(boxOf(other, key));
    far += values[key] * from.reduce((least, { x, y }) => Math.min(least, Math.hypot(to.x - x, to.y - y)), Infinity);
    total += values[key];
  }
  return total > 0 ? far / total : null;
}

const middle = (box) => box && { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
