// One row a size: a slider that goes by equal factors, and the number itself to be written.
import { make } from "../common/dom.js";
import { fitting, sizeIn, SIZES } from "./setting.js";

const STEPS_PER_DOUBLING = { tokens: 4, width: 4, layers: 4, heads: 1, key_heads: 1, batch: 1 };

export class Sizes {
  constructor(lab) {
    this.lab = lab;
    this.rows = SIZES.map((name) => this.row(name));
    this.element = make("section", { class: "sizes" }, ...this.rows.map(({ element }) => element));
  }

  row(name) {
    const words = make("span", { class: "what" });
    const slider = make("input", { type: "range", min: 0, step: 1, "data-size": name, oninput: () => this.slid(name, slider) });
    const number = make("input", { type: "text", inputmode: "numeric", autocomplete: "off", class: "seed", "data-size": name, oninput: () => this.wrote(name, number), onblur: () => this.draw() });
    return { name, words, slider, number, element: make("div", { class: "slider size-row" }, words, slider, number) };
  }

  slid(name, slider) {
    const most = this.lab.data.most[name];
    const size = Math.min(most, Math.max(1, Math.round(2 ** (slider.value / STEPS_PER_DOUBLING[name]))));
    this.lab.change((bench) => {
      bench[name] = fitting(bench, name, size, most);
      if (name === "heads") bench.width = fitting(bench, "width", bench.width, this.lab.data.most.width);
      if (name === "heads") bench.key_heads = fitting(bench, "key_heads", bench.key_heads, most);
    });
  }

  wrote(name, input) {
    const size = sizeIn(input.value, this.lab.data.most[name]);
    input.toggleAttribute("aria-invalid", size === null);
    this.lab.tell(size === null ? this.lab.phrase("costs.no_size", { most: this.lab.data.most[name].toLocaleString("en-US") }) : null);
    if (size !== null) this.lab.change((bench) => (bench[name] = size));
  }

  draw() {
    const { bench, data } = this.lab;
    for (const { name, words, slider, number } of this.rows) {
      words.textContent = this.lab.phrase(`costs.size.${name}`);
      for (const input of [slider, number]) input.setAttribute("aria-label", words.textContent);
      slider.max = STEPS_PER_DOUBLING[name] * Math.log2(name === "key_heads" ? bench.heads : data.most[name]);
      slider.value = Math.round(STEPS_PER_DOUBLING[name] * Math.log2(bench[name]));
      slider.setAttribute("aria-valuetext", bench[name].toLocaleString("en-US"));
      const isWriting = number.getRootNode().activeElement === number;
      if (isWriting && (number.hasAttribute("aria-invalid") || sizeIn(number.value, data.most[name]) === bench[name])) continue;
      number.removeAttribute("aria-invalid");
      number.value = bench[name].toLocaleString("en-US");
    }
  }
}
