// A mix of heads of the visitor's own: which heads are in it, and the list where their weights are set.
import { make } from "../common/dom.js";
import { percentText } from "../common/numbers.js";
import { store } from "../common/store.js";

const STEP = 5; // per cent
const same = (part, { layer, head }) => part.layer === layer && part.head === head;
const name = ({ layer, head }) => `L${layer} H${head}`;
const percent = (weight) => Math.round(100 * weight);

/** The heads of the mix, or the one head that is shown while there is none. */
const current = () => {
  const { layer, head, average, mix } = store.choice;
  return average === "mix" && mix.length ? mix : [{ layer, head, weight: 1 }];
};

export const mixes = (place) => store.choice.average === "mix" && store.choice.mix.some((part) => same(part, place));

/** Take a head into the mix, or out of it; the last one to go leaves a single head. */
export function toggle({ layer, head }) {
  const place = { layer, head };
  const mix = mixes(place) ? current().filter((part) => !same(part, place))
    : current().some((part) => same(part, place)) ? current()
    : [...current(), { ...place, weight: 1 }];
  store.choose({ ...place, mix, average: mix.length ? "mix" : "none" });
}

/** Turn to the mix: the one made before, else the head that is shown. */
export function turnToMix() {
  const { layer, head, mix } = store.choice;
  store.choose({ average: "mix", mix: mix.length ? mix : [{ layer, head, weight: 1 }] });
}

function weigh(place, weight) {
  store.choose({ mix: store.choice.mix.map((part) => (same(part, place) ? { ...part, weight } : part)) });
}

export class Mix {
  /** `home` takes the focus back to the tiles when the mix is gone. */
  constructor(home) {
    this.home = home;
    this.list = make("ul", { class: "parts" });
    this.toggle = make("button", { type: "button", class: "toggle", onclick: () => toggle(store.choice) });
    this.hint = make("p", { class: "hint" });
    this.element = make("div", { class: "mix", hidden: true }, this.list, this.hint, this.toggle);
  }

  draw() {
    const mixing = store.choice.average === "mix" && store.choice.mix.length > 0;
    this.element.hidden = !mixing;
    if (!mixing) return;
    this.drawList();
    this.hint.textContent = store.phrase("atlas.mix.hint");
    this.hint.hidden = !mixes(store.choice);
    this.toggle.textContent = store.phrase("atlas.mix.add", { head: name(store.choice) });
    this.toggle.hidden = !this.hint.hidden;
  }

  /** A row of its own for each head; rows stay while the slider in one of them moves. */
  drawList() {
    const { mix } = store.choice;
    const names = mix.map(name).join() + store.settings.language;
    if (names !== this.names) this.list.replaceChildren(...mix.map((part) => this.row(part)));
    this.names = names;
    this.list.setAttribute("aria-label", store.phrase("atlas.mix.list"));
    const total = mix.reduce((sum, part) => sum + part.weight, 0) || 1;
    mix.forEach((part, index) => this.fill(this.list.children[index], percent(part.weight), (100 * part.weight) / total));
  }

  /** One head: its name leads to its tile, the slider weighs it, the cross takes it out. */
  row({ layer, head }) {
    const place = { layer, head };
    const blanks = { head: name(place) };
    const slider = make("input", {
      type: "range", min: 0, max: 100, step: STEP, "aria-label": store.phrase("atlas.mix.weight", blanks),
      oninput: () => weigh(place, Number(slider.value) / 100),
    });
    return make("li", {},
      make("button", { type: "button", class: "name", onclick: () => store.choose(place) }, name(place)),
      slider,
      make("span", { class: "number" }),
      make("button", {
        type: "button", class: "remove", "aria-label": store.phrase("atlas.mix.remove", blanks), onclick: () => this.remove(place),
      }, "×"),
    );
  }

  /** The slider holds the weight, the number says the share of the map that comes of it. */
  fill(row, value, share) {
    const [, slider, number] = row.children;
    slider.value = value;
    slider.setAttribute("aria-valuetext", `${value} %`);
    number.textContent = percentText(share);
  }

  /** The focus would be lost with the button that it is on. */
  remove(place) {
    toggle(place);
    this.draw();
    const next = this.list.querySelector(".remove");
    if (this.element.hidden || !next) this.home();
    else next.focus();
  }
}
