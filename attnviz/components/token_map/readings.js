// A long map in words: the pair under the mouse, the many pairs of a drawn cell, the part in sight.
import { isolated } from "../common/names.js";
import { smallText, weightText } from "../common/numbers.js";
import { store } from "../common/store.js";

const SMALL = 0.001; // an even share of a long row is smaller

const exactText = (weight) => (weight < SMALL ? smallText(weight) : weightText(weight, true, 4));

/** What one query gives to one key: exactly once its row has come, until then as it is drawn, if that is one pair. */
export function pairReading({ queries, keys }, row, column, drawn) {
  const exact = store.shares(queries.positions[row], "reads");
  const rounded = drawn !== null && store.settings.scale === "shared" ? weightText(drawn, false) : "…";
  const weight = exact ? exactText(exact[keys.positions[column]]) : rounded;
  return store.phrase("map.reads", { query: isolated(queries.names[row]), key: isolated(keys.names[column]), weight });
}

/** What a drawn cell of many pairs says. */
export function cellReading(side, drawn) {
  const phrase = store.settings.scale === "row" ? "map.cell_of_row" : "map.cell";
  return store.phrase(phrase, { side, weight: weightText(drawn, false) });
}

/** The part in sight, for who cannot see it. */
export function inSight(grid, part, side) {
  const range = (from, count) => {
    const first = Math.floor(from);
    return `${first}–${Math.min(count, Math.ceil(from + count / part.zoom)) - 1}`;
  };
  const cells = side > 1 ? store.phrase("map.cells", { side }) : store.phrase("map.single");
  const blanks = { queries: range(part.y, grid.rows), keys: range(part.x, grid.cols), cells };
  return store.phrase("map.in_sight", blanks);
}
