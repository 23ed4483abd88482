// The steps one below the other: of each the row of the chosen token, and of the one in play every token.
import { make, sharpen } from "../common/dom.js";
import { Table, exact, shareOf } from "./table.js";

const STRIP_HEIGHT = 13;

/** What one head has of a table: {rows, cols, values, most}. */
export function ofHead({ rows: by, shape, values, most }, head, heads) {
  if (by === "token") return { rows: shape[0], cols: shape[1], values, most: most[0] };
  const own = Math.floor((head * shape[0]) / heads);
  const size = shape[1] * shape[2];
  return { rows: shape[1], cols: shape[2], values: values.subarray(own * size, (own + 1) * size), most: most[own] };
}

export class Steps {
  /** inside: what the steps are of; it answers packet, head, query, ink, phrase(), label(), and takes open(), pick(), tell(). */
  constructor(inside) {
    this.inside = inside;
    this.sections = new Map();
    this.element = make("ol", { class: "steps" });
    new ResizeObserver(() => this.resized()).observe(this.element);
  }

  resized() {
    if (this.element.clientWidth === this.width || !this.inside.isReady) return;
    this.draw();
  }

  section(name) {
    if (!this.sections.has(name)) {
      const title = make("span", { class: "title" });
      const what = make("span", { class: "made number" });
      const strips = make("span", { class: "strips" });
      const head = make("button", { type: "button", class: "step-head", onclick: () => this.inside.open(name) }, title, what, strips);
      const body = make("div", { class: "body" });
      this.sections.set(name, { title, what, strips, head, body, tables: new Map(), element: make("li", { class: "step", "data-step": name }, head, body) });
    }
    return this.sections.get(name);
  }

  draw() {
    const { inside } = this;
    this.width = this.element.clientWidth;
    const wanted = inside.names.map((name) => this.section(name).element);
    if (wanted.some((element, at) => this.element.children[at] !== element) || this.element.children.length !== wanted.length) this.element.replaceChildren(...wanted);
    inside.names.forEach((name, at) => this.drawStep(name, at));
  }

  drawStep(name, at) {
    const { inside } = this;
    const section = this.section(name);
    const step = inside.packet.steps.find((each) => each.name === name);
    const refused = inside.refused[name];
    const made = at <= inside.made;
    const open = at === inside.at;
    section.element.classList.toggle("now", open);
    section.element.classList.toggle("unmade", !made);
    section.head.setAttribute("aria-expanded", String(open));
    section.title.textContent = inside.phrase(`inside.step.${name}.title`);
    section.what.textContent = step && made ? step.tables.map((table) => table.name).join(", ") : "";
    const shown = step && made && !open ? step.tables.slice(name === "embedded" ? -1 : 0) : [];
    section.strips.replaceChildren(...shown.map((table) => this.strip(table, shown.length)));
    section.body.hidden = !open;
    if (!open) return;
    if (step) this.drawTables(section, step);
    else section.body.replaceChildren(make("p", { class: "refused" }, refused));
  }

  drawTables(section, step) {
    const { inside } = this;
    const tables = step.tables.map((table) => {
      if (!section.tables.has(table.name)) section.tables.set(table.name, new Table(this.hands(step.name)));
      return section.tables.get(table.name);
    });
    if (tables.some(({ element }, at) => section.body.children[at] !== element) || section.body.children.length !== tables.length)
      section.body.replaceChildren(...tables.map(({ element }) => element)); // only then: what is taken out loses its focus
    step.tables.forEach((table, at) => {
      const own = ofHead(table, inside.head, inside.packet.heads);
      const keys = ["S", "B", "W"].includes(table.name);
      const most = exact(Number(own.most.toPrecision(2)));
      tables[at].share = shareOf(table.name, own.most);
      tables[at].draw({
        ...own, keys, table: table.name, title: table.name, query: inside.query, ink: inside.ink, width: this.width - 2, span: this.spanOf(table, own.cols),
        words: inside.phrase(`inside.table.${table.name}`), range: table.name === "W" ? "0 … 1" : `−${most} … ${most}`,
      });
    });
  }

  /** Which columns of the joined heads are this head's: the first, and how many; none of any other table. */
  spanOf(table, cols) {
    const each = cols / this.inside.packet.heads;
    return table.name === "J" ? [each * this.inside.head, each] : null;
  }

  hands(step) {
    const { inside } = this;
    return {
      label: (token) => inside.label(token),
      pick: (row) => inside.pick(row),
      tell: (table, row, col) => inside.tell(table && { step, table: table.table, keys: table.keys, row, col, value: table.value(row, col) }),
    };
  }

  /** The row of the chosen token as one line of colours. */
  strip(table, count) {
    const { inside } = this;
    const { cols, values, most } = ofHead(table, inside.head, inside.packet.heads);
    const share = shareOf(table.name, most);
    const canvas = make("canvas", { class: "strip-row", "aria-hidden": "true" });
    const room = this.width < 560 ? this.width - 24 : this.width - 262;
    const width = Math.max(40, Math.floor(Math.min((room - 8 * (count - 1)) / count, cols * 24)));
    const context = sharpen(canvas, width, STRIP_HEIGHT);
    for (let col = 0; col < cols; col++) {
      const tone = share(values[inside.query * cols + col]);
      context.fillStyle = tone === null ? inside.ink.line : inside.ink.css(tone);
      const cell = width / cols;
      context.fillRect(cell * col, 0, cell > 8 ? cell - 1 : Math.max(cell, 1), STRIP_HEIGHT);
    }
    return canvas;
  }
}
