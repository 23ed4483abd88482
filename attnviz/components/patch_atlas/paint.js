// A row of weights becomes the pixels of a tile. Knows nothing of the page.
import { laid } from "../common/patches.js";

/** The grid of a line: its patches where they lie; of an axis without patches one row of all. */
export function gridOf(axis, values) {
  if (!axis.rows) return { rows: 1, cols: values.length, values };
  return { rows: axis.rows, cols: axis.cols, values: laid(axis, values) };
}

/** A tile of whole pixels; the strongest shows where cells are smaller. `top` is the weight of the strongest colour. */
export function tile({ rows, cols, values }, width, height, top, table) {
  const out = new Uint32Array(width * height);
  const span = (at, to, from) => [Math.floor((at * from) / to), to >= from ? Math.floor((at * from) / to) + 1 : Math.ceil(((at + 1) * from) / to)];
  const across = Array.from({ length: width }, (_, x) => span(x, width, cols));
  for (let y = 0; y < height; y++) {
    const [first, last] = span(y, height, rows);
    for (let x = 0; x < width; x++) {
      let most = 0;
      for (let row = first; row < last; row++)
        for (let col = across[x][0]; col < across[x][1]; col++) if (values[row * cols + col] > most) most = values[row * cols + col];
      out[y * width + x] = table[Math.round(255 * Math.sqrt(Math.min(1, most / top)))];
    }
  }
  return new ImageData(new Uint8ClampedArray(out.buffer), width, height);
}
