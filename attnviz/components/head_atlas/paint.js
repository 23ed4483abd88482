// Bytes of a head become the pixels of a tile. Knows nothing of the page.

/** A ramp as 256 pixels in the byte order of ImageData. */
export function pixels(ink) {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    const [red, green, blue] = ink.rgb(byte / 255);
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

/** A head as it is drawn: only `visible` positions, rows renormalised or stretched to their largest weight when asked. */
export function shown({ bytes, rows, cols }, { visible, renormalised, perRow }) {
  const every = visible.length === cols;
  if (every && !perRow) return { bytes, rows, cols };
  const across = every ? rows : visible.length;
  const place = every ? (index) => index : (index) => visible[index];
  const down = every ? cols : visible.length;
  const kept = new Uint8Array(across * down);
  for (let row = 0; row < across; row++) {
    const from = place(row) * cols;
    let most = 1;
    let squares = 1;
    for (let col = 0; col < down; col++) {
      const byte = bytes[from + place(col)];
      most = Math.max(most, byte);
      squares += byte * byte;
    }
    const factor = perRow ? 255 / most : renormalised ? 255 / Math.sqrt(squares) : 1; // bytes are roots of weights
    for (let col = 0; col < down; col++) kept[row * down + col] = Math.min(255, factor * bytes[from + place(col)]);
  }
  return { bytes: kept, rows: across, cols: down };
}

/** Where each of `to` pixels begins and ends among `from` cells: one cell when there is room, all of its cells when not. */
function spans(from, to) {
  const starts = Int32Array.from({ length: to }, (_, at) => Math.floor((at * from) / to));
  const ends = starts.map((start, at) => (to >= from ? start + 1 : Math.ceil(((at + 1) * from) / to)));
  return { starts, ends };
}

/** A tile of `width` × `height` pixels; where cells are smaller than pixels the strongest shows, so peaks survive. */
export function tile({ bytes, rows, cols }, width, height, table) {
  const down = spans(rows, height);
  const across = spans(cols, width);
  const out = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let most = 0;
      for (let row = down.starts[y]; row < down.ends[y]; row++)
        for (let at = row * cols + across.starts[x], end = row * cols + across.ends[x]; at < end; at++)
          if (bytes[at] > most) most = bytes[at];
      out[y * width + x] = table[most];
    }
  }
  return new ImageData(new Uint8ClampedArray(out.buffer), width, height);
}
