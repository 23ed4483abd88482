// Decodes what attnviz/components/packet.py and picture_packet.py pack. Knows nothing of views.
import { axisOf } from "./patches.js";

const HEADER_START = 8;
const SQUARES = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255) ** 2);

function open(message) {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const length = view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(message.subarray(HEADER_START, HEADER_START + length)));
  return { header, payload: message.subarray(HEADER_START + length) };
}

/** Weights of many heads: `values(layer, head)` is (query, key) bytes of 255·√weight, or null when not held. */
function modelPacket(header, payload) {
  const { first, held, heads, queries, keys, thumbnail } = header;
  const map = queries * keys;
  const before = (layer) => heads.slice(first, layer).reduce((sum, count) => sum + count, 0);
  const thumbnailStart = before(first + held) * map;
  const holds = (layer) => layer >= first && layer < first + held;
  const values = (layer, head) => {
    if (!holds(layer)) return null;
    const at = (before(layer) + head) * map;
    return payload.subarray(at, at + map);
  };
  /** The picture of one head for the atlas: bytes, rows, columns. */
  const tile = (layer, head) => {
    if (!thumbnail) return { bytes: values(layer, head), rows: queries, cols: keys };
    const { rows, cols } = thumbnail;
    const index = heads.slice(0, layer).reduce((sum, count) => sum + count, 0) + head;
    const at = thumbnailStart + index * rows * cols;
    return { bytes: payload.subarray(at, at + rows * cols), rows, cols };
  };
  const every = heads.reduce((sum, count) => sum + count, 0);
  const spansStart = thumbnailStart + every * (thumbnail ? thumbnail.rows * thumbnail.cols : 0);
  /** Where each token lies in the text of a long map: [start, end, start, end, …] in characters, -1 where in none. */
  const spans = header.tiles && new Int32Array(payload.slice(spansStart).buffer);
  return { ...header, holds, values, tile, spans };
}

/** One map in float32, exact: `weights` is (query, key). */
function mapPacket(header, payload) {
  const weights = new Float32Array(payload.slice().buffer); // a copy: the message may lie at any offset
  return { ...header, weights };
}

/** Tiles that came through the session: [[path, bytes], …]. */
function answersPacket(header, payload) {
  let at = 0;
  const answers = header.answers.map(([path, length]) => [path, payload.subarray(at, (at += length))]);
  return { ...header, answers };
}

/** Two pictures, as files: the one that the model saw, the one that was given. */
function picturePacket(header, payload) {
  let at = 0;
  const files = header.files.map(([type, length]) => new Blob([payload.slice(at, (at += length))], { type }));
  return { ...header, files };
}

/** Where the positions of each layer lie; `values(layer, head)` is (query, key) bytes of 255·√weight, or null. */
function patchesPacket(header, payload) {
  let at = 0;
  const axes = header.axes.map((axis) => axisOf(axis, new Int32Array(payload.slice(at, (at += 4 * axis.count)).buffer)));
  const layers = header.layers.map((layer) => ({ ...layer, queries: axes[layer.queries], keys: axes[layer.keys] }));
  const starts = layers.map(({ heads, queries, keys }) => {
    const start = at;
    at += heads * queries.count * keys.count;
    return start;
  });
  const values = (layer, head) => {
    if (header.tiles) return null;
    const size = layers[layer].queries.count * layers[layer].keys.count;
    return payload.subarray(starts[layer] + head * size, starts[layer] + (head + 1) * size);
  };
  return { ...header, axes, layers, values };
}

/** The given picture in its full size, as a file. */
const wholePacket = (header, payload) => ({ ...header, file: new Blob([payload.slice()], { type: header.type }) });

/** What each query of a detector has found: `things` in the order of the queries. */
const foundPacket = (header) => header;

/** Small pictures to choose from. */
function trayPacket(header, payload) {
  let at = 0;
  const pictures = header.pictures.map(([name, title, length]) => ({ name, title, file: new Blob([payload.slice(at, (at += length))], { type: "image/jpeg" }) }));
  return { ...header, pictures };
}

/** Which pairs each layer can read: rules, and the rule of each layer. */
function reachPacket(header, payload) {
  const numbers = new Int32Array(payload.slice().buffer);
  let at = 0;
  const take = (length) => numbers.subarray(at, (at += length));
  const rules = header.rules.map((rule) => ({ ...rule, arrays: ["groups", "spans"].includes(rule.kind) ? [take(rule.queries), take(rule.queries)] : [] }));
  return { ...header, rules };
}

/** A chapter: its panels each with tables by name, `{values, size}`. */
function chapterPacket(header, payload) {
  let at = 0;
  const take = ([, type, size]) => {
    const bytes = payload.slice(at, (at += size.reduce((product, side) => product * side, type === "u1" ? 1 : 4)));
    return { values: type === "u1" ? bytes : new Float32Array(bytes.buffer), size };
  };
  const panels = header.panels.map(({ name, told, tables }) => ({ name, ...told, tables: Object.fromEntries(tables.map((table) => [table[0], take(table)])) }));
  return { ...header, panels };
}

/** The steps of one attention layer: each table is {name, rows: "token" or "head", shape, most, values}. */
function insidePacket(header, payload) {
  const numbers = new Float32Array(payload.slice().buffer);
  let at = 0;
  const taken = (table) => ({ ...table, values: numbers.subarray(at, (at += table.shape.reduce((size, side) => size * side, 1))) });
  return { ...header, steps: header.steps.map((step) => ({ ...step, tables: step.tables.map(taken) })) };
}

/** Facts, and parts that they name by place: files and bytes of 255·√weight. */
function quizPacket(header, payload) {
  let at = 0;
  return { ...header, parts: header.parts.map((length) => payload.slice(at, (at += length))) };
}

const KINDS = {
  model: modelPacket, map: mapPacket, answers: answersPacket, picture: picturePacket, patches: patchesPacket, tray: trayPacket,
  reach: reachPacket, found: foundPacket, whole: wholePacket, quiz: quizPacket, inside: insidePacket, chapter: chapterPacket,
};

export function decode(message) {
  const { header, payload } = open(message);
  return KINDS[header.kind](header, payload);
}

/** Bytes of 255·√weight back to weights, added to `sum` with a factor. */
export function addWeights(sum, bytes, factor) {
  for (let i = 0; i < bytes.length; i++) sum[i] += factor * SQUARES[bytes[i]];
}
