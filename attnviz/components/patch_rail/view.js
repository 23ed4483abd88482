// What the chosen patch reads, or who reads it; what the model takes the picture for; the proof.
import { make, mounted } from "../common/dom.js";
import { facts } from "../common/facts.js";
import { percentText, smallText } from "../common/numbers.js";
import { boxOf } from "../common/patches.js";
import { entropyBits, percents } from "../common/reading.js";
import { sight } from "../common/sight.js";
import { manner, plain, shareText, strongest, targetText } from "../common/sighted.js";
import { Proof } from "../reading_rail/proof.js";
import { Matter } from "./matter.js";
import { budget, distance, KINDS, possible } from "./shares.js";

const COUNT = 5;
const CROP = 22; // CSS pixels
const MOST_THINGS = 8;
const FINDS = ["detection", "query"]; // kinds of tokens that become a box each
const READS_PICTURE = "cross"; // the stack in which queries of an encoder and decoder do
const NOT_YET = "–";

class PatchRail {
  constructor(root) {
    this.title = make("h3", { class: "title" });
    this.note = make("p", { class: "note" });
    this.bar = make("div", { class: "bar", "aria-hidden": "true" });
    this.shares = make("ul", { class: "shares number" });
    this.topTitle = make("h3");
    this.lines = Array.from({ length: COUNT }, (_, index) => this.line(index));
    this.topNote = make("p", { class: "note" });
    this.rowTitle = make("h3");
    this.row = make("dl", { class: "facts" });
    this.classTitle = make("h3");
    this.classes = make("ol", { class: "classes" });
    this.matter = new Matter();
    this.proof = new Proof(sight, () => this.rowSum());
    this.budget = make("div", { class: "budget" }, this.bar, this.shares);
    this.reading = make("section", {}, this.title, this.note, this.budget);
    this.top = make("section", {}, this.topTitle, make("ol", {}, ...this.lines.map(({ item }) => item)), this.topNote);
    this.rowSection = make("section", {}, this.rowTitle, this.row);
    this.names = make("datalist", { id: "classes" });
    this.another = make("input", { class: "another", list: "classes", autocomplete: "off", onchange: () => this.chooseTyped() });
    this.classSection = make("section", { hidden: true }, this.classTitle, this.classes, this.another, this.names);
    const sections = [this.reading, this.top, this.rowSection, this.classSection, this.matter.element, this.proof.element];
    this.element = make("div", { class: "view reading-rail patch-rail", role: "region" }, ...sections);
    root.append(this.element);
    this.unsubscribe = sight.subscribe(() => this.draw());
  }

  update(component) {
    this.proof.take(component);
    this.matter.take(component);
    this.data = component.data ?? {};
    this.draw();
  }

  remove() {
    this.unsubscribe();
    this.element.remove();
  }

  draw() {
    this.element.hidden = !sight.ready;
    if (!sight.ready) return;
    const { target, line } = sight;
    this.element.classList.toggle("waiting", Boolean(target) && !line);
    if (target && !line) return; // the numbers of what was chosen before stay, dimmed
    const read = sight.choice.direction === "read";
    this.element.setAttribute("aria-label", sight.phrase("rail.label"));
    this.title.textContent = !target ? sight.phrase("rail.label") : sight.phrase(`sight.title.${manner(target)}`, { target: targetText(target) });
    this.note.textContent = this.noteOn(target, read);
    this.budget.hidden = !line || read || this.isNoRow;
    this.top.hidden = !line;
    this.rowSection.hidden = !line || read || this.isNoRow;
    if (line && !read && !this.isNoRow) this.drawRow(target, line);
    if (line) this.drawTop(line, read);
    this.drawClasses();
    this.matter.element.hidden = !this.data.classes?.length;
    if (this.data.classes?.length) this.matter.draw();
    this.proof.element.hidden = sight.isLens; // the proof is of weights
    this.proof.draw(null);
  }

  /** Whether what is drawn is no row of shares: heads picked place by place, or scores. */
  get isNoRow() {
    return sight.isPicked || Boolean(sight.unit);
  }

  noteOn(target, read) {
    if (!target) return sight.phrase("sight.hint_read");
    if (sight.isPicked) return sight.phrase("sight.picked_told");
    const several = target.positions.length > 1 && !target.all;
    return several ? sight.phrase(read ? "sight.sum_told" : "sight.mean_told") : target.all ? sight.phrase("sight.hint_reads") : "";
  }

  drawRow(target, line) {
    const { own, other } = sight.sides();
    const kinds = possible(own, other, target.positions);
    const found = budget(line.values, own, other, target.all ? [] : target.positions);
    const shown = KINDS.filter((kind) => kinds.has(kind) && !(target.all && (kind === "itself" || kind === "neighbours")));
    const rounded = percents(shown.map((kind) => found[kind]), line.exact ? 1 : 0);
    this.bar.replaceChildren(...shown.map((kind) => segment(kind, found[kind])));
    this.shares.replaceChildren(...shown.map((kind, index) => share(kind, rounded[index], line.exact, kind === "rest" && (target.all || !kinds.has("itself")) ? "patches" : kind)));
    this.rowTitle.textContent = sight.phrase("rail.row");
    this.row.replaceChildren(...facts(this.rowFacts(target, line)));
  }

  rowFacts(target, line) {
    const most = Math.log2(sight.layer.reach);
    const bits = { bits: entropyBits(line.values).toFixed(1), most: most.toFixed(1) };
    const { own, other } = sight.sides();
    const far = target.all ? null : distance(line.values, own, other, target.positions);
    const lines = [[sight.phrase("rail.entropy"), sight.phrase("rail.bits", bits), "entropy"]];
    if (far !== null) lines.push([sight.phrase("rail.distance"), sight.phrase("sight.pixels", { count: far.toFixed(0) })]);
    return lines;
  }

  line(index) {
    const crop = make("canvas", { class: "crop", "aria-hidden": "true", width: 2 * CROP, height: 2 * CROP });
    const name = make("span", { class: "name" });
    const amount = make("span", { class: "amount number" });
    const bar = make("span", { class: "bar", "aria-hidden": "true" });
    const point = () => sight.point({ query: null, key: this.places[index] });
    const leave = () => sight.point(null);
    const hands = { onclick: point, onfocus: point, onpointerenter: point, onblur: leave, onpointerleave: leave };
    const button = make("button", { type: "button", ...hands }, bar, crop, name, amount);
    return { item: make("li", {}, button), button, crop, name, amount };
  }

  drawTop(line, read) {
    const { other } = sight.sides();
    const found = strongest(line.values, COUNT);
    this.places = found.map(({ position }) => position);
    this.topTitle.textContent = sight.phrase(read ? "rail.top_readers" : "rail.top_keys");
    this.topNote.textContent = read ? sight.phrase("sight.column_told") : "";
    this.lines.forEach(({ item, button, crop, name, amount }, index) => {
      item.hidden = !found[index];
      if (item.hidden) return;
      const { position, value } = found[index];
      name.textContent = plain(other, position);
      amount.textContent = shareText(value, line.exact);
      button.style.setProperty("--share", found[0].value > 0 ? value / found[0].value : 0);
      item.classList.toggle("lit", sight.hover?.key === position);
      this.crop(crop, other, position);
    });
  }

  /** The patch itself, cut out of what the model saw. */
  crop(canvas, axis, position) {
    const box = boxOf(axis, position);
    const bitmap = sight.picture.bitmaps?.[0];
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!box || !bitmap) return;
    const scale = bitmap.width / sight.picture.seen[1];
    const [width, height] = [(box.right - box.left) * scale, (box.bottom - box.top) * scale];
    context.drawImage(bitmap, box.left * scale, box.top * scale, width, height, 0, 0, canvas.width, canvas.height);
  }

  /** The likeliest classes and the chosen one; of a model that finds things, what it has found. */
  drawClasses() {
    const { classes = [] } = this.data;
    const { things } = sight;
    this.classSection.hidden = !classes.length && !things.length;
    this.another.hidden = classes.length <= COUNT;
    const shown = classes.filter(([index], at) => at < COUNT || index === sight.choice.target);
    const told = [classes, things, sight.choice.target, sight.settings.language];
    if (this.told?.every((each, at) => each === told[at])) return this.markClasses(classes);
    this.told = told;
    this.classTitle.textContent = sight.phrase(things.length ? "sight.found.title" : "sight.classes");
    this.classes.replaceChildren(...shown.map((each) => this.classLine(each)), ...this.mostLikely(things).map((thing) => this.thingLine(thing)));
    this.another.setAttribute("aria-label", sight.phrase("sight.other_class"));
    this.another.placeholder = sight.phrase("sight.other_class");
    if (this.offered !== classes) this.names.replaceChildren(...classes.slice(COUNT).map(([, name]) => make("option", { value: name })));
    this.offered = classes;
    this.markClasses(classes);
  }

  markClasses(classes) {
    const chosen = sight.choice.target ?? classes[0]?.[0];
    for (const button of this.classes.querySelectorAll("[data-index]")) button.setAttribute("aria-pressed", Number(button.dataset.index) === chosen);
    for (const button of this.classes.querySelectorAll("[data-query]")) button.setAttribute("aria-pressed", Boolean(this.isChosen(Number(button.dataset.query))));
  }

  /** A class that a visitor has typed, or picked of all names. */
  chooseTyped() {
    const found = this.data.classes.find(([, name]) => name === this.another.value);
    if (!found) return;
    this.another.value = "";
    sight.choose({ target: found[0] });
  }

  /** A class; a click lets the lenses that explain one be about it. */
  classLine([index, name, probability]) {
    const onclick = () => sight.choose({ target: sight.choice.target === index ? null : index });
    return listed({ "data-index": index, title: sight.phrase("sight.class_hint"), onclick }, name.split(",")[0], probability);
  }

  /** Things that are likelier than nothing, the surest first; where there are none, the likeliest. */
  mostLikely(things) {
    const sure = things.filter((thing) => !thing.nothing);
    return (sure.length ? sure : things).toSorted((one, other) => other.score - one.score).slice(0, sure.length ? MOST_THINGS : COUNT);
  }

  /** A thing; a click chooses the query that found it. */
  thingLine({ query, label, score }) {
    return listed({ "data-query": query, title: sight.phrase("sight.found.hint"), onclick: () => this.chooseQuery(query) }, `${label} · ${query}`, score);
  }

  /** Where a query that finds things stands on an axis; -1 where it does not. */
  positionOf(axis, query) {
    for (const [position, { kind }] of axis.named) if (FINDS.includes(kind) && sight.thingAt(axis, position)?.query === query) return position;
    return -1;
  }

  isChosen(query) {
    const { own } = sight.sides();
    return sight.choice.query !== null && sight.thingAt(own, sight.choice.query)?.query === query;
  }

  chooseQuery(query) {
    const position = this.positionOf(sight.sides().own, query);
    if (position >= 0) sight.choose({ query: position, corner: null });
    else if (sight.packet.stacks.includes(READS_PICTURE)) sight.choose({ stack: READS_PICTURE, layer: 0, head: 0, query, corner: null, average: "none", direction: "reads" });
  }

  /** The sum of the row that is drawn, or how far any row departs from 1; both only of exact weights. */
  rowSum() {
    const { target, line } = sight;
    if (!line?.exact || sight.choice.direction === "read" || target.all) return [sight.phrase("rail.row_sums"), this.worst()];
    return [sight.phrase("rail.row_sum"), line.values.reduce((sum, weight) => sum + weight, 0).toFixed(7)];
  }

  worst() {
    if (!sight.isExact) return NOT_YET;
    const worst = sight.once("row sums", () => {
      const { weights } = sight.exact;
      const keys = sight.layer.keys.count;
      let most = 0;
      for (let at = 0; at < weights.length; at += keys) most = Math.max(most, Math.abs(1 - weights.subarray(at, at + keys).reduce((sum, weight) => sum + weight, 0)));
      return most;
    });
    return `1 ± ${smallText(worst)}`;
  }
}

/** A line of a list of likely things: a bar, a name, a share. */
function listed(attributes, name, share) {
  const bar = make("span", { class: "bar", "aria-hidden": "true" });
  const button = make("button", { type: "button", ...attributes }, bar, make("span", { class: "name" }, name), make("span", { class: "amount number" }, percentText(100 * share)));
  button.style.setProperty("--share", share);
  return make("li", {}, button);
}

function segment(kind, value) {
  const element = make("span", { "data-kind": kind });
  element.style.flexGrow = value;
  return element;
}

function share(kind, percent, exact, name) {
  const number = exact ? `${percent.toFixed(1)} %` : `≈ ${percent.toFixed(0)} %`;
  return make("li", { "data-kind": kind }, make("span", { class: "name" }, sight.phrase(`sight.kind.${name}`)), make("span", { class: "amount" }, number));
}

export const { render, unmount } = mounted(PatchRail);
