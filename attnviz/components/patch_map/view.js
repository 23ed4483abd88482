// The map of the shown heads, query by key, beside a small picture that shows which two patches a cell is about.
//
// In direction "reads" a click chooses the row's query, in direction "read" the column's key, for every view of the picture.
import { decode } from "../common/packet.js";
import { make, mounted, sharpen } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { sight } from "../common/sight.js";
import { shareText } from "../common/sighted.js";
import { pixels } from "../head_atlas/paint.js";
import { SHARED_TOP } from "../patch_view/overlay.js";
import { listen } from "../token_map/gestures.js";
import { Motion } from "../token_map/motion.js";
import { moved, showing, WHOLE, zoomed } from "../token_map/zoom.js";
import { Glance } from "./glance.js";
import { layout } from "./layout.js";
import { paint } from "./paint.js";
import { boxOf, closed, coloured, enlarged } from "./raster.js";
import { readable, told } from "./reach.js";
import { content, isTiled, largest, Tiled, Whole } from "./sheet.js";
import { nameAt, sideOf, stepped } from "./sides.js";

const ZOOM_STEP = 1.6;
const SHARE_OF_WINDOW = 0.7; // of its height
const [LEAST_HEIGHT, MOST_HEIGHT] = [300, 720];
const SHARP_FROM = 6; // device pixels: cells of this size may differ by one and look alike
const BESIDE = 190; // CSS pixels of the small picture and the gap before it
const NARROW = 560; // below this it stands above the map
const NEAR = "200px"; // of the screen
const BUTTONS = { closer: (view) => view.zoom(ZOOM_STEP), farther: (view) => view.zoom(1 / ZOOM_STEP), whole: (view) => view.go(WHOLE) };
const SIGNS = { closer: "+", farther: "−", whole: "⤢" };

/** An exact share with two digits at least: of a thousand keys most get less than a hundredth of a percent. */
function fine(weight) {
  const percent = 100 * weight;
  return sight.unit || percent >= 0.1 || percent === 0 ? shareText(weight, true) : `${Number(percent.toPrecision(2)).toFixed(Math.min(9, 1 - Math.floor(Math.log10(percent))))} %`;
}

class PatchMap {
  constructor(root) {
    this.part = WHOLE;
    this.cursor = { row: 0, column: 0 };
    this.motion = new Motion((part) => this.look(part));
    this.build(root);
    listen(this.canvas, this.calls());
    this.unsubscribe = sight.subscribe((changed) => this.changed(changed));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.stage);
    this.watch = new IntersectionObserver((entries) => this.seen(entries.at(-1).isIntersecting), { rootMargin: NEAR });
    this.watch.observe(this.element);
  }

  build(root) {
    this.said = make("p", { class: "said number" });
    this.canvas = make("canvas", { tabindex: 0, role: "application", onfocus: () => this.focused(), onblur: () => sight.point(null) });
    this.loading = make("span", { class: "loading", role: "status" });
    this.buttons = Object.fromEntries(Object.keys(BUTTONS).map((name) => [name, make("button", { type: "button", onclick: () => BUTTONS[name](this) }, SIGNS[name])]));
    this.glance = new Glance();
    this.canvasHolder = make("div", { class: "holder" }, this.canvas, this.loading);
    this.beside = make("div", { class: "beside" }, this.glance.element, make("div", { class: "zoom", role: "group" }, ...Object.values(this.buttons)));
    this.stage = make("div", { class: "stage" }, this.canvasHolder, this.beside);
    this.spoken = make("p", { class: "unseen", "aria-live": "polite" });
    this.caption = make("p", { class: "caption" });
    this.element = make("div", { class: "view patch-map" }, this.said, this.stage, this.spoken, this.caption);
    root.append(this.element);
  }

  update({ data }) {
    if (data && this.data !== data) this.reach = decode(data);
    this.data = data;
    this.changed(new Set(["settings"]));
  }

  remove() {
    this.unsubscribe();
    this.motion.stop();
    this.observer.disconnect();
    this.watch.disconnect();
    sight.mapTiles = [];
    this.element.remove();
  }

  /** What is not in sight is not drawn: a patch that is chosen above is not kept waiting. */
  seen(isInSight) {
    this.isInSight = isInSight;
    if (isInSight) this.changed(new Set(["choice"]));
  }

  changed(changed) {
    this.element.hidden = !sight.ready;
    if (!sight.ready || !this.isInSight) return;
    if (changed.size > 1 || !changed.has("hover")) this.take();
    this.draw();
  }

  /** Another map, or the same one in other words or colours. */
  take() {
    this.ink = inks(this.element, sight.settings.ramp);
    this.pixels = pixels(this.ink);
    this.takeSides();
    this.takeSheet();
    const layers = sight.isLens || this.reach?.id !== sight.packet.id || this.reach.stack !== sight.packet.stack ? [] : sight.parts.map(({ layer }) => layer);
    const ruled = layers.join();
    if (this.ruled !== `${ruled} ${this.reach?.id}`) {
      this.reads = layers.length ? readable(this.reach, layers) : null;
      this.closed = layers.length ? told(this.reach, layers) : null;
    }
    this.ruled = `${ruled} ${this.reach?.id}`;
    this.say();
  }

  takeSides() {
    const { queries, keys } = sight.layer;
    const kept = isTiled();
    if (this.queries?.axis === queries && this.keys?.axis === keys && this.kept === kept) return;
    this.kept = kept;
    this.queries = sideOf(queries, kept);
    this.keys = queries === keys ? this.queries : sideOf(keys, kept);
    this.motion.stop();
    this.part = WHOLE; // of another grid; another head of the same one is seen from as close
    this.cursor = { row: 0, column: 0 };
  }

  takeSheet() {
    const { scale, fuse } = sight.choice;
    const heads = sight.parts.map(({ layer, head, weight }) => `${layer}.${head}*${weight}`).join();
    const about = [sight.packet.id, sight.packet.stack, sight.shown, heads, fuse, scale, sight.isExact, sight.unit].join(" ");
    const found = isTiled() ? null : content();
    if (!isTiled()) sight.mapTiles = [];
    const name = `${about} ${isTiled()} ${Boolean(found)}`;
    if (this.name === name && this.sheetOf === this.queries) return;
    this.name = name;
    this.sheetOf = this.queries;
    if (isTiled()) this.sheet = new Tiled(this.queries, this.keys, (most) => this.topOf(most));
    else {
      this.top = found && this.topOf(largest(found));
      this.sheet = found && new Whole(found, this.queries, this.keys, this.top);
    }
  }

  /** The weight of the strongest colour. */
  topOf(most) {
    if (sight.choice.scale === "shared" && !sight.unit) return Math.min(1, SHARED_TOP * sight.evenShare);
    return most || 1;
  }

  get isThere() {
    return Boolean(this.sheet?.isThere);
  }

  get isRefused() {
    return sight.isLong && sight.isPicked;
  }

  say() {
    const { parts, choice } = sight;
    const heads = parts.length === 1 ? sight.phrase("second.one", parts[0]) : sight.phrase("second.several", { count: parts.length, fuse: sight.phrase(`sight.fuse.${choice.fuse}`) });
    const blanks = { heads: sight.isLens ? sight.phrase("second.lens") : heads, queries: this.queries.count, keys: this.keys.count };
    this.canvas.setAttribute("aria-label", sight.phrase("second.label", blanks));
    this.canvas.setAttribute("aria-description", sight.phrase("second.keys"));
    for (const [name, button] of Object.entries(this.buttons)) {
      button.title = sight.phrase(`second.${name}`);
      button.setAttribute("aria-label", button.title);
    }
    this.loading.textContent = this.isRefused ? sight.phrase("second.picked_far") : this.isThere ? "" : sight.phrase("second.waiting");
    this.element.classList.toggle("waiting", !this.isThere);
    this.saidSides = null;
  }

  get order() {
    if (!this.queries.isUsual || !this.keys.isUsual) return "second.order_kept";
    return [this.queries, this.keys].some(({ axis }) => axis.named.size) ? "second.order" : "second.order_patches";
  }

  sayCaption({ down, across }) {
    const sides = `${down} ${across}`;
    if (this.saidSides === sides) return;
    this.saidSides = sides;
    const top = this.sheet instanceof Tiled ? this.sheet.top : this.top;
    const whole = top === 1 && sight.choice.scale === "shared"; // so many even shares would be more than everything
    const colour = sight.unit ? "score_told" : whole ? "whole_told" : `${sight.choice.scale}_told`;
    const share = (value) => shareText(value, true);
    const sentences = [
      sight.phrase(this.order),
      down * across > 1 ? sight.phrase("second.pooled", { down, across }) : sight.phrase("second.single"),
      ...(this.closed?.kind === "some" || this.closed?.share === null ? [sight.phrase("second.some")] : []),
      ...(this.reads && this.closed.share !== null ? [sight.phrase(`second.${this.closed.kind}`, { share: `${(100 * this.closed.share).toFixed(this.closed.share > 0.1 ? 0 : 1)} %` })] : []),
      sight.phrase(`second.colour.${colour}`, { top: share(top), even: share(sight.evenShare), times: SHARED_TOP }),
    ];
    this.caption.textContent = sentences.join(sight.phrase("second.between"));
  }

  draw() {
    const width = Math.floor(this.stage.clientWidth);
    if (!sight.ready || !this.isInSight || !width || !this.ink) return;
    const narrow = width < NARROW;
    this.stage.classList.toggle("narrow", narrow);
    const ratio = devicePixelRatio;
    const [rows, cols] = [this.queries.count, this.keys.count];
    this.place = layout({ width: narrow ? width : width - BESIDE, height: this.height, rows, cols, ratio });
    const { hover } = this;
    const scene = {
      queries: this.queries, keys: this.keys, place: this.place, part: this.part, size: this.size, ink: this.ink, ratio, hover,
      raster: this.raster(), chosen: this.chosen, words: { query: sight.phrase("second.query"), key: sight.phrase("second.key") },
    };
    paint(sharpen(this.canvas, this.place.width, this.place.height), scene);
    this.canvas.style.touchAction = this.isZoomed ? "none" : "pan-x pan-y";
    this.glance.draw(this.glimpsed(hover), this, this.rim, narrow);
    this.said.textContent = this.reading() ?? sight.phrase(`second.hint_${sight.choice.direction}`);
    this.element.dataset.painted = scene.raster ? sight.packet.id : "";
  }

  get height() {
    return Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, innerHeight * SHARE_OF_WINDOW));
  }

  get rim() {
    return ["#ffffff", this.ink.dark ? "#3b5bdb" : "#1d39c4"];
  }

  get grid() {
    return { rows: this.queries.count, cols: this.keys.count };
  }

  /** How many CSS pixels a place is wide and high. */
  get size() {
    const { zoom } = this.part;
    return { x: (this.place.wide / this.keys.count) * zoom, y: (this.place.high / this.queries.count) * zoom };
  }

  get isZoomed() {
    return this.part.zoom > 1;
  }

  /** What is in sight as a picture, made anew only where it is another one. */
  raster() {
    if (!this.sheet) return null;
    const { size, part, grid } = this;
    const ratio = Math.min(2, devicePixelRatio);
    const sides = this.sheet.sides(size.y * ratio, size.x * ratio);
    if (this.sheet instanceof Tiled) {
      this.sheet.want(part, sides.down);
      this.loading.textContent = this.isThere ? "" : sight.phrase("second.waiting");
      this.element.classList.toggle("waiting", !this.isThere);
    }
    if (!this.isThere) return null;
    this.sayCaption(sides);
    const box = boxOf(grid, part, sides);
    const come = this.sheet instanceof Tiled ? sight.mapTiles.filter((path) => sight.far.tiles.kept.has(path)).length : 0;
    const [wide, high] = [size.x * sides.across * ratio, size.y * sides.down * ratio].map((side) => (side < SHARP_FROM ? Math.ceil(side) : 1));
    const name = `${this.name} ${this.ruled} ${this.ink.dark} ${Object.values(box)} ${come} ${wide} ${high}`;
    if (this.painted?.name !== name) {
      const small = coloured(this.sheet.fill(box), box, this.pixels);
      const isEnlarged = wide > 1 || high > 1;
      this.painted = { name, box, isEnlarged, canvas: isEnlarged ? enlarged(small, wide, high) : small, closed: closed(box, this.queries, this.keys, this.reads) };
    }
    return this.painted;
  }

  /** The cell under the hand, on whichever view that is. */
  get hover() {
    const { query = null, key = null } = sight.hover ?? {};
    const [row, column] = sight.choice.direction === "read" ? [key, query] : [query, key];
    const place = (side, position) => (position === null ? null : (side.places[position] ?? -1) < 0 ? null : side.places[position]);
    return { row: place(this.queries, row), column: place(this.keys, column) };
  }

  get chosen() {
    const { pinned } = sight;
    if (!pinned || pinned.all) return { rows: [], columns: [] };
    const read = sight.choice.direction === "read";
    const side = read ? this.keys : this.queries;
    const places = pinned.positions.map((position) => side.places[position]).filter((place) => place >= 0);
    return read ? { rows: [], columns: places } : { rows: places, columns: [] };
  }

  /** What the small picture shows: the cell under the hand, or what is chosen where that is one place. */
  glimpsed({ row, column }) {
    const { rows, columns } = this.chosen;
    const alone = (places) => (places.length === 1 ? places[0] : null);
    return { row: row ?? (column === null ? alone(rows) : null), column: column ?? (row === null ? alone(columns) : null) };
  }

  /** The cell under the hand in words; null where there is none. */
  reading() {
    const { row, column } = this.hover;
    if (row === null || column === null || !this.isThere) return null;
    const blanks = { query: nameAt(this.queries, row), key: nameAt(this.keys, column) };
    const [query, key] = [this.queries.order[row], this.keys.order[column]];
    const why = this.closed?.kind === "groups" ? "groups" : "spans";
    if (this.reads && !this.reads(query, key)) return sight.phrase(`second.unread.${why}`, blanks);
    const number = this.numberAt(query, key) ?? { weight: this.sheet.value(row, column), exact: this.sheet.isExact };
    if (number.weight === null) return sight.phrase("second.asking", blanks);
    return sight.phrase("second.reads", { ...blanks, share: number.exact ? fine(number.weight) : shareText(number.weight, false) });
  }

  /** The exact number of a map that does not travel as numbers; null while it is on its way. */
  numberAt(query, key) {
    if (!sight.isLong || sight.isLens || sight.isPicked) return null;
    const read = sight.choice.direction === "read";
    const block = sight.far.number(`${sight.path}/numbers/${sight.span(read ? key : query)}`);
    return block && { weight: block[read ? query : key], exact: true };
  }

  calls() {
    return {
      at: (x, y) => this.at(x, y),
      point: (cell) => this.point(cell),
      pick: (cell) => this.pick(cell),
      zoom: (factor, x, y) => this.look(zoomed(this.part, factor, this.cellsAt(x, y), this.grid), true),
      pan: (x, y) => this.look(moved(this.part, x / this.size.x, y / this.size.y, this.grid), true),
      reset: () => this.go(WHOLE),
      isZoomed: () => this.isZoomed,
      key: (event) => this.key(event),
    };
  }

  cellsAt(x, y) {
    const { part, place, size } = this;
    return { x: part.x + (x - place.left) / size.x, y: part.y + (y - place.top) / size.y };
  }

  /** The cell at a point; over a label, its row or column alone. */
  at(x, y) {
    if (!this.place || !this.isThere) return null;
    const { left, top, wide, high } = this.place;
    if (x > left + wide || y > top + high || (x < left && y < top)) return null;
    const cells = this.cellsAt(x, y);
    const row = y < top ? null : Math.min(this.queries.count - 1, Math.floor(cells.y));
    const column = x < left ? null : Math.min(this.keys.count - 1, Math.floor(cells.x));
    return { row, column };
  }

  point(cell) {
    if (!cell) return sight.point(null);
    if (cell.row !== null && cell.column !== null) this.cursor = cell;
    const [query, key] = [this.queries.order[cell.row] ?? null, this.keys.order[cell.column] ?? null];
    sight.point(sight.choice.direction === "read" ? { query: key, key: query } : { query, key });
  }

  /** Chooses the row's query, or the column's key, or frees it when it was chosen. */
  pick(cell) {
    const position = sight.choice.direction === "read" ? this.keys.order[cell.column] : this.queries.order[cell.row];
    if (position === undefined) return;
    const free = sight.choice.query === position && sight.choice.corner === null;
    sight.choose({ query: free ? null : position, corner: null });
  }

  zoom(factor, centre = this.middle) {
    this.go(zoomed(this.heading, factor, centre, this.grid));
  }

  /** The middle of what is in sight, in cells. */
  get middle() {
    const { x, y, zoom } = this.heading;
    return { x: x + this.grid.cols / zoom / 2, y: y + this.grid.rows / zoom / 2 };
  }

  get heading() {
    return this.motion.target ?? this.part;
  }

  /** There at once; `byHand` ends a motion under way. */
  look(part, byHand = false) {
    if (byHand) this.motion.stop();
    this.part = part;
    this.draw();
  }

  go(part) {
    this.motion.go(this.part, part);
  }

  key(event) {
    if (!this.place || !this.isThere || event.altKey) return false;
    const cell = stepped(event, this.cursor, this.queries, this.keys);
    if (cell) return this.move(cell);
    if (event.ctrlKey || event.metaKey) return false; // the browser's own zoom stays its own
    const centre = { x: this.cursor.column + 0.5, y: this.cursor.row + 0.5 };
    const hands = {
      Enter: () => this.pick(this.cursor), " ": () => this.pick(this.cursor), Escape: () => this.free(),
      "+": () => this.zoom(ZOOM_STEP, centre), "=": () => this.zoom(ZOOM_STEP, centre), "-": () => this.zoom(1 / ZOOM_STEP, centre), 0: () => this.go(WHOLE),
    };
    if (!hands[event.key]) return false;
    hands[event.key]();
    return true;
  }

  /** A cursor that leaves what is in sight takes the map along. */
  move(cell) {
    const part = showing(this.heading, cell, this.grid);
    if (part.x !== this.heading.x || part.y !== this.heading.y) this.look(part, true);
    this.point(cell);
    this.spoken.textContent = this.reading();
    return true;
  }

  free() {
    sight.point(null);
    if (sight.choice.query !== null) sight.choose({ query: null, corner: null });
  }

  focused() {
    if (!this.isThere || !this.canvas.matches(":focus-visible")) return; // the mouse points by itself
    const { rows, columns } = this.chosen;
    this.point({ row: rows[0] ?? this.cursor.row, column: columns[0] ?? this.cursor.column });
  }
}

export const { render, unmount } = mounted(PatchMap);
