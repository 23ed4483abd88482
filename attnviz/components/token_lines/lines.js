// Which weights become lines. A line is a cell of the grid (token_map/grid.js), row * cols + column. Pure.

const MOST_TOKENS = 200; // with more, all lines at once would be a fog
const LEAST_WEIGHT = 0.01;
const SHARE_OF_EVEN = 0.5; // of the weight that a row would give each key alike: a row that does so is drawn

/** The weight below which no line is drawn; one digit long, for the caption says it. */
export const leastWeight = ({ cols }) => Number(Math.min(LEAST_WEIGHT, SHARE_OF_EVEN / cols).toPrecision(1));

/** The most that any row loses to the lines that are not drawn. */
export function lost({ values, rows, cols }, least) {
  let most = 0;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let cell = row * cols; cell < (row + 1) * cols; cell++) if (values[cell] < least) sum += values[cell];
    most = Math.max(most, sum);
  }
  return most;
}

/** Whether only the strongest line of each query is drawn until one is pointed at. */
export const isCrowded = ({ cols }) => cols > MOST_TOKENS;

/** The lines of the whole map, the strongest last. */
export function allLines(grid, least) {
  if (!isCrowded(grid)) return drawn(grid.values.keys(), grid, least);
  const best = grid.queries.positions.map((_, row) => strongest(cellsOf(grid, "reads", row), grid));
  return drawn(best, grid, least);
}

/** The cells of a token: of a query that reads keys, or of a key that queries read. */
export function cellsOf({ rows, cols }, direction, place) {
  if (direction === "reads") return Array.from({ length: cols }, (_, column) => place * cols + column);
  return Array.from({ length: rows }, (_, row) => row * cols + place);
}

/** Of some cells the one with the largest weight; of equals the earlier one. */
export function strongest(cells, { values }) {
  return cells.reduce((best, cell) => (values[cell] > values[best] ? cell : best));
}

/** Of some cells those that are drawn, the strongest last. */
export function drawn(cells, { values, bytes }, least) {
  const kept = Uint32Array.from([...cells].filter((cell) => values[cell] >= least));
  return kept.sort((one, other) => bytes[one] - bytes[other] || values[one] - values[other]);
}
