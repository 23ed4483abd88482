// What the token in question reads, or who reads it; the head; the proof.
import { make, mounted } from "../common/dom.js";
import { facts } from "../common/facts.js";
import { store } from "../common/store.js";
import { describe } from "../head_atlas/character.js";
import { Budget } from "./budget.js";
import { Proof } from "./proof.js";
import { lines, ofMap, ofRow } from "./spread.js";
import { rowSum } from "./sums.js";
import { Top } from "./top.js";

class ReadingRail {
  constructor(root) {
    this.title = make("h3", { class: "title" });
    this.hint = make("p", { class: "note" });
    this.budget = new Budget();
    this.top = new Top();
    this.rowTitle = make("h3");
    this.row = make("dl", { class: "facts" });
    this.headTitle = make("h3");
    this.character = make("p", { class: "character" });
    this.head = make("dl", { class: "facts" });
    this.proof = new Proof(store, rowSum);
    this.reading = make("section", {}, this.title, this.hint, this.budget.element);
    this.rowSection = make("section", {}, this.rowTitle, this.row);
    const head = make("section", {}, this.headTitle, this.character, this.head);
    const sections = [this.reading, this.top.element, this.rowSection, head, this.proof.element];
    this.element = make("div", { class: "view reading-rail", role: "region" }, ...sections);
    root.append(this.element);
    this.unsubscribe = store.subscribe((changed) => this.changed(changed));
  }

  update(component) {
    this.proof.take(component);
    this.draw();
  }

  remove() {
    this.unsubscribe();
    this.element.remove();
  }

  changed(changed) {
    if (changed.size > 1 || !changed.has("hover") || this.token !== this.tokenNow) this.draw();
    else if (this.token !== null) this.top.mark();
  }

  /** The token in question, if it is on the screen. */
  get tokenNow() {
    if (!store.ready || !store.map) return null;
    const { token } = store;
    const reads = store.choice.direction === "reads";
    return store.visible.includes(token) && (!reads || token < store.map.rows) ? token : null;
  }

  /** Whether the layer, or of a long text the row or the column in question, is still on its way. */
  get isWaiting() {
    if (store.map === null) return true;
    const token = this.tokenNow;
    return token !== null && !store.shares(token, store.choice.direction);
  }

  draw() {
    this.element.hidden = !store.ready;
    const waiting = store.ready && this.isWaiting;
    this.element.classList.toggle("waiting", waiting);
    if (!store.ready || waiting) return; // the numbers of the head before stay, dimmed
    this.token = this.tokenNow;
    const { token } = this;
    const read = store.choice.direction === "read";
    const query = read ? null : token;
    this.entitle(token, read);
    this.budget.element.hidden = query === null;
    this.rowSection.hidden = query === null;
    this.top.element.hidden = token === null;
    if (query !== null) this.budget.draw(query);
    if (query !== null) this.row.replaceChildren(...facts(lines(ofRow(query))));
    if (token !== null) this.top.draw(token);
    this.describeHead();
    this.proof.draw(query);
  }

  entitle(token, read) {
    const blanks = { token: token === null ? "" : store.label(token) };
    const about = token === null ? "rail.nothing" : read ? "rail.who_reads" : "rail.reads";
    this.title.textContent = store.phrase(about, blanks);
    this.hint.textContent = token === null ? store.phrase("rail.hint") : "";
    this.rowTitle.textContent = store.phrase("rail.row");
    this.element.setAttribute("aria-label", store.phrase("rail.label"));
  }

  describeHead() {
    const single = store.parts.length === 1;
    this.headTitle.textContent = store.phrase(single ? "rail.head" : "rail.heads");
    const mixed = store.phrase("rail.parts", { count: store.parts.length });
    this.character.textContent = single ? describe(store.parts[0]).brief : mixed;
    this.head.replaceChildren(...(store.isLong ? [] : facts(lines(ofMap()))));
  }
}

export const { render, unmount } = mounted(ReadingRail);
