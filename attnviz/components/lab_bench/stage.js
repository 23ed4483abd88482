// The matrices as they meet on a blackboard: a row of Q and a column of Kᵀ in a score, a row of weights and a column of V in the output.
import { make } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { Made } from "./matrix.js";
import { Sheet } from "./sheet.js";

const MADE = ["scores", "scaled", "masked", "weights", "output"];
const MOST_COLUMNS = 13; // that fit side by side beside the two columns of words
const SHEETS = { q: {}, k: { isTurned: true }, v: { sides: ["numbers"] } }; // keys stand on their side; each key opens one value
const TITLES = { q: "Q", k: "Kᵀ", v: "V", scores: "S", scaled: "S / d", masked: "S + M", weights: "W", output: "O" };

export class Stage {
  /** lab: the desk that the stage is of; it also takes close(query, key). */
  constructor(lab) {
    this.lab = lab;
    this.given = Object.fromEntries(Object.entries(SHEETS).map(([name, form]) => [name, new Sheet(lab, name, form)]));
    this.made = Object.fromEntries(MADE.map((name) => [name, new Made(name, this.handsOn(name))]));
    this.says = Object.fromEntries(["scaled", "masked", "weights"].map((name) => [name, make("p", { class: "between", "data-name": name, "aria-hidden": "true" })]));
    const panels = [...Object.values(this.given), ...Object.values(this.made)].map(({ element }) => element);
    this.element = make("div", { class: "stage" }, ...panels, ...Object.values(this.says));
  }

  handsOn(name) {
    const hands = { point: (row, col) => this.point(name, row, col), leave: () => this.point(null) };
    return name === "masked" ? { ...hands, press: (row, col) => this.lab.close(row, col) } : hands;
  }

  draw() {
    const { lab } = this;
    const { bench, data } = lab;
    const numbers = lab.phrase("lab.size.numbers");
    for (const name of Object.keys(SHEETS)) this.given[name].draw(TITLES[name], lab.phrase(`lab.given.${name}`), { rows: lab.phrase(`lab.size.${name}`), numbers });
    const ink = inks(this.element, data.ramp);
    const [queries, keys, width] = [bench.q.length, bench.k.length, bench.v[0].length];
    MADE.forEach((name, at) => {
      const panel = this.made[name];
      const step = lab.isFresh ? data.steps[at] : null;
      panel.say(TITLES[name] === "S / d" ? `S / ${data.divisor ?? "√d"}` : TITLES[name], lab.phrase(`lab.step.${name}.aloud`));
      const shown = step && at < bench.step;
      panel.element.classList.toggle("unmade", !shown);
      panel.element.classList.toggle("now", at === bench.step - 1);
      if (!shown) panel.empty(queries, name === "output" ? width : keys);
      else if (name === "weights") panel.fill(step.cells, (row, col) => ({ background: ink.css(data.shades[row][col]), color: ink.on(data.shades[row][col]) }));
      else panel.fill(step.cells);
    });
    this.says.scaled.textContent = `÷ ${data.divisor ?? ""}`;
    this.says.masked.textContent = lab.phrase("lab.masked_by", { mask: lab.phrase(`lab.mask.${bench.mask}`) });
    this.says.weights.textContent = lab.phrase("lab.softmax");
    this.element.classList.toggle("tall", bench.q[0].length + 3 * keys > MOST_COLUMNS);
    this.element.dataset.step = MADE[Math.max(0, bench.step - 1)];
  }

  /** Light what a cell is made of, and let the lab say how. */
  point(name, row, col) {
    for (const panel of [...Object.values(this.given), ...Object.values(this.made)]) panel.mark(null, null);
    const at = MADE.indexOf(name);
    if (!name || !this.lab.isFresh || at >= this.lab.bench.step) return this.lab.tell(null);
    const from = {
      scores: [["q", row, null], ["k", null, col]],
      scaled: [["scores", row, col]],
      masked: [["scaled", row, col]],
      weights: [["masked", row, null]],
      output: [["weights", row, null], ["v", null, col]],
    }[name];
    for (const [panel, ...place] of from) (this.given[panel] ?? this.made[panel]).mark(...place);
    this.made[name].mark(row, col);
    this.lab.tell(`${TITLES[name].replace("/ d", `/ ${this.lab.data.divisor}`)}[${row}, ${col}]  =  ${this.lab.data.steps[at].lines[row][col]}`);
  }
}
