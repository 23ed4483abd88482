// The set that is asked, and another one: what it is about, how hard, how many, and the seed it is drawn by.
import { make, press, segments } from "../common/dom.js";

export class Setting {
  constructor(quiz) {
    this.quiz = quiz;
    this.title = make("h3");
    this.parts = make("div", { class: "parts" });
    this.note = make("p", { class: "note" });
    this.told = make("p", { class: "note" });
    this.seedWords = make("span", { class: "what" });
    this.seed = make("input", { class: "seed number", type: "number", inputmode: "numeric", min: 1, oninput: () => this.draw() });
    this.go = make("button", { type: "button", class: "act", onclick: () => this.quiz.start(this.wanted) });
    this.other = make("button", { type: "button", class: "act", onclick: () => this.another() });
    this.element = make("aside", { class: "setting" }, this.title, this.parts,
      make("label", { class: "seeded" }, this.seedWords, this.seed), make("div", { class: "acts" }, this.go, this.other), this.told);
  }

  draw() {
    const { quiz } = this;
    const { set, offered, language } = quiz.data;
    const shown = `${set.spelled} ${language}`;
    if (shown !== this.shown) this.lay(set, offered);
    this.shown = shown;
    this.note.textContent = offered.level[this.wanted.level];
    const { wanted } = this;
    const valid = Number.isInteger(wanted.seed) && wanted.seed >= 1 && wanted.seed <= offered.seeds;
    this.seed.toggleAttribute("aria-invalid", !valid);
    this.go.disabled = !valid || ["about", "level", "seed", "count"].every((name) => wanted[name] === set[name]);
  }

  lay(set, offered) {
    const { quiz } = this;
    this.wanted_ = { about: set.about, level: set.level, count: set.count };
    const change = (name, read) => (value) => {
      this.wanted_[name] = read(value);
      this.draw();
    };
    const counts = [...new Set([...offered.counts, set.count])].sort((a, b) => a - b);
    const rows = {
      about: segments("about", quiz.phrase("quiz.about_legend"), offered.about.map((value) => ({ value, text: quiz.phrase(`quiz.about.${value}`) })), change("about", String)),
      level: segments("level", quiz.phrase("quiz.level_legend"), Object.keys(offered.level).map((value) => ({ value, text: quiz.phrase(`quiz.level.${value}`), hint: offered.level[value] })), change("level", String)),
      count: segments("count", quiz.phrase("quiz.count"), counts.map((value) => ({ value: String(value), text: String(value) })), change("count", Number)),
    };
    for (const [name, row] of Object.entries(rows)) press(row, String(set[name]));
    const named = (words, ...rows) => make("div", { class: "part" }, make("span", { class: "what", "aria-hidden": "true" }, words), ...rows);
    this.parts.replaceChildren(named(quiz.phrase("quiz.about_legend"), rows.about), named(quiz.phrase("quiz.level_legend"), rows.level, this.note), named(quiz.phrase("quiz.count"), rows.count));
    this.seed.value = set.seed;
    this.seed.max = offered.seeds;
    this.title.textContent = quiz.phrase("quiz.set");
    this.told.textContent = quiz.phrase("quiz.set_told");
    this.seedWords.textContent = quiz.phrase("quiz.seed");
    this.go.textContent = quiz.phrase("quiz.start");
    this.other.textContent = quiz.phrase("quiz.another");
  }

  get wanted() {
    return { ...this.wanted_, seed: Number(this.seed.value) };
  }

  /** The same settings with a seed that nobody has chosen. */
  another() {
    const { seeds } = this.quiz.data.offered;
    const drawn = 1 + Math.floor(Math.random() * (seeds - 1));
    const seed = drawn < this.quiz.data.set.seed ? drawn : drawn + 1; // never the one at hand
    this.quiz.start({ ...this.wanted, seed });
  }
}
