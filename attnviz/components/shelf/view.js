// Puts a packet of weights where every view of the tab can reach it. Draws nothing.
import { decode } from "../common/packet.js";
import { sight } from "../common/sight.js";
import { store } from "../common/store.js";

const last = new WeakMap();

export function render({ data, parentElement }) {
  if (last.get(parentElement) === data) return; // a change of theme calls again with the same bytes
  last.set(parentElement, data);
  const packet = decode(data);
  (packet.of === "pictures" ? sight : store).shelve(packet);
}

export function unmount() {}
