// Small pieces of figures: tokens to choose from, bars, and what a key does.
import { make } from "../common/dom.js";
import { strength } from "../common/ink.js";

/** Where an arrow key leads from `at` in a row of `count`; null where it leads nowhere. */
export function step(key, at, count) {
  const to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[key];
  return to === undefined || to < 0 || to >= count ? null : to;
}

/** Tokens in a row, one of them chosen; each dyed by its share and with its number below, where there is one. */
export class Chips {
  constructor(legend, names, onpick) {
    this.onpick = onpick;
    this.chips = names.map((name, at) => make("button", { type: "button", class: "chip", onclick: () => onpick(at) },
      make("span", { class: "name" }, name), make("span", { class: "number" })));
    this.element = make("div", { class: "chips", role: "group", "aria-label": legend, onkeydown: (event) => this.walk(event) }, ...this.chips);
  }

  walk(event) {
    const to = step(event.key, this.at, this.chips.length);
    if (to === null) return;
    event.preventDefault();
    this.onpick(to);
    this.chips[to].focus();
  }

  draw(at, ink, shares = null) {
    this.at = at;
    this.chips.forEach((chip, index) => {
      const share = shares ? strength(shares[index]) : 0;
      chip.setAttribute("aria-pressed", String(index === at));
      chip.tabIndex = index === at ? 0 : -1;
      chip.style.background = shares ? ink.css(share) : "";
      chip.style.color = shares ? ink.on(share) : "";
      chip.lastChild.textContent = shares ? shares[index].toFixed(2) : "";
    });
  }
}

/** Named bars, each with its numbers; shares are of 1. */
export class Bars {
  constructor() {
    this.element = make("ul", { class: "bars" });
  }

  draw(rows) {
    this.element.replaceChildren(...rows.map(({ name, before, share, number, chosen }) =>
      make("li", { class: chosen ? "chosen" : null },
        make("span", { class: "name" }, name),
        before === undefined ? null : make("span", { class: "number before" }, before),
        make("span", { class: "track" }, make("span", { class: "fill", style: `width:${(share * 100).toFixed(2)}%` })),
        make("span", { class: "number" }, number))));
  }
}

/** A slider over a few stops, with what it stands at. */
export class Slider {
  constructor(legend, count, at, onslide) {
    this.says = make("output", { class: "number" });
    this.input = make("input", { type: "range", min: 0, max: count - 1, step: 1, value: at, oninput: () => onslide(Number(this.input.value)) });
    this.element = make("label", { class: "slider" }, make("span", {}, legend), this.input, this.says);
  }

  say(text) {
    this.says.textContent = text;
    this.input.setAttribute("aria-valuetext", text);
  }
}
