// A field that shows a text whole and a button that copies it.
import { make, mounted } from "../common/dom.js";

const THANKS_FOR_MS = 2000;

class View {
  constructor(root) {
    this.field = make("textarea", { readonly: true, rows: 1, spellcheck: "false", onfocus: () => this.field.select() });
    this.button = make("button", { type: "button", onclick: () => this.copy() });
    this.element = make("div", { class: "view copy-field" }, this.field, this.button);
    root.append(this.element);
  }

  update({ data: { text, words } }) {
    this.words = words;
    this.field.value = text;
    this.field.setAttribute("aria-label", words.label);
    this.button.textContent = words.copy;
    this.fit();
  }

  /** As tall as the text: a link that is cut cannot be checked by eye. */
  fit() {
    requestAnimationFrame(() => {
      this.field.style.height = "auto";
      this.field.style.height = `${this.field.scrollHeight + 2}px`;
    });
  }

  async copy() {
    this.field.select();
    // Browsers give navigator.clipboard to https and localhost alone; a classroom server may have neither.
    if (navigator.clipboard) await navigator.clipboard.writeText(this.field.value).catch(() => document.execCommand("copy"));
    else document.execCommand("copy");
    this.button.textContent = this.words.copied;
    clearTimeout(this.thanks);
    this.thanks = setTimeout(() => (this.button.textContent = this.words.copy), THANKS_FOR_MS);
  }

  remove() {
    clearTimeout(this.thanks);
    this.element.remove();
  }
}

export const { render, unmount } = mounted(View);
