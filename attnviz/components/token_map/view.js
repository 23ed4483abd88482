// The heat map of the shown heads. Rows are queries, columns are keys.
import { make, mounted, sharpen } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { isolated } from "../common/names.js";
import { weightText } from "../common/numbers.js";
import { store } from "../common/store.js";
import { Aside } from "./aside.js";
import { caption, heads } from "./caption.js";
import { listen } from "./gestures.js";
import { gridOf } from "./grid.js";
import { glided, stepped } from "./keys.js";
import { layout, longestName, longLayout } from "./layout.js";
import { longGrid } from "./long.js";
import { Motion } from "./motion.js";
import { nameFont } from "./names.js";
import { paint } from "./paint.js";
import { Pictures } from "./pictures.js";
import { cellReading, inSight, pairReading } from "./readings.js";
import { Tiles } from "./tiles.js";
import { Tools } from "./tools.js";
import { moved, showing, WHOLE, zoomed } from "./zoom.js";

const ZOOM_STEP = 1.5;
const SHARE_OF_WINDOW = 0.66; // of its height: the sentence above and the caption below are seen with the map
const [LEAST_HEIGHT, MOST_HEIGHT] = [340, 760];
const MAPS = ["packet", "settings", "choice"]; // what changes the map
const NOWHERE = { row: null, column: null };

class TokenMap {
  constructor(root) {
    this.build(root);
    this.grid = null;
    this.part = WHOLE;
    this.cursor = { row: 0, column: 0 };
    this.motion = new Motion((part) => this.look(part));
    store.far.drawn = () => this.redraw();
    listen(this.canvas, this.calls());
    this.unsubscribe = store.subscribe((changed) => this.changed(changed));
    this.observer = new ResizeObserver(() => this.grid && this.arrange());
    this.observer.observe(this.stage);
    document.fonts.ready.then(() => this.grid && this.arrange());
  }

  build(root) {
    this.readout = make("p", { class: "readout number" });
    this.canvas = make("canvas", {
      tabindex: 0, role: "application", onfocus: () => this.focused(), onblur: () => store.point(null),
    });
    this.loading = make("span", { class: "loading", role: "status" });
    this.aside = new Aside(this.asideCalls());
    this.stage = make("div", { class: "stage" }, this.canvas, this.loading);
    this.spoken = make("p", { class: "unseen", "aria-live": "polite" });
    this.caption = make("p", { class: "caption" });
    this.tools = new Tools((ratio) => ({ ...this.scene(ratio), hover: NOWHERE }));
    const parts = [this.readout, this.stage, this.spoken, this.caption, this.tools.element];
    this.element = make("div", { class: "view token-map" }, ...parts);
    root.append(this.element);
  }

  update() {
    this.changed(new Set(["settings"])); // a first mount or another theme
  }

  remove() {
    this.unsubscribe();
    this.motion.stop();
    this.aside.leave();
    store.far.drawn = () => {};
    this.observer.disconnect();
    this.element.remove();
  }

  changed(changed) {
    if (!store.ready) return;
    if (!MAPS.some((what) => changed.has(what))) return this.grid && this.passing(changed);
    const waiting = store.map === null;
    this.element.classList.toggle("waiting", waiting);
    this.loading.textContent = waiting ? store.phrase("map.loading") : "";
    if (!waiting) this.take();
  }

  /** The mouse has moved, or exact numbers of a long map have come. */
  passing(changed) {
    if (changed.has("numbers")) this.numbered();
    this.draw();
  }

  numbered() {
    this.sayCaption();
    this.tools.numbered();
    if (this.isSpoken) this.spoken.textContent = this.reading() ?? "";
  }

  /** A new map, or the same one in other words, colours or parts. */
  take() {
    this.grid = store.isLong ? longGrid(store, this.grid) : gridOf(store);
    this.ink = inks(this.element, store.settings.ramp);
    this.pictures = this.grid.isLong ? Tiles.of(this.grid, this.ink, this.pictures) : new Pictures(this.grid, this.ink);
    this.aside.show(this.grid.isLong && this.grid.rows ? this.stage : null);
    if (!this.grid.isLong) this.aside.leave();
    const shape = `${store.packet.id} ${this.grid.rows} ${this.grid.cols}`;
    if (this.shape !== shape) this.motion.stop();
    if (this.shape !== shape) this.part = WHOLE; // another text; another head of the same one is seen from as close
    this.shape = shape;
    this.say();
    this.arrange();
  }

  say() {
    const name = store.phrase("map.label", { heads: heads(store), count: this.grid.rows });
    this.canvas.setAttribute("aria-label", name);
    this.canvas.setAttribute("aria-description", store.phrase(this.grid.isLong ? "map.keys_long" : "map.keys"));
    this.sayCaption();
    this.tools.take(this.grid, name);
  }

  /** The sentences under the map; those of a long one change with the zoom. */
  sayCaption() {
    this.caption.textContent = caption(store, undefined, this.side);
  }

  /** How many positions a drawn cell covers along each side. */
  get side() {
    return this.grid.isLong && this.place ? this.pictures.sideOf(this.size, devicePixelRatio) : 1;
  }

  /** Lays out for the present width, and draws. */
  arrange() {
    const width = Math.floor(this.stage.clientWidth);
    this.canvas.hidden = !this.grid.rows;
    if (!width || !this.grid.rows) return this.draw();
    this.place = this.grid.isLong ? longLayout({ width, height: this.height, ...this.grid }) : this.placed(width);
    this.draw();
  }

  get height() {
    return Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, innerHeight * SHARE_OF_WINDOW));
  }

  placed(width) {
    const context = this.canvas.getContext("2d");
    context.font = nameFont(this.ink, true);
    const most = longestName(width);
    const [queries, keys] = [this.grid.queries, this.grid.keys].map(({ names }) =>
      names.map((name) => Math.min(most, context.measureText(name).width + 1)),
    );
    return layout({ width, height: this.height, queries, keys, ratio: devicePixelRatio });
  }

  draw() {
    if (!this.grid.rows) this.readout.textContent = store.phrase("map.empty");
    if (!this.place || !this.grid.rows) return;
    const scene = this.scene(devicePixelRatio);
    paint(sharpen(this.canvas, this.place.width, this.place.height), scene);
    if (this.grid.isLong) this.drawLong(scene);
    this.canvas.style.touchAction = this.isZoomed ? "none" : "pan-x pan-y";
    this.readout.textContent = this.reading() ?? this.hint();
  }

  /** Once a frame, however many tiles have come. */
  redraw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      if (this.grid?.isLong) this.draw();
    });
  }

  drawLong(scene) {
    this.aside.draw({ ...scene, size: this.size, isWanted: store.isThere && !store.isTooMuch });
    const blank = this.pictures.isBlank;
    this.element.classList.toggle("waiting", blank && !store.isTooMuch);
    this.loading.textContent = store.isTooMuch ? this.tooMuch : blank ? store.phrase("map.drawing") : "";
    this.canvas.setAttribute("aria-busy", String(blank));
    if (this.saidSide !== this.side) this.sayCaption();
    this.saidSide = this.side;
  }

  get tooMuch() {
    const { tiles, queries, keys } = store.packet;
    const most = Math.floor(tiles.most / (queries * keys));
    return store.phrase("map.too_much", { count: store.parts.length, most });
  }

  scene(ratio) {
    const { grid, place, part, ink, pictures, hover, pinned } = this;
    const [query, key, most] = ["map.query", "map.key", "map.most_of_row"].map((name) => store.phrase(name));
    const { scale } = store.settings;
    return { grid, place, part, ink, pictures, hover, pinned, ratio, scale, words: { query, key, most } };
  }

  get hover() {
    const { queries, keys } = this.grid;
    return { row: queries.places.get(store.hover?.query) ?? null, column: keys.places.get(store.hover?.key) ?? null };
  }

  get pinned() {
    const { query, direction } = store.choice;
    if (direction === "read") return { row: null, column: this.grid.keys.places.get(query) ?? null };
    return { row: this.grid.queries.places.get(query) ?? null, column: null };
  }

  get isZoomed() {
    return this.part.zoom > 1;
  }

  /** The cell under the mouse or the cursor, in words; null when it is on none. */
  reading() {
    const { row, column } = this.hover;
    if (row === null || column === null || store.map === null) return null;
    if (this.grid.isLong) return this.longReading(row, column);
    const { queries, keys, values, cols, exact } = this.grid;
    const weight = weightText(values[row * cols + column], exact, 4);
    return store.phrase("map.reads", { query: isolated(queries.names[row]), key: isolated(keys.names[column]), weight });
  }

  /** Of a long map: what the drawn cell says where it holds many pairs, then the very pair. */
  longReading(row, column) {
    const { grid, pictures, side } = this;
    const drawn = pictures.numberAt(row, column, this.size, devicePixelRatio);
    const pair = pairReading(grid, row, column, side === 1 ? drawn : null);
    return side > 1 && drawn !== null ? `${cellReading(side, drawn)} ${pair}` : pair;
  }

  hint() {
    const { query } = store.choice;
    return query === null ? store.phrase("map.hint") : store.phrase("map.pinned", { token: store.label(query) });
  }

  calls() {
    return {
      at: (x, y) => this.at(x, y),
      point: (cell) => this.point(cell),
      pick: (cell) => this.pick(cell),
      zoom: (factor, x, y) => this.look(zoomed(this.part, factor, this.cellsAt(x, y), this.grid), true),
      pan: (x, y) => this.look(moved(this.part, x / this.size, y / this.size, this.grid), true),
      reset: () => this.go(WHOLE),
      isZoomed: () => this.isZoomed,
      key: (event) => this.key(event),
    };
  }

  asideCalls() {
    return {
      centre: (x, y) => this.look(this.centred(x, y), true),
      walk: (x, y) => this.walk(x, y),
      zoom: (factor) => this.zoom(factor, this.middle),
      reset: () => this.go(WHOLE),
      key: (event) => this.zoomKey(event, this.middle),
    };
  }

  /** The middle of what is in sight, in cells. */
  get middle() {
    const { x, y, zoom } = this.heading;
    return { x: x + this.grid.cols / zoom / 2, y: y + this.grid.rows / zoom / 2 };
  }

  /** Where the map is, or where its motion leads. */
  get heading() {
    return this.motion.target ?? this.part;
  }

  centred(x, y) {
    const { grid, part, middle } = this;
    return moved(part, x * grid.cols - middle.x, y * grid.rows - middle.y, grid);
  }

  /** Moves what is in sight by shares of itself. */
  walk(x, y) {
    const { grid, heading } = this;
    this.go(moved(heading, (x * grid.cols) / heading.zoom, (y * grid.rows) / heading.zoom, grid));
    this.spoken.textContent = inSight(grid, this.heading, this.side);
  }

  get size() {
    return this.place.cell * this.part.zoom;
  }

  /** A point of the canvas in cells, fractions included. */
  cellsAt(x, y) {
    const { part, place, size } = this;
    return { x: part.x + (x - place.left) / size, y: part.y + (y - place.top) / size };
  }

  /** The cell at a point; over a name, its row or column alone. */
  at(x, y) {
    if (!this.place || store.map === null) return null;
    const { left, top, wide, high } = this.place;
    if (x > left + wide || y > top + high || (x < left && y < top)) return null;
    const cells = this.cellsAt(x, y);
    const { rows, cols } = this.grid;
    const row = y < top ? null : Math.min(rows - 1, Math.floor(cells.y));
    const column = x < left ? null : Math.min(cols - 1, Math.floor(cells.x));
    return { row, column };
  }

  point(cell) {
    this.isSpoken = false;
    if (!cell) return store.point(null);
    const { queries, keys } = this.grid;
    if (cell.row !== null && cell.column !== null) this.cursor = cell;
    store.point({ query: queries.positions[cell.row] ?? null, key: keys.positions[cell.column] ?? null });
  }

  /** Pins the token that is read about, or frees it when it was pinned. */
  pick(cell) {
    const { queries, keys } = this.grid;
    const position = store.choice.direction === "read" ? keys.positions[cell.column] : queries.positions[cell.row];
    if (position === undefined) return;
    store.choose({ query: store.choice.query === position ? null : position });
    this.spoken.textContent = this.hint();
  }

  zoom(factor, centre) {
    this.go(zoomed(this.heading, factor, centre, this.grid));
  }

  /** There at once; `byHand` ends a motion under way. */
  look(part, byHand = false) {
    if (byHand) this.motion.stop();
    this.part = part;
    this.draw();
  }

  /** There by a motion, where the map is a long one. */
  go(part) {
    if (this.grid.isLong) this.motion.go(this.part, part);
    else this.look(part);
  }

  key(event) {
    if (!this.place || store.map === null || event.altKey) return false;
    const cell = this.grid.isLong ? glided(event, this.cursor, this.grid, this.heading) : stepped(event, this.cursor, this.grid);
    if (cell) return this.move(cell);
    const { row, column } = this.cursor;
    const others = { Enter: () => this.pick(this.cursor), " ": () => this.pick(this.cursor), Escape: () => this.free() };
    if (!others[event.key]) return this.zoomKey(event, { x: column + 0.5, y: row + 0.5 });
    if (event.ctrlKey || event.metaKey) return false;
    others[event.key]();
    return true;
  }

  zoomKey(event, centre) {
    const zooms = {
      "+": () => this.zoom(ZOOM_STEP, centre),
      "=": () => this.zoom(ZOOM_STEP, centre),
      "-": () => this.zoom(1 / ZOOM_STEP, centre),
      0: () => this.go(WHOLE),
    };
    if (!zooms[event.key] || event.ctrlKey || event.metaKey) return false; // the browser's own zoom stays its own
    zooms[event.key]();
    if (this.grid.isLong) this.spoken.textContent = inSight(this.grid, this.heading, this.sideOf(this.heading));
    this.isSpoken = false;
    return true;
  }

  sideOf(part) {
    return this.pictures.sideOf(this.place.cell * part.zoom, devicePixelRatio);
  }

  /** A cursor that leaves what is in sight takes the map along. */
  move(cell) {
    this.go(showing(this.heading, cell, this.grid));
    this.point(cell);
    this.draw();
    this.spoken.textContent = this.reading();
    this.isSpoken = true; // and again when the exact number has come
    return true;
  }

  free() {
    store.point(null);
    if (store.choice.query !== null) store.choose({ query: null });
    this.spoken.textContent = store.phrase("map.freed");
  }

  focused() {
    if (!this.grid || !this.canvas.matches(":focus-visible")) return; // the mouse points by itself
    const { rows, cols } = this.grid;
    const { row, column } = this.pinned;
    this.point({
      row: Math.min(rows - 1, row ?? this.cursor.row),
      column: Math.min(cols - 1, column ?? this.cursor.column),
    });
  }
}

export const { render, unmount } = mounted(TokenMap);
