// The words of the field: found by typing, led to by #term.
import { make, mounted } from "../common/dom.js";

class Glossary {
  constructor(root) {
    this.title = make("h1");
    this.lead = make("p", { class: "lead" });
    this.label = make("span", { class: "unseen" });
    this.field = make("input", { type: "search", oninput: () => this.find(), onkeydown: (event) => event.key === "Escape" && this.clear() });
    this.count = make("p", { class: "count", role: "status" });
    this.list = make("dl");
    this.element = make("div", { class: "view glossary" }, this.title, this.lead,
      make("div", { class: "seek" }, make("label", {}, this.label, this.field), this.count), this.list);
    this.asked = decodeURIComponent(location.hash.slice(1));
    this.turn = () => this.go(decodeURIComponent(location.hash.slice(1)));
    addEventListener("hashchange", this.turn);
    root.append(this.element);
  }

  update({ data }) {
    const laid = JSON.stringify(data);
    if (laid === this.laid) return;
    this.laid = laid;
    this.data = data;
    this.title.textContent = this.phrase("glossary.title");
    this.lead.textContent = this.phrase("glossary.lead");
    this.label.textContent = this.phrase("glossary.find");
    this.field.placeholder = this.phrase("glossary.find");
    const order = new Intl.Collator(data.languages[0] === "zh" ? "zh-u-co-pinyin" : "en");
    const terms = [...data.terms].sort((a, b) => order.compare(bare(a.name), bare(b.name)));
    this.rows = terms.map((term) => [term, this.row(term)]);
    this.list.replaceChildren(...this.rows.map(([, row]) => row));
    this.find();
    if (this.asked) requestAnimationFrame(() => this.go(this.asked));
  }

  phrase(name, blanks = {}) {
    return Object.entries(blanks).reduce((text, [blank, value]) => text.replaceAll(`{${blank}}`, value), this.data.words[name]);
  }

  row({ slug, name, other, words, see: [text, href] }) {
    const here = make("a", { class: "here", href: `#${slug}`, "aria-label": `${this.phrase("glossary.here")}: ${name}`, onclick: (event) => this.follow(event, slug) }, "#");
    return make("div", { id: slug, tabindex: -1 },
      make("dt", {}, make("span", { class: "name" }, name), other === name ? null : make("span", { class: "other", lang: this.data.languages[1] }, other), here),
      make("dd", {}, words, " ", make("span", { class: "see" }, `${this.phrase("glossary.see")} `, make("a", { href }, text))));
  }

  follow(event, slug) {
    event.preventDefault();
    history.replaceState(history.state, "", `${location.pathname}${location.search}#${slug}`);
    this.go(slug);
  }

  /** Bring a term into view and mark it. */
  go(slug) {
    this.asked = slug;
    const found = this.rows?.find(([term]) => term.slug === slug);
    for (const [, row] of this.rows ?? []) row.classList.toggle("asked", row === found?.[1]);
    if (!found) return;
    if (found[1].hidden) this.clear();
    found[1].scrollIntoView({ block: "center" });
    found[1].focus({ preventScroll: true });
  }

  clear() {
    this.field.value = "";
    this.find();
  }

  find() {
    const text = this.field.value.trim().toLowerCase();
    let count = 0;
    for (const [{ slug, name, other, words }, row] of this.rows) {
      row.hidden = ![slug, name, other, words].some((each) => each.toLowerCase().includes(text));
      count += !row.hidden;
    }
    this.count.textContent = this.phrase(count ? "glossary.count" : "glossary.none", { count, text: this.field.value.trim() });
  }

  remove() {
    removeEventListener("hashchange", this.turn);
    this.element.remove();
  }
}

/** A name without the brackets that it may begin with. */
const bare = (name) => name.replace(/^[^\p{L}]+/u, "");

export const { render, unmount } = mounted(Glossary);
