// What the views of a picture share: the picture, the weights of its patches, the choice of patch and heads.
//
// In direction "reads" the chosen position is a query and what is drawn lies on the keys; in direction "read" it is a key
// and what is drawn are the queries that read it. A layer may have a grid of its own, and read a coarser one: a place is
// carried from grid to grid by where it lies in the picture, never by its number.
//
// Of a model whose heads are too large to travel at once, rows come when they are looked at: one row of every head for the
// chosen place, exact numbers of the shown one, and the shown map whole where it is not too large, so that the mouse waits
// for nothing.
import { Far } from "./far.js";
import { Held } from "./held.js";
import { carried, region } from "./patches.js";
import { addTo, fused, weightsOf } from "./rows.js";

const FIRST_CHOICE = {
  stack: "self", layer: 0, head: 0, query: null, corner: null, target: null, average: "none", mix: [], fuse: "mean", direction: "reads",
  scale: "shared", specials: "shown", overlay: "colour", drawing: "cells", opacity: 70, mass: 100, distance: "raw",
};

const FINDING = /^\[(?:DET|QUERY) (\d+)\]$/; // tokens that become a box each
const NOTHING = [];
const MOST_BYTES = 2 ** 22; // of one map, as attnviz/service/tiles.py gives it

class Sight extends Held {
  constructor() {
    super(FIRST_CHOICE, ["hover"]);
    this.picture = null; // the two pictures
    this.packet = null; // where positions lie, and every head
    this.exact = null; // the one map in float32, once it has come
    this.found = null; // what queries that find things have found
    this.whole = null; // the given picture in its full size, once it has been asked for
    this.mapTiles = []; // paths of the parts in sight of a map that is too large to travel whole
    this.far = new Far(() => this.note("numbers"));
    this.far.drawn = () => this.note("numbers");
    this.subscribe(() => this.ready && this.isLong && this.far.tiles.want(this.wanted));
  }

  /** A packet from Python: a picture, patches, or one exact map. */
  shelve(packet) {
    const place = { picture: "picture", patches: "packet", map: "exact", found: "found", whole: "whole" }[packet.kind];
    this[place] = packet;
    if (place === "packet") this.far.begin(packet);
    if (place === "picture") this.open(packet);
    this.note("packet");
  }

  async open(picture) {
    picture.bitmaps = await Promise.all(picture.files.map((file) => createImageBitmap(file)));
    this.note("packet");
  }

  get ready() {
    return Boolean(this.packet && this.settings && this.picture && this.picture.id === this.packet.id && this.layers[this.choice.layer]);
  }

  get layers() {
    return this.packet.stack === this.choice.stack ? this.packet.layers : [];
  }

  get layer() {
    return this.layers[this.choice.layer];
  }

  get isLong() {
    return Boolean(this.packet?.tiles);
  }

  /** The axis on which the chosen position lies, and the one on which its row or column is drawn. */
  sides(layer = this.layer) {
    const { queries, keys } = layer;
    return this.choice.direction === "read" ? { own: keys, other: queries } : { own: queries, other: keys };
  }

  /** The chosen positions, or those under the mouse: {positions, pinned}; every query where nothing is chosen; null for none. */
  get target() {
    const { own } = this.sides();
    const under = this.isLong && this.isPicked ? null : (this.hover?.query ?? null);
    if (under !== null && under < own.count) return { positions: [under], pinned: false };
    return this.pinned;
  }

  get pinned() {
    return this.once("pinned", () => {
      const { own } = this.sides();
      const { query, corner, direction } = this.choice;
      if (query !== null && query < own.count) return { positions: region(own, query, corner), pinned: true };
      return direction === "reads" ? { positions: Array.from({ length: own.count }, (_, at) => at), pinned: false, all: true } : null;
    });
  }

  /** The heads that the shown map is made of: [{layer, head, weight}], weights summing to 1; of one grid. */
  get parts() {
    return this.once("parts", () => {
      const { layer, head, average, mix } = this.choice;
      const alike = (index) => this.layers[index]?.queries === this.layer.queries && this.layers[index].keys === this.layer.keys;
      const every = (index) => Array.from({ length: this.layers[index].heads }, (_, at) => ({ layer: index, head: at, weight: 1 }));
      const mixed = mix.filter((part) => part.weight > 0 && alike(part.layer) && part.head < this.layers[part.layer].heads);
      const chosen =
        average === "heads" ? every(layer)
        : average === "all" ? this.layers.flatMap((_, index) => (alike(index) ? every(index) : []))
        : average === "mix" && mixed.length ? mixed
        : [{ layer, head: Math.min(head, this.layer.heads - 1), weight: 1 }];
      const total = chosen.reduce((sum, part) => sum + part.weight, 0);
      return chosen.map((part) => ({ ...part, weight: part.weight / total }));
    });
  }

  /** Whether heads are joined place by place, by the largest or the least of their weights: then rows do not sum to 1. */
  get isPicked() {
    return !this.isLens && this.choice.fuse !== "mean" && this.parts.length > 1;
  }

  /** Whether what is drawn is made of all layers, by a rule other than taking the weights of heads. */
  get isLens() {
    return (this.settings.lens ?? "raw") !== "raw";
  }

  /** Of what kind the numbers are: "" for shares of a row. */
  get unit() {
    return this.isLens && this.isExact ? this.exact.unit : "";
  }

  /** The name of the shown map; the exact map that Python sends carries the same one. */
  get shown() {
    const { stack, layer, head, average } = this.choice;
    if (this.isLens) return this.lensName;
    if (this.isPicked) return `${stack} ${this.choice.fuse}`;
    if (average === "heads") return `${stack} ${layer}.mean`;
    if (average === "all") return `${stack} mean`;
    if (average !== "mix" || this.parts.length < 2) return `${stack} ${this.parts[0].layer}.${this.parts[0].head}`;
    return `${stack} ` + this.choice.mix.filter((part) => part.weight > 0).map((part) => `${part.layer}.${part.head}*${Math.round(100 * part.weight)}`).join(",");
  }

  /** The name of a lens's map by all that it is made of, as `lens_name` of attnviz/service/asked.py has it. */
  get lensName() {
    const { lens, discard = 0, rule = "definition" } = this.settings;
    const { stack, fuse, target, query } = this.choice;
    const [, finds] = FINDING.exec(this.sides().own.named.get(query)?.label ?? "") ?? [];
    const about = lens === "rollout" ? fuse : finds === undefined ? (target ?? "best") : `query ${finds}`;
    const rolled = lens === "relevance" ? [] : [...(discard ? [`${discard} %`] : []), ...(rule === "definition" ? [] : [rule])];
    return [stack, lens, about, ...rolled].join(" ");
  }

  get isExact() {
    return Boolean(this.exact && this.exact.id === this.packet.id && this.exact.shown === this.shown);
  }

  /** What the chosen positions give to each key, or get from each query: {values, exact}, or null while it is on its way. */
  get line() {
    const { target } = this;
    if (!target) return null;
    if (this.isLong && !this.isLens) return this.farLine(target);
    return target === this.pinned ? this.once("line", () => this.lineOf(target.positions)) : this.lineOf(target.positions);
  }

  /** The line of the chosen place, wherever the mouse is; null where nothing is chosen, or while it is on its way. */
  get pinnedLine() {
    const { pinned } = this;
    return pinned && (this.isLong && !this.isLens ? this.farLine(pinned) : this.lineOf(pinned.positions));
  }

  lineOf(positions) {
    const { own, other } = this.sides();
    if (this.isExact) {
      const values = addTo(new Float32Array(other.count), this.exact.weights, own.count, positions, this.choice.direction);
      return { values, exact: true };
    }
    if (this.isLens) return null;
    const rows = this.parts.map((part) => ({ values: this.lineOfHead(part.layer, part.head, positions), weight: part.weight }));
    return rows.some(({ values }) => !values) ? null : { values: fused(rows, this.isPicked ? this.choice.fuse : "mean"), exact: false };
  }

  /** The same of a model whose rows come when they are looked at. */
  farLine({ positions, pinned, all }) {
    const { own, other } = this.sides();
    const alone = !all && positions.length === 1 && !this.isPicked;
    const map = this.isPicked ? null : this.far.tiles.get(this.mapPath);
    if (map && !pinned && !all) return { values: addTo(new Float32Array(other.count), map, own.count, positions, this.choice.direction), exact: false };
    const exact = alone ? this.far.number(`${this.path}/numbers/${this.span(positions[0])}`) : null;
    if (exact) return { values: exact, exact: true };
    if (!pinned && !all) return null;
    const rows = this.parts.map((part) => ({ values: this.lineOfHead(part.layer, part.head), weight: part.weight }));
    return rows.some(({ values }) => !values) ? null : { values: fused(rows, this.isPicked ? this.choice.fuse : "mean"), exact: false };
  }

  span(position) {
    const { queries, keys } = this.layer;
    const alone = `${position}-${position + 1}`;
    return this.choice.direction === "read" ? `0-${queries.count}/${alone}` : `${alone}/0-${keys.count}`;
  }

  /** The address of the shown map, as attnviz/service/tiles.py reads it. */
  get path() {
    const { stack, layer, average } = this.choice;
    if (average === "heads") return `${stack}/${layer}.mean`;
    const [only, ...others] = this.parts;
    return others.length ? `${stack}/${this.parts.map((part) => `${part.layer}.${part.head}*${average === "mix" ? part.weight : 1}`).join(",")}` : `${stack}/${only.layer}.${only.head}`;
  }

  get mapPath() {
    return `${this.path}/bytes`;
  }

  /** The address of the chosen place's row in every head. */
  get rowsPath() {
    const { stack, layer, query, corner, direction } = this.choice;
    const { own } = this.sides();
    const place = query === null || query >= own.count ? "all" : `${query}-${corner ?? query}`;
    return `${stack}/rows/${direction}/${layer}/${place}`;
  }

  /** What is looked at, the most wanted first. */
  get wanted() {
    const { queries, keys } = this.layer;
    const small = queries.count * keys.count <= MOST_BYTES && !this.isPicked && !this.isLens;
    return [...(this.pinned ? [this.rowsPath] : []), ...(small ? [this.mapPath] : this.mapTiles)];
  }

  /** Where each head's row begins among the rows of every head. */
  get starts() {
    return this.once("starts", () => {
      let at = 0;
      return this.layers.map((layer) => {
        const { count } = this.sides(layer).other;
        return Array.from({ length: layer.heads }, () => (at += count) - count);
      });
    });
  }

  /** The same of one head of any layer, the positions being carried to that layer's grid; null while it is on its way. */
  lineOfHead(layer, head, positions) {
    const { own, other } = this.sides(this.layers[layer]);
    if (this.isLong) {
      const rows = this.far.tiles.get(this.rowsPath);
      const start = this.starts[layer][head];
      return rows && weightsOf(rows.subarray(start, start + other.count));
    }
    const there = this.once(`carried ${layer} ${positions.length} ${positions[0]} ${positions.at(-1)}`, () => carried(this.sides().own, positions, own));
    return addTo(new Float32Array(other.count), this.packet.values(layer, head), own.count, there, this.choice.direction);
  }

  /** Another layer and head, the chosen place being carried to its grid. */
  go({ layer, head, ...more }) {
    const from = this.sides().own;
    const to = this.sides(this.layers[layer]).own;
    this.choose({ layer, head, ...(from === to ? {} : this.moved(from, to)), ...more });
  }

  turn(direction) {
    const from = this.sides().own;
    const to = direction === "read" ? this.layer.keys : this.layer.queries;
    this.choose({ direction, ...(from === to ? {} : this.moved(from, to)) });
  }

  moved(from, to) {
    const { query } = this.choice;
    if (query === null || query >= from.count) return { query: null, corner: null };
    const there = carried(from, this.pinned.positions, to);
    if (!there.length) return { query: null, corner: null };
    return { query: there[0], corner: there.length > 1 ? there.at(-1) : null };
  }

  /** The patches that the model has made far longer than the others, on the side that is drawn; none unless asked for. */
  get artefacts() {
    const found = this.choice.specials === "shown" ? null : this.settings.artefacts;
    if (!found?.positions.length) return [];
    return this.once("artefacts", () => carried(this.layers.at(-1).queries, found.positions, this.sides().other));
  }

  /** Whether what patches get can be drawn as shares of what they get together: of rows alone. */
  get canBeAlone() {
    return this.choice.direction === "reads" && !this.isPicked && !this.unit;
  }

  get isAlone() {
    return this.choice.specials === "renormalised" && this.canBeAlone;
  }

  /** What each query has found, in the order of the queries; nothing of a model that finds no things. */
  get things() {
    return this.found && this.found.id === this.packet.id ? this.found.things : NOTHING;
  }

  /** What the query at a position of an axis has found, or null. */
  thingAt(axis, position) {
    const [, number] = FINDING.exec(axis.named.get(position)?.label ?? "") ?? [];
    return number === undefined ? null : (this.things[Number(number)] ?? null);
  }

  /** How much of a row falls to each key where all are read alike: what the shared scale is counted in. */
  get evenShare() {
    return 1 / this.layer.reach;
  }
}

export const sight = new Sight();
