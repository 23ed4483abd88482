// How wide and how far: entropy and mean distance, of a row or of a whole map.
import { distance, entropyBits, isCausal, wholeMap } from "../common/reading.js";
import { store } from "../common/store.js";

/** Whether no query reads a later key; of a long map, as far as this row shows it. */
function causal(row, query) {
  if (store.isLong) return row.subarray(query + 1).every((weight) => weight === 0);
  return store.once("causal", () => isCausal(store.map));
}

export function ofRow(query) {
  const row = store.line(query, "reads");
  const most = Math.log2(causal(row, query) ? query + 1 : store.map.cols);
  return { entropy: entropyBits(row), most, distance: distance(row, query) };
}

/** Of a whole map; a long one is never whole in the browser. */
export const ofMap = () => store.once("whole", () => wholeMap(store.map));

/** Lines of a list of facts: [name, value, term]. */
export function lines({ entropy, most, distance: far }) {
  return [
    [store.phrase("rail.entropy"), store.phrase("rail.bits", { bits: entropy.toFixed(1), most: most.toFixed(1) }), "entropy"],
    [store.phrase("rail.distance"), store.phrase("rail.tokens", { count: far.toFixed(1) }), "attention-distance"],
  ];
}
