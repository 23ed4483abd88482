// Every head's thumbnail on one canvas, with the numbers of layers and heads: a file to take away.
import { make } from "../common/dom.js";
import { sight } from "../common/sight.js";
import { manner, targetText } from "../common/sighted.js";
import { pixels } from "../head_atlas/paint.js";
import { tile } from "../patch_atlas/paint.js";
import { thumbnail } from "../patch_atlas/thumbnail.js";

const LONGER = 112; // pixels of a thumbnail's longer side,
const MOST_PIXELS = 6_000; // or fewer, where there are many
const [LABEL, GAP, TITLE, EDGE] = [52, 8, 44, 16];
const FONT = 18;

/** A canvas with a row a layer and a column a head. */
export function headsCanvas(ink) {
  const { layers } = sight.packet;
  const columns = Math.max(...layers.map(({ heads }) => heads));
  const { seen } = sight.picture;
  const side = Math.min(LONGER, Math.floor(MOST_PIXELS / Math.max(columns, layers.length)) - GAP);
  const [across, down] = seen.toReversed().map((length) => Math.max(8, Math.round((side * length) / Math.max(...seen))));
  const canvas = make("canvas", {
    width: LABEL + columns * (across + GAP) + EDGE, height: TITLE + FONT + GAP + layers.length * (down + GAP) + EDGE,
  });
  const context = canvas.getContext("2d");
  context.fillStyle = ink.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = ink.text;
  context.font = `600 ${FONT}px ${ink.font}`;
  const whose = sight.phrase(`sight.tiles.${manner(sight.pinned)}`, { target: targetText(sight.pinned) });
  context.fillText(whose, EDGE, TITLE - FONT / 2, canvas.width - 2 * EDGE);
  context.font = `${FONT - 4}px ${ink.font}`;
  const table = pixels(ink);
  const top = TITLE + FONT + GAP;
  for (let head = 0; head < columns; head++) text(context, `H${head}`, LABEL + head * (across + GAP) + across / 2, TITLE + FONT / 2, "center");
  layers.forEach(({ heads }, layer) => {
    const y = top + layer * (down + GAP);
    text(context, `L${layer}`, LABEL - GAP, y + down / 2, "end");
    for (let head = 0; head < heads; head++) {
      const { grid, top: most } = thumbnail(layer, head);
      context.putImageData(tile(grid, across, down, most, table), LABEL + head * (across + GAP), y);
    }
  });
  return canvas;
}

function text(context, words, x, y, align) {
  context.textAlign = align;
  context.textBaseline = "middle";
  context.fillText(words, x, y);
}
