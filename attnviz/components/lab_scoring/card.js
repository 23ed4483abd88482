// One way to score: its formula, what it learns, its scores, their softmax, and what comes out.
import { make } from "../common/dom.js";
import { Made } from "../lab_bench/matrix.js";

const STEPS = ["scores", "weights", "output"];
const TITLES = { scores: "S", weights: "α", output: "O" };
export const FORMULAS = { dot: "q · k", scaled: "q · k / √d", general: "qᵀ M k", cosine: "q · k / ‖q‖ ‖k‖", additive: "vᵀ tanh(W q + U k)" };

export class Card {
  constructor(lab, way) {
    Object.assign(this, { lab, way });
    this.title = make("button", { type: "button", class: "way-name", onclick: () => lab.choose(way) });
    this.words = make("p", { class: "note" });
    this.refused = make("p", { class: "refused" });
    this.made = Object.fromEntries(STEPS.map((step) => [step, new Made(step, { point: (row, col) => this.point(step, row, col), leave: () => this.point(null) })]));
    this.element = make("article", { class: `way-card ${way}` },
      make("header", {}, this.title, make("p", { class: "law" }, FORMULAS[way])), this.words, this.refused, ...STEPS.map((step) => this.made[step].element));
  }

  get found() {
    return this.lab.isFresh ? this.lab.data.ways[this.way] : null;
  }

  draw(ink) {
    const { lab, way } = this;
    this.title.textContent = lab.phrase(`scoring.way.${way}`);
    this.title.setAttribute("aria-pressed", String(lab.bench.way === way));
    this.element.classList.toggle("chosen", lab.bench.way === way);
    this.words.textContent = lab.phrase(`scoring.differs.${way}`);
    const { found } = this;
    this.refused.textContent = found?.refused ?? "";
    this.refused.hidden = !found?.refused;
    for (const step of STEPS) this.drawStep(step, found, ink);
  }

  drawStep(step, found, ink) {
    const { lab } = this;
    const panel = this.made[step];
    panel.say(TITLES[step], `${this.title.textContent}: ${lab.phrase(`scoring.aloud.${step}`)}`);
    panel.element.hidden = Boolean(found?.refused);
    const isShown = Boolean(found?.[step]) && lab.isMade(step);
    panel.element.classList.toggle("unmade", !isShown);
    panel.element.classList.toggle("now", lab.steps.indexOf(step) === lab.bench.step - 1);
    if (!isShown) return found?.[step] ? panel.empty(found[step].cells.length, found[step].cells[0].length) : panel.empty(panel.rows ?? 1, panel.cols ?? 1);
    return panel.fill(found[step].cells, step === "weights" ? (row, col) => ({ background: ink.css(found.shades[row][col]), color: ink.on(found.shades[row][col]) }) : null);
  }

  /** Light what a cell is made of, and let the lab say how. */
  point(step, row, col) {
    const { lab, found } = this;
    lab.unmark();
    if (!step || !found?.[step] || !lab.isMade(step)) return lab.tell(null);
    if (step === "scores") {
      lab.inputs.mark("q", row, null);
      lab.inputs.mark("k", col, null);
      lab.lookAt(row, col);
    }
    if (step === "weights") this.made.scores.mark(row, null);
    if (step === "output") {
      this.made.weights.mark(row, null);
      lab.inputs.mark("v", null, col);
    }
    this.made[step].mark(row, col);
    return lab.tell(`${TITLES[step]}[${row}, ${col}]  =  ${found[step].lines[row][col]}`);
  }

  unmark() {
    for (const panel of Object.values(this.made)) panel.mark(null, null);
  }
}
