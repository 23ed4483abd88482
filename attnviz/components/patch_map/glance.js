// A small picture of what the model saw, with the query's patch and the key's.
import { make, sharpen } from "../common/dom.js";
import { boxOf } from "../common/patches.js";
import { sight } from "../common/sight.js";
import { seenFrame } from "../patch_view/frames.js";
import { nameAt } from "./sides.js";

const SIDES = { wide: 164, narrow: 116 }; // CSS pixels
const DASH = [4, 3];
const RIM = 1.5;

export class Glance {
  constructor() {
    this.canvas = make("canvas", { role: "img" });
    this.query = make("dd");
    this.key = make("dd");
    this.names = { query: make("dt"), key: make("dt") };
    const pairs = [make("div", { class: "solid" }, this.names.query, this.query), make("div", { class: "dashed" }, this.names.key, this.key)];
    this.element = make("div", { class: "glance" }, this.canvas, make("dl", { class: "number" }, ...pairs));
  }

  /** places: {row, column}, either may be null; sides: {queries, keys}; rim: [inner, outer] of a ring. */
  draw({ row, column }, { queries, keys }, rim, narrow) {
    const [seen] = sight.picture.bitmaps ?? [];
    if (!seen) return;
    const frame = seenFrame(sight.picture, SIDES[narrow ? "narrow" : "wide"], SIDES[narrow ? "narrow" : "wide"]);
    const context = sharpen(this.canvas, frame.width, frame.height);
    context.clearRect(0, 0, frame.width, frame.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(seen, 0, 0, frame.width, frame.height);
    if (column !== null) ring(context, frame, boxOf(keys.axis, keys.order[column]), rim, DASH);
    if (row !== null) ring(context, frame, boxOf(queries.axis, queries.order[row]), rim, []);
    const said = (side, place) => (place === null ? "" : nameAt(side, place));
    for (const name of ["query", "key"]) this.names[name].textContent = sight.phrase(`second.${name}`);
    this.query.textContent = said(queries, row);
    this.key.textContent = said(keys, column);
    this.canvas.setAttribute("aria-label", sight.phrase("second.glance"));
  }
}

function ring(context, frame, box, [inner, outer], dash) {
  if (!box) return;
  const [x, y] = [frame.x(box.left), frame.y(box.top)];
  const [width, height] = [Math.max(4, frame.x(box.right) - x), Math.max(4, frame.y(box.bottom) - y)];
  context.save();
  context.lineWidth = RIM + 2.5;
  context.strokeStyle = outer;
  context.strokeRect(x, y, width, height);
  context.setLineDash(dash);
  context.lineWidth = RIM;
  context.strokeStyle = inner;
  context.strokeRect(x, y, width, height);
  context.restore();
}
