// One curve over positions, with the place under the hand marked.
import { make, sharpen } from "../common/dom.js";

const HEIGHT = 230, LEFT = 46, BELOW = 22, FONT = 12;

export class Curve {
  constructor() {
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.element = make("div", { class: "curve" }, this.canvas);
  }

  /** values: one a place, NaN where there is none; at and cell: places to mark; low and high: the range. */
  draw({ values, at, cell, low, high, below }, ink) {
    const width = this.element.clientWidth;
    if (width < 60) return;
    const own = sharpen(this.canvas, width, HEIGHT);
    own.clearRect(0, 0, width, HEIGHT);
    const x = (place) => LEFT + (place / (values.length - 1)) * (width - LEFT - 8);
    const y = (value) => 6 + (1 - (value - low) / (high - low)) * (HEIGHT - BELOW - 6);
    own.font = `${FONT}px ${ink.font}`;
    own.fillStyle = ink.faint;
    own.strokeStyle = ink.line;
    own.textAlign = "right";
    own.textBaseline = "middle";
    for (const value of [low, (low + high) / 2, high]) {
      own.fillText(value.toFixed(2).replace("-", "−"), LEFT - 6, y(value));
      own.beginPath();
      own.moveTo(LEFT, y(value));
      own.lineTo(width - 8, y(value));
      own.stroke();
    }
    own.textBaseline = "bottom";
    own.textAlign = "center";
    const free = width - 20 - own.measureText(below).width;
    for (let place = 0; place < values.length && x(place) < free; place += 8) own.fillText(String(place), x(place), HEIGHT - 4);
    own.textAlign = "right";
    own.fillText(below, width - 8, HEIGHT - 4);
    this.line(own, values, x, y, ink.accent);
    for (const place of [at, cell]) {
      if (place === null || place === undefined || Number.isNaN(values[place])) continue;
      own.fillStyle = place === at ? ink.text : ink.accent;
      own.beginPath();
      own.arc(x(place), y(values[place]), 4, 0, 2 * Math.PI);
      own.fill();
    }
  }

  line(own, values, x, y, colour) {
    own.strokeStyle = colour;
    own.lineWidth = 2;
    own.beginPath();
    values.forEach((value, place) => {
      if (!Number.isNaN(value)) own[place === 0 || Number.isNaN(values[place - 1]) ? "moveTo" : "lineTo"](x(place), y(value));
    });
    own.stroke();
    own.lineWidth = 1;
  }
}
