// Where the positions of a picture lie: cells of a grid over the picture that the model saw, and tokens beside them.
// Knows nothing of weights.

/** What the header and the payload of a patches packet say of one axis. */
export function axisOf({ count, grid, patch, names }, cells) {
  const [rows, cols] = grid;
  const at = new Int32Array(rows * cols).fill(-1); // cell -> position; a tower that masks patches lacks some
  cells.forEach((cell, position) => cell >= 0 && (at[cell] = position));
  const named = new Map(names.map(([position, label, kind]) => [position, { position, label, kind }]));
  const patches = Int32Array.from(cells.keys()).filter((position) => cells[position] >= 0);
  return { count, rows, cols, height: patch[0], width: patch[1], cells, at, named, patches };
}

/** Row and column of a patch, or null. */
export function placeOf(axis, position) {
  const cell = axis.cells[position] ?? -1;
  return cell < 0 ? null : { row: Math.floor(cell / axis.cols), col: cell % axis.cols };
}

/** What a position is called. */
export function nameOf(axis, position) {
  const place = placeOf(axis, position);
  return place ? `r${place.row} c${place.col}` : (axis.named.get(position)?.label ?? `${position}`);
}

/** Where a patch lies in the picture that the model saw, in pixels; null for what is no patch. */
export function boxOf(axis, position) {
  const place = placeOf(axis, position);
  if (!place) return null;
  const { height, width } = axis;
  return { top: place.row * height, left: place.col * width, bottom: (place.row + 1) * height, right: (place.col + 1) * width };
}

/** The position whose patch holds a place of the picture that the model saw; -1 where none does. */
export function positionAt(axis, y, x) {
  const row = Math.floor(y / axis.height);
  const col = Math.floor(x / axis.width);
  return row >= 0 && col >= 0 && row < axis.rows && col < axis.cols ? axis.at[row * axis.cols + col] : -1;
}

/** Every position of the rectangle that two patches span; the one alone where either is no patch. */
export function region(axis, query, corner) {
  const from = placeOf(axis, query);
  const to = corner === null || corner === undefined ? null : placeOf(axis, corner);
  if (!from || !to) return [query];
  const found = [];
  for (let row = Math.min(from.row, to.row); row <= Math.max(from.row, to.row); row++)
    for (let col = Math.min(from.col, to.col); col <= Math.max(from.col, to.col); col++) {
      const position = axis.at[row * axis.cols + col];
      if (position >= 0) found.push(position);
    }
  return found;
}

/** The range of cells of a side whose middles lie in [from, to), or the one that holds its middle. */
function range(from, to, size, count) {
  const first = Math.max(0, Math.ceil(from / size - 0.5));
  const last = Math.min(count - 1, Math.ceil(to / size - 0.5) - 1);
  if (first <= last) return [first, last];
  const middle = Math.min(count - 1, Math.max(0, Math.floor((from + to) / 2 / size)));
  return [middle, middle];
}

/** The positions of another axis that lie in the picture where some positions of this one do; tokens go by their names. */
export function carried(from, positions, to) {
  if (from === to) return positions;
  const found = new Set();
  for (const position of positions) {
    const box = boxOf(from, position);
    if (!box) {
      const label = from.named.get(position)?.label;
      for (const other of to.named.values()) if (other.label === label) found.add(other.position);
    } else if (to.rows) {
      const rows = range(box.top, box.bottom, to.height, to.rows);
      const cols = range(box.left, box.right, to.width, to.cols);
      for (let row = rows[0]; row <= rows[1]; row++)
        for (let col = cols[0]; col <= cols[1]; col++) found.add(to.at[row * to.cols + col]);
    }
  }
  found.delete(-1);
  return [...found].sort((a, b) => a - b);
}

/** The patches that touch some others, corners included, and are none of them. */
export function neighbours(axis, positions) {
  const own = new Set(positions);
  const found = new Set();
  for (const position of positions) {
    const place = placeOf(axis, position);
    if (!place) continue;
    for (let row = Math.max(0, place.row - 1); row <= Math.min(axis.rows - 1, place.row + 1); row++)
      for (let col = Math.max(0, place.col - 1); col <= Math.min(axis.cols - 1, place.col + 1); col++) {
        const other = axis.at[row * axis.cols + col];
        if (other >= 0 && !own.has(other)) found.add(other);
      }
  }
  return found;
}

/** Row by row: the numbers of positions laid on the grid; NaN where the tower has no patch. */
export function laid(axis, values) {
  const out = new Float32Array(axis.rows * axis.cols).fill(NaN);
  for (const position of axis.patches) out[axis.cells[position]] = values[position];
  return out;
}
