// The whole map, small, and a frame around the part in sight: drag it, or walk it with the arrow keys.
import { make, sharpen } from "../common/dom.js";

const LEAST_FRAME = 6; // CSS pixels
const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const STEP = 0.25; // of what is in sight

export class Minimap {
  /** calls: {centre(x, y) in shares of the map, walk(x, y) in shares of what is in sight, key(event) -> handled} */
  constructor(calls) {
    this.calls = calls;
    this.canvas = make("canvas", {
      class: "minimap", tabindex: 0, role: "application",
      onpointerdown: (event) => this.press(event),
      onpointermove: (event) => this.canvas.hasPointerCapture(event.pointerId) && this.drag(event),
      onkeydown: (event) => this.key(event) && event.preventDefault(),
    });
  }

  name(label, description) {
    this.canvas.setAttribute("aria-label", label);
    this.canvas.setAttribute("aria-description", description);
  }

  /** A scene as paint.js has it. */
  draw({ grid, place, part, ink, pictures, pinned }) {
    const { left, top, side } = place.mini;
    const [wide, high] = [grid.cols, grid.rows].map((count) => (side * count) / Math.max(grid.cols, grid.rows));
    Object.assign(this.canvas.style, { left: `${left}px`, top: `${top}px` });
    this.box = { wide, high };
    const context = sharpen(this.canvas, Math.ceil(wide), Math.ceil(high));
    context.fillStyle = ink.background;
    context.fillRect(0, 0, wide, high);
    context.imageSmoothingEnabled = true;
    if (pictures.whole) context.drawImage(pictures.whole, 0, 0, wide, high);
    context.fillStyle = ink.accent;
    if (pinned.row !== null) context.fillRect(0, (pinned.row / grid.rows) * high - 0.5, wide, 1);
    if (pinned.column !== null) context.fillRect((pinned.column / grid.cols) * wide - 0.5, 0, 1, high);
    this.frame(context, { grid, part, ink });
  }

  frame(context, { grid, part, ink }) {
    const { wide, high } = this.box;
    const length = (of) => Math.min(of, Math.max(LEAST_FRAME, of / part.zoom));
    const start = (from, count, of) => Math.min(of - length(of), Math.max(0, (from / count + 0.5 / part.zoom) * of - length(of) / 2));
    const [x, y] = [start(part.x, grid.cols, wide), start(part.y, grid.rows, high)];
    for (const [width, colour] of [[3, ink.background], [1.5, ink.accent]]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.strokeRect(x + 1, y + 1, length(wide) - 2, length(high) - 2);
    }
  }

  press(event) {
    if (event.button > 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drag(event);
  }

  drag(event) {
    const box = this.canvas.getBoundingClientRect();
    this.calls.centre((event.clientX - box.left) / this.box.wide, (event.clientY - box.top) / this.box.high);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return false;
    const step = STEPS[event.key];
    if (!step) return this.calls.key(event);
    this.calls.walk(step[0] * STEP, step[1] * STEP);
    return true;
  }
}
