// What is set beside the tables: an example, what the heads start from, how many there are, who shares keys, the mask.
import { make } from "../common/dom.js";
import { Chance, Choice, Examples } from "../lab_bench/aids.js";

const MASKS = ["none", "causal"];

export class Side {
  constructor(lab) {
    this.lab = lab;
    this.title = make("h1");
    this.lead = make("p", { class: "lead" });
    this.examples = new Examples(lab);
    this.source = new Choice("source", (source) => lab.startFrom(source));
    this.heads = new Choice("heads", (count) => lab.share(Number(count), lab.bench.key_heads));
    this.keys = new Choice("keys", (count) => lab.share(lab.bench.heads, Number(count)));
    this.mask = new Choice("mask", (mask) => lab.change((bench) => (bench.mask = mask)));
    this.cross = new Choice("cross", (other) => lab.cross(other === "other"));
    this.chance = new Chance(lab);
    this.element = make("aside", { class: "side" }, make("header", {}, this.title, this.lead), this.examples.element, this.heads.element, this.keys.element, this.source.element, this.cross.element, this.mask.element, this.chance.element);
  }

  draw() {
    const { lab } = this;
    const { bench, data } = lab;
    this.title.textContent = lab.phrase("heads.title");
    this.lead.textContent = lab.phrase("heads.lead");
    this.examples.draw();
    const counts = Array.from({ length: data.most_heads }, (_, at) => ({ value: at + 1, text: String(at + 1) }));
    this.heads.draw(lab.phrase("heads.query_heads"), counts, bench.heads);
    this.keys.draw(lab.phrase("heads.key_heads"), counts, bench.key_heads, this.kept());
    const sources = ["tokens", "vectors"].map((value) => ({ value, text: lab.phrase(`heads.source.${value}`) }));
    this.source.draw(lab.phrase("heads.source.title"), sources, bench.x ? "tokens" : "vectors");
    const others = ["same", "other"].map((value) => ({ value, text: lab.phrase(`heads.cross.${value}`) }));
    this.cross.element.hidden = !bench.x;
    this.cross.draw(lab.phrase("heads.cross.title"), others, bench.y ? "other" : "same", lab.phrase(bench.y ? "heads.cross.other_told" : "heads.cross.same_told"));
    const masks = MASKS.map((value) => ({ value, text: lab.phrase(`lab.mask.${value}`), hint: lab.phrase(`lab.mask.hint.${value}`) }));
    this.mask.draw(lab.phrase("lab.mask.title"), masks, bench.mask, lab.phrase(`lab.mask.hint.${bench.mask}`));
    this.chance.draw();
  }

  /** What this sharing is called, and what it saves. */
  kept() {
    const { lab } = this;
    const { heads, key_heads: keys } = lab.bench;
    const name = lab.phrase(heads === keys ? "heads.sharing.own" : keys === 1 ? "heads.sharing.one" : "heads.sharing.grouped");
    return lab.isFresh && lab.data.kept.kept < lab.data.kept.own ? `${name} ${lab.phrase("heads.kept", lab.data.kept)}` : name;
  }
}
