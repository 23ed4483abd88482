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
  return { ...header, holds, values, tile };
}

/** One map in float32, exact: `weights` is (query, key). */
function mapPacket(header, payload) {
  const weights = new Float32Array(payload.slice().buffer); // a copy: the message may lie at any offset
  return { ...header, weights };
}

export function decode(message) {
  const { header, payload } = open(message);
  return header.kind === "map" ? mapPacket(header, payload) : modelPacket(header, payload);
}

/** Bytes of 255·√weight back to weights, added to `sum` with a factor. */
export function addWeights(sum, bytes, factor) {
  for (let i = 0; i < bytes.length; i++) sum[i] += factor * SQUARES[bytes[i]];
}
