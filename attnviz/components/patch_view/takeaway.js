// What is drawn as a table, to be read aloud or copied, and as files: the row as CSV, the given picture as PNG.
import { make } from "../common/dom.js";
import { boxOf, nameOf, placeOf } from "../common/patches.js";
import { sight } from "../common/sight.js";
import { plain, shareText, targetText } from "../common/sighted.js";
import { fileName, save } from "../token_map/files.js";
import { givenFrame } from "./frames.js";
import { drawn } from "./paint.js";

const DIGITS = 9; // enough to bring back every float32
const BUTTONS = ["table", "csv", "png"];

export class Takeaway {
  /** scene(): what is drawn just now. */
  constructor(scene) {
    this.scene = scene;
    const hands = { table: () => this.toggle(), csv: () => this.saveCsv(), png: () => this.savePng() };
    this.buttons = Object.fromEntries(BUTTONS.map((name) => [name, make("button", { type: "button", class: "take", onclick: hands[name] })]));
    this.region = make("div", { class: "table", role: "region", tabindex: 0, hidden: true });
    this.row = make("div", { class: "takeaway" }, ...Object.values(this.buttons));
    this.buttons.table.setAttribute("aria-expanded", "false");
  }

  lay() {
    for (const [name, button] of Object.entries(this.buttons)) {
      button.textContent = sight.phrase(`sight.take.${name}`);
      button.title = sight.phrase(`sight.take.${name}_hint`);
    }
  }

  /** Another line: the table that is open shows it. */
  follow() {
    for (const name of ["table", "csv"]) this.buttons[name].disabled = !sight.line;
    if (!this.region.hidden && sight.line) this.fill();
  }

  toggle() {
    this.region.hidden = !this.region.hidden;
    this.buttons.table.setAttribute("aria-expanded", String(!this.region.hidden));
    if (this.region.hidden) this.region.replaceChildren();
    else this.fill();
  }

  /** Tokens first, then the grid row by row; it follows what is chosen, not the mouse. */
  fill() {
    const target = sight.pinned;
    const line = sight.pinnedLine;
    if (!line) return;
    const { other } = sight.sides();
    const caption = sight.phrase(`sight.take.caption_${sight.choice.direction}`, { target: targetText(target) });
    this.region.setAttribute("aria-label", caption);
    const cell = (position) => make("td", {}, position < 0 ? "" : shareText(line.values[position], line.exact));
    const tokens = [...other.named.values()].map(({ position }) =>
      make("tr", {}, make("th", { scope: "row" }, plain(other, position)), make("td", { colspan: Math.max(1, other.cols) }, shareText(line.values[position], line.exact))));
    const head = make("tr", {}, make("td"), ...Array.from({ length: other.cols }, (_, col) => make("th", { scope: "col" }, `c${col}`)));
    const rows = Array.from({ length: other.rows }, (_, row) =>
      make("tr", {}, make("th", { scope: "row" }, `r${row}`), ...Array.from({ length: other.cols }, (_, col) => cell(other.at[row * other.cols + col]))));
    this.region.replaceChildren(
      make("table", {}, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...tokens, ...rows)),
    );
  }

  saveCsv() {
    const { other } = sight.sides();
    const { values } = sight.line;
    const lines = Array.from(values, (value, position) => {
      const place = placeOf(other, position);
      const box = boxOf(other, position);
      const where = place ? [place.row, place.col, box.top, box.left, box.bottom, box.right] : ["", "", "", "", "", ""];
      return [nameOf(other, position), ...where, Number(value.toPrecision(DIGITS))].join(",");
    });
    const head = "position,row,column,top,left,bottom,right,weight";
    save(new Blob([[head, ...lines].map((each) => `${each}\r\n`).join("")], { type: "text/csv" }), fileName(sight.shown, "csv"));
  }

  /** The given picture with all that lies on it, as large as the browser has it. */
  savePng() {
    const bitmap = sight.picture.bitmaps[1];
    const frame = givenFrame(sight.picture, bitmap.width, bitmap.height);
    const canvas = make("canvas", { width: frame.width, height: frame.height });
    drawn(canvas.getContext("2d"), { ...this.scene(), bitmap, frame, under: null, marked: [] });
    canvas.toBlob((blob) => save(blob, fileName(sight.shown, "png")));
  }
}
