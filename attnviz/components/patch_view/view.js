// The picture that the model saw and the one that was given, under what the chosen patch reads, or who reads it.
import { make, mounted } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { laid, placeOf } from "../common/patches.js";
import { sight } from "../common/sight.js";
import { aloud, found, sentence, thingText } from "../common/sighted.js";
import { Chips } from "./chips.js";
import { givenFrame, seenBox, seenFrame, unseenShare } from "./frames.js";
import { alone, picture, strengths, topOf } from "./overlay.js";
import { paint } from "./paint.js";
import { Stage } from "./stage.js";
import { Takeaway } from "./takeaway.js";
import { Tools } from "./tools.js";

const SHARE_OF_WINDOW = 0.6; // of its height
const [LEAST_HEIGHT, MOST_HEIGHT] = [300, 900];
const SEEN_SHARE = 0.6; // of the width, where both stand side by side
const GAP = 20;
const NARROW = 560; // below this one picture stands under the other
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const MAPS = ["packet", "settings", "choice"];
const LIKELY = 0.5; // what a query finds is framed unasked where it is so sure

/** What the target reads, and what it has found, where it is a query that finds things. */
const said = (target, line, name) => [sentence(target, line, name), found(target)].filter(Boolean).join(" · ");

class PatchView {
  constructor(root) {
    this.chips = new Chips();
    this.readout = make("p", { class: "readout number" });
    this.seen = new Stage("seen", true, (event) => this.key(event));
    this.given = new Stage("given", false);
    this.stages = make("div", { class: "stages" }, this.seen.element, this.given.element);
    this.spoken = make("p", { class: "unseen", "aria-live": "polite" });
    this.tools = new Tools();
    this.takeaway = new Takeaway(() => this.scene);
    const parts = [this.chips.element, this.readout, this.stages, this.spoken, this.tools.element, this.takeaway.row, this.takeaway.region];
    this.element = make("div", { class: "view patch-view" }, ...parts);
    root.append(this.element);
    this.unsubscribe = sight.subscribe((changed) => this.changed(changed));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.stages);
  }

  update({ setTriggerValue }) {
    this.takeaway.trigger = setTriggerValue;
    this.changed(new Set(["settings"]));
  }

  remove() {
    this.unsubscribe();
    this.observer.disconnect();
    this.element.remove();
  }

  changed(changed) {
    this.element.hidden = !sight.ready;
    if (!sight.ready) return;
    if (MAPS.some((what) => changed.has(what))) this.take();
    this.draw();
    if (changed.size > 1 || !changed.has("hover")) this.takeaway.follow();
    if (changed.has("choice")) this.say();
  }

  /** Another picture, layer or language. */
  take() {
    this.ink = inks(this.element, sight.settings.ramp);
    this.chips.lay();
    this.tools.lay();
    this.takeaway.lay();
    this.tools.mark();
    const { own, other } = sight.sides();
    const axis = own.rows ? own : other;
    const { seen, original } = sight.picture;
    const blanks = { width: seen[1], height: seen[0], rows: axis.rows, cols: axis.cols };
    this.seen.title.textContent = sight.phrase("sight.seen");
    this.seen.caption.textContent = sight.phrase("sight.seen_told", blanks);
    this.seen.canvas.setAttribute("aria-label", sight.phrase("sight.label", blanks));
    this.seen.canvas.setAttribute("aria-description", sight.phrase("sight.keys"));
    const share = unseenShare(sight.picture, axis);
    const told = share < 0.0005 ? "sight.given_whole" : "sight.given_told";
    this.given.title.textContent = sight.phrase("sight.given");
    this.given.caption.textContent = sight.phrase(told, { width: original[1], height: original[0], share: `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %` });
    this.given.canvas.setAttribute("aria-label", this.given.caption.textContent);
  }

  /** Both pictures at the present width. */
  draw() {
    const width = Math.floor(this.stages.clientWidth);
    if (!sight.ready || !sight.picture.bitmaps || !width || !this.ink) return;
    const { line, target } = sight;
    const { own, other } = sight.sides();
    const scaled = sight.unit ? { ...sight.choice, scale: "row" } : sight.choice; // a score has no even share
    const leftOut = sight.artefacts.map((position) => other.cells[position]);
    const drawn = line && other.rows ? this.numbers(laid(other, line.values), leftOut) : null;
    const even = drawn?.even ?? this.even;
    const overlaid = drawn && strengths(other, drawn.values, scaled, even, leftOut);
    this.element.classList.toggle("waiting", Boolean(target) && !line);
    if (target && !line) return; // what was drawn before stays, dimmed
    this.scene = {
      picture: sight.picture, own, other, ink: this.ink, rim: this.rim,
      overlay: overlaid && picture(overlaid, sight.choice, this.ink),
      grey: sight.choice.overlay === "colour" ? Math.min(0.6, sight.choice.opacity / 100) : 0,
      smooth: sight.choice.drawing === "smooth",
      mask: overlaid?.mask,
      artefacts: sight.artefacts,
      laid: overlaid,
      choice: sight.choice,
      things: this.things(),
      chosen: sight.pinned && !sight.pinned.all ? sight.pinned.positions : [],
      under: sight.hover?.query ?? null,
      marked: [sight.hover?.key ?? null].filter((position) => position !== null),
    };
    this.place(width);
    const [seen, given] = sight.picture.bitmaps;
    paint(this.seen.canvas, { ...this.scene, frame: this.seen.frame, bitmap: seen });
    paint(this.given.canvas, { ...this.scene, frame: this.given.frame, bitmap: given });
    const top = overlaid?.top ?? topOf(line?.values ?? [], scaled, even);
    this.chips.mark(line, sight.isAlone ? () => 0 : (value) => Math.sqrt(Math.min(1, value / top)), this.ink);
    this.tools.tell({ top, even, whole: drawn?.whole ?? null }, this.ink);
    this.readout.textContent = line ? said(target, line) : sight.phrase("sight.hint_read");
    this.element.dataset.painted = sight.packet.id;
    document.documentElement.dataset.attnvizPainted = sight.packet.id;
  }

  /** An even share of what is drawn. */
  get even() {
    const { target, choice } = sight;
    return sight.evenShare * (choice.direction === "read" && target ? target.positions.length : 1);
  }

  /** The numbers on the grid as they are, or as shares of what patches get: {values, even, whole}, whole null of the first. */
  numbers(values, leftOut) {
    if (!sight.isAlone) return { values, even: this.even, whole: null };
    const count = values.reduce((sum, value) => sum + !Number.isNaN(value), 0) - leftOut.length;
    return { ...alone(values, leftOut), even: 1 / Math.max(1, count) };
  }

  /** What queries have found, to be framed: all that is likely, and with its name what is chosen or under the hand. */
  things() {
    const { own, other } = sight.sides();
    const under = [[own, sight.hover?.query], [other, sight.hover?.key]];
    const asked = [...(sight.pinned?.all ? [] : (sight.pinned?.positions ?? []).map((position) => [own, position])), ...under];
    const named = asked.map(([axis, position]) => sight.thingAt(axis, position)).filter(Boolean);
    const likely = sight.things.filter((thing) => !thing.nothing && thing.score >= LIKELY && !named.includes(thing));
    const every = sight.pinned?.all;
    const framed = (thing, strong) => ({ box: seenBox(sight.picture, thing.box), text: thingText(thing), strong });
    return [...likely.map((thing) => framed(thing, every)), ...named.map((thing) => framed(thing, true))];
  }

  get rim() {
    return ["#ffffff", this.ink.dark ? "#3b5bdb" : "#1d39c4"];
  }

  /** How large the two are: side by side, or one under the other on a phone. */
  place(width) {
    const narrow = width < NARROW;
    const height = Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, innerHeight * SHARE_OF_WINDOW));
    this.stages.classList.toggle("narrow", narrow);
    const room = width - GAP;
    this.seen.frame = seenFrame(sight.picture, narrow ? width : room * SEEN_SHARE, narrow ? width * 1.4 : height);
    this.given.frame = givenFrame(sight.picture, narrow ? width : room - this.seen.frame.width, narrow ? width : height);
  }

  key(event) {
    if (event.key === "Escape") sight.choose({ query: null, corner: null });
    else if (event.key in ARROWS && !event.altKey && !event.metaKey && !event.ctrlKey) this.walk(ARROWS[event.key], event.shiftKey);
    else return;
    event.preventDefault();
  }

  /** Arrow keys choose the next patch; with Shift they draw a region out. */
  walk([down, across], extend) {
    const { own } = sight.sides();
    const { query, corner } = sight.choice;
    const from = placeOf(own, (extend && corner !== null ? corner : query) ?? -1);
    const within = (value, count) => Math.min(count - 1, Math.max(0, value));
    const to = from
      ? [within(from.row + down, own.rows), within(from.col + across, own.cols)]
      : [Math.floor(own.rows / 2), Math.floor(own.cols / 2)];
    const position = own.rows ? own.at[to[0] * own.cols + to[1]] : -1;
    if (position < 0) return;
    sight.choose(extend && from ? { corner: position === query ? null : position } : { query: position, corner: null });
  }

  /** What a reader who does not see the picture hears of a choice. */
  say() {
    const { target, line } = sight;
    this.spoken.textContent = target && line ? said(target, line, aloud) : "";
  }
}

export const { render, unmount } = mounted(PatchView);
