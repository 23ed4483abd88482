// The text, token by token: point at one and the others are shaded with what it reads, or with who reads it.
import { make, mounted, press, segments } from "../common/dom.js";
import { inks, strength } from "../common/ink.js";
import { isolated } from "../common/names.js";
import { weightText } from "../common/numbers.js";
import { store } from "../common/store.js";
import { favourite, largest, most, shares } from "./shares.js";
import { step } from "./walk.js";

const DIRECTIONS = ["reads", "read"];
const NAMED = { reads: 4, read: 3 }; // tokens in the caption
const PART = /^(.*) (\d+\/\d+)$/u; // "猫 1/3": a third of the bytes of one character

class TokenStrip {
  constructor(root) {
    this.tokens = [];
    this.elements = [];
    this.build(root);
    this.unsubscribe = store.subscribe((changed) => this.draw(changed));
  }

  update() {
    this.draw(new Set(["packet", "settings", "choice"])); // also after a change of theme
  }

  remove() {
    this.unsubscribe();
  }

  build(root) {
    this.sentence = make("div", {
      class: "sentence", role: "listbox", dir: "auto", "aria-orientation": "horizontal",
      onclick: (event) => this.pin(this.tokenOf(event.target), event.pointerType === "touch"),
      onkeydown: (event) => this.key(event),
      onfocusin: (event) => this.enter(this.tokenOf(event.target)),
      onfocusout: () => this.point(null),
      onpointerover: (event) => event.pointerType !== "touch" && this.point(this.tokenOf(event.target)),
      onpointerleave: (event) => event.pointerType !== "touch" && this.point(null),
    });
    this.caption = make("p", { class: "caption" });
    this.directions = make("div");
    this.view = make("div", { class: "view strip" }, this.sentence, make("div", { class: "below" }, this.caption, this.directions));
    root.append(this.view);
  }

  draw(changed) {
    if (!store.ready) return;
    if (changed.has("packet") || changed.has("settings")) this.write();
    if (changed.has("packet") || changed.has("settings") || changed.has("choice")) this.name();
    this.shade();
  }

  /** The tokens as text, and the switch of directions. */
  write() {
    const { packet, settings } = store;
    this.ink = inks(this.view, settings.ramp);
    if (this.language !== settings.language) this.layDirections(); // a button that is replaced loses the focus
    this.language = settings.language;
    const written = JSON.stringify([packet.id, packet.labels, settings.specials === "shown", settings.spelling]);
    if (written === this.written) return;
    this.written = written;
    this.entry = null;
    this.tokens = store.visible;
    this.elements = this.tokens.map((token, place) => this.element(token, place));
    const gap = (place) => (place === 0 || this.follows(place) ? "" : " ");
    this.sentence.replaceChildren(...this.elements.flatMap((element, place) => [gap(place), element]));
  }

  /** Whether a token stands in the text right after the one before it. The vocabulary's own spelling keeps them apart. */
  follows(place) {
    const token = this.tokens[place];
    return store.settings.spelling !== "raw" && Boolean(store.packet.glued[token]) && this.tokens[place - 1] === token - 1;
  }

  element(token, place) {
    const special = store.packet.special[token];
    const names = ["token", special && "special", this.follows(place) && "glued", this.follows(place + 1) && "gluing"];
    const label = store.label(token);
    const [, character, part] = PART.exec(label) ?? [];
    return make("span",
      { class: names.filter(Boolean).join(" "), role: "option", tabindex: -1, "data-token": token, dir: special ? "ltr" : null },
      ...(part ? [character, make("small", {}, part)] : [label]),
    );
  }

  layDirections() {
    const options = DIRECTIONS.map((value) => ({ value, text: store.phrase(`strip.direction.${value}`) }));
    const laid = segments("directions", store.phrase("strip.direction.legend"), options, (direction) => store.choose({ direction }));
    this.directions.replaceWith(laid);
    this.directions = laid;
  }

  /** What each token says to a screen reader, and which one is pinned. */
  name() {
    const { query, direction } = store.choice;
    press(this.directions, direction);
    this.sentence.setAttribute("aria-label", store.phrase("strip.label"));
    this.tokens.forEach((token, place) => {
      const element = this.elements[place];
      element.setAttribute("aria-label", this.aloud(token));
      element.setAttribute("aria-selected", token === query);
      element.classList.toggle("pinned", token === query);
    });
    this.rove();
  }

  /** The one token that the tabulator enters by: the last one visited, else the pinned one, else the first. */
  rove() {
    const entry = [this.entry, store.choice.query, this.tokens[0]].find((token) => this.tokens.includes(token));
    this.tokens.forEach((token, place) => (this.elements[place].tabIndex = token === entry ? 0 : -1));
  }

  aloud(token) {
    const other = store.map && favourite(token);
    if (!other) return store.label(token);
    const blanks = { token: store.label(token), other: store.label(other.token), weight: other.weight.toFixed(2) };
    return store.phrase(`strip.aloud.${store.choice.direction}`, blanks);
  }

  shade() {
    const { token } = store;
    const shown = token !== null && this.tokens.includes(token);
    const found = shown && store.map ? shares(token) : [];
    const weights = new Map(found.map((share) => [share.token, share.weight]));
    const scale = most(found);
    this.tokens.forEach((each, place) => this.dye(this.elements[place], weights.get(each), scale));
    this.tokens.forEach((each, place) => this.elements[place].classList.toggle("pointed", each === store.hover?.query || each === store.hover?.key));
    this.caption.textContent = shown ? this.sentenceOn(token, found) : store.phrase(`strip.hint.${store.choice.direction}`);
  }

  dye(element, weight, scale) {
    const share = strength(weight ?? 0, scale);
    element.style.background = weight === undefined ? "" : this.ink.css(share);
    element.style.color = weight === undefined ? "" : this.ink.on(share);
  }

  sentenceOn(token, found) {
    if (!store.map) return store.phrase("strip.waiting");
    const name = (each) => isolated(store.label(each));
    const weight = (share) => weightText(share.weight, store.map.exact).replace(" ", "\u00a0"); // "≈ 0.31" on one line
    const { direction } = store.choice;
    const items = largest(found, NAMED[direction]).map((share) => store.phrase("strip.item", { token: name(share.token), weight: weight(share) }));
    const more = direction === "reads" && found.length > items.length ? store.phrase("strip.more") : "";
    return store.phrase(`strip.caption.${direction}`, { token: name(token), list: items.join(store.phrase("strip.comma")) + more });
  }

  tokenOf(target) {
    const element = target.closest?.(".token");
    return element ? Number(element.dataset.token) : null;
  }

  enter(token) {
    this.entry = token;
    this.rove();
    this.point(token);
  }

  /** As `store.token` reads it: the token in question is a query when it reads and a key when it is read. */
  point(token) {
    if (!store.ready) return;
    const read = store.choice.direction === "read";
    store.point(token === null ? null : { query: read ? null : token, key: read ? token : null });
  }

  pin(token, touched = false) {
    if (token === null) return;
    const free = token === store.choice.query;
    store.choose({ query: free ? null : token });
    if (free && touched) store.point(null); // a finger does not hover
  }

  key(event) {
    const token = this.tokenOf(event.target);
    if (token === null) return;
    if (event.key === "Enter" || event.key === " ") this.pin(token);
    else if (event.key === "Escape") store.choose({ query: null });
    else if (!this.walk(event, token)) return;
    event.preventDefault();
  }

  walk(event, token) {
    const place = step(event, this.elements, this.tokens.indexOf(token));
    if (place === null) return false;
    this.elements[place].focus({ preventScroll: true });
    this.bringIntoSight(this.elements[place]);
    return true;
  }

  /** Scrolls a long text, never the page. */
  bringIntoSight(element) {
    const box = element.getBoundingClientRect();
    const room = this.sentence.getBoundingClientRect();
    if (box.top < room.top) this.sentence.scrollTop -= room.top - box.top + box.height / 2;
    if (box.bottom > room.bottom) this.sentence.scrollTop += box.bottom - room.bottom + box.height / 2;
  }
}

export const { render, unmount } = mounted(TokenStrip);
