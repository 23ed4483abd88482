// Decodes what attnviz/components/packet.py packs. Knows nothing of views.

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

const KINDS = { model: modelPacket, map: mapPacket, answers: answersPacket };

export function decode(message) {
  const { header, payload } = open(message);
  return KINDS[header.kind](header, payload);
}

/** Bytes of 255·√weight back to weights, added to `sum` with a factor. */
export function addWeights(sum, bytes, factor) {
  for (let i = 0; i < bytes.length; i++) sum[i] += factor * SQUARES[bytes[i]];
}
