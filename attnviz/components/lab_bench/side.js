// What is set beside the tables: an example, scaling, temperature, mask, random numbers.
import { make } from "../common/dom.js";
import { Chance, Choice, Examples } from "./aids.js";
import { short } from "./setting.js";

const MASKS = ["none", "causal", "padding", "window", "own"];
const SIZED = ["padding", "window"];
const [COLDEST, HOTTEST, STEPS_PER_TEN] = [0.1, 10, 20]; // the temperature goes by equal factors

export class Side {
  constructor(lab) {
    this.lab = lab;
    this.title = make("h1");
    this.lead = make("p", { class: "lead" });
    this.examples = new Examples(lab);
    this.chance = new Chance(lab);
    this.mask = new Choice("mask", (mask) => lab.change((bench) => (bench.mask = mask)));
    this.scaleTitle = make("h3");
    this.scaled = make("input", { type: "checkbox", onchange: () => lab.change((bench) => (bench.scaled = this.scaled.checked)) });
    this.scaledWords = make("span");
    this.temperature = make("input", { type: "range", min: STEPS_PER_TEN * Math.log10(COLDEST), max: STEPS_PER_TEN * Math.log10(HOTTEST), step: 1, oninput: () => this.heat() });
    this.temperatureWords = make("span", { class: "what" });
    this.temperatureSays = make("output", { class: "number" });
    this.size = make("input", { type: "range", min: 0, step: 1, oninput: () => lab.change((bench) => (bench.size = Number(this.size.value))) });
    this.sizeWords = make("span", { class: "what" });
    this.sizeSays = make("output", { class: "number" });
    this.sizeRow = make("label", { class: "slider" }, this.sizeWords, this.size, this.sizeSays);
    this.mask.row.after(this.sizeRow);
    this.element = make("aside", { class: "side" },
      make("header", {}, this.title, this.lead),
      this.examples.element,
      make("section", {}, this.scaleTitle, make("label", { class: "tick" }, this.scaled, this.scaledWords), make("label", { class: "slider" }, this.temperatureWords, this.temperature, this.temperatureSays)),
      this.mask.element,
      this.chance.element);
  }

  heat() {
    this.lab.change((bench) => (bench.temperature = Number((10 ** (this.temperature.value / STEPS_PER_TEN)).toFixed(2))));
  }

  draw() {
    const { lab } = this;
    const { bench, data } = lab;
    this.title.textContent = lab.phrase("lab.title");
    this.lead.textContent = lab.phrase("lab.lead");
    this.examples.draw();
    this.scaleTitle.textContent = lab.phrase("lab.scale");
    this.scaled.checked = bench.scaled;
    this.scaledWords.textContent = lab.phrase("lab.scaled", { width: bench.q[0].length });
    this.temperatureWords.textContent = lab.phrase("lab.temperature");
    this.temperature.value = Math.round(STEPS_PER_TEN * Math.log10(bench.temperature));
    this.temperatureSays.textContent = short(bench.temperature, 2);
    const options = MASKS.map((value) => ({ value, text: lab.phrase(`lab.mask.${value}`), hint: lab.phrase(`lab.mask.hint.${value}`) }));
    this.mask.draw(lab.phrase("lab.mask.title"), options, bench.mask, lab.phrase(`lab.mask.hint.${bench.mask}`));
    this.sizeRow.hidden = !SIZED.includes(bench.mask);
    this.size.max = bench.mask === "padding" ? Math.max(0, bench.k.length - 1) : Math.max(bench.k.length, bench.q.length) - 1;
    this.size.value = bench.size;
    this.sizeWords.textContent = lab.phrase(`lab.mask.size.${bench.mask}`);
    this.sizeSays.textContent = bench.size;
    this.chance.draw();
  }
}
