// A matrix with its name and its shape: one that is written in, or one that was worked out.
import { make } from "../common/dom.js";
import { withLow } from "./low.js";

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

class Matrix {
  constructor(name) {
    this.name = name;
    this.title = make("span", { class: "name" });
    this.shape = make("span", { class: "shape number" });
    this.cells = make("div", { class: "cells", role: "grid" });
    this.foot = make("div", { class: "foot" });
    this.element = make("figure", { class: "matrix", "data-name": name }, make("figcaption", {}, this.title, this.shape), this.cells, this.foot);
    this.cells.addEventListener("keydown", (event) => this.walk(event));
  }

  say(title, aloud) {
    if (this.title.textContent !== title.replaceAll("_", "")) this.title.replaceChildren(...withLow(title));
    this.cells.setAttribute("aria-label", aloud ?? title);
  }

  /** Lay the cells anew where the matrix has another size. */
  lay(rows, cols) {
    this.shape.textContent = `${rows} × ${cols}`;
    if (this.rows === rows && this.cols === cols) return;
    [this.rows, this.cols] = [rows, cols];
    this.cells.style.setProperty("--cols", cols);
    const row = (at) => make("div", { role: "row" }, ...Array.from({ length: cols }, (_, col) => this.cell(at, col)));
    this.cells.replaceChildren(...Array.from({ length: rows }, (_, at) => row(at)));
  }

  at(row, col) {
    return this.cells.children[row]?.children[col]?.firstElementChild ?? this.cells.children[row]?.children[col];
  }

  /** Arrows go from cell to cell; within a number they go from digit to digit until its end. */
  walk(event) {
    const move = MOVES[event.key];
    const cell = event.target;
    if (!move || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (cell.localName === "input" && move[1] && !atEdge(cell, move[1])) return;
    const next = this.at(Number(cell.dataset.row) + move[0], Number(cell.dataset.col) + move[1]);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select?.();
  }

  /** Frame the row, the column or the cell that the arithmetic in view is made of. */
  mark(row, col) {
    this.cells.querySelectorAll("[data-row]").forEach((cell) => {
      const here = (row === null || Number(cell.dataset.row) === row) && (col === null || Number(cell.dataset.col) === col);
      cell.classList.toggle("lit", here && !(row === null && col === null));
    });
  }
}

function atEdge(input, step) {
  const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
  return whole || (input.selectionStart === input.selectionEnd && input.selectionStart === (step < 0 ? 0 : input.value.length));
}

/** A table that a visitor writes in. hands: {write(row, col, text), paste(text), point(row, col), told(row, col)}. */
export class Given extends Matrix {
  constructor(name, hands) {
    super(name);
    this.hands = hands;
    this.cells.addEventListener("paste", (event) => this.pasted(event));
  }

  cell(row, col) {
    const oninput = (event) => this.hands.write(row, col, event.target);
    const onfocus = (event) => this.hands.point(row, col, event.target);
    const onblur = (event) => this.hands.leave(row, col, event.target);
    return make("div", { role: "gridcell" }, make("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "data-row": row, "data-col": col, oninput, onfocus, onblur }));
  }

  pasted(event) {
    const text = event.clipboardData.getData("text/plain");
    if (!/[\t\n;\]]/.test(text.trim()) && !/\S\s+\S/.test(text.trim())) return; // one number goes into its cell
    event.preventDefault();
    this.hands.paste(text);
  }

  /** Numbers as they stand; the one that is being written keeps its own writing. */
  fill(rows, write, aloud) {
    this.lay(rows.length, rows[0].length);
    const active = this.cells.getRootNode().activeElement;
    rows.forEach((numbers, row) => numbers.forEach((number, col) => {
      const input = this.at(row, col);
      input.setAttribute("aria-label", aloud(row, col));
      if (input === active && Number(input.dataset.is) === number) return;
      if (input.dataset.is === String(number) && input.getAttribute("aria-invalid")) return; // what could not be read stays
      input.value = write(number);
      input.dataset.is = number;
      input.removeAttribute("aria-invalid");
    }));
  }
}

/** A table that was worked out. hands: {point(row, col), leave(), press(row, col)}. */
export class Made extends Matrix {
  constructor(name, hands) {
    super(name);
    this.hands = hands;
    this.cells.addEventListener("pointerover", (event) => this.reach(event.target));
    this.cells.addEventListener("focusin", (event) => this.reach(event.target));
    this.cells.addEventListener("pointerleave", () => hands.leave());
    this.cells.addEventListener("focusout", () => hands.leave());
    if (!hands.press) return;
    this.cells.addEventListener("click", (event) => this.press(event));
    this.cells.addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && this.press(event));
  }

  cell(row, col) {
    return make("div", { role: "gridcell", class: "number", tabindex: row || col ? -1 : 0, "data-row": row, "data-col": col });
  }

  reach(cell) {
    if (cell.dataset.row === undefined) return;
    for (const each of this.cells.querySelectorAll('[tabindex="0"]')) each.tabIndex = -1;
    cell.tabIndex = 0;
    this.hands.point(Number(cell.dataset.row), Number(cell.dataset.col));
  }

  press(event) {
    if (event.target.dataset.row === undefined) return;
    event.preventDefault();
    this.hands.press(Number(event.target.dataset.row), Number(event.target.dataset.col));
  }

  /** paint(row, col) gives {background, color} or nothing. */
  fill(cells, paint) {
    this.lay(cells.length, cells[0].length);
    cells.forEach((texts, row) => texts.forEach((text, col) => {
      const cell = this.at(row, col);
      cell.textContent = text;
      cell.classList.toggle("closed", text === "−∞");
      const { background = "", color = "" } = paint?.(row, col) ?? {};
      Object.assign(cell.style, { background, color });
    }));
  }

  /** Not worked out yet: as large as it will be, with nothing in it. */
  empty(rows, cols) {
    this.fill(Array.from({ length: rows }, () => Array(cols).fill("")));
  }
}
