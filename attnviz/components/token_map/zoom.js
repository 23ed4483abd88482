// The part of the map that is on the screen, in cells: {x, y, span}. Pure arithmetic.

const LEAST_SPAN = 4;

export const whole = (count) => ({ x: 0, y: 0, span: count });

const within = (number, low, high) => Math.min(high, Math.max(low, number));

function kept({ x, y, span }, count) {
  return { x: within(x, 0, count - span), y: within(y, 0, count - span), span };
}

/** Closer by a factor; the cell under (x, y) stays where it is. */
export function zoomed(part, factor, { x, y }, count) {
  const span = within(part.span / factor, Math.min(LEAST_SPAN, count), count);
  const shrink = span / part.span;
  return kept({ x: x - (x - part.x) * shrink, y: y - (y - part.y) * shrink, span }, count);
}

export const moved = (part, x, y, count) => kept({ ...part, x: part.x + x, y: part.y + y }, count);

/** The same span, moved as little as shows the cell (row, column). */
export function showing(part, { row, column }, count) {
  const x = within(part.x, column + 1 - part.span, column);
  const y = within(part.y, row + 1 - part.span, row);
  return kept({ ...part, x, y }, count);
}
