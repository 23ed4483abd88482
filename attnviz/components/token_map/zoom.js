// The part of a map that is on the screen: {x, y, zoom}, its first column and row, and how much closer than whole.
// Pure arithmetic; `grid` is {rows, cols}.

const LEAST_CELLS = 4;

export const WHOLE = { x: 0, y: 0, zoom: 1 };

const within = (number, low, high) => Math.max(low, Math.min(high, number));

function kept({ x, y, zoom }, { rows, cols }) {
  return { x: within(x, 0, cols - cols / zoom), y: within(y, 0, rows - rows / zoom), zoom };
}

/** Closer by a factor; the cell under (x, y) stays where it is. */
export function zoomed(part, factor, { x, y }, grid) {
  const zoom = within(part.zoom * factor, 1, Math.max(1, grid.cols / LEAST_CELLS));
  const shrink = part.zoom / zoom;
  return kept({ x: x - (x - part.x) * shrink, y: y - (y - part.y) * shrink, zoom }, grid);
}

export const moved = (part, x, y, grid) => kept({ ...part, x: part.x + x, y: part.y + y }, grid);

/** As close, moved as little as shows the cell (row, column). */
export function showing(part, { row, column }, grid) {
  const x = within(part.x, column + 1 - grid.cols / part.zoom, column);
  const y = within(part.y, row + 1 - grid.rows / part.zoom, row);
  return kept({ ...part, x, y }, grid);
}
