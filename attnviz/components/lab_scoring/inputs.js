// What every way is given: queries, keys and values, and the encoder that makes keys where they are not given.
import { make } from "../common/dom.js";
import { withLow } from "../lab_bench/low.js";
import { Made } from "../lab_bench/matrix.js";
import { Sheet } from "../lab_bench/sheet.js";
import { sourceOf } from "./setting.js";

const SHEETS = ["q", "x", "r", "z", "c", "k", "v"];
const LAWS = { recurrent: "hₜ = tanh(W_x xₜ + W_h hₜ₋₁)", convolution: "hₜ = tanh(C [xₜ₋₁, xₜ, xₜ₊₁])" };

export class Inputs {
  constructor(lab) {
    this.lab = lab;
    this.sheets = Object.fromEntries(SHEETS.map((name) => [name, new Sheet(lab, name)]));
    this.states = new Made("states", { point: (row, col) => this.point(row, col), leave: () => this.point(null) });
    this.title = make("h3");
    this.law = make("p", { class: "law" });
    this.element = make("section", { class: "block inputs" }, this.title, make("div", { class: "ground" }, make("div", { class: "row" }, ...Object.values(this.sheets).map(({ element }) => element), this.states.element)), this.law);
  }

  draw(what) {
    const { lab } = this;
    const { bench, data } = lab;
    const source = sourceOf(bench);
    this.title.textContent = lab.phrase(`scoring.inputs.${source}`);
    this.law.replaceChildren(...withLow(LAWS[source] ?? ""));
    for (const [name, sheet] of Object.entries(this.sheets)) {
      sheet.element.hidden = !bench[name];
      if (bench[name]) sheet.draw(lab.titleOf(name), lab.phrase(`scoring.aloud.${name}`), what);
    }
    const { states } = this;
    states.element.hidden = source === "given";
    states.say("K = V = h", lab.phrase("scoring.aloud.states"));
    const isShown = lab.isMade("keys");
    states.element.classList.toggle("unmade", !isShown);
    states.element.classList.toggle("now", lab.steps.indexOf("keys") === bench.step - 1);
    if (isShown) states.fill(data.keys.cells);
    else states.empty(bench.x?.length ?? 1, (bench.r ?? bench.c)?.length ?? 1);
  }

  /** Light a row or a column of the queries, the keys or the values, wherever they stand. */
  mark(name, row, col) {
    (this.lab.bench[name] ? this.sheets[name] : this.states).mark(row, col);
  }

  unmark() {
    for (const panel of [...Object.values(this.sheets), this.states]) panel.mark(null, null);
  }

  /** Light what a number of a state is made of. */
  point(row, col) {
    const { lab } = this;
    lab.unmark();
    if (row === null || row === undefined || !lab.isMade("keys")) return lab.tell(null);
    if (lab.bench.r) {
      this.sheets.x.mark(row, null);
      this.sheets.r.mark(col, null);
      this.sheets.z.mark(col, null);
    } else {
      this.sheets.c.mark(col, null);
    }
    this.states.mark(row, col);
    return lab.tell(`h[${row}, ${col}]  =  ${lab.data.keys.lines[row][col]}`);
  }
}
