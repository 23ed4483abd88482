// The tokens beside the patches as buttons: class token, registers, detection tokens, queries; dyed with what they get.
import { make, press, segments } from "../common/dom.js";
import { sight } from "../common/sight.js";
import { plain, shareText } from "../common/sighted.js";

const DIRECTIONS = ["reads", "read"];

export class Chips {
  constructor() {
    this.all = make("button", { type: "button", class: "chip", onclick: () => sight.choose({ query: null, corner: null }) });
    this.list = make("div", { class: "list", role: "group" });
    this.directions = make("div");
    this.element = make("div", { class: "chips" }, this.list, this.directions);
  }

  /** The tokens of a layer: those that can be chosen, then those that only get or give. */
  lay() {
    const { own, other } = sight.sides();
    const { language } = sight.settings;
    if (this.language !== language) this.layDirections();
    this.language = language;
    this.list.setAttribute("aria-label", sight.phrase("sight.tokens"));
    this.all.textContent = sight.phrase("sight.all");
    this.all.title = sight.phrase("sight.all_hint");
    if (this.own === own && this.other === other && this.things === sight.things) return;
    [this.own, this.other, this.things] = [own, other, sight.things];
    const chosen = [...own.named.values()].filter(({ kind }) => kind !== "padding");
    const only = own === other ? [] : [...other.named.values()].filter(({ label }) => !chosen.some((each) => each.label === label));
    this.buttons = chosen.map((token) => this.button(token));
    this.only = only.map((token) => make("span", { class: "chip only", "data-position": token.position }, plain(other, token.position)));
    this.list.replaceChildren(this.all, ...this.buttons, ...this.only);
  }

  button({ position, kind }) {
    const thing = sight.thingAt(this.own, position);
    const point = (query) => sight.point(query === null ? null : { query, key: null });
    return make("button", {
      type: "button", class: "chip", "data-position": position, "data-kind": kind,
      onclick: () => this.choose(position),
      onpointerenter: (event) => event.pointerType !== "touch" && point(position),
      onpointerleave: () => point(null),
    }, thing && !thing.nothing ? `${plain(this.own, position)} · ${thing.label}` : plain(this.own, position));
  }

  choose(position) {
    sight.choose({ query: sight.choice.query === position ? null : position, corner: null });
  }

  layDirections() {
    const options = DIRECTIONS.map((value) => ({ value, text: sight.phrase(`sight.direction.${value}`) }));
    const laid = segments("directions", sight.phrase("sight.direction.legend"), options, (direction) => sight.turn(direction));
    this.directions.replaceWith(laid);
    this.directions = laid;
  }

  /** Which is chosen, and what each gets or gives. */
  mark(line, strength, ink) {
    const { query, direction } = sight.choice;
    press(this.directions, direction);
    this.all.hidden = direction === "read";
    this.all.setAttribute("aria-pressed", query === null);
    for (const button of this.buttons) button.setAttribute("aria-pressed", Number(button.dataset.position) === query);
    for (const [chips, axis] of [[this.buttons, this.own], [this.only, this.other]]) {
      const dyed = axis === this.other && line;
      for (const chip of chips) dye(chip, dyed ? line.values[Number(chip.dataset.position)] : null, line?.exact, strength, ink);
    }
  }
}

function dye(chip, value, exact, strength, ink) {
  chip.style.background = value === null ? "" : ink.css(strength(value));
  chip.style.color = value === null ? "" : ink.on(strength(value));
  chip.title = value === null ? "" : shareText(value, exact);
}
