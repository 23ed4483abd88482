// Where the map and its labels lie, in CSS pixels. Pure arithmetic.

export const LINE = 14; // the height of a label
export const GAP = 6; // between a label and the map
const NAMES = { left: 56, top: 52 };
const EDGE = 2;
const MOST_CELL = 40;
const SNAP_FROM = 6; // device pixels: smaller cells lose too much of the map when rounded down

/** {left, top, wide, high, width, height}: a map of rows × cols that fits a square; its two sides may differ in scale. */
export function layout({ width, height, rows, cols, ratio }) {
  const room = Math.max(120, Math.min(width - NAMES.left - EDGE, height - NAMES.top - EDGE));
  const along = (count) => {
    const cell = Math.min(MOST_CELL, room / count);
    return count * (cell * ratio < SNAP_FROM ? cell : Math.floor(cell * ratio) / ratio);
  };
  const [wide, high] = [along(cols), along(rows)];
  return { ...NAMES, wide, high, width: Math.ceil(NAMES.left + wide + EDGE), height: Math.ceil(NAMES.top + high + EDGE) };
}

/** Where a column or a row, or a fraction of one, lies on the canvas. */
export const across = ({ place, part, size }, column) => place.left + (column - part.x) * size.x;
export const down = ({ place, part, size }, row) => place.top + (row - part.y) * size.y;
