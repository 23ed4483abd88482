// How the overlay is drawn: colour or light, patches or smooth, the scale, opacity, mass; and what the colours mean.
import { make, press, segments, sharpen } from "../common/dom.js";
import { sight } from "../common/sight.js";
import { shareText } from "../common/sighted.js";
import { SHARED_TOP } from "./overlay.js";

const SWITCHES = {
  overlay: ["colour", "light"], drawing: ["cells", "smooth"], scale: ["shared", "row"], specials: ["shown", "hidden", "renormalised"],
};
const SLIDERS = ["opacity", "mass"];
const [BAR_WIDTH, BAR_HEIGHT] = [168, 10];

export class Tools {
  constructor() {
    this.switches = Object.fromEntries(Object.keys(SWITCHES).map((name) => [name, make("div")]));
    this.sliders = Object.fromEntries(SLIDERS.map((name) => [name, slider(name)]));
    this.bar = make("canvas", { "aria-hidden": "true" });
    this.ticks = make("span", { class: "ticks number", "aria-hidden": "true" });
    this.words = make("p", { class: "told", role: "status" });
    const legend = make("div", { class: "legend" }, make("span", { class: "bar" }, this.bar, this.ticks), this.words);
    this.row = make("div", { class: "row" });
    this.element = make("div", { class: "tools" }, this.row, legend);
  }

  lay() {
    if (this.language === sight.settings.language) return;
    this.language = sight.settings.language;
    for (const [name, values] of Object.entries(SWITCHES)) {
      const options = values.map((value) => ({ value, text: sight.phrase(`sight.${name}.${value}`), hint: sight.phrase(`sight.${name}.${value}_hint`) }));
      this.switches[name] = segments(name, sight.phrase(`sight.${name}.legend`), options, (value) => sight.choose({ [name]: value }));
    }
    for (const name of SLIDERS) this.sliders[name].label.textContent = sight.phrase(`sight.${name}`);
    this.row.replaceChildren(...Object.values(this.switches), ...SLIDERS.map((name) => this.sliders[name].element));
  }

  /** What was found of them, in words. */
  get artefactsTold() {
    const found = sight.settings.artefacts;
    if (sight.choice.specials === "shown") return [];
    if (!found) return [sight.phrase("sight.artefacts.looking")];
    if (found.refused) return [found.refused];
    const blanks = { count: found.positions.length, cut: found.cut.toFixed(1), median: found.median.toFixed(1) };
    return [sight.phrase(found.positions.length ? "sight.artefacts.found" : "sight.artefacts.none", blanks)];
  }

  mark() {
    for (const name of Object.keys(SWITCHES)) press(this.switches[name], sight.choice[name]);
    this.switches.scale.disabled = Boolean(sight.unit); // a score has no even share: each map has a scale of its own
    if (sight.unit) press(this.switches.scale, "row");
    this.switches.specials.querySelector("[value=renormalised]").disabled = !sight.canBeAlone;
    if (!sight.canBeAlone && sight.choice.specials === "renormalised") press(this.switches.specials, "hidden");
    for (const name of SLIDERS) {
      const { input, output } = this.sliders[name];
      input.value = sight.choice[name];
      output.textContent = `${sight.choice[name]} %`;
    }
  }

  /** The meaning of the strongest colour: `top` is its weight, `even` an even share; `whole`: what patches alone get, or null. */
  tell({ top, even, whole }, ink) {
    const { scale, mass } = sight.choice;
    const blanks = { top: shareText(top, true), times: SHARED_TOP, even: shareText(even, true) };
    const sentences = [sight.unit ? sight.phrase("sight.scale.score_told", blanks) : sight.phrase(`sight.scale.${scale}_told`, blanks)];
    if (mass < 100) sentences.push(sight.phrase("sight.mass_told", { mass }));
    sentences.push(...this.artefactsTold);
    if (whole !== null) sentences.push(sight.phrase("sight.specials.told", { share: shareText(whole, true) }));
    const said = sentences.join(sight.phrase("sight.between"));
    if (this.words.textContent !== said) this.words.textContent = said;
    this.ticks.replaceChildren(...this.marks(top, even));
    this.draw(ink);
  }

  marks(top, even) {
    const at = Math.sqrt(Math.min(1, even / top));
    const mark = (place, text) => {
      const element = make("span", {}, text);
      element.style.insetInlineStart = `${100 * place}%`;
      return element;
    };
    const middle = at > 0.12 && at < 0.7 && !sight.unit ? [mark(at, sight.phrase("sight.even"))] : [];
    return [mark(0, "0"), ...middle, mark(1, shareText(top, true))];
  }

  draw(ink) {
    const context = sharpen(this.bar, BAR_WIDTH, BAR_HEIGHT);
    const light = sight.choice.overlay === "light";
    for (let x = 0; x < BAR_WIDTH; x++) {
      const share = x / (BAR_WIDTH - 1);
      context.fillStyle = light ? `rgb(${Array(3).fill(Math.round(24 + 231 * share)).join(" ")})` : ink.css(share);
      context.fillRect(x, 0, 1, BAR_HEIGHT);
    }
  }
}

function slider(name) {
  const label = make("span", { class: "name" });
  const least = name === "mass" ? 5 : 0;
  const input = make("input", {
    type: "range", min: least, max: 100, step: 5, name,
    oninput: (event) => sight.choose({ [name]: Number(event.target.value) }),
  });
  const output = make("output", { class: "number" });
  return { label, input, output, element: make("label", { class: "slider" }, label, input, output) };
}
