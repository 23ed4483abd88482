// Five ways to score the same queries and keys, side by side; the network of one of them; and pooling, which asks no query.
import { make, mounted } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { Desk } from "../lab_bench/desk.js";
import { Rail } from "../lab_bench/rail.js";
import { Card } from "./card.js";
import { Inputs } from "./inputs.js";
import { Additive, General, Pooling } from "./learnt.js";
import { copied, present, sourceOf, spelled } from "./setting.js";
import { Side } from "./side.js";

const STEPS = ["keys", "scores", "weights", "output", "pooled"];
const TERMS = [["softmax(", "weights"], ["score(Q,", "scores"], ["K", "keys"], [")", "scores"], [")", "weights"], ["V", "output"], ["A = Σ aᵢ vᵢ", "pooled"]];
const WAYS = ["dot", "scaled", "general", "cosine", "additive"];
const TITLES = { q: "Q", k: "K", v: "V", x: "X", r: "W_x", z: "W_h", c: "C", m: "M", a: "W", b: "U", e: "v", p: "W_p", f: "b_p", g: "u_p" };
const OF_SOURCE = { given: ["k", "v"], recurrent: ["x", "r", "z"], convolution: ["x", "c"] };

class Scoring extends Desk {
  constructor(root) {
    super(TERMS);
    this.field = "scoring";
    this.file = "attention-scores.ipynb";
    this.steps = STEPS;
    this.side = new Side(this);
    this.inputs = new Inputs(this);
    this.cards = WAYS.map((way) => new Card(this, way));
    this.general = new General(this);
    this.additive = new Additive(this);
    this.pooling = new Pooling(this);
    this.rail = new Rail(this);
    this.looked = [0, 0]; // the pair whose network is drawn
    const ways = make("div", { class: "ways" }, ...this.cards.map(({ element }) => element));
    const learnt = make("div", { class: "blocks" }, this.additive.element, this.general.element, this.pooling.element, this.rail.coding);
    const middle = make("div", { class: "middle" }, this.head, this.rail.about, this.line, this.refused, this.inputs.element, ways, learnt, this.sliderRow);
    this.element = make("div", { class: "view lab-bench lab-wide lab-scoring", role: "region" }, this.side.element, middle);
    root.append(this.element);
    this.left_out = {}; // tables of sources that are not in use
  }

  /** Keys that were given are not made. */
  get first() {
    return this.bench.k ? 1 : 0;
  }

  get tables() {
    return present(this.bench);
  }

  get pair() {
    const { queries, keys } = { queries: this.bench.q.length, keys: this.data.keys?.cells.length ?? 1 };
    return [Math.min(this.looked[0], queries - 1), Math.min(this.looked[1], keys - 1)];
  }

  copied(setting) {
    return copied(setting);
  }

  written(bench) {
    return spelled(bench, { bounds: this.data.bounds, steps: STEPS.length });
  }

  get spelled() {
    return this.written({ ...this.bench, step: STEPS.length, way: "additive" });
  }

  mostOf(name) {
    return this.data.bounds[name];
  }

  titleOf(name) {
    return TITLES[name];
  }

  presetTitle(name) {
    return this.phrase(`scoring.preset.${name}`);
  }

  about(step) {
    return step && this.bench.step > this.first ? [this.phrase(`scoring.step.${step}.title`), this.phrase(`scoring.step.${step}.words`)] : [this.phrase("scoring.step.none.title"), this.phrase("scoring.step.none.words")];
  }

  codeOf(library, step) {
    const code = this.data.code[library];
    if (step === "keys") return code.keys[sourceOf(this.bench)] ?? "";
    return step === "scores" ? code.scores[this.bench.way] : code[step];
  }

  factsAt() {
    return null;
  }

  choose(way) {
    this.change((bench) => (bench.way = way));
  }

  lookAt(query, key) {
    this.looked = [query, key];
    this.additive.draw(this.sides);
  }

  unmark() {
    for (const each of [this.inputs, this.pooling, ...this.cards]) each.unmark();
  }

  /** Each key opens one value: of the two tables the other one follows. */
  resized(bench, name, side) {
    const other = { k: "v", v: "k" }[name];
    if (other && bench[other] && side === "rows") this.size(bench, other, bench[name].length, bench[other][0].length);
  }

  /** Let keys be given, or made by an encoder; numbers of the others are kept for when one comes back. */
  takeKeys(source) {
    this.change((bench) => {
      for (const name of Object.values(OF_SOURCE).flat()) {
        if (bench[name]) this.left_out[name] = bench[name];
        bench[name] = null;
      }
      for (const name of OF_SOURCE[source]) bench[name] = (this.left_out[name] ?? this.data.spare[name]).map((row) => [...row]);
      bench.step = Math.max(bench.step, this.first);
    });
  }

  draw() {
    this.element.setAttribute("aria-label", this.phrase("scoring.title"));
    this.sides = { rows: this.phrase("heads.size.rows"), numbers: this.phrase("heads.size.numbers") };
    const ink = inks(this.element, this.data.ramp);
    this.element.style.setProperty("--keys", (this.bench.k ?? this.bench.x).length);
    this.drawDesk();
    this.side.draw();
    this.inputs.draw(this.sides);
    for (const card of this.cards) card.draw(ink);
    this.general.draw(this.sides);
    this.additive.draw(this.sides);
    this.pooling.draw(ink, this.sides);
    this.rail.draw();
    this.element.dataset.step = STEPS[Math.max(0, this.bench.step - 1)];
  }
}

export const { render, unmount } = mounted(Scoring);
