// A table of numbers as a heat map: named rows and columns, one row chosen, one cell under the hand.
import { make, sharpen } from "../common/dom.js";

const LARGEST_CELL = 44, SMALLEST_NAMED = 13, TALLEST = 560, LONGEST_NAME = 110;
const FONT = 13;
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class Table {
  /** onpoint(row, col) hears of the hand, onpoint(null) of its leaving; onpick(row, col) of a click or Enter. */
  constructor(legend, { onpoint, onpick }) {
    this.onpoint = onpoint;
    this.onpick = onpick;
    this.cell = null;
    this.canvas = make("canvas", {
      tabindex: 0, role: "application", "aria-label": legend,
      onpointermove: (event) => this.point(this.under(event)),
      onpointerleave: () => this.point(null),
      onclick: (event) => this.pick(this.under(event)),
      onkeydown: (event) => this.walk(event),
      onblur: () => this.point(null),
    });
    this.element = make("div", { class: "table" }, this.canvas);
  }

  under({ offsetX, offsetY }) {
    const { left, top, size, facts } = this;
    if (!facts) return null;
    const row = Math.floor((offsetY - top) / size), col = Math.floor((offsetX - left) / size);
    const inside = row >= 0 && row < facts.rows.length && col < facts.cols.length;
    return inside ? [row, Math.max(0, col)] : null;
  }

  point(cell) {
    if (String(cell) === String(this.cell)) return;
    this.cell = cell;
    this.onpoint(...(cell ?? [null, null]));
    this.paint();
  }

  pick(cell) {
    if (cell) this.onpick(...cell);
  }

  walk(event) {
    const [down, right] = MOVES[event.key] ?? [0, 0];
    const { rows, cols, at } = this.facts;
    const [row, col] = this.cell ?? [at ?? 0, 0];
    if (event.key === "Enter" || event.key === " ") this.pick([row, col]);
    else if (!down && !right) return;
    else this.point([Math.min(rows.length - 1, Math.max(0, row + down)), Math.min(cols.length - 1, Math.max(0, col + right))]);
    event.preventDefault();
  }

  /** facts: rows and cols (names, or null for none), at (the chosen row), share(row, col) 0 to 1 or NaN, faint(row). */
  draw(facts, ink) {
    this.facts = facts;
    this.ink = ink;
    this.paint();
  }

  paint() {
    const { facts, ink } = this;
    if (!facts) return;
    const context = this.canvas.getContext("2d");
    context.font = `${FONT}px ${ink.font}`;
    const widest = (names) => Math.min(LONGEST_NAME, Math.max(...names.map((name) => context.measureText(name).width)));
    const named = facts.named !== false;
    const left = (this.left = named ? Math.ceil(widest(facts.rows)) + 8 : 2);
    const room = this.element.clientWidth - left - 2;
    if (room < 20) return;
    const size = (this.size = Math.max(2, Math.min(LARGEST_CELL, room / facts.cols.length, TALLEST / facts.rows.length)));
    const level = widest(facts.cols) <= size - 3;
    const top = (this.top = !named || size < SMALLEST_NAMED ? 2 : level ? FONT + 8 : Math.ceil(widest(facts.cols)) + 8);
    const own = sharpen(this.canvas, left + size * facts.cols.length + 2, top + size * facts.rows.length + 2);
    own.clearRect(0, 0, this.canvas.width, this.canvas.height);
    own.font = `${FONT}px ${ink.font}`;
    own.textBaseline = "middle";
    this.cells(own);
    if (named && size >= SMALLEST_NAMED) this.names(own, level);
    this.frames(own);
  }

  cells(own) {
    const { facts, ink, left, top, size } = this;
    const gap = size > 9 ? 1 : 0;
    const x = (col) => Math.round(left + col * size), y = (row) => Math.round(top + row * size); // whole pixels leave no seams
    facts.rows.forEach((_, row) => {
      own.globalAlpha = facts.faint?.(row) ? 0.22 : 1;
      facts.cols.forEach((__, col) => {
        const share = facts.share(row, col);
        own.fillStyle = Number.isNaN(share) ? "transparent" : ink.css(share);
        own.fillRect(x(col), y(row), x(col + 1) - x(col) - gap, y(row + 1) - y(row) - gap);
      });
    });
    own.globalAlpha = 1;
    own.strokeStyle = ink.line;
    own.strokeRect(left - 0.5, top - 0.5, size * facts.cols.length + 1, size * facts.rows.length + 1);
  }

  names(own, level) {
    const { facts, ink, left, top, size, cell } = this;
    const [row, col] = cell ?? [facts.at, null];
    const say = (name, lit) => {
      own.fillStyle = lit ? ink.accent : ink.text;
      own.font = `${lit ? "600 " : ""}${FONT}px ${ink.font}`;
      own.fillText(name, 0, 0, LONGEST_NAME);
    };
    const placed = (x, y, turn, draw) => {
      own.save();
      own.translate(x, y);
      own.rotate(turn);
      draw();
      own.restore();
    };
    own.textAlign = "right";
    facts.rows.forEach((name, at) => placed(left - 6, top + (at + 0.5) * size, 0, () => say(name, at === row)));
    own.textAlign = level ? "center" : "left";
    facts.cols.forEach((name, at) => placed(left + (at + 0.5) * size, top - (level ? FONT - 3 : 6), level ? 0 : -Math.PI / 2, () => say(name, at === col)));
  }

  frames(own) {
    const { facts, ink, left, top, size, cell } = this;
    own.strokeStyle = ink.accent;
    own.lineWidth = 2;
    if (facts.at !== undefined && facts.at !== null) own.strokeRect(left, top + facts.at * size, size * facts.cols.length, size);
    if (cell) own.strokeRect(left + cell[1] * size, top + cell[0] * size, size, size);
    own.lineWidth = 1;
  }
}
