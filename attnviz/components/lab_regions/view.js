// A picture as values: weights by hand, from a query region, or from a model; all of them worked out by the server.
import { make, mounted } from "../common/dom.js";
import { decode } from "../common/packet.js";
import { Desk } from "../lab_bench/desk.js";
import { Rail } from "../lab_bench/rail.js";
import { numberIn, short } from "../lab_bench/setting.js";
import { watch } from "./album.js";
import { spelled } from "./setting.js";
import { Side } from "./side.js";
import { Stage } from "./stage.js";

const STEPS = ["values", "weights", "pooled", "recomposed"];
const TERMS = [["A", "pooled"], ["wᵢ", "weights"], ["xᵢ", "values"]];
const HANDIEST = 10; // where the slider of a part ends
const MOST_LISTED = 8;

class Regions extends Desk {
  constructor(root) {
    super(TERMS);
    this.field = "regions";
    this.file = "picture-as-values.ipynb";
    this.steps = STEPS;
    this.step = STEPS.indexOf("weights") + 1;
    this.region = 0;
    this.side = new Side(this);
    this.stage = new Stage(this);
    this.stage.given.element.append(this.editorOf());
    this.rail = new Rail(this);
    this.formula.firstChild.after(make("span", { class: "equals" }, " = Σ "));
    this.total = make("span", { class: "total number" });
    this.listTitle = make("h3");
    this.list = make("ol", { class: "entropies" });
    this.rail.about.after(make("section", {}, this.listTitle, this.list));
    const head = make("div", { class: "head" }, this.formula, this.total);
    const middle = make("div", { class: "middle" }, head, this.line, this.refused, this.stage.element);
    this.element = make("div", { class: "view lab-bench lab-regions", role: "region" }, this.side.element, middle, this.rail.element);
    root.append(this.element);
    this.unwatch = watch(() => this.data && this.draw());
  }

  editorOf() {
    this.slider = make("input", { type: "range", min: 0, max: HANDIEST, step: 0.5, oninput: () => this.part(this.region, Number(this.slider.value)) });
    this.number = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "seed", oninput: () => this.typed() });
    this.editorWords = make("span", { class: "what" });
    this.editor = make("div", { class: "slider on-cell" }, this.editorWords, this.slider, this.number);
    return this.editor;
  }

  update({ data, setStateValue }) {
    if (this.packet === data) return;
    this.packet = data;
    const { facts, files } = decode(data);
    super.update({ data: facts, setStateValue });
    this.stage.pool(files[0]);
  }

  /** The step in view is no matter of the link. */
  copied(setting) {
    return { ...setting, parts: [...setting.parts], step: this.step };
  }

  written(bench) {
    return spelled(bench, this.data.begin, this.data.most.decimals);
  }

  get spelled() {
    return this.written(this.bench);
  }

  /** The grid of patches that can be asked, where weights come from a model. */
  get patches() {
    return this.bench.source === "model" ? (this.data.model?.grid ?? null) : null;
  }

  go(step) {
    this.step = this.bench.step = step;
    this.draw();
  }

  about(step) {
    const words = step === "weights" ? `regions.step.weights.${this.bench.source}` : `regions.step.${step}.words`;
    return [this.phrase(`regions.step.${step}.title`), this.phrase(words)];
  }

  codeOf(library, step) {
    return this.data.code[library][step];
  }

  factsAt() {
    return null;
  }

  /** A visitor points at a region, or at a patch: what follows depends on where weights come from. */
  choose(at) {
    const { source } = this.bench;
    if (source === "hand") {
      this.region = at;
      this.draw();
    } else if (source === "query") this.change((bench) => (bench.query = at));
    else if (this.patches) this.change((bench) => (bench.token = at + 1));
  }

  part(at, number) {
    this.region = at;
    this.change((bench) => (bench.parts[at] = Math.max(0, Math.min(this.data.most.part, number))));
  }

  typed() {
    const found = numberIn(this.number.value, { largest: this.data.most.part, decimals: this.data.most.decimals });
    const good = found !== null && found >= 0;
    this.number.toggleAttribute("aria-invalid", !good);
    if (good) this.part(this.region, found);
    this.tell(good ? null : this.phrase("regions.no_part", { most: this.data.most.part }));
  }

  /** How the weight of a region comes about. */
  explain(at) {
    const { data } = this;
    const place = `${Math.floor(at / this.bench.cols)}, ${at % this.bench.cols}`;
    const score = data.scores && `q·k / ${data.divisor} = (${data.keys[this.bench.query].join(", ")})·(${data.keys[at].join(", ")}) / ${data.divisor} = ${data.scores[at]}`;
    this.tell(`${score ? `${score};  ` : ""}w[${place}]  =  ${data.lines[at]}`);
  }

  tell(line) {
    const text = line ?? this.phrase(`regions.point.${this.bench.source}`);
    if (this.line.textContent !== text) this.line.textContent = text;
    this.line.classList.toggle("idle", !line);
  }

  draw() {
    const { bench, data } = this;
    this.element.setAttribute("aria-label", this.phrase("regions.title"));
    this.formula.setAttribute("aria-label", this.phrase("regions.formula"));
    for (const term of this.terms) term.setAttribute("aria-pressed", String(term.dataset.step === STEPS[bench.step - 1]));
    this.refused.hidden = !data.refused || !this.isAnswered;
    this.refused.textContent = data.refused ?? "";
    this.total.textContent = this.isFresh ? this.summed() : "";
    if (!this.line.textContent || this.line.classList.contains("idle")) this.tell(null);
    if (this.region >= bench.rows * bench.cols) this.region = 0;
    this.side.draw();
    this.stage.draw();
    this.rail.draw();
    this.drawEditor();
    this.drawList();
  }

  summed() {
    const { rest, total } = this.data;
    return rest === null ? `Σ wᵢ = ${total}` : `Σ wᵢ + [CLS] ${rest} = ${total}`;
  }

  drawEditor() {
    const { bench, region } = this;
    this.editor.hidden = bench.source !== "hand";
    this.editorWords.textContent = this.phrase("regions.part", { row: Math.floor(region / bench.cols), col: region % bench.cols });
    for (const input of [this.slider, this.number]) input.setAttribute("aria-label", this.editorWords.textContent);
    this.slider.value = bench.parts[region];
    const isWriting = this.number.getRootNode().activeElement === this.number;
    if (!isWriting) this.number.removeAttribute("aria-invalid");
    if (!isWriting || (numberIn(this.number.value, { largest: this.data.most.part, decimals: this.data.most.decimals }) !== bench.parts[region] && !this.number.hasAttribute("aria-invalid")))
      this.number.value = short(bench.parts[region], this.data.most.decimals);
  }

  /** The regions that weigh most, and the class token among them. */
  drawList() {
    const { data, bench } = this;
    this.listTitle.textContent = this.phrase("regions.heaviest");
    this.list.parentElement.hidden = !this.isFresh;
    if (!this.isFresh) return;
    const rows = data.weights.map((weight, at) => ({ weight, name: `${Math.floor(at / bench.cols)}, ${at % bench.cols}`, colour: data.colours[at] }));
    if (data.rest !== null) rows.push({ weight: data.rest, name: "[CLS]", colour: null });
    const listed = rows.sort((one, other) => other.weight - one.weight).slice(0, MOST_LISTED);
    this.list.replaceChildren(...listed.map(({ weight, name, colour }) => {
      const bar = make("span", { class: "bar", "aria-hidden": "true" });
      bar.style.setProperty("--share", weight);
      const dot = make("span", { class: "dot", "aria-hidden": "true" });
      if (colour) dot.style.background = colour;
      return make("li", {}, bar, dot, make("span", { class: "who number" }, name), make("span", { class: "number weight" }, weight));
    }));
  }

  remove() {
    this.unwatch();
    this.stage.remove();
    super.remove();
  }
}

export const { render, unmount } = mounted(Regions);
