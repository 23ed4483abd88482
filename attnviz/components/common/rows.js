// Rows and columns of maps, as bytes of 255·√weight or as weights. Pure arithmetic; knows nothing of views.

const SQUARES = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255) ** 2);

/** Bytes of 255·√weight as weights. */
export const weightsOf = (bytes) => Float32Array.from(bytes, (byte) => SQUARES[byte]);

/**
 * Adds to `sum` what some positions of a map give or get: the mean of their rows in direction "reads", the sum of their
 * columns in direction "read". `map` is (query, key): bytes of 255·√weight, or weights.
 */
export function addTo(sum, map, own, positions, direction) {
  const other = sum.length;
  const weight = map instanceof Uint8Array ? (at) => SQUARES[map[at]] : (at) => map[at];
  if (direction === "read") {
    for (let query = 0; query < other; query++) for (const key of positions) sum[query] += weight(query * own + key);
    return sum;
  }
  for (const query of positions) for (let key = 0; key < other; key++) sum[key] += weight(query * other + key) / positions.length;
  return sum;
}

/** Several rows as one: their weighted mean, or place by place the largest ("max") or the least ("min") of them. */
export function fused(rows, manner) {
  if (rows.length === 1) return rows[0].values;
  const out = rows[0].values.map((value) => (manner === "mean" ? rows[0].weight * value : value));
  const join = { mean: (sum, value, weight) => sum + weight * value, max: (one, other) => Math.max(one, other), min: (one, other) => Math.min(one, other) }[manner];
  for (const { values, weight } of rows.slice(1)) for (let at = 0; at < out.length; at++) out[at] = join(out[at], values[at], weight);
  return out;
}

/**
 * Which numbers hold the given share of their sum, the fewest possible: DINO's rule. NaN is none of them.
 * Source: Caron et al. 2021, arXiv:2104.14294, visualize_attention.py: sorted, cut where the sum of the lesser passes 1 - share.
 */
export function kept(values, share) {
  const order = Array.from(values.keys()).filter((at) => values[at] > 0).sort((a, b) => values[a] - values[b] || a - b);
  const total = order.reduce((sum, at) => sum + values[at], 0);
  const mask = new Uint8Array(values.length);
  let sum = 0;
  for (const at of order) {
    sum += values[at] / total;
    if (share >= 1 || sum > 1 - share + 1e-9) mask[at] = 1;
  }
  return mask;
}
