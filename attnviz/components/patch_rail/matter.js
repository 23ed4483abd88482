// Does it matter? What becomes of the class while the patches that are drawn strongest are taken out of the picture.
import { make, sharpen } from "../common/dom.js";
import { facts } from "../common/facts.js";
import { inks } from "../common/ink.js";
import { greatest } from "../common/reading.js";
import { sight } from "../common/sight.js";

const [WIDTH, HEIGHT] = [264, 132];
const [LEFT, BOTTOM, TOP, RIGHT] = [30, 18, 6, 4];
const LINES = ["most", "random", "least"];

export class Matter {
  constructor() {
    this.title = make("h3");
    this.note = make("p", { class: "note" });
    this.canvas = make("canvas", { "aria-hidden": "true" }); // the list says the areas
    this.legend = make("p", { class: "key", "aria-hidden": "true" });
    this.areas = make("dl", { class: "facts" });
    this.answer = make("div", { "aria-live": "polite" }, this.canvas, this.legend, this.areas);
    this.button = make("button", { type: "button", class: "prove", onclick: () => this.ask() });
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

  ask() {
    const { other } = sight.sides();
    const { values } = sight.pinnedLine;
    const order = greatest(Array.from(other.patches, (position) => values[position]), other.patches.length).map((place) => other.patches[place]);
    this.asked = this.name;
    this.trigger("matter", { name: this.name, order });
    this.draw();
  }

  draw() {
    const { other } = sight.sides();
    const possible = Boolean(other.patches.length && sight.pinnedLine);
    const mine = this.data?.name === this.name ? this.data : null;
    const waiting = this.asked === this.name && !mine;
    this.title.textContent = sight.phrase("sight.matter.title");
    this.note.textContent = mine?.refused ?? (mine ? sight.phrase("sight.matter.told", { label: mine.label.split(",")[0] }) : sight.phrase("sight.matter.hint"));
    this.button.hidden = Boolean(mine);
    this.button.disabled = !possible;
    this.button.setAttribute("aria-disabled", String(waiting));
    this.button.textContent = sight.phrase(waiting ? "sight.matter.asking" : "sight.matter.ask");
    this.answer.hidden = !mine || Boolean(mine.refused);
    if (mine && !mine.refused) this.show(mine);
  }

  show({ shares, curves, spread, areas }) {
    const ink = inks(this.element, sight.settings.ramp);
    const colours = { most: ink.accent, random: ink.faint, least: ink.text };
    const context = sharpen(this.canvas, WIDTH, HEIGHT);
    const x = (share) => LEFT + share * (WIDTH - LEFT - RIGHT);
    const y = (probability) => HEIGHT - BOTTOM - probability * (HEIGHT - BOTTOM - TOP);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.font = `11px ${ink.font}`;
    context.fillStyle = ink.faint;
    context.strokeStyle = ink.line;
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
    this.legend.replaceChildren(...LINES.map((line) => {
      const key = make("span", {}, sight.phrase(`sight.matter.${line}`));
      key.style.setProperty("--line", colours[line]);
      key.dataset.line = line;
      return key;
    }));
    this.areas.replaceChildren(...facts(LINES.map((line) => [sight.phrase(`sight.matter.area_${line}`), areas[line].toFixed(3)])));
  }
}
