// What is drawn over the given picture as an SVG: the picture as a file inside it, patches as areas, frames as lines.
import { boxOf } from "../common/patches.js";
import { known } from "./frames.js";
import { dye } from "./overlay.js";

const SPACE = "http://www.w3.org/2000/svg";

function shape(name, attributes = {}, ...children) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** The scene of paint.js as the text of an SVG; `address` is the given picture as a data address, `title` what is drawn. */
export function svg(scene, address, title) {
  const { frame, picture, other, ink } = scene;
  const [width, height] = [frame.width, frame.height];
  const root = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "font-family": ink.font });
  const area = box(frame, known(picture, other));
  const photo = (more) => shape("use", { href: "#picture", ...more });
  root.append(
    shape("title", {}, title),
    shape("defs", {},
      shape("image", { id: "picture", href: address, width, height, preserveAspectRatio: "none" }),
      shape("filter", { id: "grey" }, shape("feColorMatrix", { type: "saturate", values: 1 - scene.grey })),
      shape("clipPath", { id: "known" }, shape("rect", area))),
    photo({}),
    shape("g", { "clip-path": "url(#known)" }, ...(scene.laid ? [photo({ filter: "url(#grey)" }), ...covers(scene)] : []), ...(scene.mask ? contour(scene) : [])),
    ...grid(scene),
    ...unseen(scene, area),
    ...scene.artefacts.flatMap((position) => circle(scene, position)),
    ...scene.things.flatMap((thing) => thingShapes(scene, thing)),
    ...(scene.chosen.length ? ring(scene) : []),
  );
  return new XMLSerializer().serializeToString(root);
}

const short = (number) => Number(number.toFixed(2));

function box(frame, { top, left, bottom, right }) {
  const [x, y] = [frame.x(left), frame.y(top)];
  return { x: short(x), y: short(y), width: short(frame.x(right) - x), height: short(frame.y(bottom) - y) };
}

/** Patches as areas; drawn smoothly, as the picture of dots that the screen has. */
function covers({ frame, other, laid, overlay, smooth, choice, ink }) {
  const { rows, cols, height, width } = other;
  if (smooth) {
    const place = box(frame, { top: 0, left: 0, bottom: rows * height, right: cols * width });
    return [shape("image", { ...place, href: dots(overlay), preserveAspectRatio: "none" })];
  }
  return Array.from(laid.strengths, (strength, cell) => {
    const [row, col] = [Math.floor(cell / cols), cell % cols];
    const place = box(frame, { top: row * height, left: col * width, bottom: (row + 1) * height, right: (col + 1) * width });
    const { colour, cover } = dye(strength, choice, ink);
    return shape("rect", { ...place, fill: `rgb(${colour.join(",")})`, "fill-opacity": short(cover) });
  });
}

function dots(offscreen) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [offscreen.width, offscreen.height];
  canvas.getContext("2d").drawImage(offscreen, 0, 0);
  return canvas.toDataURL("image/png");
}

/** A line seen on light and on dark. */
function doubly(name, attributes, thickness, { rim, line = 1 }) {
  const drawn = (stroke, width) => shape(name, { ...attributes, fill: "none", stroke, "stroke-width": short(width * line), "stroke-linejoin": "round" });
  return [drawn(rim[1], thickness + 2.5), drawn(rim[0], thickness)];
}

function contour(scene) {
  const { frame, other: { rows, cols, height, width }, mask } = scene;
  const holds = (row, col) => row >= 0 && col >= 0 && row < rows && col < cols && mask[row * cols + col];
  const parts = [];
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) {
      if (!holds(row, col)) continue;
      const [top, bottom] = [frame.y(row * height), frame.y((row + 1) * height)].map(short);
      const [left, right] = [frame.x(col * width), frame.x((col + 1) * width)].map(short);
      if (!holds(row - 1, col)) parts.push(`M${left} ${top}H${right}`);
      if (!holds(row + 1, col)) parts.push(`M${left} ${bottom}H${right}`);
      if (!holds(row, col - 1)) parts.push(`M${left} ${top}V${bottom}`);
      if (!holds(row, col + 1)) parts.push(`M${right} ${top}V${bottom}`);
    }
  return doubly("path", { d: parts.join("") }, 1.5, scene);
}

/** Lines between patches. */
function grid(scene) {
  const { frame, picture, line = 1 } = scene;
  const { rows, cols, height, width } = scene.own.rows ? scene.own : scene.other;
  const { top, left, bottom, right } = known(picture, scene.own.rows ? scene.own : scene.other);
  const [first, last, above, below] = [frame.x(left), frame.x(right), frame.y(top), frame.y(bottom)].map(short);
  const across = Array.from({ length: Math.max(0, rows - 1) }, (_, row) => `M${first} ${short(frame.y((row + 1) * height))}H${last}`);
  const down = Array.from({ length: Math.max(0, cols - 1) }, (_, col) => `M${short(frame.x((col + 1) * width))} ${above}V${below}`);
  return [shape("path", { d: [...across, ...down].join(""), stroke: "#fff", "stroke-opacity": 0.25, "stroke-width": line })];
}

/** What no patch holds is paled. */
function unseen({ frame, ink }, { x, y, width, height }) {
  if (x < 1 && y < 1 && width > frame.width - 2 && height > frame.height - 2) return [];
  const d = `M0 0H${frame.width}V${frame.height}H0ZM${x} ${y}h${width}v${height}h${-width}Z`;
  return [shape("path", { d, "fill-rule": "evenodd", fill: ink.background, "fill-opacity": 0.72 })];
}

function circle(scene, position) {
  const { x, y, width, height } = box(scene.frame, boxOf(scene.other, position));
  return doubly("ellipse", { cx: short(x + width / 2), cy: short(y + height / 2), rx: short(width / 2), ry: short(height / 2) }, 2, scene);
}

function ring(scene) {
  const boxes = scene.chosen.map((position) => boxOf(scene.own, position)).filter(Boolean);
  if (!boxes.length) return [];
  const edge = (side, choose) => choose(...boxes.map((each) => each[side]));
  const around = { top: edge("top", Math.min), left: edge("left", Math.min), bottom: edge("bottom", Math.max), right: edge("right", Math.max) };
  return doubly("rect", box(scene.frame, around), 2.5, scene);
}

function thingShapes(scene, { box: where, text, strong }) {
  const { frame, rim, line = 1 } = scene;
  const place = box(frame, where);
  const size = 12 * line;
  const name = { x: place.x + size / 2, y: place.y + 1.1 * size, fill: rim[0], stroke: rim[1], "stroke-width": size / 4, "paint-order": "stroke", "font-size": size, "font-weight": 600 };
  return [...doubly("rect", place, strong ? 2 : 1, scene), ...(strong ? [shape("text", name, text)] : [])];
}
