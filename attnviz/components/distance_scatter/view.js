// How far every head reads: a dot a head, layer by layer, against what even attention would have. After Dosovitskiy et al.
// 2021, Fig. 7. A dot chooses its head, by hand or by the arrow keys.
import { make, mounted, press, segments } from "../common/dom.js";
import { sight } from "../common/sight.js";
import { levels, MARGIN, nearest, plot, stepped } from "./plot.js";
import { svg } from "./svg.js";

const HEIGHT = 330;
const REACH = 16; // CSS pixels around a dot that are the dot's
const WAYS = ["raw", "renormalised"];
const LEAST_LABEL = 24; // CSS pixels between the names of layers
const LEAST_LEVEL = 56; // CSS pixels: a shorter stretch of the line is not labelled

const pixels = (number) => `${number.toFixed(1)} px`;

class DistanceScatter {
  constructor(root) {
    this.ways = make("div");
    this.said = make("p", { class: "said number" });
    this.stage = make("div", { class: "stage" });
    this.caption = make("p", { class: "caption" });
    this.button = make("button", { type: "button", class: "take", "aria-expanded": "false", onclick: () => this.toggle() });
    this.region = make("div", { class: "table", role: "region", tabindex: 0, hidden: true });
    this.element = make("div", { class: "view distance-scatter" }, this.ways, this.said, this.stage, this.caption, make("div", {}, this.button), this.region);
    root.append(this.element);
    this.under = null;
    this.unsubscribe = sight.subscribe((changed) => this.changed(changed));
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.stage);
  }

  update({ data }) {
    this.data = data;
    this.changed(new Set(["settings"]));
  }

  remove() {
    this.unsubscribe();
    this.observer.disconnect();
    this.element.remove();
  }

  /** Whether the distances are of the picture and the stack in sight. */
  get isReady() {
    return sight.ready && Boolean(this.data?.raw) && this.data.id === sight.packet.id && this.data.stack === sight.packet.stack;
  }

  get way() {
    return WAYS.includes(sight.choice.distance) ? sight.choice.distance : WAYS[0];
  }

  get found() {
    return this.data[this.way];
  }

  changed(changed) {
    this.element.hidden = !this.isReady;
    if (!this.isReady) return;
    if (changed.has("settings") || changed.has("packet")) this.lay();
    if (changed.size > 1 || !changed.has("hover")) this.fit(true);
  }

  lay() {
    const options = WAYS.map((value) => ({ value, text: sight.phrase(`second.way.${value}`), hint: sight.phrase(`second.way.${value}_hint`) }));
    const laid = segments("way", sight.phrase("second.way.legend"), options, (distance) => sight.choose({ distance }));
    if (this.language !== sight.settings.language) this.ways.replaceWith(laid);
    if (this.language !== sight.settings.language) this.ways = laid;
    this.language = sight.settings.language;
    this.button.textContent = sight.phrase("second.table");
    this.button.title = sight.phrase("second.table_hint");
  }

  /** Draws for the present width; `anew` also where it is the same one. */
  fit(anew = false) {
    const width = Math.floor(this.stage.clientWidth);
    if (!this.isReady || !width) return;
    const made = `${width} ${this.way} ${this.data.id} ${this.data.stack} ${this.language}`;
    if (this.made !== made) this.build(width);
    this.made = made;
    if (anew) this.mark();
  }

  build(width) {
    this.place = plot(this.found, width, HEIGHT);
    const { place, found } = this;
    const held = this.stage.getRootNode().activeElement?.getAttribute?.("role") === "gridcell";
    this.cells = found.heads.map(() => []);
    for (const dot of place.dots) this.cells[dot.layer][dot.head] = this.cell(dot);
    const rows = this.cells.map((cells, layer) => svg("g", { role: "row", "aria-label": `L${layer}` }, ...cells));
    this.ring = svg("circle", { class: "ring", r: place.radius + 4, "aria-hidden": "true" });
    this.tip = svg("text", { class: "tip", "aria-hidden": "true" });
    const heads = Math.max(...found.heads.map((row) => row.length));
    const grid = svg("g", { role: "grid", "aria-label": sight.phrase("second.scatter", { layers: found.heads.length, heads }), onkeydown: (event) => this.key(event) }, ...rows);
    const drawn = svg("svg", {
      width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`,
      onpointermove: (event) => this.point(this.at(event)), onpointerleave: () => this.point(null), onclick: (event) => this.choose(this.at(event)),
    }, this.frame(), this.level(), grid, this.ring, this.tip);
    this.stage.replaceChildren(drawn);
    this.under = null;
    this.mark();
    if (held) this.cells[this.here.layer][this.here.head].focus();
  }

  cell({ layer, head, x, y, pixels: far }) {
    return svg("circle", {
      class: "dot", role: "gridcell", tabindex: -1, cx: x, cy: y, r: this.place.radius, "data-layer": layer, "data-head": head,
      "aria-label": this.told({ layer, head, pixels: far }), onfocus: () => this.point(this.dotAt(layer, head)), onblur: () => this.point(null),
    });
  }

  dotAt(layer, head) {
    return this.place.dots.find((dot) => dot.layer === layer && dot.head === head) ?? null;
  }

  told({ layer, head, pixels: far }) {
    return sight.phrase("second.dot", { layer, head, pixels: far.toFixed(1) });
  }

  /** The two sides, their numbers and their names. */
  frame() {
    const { place } = this;
    const [left, right, bottom] = [MARGIN.left, place.width - MARGIN.right, HEIGHT - MARGIN.bottom];
    const across = place.ticks.flatMap((tick) => [
      svg("line", { class: "tick", x1: left, x2: right, y1: place.y(tick), y2: place.y(tick) }),
      svg("text", { class: "number", x: left - 8, y: place.y(tick), "text-anchor": "end", dy: ".32em" }, `${tick}`),
    ]);
    const every = Math.max(1, Math.ceil(LEAST_LABEL / place.pitch));
    const layers = this.found.heads.map((_, layer) => layer).filter((layer) => layer % every === 0);
    const names = layers.map((layer) => svg("text", { class: "number", x: place.x(layer), y: bottom + 16, "text-anchor": "middle" }, `L${layer}`));
    const sides = [
      svg("text", { class: "side", x: (left + right) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, sight.phrase("second.layer")),
      svg("text", { class: "side", transform: `translate(11 ${(MARGIN.top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, sight.phrase("second.pixels")),
    ];
    const bands = this.found.heads.map((_, layer) => layer).filter((layer) => layer % 2).map((layer) =>
      svg("rect", { class: "band", x: place.x(layer) - place.pitch / 2, width: place.pitch, y: MARGIN.top, height: bottom - MARGIN.top }));
    return svg("g", { "aria-hidden": "true" }, ...bands, ...across, ...names, ...sides);
  }

  /** What even attention would have, in dashes, each level named once. */
  level() {
    const { place } = this;
    const at = (layer) => MARGIN.left + layer * place.pitch;
    const found = levels(this.found.even);
    const named = (far) => (found.length === 1 ? sight.phrase("second.even", { pixels: far.toFixed(1) }) : pixels(far));
    const lines = found.flatMap(([from, to, far]) => [
      svg("line", { class: "even", x1: at(from), x2: at(to), y1: place.y(far), y2: place.y(far) }),
      at(to) - at(from) < LEAST_LEVEL ? null
        : svg("text", { class: "even", x: at(from) + 4, y: place.y(far) - 5 }, named(far)),
    ]);
    return svg("g", { "aria-hidden": "true" }, ...lines);
  }

  /** The chosen head, or those that are joined. */
  mark() {
    if (!this.cells) return;
    const { parts, choice } = sight;
    press(this.ways, this.way);
    const chosen = new Set(parts.map(({ layer, head }) => `${layer} ${head}`));
    for (const cell of this.cells.flat()) {
      const inside = chosen.has(`${cell.dataset.layer} ${cell.dataset.head}`);
      cell.setAttribute("aria-selected", inside);
      cell.classList.toggle("chosen", inside);
      cell.setAttribute("tabindex", -1);
    }
    const layer = Math.min(choice.layer, this.cells.length - 1);
    this.here = { layer, head: Math.min(choice.head, this.cells[layer].length - 1) };
    this.cells[this.here.layer][this.here.head].setAttribute("tabindex", 0);
    const { seen } = sight.picture;
    const { own, other } = { own: sight.layer.queries, other: sight.layer.keys };
    const patch = own.rows ? own : other;
    const round = (number) => Number(number.toFixed(1));
    const blanks = { width: seen[1], height: seen[0], across: round(patch.width), down: round(patch.height) };
    this.caption.textContent = [sight.phrase("second.caption", blanks), sight.phrase(`second.way.${this.way}_told`), sight.phrase("second.source")].join(sight.phrase("second.between"));
    this.follow();
    if (!this.region.hidden) this.fill();
  }

  at(event) {
    const box = this.stage.firstChild.getBoundingClientRect();
    return nearest(this.place.dots, event.clientX - box.left, event.clientY - box.top, REACH);
  }

  point(dot) {
    this.under = dot;
    this.follow();
  }

  /** The ring and the words go with the hand, else with the chosen head. */
  follow() {
    const here = this.dotAt(this.here.layer, this.here.head);
    const dot = this.under ?? (sight.parts.length === 1 ? here : null);
    this.ring.toggleAttribute("hidden", !dot);
    this.tip.toggleAttribute("hidden", !dot);
    this.said.textContent = dot ? sight.phrase("second.against", { dot: this.told(dot), even: dot.even.toFixed(1) }) : sight.phrase("second.several_dots", { count: sight.parts.length });
    this.stage.firstChild.style.cursor = this.under ? "pointer" : "";
    if (!dot) return;
    this.ring.setAttribute("cx", dot.x);
    this.ring.setAttribute("cy", dot.y);
    this.tip.textContent = this.told(dot);
    const right = dot.x > this.place.width * 0.6;
    const high = dot.y < MARGIN.top + 26;
    this.tip.setAttribute("text-anchor", right ? "end" : "start");
    this.tip.setAttribute("x", dot.x + (right ? -8 : 8));
    this.tip.setAttribute("y", dot.y + (high ? 22 : -11));
  }

  choose(place) {
    if (!place) return;
    const { layer, head } = place;
    sight.go({ layer, head, average: "none" });
  }

  key(event) {
    const cell = event.target.closest?.("[role=gridcell]");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const from = { layer: Number(cell.dataset.layer), head: Number(cell.dataset.head) };
    const to = event.key === "Enter" || event.key === " " ? from : stepped(event.key, from, this.found.heads);
    if (!to) return;
    event.preventDefault();
    this.choose(to);
    this.cells[to.layer][to.head].focus({ preventScroll: true });
  }

  toggle() {
    this.region.hidden = !this.region.hidden;
    this.button.setAttribute("aria-expanded", String(!this.region.hidden));
    if (this.region.hidden) this.region.replaceChildren();
    else this.fill();
  }

  fill() {
    const { heads, even } = this.found;
    const caption = sight.phrase("second.table_caption", { way: sight.phrase(`second.way.${this.way}`) });
    const columns = Math.max(...heads.map((row) => row.length));
    const head = make("tr", {}, make("td"), ...Array.from({ length: columns }, (_, at) => make("th", { scope: "col" }, `H${at}`)), make("th", { scope: "col" }, sight.phrase("second.even_short")));
    const rows = heads.map((row, layer) => {
      const numbers = Array.from({ length: columns }, (_, at) => make("td", {}, at < row.length ? row[at].toFixed(1) : ""));
      const mean = even[layer].reduce((sum, each) => sum + each, 0) / even[layer].length;
      return make("tr", {}, make("th", { scope: "row" }, `L${layer}`), ...numbers, make("td", {}, mean.toFixed(1)));
    });
    this.region.setAttribute("aria-label", caption);
    this.region.replaceChildren(make("table", {}, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...rows)));
  }
}

export const { render, unmount } = mounted(DistanceScatter);
