// Draws lines on a canvas context. Knows nothing of events or of the store.
//
// A scene: {grid (token_map/grid.js), ink, width, height, top, step}; top is how far the columns are scrolled, step how
// high a row is.

const THICK = 3; // CSS pixels
const THIN = 1; // no line is thinner, and most are as thin: such lines are drawn several times faster
const PALEST = 0.35; // of the ramp: its first colours are the page's own
const BEND = 0.45; // of the width: a line leaves its token level

/** Opacity of the weakest lines: among all lines, and of one token alone. */
export const [CROWD, ALONE] = [0.12, 0.4];

/** Lines in the order given; those that pass above or below the canvas are left out. */
export function paintLines(context, cells, faintest, { grid, ink, width, height, top, step }) {
  const at = (place) => (place + 0.5) * step - top;
  const away = (y) => (y < 0 ? -1 : y > height ? 1 : 0);
  let dressed = null;
  for (const cell of cells) {
    const [from, to] = [at(Math.floor(cell / grid.cols)), at(cell % grid.cols)];
    if (away(from) && away(from) === away(to)) continue;
    const byte = grid.bytes[cell];
    if (byte !== dressed) dress(context, ink, byte / 255, faintest); // neighbours in order are often alike
    dressed = byte;
    context.beginPath();
    context.moveTo(0, from);
    context.bezierCurveTo(width * BEND, from, width * (1 - BEND), to, width, to);
    context.stroke();
  }
  context.globalAlpha = 1;
}

function dress(context, ink, strength, faintest) {
  context.strokeStyle = ink.css(PALEST + (1 - PALEST) * strength);
  context.globalAlpha = faintest + (1 - faintest) * strength;
  context.lineWidth = Math.max(THIN, THICK * strength);
}
