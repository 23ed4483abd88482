// What is set beside the tables: an example, where the keys come from, random numbers.
import { make } from "../common/dom.js";
import { Chance, Choice, Examples } from "../lab_bench/aids.js";
import { sourceOf } from "./setting.js";

const SOURCES = ["given", "recurrent", "convolution"];

export class Side {
  constructor(lab) {
    this.lab = lab;
    this.title = make("h1");
    this.lead = make("p", { class: "lead" });
    this.examples = new Examples(lab);
    this.source = new Choice("source", (source) => lab.takeKeys(source));
    this.chance = new Chance(lab);
    this.element = make("aside", { class: "side" }, make("header", {}, this.title, this.lead), this.examples.element, this.source.element, this.chance.element);
  }

  draw() {
    const { lab } = this;
    const source = sourceOf(lab.bench);
    this.title.textContent = lab.phrase("scoring.title");
    this.lead.textContent = lab.phrase("scoring.lead");
    this.examples.draw();
    const sources = SOURCES.map((value) => ({ value, text: lab.phrase(`scoring.source.${value}`) }));
    this.source.draw(lab.phrase("scoring.source.title"), sources, source, lab.phrase(`scoring.source_told.${source}`));
    this.chance.draw();
  }
}
