// Curves on axes that both go by equal factors. Pure drawing: every number comes with the facts.
import { svg } from "../distance_scatter/svg.js";

const MARGIN = { left: 58, right: 14, top: 12, bottom: 40 };
const UP = ["", " k", " M", " G", " T", " P", " E", " Z", " Y"];
const DOWN = { 0: " s", "-1": " ms", "-2": " µs", "-3": " ns" };
const ROOM = 92; // CSS pixels that a number beside a curve takes
const LEAST_TICK = 46; // CSS pixels between the numbers of an axis

/** A power of ten in the unit of a chart: "10 GB", "1 ms", "10¹²". */
export function tick(power, unit) {
  const group = Math.floor(power / 3);
  const digits = 10 ** (power - 3 * group);
  if (unit === "seconds") return `${digits}${DOWN[group] ?? ` ·10^${3 * group} s`}`;
  if (unit === "bytes") return `${digits}${UP[group] || " "}B`;
  return `10${[...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] ?? "⁻").join("")}`;
}

/** A size on the axis below: "64", "1 k" for 1,024. */
const count = (number) => (number >= 2 ** 20 ? `${number / 2 ** 20} M` : number >= 1_024 && number % 1_024 === 0 ? `${number / 1_024} k` : String(number));

const span = (numbers) => [Math.min(...numbers), Math.max(...numbers)];

/** Where a chart's numbers lie: {x(number), y(number), at(pixels)}. */
export function scales({ lines }, width, height) {
  const [first, last] = span(lines.flatMap(({ points }) => points.map(([x]) => Math.log2(x))));
  const [low, high] = span(lines.flatMap(({ points }) => points.map(([, y]) => Math.log10(y))));
  const [bottom, top] = [Math.floor(low), Math.ceil(high)];
  const wide = width - MARGIN.left - MARGIN.right;
  const high_ = height - MARGIN.top - MARGIN.bottom;
  return {
    first, last, bottom, top,
    x: (number) => MARGIN.left + (wide * (Math.log2(number) - first)) / (last - first),
    y: (number) => MARGIN.top + high_ * (1 - (Math.log10(number) - bottom) / (top - bottom)),
    at: (pixels) => 2 ** (first + ((last - first) * Math.min(wide, Math.max(0, pixels - MARGIN.left))) / wide),
  };
}

/** facts: {unit, mark, lines: [{name, points, at, said}]}; said: what stands below, and how it is called aloud. */
export function chart(facts, width, height, { below, aloud }) {
  const place = scales(facts, width, height);
  const [left, right, foot] = [MARGIN.left, width - MARGIN.right, height - MARGIN.bottom];
  const every = Math.max(1, Math.ceil(((place.top - place.bottom) * 22) / (foot - MARGIN.top)));
  const powers = Array.from({ length: place.top - place.bottom + 1 }, (_, at) => place.bottom + at).filter((power) => (power - place.bottom) % every === 0);
  const across = powers.flatMap((power) => [
    svg("line", { class: "tick", x1: left, x2: right, y1: place.y(10 ** power), y2: place.y(10 ** power) }),
    svg("text", { class: "number", x: left - 8, y: place.y(10 ** power), "text-anchor": "end", dy: ".32em" }, tick(power, facts.unit)),
  ]);
  const steps = facts.lines[0].points.map(([x]) => x);
  const pitch = (right - left) / Math.max(1, steps.length - 1);
  const shown = steps.filter((_, at) => at % Math.ceil(LEAST_TICK / pitch) === 0);
  const along = shown.map((x) => svg("text", { class: "number", x: place.x(x), y: foot + 16, "text-anchor": "middle" }, count(x)));
  const side = svg("text", { class: "side", x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, below);
  const curves = facts.lines.map(({ name, points }) => svg("polyline", { class: "curve", "data-line": name, points: points.map(([x, y]) => `${place.x(x)},${place.y(y)}`).join(" ") }));
  const dots = facts.mark === null ? facts.lines.filter(({ name }) => name !== "formula").flatMap(({ name, points }) => points.map(([x, y]) => dot(place, name, x, y))) : [];
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": aloud }, ...across, ...along, side, ...curves, ...dots, ...marked(facts, place, foot, right));
}

const dot = (place, name, x, y) => svg("circle", { class: "dot", "data-line": name, cx: place.x(x), cy: place.y(y), r: 3.5 });

/** The chosen size: a line, and on each curve a dot with its number. */
function marked({ mark, lines }, place, foot, right) {
  if (mark === null) return [];
  const at = Math.min(2 ** place.last, Math.max(2 ** place.first, mark));
  const [isLeft, isRight] = [place.x(at) < MARGIN.left + ROOM, place.x(at) > right - ROOM];
  const highest = Math.min(...lines.map(({ at: y }) => place.y(y)));
  const words = lines.map((line) => {
    const y = place.y(line.at);
    const isAbove = y === highest; // curves rise: there is room above to the left of one, and below to its right
    const isBefore = isRight || (isAbove && !isLeft);
    const shift = isAbove ? -10 : isRight ? 34 : 18;
    return svg("text", { class: "said", "data-line": line.name, x: place.x(at) + (isBefore ? -9 : 9), y: y + shift, "text-anchor": isBefore ? "end" : "start" }, line.said);
  });
  return [
    svg("line", { class: "mark", x1: place.x(at), x2: place.x(at), y1: MARGIN.top, y2: foot }),
    ...lines.map((line) => dot(place, line.name, at, line.at)),
    ...words,
  ];
}
