// Vectors as strips of small bars, one under the other, so that number meets number.
import { make, sharpen } from "../common/dom.js";
import { step } from "./pieces.js";

const HEIGHT = 46;

export class Strips {
  /** onpoint(number) hears which place of the vectors is under the hand, or null. */
  constructor(legend, count, onpoint) {
    this.onpoint = onpoint;
    this.cell = null;
    this.rows = Array.from({ length: count }, () => {
      const name = make("span", { class: "name" }), canvas = make("canvas"), note = make("span", { class: "number" });
      canvas.addEventListener("pointermove", (event) => this.point(Math.floor((event.offsetX / canvas.clientWidth) * this.width)));
      canvas.addEventListener("pointerleave", () => this.point(null));
      return { name, canvas, note, element: make("div", { class: "strip" }, name, canvas, note) };
    });
    this.element = make("div", { class: "strips", tabindex: 0, role: "application", "aria-label": legend, onkeydown: (event) => this.walk(event) }, ...this.rows.map((row) => row.element));
  }

  point(cell) {
    if (cell === this.cell) return;
    this.cell = cell;
    this.onpoint(cell);
    this.paint();
  }

  walk(event) {
    const to = step(event.key, this.cell ?? -1, this.width);
    if (to === null) return;
    event.preventDefault();
    this.point(to);
  }

  /** strips: [{name, values, note}], of one length. */
  draw(strips, ink) {
    this.strips = strips;
    this.ink = ink;
    this.width = strips[0].values.length;
    this.paint();
  }

  paint() {
    this.strips.forEach(({ name, values, note, most }, at) => {
      const row = this.rows[at];
      row.name.textContent = name;
      row.note.textContent = note;
      const width = row.element.clientWidth - row.name.offsetWidth - row.note.offsetWidth - 20;
      if (width > 40) this.bars(sharpen(row.canvas, width, HEIGHT), values, width, most);
    });
  }

  bars(own, values, width, most) {
    const { ink } = this, each = width / values.length, middle = HEIGHT / 2;
    own.clearRect(0, 0, width, HEIGHT);
    own.fillStyle = ink.line;
    own.fillRect(0, middle, width, 1);
    values.forEach((value, at) => {
      const tall = Math.max(1, (Math.abs(value) / most) * (middle - 2));
      own.fillStyle = at === this.cell ? ink.text : value < 0 ? ink.faint : ink.accent;
      own.fillRect(at * each + 0.5, value < 0 ? middle : middle - tall, Math.max(1, each - 1), tall);
    });
  }
}
