// The bench: one attention step on three tables.
import { make, mounted } from "../common/dom.js";
import { Desk } from "./desk.js";
import { Rail } from "./rail.js";
import { copied, spelled } from "./setting.js";
import { Side } from "./side.js";
import { Stage } from "./stage.js";

const STEPS = ["scores", "scaled", "masked", "weights", "output"];
const TERMS = [["softmax(", "weights"], [" Q Kᵀ", "scores"], [" / √d", "scaled"], [" + M", "masked"], [" )", "weights"], [" V", "output"]];

class Lab extends Desk {
  constructor(root) {
    super(TERMS);
    this.field = "bench";
    this.file = "attention-step.ipynb";
    this.steps = STEPS;
    this.tables = ["q", "k", "v"];
    this.side = new Side(this);
    this.stage = new Stage(this);
    this.rail = new Rail(this);
    const middle = make("div", { class: "middle" }, this.head, this.line, this.refused, make("div", { class: "ground" }, this.stage.element), this.sliderRow);
    this.element = make("div", { class: "view lab-bench", role: "region" }, this.side.element, middle, this.rail.element);
    root.append(this.element);
  }

  copied(setting) {
    return copied(setting);
  }

  written(bench) {
    return spelled(bench, { decimals: this.data.most.decimals, steps: STEPS.length });
  }

  get spelled() {
    return this.written({ ...this.bench, step: STEPS.length });
  }

  mostOf() {
    return this.data.most;
  }

  titleOf(name) {
    return name.toUpperCase();
  }

  presetTitle(name) {
    return this.phrase(`lab.preset.${name}`);
  }

  about(step) {
    return step ? [this.phrase(`lab.step.${step}.title`), this.phrase(`lab.step.${step}.words`)] : [this.phrase("lab.step.none.title"), this.phrase("lab.step.none.words")];
  }

  codeOf(library, step) {
    return this.data.code[library][step];
  }

  factsAt(step) {
    return STEPS.indexOf(step) >= STEPS.indexOf("weights") && this.data.facts;
  }

  /** Each key opens one value: of the two tables the other one follows. */
  resized(bench, name, side) {
    if (name === "q" || side !== "rows") return;
    const other = name === "k" ? "v" : "k";
    this.size(bench, other, bench[name].length, bench[other][0].length);
  }

  close(query, key) {
    const pair = `${query}.${key}`;
    this.change((bench) => {
      if (bench.mask !== "own") bench.closed = new Set();
      bench.mask = "own";
      if (!bench.closed.delete(pair)) bench.closed.add(pair);
    });
  }

  draw() {
    this.element.setAttribute("aria-label", this.phrase("lab.title"));
    this.drawDesk();
    this.side.draw();
    this.stage.draw();
    this.rail.draw();
  }
}

export const { render, unmount } = mounted(Lab);
