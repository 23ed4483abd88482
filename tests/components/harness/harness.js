// Mounts views as Streamlit does: a shadow root with the style sheet, render() with every update, unmount() at the end.
import { decode } from "/modules/common/packet.js";
import { sight } from "/modules/common/sight.js";
import { store } from "/modules/common/store.js";

const mounted = new Map(); // name -> {view, component, host}
const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

const harness = {
  store,
  sight,
  reports: [], // what Python would have heard
  triggers: [], // what it would have been asked: [name, value]

  /** The words, the ramp and the choice: what the helm would have been given. */
  async settle(settings) {
    const known = await (await fetch(`settings.json?language=${settings.language ?? "en"}`)).json();
    const held = settings.of === "pictures" ? sight : store;
    held.report = (choice) => harness.reports.push(choice);
    held.adopt({ epoch: "first", choice: {}, ...known, ...settings });
    await frame();
  },

  async shelve(name) {
    const message = new Uint8Array(await (await fetch(`packets/${name}`)).arrayBuffer());
    const packet = decode(message);
    (packet.of === "pictures" ? sight : store).shelve(packet);
    await frame();
  },

  async mount(name, { width, height, data = null, packet = null } = {}) {
    if (packet) data = new Uint8Array(await (await fetch(`packets/${packet}`)).arrayBuffer());
    const host = document.createElement("div");
    host.className = "host";
    host.dataset.view = name;
    if (width) host.style.width = `${width}px`;
    if (height) host.style.height = `${height}px`;
    document.body.append(host);
    const root = host.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = await (await fetch(`style/${name}`)).text();
    root.append(style);
    const view = await import(`/modules/${name}/view.js`);
    const component = { name, key: name, data, parentElement: root, setStateValue() {}, setTriggerValue: (...asked) => harness.triggers.push(asked) };
    mounted.set(name, { view, component, host });
    view.render(component);
    await frame();
  },

  async unmount(name) {
    const { view, component, host } = mounted.get(name);
    view.unmount(component.parentElement);
    host.remove();
    mounted.delete(name);
    await frame();
  },

  /** Another theme: Streamlit changes the variables and calls render() again with the same data. */
  async theme(name) {
    document.documentElement.dataset.theme = name;
    for (const { view, component } of mounted.values()) view.render(component);
    await frame();
  },

  frame,
};

window.harness = harness;
