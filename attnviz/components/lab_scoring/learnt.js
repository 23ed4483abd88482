// What additive attention and attention pooling learn, and what they make of it.
import { make } from "../common/dom.js";
import { withLow } from "../lab_bench/low.js";
import { Made } from "../lab_bench/matrix.js";
import { Sheet } from "../lab_bench/sheet.js";
import { Network } from "./network.js";
import { sourceOf } from "./setting.js";

const row = (...panels) => make("div", { class: "ground" }, make("div", { class: "row" }, ...panels.map(({ element }) => element)));

/** The matrix that stands between query and key in the general way. */
export class General {
  constructor(lab) {
    this.lab = lab;
    this.sheet = new Sheet(lab, "m");
    this.title = make("h3");
    this.element = make("section", { class: "block general" }, this.title, row(this.sheet));
  }

  draw(what) {
    this.title.textContent = this.lab.phrase("scoring.between");
    this.sheet.draw("M", this.lab.phrase("scoring.aloud.m"), what);
  }
}

/** The network vᵀ tanh(W q + U k) at work on the pair last looked at. */
export class Additive {
  constructor(lab) {
    this.lab = lab;
    this.sheets = [["a", "rows", "numbers"], ["b", "rows", "numbers"], ["e", "numbers"]].map(([name, ...sides]) => new Sheet(lab, name, { sides }));
    this.title = make("h3");
    this.words = make("p", { class: "note" });
    this.network = new Network();
    this.element = make("section", { class: "block additive-net" }, this.title, row(...this.sheets), this.words, this.network.element);
  }

  draw(what) {
    const { lab } = this;
    const { bench, data, pair: [query, key] } = lab;
    this.title.textContent = lab.phrase("scoring.network.title");
    for (const sheet of this.sheets) sheet.draw(lab.titleOf(sheet.name), lab.phrase(`scoring.aloud.${sheet.name}`), what);
    const isShown = lab.isMade("scores") && data.hidden;
    this.network.element.hidden = !isShown;
    this.words.textContent = isShown ? lab.phrase("scoring.network.words", { query, key }) : "";
    if (!isShown) return;
    const numbers = (name, cells, kind) => cells.map((text, at) => ({ name: `${name}${at}`, text, kind }));
    const score = data.ways.additive.scores.cells[query][key];
    this.network.draw({
      inputs: [...numbers("q", bench.q[query].map((number) => lab.shown("q", number)), "query"), ...numbers("k", data.keys.cells[key], "key")],
      hidden: data.hidden[query][key],
      score,
      ofInput: bench.a.map((weights, at) => [...weights, ...bench.b[at]]),
      voice: bench.e[0],
      aloud: lab.phrase("scoring.network.aloud", { query, key, score }),
    });
  }
}

/** Attention pooling: no query takes part. */
export class Pooling {
  constructor(lab) {
    this.lab = lab;
    this.sheets = [["p", "rows", "numbers"], ["f", "numbers"], ["g", "numbers"]].map(([name, ...sides]) => new Sheet(lab, name, { sides }));
    this.made = Object.fromEntries(["importances", "shares", "pooled"].map((name) => [name, new Made(name, { point: (at, col) => this.point(name, at, col), leave: () => this.point(null) })]));
    this.title = make("h3");
    this.words = make("p", { class: "note" });
    this.refused = make("p", { class: "refused" });
    this.element = make("section", { class: "block pooling" }, this.title, make("p", { class: "law" }, ...withLow("aᵢ = softmax( u_p · tanh(W_p vᵢ + b_p) )")), this.words, row(...this.sheets), this.refused, row(...Object.values(this.made)));
  }

  draw(ink, what) {
    const { lab } = this;
    const { data } = lab;
    this.title.textContent = lab.phrase("scoring.pooling.title");
    this.words.textContent = lab.phrase("scoring.pooling.words");
    for (const sheet of this.sheets) sheet.draw(lab.titleOf(sheet.name), lab.phrase(`scoring.aloud.${sheet.name}`), what);
    const found = lab.isFresh ? data.pooled : null;
    this.refused.textContent = found?.refused ?? "";
    this.refused.hidden = !found?.refused;
    const titles = { importances: lab.phrase("scoring.pooling.importance"), shares: "a", pooled: "A" };
    for (const [name, panel] of Object.entries(this.made)) {
      panel.say(titles[name], lab.phrase(`scoring.aloud.${name}`));
      panel.element.hidden = Boolean(found?.refused);
      const isShown = found?.[name] && lab.isMade("pooled");
      panel.element.classList.toggle("unmade", !isShown);
      panel.element.classList.toggle("now", lab.bench.step === lab.steps.length);
      if (!isShown) panel.empty(found?.[name]?.cells.length ?? panel.rows ?? 1, found?.[name]?.cells[0].length ?? panel.cols ?? 1);
      else panel.fill(found[name].cells, name === "shares" ? (at) => ({ background: ink.css(found.shades[at]), color: ink.on(found.shades[at]) }) : null);
    }
  }

  /** Light what a cell is made of. */
  point(name, at, col) {
    const { lab } = this;
    lab.unmark();
    const found = name && lab.isMade("pooled") && lab.data.pooled[name];
    if (!found) return lab.tell(null);
    if (name === "importances") lab.inputs.mark(sourceOf(lab.bench) === "given" ? "v" : "k", at, null);
    if (name === "shares") this.made.importances.mark(null, 0);
    if (name === "pooled") {
      this.made.shares.mark(null, 0);
      lab.inputs.mark(sourceOf(lab.bench) === "given" ? "v" : "k", null, col);
    }
    this.made[name].mark(at, col);
    return lab.tell(`${this.made[name].title.textContent}[${name === "pooled" ? col : at}]  =  ${found.lines[at][col]}`);
  }

  unmark() {
    for (const panel of Object.values(this.made)) panel.mark(null, null);
  }
}
