// Which tile a key leads to. Knows nothing of the page.

const within = (value, count) => Math.min(count - 1, Math.max(0, value));

/** {layer, head} after a key, or null when the key does not move; `page` is how many layers are in sight. */
export function step(event, { layer, head }, heads, page) {
  const last = heads.length - 1;
  const moves = {
    ArrowLeft: [layer, head - 1],
    ArrowRight: [layer, head + 1],
    ArrowUp: [layer - 1, head],
    ArrowDown: [layer + 1, head],
    PageUp: [layer - page, head],
    PageDown: [layer + page, head],
    Home: event.ctrlKey ? [0, 0] : [layer, 0],
    End: event.ctrlKey ? [last, Infinity] : [layer, Infinity],
  };
  if (!(event.key in moves) || event.altKey || event.metaKey) return null;
  const [to, at] = moves[event.key];
  const row = within(to, heads.length);
  return { layer: row, head: within(at, heads[row]) };
}
