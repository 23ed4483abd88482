// A list of facts as elements: pairs of a name and a value.
import { make } from "./dom.js";

export const facts = (pairs) =>
  pairs.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", { class: "number" }, value)));
