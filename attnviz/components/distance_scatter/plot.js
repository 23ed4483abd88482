// Where the dots of a scatter lie. Pure arithmetic: x is the layer, heads from left to right within it; y is the distance.

export const MARGIN = { left: 46, right: 12, top: 14, bottom: 40 };
const BAND = 0.66; // of a layer's width, in which its heads stand
const ROUND = [1, 2, 2.5, 5, 10];
const TICKS = 5;

/** Round numbers from 0 up to `most`: {step, ticks}. */
export function axis(most) {
  const rough = Math.max(most, 1e-6) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ROUND.map((each) => each * power).find((each) => each >= rough * (1 - 1e-9));
  const count = Math.floor(most / step + 1e-9);
  return { step, ticks: Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(6))) };
}

/** {width, height, x(layer), y(pixels), band, dots: [{layer, head, pixels, even, x, y}], ticks, top, radius} */
export function plot({ heads, even }, width, height) {
  const wide = width - MARGIN.left - MARGIN.right;
  const high = height - MARGIN.top - MARGIN.bottom;
  const most = Math.max(...heads.flat(), ...even.flat());
  const top = 1.08 * Math.max(most, 1e-6);
  const { ticks } = axis(top);
  const pitch = wide / heads.length;
  const x = (layer) => MARGIN.left + (layer + 0.5) * pitch;
  const y = (pixels) => MARGIN.top + high * (1 - pixels / top);
  const dots = heads.flatMap((row, layer) =>
    row.map((pixels, head) => {
      const shift = row.length > 1 ? (head / (row.length - 1) - 0.5) * BAND * pitch : 0;
      return { layer, head, pixels, even: even[layer][head], x: x(layer) + shift, y: y(pixels) };
    }),
  );
  const radius = Math.max(2.5, Math.min(5, (BAND * pitch) / Math.max(...heads.map((row) => row.length)) / 1.6));
  return { width, height, x, y, pitch, dots, ticks, top, radius };
}

/** The level of even attention as stretches [from, to, pixels] in layers, neighbours of one level joined. */
export function levels(even) {
  const found = [];
  even.forEach((row, layer) => {
    const mean = row.reduce((sum, pixels) => sum + pixels, 0) / row.length;
    const last = found.at(-1);
    if (last && Math.abs(last[2] - mean) < 1e-3 * Math.max(1, mean)) last[1] = layer + 1;
    else found.push([layer, layer + 1, mean]);
  });
  return found;
}

/** The dot nearest to a point, or null where none is near. */
export function nearest(dots, x, y, reach) {
  let best = null;
  let least = reach ** 2;
  for (const dot of dots) {
    const away = (dot.x - x) ** 2 + (dot.y - y) ** 2;
    if (away <= least) [best, least] = [dot, away];
  }
  return best;
}

/** Where an arrow leads: left and right to the same head of the next layer, up and down to the next farther or nearer one. */
export function stepped(key, { layer, head }, heads) {
  const across = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (key === "Home" || key === "End" || across) {
    const to = key === "Home" ? 0 : key === "End" ? heads.length - 1 : Math.min(heads.length - 1, Math.max(0, layer + across));
    return { layer: to, head: Math.min(head, heads[to].length - 1) };
  }
  const up = { ArrowUp: 1, ArrowDown: -1 }[key];
  if (!up) return null;
  const order = heads[layer].map((pixels, at) => ({ pixels, at })).sort((one, other) => one.pixels - other.pixels || one.at - other.at);
  const at = order.findIndex((each) => each.at === head) + up;
  return { layer, head: order[Math.min(order.length - 1, Math.max(0, at))].at };
}
