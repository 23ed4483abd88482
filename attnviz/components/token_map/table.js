// The map as a table, for reading aloud and for copying: a page of rows and columns at a time.
import { make } from "../common/dom.js";

const COLUMNS = 64;
const ROWS = 128;

export class Table {
  constructor(region) {
    this.region = region;
    this.from = { row: 0, column: 0 };
  }

  /** words: {caption, keys(from, to, count), queries(from, to, count), back, on} */
  show(grid, words) {
    this.grid = grid;
    this.words = words;
    if (this.from.row >= grid.rows) this.from.row = 0;
    if (this.from.column >= grid.cols) this.from.column = 0;
    this.region.replaceChildren(
      this.pager("column", COLUMNS, grid.cols, words.keys),
      this.pager("row", ROWS, grid.rows, words.queries),
      make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": words.caption }, this.page()),
    );
  }

  clear() {
    this.region.replaceChildren();
  }

  pager(side, page, count, name) {
    if (count <= page) return "";
    const from = this.from[side];
    const turn = (step, label, sign) => {
      const disabled = from + step < 0 || from + step >= count;
      const onclick = () => this.turn(side, step, label);
      return make("button", { type: "button", "aria-label": label, disabled, onclick }, sign);
    };
    const to = Math.min(count, from + page);
    const here = make("span", { class: "number" }, name(from, to - 1, count));
    const { back, on } = this.words;
    return make("p", { class: "pager", "data-side": side }, turn(-page, back, "‹"), here, turn(page, on, "›"));
  }

  /** Exact numbers of some places; of a long map null while they are on their way. */
  numbers(rows, columns) {
    const { grid } = this;
    return grid.isLong ? grid.numbers(rows, columns) : (row, column) => grid.values[row * grid.cols + column];
  }

  /** Opens at the page of a cell. */
  open({ row, column }) {
    this.from = { row: row - (row % ROWS), column: column - (column % COLUMNS) };
  }

  turn(side, step, label) {
    this.from[side] += step;
    this.show(this.grid, this.words);
    const pager = this.region.querySelector(`[data-side="${side}"]`);
    const same = [...pager.querySelectorAll("button")].find((button) => button.getAttribute("aria-label") === label);
    (same.disabled ? pager.querySelector("button:not(:disabled)") : same).focus();
  }

  page() {
    const { grid, from, words } = this;
    const columns = range(from.column, COLUMNS, grid.cols);
    const numbers = this.numbers(range(from.row, ROWS, grid.rows), columns);
    this.isWaiting = !numbers;
    const number = (row, column) => make("td", {}, numbers ? numbers(row, column).toFixed(3) : "…");
    const key = (column) => make("th", { scope: "col" }, grid.keys.names[column]);
    const query = (row) => make("th", { scope: "row" }, grid.queries.names[row]);
    const head = make("tr", {}, make("td"), ...columns.map(key));
    const body = range(from.row, ROWS, grid.rows).map((row) =>
      make("tr", {}, query(row), ...columns.map((column) => number(row, column))),
    );
    const caption = make("caption", { class: "unseen" }, words.caption);
    return make("table", {}, caption, make("thead", {}, head), make("tbody", {}, ...body));
  }
}

const range = (from, page, count) => Array.from({ length: Math.min(page, count - from) }, (_, index) => from + index);
