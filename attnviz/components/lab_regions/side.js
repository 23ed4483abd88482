// What is set beside the picture: which one, how it is cut, where the weights come from.
import { make } from "../common/dom.js";
import { Choice } from "../lab_bench/aids.js";
import { short } from "../lab_bench/setting.js";
import { album } from "./album.js";
import { recut } from "./setting.js";

const SOURCES = ["hand", "query", "model"];
const [COLDEST, HOTTEST, STEPS_PER_TEN] = [0.1, 10, 20]; // the temperature goes by equal factors

export class Side {
  constructor(lab) {
    this.lab = lab;
    this.title = make("h1");
    this.lead = make("p", { class: "lead" });
    this.legend = make("legend", { class: "unseen" });
    this.tray = make("div", { class: "list" });
    this.pictures = make("fieldset", { class: "tray", onchange: (event) => lab.change((bench) => (bench.picture = event.target.value)) }, this.legend, this.tray);
    this.grid = Object.fromEntries(["rows", "cols"].map((side) => [side, this.stepper(side)]));
    this.gridTitle = make("h3");
    this.source = new Choice("source", (source) => lab.change((bench) => (bench.source = source)));
    this.alike = make("button", { type: "button", class: "act", onclick: () => lab.change((bench) => bench.parts.fill(1)) });
    this.hand = make("div", { class: "of-source" }, this.alike);
    this.scaled = make("input", { type: "checkbox", onchange: () => lab.change((bench) => (bench.scaled = this.scaled.checked)) });
    this.scaledWords = make("span");
    this.heat = make("input", { type: "range", min: STEPS_PER_TEN * Math.log10(COLDEST), max: STEPS_PER_TEN * Math.log10(HOTTEST), step: 1, oninput: () => this.heated() });
    this.heatWords = make("span", { class: "what" });
    this.heatSays = make("output", { class: "number" });
    this.query = make("div", { class: "of-source" }, make("label", { class: "tick" }, this.scaled, this.scaledWords), make("label", { class: "slider" }, this.heatWords, this.heat, this.heatSays));
    this.layer = new Choice("layer", (layer) => lab.change((bench) => (bench.layer = Number(layer))));
    this.head = new Choice("head", (head) => lab.change((bench) => (bench.head = Number(head))));
    this.cls = make("button", { type: "button", class: "chip", onclick: () => lab.change((bench) => (bench.token = 0)) }, "[CLS]");
    this.reads = make("span", { class: "what" });
    this.model = make("div", { class: "of-source" }, this.layer.element, this.head.element, make("div", { class: "acts" }, this.reads, this.cls));
    this.element = make("aside", { class: "side" },
      make("header", {}, this.title, this.lead),
      make("section", {}, this.pictures),
      make("section", {}, this.gridTitle, make("div", { class: "acts" }, this.grid.rows.element, this.grid.cols.element)),
      this.source.element, this.hand, this.query, this.model);
  }

  stepper(side) {
    const what = make("span", { class: "what" });
    const [less, more] = [-1, 1].map((by) => make("button", { type: "button", onclick: () => this.cut(side, by) }, by < 0 ? "−" : "+"));
    return { what, less, more, element: make("span", { class: "size" }, what, less, more) };
  }

  cut(side, by) {
    const { bench } = this.lab;
    const sizes = { rows: bench.rows, cols: bench.cols, [side]: bench[side] + by };
    this.lab.change((each) => Object.assign(each, recut(each, sizes.rows, sizes.cols)));
  }

  heated() {
    this.lab.change((bench) => (bench.temperature = Number((10 ** (this.heat.value / STEPS_PER_TEN)).toFixed(2))));
  }

  drawTray() {
    if (!album) return;
    this.legend.textContent = album.legend;
    const laid = album.choices.map(({ address, title }) => `${address} ${title}`).join(" ");
    if (this.laid !== laid) this.tray.replaceChildren(...album.choices.map(({ name, title, address }) =>
      make("label", { title }, make("input", { type: "radio", name: "region-picture", value: name, "aria-label": title }), make("img", { src: address, alt: "" }))));
    this.laid = laid;
    for (const input of this.tray.querySelectorAll("input")) input.checked = input.value === this.lab.bench.picture;
  }

  draw() {
    const { lab } = this;
    const { bench, data } = lab;
    this.title.textContent = lab.phrase("regions.title");
    this.lead.textContent = lab.phrase("regions.lead");
    this.drawTray();
    this.gridTitle.textContent = lab.phrase("regions.grid.title");
    for (const [side, { what, less, more }] of Object.entries(this.grid)) {
      what.textContent = `${lab.phrase(`regions.grid.${side}`)} ${bench[side]}`;
      less.setAttribute("aria-label", lab.phrase(`regions.less.${side}`));
      more.setAttribute("aria-label", lab.phrase(`regions.more.${side}`));
      less.disabled = bench[side] <= 1;
      more.disabled = bench[side] >= data.most.side;
    }
    const options = SOURCES.map((value) => ({ value, text: lab.phrase(`regions.source.${value}`) }));
    this.source.draw(lab.phrase("regions.source.title"), options, bench.source, lab.phrase(`regions.source.${bench.source}_told`));
    for (const source of SOURCES) this[source].hidden = bench.source !== source;
    this.alike.textContent = lab.phrase("regions.alike");
    this.scaled.checked = bench.scaled;
    this.scaledWords.textContent = lab.phrase("lab.scaled", { width: 3 });
    this.heatWords.textContent = lab.phrase("lab.temperature");
    this.heat.value = Math.round(STEPS_PER_TEN * Math.log10(bench.temperature));
    this.heatSays.textContent = short(bench.temperature, 2);
    this.drawModel();
  }

  drawModel() {
    const { bench, data } = this.lab;
    if (!data.model || bench.source !== "model") return;
    const numbered = (count, letter) => Array.from({ length: count }, (_, at) => ({ value: String(at), text: `${letter}${at}` }));
    this.layer.draw(this.lab.phrase("regions.layer"), numbered(data.model.layers, "L"), bench.layer);
    this.head.draw(this.lab.phrase("regions.head"), numbered(data.model.heads, "H"), bench.head);
    this.reads.textContent = this.lab.phrase("regions.reader");
    this.cls.setAttribute("aria-pressed", String(bench.token === 0));
  }
}
