// Tells the views what Python has set, and Python what the visitor has chosen. Draws nothing.
import { sight } from "../common/sight.js";
import { store } from "../common/store.js";

export function render({ data: { of, ...data }, setStateValue }) {
  const held = of === "pictures" ? sight : store;
  held.report = (choice) => setStateValue("choice", choice);
  held.adopt(data);
  document.documentElement.lang = data.language === "zh" ? "zh-CN" : data.language;
}

export function unmount() {}
