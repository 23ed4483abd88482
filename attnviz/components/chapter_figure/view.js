// A chapter: the list of all, the words, and the figure that belongs to them.
import { make, mounted } from "../common/dom.js";
import { decode } from "../common/packet.js";
import { FIGURES } from "./figures.js";
import { paragraph } from "./words.js";

const WIDE = "(min-width: 761px)"; // below it the list folds

class Chapter {
  constructor(root) {
    this.now = make("summary");
    this.links = make("ol");
    this.list = make("details", { class: "list" }, this.now, make("nav", {}, this.links));
    this.title = make("h1", { tabindex: -1 });
    this.words = make("div", { class: "words" });
    this.tries = make("a", { class: "tries" });
    this.figure = make("figure");
    this.sourcesTitle = make("h3");
    this.sources = make("ul", { class: "sources" });
    this.steps = make("nav", { class: "steps" });
    const text = make("article", {}, this.title, this.words, this.tries);
    const more = make("section", { class: "more" }, this.sourcesTitle, this.sources, this.steps);
    this.element = make("div", { class: "view chapters" }, this.list, text, this.figure, more);
    this.wide = matchMedia(WIDE);
    this.fold = () => (this.list.open = this.wide.matches);
    this.wide.addEventListener("change", this.fold);
    this.resized = new ResizeObserver(([{ contentRect }]) => this.fit(contentRect.width));
    this.resized.observe(this.figure);
    root.append(this.element);
  }

  update({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    if (this.message === data) return;
    this.message = data;
    const before = this.data?.chapter;
    this.data = decode(data);
    this.lay();
    if (before && before !== this.data.chapter) this.arrive();
  }

  /** Draw anew for another width; a line of words that grows longer changes the height alone. */
  fit(width) {
    if (width !== this.width) this.drawn?.draw();
    this.width = width;
  }

  phrase(name, blanks = {}) {
    return Object.entries(blanks).reduce((text, [blank, value]) => text.replaceAll(`{${blank}}`, value), this.data.phrases[name] ?? name);
  }

  lay() {
    const { data } = this;
    const at = data.chapters.findIndex(([name]) => name === data.chapter);
    this.fold();
    this.now.textContent = this.phrase("chapters.now", { number: at + 1, count: data.chapters.length, title: data.title });
    this.links.setAttribute("aria-label", this.phrase("chapters.list"));
    this.links.replaceChildren(...data.chapters.map((chapter) => make("li", {}, this.link(chapter, chapter[1]))));
    this.title.textContent = data.title;
    this.words.replaceChildren(...data.words.map((text) => paragraph(text, data.glossary)));
    this.tries.textContent = data.tries[0];
    this.tries.href = data.tries[1];
    this.sourcesTitle.textContent = this.phrase("chapters.sources");
    this.sources.replaceChildren(...data.sources.map(([text, href]) => make("li", {}, make("a", { href, target: "_blank", rel: "noreferrer" }, text))));
    const step = (by, mark) => data.chapters[at + by] ? this.link(data.chapters[at + by], mark(data.chapters[at + by][1])) : make("span");
    this.steps.setAttribute("aria-label", this.phrase("chapters.steps"));
    this.steps.replaceChildren(step(-1, (title) => `← ${title}`), step(1, (title) => `${title} →`));
    this.show();
  }

  /** The figure; words are read while its numbers are worked out. */
  show() {
    const { data } = this;
    this.drawn?.remove?.();
    this.drawn = data.panels.length ? new FIGURES[data.chapter](this, data.panels) : null;
    const below = this.drawn ? [...this.drawn.parts, make("p", { class: "hint" }, data.hint)] : [];
    this.figure.setAttribute("aria-label", data.title);
    this.figure.setAttribute("aria-busy", String(!this.drawn));
    this.figure.replaceChildren(make("figcaption", {}, paragraph(data.caption, data.glossary)), ...below);
    this.drawn?.draw();
    if (this.drawn) document.documentElement.dataset.attnvizChapter = data.chapter;
  }

  /** A link that a plain click follows without leaving the page. */
  link([name, , href], text) {
    const go = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      if (name !== this.data.chapter) this.trigger("picked", name);
    };
    return make("a", { href, onclick: go, "aria-current": name === this.data.chapter ? "page" : null }, text);
  }

  /** A reader who has gone on begins at the top. */
  arrive() {
    this.element.scrollIntoView({ block: "start" });
    this.title.focus({ preventScroll: true });
  }

  remove() {
    this.resized.disconnect();
    this.wide.removeEventListener("change", this.fold);
    this.drawn?.remove?.();
    this.element.remove();
  }
}

export const { render, unmount } = mounted(Chapter);
