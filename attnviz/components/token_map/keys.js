// Where a key takes the cursor. Pure.

const FAR = 10;
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-FAR, 0], PageDown: [FAR, 0] };

/** The cell that a key moves to, or null when the key moves nowhere. */
export function stepped({ key, shiftKey, ctrlKey, metaKey }, { row, column }, count) {
  const last = count - 1;
  const whole = ctrlKey || metaKey;
  if (key === "Home") return { row: whole ? 0 : row, column: 0 };
  if (key === "End") return { row: whole ? last : row, column: last };
  if (!STEPS[key] || whole) return null;
  const [down, right] = STEPS[key].map((step) => step * (shiftKey && key.startsWith("Arrow") ? FAR : 1));
  const within = (place) => Math.min(last, Math.max(0, place));
  return { row: within(row + down), column: within(column + right) };
}
