// The picture with its weights, the picture that they paint, and what the regions come to.
import { make, sharpen } from "../common/dom.js";
import { album } from "./album.js";

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const PIXELS_A_PART = 12; // of a drag up or down
const WIDE_LABEL = 54; // CSS pixels: narrower regions have room for a shorter number
const CHANNELS = ["R", "G", "B"];

function panel(name, ...inside) {
  const title = make("span", { class: "name" });
  const shape = make("span", { class: "shape number" });
  return { title, shape, element: make("figure", { class: "panel", "data-name": name }, make("figcaption", {}, title, shape), ...inside) };
}

export class Stage {
  /** lab answers bench, data, isFresh, phrase(), patches, and takes choose(at), part(at, number), tell(line). */
  constructor(lab) {
    this.lab = lab;
    this.cells = make("div", { class: "places", role: "grid" });
    this.labels = make("div", { class: "labels", "aria-hidden": "true" });
    this.picture = make("canvas");
    this.painted = make("canvas");
    this.patch = make("canvas", { class: "patch" });
    this.swatch = make("span", { class: "swatch" });
    this.numbers = make("ul", { class: "numbers" }, ...CHANNELS.map((name, at) => this.number(name, at)));
    this.given = panel("given", make("div", { class: "ground-of" }, this.picture, this.labels, this.cells));
    this.recomposed = panel("recomposed", make("div", { class: "ground-of" }, this.painted));
    this.pooled = panel("pooled", make("div", { class: "whole" }, this.swatch, this.numbers, this.patch));
    this.element = make("div", { class: "pictures" }, this.given.element, this.recomposed.element, this.pooled.element);
    this.cells.addEventListener("keydown", (event) => this.key(event));
    this.cells.addEventListener("pointerdown", (event) => this.press(event));
    this.cells.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) this.cells.addEventListener(end, () => (this.held = null));
    for (const over of ["pointerover", "focusin"]) this.cells.addEventListener(over, (event) => this.point(event.target));
    for (const out of ["pointerleave", "focusout"]) this.cells.addEventListener(out, () => this.lab.tell(null));
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.given.element);
  }

  number(name, at) {
    const tell = () => this.lab.isFresh && this.lab.tell(`${name}  =  ${this.lab.data.sums[at]}`);
    const leave = () => this.lab.tell(null);
    const cells = [make("span", { class: "channel" }, name), make("span", { class: "of" }), make("span", { class: "how", "aria-hidden": "true" })];
    return make("li", { class: "number", tabindex: 0, onpointerenter: tell, onfocus: tell, onpointerleave: leave, onblur: leave }, ...cells);
  }

  /** What can be chosen: regions, or where weights come from a model the patches that it sees. */
  get grid() {
    const { bench } = this.lab;
    return this.lab.patches ?? [bench.rows, bench.cols];
  }

  get decimals() {
    return this.labels.clientWidth / this.lab.bench.cols < WIDE_LABEL ? 3 : 4;
  }

  get chosen() {
    const { bench, patches } = this.lab;
    return patches ? bench.token - 1 : bench.source === "query" ? bench.query : this.lab.region;
  }

  lay() {
    const [rows, cols] = this.grid;
    const { bench } = this.lab;
    if (this.laid !== `${rows} ${cols}`) {
      const cell = (row, col) => make("div", { role: "gridcell", tabindex: -1, "data-at": row * cols + col });
      this.cells.replaceChildren(...Array.from({ length: rows }, (_, row) => make("div", { role: "row" }, ...Array.from({ length: cols }, (_, col) => cell(row, col)))));
      this.cells.style.setProperty("--rows", rows);
      this.cells.style.setProperty("--cols", cols);
    }
    this.laid = `${rows} ${cols}`;
    if (this.labelled === `${bench.rows} ${bench.cols}`) return;
    this.labelled = `${bench.rows} ${bench.cols}`;
    this.labels.style.setProperty("--rows", bench.rows);
    this.labels.style.setProperty("--cols", bench.cols);
    this.labels.replaceChildren(...Array.from({ length: bench.rows * bench.cols }, () => make("div", {}, make("span", { class: "number" }))));
  }

  at(place) {
    return this.cells.querySelector(`[data-at="${place}"]`);
  }

  draw() {
    const { lab } = this;
    const { bench, data } = lab;
    this.lay();
    const [, cols] = this.grid;
    const fresh = lab.isFresh;
    this.cells.setAttribute("aria-label", lab.phrase(`regions.grid.${bench.source}`));
    this.cells.dataset.source = bench.source;
    for (const cell of this.cells.querySelectorAll("[data-at]")) {
      const at = Number(cell.dataset.at);
      const blanks = { row: Math.floor(at / cols), col: at % cols, weight: fresh && !lab.patches ? data.weights[at] : "" };
      cell.setAttribute("aria-label", lab.phrase(lab.patches ? "regions.patch" : "regions.cell", blanks));
      cell.setAttribute("aria-selected", String(at === this.chosen));
      cell.tabIndex = at === Math.max(0, this.chosen) ? 0 : -1;
    }
    [...this.labels.children].forEach((label, at) => {
      label.firstChild.textContent = fresh ? Number(data.weights[at]).toFixed(this.decimals) : "";
    });
    this.given.title.textContent = lab.phrase("regions.panel.given");
    this.given.shape.textContent = lab.phrase("regions.cut", { rows: bench.rows, cols: bench.cols });
    this.recomposed.title.textContent = lab.phrase("regions.panel.recomposed");
    this.recomposed.shape.textContent = lab.phrase("regions.brightest");
    this.pooled.title.textContent = lab.phrase("regions.panel.pooled");
    this.pooled.shape.textContent = "";
    this.numbers.setAttribute("aria-label", lab.phrase("regions.panel.pooled"));
    [...this.numbers.children].forEach(({ children: [, of, how] }, at) => {
      of.textContent = fresh ? data.whole.numbers[at] : "";
      how.textContent = fresh ? `= ${data.sums[at].slice(0, data.sums[at].lastIndexOf(" = "))}` : "";
    });
    if (fresh) this.swatch.style.background = data.whole.css;
    this.paint();
  }

  paint() {
    if (!album || !this.lab.bench) return;
    const [height, width] = album.size;
    for (const canvas of [this.picture, this.painted]) {
      const ground = canvas.parentElement;
      ground.style.aspectRatio = `${width} / ${height}`;
      const wide = ground.clientWidth;
      if (!wide) continue;
      const context = sharpen(canvas, wide, (wide * height) / width);
      if (canvas === this.picture) context.drawImage(album.bitmap, 0, 0, wide, (wide * height) / width);
      else this.shade(context, wide / width);
    }
  }

  /** Each region as bright as its weight, on black. */
  shade(context, scale) {
    const { bench, data } = this.lab;
    const [height, width] = album.size;
    if (data.shades.length !== bench.rows * bench.cols || album.name !== bench.picture) return;
    const [tops, lefts] = [edges(height, bench.rows), edges(width, bench.cols)];
    context.globalAlpha = 1;
    context.fillStyle = "#000";
    context.fillRect(0, 0, width * scale, height * scale);
    data.shades.forEach((shade, at) => {
      const [row, col] = [Math.floor(at / bench.cols), at % bench.cols];
      const box = [lefts[col], tops[row], lefts[col + 1] - lefts[col], tops[row + 1] - tops[row]];
      context.globalAlpha = shade;
      context.drawImage(album.bitmap, ...box, ...box.map((side) => side * scale));
    });
  }

  /** The weighted sum of the regions, as it came. */
  async pool(file) {
    if (!file) return;
    const bitmap = await createImageBitmap(file);
    this.patch.width = bitmap.width;
    this.patch.height = bitmap.height;
    this.patch.getContext("2d").drawImage(bitmap, 0, 0);
  }

  point(target) {
    const at = target.dataset?.at;
    if (at === undefined || !this.lab.isFresh) return;
    this.lab.explain(this.lab.patches ? this.regionOf(Number(at)) : Number(at));
  }

  /** The region that the middle of a patch lies in. */
  regionOf(patch) {
    const { bench, patches } = this.lab;
    const [row, col] = [Math.floor(patch / patches[1]), patch % patches[1]];
    return Math.floor(((row + 0.5) * bench.rows) / patches[0]) * bench.cols + Math.floor(((col + 0.5) * bench.cols) / patches[1]);
  }

  key(event) {
    const at = Number(event.target.dataset.at);
    if (Number.isNaN(at) || event.altKey || event.ctrlKey || event.metaKey) return;
    const [rows, cols] = this.grid;
    const move = MOVES[event.key];
    const [row, col] = [Math.floor(at / cols), at % cols].map((place, side) => place + (move?.[side] ?? 0));
    const part = this.lab.bench.source === "hand" ? this.partAfter(event.key, at) : null;
    if (move && row >= 0 && row < rows && col >= 0 && col < cols) {
      if (this.lab.bench.source === "hand") this.lab.choose(row * cols + col);
      this.at(row * cols + col).focus({ preventScroll: true });
    } else if (part !== null) this.lab.part(at, part);
    else if (event.key === "Enter" || event.key === " ") this.lab.choose(at);
    else if (!move) return;
    event.preventDefault();
  }

  /** Plus and minus go by one, a digit is the part itself. */
  partAfter(key, at) {
    const now = this.lab.bench.parts[at];
    if (/^[0-9]$/.test(key)) return Number(key);
    return { "+": now + 1, "=": now + 1, "-": now - 1, Delete: 0 }[key] ?? null;
  }

  press(event) {
    const at = event.target.dataset.at;
    if (at === undefined || event.button) return;
    this.lab.choose(Number(at));
    if (this.lab.bench.source !== "hand" || event.pointerType === "touch") return; // a finger scrolls; it has the slider
    this.cells.setPointerCapture(event.pointerId);
    this.held = { at: Number(at), from: event.clientY, part: this.lab.bench.parts[Number(at)] };
  }

  drag(event) {
    if (!this.held) return;
    const part = Math.round(this.held.part + (this.held.from - event.clientY) / PIXELS_A_PART);
    if (part !== this.lab.bench.parts[this.held.at]) this.lab.part(this.held.at, part);
  }

  remove() {
    this.observer.disconnect();
  }
}

/** Where regions begin, and where the last ends, as attnviz.lab.regions.edges has it. */
const edges = (side, count) => Array.from({ length: count + 1 }, (_, at) => (at === count ? side : Math.floor(at * (side / count))));
