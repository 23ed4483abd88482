// What is set beside the tables: an example, scaling, temperature, mask, random numbers.
import { make, press, segments } from "../common/dom.js";
import { short } from "./setting.js";

const MASKS = ["none", "causal", "padding", "window", "own"];
const SIZED = ["padding", "window"];
const [COLDEST, HOTTEST, STEPS_PER_TEN] = [0.1, 10, 20]; // the temperature goes by equal factors

export class Side {
  constructor(lab) {
    this.lab = lab;
    this.title = make("h1");
    this.lead = make("p", { class: "lead" });
    this.presetsTitle = make("h3");
    this.presets = make("div", { class: "presets" });
    this.scaleTitle = make("h3");
    this.scaled = make("input", { type: "checkbox", onchange: () => lab.change((bench) => (bench.scaled = this.scaled.checked)) });
    this.scaledWords = make("span");
    this.temperature = make("input", { type: "range", min: STEPS_PER_TEN * Math.log10(COLDEST), max: STEPS_PER_TEN * Math.log10(HOTTEST), step: 1, oninput: () => this.heat() });
    this.temperatureWords = make("span", { class: "what" });
    this.temperatureSays = make("output", { class: "number" });
    this.maskTitle = make("h3");
    this.mask = make("div");
    this.size = make("input", { type: "range", min: 0, step: 1, oninput: () => lab.change((bench) => (bench.size = Number(this.size.value))) });
    this.sizeWords = make("span", { class: "what" });
    this.sizeSays = make("output", { class: "number" });
    this.sizeRow = make("label", { class: "slider" }, this.sizeWords, this.size, this.sizeSays);
    this.maskNote = make("p", { class: "note" });
    this.randomTitle = make("h3");
    this.seed = make("input", { type: "number", min: 0, max: 9999, value: 1, class: "seed" });
    this.seedWords = make("span", { class: "what" });
    this.shake = make("button", { type: "button", class: "act", onclick: () => lab.random(Number(this.seed.value) || 0) });
    this.element = make("aside", { class: "side" },
      make("header", {}, this.title, this.lead),
      make("section", {}, this.presetsTitle, this.presets),
      make("section", {}, this.scaleTitle, make("label", { class: "tick" }, this.scaled, this.scaledWords), make("label", { class: "slider" }, this.temperatureWords, this.temperature, this.temperatureSays)),
      make("section", {}, this.maskTitle, this.mask, this.sizeRow, this.maskNote),
      make("section", {}, this.randomTitle, make("div", { class: "acts" }, make("label", { class: "seeded" }, this.seedWords, this.seed), this.shake)));
  }

  heat() {
    this.lab.change((bench) => (bench.temperature = Number((10 ** (this.temperature.value / STEPS_PER_TEN)).toFixed(2))));
  }

  draw() {
    const { lab } = this;
    const { bench, data } = lab;
    this.title.textContent = lab.phrase("lab.title");
    this.lead.textContent = lab.phrase("lab.lead");
    this.presetsTitle.textContent = lab.phrase("lab.presets");
    this.presets.replaceChildren(...data.presets.map(({ name, bench: spelled, setting }) =>
      make("button", { type: "button", class: "chip", "aria-pressed": String(spelled === lab.spelled), onclick: () => lab.load(setting) }, lab.phrase(`lab.preset.${name}`))));
    this.scaleTitle.textContent = lab.phrase("lab.scale");
    this.scaled.checked = bench.scaled;
    this.scaledWords.textContent = lab.phrase("lab.scaled", { width: bench.q[0].length });
    this.temperatureWords.textContent = lab.phrase("lab.temperature");
    this.temperature.value = Math.round(STEPS_PER_TEN * Math.log10(bench.temperature));
    this.temperatureSays.textContent = short(bench.temperature, 2);
    this.maskTitle.textContent = lab.phrase("lab.mask.title");
    const options = MASKS.map((value) => ({ value, text: lab.phrase(`lab.mask.${value}`), hint: lab.phrase(`lab.mask.hint.${value}`) }));
    if (this.language !== data.words["lab.title"]) this.mask.replaceChildren(segments("mask", lab.phrase("lab.mask.title"), options, (mask) => lab.change((each) => (each.mask = mask))));
    this.language = data.words["lab.title"];
    press(this.mask.firstChild, bench.mask);
    this.sizeRow.hidden = !SIZED.includes(bench.mask);
    this.size.max = bench.mask === "padding" ? Math.max(0, bench.k.length - 1) : Math.max(bench.k.length, bench.q.length) - 1;
    this.size.value = bench.size;
    this.sizeWords.textContent = lab.phrase(`lab.mask.size.${bench.mask}`);
    this.sizeSays.textContent = bench.size;
    this.maskNote.textContent = lab.phrase(`lab.mask.hint.${bench.mask}`);
    this.randomTitle.textContent = lab.phrase("lab.random.title");
    this.seedWords.textContent = lab.phrase("lab.random.seed");
    this.shake.textContent = lab.phrase("lab.random.draw");
  }
}
