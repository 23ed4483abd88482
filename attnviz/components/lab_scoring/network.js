// The small network that scores a pair in additive attention: numbers of a query and of a key, a hidden layer, one score.
import { make } from "../common/dom.js";

const [ACROSS, DOWN, RADIUS] = [150, 50, 23];
const THICKEST = 5;
const SVG = "http://www.w3.org/2000/svg";

function drawn(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Where the nodes of a column stand, the tallest column having `most`. */
const places = (count, most) => Array.from({ length: count }, (_, at) => DOWN * (at + 0.5 + (most - count) / 2));

export class Network {
  constructor() {
    this.picture = drawn("svg", { role: "img", class: "network" });
    this.element = make("div", { class: "ground" }, this.picture);
  }

  /** inputs: [{name, text}] of the query, then of the key; hidden and score in writing; ofInput[hidden][input], voice[hidden]: weights. */
  draw({ inputs, hidden, score, ofInput, voice, aloud }) {
    const most = Math.max(inputs.length, hidden.length);
    const [width, height] = [2 * ACROSS + 120, most * DOWN];
    const columns = [places(inputs.length, most), places(hidden.length, most), places(1, most)];
    const across = (at) => 62 + at * ACROSS;
    const largest = Math.max(1e-9, ...ofInput.flat().map(Math.abs), ...voice.map(Math.abs));
    const edge = (weight, at, from, to) => drawn("line", { x1: across(at) + RADIUS, y1: from, x2: across(at + 1) - RADIUS, y2: to, class: weight < 0 ? "edge minus" : "edge", "stroke-width": (THICKEST * Math.abs(weight)) / largest });
    const node = (at, y, text, kind) => [drawn("circle", { cx: across(at), cy: y, r: RADIUS, class: `node ${kind}` }), drawn("text", { x: across(at), y: y + 4, class: "number" }, text)];
    this.picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.picture.setAttribute("width", width);
    this.picture.setAttribute("height", height);
    this.picture.setAttribute("aria-label", aloud);
    this.picture.replaceChildren(
      ...hidden.flatMap((_, to) => inputs.map((__, from) => edge(ofInput[to][from], 0, columns[0][from], columns[1][to]))),
      ...hidden.map((_, from) => edge(voice[from], 1, columns[1][from], columns[2][0])),
      ...inputs.flatMap(({ name, text, kind }, at) => [drawn("text", { x: 18, y: columns[0][at] + 4, class: "name" }, name), ...node(0, columns[0][at], text, kind)]),
      ...hidden.flatMap((text, at) => node(1, columns[1][at], text, "hidden")),
      drawn("text", { x: across(1), y: columns[1][0] - RADIUS - 5, class: "name" }, "tanh"),
      ...node(2, columns[2][0], score, "score"));
  }
}
