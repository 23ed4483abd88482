// Draws one picture with what lies over it. Knows nothing of the page.
import { sharpen } from "../common/dom.js";
import { boxOf } from "../common/patches.js";
import { known } from "./frames.js";

const LEAST_CELL = 7; // CSS pixels: a finer grid would hide the picture
const HATCH = 7;
const LABEL = 12;

/** scene: {frame, bitmap, picture, own, other, overlay, grey, smooth, mask, artefacts, things, chosen, under, marked, ink, rim, line} */
export function paint(canvas, scene) {
  drawn(sharpen(canvas, scene.frame.width, scene.frame.height), scene);
}

/** The same on a context whose pixels are those of the frame. */
export function drawn(context, scene) {
  const { frame, bitmap, smooth } = scene;
  context.clearRect(0, 0, frame.width, frame.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, frame.width, frame.height);
  context.save();
  context.beginPath();
  context.rect(...rectangle(frame, known(scene.picture, scene.other)));
  context.clip();
  if (scene.overlay) {
    if (scene.grey) fade(context, frame, scene.grey);
    const { rows, cols, height, width } = scene.other;
    context.imageSmoothingEnabled = smooth;
    context.drawImage(scene.overlay, ...rectangle(frame, { top: 0, left: 0, bottom: rows * height, right: cols * width }));
  }
  if (scene.mask) contour(context, scene);
  context.restore();
  lines(context, scene);
  shade(context, scene);
  for (const position of scene.artefacts) circle(context, scene, position);
  for (const thing of scene.things) frameThing(context, scene, thing);
  for (const position of scene.marked) ring(context, scene, scene.other, [position], 1.5, [4, 3]);
  if (scene.under !== null) ring(context, scene, scene.own, [scene.under], 1.5);
  if (scene.chosen.length) ring(context, scene, scene.own, scene.chosen, 2.5);
}

/** Takes colour out of the picture, so that the colours of the overlay are its own. */
function fade(context, frame, share) {
  context.save();
  context.globalCompositeOperation = "saturation";
  context.globalAlpha = share;
  context.fillStyle = "hsl(0 0% 50%)";
  context.fillRect(0, 0, frame.width, frame.height);
  context.restore();
}

function rectangle(frame, { top, left, bottom, right }) {
  return [frame.x(left), frame.y(top), frame.x(right) - frame.x(left), frame.y(bottom) - frame.y(top)];
}

/** Lines between patches, light beside dark, so that they are seen on any picture and hide none. */
function lines(context, { frame, own: chosen, other, picture, line = 1 }) {
  const own = chosen.rows ? chosen : other; // queries that lie nowhere read patches that do
  const cell = { x: frame.x(own.width) - frame.x(0), y: frame.y(own.height) - frame.y(0) };
  if (!own.rows || Math.min(cell.x, cell.y) < LEAST_CELL * line) return;
  const { top, left, bottom, right } = known(picture, own);
  for (const [shift, colour] of [[0, "rgb(255 255 255 / .22)"], [1, "rgb(0 0 0 / .16)"]]) {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.beginPath();
    for (let row = 1; row < own.rows; row++) {
      const y = Math.round(frame.y(row * own.height)) + 0.5 - shift;
      context.moveTo(frame.x(left), y);
      context.lineTo(frame.x(right), y);
    }
    for (let col = 1; col < own.cols; col++) {
      const x = Math.round(frame.x(col * own.width)) + 0.5 - shift;
      context.moveTo(x, frame.y(top));
      context.lineTo(x, frame.y(bottom));
    }
    context.stroke();
  }
}

/** Hatches what no patch holds. */
function shade(context, { frame, picture, own, other, ink, line = 1 }) {
  const axis = own.rows ? own : other;
  const [x, y, width, height] = rectangle(frame, known(picture, axis));
  if (x < 1 && y < 1 && width > frame.width - 2 && height > frame.height - 2) return;
  context.save();
  context.beginPath();
  context.rect(0, 0, frame.width, frame.height);
  context.rect(x, y, width, height);
  context.clip("evenodd");
  context.fillStyle = ink.background;
  context.globalAlpha = 0.72;
  context.fillRect(0, 0, frame.width, frame.height);
  context.globalAlpha = 0.35;
  context.strokeStyle = ink.text;
  context.lineWidth = line;
  context.beginPath();
  for (let at = -frame.height; at < frame.width; at += HATCH * line) {
    context.moveTo(at, frame.height);
    context.lineTo(at + frame.height, 0);
  }
  context.stroke();
  context.restore();
}

/** The edge of the patches that are kept. */
function contour(context, { frame, other, mask, rim, line = 1 }) {
  const { rows, cols, height, width } = other;
  const holds = (row, col) => row >= 0 && col >= 0 && row < rows && col < cols && mask[row * cols + col];
  context.beginPath();
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) {
      if (!holds(row, col)) continue;
      const [x, y, w, h] = rectangle(frame, { top: row * height, left: col * width, bottom: (row + 1) * height, right: (col + 1) * width });
      if (!holds(row - 1, col)) context.moveTo(x, y), context.lineTo(x + w, y);
      if (!holds(row + 1, col)) context.moveTo(x, y + h), context.lineTo(x + w, y + h);
      if (!holds(row, col - 1)) context.moveTo(x, y), context.lineTo(x, y + h);
      if (!holds(row, col + 1)) context.moveTo(x + w, y), context.lineTo(x + w, y + h);
    }
  doubly(context, 1.5, rim, line);
}

/** A frame around patches, seen on light and on dark. */
function ring(context, { frame, rim, line = 1 }, axis, positions, thickness, dash = []) {
  const boxes = positions.map((position) => boxOf(axis, position)).filter(Boolean);
  if (!boxes.length) return;
  const around = {
    top: Math.min(...boxes.map((box) => box.top)),
    left: Math.min(...boxes.map((box) => box.left)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
    right: Math.max(...boxes.map((box) => box.right)),
  };
  context.save();
  context.setLineDash(dash.map((length) => length * line));
  context.beginPath();
  context.roundRect(...rectangle(frame, around), 2 * line);
  doubly(context, thickness, rim, line);
  context.restore();
}

/** A circle in a patch that the model uses as a note. */
function circle(context, { frame, rim, other, line = 1 }, position) {
  const [x, y, width, height] = rectangle(frame, boxOf(other, position));
  context.beginPath();
  const [across, down] = [width, height].map((side) => Math.max(1, side / 2 - 2 * line));
  context.ellipse(x + width / 2, y + height / 2, across, down, 0, 0, 2 * Math.PI);
  doubly(context, 2, rim, line);
}

/** Where a query has found something: a frame, with the name and how sure it is where it is asked about. */
function frameThing(context, { frame, rim, ink, line = 1 }, { box, text, strong }) {
  const [x, y, width, height] = rectangle(frame, box);
  context.save();
  context.globalAlpha = strong ? 1 : 0.75;
  context.beginPath();
  context.rect(x, y, width, height);
  doubly(context, strong ? 2 : 1, rim, line);
  if (strong) {
    const size = LABEL * line;
    context.font = `600 ${size}px ${ink.font}`;
    context.textBaseline = "middle";
    const across = Math.min(frame.width, context.measureText(text).width + size);
    const left = Math.max(0, Math.min(x, frame.width - across));
    const top = Math.max(0, Math.min(y, frame.height - 1.5 * size));
    context.fillStyle = rim[1];
    context.fillRect(left, top, across, 1.5 * size);
    context.fillStyle = rim[0];
    context.fillText(text, left + size / 2, top + 0.78 * size, across - size);
  }
  context.restore();
}

function doubly(context, thickness, [inner, outer], line = 1) {
  context.lineJoin = "round";
  context.strokeStyle = outer;
  context.lineWidth = (thickness + 2.5) * line;
  context.stroke();
  context.strokeStyle = inner;
  context.lineWidth = thickness * line;
  context.stroke();
}
