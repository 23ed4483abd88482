// Does it matter? What becomes of the class while the patches that are drawn strongest are taken out, or put in.
import { make, sharpen } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { greatest } from "../common/reading.js";
import { sight } from "../common/sight.js";

const [WIDTH, HEIGHT] = [264, 116];
const [LEFT, BOTTOM, TOP, RIGHT] = [30, 18, 6, 4];
const LINES = ["most", "random", "least"];
const WAYS = ["out", "in"];

export class Matter {
  constructor() {
    this.title = make("h3");
    this.note = make("p", { class: "note" });
    this.charts = Object.fromEntries(WAYS.map((way) => [way, chart()]));
    this.legend = make("p", { class: "key", "aria-hidden": "true" });
    this.areas = make("table", { class: "areas" });
    const drawn = WAYS.map((way) => make("figure", {}, this.charts[way].caption, this.charts[way].canvas));
    this.answer = make("div", { "aria-live": "polite" }, ...drawn, this.legend, this.areas);
    this.button = make("button", { type: "button", class: "prove", onclick: () => this.press() });
    this.element = make("section", { class: "matter" }, this.title, this.note, this.answer, this.button);
    this.asked = null;
  }

  take({ data, setTriggerValue }) {
    this.data = data?.matter ?? null;
    this.trigger = setTriggerValue;
    this.asked = null;
  }

  /** What the answer is about: the map, the chosen place, the class. */
  get name() {
    const { query, corner, direction, target } = sight.choice;
    return [sight.packet.id, sight.shown, direction, query, corner, target].join(" ");
  }

  get isWaiting() {
    return this.asked === this.name && this.data?.name !== this.name;
  }

  press() {
    if (this.isWaiting) this.stop();
    else this.ask();
    this.draw();
  }

  ask() {
    const { other } = sight.sides();
    const { values } = sight.pinnedLine;
    const order = greatest(Array.from(other.patches, (position) => values[position]), other.patches.length).map((place) => other.patches[place]);
    this.asked = this.name;
    this.trigger("matter", { name: this.name, order });
  }

  stop() {
    this.asked = null;
    this.trigger("stop", true);
  }

  draw() {
    const { other } = sight.sides();
    const possible = Boolean(other.patches.length && sight.pinnedLine);
    const mine = this.data?.name === this.name ? this.data : null;
    this.title.textContent = sight.phrase("sight.matter.title");
    this.note.textContent = mine?.refused ?? (mine ? sight.phrase("sight.matter.about", { label: mine.label.split(",")[0] }) : sight.phrase("sight.matter.hint"));
    this.button.hidden = Boolean(mine);
    this.button.disabled = !possible;
    this.button.textContent = sight.phrase(this.isWaiting ? "sight.matter.stop" : "sight.matter.ask");
    this.answer.hidden = !mine || Boolean(mine.refused);
    if (mine && !mine.refused) this.show(mine.ways);
  }

  show(ways) {
    const ink = inks(this.element, sight.settings.ramp);
    const colours = { most: ink.accent, random: ink.faint, least: ink.text };
    for (const way of WAYS) {
      this.charts[way].caption.textContent = sight.phrase(`sight.matter.${way}_told`);
      plot(this.charts[way].canvas, ways[way], colours, ink);
    }
    this.legend.replaceChildren(...LINES.map((line) => {
      const key = make("span", {}, sight.phrase(`sight.matter.${line}`));
      key.style.setProperty("--line", colours[line]);
      key.dataset.line = line;
      return key;
    }));
    const head = make("tr", {}, make("th", { scope: "col" }, sight.phrase("sight.matter.area")), ...WAYS.map((way) => make("th", { scope: "col" }, sight.phrase(`sight.matter.${way}`))));
    const rows = LINES.map((line) => make("tr", {}, make("th", { scope: "row" }, sight.phrase(`sight.matter.${line}`)), ...WAYS.map((way) => make("td", { class: "number" }, ways[way].areas[line].toFixed(3)))));
    this.areas.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
  }
}

const chart = () => ({ caption: make("figcaption"), canvas: make("canvas", { "aria-hidden": "true" }) }); // the table says the areas

/** Three curves from no patch to all, and how far the random orders lie apart. */
function plot(canvas, { shares, curves, spread }, colours, ink) {
  const context = sharpen(canvas, WIDTH, HEIGHT);
  const x = (share) => LEFT + share * (WIDTH - LEFT - RIGHT);
  const y = (probability) => HEIGHT - BOTTOM - probability * (HEIGHT - BOTTOM - TOP);
  context.clearRect(0, 0, WIDTH, HEIGHT);
  context.font = `11px ${ink.font}`;
  context.fillStyle = ink.faint;
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  context.setLineDash([]);
  for (const mark of [0, 0.5, 1]) {
    context.textAlign = "end";
    context.fillText(`${100 * mark} %`, LEFT - 4, y(mark) + (mark === 1 ? 8 : 3));
    context.textAlign = mark === 0 ? "start" : mark === 1 ? "end" : "center";
    context.fillText(`${100 * mark} %`, x(mark), HEIGHT - 4);
    context.beginPath();
    context.moveTo(LEFT, Math.round(y(mark)) + 0.5);
    context.lineTo(WIDTH - RIGHT, Math.round(y(mark)) + 0.5);
    context.stroke();
  }
  context.globalAlpha = 0.18;
  context.fillStyle = colours.random;
  context.beginPath();
  shares.forEach((share, at) => context.lineTo(x(share), y(Math.min(1, curves.random[at] + spread[at]))));
  shares.toReversed().forEach((share, at) => context.lineTo(x(share), y(Math.max(0, curves.random.at(-1 - at) - spread.at(-1 - at)))));
  context.fill();
  context.globalAlpha = 1;
  for (const line of LINES) {
    context.strokeStyle = colours[line];
    context.lineWidth = line === "most" ? 2.5 : 1.5;
    context.setLineDash(line === "least" ? [4, 3] : []);
    context.beginPath();
    shares.forEach((share, at) => context.lineTo(x(share), y(curves[line][at])));
    context.stroke();
  }
}
