// What stands beside a long map: the small map, the buttons that zoom, and the wish for the tiles in sight.
import { make } from "../common/dom.js";
import { store } from "../common/store.js";
import { Minimap } from "./minimap.js";

const ASK_MS = 60; // a moving map asks for what it shows so often at most
const STEP = 2;
const BUTTONS = [["map.farther", "−", (calls) => calls.zoom(1 / STEP)], ["map.closer", "+", (calls) => calls.zoom(STEP)], ["map.whole", "⤢", (calls) => calls.reset()]];

export class Aside {
  /** calls: those of Minimap, and zoom(factor), reset() */
  constructor(calls) {
    this.minimap = new Minimap(calls);
    this.buttons = BUTTONS.map(([phrase, sign, press]) => ({
      phrase,
      element: make("button", { type: "button", onclick: () => press(calls) }, sign),
    }));
    this.bar = make("div", { class: "zoom", role: "group" }, ...this.buttons.map(({ element }) => element));
    this.elements = [this.minimap.canvas, this.bar];
  }

  /** Stands on the stage with a long map alone. */
  show(stage) {
    if (!stage) return this.elements.forEach((element) => element.remove());
    if (!this.bar.isConnected) stage.append(...this.elements);
    this.minimap.name(store.phrase("map.mini"), store.phrase("map.mini_keys"));
    this.bar.setAttribute("aria-label", store.phrase("map.zoom"));
    for (const { phrase, element } of this.buttons) {
      element.setAttribute("aria-label", store.phrase(phrase));
      element.title = store.phrase(phrase);
    }
  }

  /** A scene as paint.js has it, and the pixels of a position. */
  draw(scene) {
    const { place } = scene;
    this.minimap.draw(scene);
    Object.assign(this.bar.style, { left: `${place.left + place.wide - this.bar.offsetWidth}px`, top: `${place.top + place.high + 8}px` });
    this.scene = scene;
    this.asking ??= setTimeout(() => this.ask(), ASK_MS);
  }

  ask() {
    this.asking = undefined;
    const { pictures, part, size, ratio, isWanted } = this.scene;
    store.far.tiles.want(isWanted ? pictures.needed({ part, size, ratio }) : []);
  }

  /** Nothing is wanted any more. */
  leave() {
    clearTimeout(this.asking);
    this.asking = undefined;
    store.far.tiles.want([]);
  }
}
