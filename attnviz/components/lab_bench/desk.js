// What the lessons on numbers share: what a visitor changes is drawn at once, and worked out by the server, which alone does arithmetic.
import { make } from "../common/dom.js";
import { withLow } from "./low.js";
import { numberIn, random, short, sized, tableIn, turned } from "./setting.js";

const SENT_AFTER_MS = 40; // a slider that is drawn along reports its rests
const AT_REST_MS = 400; // a change after so long is reported at once

/**
 * A lesson gives: field, the name of what it reports; steps, and `first`, the one it begins at; terms, [[text, step]] of its formula;
 * copied(setting), written(setting) as its reader in Python takes it, spelled, the same without how far one has stepped; mostOf(table),
 * titleOf(table), tables, codeOf(library, step), about(step), presetTitle(name), and draw(), which calls drawDesk().
 */
export class Desk {
  constructor(terms) {
    this.terms = terms.map(([text, step]) => make("button", { type: "button", class: "term", "data-step": step, onclick: () => this.go(this.steps.indexOf(step) + 1) }, ...withLow(text)));
    this.formula = make("div", { class: "formula", role: "group" }, ...this.terms);
    this.back = make("button", { type: "button", class: "act", onclick: () => this.go(this.bench.step - 1) }, "◀");
    this.on = make("button", { type: "button", class: "act", onclick: () => this.go(Math.max(this.bench.step, this.first) + 1) }, "▶");
    this.all = make("button", { type: "button", class: "act", onclick: () => this.go(this.bench.step === this.steps.length ? this.first : this.steps.length) });
    this.where = make("span", { class: "where", role: "status" });
    this.head = make("div", { class: "head" }, this.formula, make("div", { class: "walk" }, this.back, this.where, this.on, this.all));
    this.line = make("p", { class: "line number", role: "status" });
    this.refused = make("p", { class: "refused", role: "alert", hidden: true });
    this.slider = make("input", { type: "range", min: -10, max: 10, step: 0.1, oninput: () => this.slid() });
    this.sliderWords = make("span", { class: "what" });
    this.sliderSays = make("output", { class: "number" });
    this.sliderRow = make("label", { class: "slider on-cell" }, this.sliderWords, this.slider, this.sliderSays);
    this.spares = {}; // numbers of tables that were made smaller, for when they grow again
  }

  get first() {
    return 0;
  }

  update({ data, setStateValue }) {
    this.report = setStateValue;
    const anew = data.epoch !== this.data?.epoch;
    this.data = data;
    if (anew || !this.bench || data[this.field] === this.sent) this.sent = null;
    if (!this.sent && !this.waiting) this.bench = this.copied(data.setting);
    this.draw();
    document.documentElement.dataset.attnvizLab = data[this.field];
  }

  phrase(name, blanks = {}) {
    return Object.entries(blanks).reduce((text, [blank, value]) => text.replaceAll(`{${blank}}`, value), this.data.words[name] ?? name);
  }

  /** Whether what the server worked out is of the numbers in view; how far one has stepped is no matter. */
  get isFresh() {
    return this.isAnswered && !this.data.refused;
  }

  get isAnswered() {
    return this.data.worked === this.spelled;
  }

  change(edit) {
    edit(this.bench);
    clearTimeout(this.waiting);
    const now = performance.now();
    if (now - (this.changed ?? -AT_REST_MS) >= AT_REST_MS) this.send();
    else this.waiting = setTimeout(() => this.send(), SENT_AFTER_MS);
    this.changed = now;
    this.draw();
  }

  send() {
    this.waiting = null;
    this.sent = this.written(this.bench);
    this.report("choice", { epoch: this.data.epoch, [this.field]: this.sent });
  }

  /** Another setting as a whole, such as an example. */
  load(setting) {
    this.bench = this.copied(setting);
    this.change(() => {});
  }

  go(step) {
    this.change((bench) => (bench.step = Math.max(this.first, Math.min(this.steps.length, step))));
  }

  /** Whether a step is worked out, and one has come as far. */
  isMade(step) {
    return this.isFresh && this.steps.indexOf(step) < this.bench.step;
  }

  write(name, vector, number, input) {
    const found = numberIn(input.value, this.mostOf(name));
    input.toggleAttribute("aria-invalid", found === null);
    if (found === null) return this.tell(this.phrase("lab.no_number", { largest: this.mostOf(name).largest }));
    this.tell(null);
    input.dataset.is = found;
    this.change((bench) => (bench[name][vector][number] = found));
    this.slide(name, vector, number);
  }

  left(name, vector, number, input) {
    if (!input.hasAttribute("aria-invalid")) input.value = this.shown(name, this.bench[name][vector][number]);
  }

  /** A number as it stands in its cell. */
  shown(name, number) {
    return short(number, this.mostOf(name).decimals).replace("-", "−");
  }

  paste(name, text, isTurned) {
    const most = this.mostOf(name);
    const found = tableIn(text, most);
    const rows = found && isTurned ? turned(found) : found;
    if (!rows || rows.length > most.rows || rows[0].length > most.numbers) return this.tell(this.phrase("lab.no_table", most));
    return this.change((bench) => {
      bench[name] = rows;
      this.resized(bench, name, "rows");
    });
  }

  mayResize(name, side, by) {
    const now = (side === "rows" ? this.bench[name] : this.bench[name][0]).length + by;
    return now >= 1 && now <= this.mostOf(name)[side];
  }

  resize(name, side, by) {
    const [rows, numbers] = [this.bench[name].length, this.bench[name][0].length];
    this.change((bench) => {
      this.size(bench, name, rows + (side === "rows" ? by : 0), numbers + (side === "rows" ? 0 : by));
      this.resized(bench, name, side);
    });
  }

  /** Give a table another size; numbers that go are kept for when it grows again. */
  size(bench, name, rows, numbers) {
    const spare = this.spares[name] ?? [];
    const before = bench[name];
    this.spares[name] = Array.from({ length: Math.max(before.length, spare.length) }, (_, row) => Object.assign([], spare[row], before[row]));
    const grown = sized(before, rows, numbers);
    bench[name] = grown.map((numbersOf, row) => numbersOf.map((number, col) => before[row]?.[col] ?? spare[row]?.[col] ?? number));
  }

  /** What follows from another size of a table. */
  resized() {}

  random(seed) {
    const draw = random(seed);
    this.change((bench) => this.tables.forEach((name) => (bench[name] = bench[name].map((row) => row.map(draw)))));
  }

  slide(name, vector, number) {
    this.chosen = [name, vector, number];
    this.drawSlider();
  }

  slid() {
    const [name, vector, number] = this.chosen;
    this.change((bench) => (bench[name][vector][number] = Number(this.slider.value)));
  }

  drawSlider() {
    let [name, vector, number] = this.chosen ?? [];
    if (this.bench[name]?.[vector]?.[number] === undefined) this.chosen = [name, vector, number] = [this.tables[0], 0, 0];
    const value = this.bench[name][vector][number];
    this.slider.value = value;
    this.sliderWords.textContent = this.phrase("lab.cell", { table: this.titleOf(name), vector, number });
    this.sliderSays.textContent = this.shown(name, value);
  }

  /** One line of arithmetic; without any, what to do to see it. */
  tell(line) {
    const text = line ?? this.phrase("lab.point");
    if (this.line.textContent !== text) this.line.textContent = text;
    this.line.classList.toggle("idle", !line);
  }

  drawDesk() {
    const { bench, data, steps, first } = this;
    this.formula.setAttribute("aria-label", this.phrase("lab.formula"));
    const now = steps[bench.step - 1];
    for (const term of this.terms) term.setAttribute("aria-pressed", String(term.dataset.step === now));
    this.back.disabled = bench.step <= first;
    this.on.disabled = bench.step === steps.length;
    this.back.setAttribute("aria-label", this.phrase("lab.back"));
    this.on.setAttribute("aria-label", this.phrase("lab.on"));
    this.all.textContent = this.phrase(bench.step === steps.length ? "lab.anew" : "lab.all");
    this.where.textContent = this.phrase("lab.where", { step: Math.max(0, bench.step - first), steps: steps.length - first });
    this.refused.hidden = !data.refused || !this.isAnswered;
    this.refused.textContent = data.refused ?? "";
    if (!this.line.textContent) this.tell(null);
    this.drawSlider();
  }

  remove() {
    clearTimeout(this.waiting);
    this.element.remove();
  }
}
