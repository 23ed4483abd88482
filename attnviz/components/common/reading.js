// What one row says: the arithmetic of attnviz/measures/reading.py, for numbers that change with the mouse.
// Pure functions of a row of weights; knows nothing of views.

const SHARES = ["special", "itself", "previous", "rest"];

/** Shares of one row, each key counted once: special tokens, the query itself, the token before it, the rest. */
export function budget(row, special, query) {
  const shares = Object.fromEntries(SHARES.map((name) => [name, 0]));
  row.forEach((weight, key) => {
    const name = special[key] ? "special" : key === query ? "itself" : key === query - 1 ? "previous" : "rest";
    shares[name] += weight;
  });
  return shares;
}

/** Percents of numbers, rounded so that together they are exactly 100: the largest remainders are rounded up. */
export function percents(numbers, decimals = 1) {
  const units = 100 * 10 ** decimals;
  const total = numbers.reduce((sum, number) => sum + number, 0);
  const exact = numbers.map((number) => (total > 0 ? (number / total) * units : 0));
  const whole = exact.map(Math.floor);
  const missing = total > 0 ? units - whole.reduce((sum, number) => sum + number, 0) : 0;
  const order = exact.map((_, index) => index).sort((a, b) => exact[b] - whole[b] - (exact[a] - whole[a]));
  for (const index of order.slice(0, missing)) whole[index] += 1;
  return whole.map((number) => number / 10 ** decimals);
}

/** The places of the greatest numbers, greatest first; of equals the earlier one. */
export function greatest(numbers, count) {
  const order = Array.from(numbers, (_, index) => index).sort((a, b) => numbers[b] - numbers[a] || a - b);
  return order.slice(0, count);
}

/** How spread out a row is: 0 bits when it reads one key, log2 of its keys when it reads all alike. */
export function entropyBits(row) {
  return row.reduce((sum, weight) => (weight > 0 ? sum - weight * Math.log2(weight) : sum), 0);
}

/** Mean distance from the query to what it reads, in tokens. */
export function distance(row, query) {
  let total = 0;
  let far = 0;
  row.forEach((weight, key) => {
    total += weight;
    far += weight * Math.abs(query - key);
  });
  return total > 0 ? far / total : 0;
}

export const rowOf = ({ weights, cols }, query) => weights.subarray(query * cols, (query + 1) * cols);

/** Whether no query reads a later key. */
export function isCausal({ weights, rows, cols }) {
  for (let query = 0; query < rows; query++)
    for (let key = query + 1; key < cols; key++) if (weights[query * cols + key] > 0) return false;
  return true;
}

/** What a map says as a whole: mean entropy and the mean of its bounds, in bits, and mean distance in tokens. */
export function wholeMap(map) {
  const causal = isCausal(map);
  const whole = { causal, entropy: 0, most: 0, distance: 0 };
  for (let query = 0; query < map.rows; query++) {
    const row = rowOf(map, query);
    whole.entropy += entropyBits(row) / map.rows;
    whole.most += Math.log2(causal ? query + 1 : map.cols) / map.rows;
    whole.distance += distance(row, query) / map.rows;
  }
  return whole;
}
