// A list of facts as elements: a name, a value, and the term of the glossary that the name stands for, if it is one.
import { make } from "./dom.js";
import { linked } from "./terms.js";

export const facts = (list) =>
  list.map(([name, value, term]) => make("div", {}, make("dt", {}, term ? linked(term, name) : name), make("dd", { class: "number" }, value)));
