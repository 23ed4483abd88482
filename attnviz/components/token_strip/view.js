// The text, token by token: point at one and the others are shaded with what it reads, or with who reads it.
import { make, mounted } from "../common/dom.js";
import { inks, strength } from "../common/ink.js";
import { store } from "../common/store.js";
import { favourites, largest, most, shares } from "./shares.js";
import { step } from "./walk.js";

const DIRECTIONS = ["reads", "read"];
const PART = /^(.*) (\d+\/\d+)$/u; // "猫 1/3": a third of the bytes of one character
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** A label inside a sentence of the other writing direction. */
const isolated = (label) => (RIGHT_TO_LEFT.test(label) ? `\u2068${label}\u2069` : label);

class TokenStrip {
  constructor(root) {
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
      onclick: (event) => this.pin(this.tokenOf(event.target)),
      onkeydown: (event) => this.key(event),
      onfocusin: (event) => this.point(this.tokenOf(event.target)),
      onfocusout: () => this.point(null),
      onpointerover: (event) => event.pointerType !== "touch" && this.point(this.tokenOf(event.target)),
      onpointerleave: (event) => event.pointerType !== "touch" && this.point(null),
    });
    this.caption = make("p", { class: "caption" });
    this.directions = make("fieldset", { class: "directions", onchange: (event) => store.choose({ direction: event.target.value }) });
    this.view = make("div", { class: "view strip" }, this.sentence, make("div", { class: "below" }, this.caption, this.directions));
    root.append(this.view);
  }

  draw(changed) {
    if (!store.ready) return;
    if (changed.has("packet") || changed.has("settings")) this.write();
    if (changed.has("packet") || changed.has("settings") || changed.has("choice")) this.name();
    this.shade();
  }

  /** The words of the strip; the focus stays on its token. */
  write() {
    const { packet, settings } = store;
    this.ink = inks(this.view, settings.ramp);
    this.layDirections();
    const signature = [packet.id, settings.specials !== "shown", settings.spelling].join();
    if (signature === this.signature) return;
    const focused = this.elements.findIndex((element) => element.matches(":focus"));
    this.signature = signature;
    this.tokens = store.visible;
    this.elements = this.tokens.map((token) => this.element(token));
    this.sentence.replaceChildren(...this.elements.flatMap((element, place) => (this.glues(place) ? [element] : [" ", element])));
    this.elements[focused]?.focus({ preventScroll: true });
  }

  element(token) {
    const label = store.label(token);
    const part = PART.exec(label);
    const classes = ["token", store.packet.special[token] ? "special" : "", this.follows(token) ? "glued" : "", this.follows(token + 1) ? "gluing" : ""];
    return make("span",
      { class: classes.filter(Boolean).join(" "), role: "option", tabindex: -1, "data-token": token, dir: store.packet.special[token] ? "ltr" : null },
      ...(part ? [part[1], make("small", {}, part[2])] : [label]),
    );
  }

  /** Whether a token stands in the text right after the one before it, and both are shown. */
  follows(token) {
    return Boolean(store.packet.glued[token]) && this.tokens.includes(token - 1);
  }

  glues(place) {
    return place === 0 || this.follows(this.tokens[place]);
  }

  layDirections() {
    this.directions.replaceChildren(
      make("legend", { class: "unseen" }, store.phrase("strip.direction.legend")),
      ...DIRECTIONS.map((value) =>
        make("label", {}, make("input", { type: "radio", name: "direction", value }), make("span", {}, store.phrase(`strip.direction.${value}`))),
      ),
    );
  }

  /** What each token says to a screen reader, which one is pinned, and which one the tabulator enters by. */
  name() {
    const { query, direction } = store.choice;
    this.sentence.setAttribute("aria-label", store.phrase("strip.label"));
    for (const input of this.directions.querySelectorAll("input")) input.checked = input.value === direction;
    const best = store.map ? favourites() : new Map();
    const entry = this.tokens.includes(query) ? query : this.tokens[0];
    this.tokens.forEach((token, place) => {
      const element = this.elements[place];
      element.setAttribute("aria-label", this.aloud(token, best.get(token)));
      element.setAttribute("aria-selected", token === query);
      element.classList.toggle("pinned", token === query);
      element.tabIndex = token === entry ? 0 : -1;
    });
  }

  aloud(token, favourite) {
    const label = store.label(token);
    if (!favourite) return label;
    const blanks = { token: label, other: store.label(favourite.token), weight: favourite.weight.toFixed(2) };
    return store.phrase(`strip.aloud.${store.choice.direction}`, blanks);
  }

  shade() {
    const token = store.query;
    const found = token !== null && store.map && this.tokens.includes(token) ? shares(token) : [];
    const scale = most(found);
    const weights = new Map(found.map((share) => [share.token, share.weight]));
    this.tokens.forEach((each, place) => this.ink_(this.elements[place], weights.get(each), scale, each));
    this.tell(token, found);
  }

  ink_(element, weight, scale, token) {
    const share = weight === undefined ? null : strength(weight, scale);
    element.style.background = share === null ? "" : this.ink.css(share);
    element.style.color = share === null ? "" : this.ink.on(share);
    element.classList.toggle("pointed", token === store.hover?.query);
    element.classList.toggle("met", token === store.hover?.key);
  }

  tell(token, found) {
    this.caption.textContent = this.words(token, found);
  }

  words(token, found) {
    if (token === null || !this.tokens.includes(token)) return store.phrase("strip.hint");
    if (!store.map) return store.phrase("strip.waiting");
    const items = largest(found).map((share) => store.phrase("strip.item", { token: isolated(store.label(share.token)), weight: share.weight.toFixed(3) }));
    return store.phrase(`strip.caption.${store.choice.direction}`, { token: isolated(store.label(token)), list: items.join(store.phrase("strip.comma")) });
  }

  tokenOf(target) {
    const element = target.closest?.(".token");
    return element ? Number(element.dataset.token) : null;
  }

  point(token) {
    if (!store.ready) return;
    store.point(token === null ? null : { query: token, key: null });
  }

  pin(token) {
    if (token === null) return;
    store.choose({ query: token === store.choice.query ? null : token });
  }

  key(event) {
    const token = this.tokenOf(event.target);
    if (token === null) return;
    if (event.key === "Enter" || event.key === " ") this.pin(token);
    else if (event.key === "Escape") store.choose({ query: null });
    else {
      const place = step(event, this.elements, this.tokens.indexOf(token));
      if (place === null) return;
      this.elements[place].focus({ preventScroll: true });
      this.bringIntoSight(this.elements[place]);
    }
    event.preventDefault();
  }

  /** Scrolls a long text, never the page. */
  bringIntoSight(element) {
    const box = element.getBoundingClientRect();
    const room = this.sentence.getBoundingClientRect();
    if (box.top < room.top) this.sentence.scrollTop -= room.top - box.top + box.height;
    if (box.bottom > room.bottom) this.sentence.scrollTop += box.bottom - room.bottom + box.height;
  }
}

export const { render, unmount } = mounted(TokenStrip);
