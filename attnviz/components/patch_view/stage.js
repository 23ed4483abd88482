// One of the two pictures: a canvas that answers the mouse, a finger and the keys, and a line under it.
import { make } from "../common/dom.js";
import { positionAt } from "../common/patches.js";
import { sight } from "../common/sight.js";

const NO_PLACE = -1;

export class Stage {
  /** keyed: whether the keys are answered here; the other picture follows. */
  constructor(name, keyed, onkey) {
    this.keyed = keyed;
    this.canvas = make("canvas", {
      ...(keyed ? { tabindex: 0, role: "application", onkeydown: onkey } : { role: "img" }),
      onpointerdown: (event) => this.down(event),
      onpointermove: (event) => this.move(event),
      onpointerup: (event) => this.up(event),
      onpointercancel: () => this.end(),
      onpointerleave: (event) => event.pointerType !== "touch" && !this.anchor && sight.point(null),
    });
    this.title = make("h3");
    this.caption = make("figcaption");
    this.element = make("figure", { class: name }, this.title, this.canvas, this.caption);
    this.anchor = null;
  }

  /** The position under the hand; -1 outside every patch. */
  at(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    const { x, y } = this.frame.seenAt(event.clientX - left, event.clientY - top);
    return positionAt(sight.sides().own, y, x);
  }

  down(event) {
    if (event.button !== 0 || !this.frame) return;
    const position = this.at(event);
    if (position === NO_PLACE) return;
    this.anchor = { position, moved: false };
    this.canvas.setPointerCapture(event.pointerId);
  }

  move(event) {
    if (!this.frame) return;
    const position = this.at(event);
    if (!this.anchor) {
      if (event.pointerType !== "touch") sight.point(position === NO_PLACE ? null : { query: position, key: null });
      return;
    }
    if (position === NO_PLACE || (position === this.anchor.position && !this.anchor.moved)) return;
    this.anchor.moved = true;
    sight.point(null);
    if (position !== sight.choice.corner || this.anchor.position !== sight.choice.query)
      sight.choose({ query: this.anchor.position, corner: position === this.anchor.position ? null : position });
  }

  up(event) {
    const { anchor } = this;
    this.end();
    if (!anchor || anchor.moved) return;
    const free = sight.choice.query === anchor.position && sight.choice.corner === null;
    sight.choose(event.shiftKey && sight.choice.query !== null ? { corner: anchor.position } : { query: free ? null : anchor.position, corner: null });
  }

  end() {
    this.anchor = null;
  }
}
