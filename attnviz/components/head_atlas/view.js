// Every layer × head as a small heat map on one canvas, under a grid of cells that answer the mouse, the keys and a reader.
import { make, mounted, press, segments, sharpen } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { store } from "../common/store.js";
import { entitle } from "../common/terms.js";
import { describe, sumUp } from "./character.js";
import { Mix, toggle, turnToMix } from "./mix.js";
import { pixels, shown, tile } from "./paint.js";
import { step } from "./walk.js";

const LABEL = 26; // CSS pixels, as in view.css
const TOP = 20;
const GAP = 3;
const LARGEST = 72;
const NUMBER = 18; // room for a number of two digits and the gap to the next
const SMALLEST = { fine: 14, coarse: 24 };
const AVERAGES = ["none", "heads", "all", "mix"];

class HeadAtlas {
  constructor(root) {
    this.cells = [];
    this.build(root);
    this.unsubscribe = store.subscribe((changed) => this.draw(changed));
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.scroll);
  }

  update() {
    this.draw(new Set(["packet", "settings", "choice"])); // also after a change of theme
  }

  remove() {
    this.unsubscribe();
    this.resized.disconnect();
  }

  build(root) {
    this.title = make("h3");
    this.averages = make("div");
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
    this.sampled = make("p", { class: "sampled", hidden: true }); // of a long text
    this.mix = new Mix(() => this.focus(store.choice));
    this.view = make("div", { class: "view atlas" }, this.title, this.averages, this.scroll, this.caption, this.sampled, this.mix.element);
    root.append(this.view);
  }

  draw(changed) {
    if (!store.ready) return;
    if (changed.has("packet") || changed.has("settings")) this.lay();
    if (changed.has("packet") || changed.has("settings") || changed.has("choice")) this.mark();
  }

  /** The cells of a packet, their names, the words around them. */
  lay() {
    const { packet, settings } = store;
    entitle(this.title, "head", store.phrase("atlas.title"));
    this.grid.setAttribute("aria-label", store.phrase("atlas.grid", { layers: packet.layers, heads: Math.max(...packet.heads) }));
    if (this.language !== settings.language) this.layAverages(); // a button that is replaced loses the focus
    this.language = settings.language;
    const laid = [settings.language, ...packet.heads].join();
    if (this.laid !== laid) this.layCells();
    this.laid = laid;
    for (const cell of this.cells.flat()) cell.setAttribute("aria-label", describe(this.placeOf(cell)).aloud);
    this.fit(true);
  }

  layAverages() {
    const options = AVERAGES.map((value) => ({ value, text: store.phrase(`atlas.average.${value}`), hint: store.phrase(`atlas.hint.${value}`) }));
    const laid = segments("averages", store.phrase("atlas.average.legend"), options, (value) => this.average(value));
    this.averages.replaceWith(laid);
    this.averages = laid;
  }

  layCells() {
    const { heads } = store.packet;
    const columns = Math.max(...heads);
    this.columns = Array.from({ length: columns }, (_, head) => make("span", { role: "columnheader", "aria-label": `H${head}` }, `${head}`));
    this.cells = heads.map((count, layer) =>
      Array.from({ length: count }, (_, head) =>
        make("span", { role: "gridcell", class: "cell", tabindex: -1, "data-layer": layer, "data-head": head }),
      ),
    );
    this.rows = this.cells.map((row, layer) => make("div", { role: "row", class: "row" }, this.rowHeader(layer), ...row));
    this.grid.replaceChildren(
      make("div", { role: "row", class: "columns" }, make("span", { role: "presentation" }), ...this.columns),
      ...this.rows,
    );
    this.grid.style.setProperty("--columns", columns);
  }

  rowHeader(layer) {
    return make("span", { role: "rowheader", title: store.phrase("atlas.row", { layer }), "data-layer": layer }, `L${layer}`);
  }

  /** Tiles as large as the width allows, a whole number of the screen's own pixels apart. */
  fit(repaint = false) {
    const width = this.scroll.clientWidth;
    if (!store.ready || !width) return;
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const pointer = matchMedia("(pointer: coarse)").matches ? "coarse" : "fine";
    const wide = (width - LABEL) / this.columns.length - GAP;
    const side = Math.floor(Math.min(LARGEST, Math.max(SMALLEST[pointer] - GAP, wide)) * ratio) / ratio;
    if (side === this.side && !repaint) return;
    this.side = side;
    this.grid.style.setProperty("--side", `${side}px`);
    this.number();
    this.paint();
  }

  /** The number of every head, or of every other one and the chosen one where tiles are narrow. */
  number() {
    const narrow = this.side + GAP < NUMBER;
    const chosen = this.columns.findIndex((column) => column.classList.contains("chosen"));
    const beside = (head) => Math.abs(head - chosen) === 1;
    this.columns.forEach((column, head) => (column.textContent = head === chosen || !narrow || (head % 2 === 0 && !beside(head)) ? head : ""));
  }

  paint() {
    const { packet, settings } = store;
    const pitch = this.side + GAP;
    const context = sharpen(this.canvas, this.columns.length * pitch, packet.layers * pitch);
    const ratio = this.canvas.width / (this.columns.length * pitch);
    const pixel = Math.round(this.side * ratio);
    const table = pixels(inks(this.view, settings.ramp));
    const manner = {
      visible: packet.thumbnail ? { length: packet.thumbnail.cols } : store.visible, // a pooled head hides nothing
      renormalised: settings.specials === "renormalised",
      perRow: settings.scale === "row",
    };
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    packet.heads.forEach((count, layer) => {
      for (let head = 0; head < count; head++) {
        const image = tile(shown(packet.tile(layer, head), manner), pixel, pixel, table);
        context.putImageData(image, Math.round(head * pitch * ratio), Math.round(layer * pitch * ratio));
      }
    });
    document.documentElement.dataset.attnvizPainted = packet.id;
  }

  /** Which cells are chosen, and the words that say so. */
  mark() {
    const { choice } = store;
    press(this.averages, choice.average);
    const parts = new Map(store.parts.map(({ layer, head, weight }) => [`${layer} ${head}`, weight]));
    const most = Math.max(...parts.values());
    for (const cell of this.cells.flat()) {
      const { layer, head } = this.placeOf(cell);
      const chosen = layer === choice.layer && head === choice.head;
      const weight = parts.get(`${layer} ${head}`);
      cell.tabIndex = -1;
      cell.setAttribute("aria-selected", choice.average === "none" ? chosen : weight !== undefined);
      cell.classList.toggle("chosen", chosen);
      cell.style.setProperty("--part", weight === undefined ? 0 : weight / most);
    }
    this.nearest(choice).tabIndex = 0;
    this.columns.forEach((column, head) => column.classList.toggle("chosen", head === choice.head));
    this.rows.forEach((row, layer) => row.classList.toggle("chosen", layer === choice.layer));
    this.number();
    this.grid.dataset.average = choice.average;
    this.grid.setAttribute("aria-multiselectable", choice.average !== "none");
    this.mix.draw();
    this.tell();
    this.bringIntoSight();
  }

  tell() {
    const { tiles, queries } = store.packet;
    this.caption.textContent = this.under ? describe(this.under).brief : sumUp();
    this.sampled.hidden = !tiles;
    this.sampled.textContent = tiles ? store.phrase("atlas.sampled", { sampled: tiles.sampled, count: queries }) : "";
  }

  hover(place) {
    this.under = place;
    if (store.ready) this.tell();
  }

  placeOf(element) {
    const cell = element.closest?.(".cell");
    return cell ? { layer: Number(cell.dataset.layer), head: Number(cell.dataset.head) } : null;
  }

  click(event) {
    const place = this.placeOf(event.target);
    const row = event.target.closest("[role=rowheader]");
    if (place && event.shiftKey) toggle(place);
    else if (place) this.choose(place);
    else if (row) store.choose({ layer: Number(row.dataset.layer), average: "heads" });
    if (place) this.focus(place);
  }

  key(event) {
    const from = this.placeOf(event.target);
    if (!from) return;
    if (event.key === "m" && !event.ctrlKey && !event.metaKey) toggle(from);
    else if (event.key === "Enter" || event.key === " ") this.choose(from);
    else {
      const place = step(event, from, store.packet.heads, this.layersInSight);
      if (!place) return;
      this.choose(place, place.layer !== from.layer);
      this.focus(place);
    }
    event.preventDefault();
  }

  /** A mix stays while the visitor looks for its next head, a layer's mean while the visitor walks through layers. */
  choose(place, acrossLayers = false) {
    const { average } = store.choice;
    const kept = average === "mix" || (average === "heads" && acrossLayers);
    store.choose({ ...place, average: kept ? average : "none" });
  }

  average(value) {
    if (value === "mix") turnToMix();
    else store.choose({ average: value });
  }

  focus(place) {
    this.nearest(place).focus({ preventScroll: true });
  }

  /** The cell of a head, or the nearest one while the packet of another model is on its way. */
  nearest({ layer, head }) {
    const row = this.cells[Math.min(layer, this.cells.length - 1)];
    return row[Math.min(head, row.length - 1)];
  }

  get layersInSight() {
    return Math.max(1, Math.floor(this.scroll.clientHeight / (this.side + GAP)) - 1);
  }

  /** Scrolls the atlas alone, never the page. */
  bringIntoSight() {
    if (!this.side) return;
    const { scroll } = this;
    const cell = this.nearest(store.choice).getBoundingClientRect();
    const room = scroll.getBoundingClientRect();
    const ring = 4;
    const before = { x: room.left + LABEL + ring - cell.left, y: room.top + TOP + ring - cell.top };
    const after = { x: cell.right + ring - room.left - scroll.clientWidth, y: cell.bottom + ring - room.top - scroll.clientHeight };
    scroll.scrollLeft += before.x > 0 ? -before.x : Math.max(0, after.x);
    scroll.scrollTop += before.y > 0 ? -before.y : Math.max(0, after.y);
  }
}

export const { render, unmount } = mounted(HeadAtlas);
