// What is set beside the tables of every lesson: an example, random numbers, a row of choices under a title.
import { make, press, segments } from "../common/dom.js";

export class Examples {
  constructor(desk) {
    this.desk = desk;
    this.title = make("h3");
    this.chips = make("div", { class: "presets" });
    this.element = make("section", {}, this.title, this.chips);
  }

  draw() {
    const { desk } = this;
    this.title.textContent = desk.phrase("lab.presets");
    this.chips.replaceChildren(...desk.data.presets.map(({ name, bench, setting }) =>
      make("button", { type: "button", class: "chip", "aria-pressed": String(bench === desk.spelled), onclick: () => desk.load(setting) }, desk.presetTitle(name))));
  }
}

export class Chance {
  constructor(desk) {
    this.desk = desk;
    this.title = make("h3");
    this.seed = make("input", { type: "number", min: 0, max: 9999, value: 1, class: "seed" });
    this.words = make("span", { class: "what" });
    this.shake = make("button", { type: "button", class: "act", onclick: () => desk.random(Number(this.seed.value) || 0) });
    this.element = make("section", {}, this.title, make("div", { class: "acts" }, make("label", { class: "seeded" }, this.words, this.seed), this.shake));
  }

  draw() {
    const { desk } = this;
    this.title.textContent = desk.phrase("lab.random.title");
    this.words.textContent = desk.phrase("lab.random.seed");
    this.shake.textContent = desk.phrase("lab.random.draw");
  }
}

/** options(): [{value, text, hint}] in the visitor's language; pick(value) hears of the visitor's hand alone. */
export class Choice {
  constructor(name, pick) {
    Object.assign(this, { name, pick });
    this.title = make("h3");
    this.row = make("div");
    this.note = make("p", { class: "note" });
    this.element = make("section", {}, this.title, this.row, this.note);
  }

  draw(legend, options, chosen, note = "") {
    this.title.textContent = legend;
    if (this.legend !== legend) this.row.replaceChildren(segments(this.name, legend, options, this.pick));
    this.legend = legend;
    press(this.row.firstChild, String(chosen));
    this.note.textContent = note;
  }
}
