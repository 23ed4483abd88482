// A row of weights as pixels over a picture. Knows nothing of the page.
import { kept } from "../common/rows.js";

const FINER = 8; // a smooth overlay has so many dots a patch along each side

const NIGHT = [8, 10, 15];

export const SHARED_TOP = 16; // the shared scale ends at so many even shares

/** What 1 is on the scale: so many even shares, or the largest that is drawn. */
export function topOf(values, { scale }, evenShare) {
  if (scale === "shared") return Math.min(1, SHARED_TOP * evenShare);
  return values.reduce((most, value) => (value > most ? value : most), 0) || 1;
}

/**
 * Strengths, 0 to 1, on the grid: {rows, cols, strengths, mask}; NaN where there is no patch. Cells that are left
 * out have no say in the scale nor in the mass. The root keeps small weights visible.
 */
export function strengths({ rows, cols }, values, choice, evenShare, leftOut = []) {
  const counted = leftOut.length ? values.slice() : values;
  for (const cell of leftOut) counted[cell] = 0;
  const mask = choice.mass < 100 ? kept(counted, choice.mass / 100) : null;
  const top = topOf(counted, choice, evenShare);
  const strength = (value, at) => (mask && !mask[at] && !Number.isNaN(value) ? 0 : Math.sqrt(Math.min(1, value / top)));
  return { rows, cols, strengths: values.map(strength), mask, top };
}

/** Numbers as shares of what all of them get that are not left out: {values, whole}. */
export function alone(values, leftOut) {
  const out = new Set(leftOut);
  const whole = values.reduce((sum, value, at) => (Number.isNaN(value) || out.has(at) ? sum : sum + value), 0);
  return { values: whole > 0 ? values.map((value) => value / whole) : values, whole };
}

/** The same on a finer grid, straight lines between the middles of patches. */
function finer({ rows, cols, strengths: from }) {
  const out = { rows: rows * FINER, cols: cols * FINER, strengths: new Float32Array(rows * cols * FINER * FINER) };
  const at = (row, col) => from[Math.min(rows - 1, Math.max(0, row)) * cols + Math.min(cols - 1, Math.max(0, col))] || 0;
  for (let y = 0; y < out.rows; y++) {
    const row = (y + 0.5) / FINER - 0.5;
    const top = Math.floor(row);
    for (let x = 0; x < out.cols; x++) {
      const col = (x + 0.5) / FINER - 0.5;
      const left = Math.floor(col);
      const [down, across] = [row - top, col - left];
      const upper = at(top, left) * (1 - across) + at(top, left + 1) * across;
      const lower = at(top + 1, left) * (1 - across) + at(top + 1, left + 1) * across;
      out.strengths[y * out.cols + x] = upper * (1 - down) + lower * down;
    }
  }
  return out;
}

/** What covers a patch: {colour: [red, green, blue], cover}, cover from 0 to 1. */
export function dye(strength, { overlay, opacity }, ink) {
  const share = Number.isNaN(strength) ? 0 : strength;
  const light = overlay === "light";
  return { colour: light ? NIGHT : ink.rgb(share), cover: (opacity / 100) * (light ? 1 - share : 1) };
}

/** A picture of the overlay, a dot a patch or finer, to be drawn over the grid's own rectangle. */
export function picture(laid, { overlay, drawing, opacity }, ink) {
  const grid = drawing === "smooth" ? finer(laid) : laid;
  const image = new ImageData(grid.cols, grid.rows);
  grid.strengths.forEach((strength, at) => {
    const { colour, cover } = dye(strength, { overlay, opacity }, ink);
    image.data.set([...colour, Math.round(255 * cover)], 4 * at);
  });
  const canvas = new OffscreenCanvas(grid.cols, grid.rows);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
