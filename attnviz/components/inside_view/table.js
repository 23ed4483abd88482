// One table of numbers as colours: a row a token, a column a number of its vector or a key. Pointing says the number.
import { make, sharpen } from "../common/dom.js";

const [LABEL_WIDTH, PHONE_LABEL_WIDTH] = [96, 72];
const [TALLEST, SHORTEST, ALL_ROWS] = [18, 5, 330]; // pixels of a row, and about how many pixels all rows may take
const WIDEST = 44; // of a cell with its number in it
const [NUMBER_WIDTH, NUMBER_HEIGHT] = [36, 16]; // a cell from which its number is written into it
const TOP = 62; // above a table of keys, for the longest of their names
const READABLE = 9; // pixels of a row or column from which every one is named
const SLANT = -Math.PI / 3;
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** A number as it is told: six digits, a true minus sign. */
export const exact = (number) => (number === -Infinity ? "−∞" : String(Number(number.toPrecision(6)))).replace("-", "−");

/** A number as it fits into a cell. */
const brief = (number) => (number === -Infinity ? "−∞" : Math.abs(number) >= 100 ? number.toFixed(0) : number.toFixed(2)).replace("-", "−");

export class Table {
  /** hands: {tell(table, row, col) or tell(null), pick(row), label(token)}. */
  constructor(hands) {
    this.hands = hands;
    this.name = make("span", { class: "name" });
    this.shape = make("span", { class: "shape number" });
    this.what = make("span", { class: "what" });
    this.scale = make("span", { class: "scale number", "aria-hidden": "true" });
    this.canvas = make("canvas", { tabindex: 0, role: "img" });
    this.element = make("figure", { class: "table" }, make("figcaption", {}, this.name, this.shape, this.what, this.scale), this.canvas);
    this.canvas.addEventListener("pointermove", (event) => this.pointed(event));
    this.canvas.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && this.point(null)); // a finger that is lifted has read nothing yet
    this.canvas.addEventListener("click", (event) => this.clicked(event));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("focus", () => this.canvas.matches(":focus-visible") && this.point(this.at ?? [this.query, 0]));
    this.canvas.addEventListener("blur", () => this.point(null));
  }

  /** what: {table, rows, cols, values, keys, ink, query, width, span, title, words, range}; keys: columns are tokens. */
  draw(what) {
    Object.assign(this, what);
    this.name.textContent = this.title;
    this.shape.textContent = `${this.rows} × ${this.cols}`;
    this.what.textContent = this.words;
    this.scale.textContent = this.range;
    this.canvas.setAttribute("aria-label", `${this.title}, ${this.words}, ${this.rows} × ${this.cols}`);
    this.element.dataset.name = this.table;
    if (this.at && (this.at[0] >= this.rows || this.at[1] >= this.cols)) this.at = null;
    this.lay();
    this.paint();
  }

  lay() {
    this.left = this.width < 480 ? PHONE_LABEL_WIDTH : LABEL_WIDTH;
    const room = this.width - this.left - 4;
    this.cell = Math.min(room / this.cols, this.keys ? WIDEST : room);
    const tallest = this.keys ? Math.min(this.cell, 26) : TALLEST;
    this.row = Math.max(SHORTEST, Math.min(tallest, ALL_ROWS / this.rows));
    this.named = this.keys && this.cell >= READABLE;
    this.top = this.named ? this.room() : 2;
  }

  /** The room that the names of the keys need, on their slant. */
  room() {
    const context = this.canvas.getContext("2d");
    context.font = `11px ${this.ink.font}`;
    const longest = Math.max(...Array.from({ length: this.cols }, (_, col) => context.measureText(this.hands.label(col)).width));
    return Math.min(TOP, Math.ceil(longest * Math.sin(-SLANT)) + 16);
  }

  value(row, col) {
    return this.values[row * this.cols + col];
  }

  paint() {
    const { ink, rows, cols, left, top, cell, row: height } = this;
    const context = sharpen(this.canvas, left + cell * cols + (this.keys ? 30 : 4), top + height * rows + 3);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.font = `12px ${ink.font}`;
    const numbered = cell >= NUMBER_WIDTH && height >= NUMBER_HEIGHT;
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) this.fill(context, row, col, numbered);
      if (height >= READABLE || row === this.query) this.nameRow(context, row);
    }
    if (this.named) for (let col = 0; col < cols; col++) this.nameColumn(context, col);
    context.strokeStyle = ink.accent;
    context.lineWidth = 2;
    if (this.span) context.strokeRect(left + cell * this.span[0], top - 1, cell * this.span[1], height * rows + 2);
    context.strokeRect(left - 1, top + height * this.query - 1, cell * cols + 2, height + 2);
    if (this.lit) context.strokeRect(left + cell * this.lit[1], top + height * this.lit[0], Math.max(3, cell), height);
  }

  fill(context, row, col, numbered) {
    const { ink, left, top, cell, row: height } = this;
    const value = this.value(row, col);
    const share = this.share(value);
    context.fillStyle = share === null ? ink.line : ink.css(share);
    const gap = cell > 8 && height > 8 ? 1 : 0;
    context.fillRect(left + cell * col, top + height * row, Math.max(cell - gap, cell < 1 ? 1 : 0), height - gap);
    if (!numbered) return;
    context.fillStyle = share === null ? ink.faint : ink.on(share);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `11px ${ink.font}`;
    context.fillText(brief(value), left + cell * (col + 0.5), top + height * (row + 0.5) + 0.5);
  }

  nameRow(context, row) {
    const { ink, left, top, row: height } = this;
    context.fillStyle = row === this.query ? ink.accent : ink.text;
    context.font = `${row === this.query ? 600 : 400} ${Math.min(12, Math.max(10, height))}px ${ink.font}`;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(fitted(context, this.hands.label(row), left - 12), left - 8, top + height * (row + 0.5));
  }

  nameColumn(context, col) {
    const { ink, left, top, cell } = this;
    context.save();
    context.translate(left + cell * (col + 0.5), top - 5);
    context.rotate(SLANT);
    context.fillStyle = ink.text;
    context.font = `11px ${ink.font}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(fitted(context, this.hands.label(col), TOP + 2), 0, 0);
    context.restore();
  }

  /** Where the pointer is: [row, column], or null beside the cells. */
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top - this.top) / this.row);
    const col = Math.floor((event.clientX - box.left - this.left) / this.cell);
    return row >= 0 && row < this.rows && col < this.cols ? [row, col] : null;
  }

  pointed(event) {
    const place = this.place(event);
    this.point(place && place[1] >= 0 ? place : null);
  }

  clicked(event) {
    const place = this.place(event);
    if (place && place[1] >= 0) this.point(place); // a finger does not hover
    if (place) this.hands.pick(place[0]);
  }

  key(event) {
    const move = MOVES[event.key];
    if (event.key === "Enter" && this.lit) this.hands.pick(this.lit[0]);
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [row, col] = this.lit ?? [this.query, 0];
    this.point([Math.max(0, Math.min(this.rows - 1, row + move[0])), Math.max(0, Math.min(this.cols - 1, col + move[1]))]);
  }

  point(place) {
    if (String(place) === String(this.lit ?? null)) return;
    this.lit = place;
    this.at = place ?? this.at;
    this.paint();
    this.hands.tell(place && this, ...(place ?? []));
  }
}

/** A table on both sides of 0: half of the ramp for each; weights have the upper half, by their root. */
export const shareOf = (table, most) =>
  table === "W" ? (value) => 0.5 + Math.sqrt(value) / 2 : (value) => (value === -Infinity ? null : 0.5 + Math.max(-1, Math.min(1, value / most)) / 2);

/** A name as long as there is room for it. */
function fitted(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  const letters = [...text];
  while (letters.length > 1 && context.measureText(`${letters.join("")}…`).width > room) letters.pop();
  return `${letters.join("")}…`;
}
