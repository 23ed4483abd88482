// The figure of each chapter, put together of pieces. All numbers come from the server.
import { make, press, segments } from "../common/dom.js";
import { inks, strength } from "../common/ink.js";
import { Curve } from "./curve.js";
import { Bars, Chips, Slider } from "./pieces.js";
import { Picture } from "./picture.js";
import { Sound, play } from "./sound.js";
import { Strips } from "./strips.js";
import { Table } from "./table.js";

const signed = (number, decimals = 2) => number.toFixed(decimals).replace("-", "−");
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const peak = (values) => values.indexOf(Math.max(...values));

/** One row of a table of two or more sides. */
function row({ values, size }, ...at) {
  const width = size[size.length - 1];
  const index = at.reduce((sum, place, side) => sum * size[side] + place, 0);
  return values.subarray(index * width, (index + 1) * width);
}

class Figure {
  constructor(chapter, panels) {
    this.chapter = chapter;
    this.panels = panels;
    this.panel = panels[0];
    this.at = this.panel.at;
    this.line = make("p", { class: "line number", role: "status" });
  }

  get ink() {
    return inks(this.chapter.element, this.chapter.data.ramp);
  }

  get tables() {
    return this.panel.tables;
  }

  phrase(name, blanks) {
    return this.chapter.phrase(name, blanks);
  }

  tell(text) {
    if (this.line.textContent !== text) this.line.textContent = text;
  }

  go(at) {
    this.at = at;
    this.draw();
  }

  reads(query, key, weight) {
    return this.phrase("chapters.line.reads", { query, key, share: percent(weight) });
  }

  /** A row of buttons for the panels. */
  switch() {
    const options = this.panels.map(({ name }) => ({ value: name, text: this.phrase(`chapters.panel.${name}`) }));
    const choose = (name) => {
      this.panel = this.panels.find((panel) => panel.name === name);
      this.at = this.panel.at;
      this.draw();
    };
    const fieldset = segments("panel", this.phrase("chapters.choose"), options, choose);
    press(fieldset, this.panel.name);
    return fieldset;
  }
}

/** A sentence: choose a token and see what it reads. */
class Sentence extends Figure {
  constructor(...given) {
    super(...given);
    this.chips = new Chips(this.phrase("chapters.choose_token"), this.panel.names, (at) => this.go(at));
    this.bars = new Bars();
    this.parts = [this.chips.element, this.line, this.bars.element];
  }

  draw() {
    const weights = row(this.tables.weights, this.at), { names } = this.panel;
    this.chips.draw(this.at, this.ink, weights);
    const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a]).slice(0, 5);
    this.bars.draw(order.map((key) => ({ name: names[key], share: weights[key], number: weights[key].toFixed(3) })));
    this.tell(this.reads(names[this.at], names[order[0]], weights[order[0]]));
  }
}

/** One query against one key, number by number, and what is handed on. */
class Vectors extends Figure {
  constructor(...given) {
    super(...given);
    this.key = this.panel.key;
    this.number = null;
    this.chips = new Chips(this.phrase("chapters.choose_key"), this.panel.names, (key) => this.take(key));
    this.strips = new Strips(this.phrase("chapters.vectors.label"), 5, (number) => this.point(number));
    this.parts = [this.chips.element, this.strips.element, this.line];
  }

  take(key) {
    this.key = key;
    this.draw();
  }

  point(number) {
    this.number = number;
    this.say();
  }

  draw() {
    const { tables, key, panel } = this, { names, at } = panel;
    this.chips.draw(key, this.ink, tables.weights.values);
    const product = row(tables.products, key), weight = tables.weights.values[key];
    const strip = (name, values, every, note) => ({ name: this.phrase(`chapters.vectors.${name}`, { query: names[at], key: names[key] }), values: [...values], most: largest(every), note });
    this.strips.draw([
      strip("query", tables.query.values, tables.query.values, ""),
      strip("key", row(tables.keys, key), tables.keys.values, ""),
      strip("product", product, tables.products.values, `Σ ${signed(product.reduce((sum, each) => sum + each, 0), 1)}`),
      strip("value", row(tables.values, key), tables.values.values, `× ${weight.toFixed(3)}`),
      strip("output", tables.output.values, tables.output.values, ""),
    ], this.ink);
    this.say();
  }

  say() {
    const { tables, key, panel, number } = this, { names, at, root } = panel;
    const product = row(tables.products, key);
    if (number !== null) {
      const own = row(tables.keys, key)[number];
      return this.tell(this.phrase("chapters.line.product", { number, query: signed(tables.query.values[number]), key: signed(own), product: signed(product[number]) }));
    }
    const sum = product.reduce((total, each) => total + each, 0);
    return this.tell(this.phrase("chapters.line.score", {
      query: names[at], key: names[key], sum: signed(sum), root, score: signed(tables.scores.values[key]), weight: tables.weights.values[key].toFixed(3),
    }));
  }
}

/** One row of scores, shared out at a temperature. */
class Temperatures extends Figure {
  constructor(...given) {
    super(...given);
    const { stops, start } = this.panel;
    this.stop = start;
    this.slider = new Slider(this.phrase("chapters.softmax.temperature"), stops.length, start, (stop) => this.slide(stop));
    this.bars = new Bars();
    this.heads = make("p", { class: "heads number", "aria-hidden": "true" }, ...["token", "score", "weight"].map((name) => make("span", {}, this.phrase(`chapters.softmax.${name}`))));
    this.parts = [this.slider.element, this.line, this.heads, this.bars.element];
  }

  slide(stop) {
    this.stop = stop;
    this.draw();
  }

  draw() {
    const { names, stops } = this.panel, { scores, bits } = this.tables;
    const weights = row(this.tables.weights, this.stop), best = peak(weights);
    this.slider.say(`T = ${stops[this.stop]}`);
    this.bars.draw(names.map((name, key) => ({ name, before: signed(scores.values[key]), share: weights[key], number: weights[key].toFixed(3), chosen: key === best })));
    this.tell(this.phrase("chapters.line.temperature", { bits: bits.values[this.stop].toFixed(2), most: Math.log2(names.length).toFixed(2), key: names[best], share: percent(weights[best]) }));
  }
}

/** Every head of a layer, for one query. */
class Heads extends Figure {
  constructor(...given) {
    super(...given);
    this.chips = new Chips(this.phrase("chapters.choose_token"), this.panel.names, (at) => this.go(at));
    this.table = new Table(this.phrase("chapters.heads.label"), { onpoint: (head, key) => this.say(head, key), onpick: (_, key) => this.go(key) });
    this.parts = [this.chips.element, this.line, this.table.element];
  }

  weight(head, key) {
    return row(this.tables.weights, head, this.at)[key];
  }

  draw() {
    const { names } = this.panel, count = this.tables.weights.size[0];
    this.chips.draw(this.at, this.ink);
    const rows = Array.from({ length: count }, (_, head) => `H${head}`);
    this.table.draw({ rows, cols: names, at: null, share: (head, key) => strength(this.weight(head, key)) }, this.ink);
    this.say(null, null);
  }

  say(head, key) {
    const { names, layer } = this.panel, query = names[this.at];
    if (head === null) return this.tell(this.phrase("chapters.line.heads", { query }));
    return this.tell(`L${layer} H${head}: ${this.reads(query, names[key], this.weight(head, key))}`);
  }
}

/** A table of weights, or several to choose from. */
class Tables extends Figure {
  constructor(...given) {
    super(...given);
    this.about = make("p", { class: "about number" });
    this.table = new Table(this.phrase("chapters.table.label"), { onpoint: (query, key) => this.say(query, key), onpick: (query) => this.go(query) });
    this.parts = [this.switch(), this.about, this.table.element, this.line];
  }

  draw() {
    const { panel } = this, { rows, cols, layer, head, share, chance } = panel;
    this.about.textContent = share === undefined ? this.phrase("chapters.table.sides", { head: `L${layer} H${head}` }) : this.phrase("chapters.table.share", { head: `L${layer} H${head}`, share: percent(share), chance: percent(chance) });
    this.table.draw({ rows, cols, at: this.at, share: (query, key) => strength(row(this.tables.weights, query)[key]) }, this.ink);
    this.say(null, null);
  }

  say(query, key) {
    const { rows, cols } = this.panel, own = query ?? this.at, weights = row(this.tables.weights, own);
    const read = key ?? peak(weights);
    this.tell(this.reads(rows[own], cols[read], weights[read]));
  }
}

/** A series read letter by letter. */
class Writing extends Figure {
  constructor(...given) {
    super(...given);
    const { names } = this.panel;
    this.slider = new Slider(this.phrase("chapters.masks.read"), names.length, this.at, (at) => this.go(at));
    this.table = new Table(this.phrase("chapters.table.label"), { onpoint: (query, key) => this.say(query, key), onpick: (query) => this.go(query) });
    this.bars = new Bars();
    const next = make("div", { class: "next" }, make("h3", {}, this.phrase("chapters.masks.next")), this.bars.element);
    this.parts = [this.slider.element, make("div", { class: "pair" }, this.table.element, next), this.line];
  }

  draw() {
    const { at, panel } = this, { names } = panel, chances = row(this.tables.chances, at);
    this.slider.input.value = at;
    this.slider.say(names.slice(1, at + 1).join(" ") || names[0]);
    const share = (query, key) => (key > query ? NaN : strength(row(this.tables.weights, query)[key]));
    this.table.draw({ rows: names, cols: names, at, faint: (query) => query > at, share }, this.ink);
    this.bars.draw(panel.next[at].map((name, place) => ({ name, share: chances[place], number: percent(chances[place]) })));
    this.say(null, null);
  }

  say(query, key) {
    const { names } = this.panel, own = query ?? this.at, weights = row(this.tables.weights, own), read = key ?? peak(weights);
    const blanks = { query: names[own], key: names[read], place: own, of: read };
    this.tell(read > own ? this.phrase("chapters.line.masked", blanks) : this.phrase("chapters.line.places", { ...blanks, share: percent(weights[read]) }));
  }
}

/** Positions against positions, and one of them as a curve. */
class Distances extends Figure {
  constructor(...given) {
    super(...given);
    this.table = new Table(this.phrase("chapters.positions.label"), { onpoint: (query, key) => this.say(query, key), onpick: (query) => this.go(query) });
    this.curve = new Curve();
    this.slider = new Slider(this.phrase("chapters.positions.from"), this.tables.weights.size[0], this.at, (at) => this.go(at));
    this.parts = [this.switch(), this.slider.element, make("div", { class: "pair even" }, this.table.element, this.curve.element), this.line];
  }

  draw() {
    const { tables, at } = this, { values, size } = tables.weights, seen = values.filter((value) => !Number.isNaN(value));
    [this.low, this.high] = [seen.reduce((a, b) => Math.min(a, b)), seen.reduce((a, b) => Math.max(a, b))];
    const places = Array.from({ length: size[0] }, (_, place) => String(place));
    this.slider.input.max = size[0] - 1;
    this.slider.input.value = at;
    this.slider.say(String(at));
    const share = (query, key) => (row(tables.weights, query)[key] - this.low) / (this.high - this.low);
    this.table.draw({ rows: places, cols: places, named: false, at, share }, this.ink);
    this.say(null, null);
  }

  say(query, key) {
    const own = query ?? this.at, values = row(this.tables.weights, own);
    const before = Math.max(0, own - 1), other = key ?? before;
    this.curve.draw({ values: [...values], at: own, cell: other, low: this.low, high: this.high, below: this.phrase("chapters.positions.place") }, this.ink);
    const blanks = { first: own, second: other, apart: Math.abs(own - other) };
    const value = values[other], way = this.panel.name === "turned" ? "scored" : "alike";
    this.tell(Number.isNaN(value) ? this.phrase("chapters.line.unseen", blanks) : this.phrase(`chapters.line.${way}`, { ...blanks, value: signed(value) }));
  }
}

/** What a patch of a picture reads. */
class Seen extends Figure {
  constructor(...given) {
    super(...given);
    const { pixels } = this.tables;
    this.token = make("button", { type: "button", class: "act", onclick: () => this.go(0) }, this.phrase("chapters.patches.token"));
    this.picture = new Picture(this.phrase("chapters.patches.label"), { pixels: pixels.values, size: pixels.size }, { onpoint: (cell) => this.say(cell), onpick: (cell) => this.go(cell + 1) });
    this.parts = [this.token, this.picture.element, this.line];
  }

  draw() {
    const values = row(this.tables.weights, this.at).subarray(1);
    this.token.setAttribute("aria-pressed", String(this.at === 0));
    this.picture.draw({ grid: this.panel.grid, values, most: Math.max(...values), at: this.at ? this.at - 1 : null, ruled: true }, this.ink);
    this.say(this.picture.cell);
  }

  named(cell) {
    const cols = this.panel.grid[1];
    return this.phrase("chapters.patches.patch", { row: Math.floor(cell / cols), col: cell % cols });
  }

  say(cell) {
    const weights = row(this.tables.weights, this.at).subarray(1), key = cell ?? peak(weights);
    const query = this.at ? this.named(this.at - 1) : "[CLS]";
    this.tell(this.reads(query, this.named(key), weights[key]));
  }
}

/** When each written digit listens. */
class Heard extends Figure {
  constructor(...given) {
    super(...given);
    this.chips = new Chips(this.phrase("chapters.speech.choose"), this.panel.names, (at) => this.go(at));
    this.listen = make("button", { type: "button", class: "act", onclick: () => this.play() }, this.phrase("chapters.speech.listen"));
    this.sound = new Sound(this.phrase("chapters.speech.label"), (seconds) => this.say(seconds));
    this.parts = [make("div", { class: "bar" }, this.chips.element, this.listen), this.sound.element, this.line];
  }

  play() {
    play({ samples: this.tables.samples.values, rate: this.panel.rate }, this.panel.spans[this.at]);
  }

  draw() {
    const { panel, tables, at } = this;
    this.chips.draw(at, this.ink);
    this.sound.draw({ mel: tables.mel, weights: row(tables.weights, at), seconds: panel.seconds, step: panel.step, span: panel.spans[at] }, this.ink);
    this.say(null);
  }

  say(seconds) {
    const { panel, tables, at } = this, weights = row(tables.weights, at), digit = panel.names[at];
    if (seconds === null) {
      const [start, end] = panel.spans[at].map((edge) => edge.toFixed(2));
      return this.tell(this.phrase("chapters.line.heard", { digit, start, end, share: percent(panel.inside[at]) }));
    }
    const frame = Math.min(weights.length - 1, Math.floor(seconds / panel.step));
    return this.tell(this.phrase("chapters.line.moment", { digit, seconds: (frame * panel.step).toFixed(2), share: percent(weights[frame]) }));
  }
}

/** Four answers to which patches matter, side by side. */
class Careful extends Figure {
  constructor(...given) {
    super(...given);
    const { classes, chances } = this.panel, { pixels } = this.tables;
    this.kind = 0;
    const options = classes.map((name, at) => ({ value: String(at), text: name, hint: percent(chances[at]) }));
    this.classes = segments("class", this.phrase("chapters.care.class"), options, (at) => this.choose(Number(at)));
    press(this.classes, "0");
    this.ways = ["raw", "rollout", "relevance", "drop"];
    this.pictures = this.ways.map((way) => new Picture(this.phrase(`chapters.care.${way}`), { pixels: pixels.values, size: pixels.size }, { onpoint: (cell) => this.point(way, cell) }));
    const four = this.ways.map((way, at) => make("div", {}, make("h3", {}, this.phrase(`chapters.care.${way}`)), this.pictures[at].element));
    this.parts = [this.classes, make("div", { class: "four" }, ...four), this.line];
  }

  choose(kind) {
    this.kind = kind;
    this.draw();
  }

  values(way) {
    const table = this.tables[way];
    return table.size.length === 1 ? table.values : row(table, this.kind);
  }

  draw() {
    const { grid, block, boxes } = this.panel;
    this.ways.forEach((way, at) => {
      const values = this.values(way), own = way === "drop" ? grid.map((side) => side / block) : grid;
      this.pictures[at].draw({ grid: own, values: [...values], most: Math.max(...values), box: boxes[this.kind] }, this.ink);
    });
    this.say(null);
  }

  /** The same place in all four. */
  point(way, cell) {
    const { grid, block } = this.panel, cols = grid[1], few = cols / block;
    const patch = cell === null ? null : way !== "drop" ? cell : Math.floor(cell / few) * block * cols + (cell % few) * block;
    const within = patch === null ? null : Math.floor(Math.floor(patch / cols) / block) * few + Math.floor((patch % cols) / block);
    this.ways.forEach((other, at) => {
      if (other === way) return;
      this.pictures[at].cell = other === "drop" ? within : patch;
      this.pictures[at].paint();
    });
    this.say(patch, within);
  }

  say(patch, within) {
    const name = this.panel.classes[this.kind];
    if (patch === null) return this.tell(this.phrase("chapters.line.care", { name, chance: percent(this.panel.chances[this.kind]) }));
    return this.tell(this.phrase("chapters.line.ways", {
      raw: percent(this.values("raw")[patch]), rollout: percent(this.values("rollout")[patch]), relevance: this.values("relevance")[patch].toFixed(3), drop: signed(100 * this.values("drop")[within], 1),
    }));
  }
}

export const FIGURES = {
  why: Sentence, vectors: Vectors, softmax: Temperatures, heads: Heads, masks: Writing, translation: Tables, patches: Seen, speech: Heard,
  positions: Distances, found: Tables, care: Careful,
};
