// What a visitor can take from the map: a table to read and copy, the numbers and the picture as files.
import { make } from "../common/dom.js";
import { store } from "../common/store.js";
import { csv, fileName, save } from "./files.js";
import { paint } from "./paint.js";
import { Table } from "./table.js";
import { trimmed } from "./layout.js";

const PICTURE_RATIO = 2;

export class Tools {
  /** scene(ratio) gives what is drawn, without what the mouse lights. */
  constructor(scene) {
    this.scene = scene;
    this.open = make("button", { type: "button", "aria-expanded": "false", onclick: () => this.toggle() });
    this.csv = make("button", { type: "button", onclick: () => this.saveCsv() });
    this.png = make("button", { type: "button", onclick: () => this.savePng() });
    this.region = make("div", { class: "table", hidden: true });
    this.table = new Table(this.region);
    const bar = make("div", { class: "tools" }, this.open, this.csv, this.png);
    this.element = make("div", {}, bar, this.region);
  }

  /** Another map, or other words. */
  take(grid, name) {
    this.grid = grid;
    this.name = name;
    this.open.textContent = store.phrase("map.table");
    this.csv.textContent = store.phrase("map.csv");
    this.png.textContent = store.phrase("map.png");
    this.csv.disabled = !grid.exact || grid.isLong;
    this.csv.title = store.phrase(grid.isLong ? "map.csv_long" : grid.exact ? "map.csv_hint" : "map.csv_waits", { count: grid.rows });
    if (!this.region.hidden) this.showTable();
  }

  toggle() {
    this.region.hidden = !this.region.hidden;
    this.open.setAttribute("aria-expanded", String(!this.region.hidden));
    if (this.region.hidden) this.table.clear();
    else if (this.grid) this.openTable();
  }

  /** A long map is opened where it is looked at. */
  openTable() {
    const { grid, part } = this.scene(PICTURE_RATIO);
    if (grid.isLong) this.table.open({ row: Math.floor(part.y), column: Math.floor(part.x) });
    this.showTable();
  }

  /** Numbers of a long map have come. */
  numbered() {
    if (!this.region.hidden && this.table.isWaiting) this.showTable();
  }

  showTable() {
    const pages = (name) => (from, to, count) => store.phrase(name, { from, to, count });
    this.table.show(this.grid, {
      caption: this.name,
      back: store.phrase("map.back"),
      on: store.phrase("map.on"),
      keys: pages("map.page_keys"),
      queries: pages("map.page_queries"),
    });
  }

  saveCsv() {
    const corner = `${store.phrase("map.query")} \\ ${store.phrase("map.key")}`;
    const text = ["\ufeff", csv(this.grid, corner)]; // the mark by which spreadsheets know UTF-8
    save(new Blob(text, { type: "text/csv;charset=utf-8" }), fileName(store.shown, "csv"));
  }

  savePng() {
    const scene = this.scene(PICTURE_RATIO);
    const place = trimmed(scene.place);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(place.width * PICTURE_RATIO);
    canvas.height = Math.round(place.height * PICTURE_RATIO);
    const context = canvas.getContext("2d");
    context.scale(PICTURE_RATIO, PICTURE_RATIO);
    paint(context, { ...scene, place });
    canvas.toBlob((blob) => save(blob, fileName(store.shown, "png")), "image/png");
  }
}
