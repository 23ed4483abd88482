// The proof: rows sum to 1, and the drawn weights are the model's own, computed when the visitor asks.
import { make } from "../common/dom.js";
import { facts } from "../common/facts.js";
import { smallText } from "../common/numbers.js";

const SMALL_ENOUGH = 1e-5;

export class Proof {
  /** held: what the views of the screen share, of which the shown map has a name; sums(query): a fact about row sums. */
  constructor(held, sums) {
    this.held = held;
    this.rowSums = sums;
    this.title = make("h3");
    this.sums = make("dl", { class: "facts" });
    this.verdict = make("div", { class: "verdict", "aria-live": "polite" });
    this.button = make("button", { type: "button", class: "prove", onclick: () => this.ask() });
    this.element = make("section", { class: "proof" }, this.title, this.sums, this.verdict, this.button);
    this.asked = null; // the map asked about, until Python answers
  }

  /** What Python knows, and how to ask it. */
  take({ data, setTriggerValue }) {
    this.data = data ?? {};
    this.trigger = setTriggerValue;
    this.asked = null;
  }

  ask() {
    const { shown, packet } = this.held;
    this.asked = shown;
    this.trigger("prove", { shown, id: packet.id });
    this.draw(this.query);
  }

  draw(query) {
    this.query = query;
    const { held } = this;
    const { proof, pending, refused } = this.data;
    const mine = proof && proof.id === held.packet.id && proof.shown === held.shown ? proof : null;
    const waiting = !mine && (pending || this.asked === held.shown);
    this.title.textContent = held.phrase("rail.proof");
    this.sums.replaceChildren(...facts([this.rowSums(query)]));
    this.button.hidden = Boolean(mine);
    this.button.setAttribute("aria-disabled", String(Boolean(waiting)));
    this.button.textContent = held.phrase(waiting ? "rail.checking" : "rail.check");
    const news = mine ? this.difference(mine) : refused ? [make("p", { class: "note" }, refused)] : [];
    if (!mine || this.said !== mine) this.verdict.replaceChildren(...news);
    this.said = mine;
  }

  difference({ difference: most }) {
    const right = most <= SMALL_ENOUGH;
    const line = facts([[this.held.phrase("rail.difference"), smallText(most)]]);
    line[0].classList.add(right ? "right" : "wrong");
    const words = this.held.phrase(right ? "rail.right" : "rail.wrong");
    return [make("dl", { class: "facts" }, ...line), make("p", { class: "note" }, words)];
  }
}
