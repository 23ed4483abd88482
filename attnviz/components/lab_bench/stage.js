// The matrices as they meet on a blackboard: a row of Q and a column of Kᵀ in a score, a row of weights and a column of V in the output.
import { make } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { Given, Made } from "./matrix.js";
import { short, turned } from "./setting.js";

const MADE = ["scores", "scaled", "masked", "weights", "output"];
const MOST_COLUMNS = 13; // that fit side by side beside the two columns of words
const TITLES = { q: "Q", k: "Kᵀ", v: "V", scores: "S", scaled: "S / d", masked: "S + M", weights: "W", output: "O" };

export class Stage {
  /** lab: what the stage is of; it answers phrase(), bench, data, most, and takes write(), paste(), resize(), close(), slide(). */
  constructor(lab) {
    this.lab = lab;
    this.given = Object.fromEntries(["q", "k", "v"].map((name) => [name, new Given(name, this.handsOf(name))]));
    this.made = Object.fromEntries(MADE.map((name) => [name, new Made(name, this.handsOn(name))]));
    this.says = Object.fromEntries(["scaled", "masked", "weights"].map((name) => [name, make("p", { class: "between", "data-name": name, "aria-hidden": "true" })]));
    const panels = [...Object.values(this.given), ...Object.values(this.made)].map(({ element }) => element);
    this.element = make("div", { class: "stage" }, ...panels, ...Object.values(this.says));
    for (const name of ["q", "k", "v"]) this.given[name].foot.append(...this.sizes(name));
  }

  handsOf(name) {
    return {
      write: (row, col, input) => this.lab.write(name, ...this.place(name, row, col), input),
      paste: (text) => this.lab.paste(name, text),
      point: (row, col, input) => this.lab.slide(name, ...this.place(name, row, col), input),
      leave: (row, col, input) => this.lab.left(name, ...this.place(name, row, col), input),
    };
  }

  handsOn(name) {
    const hands = { point: (row, col) => this.point(name, row, col), leave: () => this.point(null) };
    return name === "masked" ? { ...hands, press: (row, col) => this.lab.close(row, col) } : hands;
  }

  /** Keys stand on their side: what is shown in row r, column c is number r of key c. */
  place(name, row, col) {
    return name === "k" ? [col, row] : [row, col];
  }

  sizes(name) {
    const sides = name === "v" ? ["numbers"] : ["rows", "numbers"];
    return sides.map((side) => {
      const less = make("button", { type: "button", class: "less", onclick: () => this.lab.resize(name, side, -1) }, "−");
      const more = make("button", { type: "button", class: "more", onclick: () => this.lab.resize(name, side, 1) }, "+");
      return make("span", { class: "size", "data-side": side }, make("span", { class: "what" }), less, more);
    });
  }

  draw() {
    const { lab } = this;
    const { bench, data } = lab;
    for (const name of ["q", "k", "v"]) this.drawGiven(name, name === "k" ? turned(bench.k) : bench[name]);
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

  drawGiven(name, rows) {
    const { lab } = this;
    const panel = this.given[name];
    panel.say(TITLES[name], lab.phrase(`lab.given.${name}`));
    panel.fill(rows, (number) => short(number, lab.most.decimals).replace("-", "−"), (row, col) => {
      const [vector, number] = this.place(name, row, col);
      return lab.phrase("lab.cell", { table: name.toUpperCase(), vector, number });
    });
    for (const size of panel.foot.children) {
      const side = size.dataset.side;
      const what = side === "numbers" ? side : name;
      size.firstChild.textContent = lab.phrase(`lab.size.${what}`);
      size.children[1].setAttribute("aria-label", lab.phrase("lab.less", { what: size.firstChild.textContent, table: name.toUpperCase() }));
      size.children[2].setAttribute("aria-label", lab.phrase("lab.more", { what: size.firstChild.textContent, table: name.toUpperCase() }));
      size.children[1].disabled = !lab.mayResize(name, side, -1);
      size.children[2].disabled = !lab.mayResize(name, side, 1);
    }
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
