// The map as small pictures, one pixel a cell: the browser enlarges them, so that a zoom redraws nothing.
import { pixels } from "../head_atlas/paint.js";
import { halved } from "./grid.js";

/** The first picture is whole, each one after it half as wide; made when they are needed. */
export class Pictures {
  constructor(grid, ink) {
    this.levels = [grid];
    this.pixels = pixels(ink);
    this.canvases = [];
  }

  /** The most detailed picture whose cells are at least one device pixel wide. */
  sized(pixelsPerCell) {
    const level = Math.max(0, Math.ceil(-Math.log2(pixelsPerCell)));
    while (this.levels.length <= level) this.levels.push(halved(this.levels.at(-1)));
    this.canvases[level] ??= this.coloured(this.levels[level]);
    return { canvas: this.canvases[level], shrink: 2 ** level };
  }

  coloured({ bytes, rows, cols }) {
    const canvas = new OffscreenCanvas(cols, rows);
    const context = canvas.getContext("2d");
    const image = context.createImageData(cols, rows);
    const target = new Uint32Array(image.data.buffer);
    for (let at = 0; at < bytes.length; at++) target[at] = this.pixels[bytes[at]];
    context.putImageData(image, 0, 0);
    return canvas;
  }
}
