// The weights of the shown map as bytes of how strongly they are drawn, whichever way they come. Knows nothing of pixels.
//
// A sheet fills a box of cells, each the largest of down × across weights: fill(box) -> Uint8Array, box {row, col, rows,
// cols, down, across} in cells of that size; value(row, col) is a weight, or null where it is not at hand.
import { addWeights } from "../common/packet.js";
import { sight } from "../common/sight.js";
import { cellsOf, levelFor, levelsOf, sideAt, TILE, tilesIn } from "../token_map/pyramid.js";

const SQUARES = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255) ** 2);
const LARGEST_WHOLE = 2 ** 22; // weights that come as one map, as in common/sight.js

/** The weights of the shown map as the browser has them: {weights} or {bytes}, (query, key); null while none are there. */
export function content() {
  const { queries, keys } = sight.layer;
  const size = queries.count * keys.count;
  if (sight.isExact) return sight.exact.weights.length === size ? { weights: sight.exact.weights, exact: true } : null;
  if (sight.isLens) return null;
  if (!sight.isLong) return joined(sight.parts, size);
  const bytes = sight.isPicked ? null : sight.far.tiles.get(sight.mapPath);
  return bytes && { bytes };
}

/** Whether the map comes in tiles, being too large to come whole. */
export function isTiled() {
  const { queries, keys } = sight.layer;
  return sight.isLong && !sight.isLens && !sight.isPicked && queries.count * keys.count > LARGEST_WHOLE;
}

/** Several heads as one map; of bytes the largest and the least are those of the weights. */
function joined(parts, size) {
  const maps = parts.map(({ layer, head }) => sight.packet.values(layer, head));
  if (maps.length === 1) return { bytes: maps[0] };
  if (!sight.isPicked) {
    const weights = new Float32Array(size);
    maps.forEach((bytes, index) => addWeights(weights, bytes, parts[index].weight));
    return { weights };
  }
  const bytes = maps[0].slice();
  const most = sight.choice.fuse === "max";
  for (const other of maps.slice(1)) for (let at = 0; at < size; at++) if (other[at] > bytes[at] === most) bytes[at] = other[at];
  return { bytes };
}

/** The largest weight of a map. */
export function largest({ weights, bytes }) {
  const numbers = weights ?? bytes;
  let most = 0;
  for (let at = 0; at < numbers.length; at++) if (numbers[at] > most) most = numbers[at];
  return weights ? most : SQUARES[most];
}

/** A map that is in the browser whole. `top` is the weight of the strongest colour. */
export class Whole {
  constructor({ weights, bytes, exact }, queries, keys, top) {
    Object.assign(this, { weights, bytes, queries, keys, isExact: Boolean(exact) });
    const strength = (weight) => Math.round(255 * Math.sqrt(Math.min(1, Math.max(0, weight / top))));
    const table = Uint8Array.from(SQUARES, strength);
    this.drawn = new Uint8Array(queries.count * keys.count); // in the order of the sides
    const columns = keys.order;
    for (let row = 0, at = 0; row < queries.count; row++) {
      const from = queries.order[row] * keys.count;
      if (weights) for (let col = 0; col < columns.length; col++) this.drawn[at++] = strength(weights[from + columns[col]]);
      else for (let col = 0; col < columns.length; col++) this.drawn[at++] = table[bytes[from + columns[col]]];
    }
  }

  get isThere() {
    return true;
  }

  /** How many positions a cell covers along each side, when a position is so many device pixels high and wide. */
  sides(high, wide) {
    const side = (pixels) => Math.max(1, Math.ceil(1 / pixels - 1e-6));
    return { down: side(high), across: side(wide) };
  }

  fill({ row, col, rows, cols, down, across }) {
    const { queries, keys, drawn } = this;
    const out = new Uint8Array(rows * cols);
    const [bottom, right] = [Math.min(queries.count, (row + rows) * down), Math.min(keys.count, (col + cols) * across)];
    for (let query = row * down; query < bottom; query++) {
      const line = (Math.floor(query / down) - row) * cols - col;
      for (let key = col * across, at = query * keys.count + key; key < right; key++, at++) {
        const cell = across === 1 ? line + key : line + Math.floor(key / across);
        if (drawn[at] > out[cell]) out[cell] = drawn[at];
      }
    }
    return out;
  }

  value(row, col) {
    const at = this.queries.order[row] * this.keys.count + this.keys.order[col];
    return this.weights ? this.weights[at] : SQUARES[this.bytes[at]];
  }
}

/** A map of which the parts in sight come as tiles; its sides stand as the model has them. */
export class Tiled {
  constructor(queries, keys, topOf) {
    this.grid = { rows: queries.count, cols: keys.count };
    this.address = `${sight.path}/shown/shared`;
    this.isExact = false;
    this.topOf = topOf; // (largest weight or null) -> the weight of the strongest colour
  }

  path({ level, row, col }) {
    return `${this.address}/${level}/${row}/${col}`;
  }

  bytesOf(tile) {
    return sight.far.tiles.get(this.path(tile));
  }

  get whole() {
    return this.bytesOf({ level: 0, row: 0, col: 0 });
  }

  get isThere() {
    return Boolean(this.whole);
  }

  get top() {
    const bytes = this.whole;
    return this.topOf(bytes && largest({ bytes }));
  }

  sides(high, wide) {
    const side = sideAt(this.grid, levelFor(this.grid, Math.min(high, wide)));
    return { down: side, across: side };
  }

  levelOf(side) {
    return levelsOf(this.grid) - 1 - Math.round(Math.log2(side));
  }

  /** Asks for what is looked at, the whole first. */
  want(part, side) {
    const tiles = [{ level: 0, row: 0, col: 0 }, ...tilesIn(this.grid, this.levelOf(side), part)];
    const paths = [...new Set(tiles.map((tile) => this.path(tile)))];
    if (paths.join() === sight.mapTiles.join()) return;
    sight.mapTiles = paths;
    sight.far.tiles.want(sight.wanted);
  }

  fill(box) {
    const { top } = this;
    const table = Uint8Array.from(SQUARES, (weight) => Math.round(255 * Math.sqrt(Math.min(1, weight / top))));
    const level = this.levelOf(box.down);
    const out = new Uint8Array(box.rows * box.cols);
    for (let row = 0; row < box.rows; row++)
      for (let col = 0; col < box.cols; ) col += this.run(out, table, box, level, row, col);
    return out;
  }

  /** Some cells of one row, up to the end of their tile, from the finest level that has come; gives how many. */
  run(out, table, box, level, row, col) {
    const [y, x] = [box.row + row, box.col + col];
    const count = Math.min(box.cols - col, TILE - (x % TILE));
    for (let up = 0; up <= level; up++) {
      const [down, right] = [y >> up, x >> up];
      const tile = { level: level - up, row: Math.floor(down / TILE), col: Math.floor(right / TILE) };
      const bytes = this.bytesOf(tile);
      if (!bytes) continue;
      const { cols } = cellsOf(this.grid, tile);
      const line = (down % TILE) * cols;
      for (let at = 0; at < count; at++) out[row * box.cols + col + at] = table[bytes[line + (((x + at) >> up) % TILE)]];
      break;
    }
    return count;
  }

  value() {
    return null; // numbers are asked for one by one
  }
}
