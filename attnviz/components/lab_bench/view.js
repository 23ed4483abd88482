// The bench: what a visitor changes is drawn at once, and worked out by the server, which alone does arithmetic.
import { make, mounted } from "../common/dom.js";
import { Rail } from "./rail.js";
import { copied, numberIn, random, short, sized, spelled, tableIn, turned } from "./setting.js";
import { Side } from "./side.js";
import { Stage } from "./stage.js";

const STEPS = ["scores", "scaled", "masked", "weights", "output"];
const SENT_AFTER_MS = 40; // a slider that is drawn along reports its rests
const TERMS = [["softmax(", "weights"], [" Q Kᵀ", "scores"], [" / √d", "scaled"], [" + M", "masked"], [" )", "weights"], [" V", "output"]];

class Lab {
  constructor(root) {
    this.steps = STEPS;
    this.side = new Side(this);
    this.stage = new Stage(this);
    this.rail = new Rail(this);
    this.terms = TERMS.map(([text, step]) => make("button", { type: "button", class: "term", "data-step": step, onclick: () => this.go(STEPS.indexOf(step) + 1) }, text));
    this.formula = make("div", { class: "formula", role: "group" }, ...this.terms);
    this.back = make("button", { type: "button", class: "act", onclick: () => this.go(this.bench.step - 1) }, "◀");
    this.on = make("button", { type: "button", class: "act", onclick: () => this.go(this.bench.step + 1) }, "▶");
    this.all = make("button", { type: "button", class: "act", onclick: () => this.go(this.bench.step === STEPS.length ? 0 : STEPS.length) });
    this.where = make("span", { class: "where", role: "status" });
    this.walk = make("div", { class: "walk" }, this.back, this.where, this.on, this.all);
    this.line = make("p", { class: "line number", role: "status" });
    this.refused = make("p", { class: "refused", role: "alert", hidden: true });
    this.slider = make("input", { type: "range", min: -10, max: 10, step: 0.1, oninput: () => this.slid() });
    this.sliderWords = make("span", { class: "what" });
    this.sliderSays = make("output", { class: "number" });
    this.sliderRow = make("label", { class: "slider on-cell" }, this.sliderWords, this.slider, this.sliderSays);
    const middle = make("div", { class: "middle" }, make("div", { class: "head" }, this.formula, this.walk), this.line, this.refused, make("div", { class: "ground" }, this.stage.element), this.sliderRow);
    this.element = make("div", { class: "view lab-bench", role: "region" }, this.side.element, middle, this.rail.element);
    root.append(this.element);
    this.chosen = ["q", 0, 0];
  }

  update({ data, setStateValue }) {
    this.report = setStateValue;
    const anew = data.epoch !== this.data?.epoch;
    this.data = data;
    this.most = data.most;
    if (anew || !this.bench || data.bench === this.sent) this.sent = null;
    if (!this.sent && !this.waiting) this.bench = copied(data.setting);
    this.draw();
    document.documentElement.dataset.attnvizLab = data.bench;
  }

  phrase(name, blanks = {}) {
    return Object.entries(blanks).reduce((text, [blank, value]) => text.replaceAll(`{${blank}}`, value), this.data.words[name] ?? name);
  }

  get spelled() {
    return spelled({ ...this.bench, step: STEPS.length }, { decimals: this.most.decimals, steps: STEPS.length });
  }

  /** Whether what the server worked out is of the numbers in view; how far one has stepped is no matter. */
  get isFresh() {
    return this.data.steps.length > 0 && this.data.worked === this.spelled;
  }

  change(edit) {
    edit(this.bench);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.send(), SENT_AFTER_MS);
    this.draw();
  }

  send() {
    this.waiting = null;
    this.sent = spelled(this.bench, { decimals: this.most.decimals, steps: STEPS.length });
    this.report("choice", { epoch: this.data.epoch, bench: this.sent });
  }

  /** Another setting as a whole, such as an example. */
  load(setting) {
    this.bench = copied(setting);
    this.change(() => {});
  }

  go(step) {
    this.change((bench) => (bench.step = Math.max(0, Math.min(STEPS.length, step))));
  }

  write(name, vector, number, input) {
    const found = numberIn(input.value, this.most);
    input.toggleAttribute("aria-invalid", found === null);
    if (found === null) return this.tell(this.phrase("lab.no_number", { largest: this.most.largest }));
    this.tell(null);
    input.dataset.is = found;
    this.change((bench) => (bench[name][vector][number] = found));
    this.slide(name, vector, number);
  }

  left(name, vector, number, input) {
    if (!input.hasAttribute("aria-invalid")) input.value = short(this.bench[name][vector][number], this.most.decimals).replace("-", "−");
  }

  paste(name, text) {
    const shown = tableIn(text, this.most);
    const rows = shown && name === "k" ? turned(shown) : shown;
    if (!rows || rows.length > this.most.rows || rows[0].length > this.most.numbers) return this.tell(this.phrase("lab.no_table", this.most));
    return this.change((bench) => {
      bench[name] = rows;
      if (name !== "q") this.alike(bench, name);
    });
  }

  /** Each key opens one value: of the two tables the other one follows. */
  alike(bench, name) {
    const other = name === "k" ? "v" : "k";
    bench[other] = sized(bench[other], bench[name].length, bench[other][0].length);
  }

  sizesOf(name) {
    return [this.bench[name].length, this.bench[name][0].length];
  }

  mayResize(name, side, by) {
    const now = this.sizesOf(name)[side === "rows" ? 0 : 1] + by;
    return now >= 1 && now <= this.most[side];
  }

  resize(name, side, by) {
    const [rows, numbers] = this.sizesOf(name);
    this.change((bench) => {
      bench[name] = sized(bench[name], rows + (side === "rows" ? by : 0), numbers + (side === "rows" ? 0 : by));
      if (name === "k" && side === "rows") this.alike(bench, "k");
    });
  }

  close(query, key) {
    const pair = `${query}.${key}`;
    this.change((bench) => {
      if (bench.mask !== "own") bench.closed = new Set();
      bench.mask = "own";
      if (!bench.closed.delete(pair)) bench.closed.add(pair);
    });
  }

  random(seed) {
    const draw = random(seed);
    this.change((bench) => ["q", "k", "v"].forEach((name) => (bench[name] = bench[name].map((row) => row.map(draw)))));
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
    let [name, vector, number] = this.chosen;
    if (this.bench[name][vector]?.[number] === undefined) this.chosen = [name, vector, number] = ["q", 0, 0];
    const value = this.bench[name][vector][number];
    this.slider.value = value;
    this.sliderWords.textContent = this.phrase("lab.cell", { table: name.toUpperCase(), vector, number });
    this.sliderSays.textContent = short(value, this.most.decimals).replace("-", "−");
  }

  /** One line of arithmetic; without any, what the step does. */
  tell(line) {
    const text = line ?? this.phrase("lab.point");
    if (this.line.textContent !== text) this.line.textContent = text;
    this.line.classList.toggle("idle", !line);
  }

  draw() {
    const { bench, data } = this;
    this.element.setAttribute("aria-label", this.phrase("lab.title"));
    this.formula.setAttribute("aria-label", this.phrase("lab.formula"));
    const now = STEPS[bench.step - 1];
    for (const term of this.terms) term.setAttribute("aria-pressed", String(term.dataset.step === now));
    this.back.disabled = bench.step === 0;
    this.on.disabled = bench.step === STEPS.length;
    this.back.setAttribute("aria-label", this.phrase("lab.back"));
    this.on.setAttribute("aria-label", this.phrase("lab.on"));
    this.all.textContent = this.phrase(bench.step === STEPS.length ? "lab.anew" : "lab.all");
    this.where.textContent = this.phrase("lab.where", { step: bench.step, steps: STEPS.length });
    this.refused.hidden = !data.refused || data.worked !== this.spelled;
    this.refused.textContent = data.refused ?? "";
    if (!this.line.textContent) this.tell(null);
    this.side.draw();
    this.stage.draw();
    this.rail.draw();
    this.drawSlider();
  }

  remove() {
    clearTimeout(this.waiting);
    this.element.remove();
  }
}

export const { render, unmount } = mounted(Lab);
