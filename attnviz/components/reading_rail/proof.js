// The proof: rows sum to 1, and the drawn weights are the model's own, computed when the visitor asks.
import { make } from "../common/dom.js";
import { smallText } from "../common/numbers.js";
import { rowOf } from "../common/reading.js";
import { store } from "../common/store.js";
import { facts } from "./spread.js";

const SMALL_ENOUGH = 1e-5;
const NOT_YET = "–";

const total = (row) => row.reduce((sum, weight) => sum + weight, 0);

/** The sum of the row in question, or how far any row departs from 1; both only of exact weights. */
function rowSum(query) {
  const { map } = store;
  if (query !== null) return [store.phrase("rail.row_sum"), map.exact ? total(store.line(query, "reads")).toFixed(7) : NOT_YET];
  if (store.isLong) return [store.phrase("rail.row_sums"), NOT_YET]; // no long map is whole in the browser
  const worst = () => Math.max(...Array.from({ length: map.rows }, (_, row) => Math.abs(1 - total(rowOf(map, row)))));
  return [store.phrase("rail.row_sums"), map.exact ? `1 ± ${smallText(store.once("row sums", worst))}` : NOT_YET];
}

export class Proof {
  constructor() {
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
    this.asked = store.shown;
    this.trigger("prove", { shown: store.shown, id: store.packet.id });
    this.draw(this.query);
  }

  draw(query) {
    this.query = query;
    const { proof, pending, refused } = this.data;
    const mine = proof && proof.id === store.packet.id && proof.shown === store.shown ? proof : null;
    const waiting = !mine && (pending || this.asked === store.shown);
    this.title.textContent = store.phrase("rail.proof");
    this.sums.replaceChildren(...facts([rowSum(query)]));
    this.button.hidden = Boolean(mine);
    this.button.setAttribute("aria-disabled", String(Boolean(waiting)));
    this.button.textContent = store.phrase(waiting ? "rail.checking" : "rail.check");
    const news = mine ? difference(mine) : refused ? [make("p", { class: "note" }, refused)] : [];
    if (!mine || this.said !== mine) this.verdict.replaceChildren(...news);
    this.said = mine;
  }
}

function difference({ difference: most }) {
  const right = most <= SMALL_ENOUGH;
  const line = facts([[store.phrase("rail.difference"), smallText(most)]]);
  line[0].classList.add(right ? "right" : "wrong");
  const words = store.phrase(right ? "rail.right" : "rail.wrong");
  return [make("dl", { class: "facts" }, ...line), make("p", { class: "note" }, words)];
}
