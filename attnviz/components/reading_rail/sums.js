// Whether rows sum to 1, as far as exact weights are in the browser.
import { smallText } from "../common/numbers.js";
import { rowOf } from "../common/reading.js";
import { store } from "../common/store.js";

const NOT_YET = "–";

const total = (row) => row.reduce((sum, weight) => sum + weight, 0);

/** The sum of the row in question, or how far any row departs from 1; both only of exact weights. */
export function rowSum(query) {
  const { map } = store;
  if (query !== null) return [store.phrase("rail.row_sum"), map.exact ? total(store.line(query, "reads")).toFixed(7) : NOT_YET];
  if (store.isLong) return [store.phrase("rail.row_sums"), NOT_YET]; // no long map is whole in the browser
  const worst = () => Math.max(...Array.from({ length: map.rows }, (_, row) => Math.abs(1 - total(rowOf(map, row)))));
  return [store.phrase("rail.row_sums"), map.exact ? `1 ± ${smallText(store.once("row sums", worst))}` : NOT_YET];
}
