// The part of the map that is in sight as a picture, a pixel a cell, with what cannot be read cut out. Pure, but for canvases.

/** The cells of `down` × `across` positions that a part of the map touches. */
export function boxOf({ rows, cols }, part, { down, across }) {
  const row = Math.floor(part.y / down);
  const col = Math.floor(part.x / across);
  const end = (from, length, count, side) => Math.min(Math.ceil(count / side), Math.ceil((from + length) / side - 1e-9));
  return {
    row, col, down, across,
    rows: Math.max(1, end(part.y, rows / part.zoom, rows, down) - row),
    cols: Math.max(1, end(part.x, cols / part.zoom, cols, across) - col),
  };
}

/** How strongly cells are drawn as a canvas; `pixels` is the ramp as 256 pixels. */
export function coloured(bytes, { rows, cols }, pixels) {
  const canvas = new OffscreenCanvas(cols, rows);
  const context = canvas.getContext("2d");
  const image = context.createImageData(cols, rows);
  const target = new Uint32Array(image.data.buffer);
  for (let at = 0; at < bytes.length; at++) target[at] = pixels[bytes[at]];
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The same with cells of so many pixels, whole, from which a picture is shrunk a little without cells of uneven size. */
export function enlarged(canvas, wide, high) {
  const large = new OffscreenCanvas(canvas.width * wide, canvas.height * high);
  const context = large.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  return large;
}

/** The cells in which no pair can be read, as a canvas that is opaque there; null where every pair can be. */
export function closed({ row, col, rows, cols, down, across }, queries, keys, reads) {
  if (!reads) return null;
  const canvas = new OffscreenCanvas(cols, rows);
  const context = canvas.getContext("2d");
  const image = context.createImageData(cols, rows);
  const target = new Uint32Array(image.data.buffer);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < cols; x++) if (!anyRead((row + y) * down, (col + x) * across, down, across, queries, keys, reads)) target[y * cols + x] = 0xffffffff;
  context.putImageData(image, 0, 0);
  return canvas;
}

function anyRead(top, left, down, across, queries, keys, reads) {
  const [bottom, right] = [Math.min(queries.count, top + down), Math.min(keys.count, left + across)];
  for (let query = top; query < bottom; query++)
    for (let key = left; key < right; key++) if (reads(queries.order[query], keys.order[key])) return true;
  return false;
}
