// The strongest keys of a query, or the strongest readers of a key: a name, a bar, a number; each points at its cell.
import { make } from "../common/dom.js";
import { weightText } from "../common/numbers.js";
import { greatest } from "../common/reading.js";
import { store } from "../common/store.js";

const COUNT = 5;

export class Top {
  constructor() {
    this.title = make("h3");
    this.lines = Array.from({ length: COUNT }, (_, index) => this.line(index));
    this.note = make("p", { class: "note" });
    this.element = make("section", {}, this.title, make("ol", {}, ...this.lines.map(({ item }) => item)), this.note);
  }

  line(index) {
    const name = make("span", { class: "name" });
    const amount = make("span", { class: "amount number" });
    const bar = make("span", { class: "bar", "aria-hidden": "true" });
    const point = () => store.point(this.cell(index));
    const leave = () => store.point(null);
    const hands = { onclick: point, onfocus: point, onpointerenter: point, onblur: leave, onpointerleave: leave };
    const button = make("button", { type: "button", ...hands }, bar, name, amount);
    return { item: make("li", {}, button), button, name, amount };
  }

  cell(index) {
    return this.read ? { query: this.places[index], key: this.token } : { query: this.token, key: this.places[index] };
  }

  draw(token) {
    this.token = token;
    this.read = store.choice.direction === "read";
    const reads = (other) => other < store.map.rows; // a sink is read and reads nothing
    const others = this.read ? store.visible.filter(reads) : store.visible;
    const shares = store.shares(token, store.choice.direction);
    const values = others.map((other) => shares[other]);
    const order = greatest(values, COUNT);
    this.places = order.map((place) => others[place]);
    this.title.textContent = store.phrase(this.read ? "rail.top_readers" : "rail.top_keys");
    this.lines.forEach((line, index) => this.fill(line, index, values[order[index]], values[order[0]]));
    const sum = weightText(values.reduce((total, value) => total + value, 0), store.map.exact, 2);
    this.note.textContent = this.read ? store.phrase("rail.column", { sum }) : "";
    this.mark();
  }

  fill({ item, button, name, amount }, index, value, most) {
    item.hidden = value === undefined;
    if (item.hidden) return;
    name.textContent = store.label(this.places[index]);
    amount.textContent = weightText(value, store.map.exact);
    button.style.setProperty("--share", most > 0 ? value / most : 0);
  }

  /** Lights the line of the cell that is pointed at, here or in another view. */
  mark() {
    const { hover } = store;
    this.lines.forEach(({ item }, index) => {
      const cell = item.hidden ? null : this.cell(index);
      item.classList.toggle("lit", Boolean(cell && hover && cell.query === hover.query && cell.key === hover.key));
    });
  }
}
