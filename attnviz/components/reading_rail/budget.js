// Where the attention of one query goes: a bar, and the same in words and percents.
import { make } from "../common/dom.js";
import { percentText } from "../common/numbers.js";
import { budget, percents } from "../common/reading.js";
import { store } from "../common/store.js";

export class Budget {
  constructor() {
    this.bar = make("div", { class: "bar", "aria-hidden": "true" }); // the list says the same
    this.list = make("ul", { class: "shares number" });
    this.element = make("div", { class: "budget" }, this.bar, this.list);
  }

  draw(query) {
    const { map, packet } = store;
    const shares = Object.entries(budget(store.line(query, "reads"), packet.special, query));
    const rounded = percents(shares.map(([, share]) => share), map.exact ? 1 : 0);
    const parts = shares.map(([kind, share], index) => ({ kind, share, percent: rounded[index] }));
    const shown = parts.filter(({ kind }) => kind !== "special" || packet.special.includes(true));
    this.bar.replaceChildren(...shown.map(segment));
    this.list.replaceChildren(...shown.map((part) => line(part, map.exact)));
  }
}

function segment({ kind, share }) {
  const element = make("span", { "data-kind": kind });
  element.style.flexGrow = share;
  return element;
}

function line({ kind, percent }, exact) {
  const number = exact ? percentText(percent) : `≈ ${percentText(percent, 0)}`;
  const name = make("span", { class: "name" }, kind === "special" ? specials() : store.phrase(`rail.${kind}`));
  return make("li", { "data-kind": kind }, name, make("span", { class: "amount" }, number));
}

/** "[CLS] and [SEP]"; more than two have one word for all. */
function specials() {
  const { special, labels } = store.packet;
  const names = [...new Set(labels.filter((_, index) => special[index]))];
  if (names.length > 2) return store.phrase("rail.special");
  return names.length === 1 ? names[0] : store.phrase("rail.two", { first: names[0], second: names[1] });
}
