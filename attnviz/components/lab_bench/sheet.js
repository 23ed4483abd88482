// A table of a desk: its numbers, and the buttons that make it larger or smaller.
import { make } from "../common/dom.js";
import { Given } from "./matrix.js";
import { turned } from "./setting.js";

export class Sheet extends Given {
  /** desk: what answers phrase(), bench, titleOf(), and takes write(), left(), paste(), resize(), slide(). A turned table stands on its side. */
  constructor(desk, name, { sides = ["rows", "numbers"], isTurned = false } = {}) {
    const place = (row, col) => (isTurned ? [col, row] : [row, col]);
    super(name, {
      write: (row, col, input) => desk.write(name, ...place(row, col), input),
      paste: (text) => desk.paste(name, text, isTurned),
      point: (row, col) => desk.slide(name, ...place(row, col)),
      leave: (row, col, input) => desk.left(name, ...place(row, col), input),
    });
    Object.assign(this, { desk, place, isTurned });
    this.foot.append(...sides.map((side) => {
      const less = make("button", { type: "button", class: "less", onclick: () => desk.resize(name, side, -1) }, "−");
      const more = make("button", { type: "button", class: "more", onclick: () => desk.resize(name, side, 1) }, "+");
      return make("span", { class: "size", "data-side": side }, make("span", { class: "what" }), less, more);
    }));
  }

  /** what: how each side of the table is called. */
  draw(title, aloud, what) {
    const { desk, name } = this;
    const rows = desk.bench[name];
    this.say(title, aloud);
    this.fill(this.isTurned ? turned(rows) : rows, (number) => desk.shown(name, number), (row, col) => {
      const [vector, number] = this.place(row, col);
      return desk.phrase("lab.cell", { table: desk.titleOf(name), vector, number });
    });
    for (const size of this.foot.children) {
      const side = size.dataset.side;
      const [called, less, more] = size.children;
      called.textContent = what[side];
      less.setAttribute("aria-label", desk.phrase("lab.less", { what: what[side], table: desk.titleOf(name) }));
      more.setAttribute("aria-label", desk.phrase("lab.more", { what: what[side], table: desk.titleOf(name) }));
      less.disabled = !desk.mayResize(name, side, -1);
      more.disabled = !desk.mayResize(name, side, 1);
    }
  }
}
