// What attention costs: sizes, curves, the clock of this machine; all numbers come from the server.
import { make, mounted } from "../common/dom.js";
import { Choice } from "../lab_bench/aids.js";
import { Desk } from "../lab_bench/desk.js";
import { Rail } from "../lab_bench/rail.js";
import { chart, scales } from "./chart.js";
import { fitting, SIZES, spelled } from "./setting.js";
import { Sizes } from "./sizes.js";

const STEPS = ["memory", "operations", "measured"];
const CHARTS = ["memory", "operations"];
const KINDS = ["name", "operations", "sequential", "path"];
const [HEIGHT, LEAST_WIDTH] = [270, 260];

class Costs extends Desk {
  constructor(root) {
    super([]);
    this.field = "costs";
    this.file = "what-attention-costs.ipynb";
    this.steps = STEPS;
    this.step = 1;
    this.rail = new Rail(this);
    this.stepChoice = new Choice("costs-step", (step) => this.go(STEPS.indexOf(step) + 1));
    this.rail.about.before(this.stepChoice.element);
    this.sizes = new Sizes(this);
    this.title = make("h1");
    this.lead = make("p", { class: "lead" });
    this.modelsTitle = make("h3");
    this.models = make("div", { class: "presets" });
    this.modelSource = make("p", { class: "note" });
    this.dtype = new Choice("dtype", (dtype) => this.change((bench) => (bench.dtype = dtype)));
    this.against = new Choice("against", (against) => this.change((bench) => (bench.against = against)));
    const side = make("aside", { class: "side" }, make("header", {}, this.title, this.lead), make("section", {}, this.modelsTitle, this.models, this.modelSource), this.sizes.element, this.dtype.element, this.against.element);
    this.sentence = make("p", { class: "sentence number", role: "status" });
    this.charts = Object.fromEntries([...CHARTS, "measured"].map((name) => [name, this.panel(name)]));
    const middle = make("div", { class: "middle" }, this.sentence, this.line, this.refused, make("div", { class: "charts" }, ...CHARTS.map((name) => this.charts[name].element)), this.numbersOf(), this.clockOf(), this.kindsOf());
    this.element = make("div", { class: "view lab-bench lab-costs", role: "region" }, side, middle, this.rail.element);
    root.append(this.element);
    this.observer = new ResizeObserver(() => this.data && this.drawCharts());
    this.observer.observe(middle);
  }

  panel(name) {
    const title = make("h3");
    const legend = make("div", { class: "legend" });
    const ground = make("div", { class: "ground-of" });
    if (CHARTS.includes(name)) for (const kind of ["pointerdown", "pointermove"]) ground.addEventListener(kind, (event) => (kind === "pointerdown" || event.buttons) && this.pick(name, event));
    return { title, legend, ground, element: make("figure", { class: "chart", "data-name": name }, make("figcaption", {}, title, legend), ground) };
  }

  numbersOf() {
    this.numbersTitle = make("h3");
    this.numbers = make("tbody");
    this.symbols = make("p", { class: "note" });
    return make("section", { class: "numbers-of" }, this.numbersTitle, make("div", { class: "wide" }, make("table", {}, this.numbers)), this.symbols);
  }

  clockOf() {
    this.clockTitle = make("h2");
    this.clockWords = make("p", { class: "words" });
    this.measure = make("button", { type: "button", class: "act", onclick: () => this.asked() });
    this.clocked = make("p", { class: "note number", role: "status" });
    return make("section", { class: "clock" }, this.clockTitle, this.clockWords, this.measure, this.charts.measured.element, this.clocked);
  }

  kindsOf() {
    this.kindsTitle = make("h2");
    this.kindsWords = make("p", { class: "words" });
    this.kindsHead = make("tr");
    this.kinds = make("tbody");
    this.kindsSource = make("p", { class: "note" });
    return make("section", { class: "kinds" }, this.kindsTitle, this.kindsWords, make("div", { class: "wide" }, make("table", {}, make("thead", {}, this.kindsHead), this.kinds)), this.kindsSource);
  }

  update(component) {
    this.trigger = component.setTriggerValue;
    this.waitingForClock = false;
    super.update(component);
  }

  /** The step in view is no matter of the link. */
  copied(setting) {
    return { ...setting, step: this.step };
  }

  written(bench) {
    return spelled(bench);
  }

  get spelled() {
    return this.written(this.bench);
  }

  go(step) {
    this.step = this.bench.step = step;
    this.draw();
  }

  about(step) {
    return [this.phrase(`costs.step.${step}.title`), this.phrase(`costs.step.${step}.words`)];
  }

  codeOf(library, step) {
    return this.data.code?.[library][step];
  }

  factsAt() {
    return null;
  }

  asked() {
    this.waitingForClock = true;
    this.trigger("measure", true);
    this.drawClock();
  }

  /** A hand on a curve chooses its size there. */
  pick(name, event) {
    const facts = this.isFresh && this.data.charts.find((each) => each.name === name);
    if (!facts) return;
    const box = event.currentTarget.getBoundingClientRect();
    const size = Math.round(scales(facts, box.width, HEIGHT).at(event.clientX - box.left));
    this.change((bench) => (bench[bench.against] = fitting(bench, bench.against, size, this.data.most[bench.against])));
  }

  tell(line) {
    this.line.textContent = line ?? this.phrase("costs.point");
    this.line.classList.toggle("idle", !line);
  }

  draw() {
    const { data } = this;
    this.element.setAttribute("aria-label", this.phrase("costs.title"));
    this.title.textContent = this.phrase("costs.title");
    this.lead.textContent = this.phrase("costs.lead");
    this.refused.hidden = !data.refused || !this.isAnswered;
    this.refused.textContent = data.refused ?? "";
    if (!this.line.textContent || this.line.classList.contains("idle")) this.tell(null);
    this.drawModels();
    this.sizes.draw();
    this.dtype.draw(this.phrase("costs.precision"), data.dtypes.map((value) => ({ value, text: value })), this.bench.dtype);
    this.against.draw(this.phrase("costs.against"), data.against.map((value) => ({ value, text: this.phrase(`costs.against_of.${value}`) })), this.bench.against);
    this.stepChoice.draw(this.phrase("costs.look"), STEPS.map((value) => ({ value, text: this.phrase(`costs.step.${value}.title`) })), STEPS[this.step - 1]);
    this.rail.draw();
    this.element.classList.toggle("stale", !this.isFresh);
    if (this.isFresh) this.drawAnswer();
    this.drawClock();
  }

  drawModels() {
    const { data, bench } = this;
    const isChosen = ({ setting }) => SIZES.every((name) => name === "batch" || setting[name] === bench[name]);
    this.modelsTitle.textContent = this.phrase("costs.models");
    this.models.replaceChildren(...data.models.map((model) =>
      make("button", { type: "button", class: "chip", "aria-pressed": String(isChosen(model)), title: model.source, onclick: () => this.change((each) => Object.assign(each, model.setting)) },
        model.here ? `${model.name} · ${this.phrase("costs.here")}` : model.name)));
    const chosen = data.models.find(isChosen);
    this.modelSource.textContent = chosen ? chosen.source : "";
  }

  drawAnswer() {
    const { data } = this;
    this.sentence.textContent = data.sentences.join(" ");
    this.numbersTitle.textContent = this.phrase("costs.numbers");
    this.numbers.replaceChildren(...data.rows.map(({ name, said, formula, numbers }) =>
      make("tr", {}, make("th", { scope: "row" }, make("span", { class: "key", "data-line": name, "aria-hidden": "true" }), this.phrase(`costs.line.${name}`)), make("td", {}, formula), make("td", { class: "number" }, numbers), make("td", { class: "number result", "data-name": name }, said))));
    this.symbols.textContent = this.phrase("costs.symbols");
    this.kindsTitle.textContent = this.phrase("costs.kind.title");
    this.kindsWords.textContent = this.phrase("costs.kind.words");
    this.kindsHead.replaceChildren(...KINDS.map((column) => make("th", { scope: "col" }, this.phrase(`costs.kind.${column}`))));
    this.kinds.replaceChildren(...data.kinds.map(({ name, cells }) =>
      make("tr", {}, make("th", { scope: "row" }, this.phrase(`costs.kind_of.${name}`)), ...cells.map(({ formula, number, best }) => make("td", { class: best ? "number best" : "number" }, make("span", { class: "formula-of" }, formula), number)))));
    this.kindsSource.textContent = this.phrase("costs.kind.source");
    this.drawCharts();
  }

  drawCharts() {
    const { data } = this;
    for (const facts of [...(data.charts ?? []), ...(data.measured ? [data.measured.chart] : [])]) {
      const { title, legend, ground } = this.charts[facts.name];
      title.textContent = this.phrase(`costs.chart.${facts.name}`);
      legend.replaceChildren(...facts.lines.map(({ name }) => make("span", {}, make("span", { class: "key", "data-line": name, "aria-hidden": "true" }), this.phrase(`costs.line.${name}`))));
      const width = Math.max(LEAST_WIDTH, Math.floor(ground.clientWidth));
      const below = this.phrase(facts.mark === null ? "costs.axis.tokens" : `costs.axis.${this.bench.against}`);
      const aloud = [title.textContent, ...facts.lines.map(({ name, said }) => `${this.phrase(`costs.line.${name}`)} ${said}`)].join("; ");
      if (ground.clientWidth) ground.replaceChildren(chart(facts, width, HEIGHT, { below, aloud }));
    }
  }

  drawClock() {
    const { measured } = this.data;
    this.clockTitle.textContent = this.phrase("costs.clock.title");
    this.clockWords.textContent = this.phrase("costs.clock.words");
    this.measure.textContent = this.phrase(this.waitingForClock ? "costs.clock.wait" : "costs.clock.go");
    this.measure.disabled = this.waitingForClock;
    this.charts.measured.element.hidden = !measured;
    this.clocked.textContent = measured?.sentence ?? "";
    if (measured) this.drawCharts();
  }

  remove() {
    this.observer.disconnect();
    super.remove();
  }
}

export const { render, unmount } = mounted(Costs);
