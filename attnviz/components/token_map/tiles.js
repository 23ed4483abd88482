// A long map as it lies in the browser: the tiles that have come, coloured, and which ones a look needs.
import { store } from "../common/store.js";
import { pixels } from "../head_atlas/paint.js";
import { across, down } from "./places.js";
import { cellsOf, levelFor, sideAt, TILE, tilesIn } from "./pyramid.js";

const MOST_CANVASES = 160; // of 256 kB
const SHARPEST = 2; // device pixels a CSS pixel: more would ask for four times the tiles, and no eye sees it
const WHOLE = { level: 0, row: 0, col: 0 };

export class Tiles {
  /** `before` is what was shown until now; it stays until the first tile of this one has come. */
  constructor(grid, ink, before = null) {
    this.grid = grid;
    this.before = before?.isBlank ? before.before : before;
    this.isBlank = true;
    this.pixels = pixels(ink);
    this.canvases = new Map();
    const { specials, scale } = store.settings;
    this.address = `${store.path}/${specials}/${scale}`;
    this.name = `${grid.made} ${ink.dark} ${this.address}`;
  }

  /** The tiles of another map, or of the same one as before, in the same colours. */
  static of(grid, ink, before) {
    const tiles = before instanceof Tiles && before.grid.rows === grid.rows && before.grid.cols === grid.cols ? before : null;
    const made = new Tiles(grid, ink, tiles);
    return tiles && tiles.name === made.name ? tiles : made;
  }

  pathOf({ level, row, col }) {
    return `${this.address}/${level}/${row}/${col}`;
  }

  levelOf(size, ratio) {
    return levelFor(this.grid, size * Math.min(SHARPEST, ratio));
  }

  /** How many positions a drawn cell covers along each side. */
  sideOf(size, ratio) {
    return sideAt(this.grid, this.levelOf(size, ratio));
  }

  /** The paths of all tiles that a view shows, and of the whole map, from which every view can be drawn at once. */
  needed({ part, size, ratio }) {
    const seen = tilesIn(this.grid, this.levelOf(size, ratio), part);
    return [...new Set([WHOLE, ...seen].map((tile) => this.pathOf(tile)))];
  }

  /** Draws what has come, coarser where the finer has not. */
  paint(context, view) {
    const { place, part, size, ratio } = view;
    this.isBlank &&= !this.canvasOf(WHOLE);
    if (this.isBlank) return this.before?.paint(context, view);
    this.before = null;
    context.save();
    context.beginPath();
    context.rect(place.left, place.top, place.wide, place.high);
    context.clip();
    context.imageSmoothingEnabled = false;
    for (const tile of tilesIn(this.grid, this.levelOf(size, ratio), part)) this.paintTile(context, view, tile);
    context.restore();
  }

  paintTile(context, view, tile) {
    for (let up = 0; up <= tile.level; up++) {
      const coarser = { level: tile.level - up, row: tile.row >> up, col: tile.col >> up };
      const canvas = this.canvasOf(coarser);
      if (!canvas) continue;
      const cells = TILE / 2 ** up;
      const [x, y] = [(tile.col % 2 ** up) * cells, (tile.row % 2 ** up) * cells];
      const [wide, high] = [Math.min(cells, canvas.width - x), Math.min(cells, canvas.height - y)];
      const box = this.boxOf(view, tile, { wide: wide * 2 ** up, high: high * 2 ** up });
      return context.drawImage(canvas, x, y, wide, high, box.x, box.y, box.wide, box.high);
    }
  }

  /** Where so many cells of a tile lie on the screen, on whole device pixels so that neighbours meet. */
  boxOf(view, { level, row, col }, { wide, high }) {
    const side = sideAt(this.grid, level);
    const sharp = (at) => Math.round(at * view.ratio) / view.ratio;
    const [left, top] = [col * TILE * side, row * TILE * side];
    const [x, y] = [sharp(across(view, left)), sharp(down(view, top))];
    const [right, bottom] = [sharp(across(view, left + wide * side)), sharp(down(view, top + high * side))];
    return { x, y, wide: right - x, high: bottom - y };
  }

  /** The whole map as a picture, or null while it is on its way. */
  get whole() {
    return this.canvasOf(WHOLE);
  }

  canvasOf(tile) {
    const path = this.pathOf(tile);
    const bytes = store.far.tiles.get(path);
    const kept = this.canvases.get(path);
    if (kept || !bytes) return kept ?? null;
    const canvas = this.coloured(bytes, cellsOf(this.grid, tile));
    this.canvases.set(path, canvas);
    if (this.canvases.size > MOST_CANVASES) this.canvases.delete(this.canvases.keys().next().value);
    return canvas;
  }

  coloured(bytes, { rows, cols }) {
    const canvas = new OffscreenCanvas(cols, rows);
    const context = canvas.getContext("2d");
    const image = context.createImageData(cols, rows);
    const target = new Uint32Array(image.data.buffer);
    for (let at = 0; at < bytes.length; at++) target[at] = this.pixels[bytes[at]];
    context.putImageData(image, 0, 0);
    return canvas;
  }

  /** The drawn number of the cell that holds a pair, 0 to 1; null while it is on its way. */
  numberAt(row, column, size, ratio) {
    const level = this.levelOf(size, ratio);
    const side = sideAt(this.grid, level);
    const [down, right] = [Math.floor(row / side), Math.floor(column / side)];
    const tile = { level, row: Math.floor(down / TILE), col: Math.floor(right / TILE) };
    const bytes = store.far.tiles.get(this.pathOf(tile));
    return bytes && (bytes[(down % TILE) * cellsOf(this.grid, tile).cols + (right % TILE)] / 255) ** 2;
  }
}
