// A picture in patches: lit where it is read, one patch chosen, one under the hand.
import { make, sharpen } from "../common/dom.js";
import { strength } from "../common/ink.js";

const DARKEST = 0.86;

export class Picture {
  /** grid: [rows, cols] of cells; onpoint(cell or null), onpick(cell). */
  constructor(legend, { pixels, size }, { onpoint, onpick }) {
    this.onpoint = onpoint;
    this.onpick = onpick ?? (() => {});
    this.cell = null;
    this.source = raster(pixels, size);
    this.canvas = make("canvas", {
      tabindex: 0, role: "application", "aria-label": legend,
      onpointermove: (event) => this.point(this.under(event)),
      onpointerleave: () => this.point(null),
      onclick: (event) => this.onpick(this.under(event)),
      onkeydown: (event) => this.walk(event),
      onblur: () => this.point(null),
    });
    this.element = make("div", { class: "picture" }, this.canvas);
  }

  under({ offsetX, offsetY }) {
    const [rows, cols] = this.facts.grid, side = this.canvas.clientWidth;
    const within = (offset, count) => Math.min(count - 1, Math.max(0, Math.floor((offset / side) * count)));
    return within(offsetY, rows) * cols + within(offsetX, cols);
  }

  point(cell) {
    if (cell === this.cell) return;
    this.cell = cell;
    this.onpoint(cell);
    this.paint();
  }

  walk(event) {
    const [rows, cols] = this.facts.grid, at = this.cell ?? this.facts.at ?? 0;
    const row = Math.floor(at / cols), col = at % cols;
    const to = {
      ArrowUp: row > 0 ? at - cols : at, ArrowDown: row < rows - 1 ? at + cols : at,
      ArrowLeft: col > 0 ? at - 1 : at, ArrowRight: col < cols - 1 ? at + 1 : at,
    }[event.key];
    if (to !== undefined) this.point(to);
    else if (event.key === "Enter" || event.key === " ") this.onpick(at);
    else return;
    event.preventDefault();
  }

  /** facts: grid, values (one a cell), most (which is brightest), at (the chosen cell), box [left, top, right, bottom] */
  draw(facts, ink) {
    this.facts = facts;
    this.ink = ink;
    this.paint();
  }

  paint() {
    const { facts, ink } = this, side = Math.min(520, this.element.clientWidth);
    if (!facts || side < 20) return;
    const own = sharpen(this.canvas, side, side), [rows, cols] = facts.grid;
    const edge = (place, count) => Math.round((place * side) / count); // whole pixels leave no seams
    const cell = (at, draw) => {
      const row = Math.floor(at / cols), col = at % cols, left = edge(col, cols), top = edge(row, rows);
      draw(left, top, edge(col + 1, cols) - left, edge(row + 1, rows) - top);
    };
    own.imageSmoothingEnabled = false;
    own.drawImage(this.source, 0, 0, side, side);
    facts.values.forEach((value, at) => {
      own.fillStyle = `rgb(8 10 24 / ${(DARKEST * (1 - strength(value, facts.most))).toFixed(3)})`;
      cell(at, (...box) => own.fillRect(...box));
    });
    if (facts.ruled) this.rule(own, side);
    this.frame(own, side, cell, ink);
  }

  rule(own, side) {
    const [rows, cols] = this.facts.grid;
    own.fillStyle = "rgb(255 255 255 / .13)";
    for (let row = 1; row < rows; row++) own.fillRect(0, (row * side) / rows, side, 1);
    for (let col = 1; col < cols; col++) own.fillRect((col * side) / cols, 0, 1, side);
  }

  frame(own, side, cell) {
    const { facts } = this;
    const outline = (colour) => (x, y, width, height) => {
      own.lineWidth = 4;
      own.strokeStyle = "#0a0d1c";
      own.strokeRect(x, y, width, height);
      own.lineWidth = 2;
      own.strokeStyle = colour;
      own.strokeRect(x, y, width, height);
    };
    if (facts.box) {
      const [left, top, right, bottom] = facts.box.map((edge) => (edge / this.source.width) * side);
      own.setLineDash([5, 4]);
      outline("#ffffff")(left, top, right - left, bottom - top);
      own.setLineDash([]);
    }
    if (facts.at !== null && facts.at !== undefined) cell(facts.at, outline("#ffd43b"));
    if (this.cell !== null) cell(this.cell, outline("#ffffff"));
  }
}

/** Pixels as they came, as something that a canvas can draw. */
function raster(pixels, [height, width]) {
  const canvas = new OffscreenCanvas(width, height), own = canvas.getContext("2d");
  const image = own.createImageData(width, height);
  for (let at = 0; at < width * height; at++) image.data.set([...pixels.subarray(3 * at, 3 * at + 3), 255], 4 * at);
  own.putImageData(image, 0, 0);
  return canvas;
}
