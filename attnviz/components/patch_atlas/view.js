// What the chosen patch reads in every layer × head, on one canvas under a grid of cells that answer mouse and keys.
import { make, mounted, press, segments, sharpen } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { sight } from "../common/sight.js";
import { manner, targetText } from "../common/sighted.js";
import { entitle } from "../common/terms.js";
import { pixels } from "../head_atlas/paint.js";
import { step } from "../head_atlas/walk.js";
import { tile } from "./paint.js";
import { thumbnail } from "./thumbnail.js";

const LABEL = 26; // CSS pixels, as in view.css
const GAP = 3;
const LARGEST = 56;
const SMALLEST = { fine: 16, coarse: 26 };
const [LEAST_HEIGHT, MOST_HEIGHT] = [470, 760];
const SHARE_OF_WINDOW = 0.56; // of its height
const HEADER = 24;
const AVERAGES = ["none", "heads", "all", "mix"];
const FUSES = ["mean", "max", "min"];

class PatchAtlas {
  constructor(root) {
    this.cells = [];
    this.build(root);
    this.unsubscribe = sight.subscribe((changed) => this.draw(changed));
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.scroll);
  }

  update() {
    this.draw(new Set(["packet", "settings", "choice"]));
  }

  remove() {
    this.unsubscribe();
    this.resized.disconnect();
    this.view.remove();
  }

  build(root) {
    this.title = make("h3");
    this.stacks = make("div");
    this.averages = make("div");
    this.fuses = make("div");
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.grid = make("div", {
      role: "grid", class: "grid",
      onclick: (event) => this.click(event),
      onkeydown: (event) => this.key(event),
      onpointerover: (event) => this.hover(this.placeOf(event.target)),
      onpointerleave: () => this.hover(null),
    });
    this.scroll = make("div", { class: "scroll" }, make("div", { class: "stage" }, this.canvas, this.grid));
    this.caption = make("p", { class: "caption" });
    this.view = make("div", { class: "view patch-atlas" }, this.title, this.stacks, this.averages, this.fuses, this.scroll, this.caption);
    root.append(this.view);
  }

  draw(changed) {
    this.view.hidden = !sight.ready;
    if (!sight.ready) return;
    if (changed.has("packet") || changed.has("settings")) this.lay();
    if (changed.has("packet") || changed.has("settings") || changed.has("choice")) this.mark();
    if (["packet", "settings", "choice", "numbers"].some((what) => changed.has(what))) this.paint();
  }

  lay() {
    const { layers, stacks } = sight.packet;
    const { language } = sight.settings;
    entitle(this.title, "head", sight.phrase("sight.heads"));
    this.grid.setAttribute("aria-label", sight.phrase("sight.atlas", { layers: layers.length, heads: Math.max(...layers.map(({ heads }) => heads)) }));
    if (this.language !== `${language} ${stacks}`) this.laySwitches();
    this.language = `${language} ${stacks}`;
    const laid = [language, sight.packet.stack, ...layers.map(({ heads }) => heads)].join();
    if (this.laid !== laid) this.layCells();
    this.laid = laid;
    this.ink = inks(this.view, sight.settings.ramp);
    this.table = pixels(this.ink);
    this.fit();
  }

  laySwitches() {
    const { stacks } = sight.packet;
    const named = (name, values, legend, choose) => segments(name, sight.phrase(legend), values.map(([value, text, hint]) => ({ value, text, hint })), choose);
    const said = (room, value) => [value, sight.phrase(`sight.${room}.${value}`), sight.phrase(`sight.${room}.${value}_hint`)];
    const swap = (name, element) => {
      this[name].replaceWith(element);
      this[name] = element;
    };
    swap("stacks", named("stack", stacks.map((stack) => [stack, sight.settings.words[`sight.stacks.${stack}`] ?? stack, ""]), "sight.stack",
      (stack) => sight.choose({ stack, layer: 0, head: 0, query: null, corner: null, average: "none" })));
    swap("averages", named("averages", AVERAGES.map((value) => said("average", value)), "sight.average.legend", (value) => this.average(value)));
    swap("fuses", named("fuse", FUSES.map((value) => said("fuse", value)), "sight.fuse.legend", (fuse) => sight.choose({ fuse })));
    this.stacks.hidden = stacks.length < 2;
  }

  layCells() {
    const { layers } = sight.packet;
    const columns = Math.max(...layers.map(({ heads }) => heads));
    this.columns = Array.from({ length: columns }, (_, head) => make("span", { role: "columnheader", "aria-label": `H${head}` }, `${head}`));
    this.cells = layers.map(({ heads }, layer) =>
      Array.from({ length: heads }, (_, head) =>
        make("span", { role: "gridcell", class: "cell", tabindex: -1, "data-layer": layer, "data-head": head, "aria-label": sight.phrase("sight.head_aloud", { layer, head }) }),
      ),
    );
    this.rows = this.cells.map((row, layer) =>
      make("div", { role: "row", class: "row" },
        make("span", { role: "rowheader", title: sight.phrase("sight.row", { layer }), "data-layer": layer }, `L${layer}`), ...row));
    this.grid.replaceChildren(make("div", { role: "row", class: "columns" }, make("span", { role: "presentation" }), ...this.columns), ...this.rows);
    this.grid.style.setProperty("--columns", columns);
    this.side = null;
  }

  /** Tiles of the picture's shape, as large as width and height allow. */
  fit() {
    const width = this.scroll.clientWidth;
    if (!sight.ready || !width) return;
    const { seen } = sight.picture;
    const aspect = seen[1] / seen[0];
    const pointer = matchMedia("(pointer: coarse)").matches ? "coarse" : "fine";
    const wide = (width - LABEL) / this.columns.length - GAP;
    const high = ((this.height - HEADER) / this.cells.length - GAP) * aspect;
    const across = Math.floor(Math.min(LARGEST * Math.max(1, aspect), Math.max(SMALLEST[pointer] * Math.max(1, aspect), Math.min(wide, high))));
    const down = Math.max(SMALLEST.fine, Math.round(across / aspect));
    if (across === this.side?.across && down === this.side?.down) return;
    this.side = { across, down };
    this.scroll.style.maxHeight = `${this.height + 2 * GAP}px`;
    this.grid.style.setProperty("--across", `${across}px`);
    this.grid.style.setProperty("--down", `${down}px`);
    this.paint();
  }

  get height() {
    return Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, innerHeight * SHARE_OF_WINDOW));
  }

  paint() {
    if (!this.side) return;
    const { layers } = sight.packet;
    const pitch = { x: this.side.across + GAP, y: this.side.down + GAP };
    const context = sharpen(this.canvas, this.columns.length * pitch.x, layers.length * pitch.y);
    const ratio = this.canvas.width / (this.columns.length * pitch.x);
    const [width, height] = [Math.round(this.side.across * ratio), Math.round(this.side.down * ratio)];
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    layers.forEach(({ heads }, layer) => {
      for (let head = 0; head < heads; head++) {
        const { grid, top } = thumbnail(layer, head);
        context.putImageData(tile(grid, width, height, top, this.table), Math.round(head * pitch.x * ratio), Math.round(layer * pitch.y * ratio));
      }
    });
  }

  mark() {
    const { choice, parts } = sight;
    press(this.averages, choice.average);
    press(this.fuses, choice.fuse);
    press(this.stacks, choice.stack);
    this.fuses.hidden = choice.average === "none" && sight.settings.lens !== "rollout";
    const part = new Set(parts.map(({ layer, head }) => `${layer} ${head}`));
    for (const cell of this.cells.flat()) {
      const { layer, head } = this.placeOf(cell);
      const chosen = layer === choice.layer && head === choice.head;
      const inside = part.has(`${layer} ${head}`);
      cell.tabIndex = -1;
      cell.setAttribute("aria-selected", inside);
      cell.classList.toggle("chosen", chosen);
      cell.classList.toggle("part", inside && choice.average !== "none");
    }
    const here = this.cells[choice.layer]?.[choice.head] ?? this.cells[0][0];
    here.tabIndex = 0;
    this.columns.forEach((column, head) => column.classList.toggle("chosen", head === choice.head));
    this.rows.forEach((row, layer) => row.classList.toggle("chosen", layer === choice.layer));
    this.grid.setAttribute("aria-multiselectable", choice.average !== "none");
    this.tell();
  }

  tell() {
    const { parts, pinned } = sight;
    const whose = pinned ? sight.phrase(`sight.tiles.${manner(pinned)}`, { target: targetText(pinned) }) : sight.phrase("sight.hint_read");
    const head = this.under ?? (parts.length === 1 ? parts[0] : null);
    const name = head ? `L${head.layer} H${head.head}` : sight.phrase("sight.parts", { count: parts.length });
    this.caption.textContent = `${name} · ${whose}`;
  }

  hover(place) {
    this.under = place;
    if (sight.ready) this.tell();
  }

  placeOf(element) {
    const cell = element.closest?.(".cell");
    return cell ? { layer: Number(cell.dataset.layer), head: Number(cell.dataset.head) } : null;
  }

  click(event) {
    const place = this.placeOf(event.target);
    const row = event.target.closest("[role=rowheader]");
    if (place && event.shiftKey) this.toggle(place);
    else if (place) this.choose(place);
    else if (row) sight.go({ layer: Number(row.dataset.layer), head: sight.choice.head, average: "heads" });
    if (place) this.focus(place);
  }

  key(event) {
    const from = this.placeOf(event.target);
    if (!from) return;
    if (event.key === "m" && !event.ctrlKey && !event.metaKey) this.toggle(from);
    else if (event.key === "Enter" || event.key === " ") this.choose(from);
    else {
      const place = step(event, from, sight.packet.layers.map(({ heads }) => heads), 4);
      if (!place) return;
      this.choose(place, place.layer !== from.layer);
      this.focus(place);
    }
    event.preventDefault();
  }

  /** A layer's mean stays while the visitor walks through layers; in a set each head that is chosen comes in or goes. */
  choose(place, acrossLayers = false) {
    const { average } = sight.choice;
    sight.go({ ...place, average: average === "mix" || (average === "heads" && acrossLayers) ? average : "none" });
  }

  /** Takes a head into the set of heads, or out of it. */
  toggle({ layer, head }) {
    const set = sight.parts.map((part) => ({ layer: part.layer, head: part.head, weight: 1 }));
    const without = set.filter((part) => part.layer !== layer || part.head !== head);
    const mix = without.length < set.length ? without : [...set, { layer, head, weight: 1 }];
    if (mix.length) sight.go({ layer, head, average: "mix", mix });
  }

  average(value) {
    const mix = value === "mix" ? { mix: sight.parts.map(({ layer, head }) => ({ layer, head, weight: 1 })) } : {};
    sight.choose({ average: value, ...mix });
  }

  focus({ layer, head }) {
    this.cells[layer][head].focus({ preventScroll: true });
    this.cells[layer][head].scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

export const { render, unmount } = mounted(PatchAtlas);
