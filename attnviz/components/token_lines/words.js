// The sentences of the lines: what a token reads most, one line, the caption.
import { isolated } from "../common/names.js";
import { percentText } from "../common/numbers.js";
import { store } from "../common/store.js";
import { caption as captionOf } from "../token_map/caption.js";
import { cellsOf, isCrowded, lost, strongest } from "./lines.js";

const OWN = { rows: "lines.rows", shared: "lines.scale", row: "lines.scale_row" };

function ends({ queries, keys, cols }, cell) {
  return { query: isolated(queries.names[Math.floor(cell / cols)]), key: isolated(keys.names[cell % cols]) };
}

/** What a token reads most, or who reads it most; written(weight) is the number. */
export function mostOf(grid, direction, place, written) {
  const cell = strongest(cellsOf(grid, direction, place), grid);
  const { query, key } = ends(grid, cell);
  const [token, other] = direction === "reads" ? [query, key] : [key, query];
  return store.phrase(`strip.aloud.${direction}`, { token, other, weight: written(grid.values[cell]) });
}

export function oneLine(grid, cell, written) {
  return store.phrase("map.reads", { ...ends(grid, cell), weight: written(grid.values[cell]) });
}

/** As under the map, and which lines are not drawn. */
export function caption(grid, least) {
  const share = lost(grid, least);
  const weak = share > 0 && store.phrase("lines.weak", { least, share: percentText(100 * share) });
  const crowded = isCrowded(grid) && store.phrase("lines.crowded", { count: grid.cols });
  return [captionOf(store, OWN), weak, crowded].filter(Boolean).join(store.phrase("map.between"));
}
