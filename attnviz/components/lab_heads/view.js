// Several heads: tokens become queries, keys and values, each head reads with its own part, and one matrix mixes what they found.
import { make, mounted } from "../common/dom.js";
import { Desk } from "../lab_bench/desk.js";
import { Rail } from "../lab_bench/rail.js";
import { copied, present, spelled } from "./setting.js";
import { Side } from "./side.js";
import { Stage } from "./stage.js";

const STEPS = ["vectors", "split", "scores", "weights", "found", "joined", "output"];
const TERMS = [["X W", "vectors"], [" → ", "vectors"], ["softmax(", "weights"], [" Qᵢ", "split"], ["Kᵢᵀ / √d", "scores"], [" )", "weights"], [" Vᵢ", "found"], [" → ", "joined"], ["[O₀ … Oₕ]", "joined"], [" W_O", "output"]];
const TITLES = { x: "X", y: "Y", a: "W_Q", b: "W_K", c: "W_V", q: "Q", k: "K", v: "V", o: "W_O" };
const OF_SOURCE = { tokens: ["x", "a", "b", "c"], vectors: ["q", "k", "v"] };

class Heads extends Desk {
  constructor(root) {
    super(TERMS);
    this.field = "heads";
    this.file = "attention-heads.ipynb";
    this.steps = STEPS;
    this.side = new Side(this);
    this.stage = new Stage(this);
    this.rail = new Rail(this);
    const middle = make("div", { class: "middle" }, this.head, this.rail.about, this.line, this.refused, this.stage.element, this.sliderRow);
    this.stage.element.append(this.rail.coding);
    this.element = make("div", { class: "view lab-bench lab-wide lab-heads", role: "region" }, this.side.element, middle);
    root.append(this.element);
    this.left_out = {}; // tables of the source that is not in use, and of other tokens
  }

  /** Vectors that were given are not made. */
  get first() {
    return this.bench.x ? 0 : 1;
  }

  get tables() {
    return present(this.bench);
  }

  copied(setting) {
    return copied(setting);
  }

  written(bench) {
    return spelled(bench, { bounds: this.data.bounds, steps: STEPS.length });
  }

  get spelled() {
    return this.written({ ...this.bench, step: STEPS.length, head: 0 });
  }

  mostOf(name) {
    return this.data.bounds[name];
  }

  titleOf(name) {
    return TITLES[name];
  }

  presetTitle(name) {
    return this.phrase(`heads.preset.${name}`);
  }

  about(step) {
    return step && this.bench.step > this.first ? [this.phrase(`heads.step.${step}.title`), this.phrase(`heads.step.${step}.words`)] : [this.phrase("heads.step.none.title"), this.phrase("heads.step.none.words")];
  }

  codeOf(library, step) {
    return step === "vectors" && !this.bench.x ? "" : this.data.code[library][step];
  }

  factsAt() {
    return null;
  }

  look(head) {
    this.change((bench) => (bench.head = head));
  }

  /** Another number of heads: each keeps its width, and the tables follow. */
  share(heads, keys) {
    this.change((bench) => {
      const [queries, key, value] = bench.x ? ["a", "b", "c"] : ["q", "k", "v"];
      const [width, deep] = [Math.max(1, Math.round(bench[queries][0].length / bench.heads)), Math.max(1, Math.round(bench[value][0].length / bench.key_heads))];
      const columns = (name, wanted) => this.size(bench, name, bench[name].length, Math.min(wanted, this.mostOf(name).numbers));
      columns(queries, heads * width);
      columns(key, keys * width);
      columns(value, keys * deep);
      this.size(bench, "o", Math.min(heads * deep, this.mostOf("o").rows), bench.o[0].length);
      Object.assign(bench, { heads, key_heads: keys, head: Math.min(bench.head, heads - 1) });
    });
  }

  /** Start from tokens and matrices, or from queries, keys and values as they are now. */
  startFrom(source) {
    const made = source === "vectors" && this.isFresh && this.data.made;
    this.change((bench) => {
      const other = source === "tokens" ? "vectors" : "tokens";
      for (const name of [...OF_SOURCE[other], "y"]) {
        if (bench[name]) this.left_out[name] = bench[name];
        bench[name] = null;
      }
      for (const name of OF_SOURCE[source]) bench[name] = (made ? made[name] : (this.left_out[name] ?? this.data.spare[name])).map((row) => [...row]);
      bench.step = Math.max(bench.step, this.first);
    });
  }

  /** Let keys and values come from other tokens, or from the same. */
  cross(isOther) {
    this.change((bench) => {
      if (!isOther) this.left_out.y = bench.y;
      bench.y = isOther ? (this.left_out.y ?? this.data.spare.y).map((row) => [...row]) : null;
      if (isOther) this.size(bench, "y", bench.y.length, bench.b.length);
    });
  }

  draw() {
    this.element.setAttribute("aria-label", this.phrase("heads.title"));
    for (const term of this.terms.filter(({ dataset }) => dataset.step === "vectors")) term.hidden = !this.bench.x;
    this.drawDesk();
    this.side.draw();
    this.stage.draw();
    this.rail.draw();
  }
}

export const { render, unmount } = mounted(Heads);
