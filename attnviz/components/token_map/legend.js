// What the colours stand for: a bar from 0 to 1, with marks where the square root puts them.
import { GAP, LEGEND_WIDTH } from "./layout.js";

const BELOW = 14; // CSS pixels under the map
const HEIGHT = 8;
const TICKS = [0, 0.02, 0.1, 0.25, 0.5, 1];
const TICKS_OF_ROW = [0, 1];
const LEAST_APART = 22; // CSS pixels: marks of a narrow bar would touch
const ALIGNED = { 0: "left", 1: "right" };

export function paintLegend(context, view) {
  const { place, ink } = view;
  const width = Math.min(place.legend ?? LEGEND_WIDTH, place.width - place.left - GAP); // a map of three words is narrower
  const y = place.top + place.high + BELOW;
  for (let x = 0; x < width; x++) {
    context.fillStyle = ink.css(x / (width - 1));
    context.fillRect(place.left + x, y, 1, HEIGHT);
  }
  context.strokeStyle = ink.line;
  context.strokeRect(place.left - 0.5, y - 0.5, width, HEIGHT + 1);
  paintTicks(context, view, width, y + HEIGHT + 4);
}

function paintTicks(context, { place, ink, scale, words }, width, y) {
  context.font = `11px ${ink.font}`;
  context.fillStyle = ink.faint;
  context.textBaseline = "top";
  let last = -Infinity;
  for (const tick of scale === "row" ? TICKS_OF_ROW : TICKS) {
    const x = place.left + width * Math.sqrt(tick);
    if (x - last < LEAST_APART) continue;
    last = x;
    context.textAlign = ALIGNED[tick] ?? "center";
    const name = scale === "row" && tick === 1 ? words.most : String(tick);
    context.fillText(name, x, y);
  }
}
