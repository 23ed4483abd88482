// What is drawn as a table, to be read aloud or copied, and as files: the row as CSV, the given picture as PNG and SVG,
// every head as PNG.
import { make } from "../common/dom.js";
import { boxOf, nameOf, placeOf } from "../common/patches.js";
import { sight } from "../common/sight.js";
import { plain, sentence, shareText, targetText } from "../common/sighted.js";
import { fileName, save } from "../token_map/files.js";
import { givenFrame } from "./frames.js";
import { headsCanvas } from "./heads.js";
import { drawn } from "./paint.js";
import { svg } from "./svg.js";

const DIGITS = 9; // enough to bring back every float32
const BUTTONS = ["table", "csv", "png", "svg", "heads"];
const OF_A_LINE = ["table", "csv", "svg", "heads"]; // that need one
const LINES_FOR = 900; // pixels: of a larger picture lines are thicker, so that they are seen as on the screen
const SMALLER = 3_600; // pixels of the longer side, where the browser draws no larger picture

export class Takeaway {
  /** scene(): what is drawn just now; `trigger` asks Python. */
  constructor(scene) {
    this.scene = scene;
    const hands = {
      table: () => this.toggle(), csv: () => this.saveCsv(), heads: () => this.saveHeads(),
      png: () => this.want("png"), svg: () => this.want("svg"),
    };
    this.buttons = Object.fromEntries(BUTTONS.map((name) => [name, make("button", { type: "button", class: "take", onclick: hands[name] })]));
    this.region = make("div", { class: "table", role: "region", tabindex: 0, hidden: true });
    this.told = make("span", { class: "done", role: "status" });
    this.row = make("div", { class: "takeaway" }, ...Object.values(this.buttons), this.told);
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
    for (const name of OF_A_LINE) this.buttons[name].disabled = !sight.pinnedLine;
    if (!this.region.hidden && sight.pinnedLine) this.fill();
    if (this.wanted && this.fullFile) this.want(this.wanted);
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
    const { values } = sight.pinnedLine;
    const lines = Array.from(values, (value, position) => {
      const place = placeOf(other, position);
      const box = boxOf(other, position);
      const where = place ? [place.row, place.col, box.top, box.left, box.bottom, box.right] : ["", "", "", "", "", ""];
      return [nameOf(other, position), ...where, Number(value.toPrecision(DIGITS))].join(",");
    });
    const head = `position,row,column,top,left,bottom,right,${sight.unit ? "score" : "weight"}`;
    save(new Blob([[head, ...lines].map((each) => `${each}\r\n`).join("")], { type: "text/csv" }), fileName(sight.shown, "csv"));
  }

  saveHeads() {
    const canvas = headsCanvas(this.scene().ink);
    canvas.toBlob((blob) => this.give(blob, `attnviz-heads.png`, canvas));
  }

  /** Files with the picture in them take it in its full size, which comes when it is first asked for. */
  async want(ending) {
    this.wanted = ending;
    const file = this.fullFile;
    if (!file) {
      this.told.textContent = sight.phrase("sight.take.waiting");
      this.trigger("whole", sight.packet.id);
      return;
    }
    this.wanted = null;
    await (ending === "png" ? this.savePng(file) : this.saveSvg(file));
  }

  /** The given picture as a file in its full size: the one that is here where that is not smaller. */
  get fullFile() {
    const { bitmaps, files, original, id } = sight.picture;
    if (sight.whole?.id === id) return sight.whole.file;
    const isWhole = bitmaps?.[1].width === original[1] && bitmaps[1].height === original[0];
    return isWhole ? files[1] : null;
  }

  /** What is drawn, on the given picture of that size. */
  sceneOf(width, height) {
    const frame = givenFrame(sight.picture, width, height);
    const line = Math.max(1, Math.max(frame.width, frame.height) / LINES_FOR);
    return { ...this.scene(), frame, line, under: null, marked: [] };
  }

  async savePng(file) {
    const bitmap = await createImageBitmap(file);
    const [height, width] = sight.picture.original;
    if (await this.drawPng(bitmap, width, height)) return;
    const smaller = SMALLER / Math.max(width, height);
    await this.drawPng(bitmap, Math.round(width * smaller), Math.round(height * smaller));
    this.told.textContent = sight.phrase("sight.take.smaller", { width, height });
  }

  /** Whether the browser could: a phone's canvas ends at about 16 megapixels. */
  async drawPng(bitmap, width, height) {
    const scene = this.sceneOf(width, height);
    const canvas = make("canvas", { width: scene.frame.width, height: scene.frame.height });
    drawn(canvas.getContext("2d"), { ...scene, bitmap });
    const blob = await new Promise((done) => canvas.toBlob(done));
    if (blob) this.give(blob, fileName(sight.shown, "png"), canvas);
    return Boolean(blob);
  }

  async saveSvg(file) {
    const [height, width] = sight.picture.original;
    const reader = new FileReader();
    await new Promise((done) => {
      reader.onload = done;
      reader.readAsDataURL(file);
    });
    const scene = this.sceneOf(width, height);
    const text = svg(scene, reader.result, sentence(sight.pinned, sight.pinnedLine));
    this.give(new Blob([text], { type: "image/svg+xml" }), fileName(sight.shown, "svg"), scene.frame);
  }

  give(blob, name, { width, height }) {
    save(blob, name);
    this.told.textContent = sight.phrase("sight.take.saved", { name, width, height });
  }
}
