// What all views of one tab share: the packets, the settings that Python owns, the choice that the visitor's hand owns.
//
// The choice (layer, head, query, average, mix, direction) changes here first and is drawn at once; Python hears of it a
// moment later and puts it in the link. Python replaces it only by naming a new epoch: a first load, a new text.

import { Far } from "./far.js";
import { addWeights } from "./packet.js";

const REPORT_AFTER_MS = 150; // walking through heads with a held arrow key is one report, not thirty

const PASSING = new Set(["hover", "numbers"]); // what changes no map

const FIRST_CHOICE = { stack: "self", layer: 0, head: 0, query: null, average: "none", mix: [], direction: "reads" };

class Store {
  constructor() {
    this.packet = null; // the heads in the browser
    this.exact = null; // the one map in float32, once it has come
    this.settings = null; // {specials, scale, spelling, language, words, ramp}
    this.choice = FIRST_CHOICE;
    this.hover = null; // {query, key}: either may be null
    this.epoch = null;
    this.report = () => {};
    this.listeners = new Set();
    this.changed = new Set();
    this.derived = new Map();
    this.far = new Far(() => this.note("numbers"));
  }

  /** Python's side: settings, and the choice when its epoch is new. */
  adopt({ epoch, choice, ...settings }) {
    this.settings = settings;
    this.note("settings");
    if (epoch === this.epoch) return;
    this.epoch = epoch;
    this.choice = { ...FIRST_CHOICE, ...choice };
    this.note("choice");
  }

  /** A packet from Python, model or map. */
  shelve(packet) {
    this[packet.kind === "map" ? "exact" : "packet"] = packet;
    if (packet.kind === "model") this.far.begin(packet);
    this.note("packet");
  }

  /** The visitor's hand: any part of the choice. */
  choose(part) {
    this.choice = { ...this.choice, ...part };
    this.note("choice");
    clearTimeout(this.reporting);
    this.reporting = setTimeout(() => this.report({ epoch: this.epoch, ...this.choice }), REPORT_AFTER_MS);
  }

  point(hover) {
    if (hover?.query === this.hover?.query && hover?.key === this.hover?.key) return;
    this.hover = hover;
    this.note("hover");
  }

  /** Call back with the set of what changed ("packet", "settings", "choice", "hover", "numbers"), once a frame. */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  note(what) {
    if (!PASSING.has(what)) this.derived.clear();
    this.changed.add(what);
    this.frame ??= requestAnimationFrame(() => {
      const changed = this.changed;
      this.changed = new Set();
      this.frame = undefined;
      for (const listener of this.listeners) listener(changed);
    });
  }

  once(name, compute) {
    if (!this.derived.has(name)) this.derived.set(name, compute());
    return this.derived.get(name);
  }

  get ready() {
    return Boolean(this.packet && this.settings);
  }

  /** The heads that the shown map is made of: [{layer, head, weight}], weights summing to 1. */
  get parts() {
    return this.once("parts", () => {
      const { layer, head, average, mix } = this.choice;
      const every = (index) => Array.from({ length: this.packet.heads[index] }, (_, at) => ({ layer: index, head: at, weight: 1 }));
      const chosen =
        average === "heads" ? every(layer)
        : average === "all" ? this.packet.heads.flatMap((_, index) => every(index))
        : average === "mix" && mix.some((part) => part.weight > 0) ? mix
        : [{ layer, head, weight: 1 }];
      const total = chosen.reduce((sum, part) => sum + part.weight, 0);
      return chosen.map((part) => ({ ...part, weight: part.weight / total }));
    });
  }

  /** The name of the shown map; the exact map that Python sends carries the same one. */
  get shown() {
    const { stack, layer, head, average, mix } = this.choice;
    if (average === "heads") return `${stack} ${layer}.mean`;
    if (average === "all") return `${stack} mean`;
    const mixed = average === "mix" ? mix.filter((part) => part.weight > 0) : [];
    if (!mixed.length) return `${stack} ${layer}.${head}`;
    return `${stack} ` + mixed.map((part) => `${part.layer}.${part.head}*${Math.round(100 * part.weight)}`).join(",");
  }

  /** Whether the text is so long that its maps are looked at by tiles, and read by rows and columns. */
  get isLong() {
    return Boolean(this.packet?.tiles);
  }

  /** Whether the packet has the heads that are chosen: for a moment the choice may be of the text before. */
  get isThere() {
    return this.parts.every(({ layer, head }) => head < (this.packet.heads[layer] ?? 0));
  }

  /** Whether the shown map mixes more heads than the server weighs for one tile. */
  get isTooMuch() {
    const { queries, keys, tiles } = this.packet;
    return this.isLong && this.parts.length * queries * keys > tiles.most;
  }

  /** The address of the shown map among the tiles, as attnviz/service/tiles.py reads it. */
  get path() {
    const { stack, layer, head, average, mix } = this.choice;
    const mixed = average === "mix" ? mix.filter((part) => part.weight > 0) : [];
    const name = average === "heads" ? `${layer}.mean` : average === "all" ? "mean"
      : mixed.length ? mixed.map((part) => `${part.layer}.${part.head}*${part.weight}`).join(",") : `${layer}.${head}`;
    return `${stack}/${name}`;
  }

  /** The shown map: {weights (query, key), rows, cols, exact}, or null while its layer is on the way. A long one has no weights. */
  get map() {
    return this.once("map", () => {
      const { packet, exact } = this;
      if (!packet) return null;
      const { queries: rows, keys: cols } = packet;
      if (this.isLong) return { weights: null, rows, cols, exact: true };
      if (exact && exact.id === packet.id && exact.shown === this.shown) return { weights: exact.weights, rows, cols, exact: true };
      if (!this.parts.every(({ layer }) => packet.holds(layer))) return null;
      const weights = new Float32Array(rows * cols);
      for (const { layer, head, weight } of this.parts) addWeights(weights, packet.values(layer, head), weight);
      return { weights, rows, cols, exact: false };
    });
  }

  /** Which positions stay on the screen. */
  get visible() {
    return this.once("visible", () => {
      const all = this.packet.special.map((_, index) => index);
      return this.settings.specials === "shown" ? all : all.filter((index) => !this.packet.special[index]);
    });
  }

  /** The share of attention that hiding takes from each row: (query,); null while it is on its way. */
  get hiddenShare() {
    if (this.isLong) return this.keptShare?.map((share) => 1 - share) ?? null;
    return this.once("hiddenShare", () => {
      const { weights, rows, cols } = this.map;
      const kept = new Set(this.visible);
      const shares = new Float32Array(rows);
      for (let query = 0; query < rows; query++)
        for (let key = 0; key < cols; key++) if (!kept.has(key)) shares[query] += weights[query * cols + key];
      return shares;
    });
  }

  /** What stays of each row: (query,). Bytes are rounded, so this and the hidden share need not sum to exactly 1. */
  get keptShare() {
    if (this.isLong) return this.keptFar();
    return this.once("keptShare", () => {
      const { weights, rows, cols } = this.map;
      const sum = (query) => this.visible.reduce((total, key) => total + weights[query * cols + key], 0);
      return Float32Array.from({ length: rows }, (_, query) => sum(query));
    });
  }

  keptFar() {
    const found = this.number("kept");
    if (!found) return null;
    const shares = new Float32Array(this.map.rows);
    let place = 0;
    for (const position of this.visible) if (position < shares.length) shares[position] = found[place++];
    return shares;
  }

  /** What a query gives to each key ("reads"), or a key gets from each query ("read"), with nothing hidden; null while it is on its way. */
  line(token, direction) {
    const { weights, rows, cols } = this.map;
    if (!this.isLong && direction === "reads") return weights.subarray(token * cols, (token + 1) * cols);
    if (!this.isLong) return Float32Array.from({ length: rows }, (_, query) => weights[query * cols + token]);
    const alone = `${token}-${token + 1}`;
    return this.number(`numbers/${direction === "reads" ? `${alone}/0-${cols}` : `0-${rows}/${alone}`}`);
  }

  /** Exact numbers of the shown map of a long text, or null while they are on their way. */
  number(which) {
    return this.isThere ? this.far.number(`${this.path}/${which}`) : null;
  }

  /** The same as it is drawn: where rows are renormalised, divided by what is kept of each. */
  shares(token, direction) {
    const line = this.line(token, direction);
    if (!line || this.settings.specials !== "renormalised") return line;
    const over = (weight, rest) => (rest > 0 ? weight / rest : 0);
    if (direction === "read") {
      const kept = this.keptShare;
      return kept && line.map((weight, query) => over(weight, kept[query]));
    }
    const rest = this.isLong ? this.visible.reduce((total, key) => total + line[key], 0) : this.keptShare[token];
    return line.map((weight) => over(weight, rest));
  }

  /** One of them. */
  value(query, key) {
    return this.shares(query, "reads")?.[key] ?? null;
  }

  /** A token as the reader wishes to see it. */
  label(index) {
    return this.settings.spelling === "raw" ? this.packet.raw[index] : this.packet.labels[index];
  }

  /** The query under the mouse or the focus, else the pinned one. */
  get query() {
    return this.hover?.query ?? this.choice.query;
  }

  /** The token in question, under the mouse or the focus, else pinned: a query, or in direction "read" a key. */
  get token() {
    const hovered = this.choice.direction === "read" ? this.hover?.key : this.hover?.query;
    return hovered ?? this.choice.query;
  }

  /** A phrase of the catalogue with its blanks filled: phrase("map.reads", {query: "it"}). */
  phrase(name, blanks = {}) {
    const phrase = this.settings.words[name] ?? name;
    return phrase.replace(/\{(\w+)\}/g, (whole, blank) => blanks[blank] ?? whole);
  }
}

export const store = new Store();
