// The matrices as they meet on a blackboard, in four places: made of tokens, shared out to heads, one head at work, joined and mixed.
import { make } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { withLow } from "../lab_bench/low.js";
import { Made } from "../lab_bench/matrix.js";
import { turned } from "../lab_bench/setting.js";
import { Sheet } from "../lab_bench/sheet.js";
import { Sharing } from "./sharing.js";

const LOW = "₀₁₂₃";
const PLACES = {
  vectors: ["x", "a", "b", "c", "y", "q", "k", "v"],
  one: ["part_q", "part_k", "scores", "weights", "part_v", "found"],
  mixed: ["joined", "o", "output"],
};
const STEP_OF = { part_q: "split", part_k: "split", part_v: "split", q: "vectors", k: "vectors", v: "vectors" }; // of the others, their own name
const PLACE_OF = { vectors: "vectors", split: "one", scores: "one", weights: "one", found: "one", joined: "mixed", output: "mixed" };
const SHEETS = ["x", "y", "a", "b", "c", "o"];

export class Stage {
  /** lab: the desk that the stage is of; it also takes look(head). */
  constructor(lab) {
    this.lab = lab;
    this.sheets = Object.fromEntries([...SHEETS, "q", "k", "v"].map((name) => [name, new Sheet(lab, name)]));
    const made = ["q", "k", "v", ...PLACES.one, "joined", "output"];
    this.made = Object.fromEntries(made.map((name) => [name, new Made(name, { point: (row, col) => this.point(name, row, col), leave: () => this.point(null) })]));
    this.sharing = new Sharing(lab);
    this.blocks = Object.fromEntries(Object.entries(PLACES).map(([place, names]) => {
      const panels = names.flatMap((name) => [this.sheets[name], this.made[name]]).filter(Boolean).map(({ element }) => element);
      const title = make("h3");
      return [place, { title, element: make("section", { class: `block ${place}` }, title, make("div", { class: "ground" }, make("div", { class: "board" }, ...panels))) }];
    }));
    const { vectors, one, mixed } = this.blocks;
    this.element = make("div", { class: "blocks" }, vectors.element, this.sharing.element, one.element, mixed.element);
  }

  /** What a matrix is called: parts of a head carry its number. */
  called(name) {
    const { bench, data } = this.lab;
    const head = LOW[bench.head];
    const shared = LOW[data.parts[bench.head]?.key_head ?? 0];
    return { part_q: `Q${head}`, part_k: `K${shared}ᵀ`, part_v: `V${shared}`, scores: `S${head}`, weights: `W${head}`, found: `O${head}`, joined: `[O₀ … O${LOW[bench.heads - 1]}]`, output: "Out" }[name] ?? this.lab.titleOf(name);
  }

  /** What the server has worked out of a matrix: {cells, lines}, keys on their side, or nothing. */
  workedOut(name) {
    const { data, bench, isFresh } = this.lab;
    if (!isFresh) return null;
    const part = data.parts[bench.head];
    const found = { ...data.vectors, part_q: part.q, part_v: part.v, scores: part.scores, weights: part.weights, found: part.found, joined: data.joined, output: data.output };
    if (name === "part_k") return { cells: turned(part.k.cells), lines: turned(part.k.lines) };
    return found[name];
  }

  draw() {
    const { lab } = this;
    const { bench, data } = lab;
    const what = { rows: lab.phrase("heads.size.rows"), numbers: lab.phrase("heads.size.numbers") };
    for (const [name, sheet] of Object.entries(this.sheets)) {
      sheet.element.hidden = !bench[name];
      if (bench[name]) sheet.draw(lab.titleOf(name), lab.phrase(`heads.aloud.${name}`), what);
    }
    const ink = inks(this.element, data.ramp);
    for (const [name, panel] of Object.entries(this.made)) this.drawMade(name, panel, ink);
    const step = lab.steps[Math.max(0, bench.step - 1)];
    for (const place of Object.keys(PLACES)) {
      this.blocks[place].title.replaceChildren(...withLow(lab.phrase(`heads.place.${place}`, { head: bench.head })));
      this.blocks[place].element.classList.toggle("in-view", PLACE_OF[step] === place);
    }
    this.element.dataset.head = bench.head;
    this.blocks.vectors.element.classList.toggle("given", !bench.x);
    this.blocks.vectors.element.classList.toggle("crossed", Boolean(bench.y));
    this.sharing.draw(ink);
    this.sharing.element.classList.toggle("in-view", PLACE_OF[step] === "one");
  }

  drawMade(name, panel, ink) {
    const { lab } = this;
    const step = STEP_OF[name] ?? name;
    panel.element.hidden = "qkv".includes(name) && !lab.bench.x;
    panel.say(this.called(name), lab.phrase(`heads.aloud.${name}`));
    const found = this.workedOut(name);
    const isShown = found && lab.isMade(step);
    panel.element.classList.toggle("unmade", !isShown);
    panel.element.classList.toggle("now", lab.steps.indexOf(step) === lab.bench.step - 1);
    if (!isShown) return found ? panel.empty(found.cells.length, found.cells[0].length) : panel.empty(panel.rows ?? 1, panel.cols ?? 1);
    return panel.fill(found.cells, this.paintOf(name, ink));
  }

  /** Weights by their size; numbers of a head in its own colour. */
  paintOf(name, ink) {
    const { data, bench } = this.lab;
    const colour = (head) => ({ background: `color-mix(in srgb, var(--head-${head}) 15%, transparent)` });
    if (name === "weights") return (row, col) => ({ background: ink.css(data.parts[bench.head].shades[row][col]), color: ink.on(data.parts[bench.head].shades[row][col]) });
    if (name === "q" || name === "joined") {
      const width = data[name === "q" ? "vectors" : "joined"];
      const columns = (name === "q" ? width.q : width).cells[0].length / bench.heads;
      return (_, col) => colour(Math.floor(col / columns));
    }
    if (name === "part_q" || name === "found") return () => colour(bench.head);
    const grey = (shared) => ({ background: `color-mix(in srgb, var(--st-text-color) ${shared % 2 ? 10 : 4}%, transparent)` });
    if (name === "part_k" || name === "part_v") return () => grey(data.parts[bench.head].key_head);
    if (name === "k" || name === "v") return (_, col) => grey(Math.floor(col / (data.vectors[name].cells[0].length / bench.key_heads)));
    return null;
  }

  /** Light what a cell is made of, and let the lab say how. */
  point(name, row, col) {
    const { lab } = this;
    for (const panel of [...Object.values(this.sheets), ...Object.values(this.made)]) panel.mark(null, null);
    const found = name && lab.isMade(STEP_OF[name] ?? name) && this.workedOut(name);
    if (!found) return lab.tell(null);
    for (const [panel, ...place] of this.sources(name, row, col, found)) (lab.bench[panel] ? this.sheets[panel] : this.made[panel]).mark(...place);
    this.made[name].mark(row, col);
    return lab.tell(`${this.called(name)}[${row}, ${col}]  =  ${found.lines[row][col]}`);
  }

  sources(name, row, col, found) {
    const { bench, data } = this.lab;
    const of = bench.y ? "y" : "x";
    const part = data.parts[bench.head];
    const width = (each) => part[each].cells[0].length;
    const columns = found.cells[0].length / bench.heads;
    return {
      q: () => [["x", row, null], ["a", null, col]],
      k: () => [[of, row, null], ["b", null, col]],
      v: () => [[of, row, null], ["c", null, col]],
      part_q: () => [["q", row, bench.head * width("q") + col]],
      part_k: () => [["k", col, part.key_head * width("k") + row]],
      part_v: () => [["v", row, part.key_head * width("v") + col]],
      scores: () => [["part_q", row, null], ["part_k", null, col]],
      weights: () => [["scores", row, null]],
      found: () => [["weights", row, null], ["part_v", null, col]],
      joined: () => (Math.floor(col / columns) === bench.head ? [["found", row, col % columns]] : []),
      output: () => [["joined", row, null], ["o", null, col]],
    }[name]();
  }
}
