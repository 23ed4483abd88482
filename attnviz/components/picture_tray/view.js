// Pictures to choose from, as a row of radio buttons that show them.
import { make, mounted } from "../common/dom.js";
import { decode } from "../common/packet.js";

class Tray {
  constructor(root) {
    this.legend = make("legend", { class: "unseen" });
    this.list = make("div", { class: "list" });
    this.element = make("fieldset", { class: "view tray", onchange: (event) => this.pick(event.target.value) }, this.legend, this.list);
    root.append(this.element);
  }

  update({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    if (this.data === data) return;
    this.data = data;
    const { chosen, words, pictures } = decode(data);
    this.legend.textContent = words.legend;
    const laid = JSON.stringify([words, pictures.map(({ name, title }) => [name, title])]);
    if (this.laid !== laid) this.lay(pictures);
    this.laid = laid;
    for (const input of this.list.querySelectorAll("input")) input.checked = input.value === chosen;
  }

  lay(pictures) {
    this.forget();
    this.addresses = pictures.map(({ file }) => URL.createObjectURL(file));
    this.list.replaceChildren(...pictures.map(({ name, title }, index) =>
      make("label", { title },
        make("input", { type: "radio", name: "picture", value: name, "aria-label": title }),
        make("img", { src: this.addresses[index], alt: "" }),
      )));
  }

  pick(name) {
    this.trigger("picked", name);
  }

  forget() {
    for (const address of this.addresses ?? []) URL.revokeObjectURL(address);
  }

  remove() {
    this.forget();
    this.element.remove();
  }
}

export const { render, unmount } = mounted(Tray);
