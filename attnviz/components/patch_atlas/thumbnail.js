// What one head makes of the chosen place, as a grid of weights and the weight of its strongest colour.
import { sight } from "../common/sight.js";
import { topOf } from "../patch_view/overlay.js";
import { gridOf } from "./paint.js";

const NO_HEAD = { rows: 1, cols: 1, values: [0] };

/** {grid, top}: the line of the chosen place in one head, and what its strongest colour stands for. */
export function thumbnail(layer, head) {
  const values = sight.pinned && sight.lineOfHead(layer, head, sight.pinned.positions);
  if (!values) return { grid: NO_HEAD, top: 1 };
  const grid = gridOf(sight.sides(sight.packet.layers[layer]).other, values);
  const count = sight.choice.direction === "read" ? sight.pinned.positions.length : 1;
  return { grid, top: topOf(grid.values, sight.choice, count / sight.packet.layers[layer].reach) };
}
