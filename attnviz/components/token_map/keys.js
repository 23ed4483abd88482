// Where a key takes the cursor. Pure.

const FAR = 10;
const GLIDE = 8; // a long map goes so many parts of what is in sight at once
const STEPS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-FAR, 0],
  PageDown: [FAR, 0],
};

/** The cell that a key moves to, or null when the key moves nowhere. */
export function stepped({ key, shiftKey, ctrlKey, metaKey }, { row, column }, { rows, cols }) {
  const last = { row: rows - 1, column: cols - 1 };
  const whole = ctrlKey || metaKey;
  if (key === "Home") return { row: whole ? 0 : row, column: 0 };
  if (key === "End") return { row: whole ? last.row : row, column: last.column };
  if (!STEPS[key] || whole) return null;
  const [down, right] = STEPS[key].map((step) => step * (shiftKey && key.startsWith("Arrow") ? FAR : 1));
  const within = (place, end) => Math.min(end, Math.max(0, place));
  return { row: within(row + down, last.row), column: within(column + right, last.column) };
}

/** The same on a long map, where ten cells may be less than a pixel: an arrow with Shift goes an eighth of what is in sight. */
export function glided(event, cell, grid, { zoom }) {
  const to = stepped(event, cell, grid);
  if (!to || !event.shiftKey || !event.key.startsWith("Arrow")) return to;
  const along = (side, count) => {
    const by = Math.sign(to[side] - cell[side]) * Math.max(FAR, Math.round(count / zoom / GLIDE));
    return Math.min(count - 1, Math.max(0, cell[side] + by));
  };
  return { row: along("row", grid.rows), column: along("column", grid.cols) };
}
