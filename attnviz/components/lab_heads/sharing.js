// Every head at a glance: its weights as a thumbnail, and which query heads read the same keys.
import { make } from "../common/dom.js";

export class Sharing {
  constructor(lab) {
    this.lab = lab;
    this.title = make("h3");
    this.heads = make("div", { class: "query-heads", role: "group" });
    this.keys = make("div", { class: "key-heads" });
    this.element = make("section", { class: "block sharing" }, this.title, make("div", { class: "shared" }, this.heads, this.keys));
  }

  draw(ink) {
    const { lab } = this;
    const { bench, data, isFresh } = lab;
    this.title.textContent = lab.phrase("heads.sharing.title");
    this.heads.setAttribute("aria-label", this.title.textContent);
    this.element.style.setProperty("--heads", bench.heads);
    const focused = [...this.heads.children].indexOf(this.heads.getRootNode().activeElement);
    this.heads.replaceChildren(...Array.from({ length: bench.heads }, (_, head) => this.drawHead(head, ink)));
    this.heads.children[focused]?.focus();
    const groups = isFresh ? data.parts.map(({ key_head: shared }) => shared) : [];
    this.keys.replaceChildren(...[...new Set(groups)].map((shared) => {
      const count = groups.filter((each) => each === shared).length;
      const box = make("div", { class: "key-head" }, make("span", { class: "ties", "aria-hidden": "true" }, ...Array.from({ length: count }, () => make("i"))), make("span", { class: "name" }, lab.phrase("heads.keys_of", { head: shared })));
      box.style.gridColumn = `span ${count}`;
      box.style.setProperty("--count", count);
      return box;
    }));
  }

  drawHead(head, ink) {
    const { lab } = this;
    const { bench, data } = lab;
    const shades = lab.isMade("weights") ? data.parts[head].shades : null;
    const thumb = make("span", { class: "thumb", "aria-hidden": "true" });
    const [rows, cols] = lab.isFresh ? [data.parts[head].shades.length, data.parts[head].shades[0].length] : [1, 1];
    thumb.style.setProperty("--cols", cols);
    thumb.append(...Array.from({ length: rows * cols }, (_, at) => {
      const cell = make("i");
      if (shades) cell.style.background = ink.css(shades[Math.floor(at / cols)][at % cols]);
      return cell;
    }));
    const button = make("button", { type: "button", class: "head-chip", "aria-pressed": String(head === bench.head), onclick: () => lab.look(head) }, thumb, make("span", {}, lab.phrase("heads.head", { head })));
    button.style.setProperty("--own", `var(--head-${head})`);
    return button;
  }
}
