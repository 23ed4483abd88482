// Two columns of tokens and a line for each weight: queries at the left read keys at the right.
import { make, mounted, sharpen } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { isolated } from "../common/names.js";
import { weightText } from "../common/numbers.js";
import { store } from "../common/store.js";
import { heads } from "../token_map/caption.js";
import { gridOf } from "../token_map/grid.js";
import { allLines, cellsOf, drawn, leastWeight } from "./lines.js";
import { ALONE, CROWD, paintLines } from "./paint.js";
import { Side } from "./side.js";
import { caption, mostOf, oneLine } from "./words.js";

const FADED = 0.16; // what is left of the other lines while those of one token stand out
const SIDES = { reads: "queries", read: "keys" }; // direction, and the side of the grid that has it
const POINTED = { reads: "query", read: "key" };
const OTHER = { reads: "read", read: "reads" };
const LABELS = { reads: "lines.queries", read: "lines.keys" };

class TokenLines {
  constructor(root) {
    this.grid = null;
    this.build(root);
    this.unsubscribe = store.subscribe((changed) => this.changed(changed));
    this.observer = new ResizeObserver(() => this.grid && this.arrange());
    this.observer.observe(this.between);
    this.observer.observe(this.room);
  }

  build(root) {
    this.sides = { reads: this.side("reads", "ArrowRight"), read: this.side("read", "ArrowLeft") };
    this.headings = { reads: make("div", { class: "heading" }), read: make("div", { class: "heading" }) };
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.between = make("div", { class: "between" }, this.canvas);
    const column = (of) => make("div", { class: "column" }, this.headings[of], this.sides[of].list);
    const columns = make("div", { class: "columns" }, column("reads"), this.between, column("read"));
    this.room = make("div", { class: "room", onscroll: () => this.grid && this.paint() }, columns);
    this.loading = make("span", { class: "loading", role: "status" });
    this.readout = make("p", { class: "readout number" });
    this.caption = make("p", { class: "caption" });
    const stage = make("div", { class: "stage" }, this.room, this.loading);
    this.element = make("div", { class: "view lines" }, this.readout, stage, this.caption);
    root.append(this.element);
  }

  side(direction, across) {
    return new Side(SIDES[direction], across, {
      point: (place) => this.point(direction, place),
      pin: (place, touched) => this.pin(direction, place, touched),
      free: () => store.choose({ query: null }),
      cross: (place) => this.sides[OTHER[direction]].walk(place),
      show: (element) => this.bringIntoSight(element),
    });
  }

  update() {
    this.changed(new Set(["settings"])); // a first mount or another theme
  }

  remove() {
    this.unsubscribe();
    this.observer.disconnect();
    this.element.remove();
  }

  changed(changed) {
    if (!store.ready) return;
    if (store.isLong) return this.refuse();
    if (changed.size === 1 && changed.has("hover")) return this.grid && !this.isWaiting && this.draw();
    this.element.classList.toggle("waiting", this.isWaiting);
    this.loading.textContent = this.isWaiting ? store.phrase("map.loading") : "";
    if (!this.isWaiting) this.take();
  }

  /** A text that is too long for lines. */
  refuse() {
    this.grid = null;
    this.written = null;
    this.room.hidden = true;
    this.loading.textContent = "";
    this.caption.textContent = "";
    this.readout.textContent = store.phrase("lines.too_long", { count: store.packet.keys });
  }

  /** While a layer is on its way the old picture stays and answers nothing. */
  get isWaiting() {
    return store.map === null;
  }

  /** A new map, or the same one in other words, colours or parts. */
  take() {
    this.grid = gridOf(store);
    this.ink = inks(this.element, store.settings.ramp);
    this.least = leastWeight(this.grid);
    this.lines = allLines(this.grid, this.least);
    this.fabric = null;
    this.room.hidden = !this.grid.rows;
    this.write();
    this.say();
    this.draw();
    this.showPinned();
  }

  /** The two columns. Tokens that stay keep their elements, and with them the focus. */
  write() {
    const { queries, keys } = this.grid;
    const written = JSON.stringify([store.packet.id, queries, keys]);
    if (written === this.written) return;
    this.written = written;
    this.sides.reads.write(queries);
    this.sides.read.write(keys);
    this.fit();
  }

  say() {
    this.caption.textContent = caption(this.grid, this.least);
    this.headings.reads.textContent = store.phrase("map.query");
    this.headings.read.textContent = store.phrase("map.key");
    if (!this.grid.rows) return;
    for (const [direction, side] of Object.entries(this.sides)) {
      const aloud = (place) => mostOf(this.grid, direction, place, (weight) => weight.toFixed(2));
      side.name(store.phrase(LABELS[direction], { heads: heads(store) }), aloud, this.pinned(direction));
    }
  }

  /** The place of a token in its column; null when it is hidden or there is none. */
  placeOf(direction, token) {
    return this.grid[SIDES[direction]].places.get(token) ?? null;
  }

  pinned(direction) {
    return store.choice.direction === direction ? this.placeOf(direction, store.choice.query) : null;
  }

  pointed(direction) {
    return this.placeOf(direction, store.hover?.[POINTED[direction]]);
  }

  /** The token whose lines stand out, {direction, place}: the one that is pointed at, else the pinned one; or null. */
  get active() {
    const { hover, choice } = store;
    const alone = hover && (hover.query === null) !== (hover.key === null); // another view may point at a cell
    const direction = !alone ? choice.direction : hover.key === null ? "reads" : "read";
    const place = this.placeOf(direction, hover?.[POINTED[direction]] ?? choice.query);
    return place === null ? null : { direction, place };
  }

  draw() {
    this.readout.textContent = this.reading();
    if (!this.grid.rows) return;
    this.shade();
    this.paint();
  }

  /** The tokens at the other ends of the lines that stand out get their numbers, and the colours of their lines. */
  shade() {
    const { active } = this;
    const cells = active && cellsOf(this.grid, active.direction, active.place);
    for (const [direction, side] of Object.entries(this.sides)) {
      const dyed = active && active.direction !== direction;
      side.shade(this.pointed(direction), (place) => (dyed ? this.dye(cells[place]) : null));
    }
  }

  dye(cell) {
    const { values, bytes, exact } = this.grid;
    const strength = bytes[cell] / 255;
    return { text: weightText(values[cell], exact), ground: this.ink.css(strength), ink: this.ink.on(strength) };
  }

  paint() {
    const { active, scene } = this;
    if (scene.width <= 0 || scene.height <= 0) return;
    const context = sharpen(this.canvas, scene.width, scene.height);
    context.clearRect(0, 0, scene.width, scene.height);
    context.globalAlpha = active ? FADED : 1;
    context.drawImage(this.woven(scene), 0, 0, scene.width, scene.height);
    context.globalAlpha = 1;
    if (!active) return;
    const cells = cellsOf(this.grid, active.direction, active.place);
    paintLines(context, drawn(cells, this.grid, this.least), ALONE, scene);
  }

  /** What is seen of the columns: the canvas stays in the room, for a text may be longer than any canvas. */
  get scene() {
    const { grid, ink, room, between, headings, sides } = this;
    const columns = sides.read.list.offsetHeight;
    const height = Math.min(columns, room.clientHeight - headings.read.offsetHeight);
    return { grid, ink, width: between.clientWidth, height, top: room.scrollTop, step: columns / grid.cols };
  }

  /** All lines, drawn once for a place of the columns: the mouse only fades them. */
  woven(scene) {
    const { width, height, top } = scene;
    const seen = JSON.stringify([width, height, top, devicePixelRatio]);
    if (this.fabric?.seen !== seen) {
      const canvas = make("canvas");
      paintLines(sharpen(canvas, width, height), this.lines, CROWD, scene);
      this.fabric = { seen, canvas };
    }
    return this.fabric.canvas;
  }

  arrange() {
    this.fit();
    this.paint();
  }

  fit() {
    Object.values(this.sides).forEach((side) => side.fit());
  }

  /** The line or the token that is pointed at, in words; else which token is pinned; else what can be done. */
  reading() {
    const { grid, active } = this;
    if (!grid.rows) return store.phrase("map.empty");
    const written = (weight) => weightText(weight, grid.exact);
    const [row, column] = Object.keys(SIDES).map((direction) => this.pointed(direction));
    const cell = row === null || column === null ? null : row * grid.cols + column;
    if (cell !== null) return oneLine(grid, cell, written);
    if (!active) return store.phrase("lines.hint");
    if (store.hover) return mostOf(grid, active.direction, active.place, written);
    return store.phrase("map.pinned", { token: isolated(store.label(store.choice.query)) });
  }

  point(direction, place) {
    if (!this.grid || this.isWaiting) return;
    const token = this.grid[SIDES[direction]].positions[place] ?? null;
    store.point(token === null ? null : { query: null, key: null, [POINTED[direction]]: token });
  }

  /** Pins a token as one that reads or, at the right, as one that is read; a second time frees it. */
  pin(direction, place, touched = false) {
    if (this.isWaiting) return;
    const free = this.pinned(direction) === place;
    store.choose(free ? { query: null } : { query: this.grid[SIDES[direction]].positions[place], direction });
    if (free && touched) store.point(null); // a finger does not hover
  }

  /** A token that another view or a link has pinned is scrolled to, once. */
  showPinned() {
    const { direction, query } = store.choice;
    const pinned = JSON.stringify([store.packet.id, direction, query]);
    const place = this.pinned(direction);
    if (pinned !== this.shown && place !== null) this.bringIntoSight(this.sides[direction].options[place].element);
    this.shown = pinned;
  }

  /** Scrolls the columns, never the page. */
  bringIntoSight(element) {
    const box = element.getBoundingClientRect();
    const room = this.room.getBoundingClientRect();
    const top = room.top + this.headings.reads.offsetHeight;
    if (box.top < top) this.room.scrollTop -= top - box.top + box.height;
    if (box.bottom > room.bottom) this.room.scrollTop += box.bottom - room.bottom + box.height;
  }
}

export const { render, unmount } = mounted(TokenLines);
