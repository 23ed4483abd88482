// One head from the inside: formula, steps, words and code. What is drawn was computed by the server.
import { make, mounted } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { isolated } from "../common/names.js";
import { decode } from "../common/packet.js";
import { store } from "../common/store.js";
import { Rail } from "./rail.js";
import { Steps, ofHead } from "./steps.js";
import { exact } from "./table.js";

const ORDER = ["embedded", "normed", "projected", "sized", "turned", "scores", "scaled", "capped", "biased", "masked", "weights", "mixed", "joined", "output", "added", "residual", "after"];
const FIRST = "weights";
const TERMS = [ // what is written, the step that it lights, and the step without which it is not written
  ["q, k, v = ", "projected"], ["LN(", "normed", "normed"], ["X", "embedded"], [")", "normed", "normed"], [" W", "projected"],
];
const WHOLE = [
  ["LN( ", "after", "after"], ["X", "embedded"], [" + ", "residual"], ["LN( ", "added", "added"], ["[ ", "joined"], ["softmax(", "weights"], [" tanh(", "capped", "capped"],
  [" R", "turned", "turned"], [" q", "sized"], [" (R", "turned", "turned"], [" k", "sized"], [")", "turned", "turned"], ["ᵀ", "scores"],
  [" / √d", "scaled", "scaled"], [" )", "capped", "capped"], [" + B", "biased", "biased"], [" + M", "masked", "masked"], [" )", "weights"],
  [" v", "mixed"], [" ]", "joined"], [" W", "output"], [" )", "added", "added"], [" )", "after", "after"],
];
const LOW = { output: "O" }; // what is written below the line, after a term

class Inside {
  constructor(root) {
    this.steps = new Steps(this);
    this.rail = new Rail(this);
    this.title = make("h1");
    this.formula = make("div", { class: "formula", role: "group" });
    this.back = make("button", { type: "button", class: "act", onclick: () => this.go(this.at - 1) }, "◀");
    this.on = make("button", { type: "button", class: "act", onclick: () => this.go(this.at + 1) }, "▶");
    this.all = make("button", { type: "button", class: "act", onclick: () => this.every() });
    this.where = make("span", { class: "where number", role: "status" });
    this.line = make("p", { class: "line number", role: "status" });
    const walk = make("div", { class: "walk" }, this.back, this.where, this.on, this.all);
    const head = make("div", { class: "head" }, this.title, walk);
    const middle = make("div", { class: "middle" }, head, this.formula, this.line, this.steps.element);
    this.element = make("div", { class: "view inside", role: "region", hidden: true }, middle, this.rail.element);
    root.append(this.element);
    this.unsubscribe = store.subscribe((changed) => this.changed(changed));
  }

  update({ data }) {
    if (data !== this.data) this.packet = decode(data);
    this.data = data;
    this.draw();
  }

  remove() {
    this.unsubscribe();
    this.element.remove();
  }

  changed(changed) {
    if (changed.size > 1 || !(changed.has("hover") || changed.has("numbers"))) this.draw();
  }

  phrase(name, blanks = {}) {
    return store.phrase(name, blanks);
  }

  label(token) {
    return store.label(token) ?? "";
  }

  get facts() {
    return store.settings.inside;
  }

  get refused() {
    return this.facts.refused;
  }

  get isReady() {
    return Boolean(store.ready && this.packet && this.facts);
  }

  /** Whether the steps are of the layer and the text that are chosen; for a moment they may be of those before. */
  get isMine() {
    const { stack, layer } = store.choice;
    return this.packet.id === store.packet.id && this.packet.stack === stack && this.packet.layer === layer;
  }

  get head() {
    return Math.min(store.choice.head, this.packet.heads - 1);
  }

  get query() {
    return Math.min(store.choice.query ?? 0, store.packet.queries - 1);
  }

  /** The steps of this layer in order, those among them that could not be followed. */
  get names() {
    return ORDER.filter((name) => name in this.refused || this.packet.steps.some((step) => step.name === name));
  }

  get name() {
    return this.names[this.at];
  }

  go(at) {
    this.at = Math.max(0, Math.min(this.names.length - 1, at));
    this.made = this.at;
    this.tell(null);
    this.draw();
    this.steps.section(this.name).element.scrollIntoView({ block: "nearest" });
  }

  open(name) {
    this.at = this.names.indexOf(name);
    this.made = Math.max(this.made, this.at);
    this.tell(null);
    this.draw();
  }

  every() {
    if (this.made === this.names.length - 1) return this.go(0);
    this.made = this.names.length - 1;
    return this.draw();
  }

  pick(query) {
    store.choose({ query });
  }

  draw() {
    this.element.hidden = !this.isReady;
    if (!this.isReady) return;
    this.element.classList.toggle("waiting", !this.isMine);
    if (!this.isMine) return; // the numbers of the layer before stay, dimmed
    const shape = this.names.join();
    if (this.shape !== shape) [this.at, this.made] = [this.names.indexOf(this.held ?? FIRST), this.names.length - 1];
    if (this.at < 0) this.at = this.names.indexOf(FIRST);
    [this.shape, this.held] = [shape, this.name];
    this.ink = inks(this.element, this.facts.sides);
    this.title.textContent = this.phrase("inside.title", { layer: this.packet.layer, head: this.head, query: isolated(this.label(this.query)) });
    this.element.setAttribute("aria-label", this.phrase("inside.label"));
    for (const [name, share] of [["--below", 0.12], ["--above", 0.88]]) this.element.style.setProperty(name, this.ink.css(share));
    this.drawFormula();
    this.drawWalk();
    this.steps.draw();
    this.rail.draw();
    if (!this.told) this.tell(null);
    document.documentElement.dataset.attnvizInside = `${this.packet.layer}.${this.head}.${this.query}.${this.name}`;
  }

  drawFormula() {
    this.formula.setAttribute("aria-label", this.phrase("lab.formula"));
    const groups = "projected" in this.refused ? [WHOLE] : [TERMS, WHOLE]; // what was not followed is not written either
    this.formula.replaceChildren(...groups.map((terms) => make("span", { class: "part" }, ...this.termsOf(terms))));
  }

  /** The terms of the steps that this layer has; where q and k are not brought to one length, they are as projected. */
  termsOf(terms) {
    const { names } = this;
    const factor = this.packet.steps.some(({ name, form }) => name === "scaled" && form === "factor");
    const led = (step) => (step === "sized" && !names.includes(step) ? ("projected" in this.refused ? "scores" : "projected") : step);
    return terms
      .filter(([, , only]) => !only || names.includes(only))
      .map(([text, step]) => [text, led(step)])
      .filter(([, step]) => names.includes(step))
      .map(([text, step]) =>
        make("button", { type: "button", class: "term", "data-step": step, "aria-pressed": String(step === this.name), onclick: () => this.open(step) },
          step === "scaled" && factor ? " · s" : text, LOW[step] ? make("sub", {}, LOW[step]) : null));
  }

  drawWalk() {
    const last = this.names.length - 1;
    this.back.disabled = this.at === 0;
    this.on.disabled = this.at === last;
    this.back.setAttribute("aria-label", this.phrase("lab.back"));
    this.on.setAttribute("aria-label", this.phrase("lab.on"));
    this.all.textContent = this.phrase(this.made === last ? "lab.anew" : "lab.all");
    this.where.textContent = this.phrase("lab.where", { step: this.at + 1, steps: last + 1 });
  }

  /** One exact number and how it comes about; without any, what pointing does. */
  tell(cell) {
    this.told = cell;
    this.line.textContent = cell ? this.sentence(cell) : this.phrase("inside.point");
    this.line.classList.toggle("idle", !cell);
  }

  sentence({ step, table, keys, row, col, value }) {
    const blanks = { table, query: isolated(this.label(row)), value: exact(value) };
    if (!keys) return this.phrase("inside.line.number", { ...blanks, number: col });
    const pair = { ...blanks, key: isolated(this.label(col)), before: this.before(step, row, col), divisor: this.divisor, factor: exact(this.packet.scaling) };
    if (step === "scaled") return this.phrase(this.divisor ? "inside.line.scaled" : "inside.line.factor", pair);
    return this.phrase(table === "B" ? "inside.line.bias" : `inside.line.${step}`, pair);
  }

  get divisor() {
    const root = this.packet.steps.some(({ name, form }) => name === "scaled" && form === "root");
    return root ? `√${this.packet.width}` : "";
  }

  /** The same cell one step earlier. */
  before(step, row, col) {
    const at = this.packet.steps.findIndex(({ name }) => name === step);
    const table = this.packet.steps.slice(0, at).flatMap(({ tables }) => tables).findLast(({ name }) => name === "S");
    if (!table) return "";
    const { values, cols } = ofHead(table, this.head, this.packet.heads);
    return exact(values[row * cols + col]);
  }
}

export const { render, unmount } = mounted(Inside);
