// What the step in play does, in words and in code; what this layer does without; the way into the lab.
import { make, press, segments } from "../common/dom.js";
import { isolated } from "../common/names.js";

const LIBRARIES = { numpy: "NumPy", torch: "PyTorch" };
const THANKS_FOR_MS = 2000;

export class Rail {
  constructor(inside) {
    this.inside = inside;
    this.library = "numpy";
    this.title = make("h2");
    this.words = make("p", { class: "words" });
    this.without = make("p", { class: "note without" });
    this.codeTitle = make("h3");
    this.choice = make("div");
    this.code = make("code");
    this.copy = make("button", { type: "button", class: "act", onclick: () => this.copied() });
    this.labTitle = make("h3");
    this.labWords = make("p", { class: "note" });
    this.link = make("a", { class: "act lab-link", target: "_blank", rel: "noopener" });
    this.coded = make("section", {}, this.codeTitle, this.choice, make("pre", { tabindex: 0 }, this.code), make("div", { class: "acts" }, this.copy));
    this.element = make("aside", { class: "rail" },
      make("section", {}, this.title, this.words, this.without), this.coded,
      make("section", {}, this.labTitle, this.labWords, make("div", { class: "acts" }, this.link)));
  }

  draw() {
    const { inside } = this;
    const { name, packet } = inside;
    this.title.textContent = inside.phrase(`inside.step.${name}.title`);
    this.words.textContent = inside.phrase(`inside.step.${name}.words`);
    const without = packet.without.map((each) => inside.phrase(`inside.step.${each}.title`));
    this.without.textContent = without.length ? inside.phrase("inside.without", { steps: without.join(inside.phrase("inside.comma")) }) : "";
    this.drawCode();
    this.drawLab();
  }

  drawCode() {
    const { inside } = this;
    const text = inside.facts.code[this.library][inside.name] ?? "";
    this.coded.hidden = !text;
    this.codeTitle.textContent = inside.phrase("lab.code");
    this.choice.replaceChildren(segments("library", inside.phrase("lab.code"), Object.entries(LIBRARIES).map(([value, label]) => ({ value, text: label })), (value) => this.choose(value)));
    press(this.choice.firstChild, this.library);
    this.code.textContent = text;
    this.copy.textContent = inside.phrase("lab.copy");
  }

  /** The link is of one head and one token; until the server has made that of the chosen ones, there is none. */
  drawLab() {
    const { inside } = this;
    const { lab } = inside.facts;
    const mine = lab && lab.head === inside.head && lab.query === inside.query;
    this.labTitle.textContent = inside.phrase("inside.lab.title");
    this.link.textContent = inside.phrase("inside.lab.open");
    this.link.toggleAttribute("aria-disabled", !mine);
    if (mine) this.link.href = lab.link;
    else this.link.removeAttribute("href");
    this.link.parentElement.hidden = !lab;
    const names = mine ? lab.tokens.map((token) => isolated(inside.label(token))).join(inside.phrase("inside.comma")) : "…";
    const numbers = mine ? lab.numbers.join(inside.phrase("inside.comma")) : "…";
    this.labWords.textContent = inside.phrase(lab ? "inside.lab.words" : "inside.lab.none", { tokens: names, numbers, width: inside.packet.width });
  }

  choose(library) {
    this.library = library;
    this.drawCode();
  }

  async copied() {
    if (navigator.clipboard) await navigator.clipboard.writeText(`${this.code.textContent}\n`).catch(() => {});
    this.copy.textContent = this.inside.phrase("lab.copied");
    clearTimeout(this.thanks);
    this.thanks = setTimeout(() => (this.copy.textContent = this.inside.phrase("lab.copy")), THANKS_FOR_MS);
  }
}
