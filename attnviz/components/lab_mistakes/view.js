// Pairs of wrong and right, side by side: code, what it gives, and the number that betrays it.
import { make, mounted } from "../common/dom.js";
import { save } from "../token_map/files.js";

const WAYS = ["wrong", "right"];

class Mistakes {
  constructor(root) {
    this.element = make("div", { class: "view lab-mistakes", role: "region" });
    root.append(this.element);
  }

  phrase(name) {
    return this.data.words[name];
  }

  update({ data }) {
    this.data = data;
    this.element.setAttribute("aria-label", this.phrase("mistake.title"));
    this.element.replaceChildren(
      make("header", {}, make("h1", {}, this.phrase("mistake.title")), make("p", { class: "lead" }, this.phrase("mistake.lead"))),
      ...data.pairs.map((pair) => this.pair(pair)));
  }

  pair({ name, sign, ...ways }) {
    const take = make("button", { type: "button", class: "act", onclick: () => this.save(name) }, this.phrase("mistake.notebook"));
    return make("article", { id: name },
      make("h2", {}, this.phrase(`mistake.of.${name}.title`)),
      make("p", { class: "words" }, this.phrase(`mistake.of.${name}.words`)),
      make("div", { class: "ways" }, ...WAYS.map((way) => this.way(way, ways[way], this.phrase(`mistake.sign.${sign}`)))),
      take);
  }

  way(way, { code, cells, sign }, what) {
    const rows = cells.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))));
    return make("section", { class: way },
      make("h3", {}, this.phrase(`mistake.${way}`)),
      make("pre", { tabindex: 0 }, make("code", {}, code)),
      make("div", { class: "gives" }, make("table", { class: "number" }, make("tbody", {}, ...rows)),
        make("p", { class: "sign" }, make("span", { class: "what" }, what), make("strong", { class: "number" }, sign))));
  }

  save(name) {
    save(new Blob([this.data.notebook[name]], { type: "application/x-ipynb+json" }), `attention-${name.replaceAll("_", "-")}.ipynb`);
  }

  remove() {
    this.element.remove();
  }
}

export const { render, unmount } = mounted(Mistakes);
