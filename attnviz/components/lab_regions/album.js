// Holds the picture on the bench and those to choose from, for the view beside it. Draws nothing.
import { decode } from "../common/packet.js";

const last = new WeakMap();
const listeners = new Set();

/** {name, size: [height, width], choices: [{name, title, address}], legend, bitmap}, or null before anything has come. */
export let album = null;

/** Call back whenever another picture has come; returns how to stop. */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function render({ data, parentElement }) {
  if (last.get(parentElement) === data) return;
  last.set(parentElement, data);
  const { facts, files } = decode(data);
  const bitmap = await createImageBitmap(files[0]);
  if (last.get(parentElement) !== data) return; // another one has come meanwhile
  for (const choice of album?.choices ?? []) URL.revokeObjectURL(choice.address);
  const choices = facts.choices.map(([name, title], at) => ({ name, title, address: URL.createObjectURL(files[at + 1]) }));
  album = { ...facts, choices, bitmap };
  for (const listener of listeners) listener();
}

export function unmount() {}
