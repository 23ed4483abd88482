// What is on a canvas: the strongest ink, the cells that the mouse finds, the names that are drawn.

const LEGEND = 45; // CSS pixels at the end of the canvas

/** The first pixel of the ramp's last colour, in CSS pixels of the canvas; null when there is none. */
export function brightest(canvas) {
  const { ramp } = harness.store.settings;
  const last = (document.documentElement.dataset.theme === "dark" ? ramp.dark : ramp.light).at(-1);
  const wanted = [1, 3, 5].map((at) => parseInt(last.slice(at, at + 2), 16));
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height - LEGEND * devicePixelRatio);
  for (let at = 0; at < data.length; at += 4)
    if (wanted.every((channel, index) => Math.abs(data[at + index] - channel) < 3))
      return { x: ((at / 4) % width) / devicePixelRatio, y: Math.floor(at / 4 / width) / devicePixelRatio };
  return null;
}

/** Where each visible cell lies: {rows: {position: [first, last]}, cols: …}, in CSS pixels of the canvas. */
export function cells(canvas) {
  const { x: left, y: top, width, height } = canvas.getBoundingClientRect();
  const move = (name, x, y) =>
    canvas.dispatchEvent(new PointerEvent(name, { clientX: left + x, clientY: top + y, pointerType: "mouse" }));
  const at = (x, y) => {
    move("pointermove", x, y);
    return harness.store.hover;
  };
  const found = { rows: {}, cols: {} };
  const note = (spans, position, place) => {
    if (position !== null && position !== undefined) spans[position] = [spans[position]?.[0] ?? place, place];
  };
  for (let x = 0; x < width; x++) note(found.cols, at(x, height / 2)?.key, x);
  const [inside] = Object.values(found.cols)[0];
  for (let y = 0; y < height; y++) note(found.rows, at(inside + 2, y)?.query, y);
  move("pointerleave", 0, 0);
  return found;
}

/** The colours at places [x, y] of a canvas. */
export const colours = (canvas, places) =>
  places.map(([x, y]) => [...canvas.getContext("2d").getImageData(x, y, 1, 1).data.slice(0, 3)]);

/** Note every text that is drawn from now on, with its slant and the corners of its box, in window.drawn. */
export function listen() {
  const draw = CanvasRenderingContext2D.prototype.fillText;
  window.drawn = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const matrix = this.getTransform();
    const slant = -Math.atan2(matrix.b, matrix.a);
    window.drawn.push({ text, slant, box: corners(this.measureText(text), matrix, x, y) });
    draw.call(this, text, x, y);
  };
}

function corners(measured, matrix, x, y) {
  const [left, right] = [x - measured.actualBoundingBoxLeft, x + measured.actualBoundingBoxRight];
  const [top, bottom] = [y - measured.actualBoundingBoxAscent, y + measured.actualBoundingBoxDescent];
  return [[left, top], [right, top], [right, bottom], [left, bottom]].map(([across, down]) => {
    const at = matrix.transformPoint({ x: across, y: down });
    return [at.x / devicePixelRatio, at.y / devicePixelRatio];
  });
}

/** Note every line that is drawn from now on, in window.lines: its two heights, width, opacity, and whether it stands out. */
export function listenToLines() {
  const { moveTo, bezierCurveTo, stroke } = CanvasRenderingContext2D.prototype;
  let line = null;
  window.lines = [];
  Object.assign(CanvasRenderingContext2D.prototype, {
    moveTo(x, y) {
      line = { from: y };
      moveTo.call(this, x, y);
    },
    bezierCurveTo(...points) {
      line.to = points.at(-1);
      bezierCurveTo.apply(this, points);
    },
    stroke() {
      const { lineWidth: width, globalAlpha: opacity, canvas } = this;
      window.lines.push({ ...line, width, opacity, alone: canvas.isConnected }); // all lines are drawn out of sight first
      stroke.call(this);
    },
  });
}
