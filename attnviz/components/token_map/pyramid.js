// The zoom levels of a long map, as attnviz/service/pyramid.py cuts them. Pure arithmetic; `grid` is {rows, cols}.

export const TILE = 256; // cells along a side

/** At level 0 all of the map is one tile, at the last level each cell is one weight. */
export const levelsOf = ({ rows, cols }) => 1 + Math.ceil(Math.log2(Math.ceil(Math.max(rows, cols) / TILE)));

/** How many positions a cell covers along each side. */
export const sideAt = (grid, level) => 2 ** (levelsOf(grid) - 1 - level);

/** The finest level whose cells are at least one pixel wide. */
export function levelFor(grid, pixelsPerPosition) {
  const last = levelsOf(grid) - 1;
  const coarser = Math.max(0, Math.ceil(-Math.log2(pixelsPerPosition) - 1e-9));
  return Math.max(0, last - coarser);
}

/** The tiles that show part of a level, those in the middle first: [{level, row, col}]. */
export function tilesIn(grid, level, part) {
  const pitch = TILE * sideAt(grid, level);
  const range = (from, length, count) => {
    const first = Math.max(0, Math.floor(from / pitch));
    const last = Math.min(Math.ceil(count / pitch), Math.ceil((from + length) / pitch));
    return Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  };
  const [wide, high] = [grid.cols / part.zoom, grid.rows / part.zoom];
  const found = range(part.y, high, grid.rows).flatMap((row) =>
    range(part.x, wide, grid.cols).map((col) => ({ level, row, col })),
  );
  const away = ({ row, col }) =>
    Math.hypot((row + 0.5) * pitch - part.y - high / 2, (col + 0.5) * pitch - part.x - wide / 2);
  return found.sort((one, other) => away(one) - away(other));
}

/** How many cells a tile has, fewer at the lower and the right edge: {rows, cols}. */
export function cellsOf(grid, { level, row, col }) {
  const side = sideAt(grid, level);
  const cells = (count, index) => Math.min(TILE, Math.ceil((count - index * TILE * side) / side));
  return { rows: cells(grid.rows, row), cols: cells(grid.cols, col) };
}
