// How the picture that the model saw lies in what is drawn: in itself, or in the picture that was given.
// Pure arithmetic; a frame takes pixels of the seen picture to CSS pixels and back.

/** The seen picture, as large as fits: {width, height, x(x), y(y), seenAt(x, y)}. */
export function seenFrame({ seen }, width, height) {
  const scale = Math.min(width / seen[1], height / seen[0]);
  return frame(Math.round(seen[1] * scale), Math.round(seen[0] * scale), { x: scale, y: scale }, { x: 0, y: 0 });
}

/** The given picture, as large as fits. */
export function givenFrame({ original, resized, offset }, width, height) {
  const scale = Math.min(width / original[1], height / original[0]);
  const step = { x: (scale * original[1]) / resized[1], y: (scale * original[0]) / resized[0] };
  const start = { x: offset[1] * step.x, y: offset[0] * step.y };
  return frame(Math.round(original[1] * scale), Math.round(original[0] * scale), step, start);
}

function frame(width, height, step, start) {
  return {
    width,
    height,
    x: (x) => start.x + x * step.x,
    y: (y) => start.y + y * step.y,
    seenAt: (x, y) => ({ x: (x - start.x) / step.x, y: (y - start.y) / step.y }),
  };
}

/** A box in pixels of the given picture, [top, left, bottom, right], in those of the seen one. */
export function seenBox({ original, resized, offset }, [top, left, bottom, right]) {
  const down = (y) => (y * resized[0]) / original[0] - offset[0];
  const across = (x) => (x * resized[1]) / original[1] - offset[1];
  return { top: down(top), left: across(left), bottom: down(bottom), right: across(right) };
}

/** What of the seen picture is both picture and patch: {top, left, bottom, right} in its pixels. */
export function known({ seen, filled }, { rows, cols, height, width }) {
  const [[top, bottom], [left, right]] = filled;
  const end = rows ? { y: rows * height, x: cols * width } : { y: seen[0], x: seen[1] };
  return { top, left, bottom: Math.min(bottom, end.y), right: Math.min(right, end.x) };
}

/** The share of the given picture that no patch holds. */
export function unseenShare(picture, axis) {
  const { top, left, bottom, right } = known(picture, axis);
  const { offset, resized } = picture;
  const side = (from, to, start, length) => Math.max(0, Math.min(length, to + start) - Math.max(0, from + start)) / length;
  return 1 - side(top, bottom, offset[0], resized[0]) * side(left, right, offset[1], resized[1]);
}
