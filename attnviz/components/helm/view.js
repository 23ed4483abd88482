// Tells the views what Python has set, and Python what the visitor has chosen. Draws nothing.
import { store } from "../common/store.js";

export function render({ data, setStateValue }) {
  store.report = (choice) => setStateValue("choice", choice);
  store.adopt(data);
  document.documentElement.lang = data.language === "zh" ? "zh-CN" : data.language;
}

export function unmount() {}
