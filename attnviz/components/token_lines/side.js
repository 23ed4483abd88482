// One of the two columns: a listbox of tokens that arrow keys walk. Knows nothing of weights.
import { make } from "../common/dom.js";

const FAR = 10;
const STEPS = { ArrowUp: -1, ArrowDown: 1, PageUp: -FAR, PageDown: FAR, Home: -Infinity, End: Infinity };

export class Side {
  /**
   * hands: {point(place | null), pin(place, touched), free(), cross(place), show(element)};
   * `across` is the arrow key that leads to the other column.
   */
  constructor(name, across, hands) {
    this.across = across;
    this.hands = hands;
    this.options = [];
    this.list = make("div", {
      class: `side ${name}`, role: "listbox", "aria-orientation": "vertical",
      onclick: (event) => this.pick(event),
      onkeydown: (event) => this.key(event),
      onfocusin: (event) => this.enter(this.placeOf(event.target)),
      onfocusout: () => hands.point(null),
      onpointerover: (event) => event.pointerType !== "touch" && hands.point(this.placeOf(event.target)),
      onpointerleave: (event) => event.pointerType !== "touch" && hands.point(null),
    });
  }

  /** The tokens: positions in the text and their names. */
  write({ positions, names }) {
    this.entry = null;
    this.options = names.map((label, place) => {
      const name = make("bdi", { class: "name" }, label);
      const number = make("span", { class: "amount number", "aria-hidden": "true" });
      const element = make("div", { class: "token", role: "option", "data-token": positions[place] }, name, number);
      return { element, name, number };
    });
    this.list.replaceChildren(...this.options.map(({ element }) => element));
  }

  /** A name that is cut to the width of the column is whole in a tooltip. */
  fit() {
    const cut = this.options.map(({ name }) => name.scrollWidth > name.clientWidth);
    this.options.forEach(({ name }, place) => (name.title = cut[place] ? name.textContent : ""));
  }

  /** What the column and each token say to a screen reader, and which one is pinned. */
  name(label, sentence, pinned) {
    this.list.setAttribute("aria-label", label);
    this.pinned = pinned;
    this.options.forEach(({ element }, place) => {
      element.setAttribute("aria-label", sentence(place));
      element.setAttribute("aria-selected", place === pinned);
      element.classList.toggle("pinned", place === pinned);
    });
    this.rove();
  }

  /** The one token that the tabulator enters by: the last one visited, else the pinned one, else the first. */
  rove() {
    const entry = this.entry ?? this.pinned ?? 0;
    this.options.forEach(({ element }, place) => (element.tabIndex = place === entry ? 0 : -1));
  }

  /** Marks the token that is pointed at, and gives each its dye(place): {text, ground, ink}, or nothing. */
  shade(pointed, dye) {
    this.options.forEach(({ element, number }, place) => {
      const { text = "", ground = "", ink = "" } = dye(place) ?? {};
      number.textContent = text;
      element.style.background = ground;
      element.style.color = ink;
      element.classList.toggle("pointed", place === pointed);
    });
  }

  placeOf(target) {
    const place = this.options.findIndex(({ element }) => element.contains(target));
    return place < 0 ? null : place;
  }

  pick(event) {
    const place = this.placeOf(event.target);
    if (place !== null) this.hands.pin(place, event.pointerType === "touch");
  }

  enter(place) {
    this.entry = place;
    this.rove();
    this.hands.point(place);
  }

  key(event) {
    const place = this.placeOf(event.target);
    if (place === null || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") this.hands.pin(place);
    else if (event.key === "Escape") this.hands.free();
    else if (event.key === this.across) this.hands.cross(place);
    else if (event.key in STEPS) this.walk(place + STEPS[event.key]);
    else return;
    event.preventDefault();
  }

  /** Takes the focus to a place, or to the nearest one that there is. */
  walk(place) {
    const element = this.options[Math.max(0, Math.min(this.options.length - 1, place))]?.element;
    element?.focus({ preventScroll: true });
    if (element) this.hands.show(element);
  }
}
