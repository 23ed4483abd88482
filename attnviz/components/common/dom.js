// Elements without markup strings: a visitor's words only ever become text nodes.

/** make("button", {class: "chip", "aria-label": name, onclick: f}, "text", child, …) */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A row of radio buttons: options are [{value, text, hint}]; onpick(value) hears of the visitor's hand alone. */
export function segments(name, legend, options, onpick) {
  return make("fieldset", { class: `segments ${name}`, onchange: (event) => onpick(event.target.value) },
    make("legend", { class: "unseen" }, legend),
    ...options.map(({ value, text, hint }) =>
      make("label", { title: hint }, make("input", { type: "radio", name, value }), make("span", {}, text)),
    ),
  );
}

/** Press one of the buttons of segments(), as the store has it. */
export function press(fieldset, value) {
  for (const input of fieldset.querySelectorAll("input")) input.checked = input.value === value;
}

/** One instance of a view for each element that Streamlit mounts it on: render() updates, unmount() takes it away. */
export function mounted(View) {
  const instances = new WeakMap();
  return {
    render(component) {
      const root = component.parentElement;
      if (!instances.has(root)) instances.set(root, new View(root));
      instances.get(root).update(component);
    },
    unmount(root) {
      instances.get(root)?.remove();
      instances.delete(root);
    },
  };
}

/** A canvas sized in CSS pixels and sharp on any screen; returns its context in CSS pixels. */
export function sharpen(canvas, width, height) {
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
