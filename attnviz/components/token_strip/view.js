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
const MOST_TOKENS = 1024; // on the screen at once; a longer text is turned page by page
const PART = /^(.*) (\d+\/\d+)$/u; // "猫 1/3": a third of the bytes of one character

class TokenStrip {
  constructor(root) {
    this.tokens = [];
    this.elements = [];
    this.from = 0; // of a long text, the first token of the page
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
    this.pager = make("p", { class: "pager number", hidden: true });
    this.view = make("div", { class: "view strip" }, this.pager, this.sentence, make("div", { class: "below" }, this.caption, this.directions));
    root.append(this.view);
  }

  draw(changed) {
    if (!store.ready) return;
    if (changed.has("packet") || changed.has("settings")) this.write();
    if (changed.has("choice")) this.follow();
    if (changed.has("packet") || changed.has("settings") || changed.has("choice")) this.name();
    this.shade();
  }

  /** The tokens as text, and the switch of directions. */
  write() {
    const { packet, settings } = store;
    this.ink = inks(this.view, settings.ramp);
    const spoken = this.language !== settings.language; // a button that is replaced loses the focus
    this.language = settings.language;
    if (spoken) this.layDirections();
    if (spoken) this.layPager();
    const text = JSON.stringify([packet.id, packet.labels, settings.specials === "shown", settings.spelling]);
    if (text !== this.text) this.from = this.pageOf(store.choice.query) ?? 0;
    this.text = text;
    const written = `${this.from} ${text}`;
    if (written === this.written) return;
    this.written = written;
    this.entry = null;
    this.tokens = store.visible.slice(this.from, this.from + MOST_TOKENS);
    this.layPager();
    this.elements = this.tokens.map((token, place) => this.element(token, place));
    const gap = (place) => (place === 0 || this.follows(place) ? "" : " ");
    this.sentence.replaceChildren(...this.elements.flatMap((element, place) => [gap(place), element]));
  }

  /** The first token of the page that a token is on, as a place among the visible ones; null when it is on none. */
  pageOf(token) {
    const place = store.visible.indexOf(token);
    return place < 0 ? null : place - (place % MOST_TOKENS);
  }

  /** A token that is pinned in another view brings its page. */
  follow() {
    const { query } = store.choice;
    const page = this.pageOf(query);
    if (query !== this.followed && page !== null && page !== this.from && this.text) this.turn(page);
    this.followed = query;
  }

  turn(from) {
    this.from = from;
    this.write();
    this.name();
    this.shade();
    this.sentence.scrollTop = 0;
  }

  layPager() {
    const count = store.visible.length;
    this.pager.hidden = count <= MOST_TOKENS;
    if (this.pager.hidden) return this.pager.replaceChildren();
    const to = Math.min(count, this.from + MOST_TOKENS);
    const button = (step, name, sign) => {
      const disabled = this.from + step < 0 || this.from + step >= count;
      const onclick = () => {
        this.turn(this.from + step);
        const same = this.pager.querySelector(`[data-step="${step}"]`); // laid anew: the focus stays with the hand
        (same.disabled ? this.pager.querySelector("button:not(:disabled)") : same).focus();
      };
      return make("button", { type: "button", "aria-label": store.phrase(name), "data-step": step, disabled, onclick }, sign);
    };
    const here = make("span", {}, store.phrase("strip.page", { from: this.from, to: to - 1, count }));
    this.pager.replaceChildren(button(-MOST_TOKENS, "map.back", "‹"), here, button(MOST_TOKENS, "map.on", "›"));
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
    const shown = token !== null && store.visible.includes(token);
    const found = shown && store.map ? shares(token) : [];
    this.shadeWith(shown ? token : null, found);
  }

  /** `found` is null while a row of a long text is on its way. */
  shadeWith(token, shares) {
    const found = shares ?? [];
    const weights = new Map(found.map((share) => [share.token, share.weight]));
    const scale = most(found);
    this.tokens.forEach((each, place) => this.dye(this.elements[place], weights.get(each), scale));
    this.tokens.forEach((each, place) => this.elements[place].classList.toggle("pointed", each === store.hover?.query || each === store.hover?.key));
    const { direction } = store.choice;
    this.caption.textContent = token === null ? store.phrase(`strip.hint.${direction}`)
      : shares ? this.sentenceOn(token, found) : store.phrase("strip.waiting");
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
    const from = this.tokens.indexOf(token);
    const place = step(event, this.elements, from);
    if (place === null) return false;
    if (place === from && this.turnOver(event.key, from)) return true;
    this.elements[place].focus({ preventScroll: true });
    this.bringIntoSight(this.elements[place]);
    return true;
  }

  /** From the last token of a page on to the first of the next, and back. */
  turnOver(key, from) {
    if (key === "Home" || key === "End") return false;
    const on = key === "ArrowDown" || (key !== "ArrowUp" && from > 0);
    const page = this.from + (on ? MOST_TOKENS : -MOST_TOKENS);
    if (page < 0 || page >= store.visible.length) return false;
    this.turn(page);
    const element = this.elements.at(on ? 0 : -1);
    element.focus({ preventScroll: true });
    this.bringIntoSight(element);
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
