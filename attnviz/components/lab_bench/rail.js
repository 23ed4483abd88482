// What the step in view does, in words, in numbers and in code.
import { make, press, segments } from "../common/dom.js";
import { save } from "../token_map/files.js";
import { withLow } from "./low.js";

const LIBRARIES = { numpy: "NumPy", torch: "PyTorch" };
const THANKS_FOR_MS = 2000;

export class Rail {
  constructor(lab) {
    this.lab = lab;
    this.library = "numpy";
    this.title = make("h2");
    this.words = make("p", { class: "words" });
    this.factsTitle = make("h3");
    this.facts = make("ol", { class: "entropies" });
    this.saturated = make("p", { class: "note" });
    this.codeTitle = make("h3");
    this.choice = make("div");
    this.code = make("code");
    this.copy = make("button", { type: "button", class: "act", onclick: () => this.copied() });
    this.open = make("button", { type: "button", class: "act", onclick: () => this.saved() });
    this.about = make("section", { class: "about" }, this.title, this.words);
    this.coding = make("section", { class: "coding" }, this.codeTitle, this.choice, make("pre", { tabindex: 0 }, this.code), make("div", { class: "acts" }, this.copy, this.open));
    this.element = make("aside", { class: "rail" }, this.about, make("section", {}, this.factsTitle, this.facts, this.saturated), this.coding);
  }

  draw() {
    const { lab } = this;
    const { data, bench } = lab;
    const step = lab.steps[bench.step - 1];
    const [title, words] = lab.about(step);
    this.title.textContent = title;
    this.words.replaceChildren(...withLow(words));
    this.factsTitle.textContent = lab.phrase("lab.facts");
    this.drawFacts((lab.isFresh && lab.factsAt(step)) || []);
    this.codeTitle.textContent = lab.phrase("lab.code");
    this.choice.replaceChildren(segments("library", lab.phrase("lab.code"), Object.entries(LIBRARIES).map(([value, text]) => ({ value, text })), (value) => this.choose(value)));
    press(this.choice.firstChild, this.library);
    this.code.textContent = (step && lab.codeOf(this.library, step)) || (data.given?.[this.library] ?? "");
    this.copy.textContent = lab.phrase("lab.copy");
    this.open.textContent = lab.phrase("lab.notebook");
    this.open.disabled = !data.notebook || !lab.isFresh;
  }

  drawFacts(facts) {
    this.factsTitle.parentElement.hidden = !facts.length;
    this.facts.replaceChildren(...facts.map(({ entropy, most, largest, at }, query) => {
      const bar = make("span", { class: "bar", "aria-hidden": "true" });
      bar.style.setProperty("--share", most ? entropy / most : 0);
      return make("li", {}, bar, make("span", { class: "who number" }, `q${query}`), make("span", { class: "number" }, this.lab.phrase("lab.entropy", { bits: entropy.toFixed(2), most: most.toFixed(2), key: `k${at}`, share: (100 * largest).toFixed(1) })));
    }));
    const stuck = facts.length && facts.every(({ largest }) => largest > 0.99) && facts[0].most > 0;
    this.saturated.textContent = stuck ? this.lab.phrase("lab.saturated") : "";
  }

  choose(library) {
    this.library = library;
    this.draw();
  }

  async copied() {
    const { data, bench, steps } = this.lab;
    const done = steps.slice(0, bench.step).map((step) => this.lab.codeOf(this.library, step)).filter(Boolean);
    const lines = [data.given?.[this.library] ?? "", "", ...done];
    if (navigator.clipboard) await navigator.clipboard.writeText(`${lines.join("\n")}\n`).catch(() => {});
    this.copy.textContent = this.lab.phrase("lab.copied");
    clearTimeout(this.thanks);
    this.thanks = setTimeout(() => (this.copy.textContent = this.lab.phrase("lab.copy")), THANKS_FOR_MS);
  }

  saved() {
    save(new Blob([this.lab.data.notebook[this.library]], { type: "application/x-ipynb+json" }), this.lab.file);
  }
}
