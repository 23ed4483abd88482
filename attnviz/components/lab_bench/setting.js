// What is on the bench, as the browser holds it between two answers of the server. Knows nothing of the page.

const TABLES = ["q", "k", "v"];

/** A setting of its own to change: {q, k, v, scaled, temperature, mask, size, closed: Set of "query.key", step}. */
export const copied = (setting) => ({ ...setting, ...Object.fromEntries(TABLES.map((name) => [name, setting[name].map((row) => [...row])])), closed: new Set(setting.closed) });

/** A number as a link carries it: as many decimals as are kept, none of them for nothing. */
export const short = (number, decimals) => String(Number(number.toFixed(decimals)) + 0);

/** A table as a link carries it. */
export const tableSpelled = (rows, decimals) => rows.map((row) => row.map((number) => short(number, decimals)).join(",")).join(";");

/** A setting as attnviz.lab.bench.read() takes it. */
export function spelled(setting, { decimals, steps }) {
  const parts = TABLES.map((name) => name + tableSpelled(setting[name], decimals));
  if (!setting.scaled) parts.push("n");
  if (setting.temperature !== 1) parts.push(`t${short(setting.temperature, decimals)}`);
  if (setting.mask !== "none") parts.push(`m${setting.mask}`);
  if (setting.size !== 1) parts.push(`r${setting.size}`);
  if (setting.closed.size) parts.push(`c${[...setting.closed].sort().join(",")}`);
  if (setting.step !== steps) parts.push(`s${setting.step}`);
  return parts.join("_");
}

/** What a visitor wrote as a number, or null: a comma is a decimal point, a minus sign may be a true one. */
export function numberIn(text, { largest, decimals }) {
  const written = text.trim().replace(",", ".").replace(/[−–]/, "-");
  if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(written)) return null;
  const number = Number(Number(written).toFixed(decimals)) + 0;
  return Math.abs(number) <= largest ? number : null;
}

/** Cells pasted from a spreadsheet, or from a list in brackets: rows of numbers, or null. */
export function tableIn(text, most) {
  const rows = text.trim().replace(/^\[+|\]+$/g, "").split(/\r?\n|\]\s*,?\s*\[|;/).filter((row) => row.trim());
  const numbers = rows.map((row) => row.trim().split(/\t|\s*,\s+|\s+/).map((cell) => numberIn(cell, most)));
  const width = numbers[0]?.length ?? 0;
  const longest = Math.max(most.rows, most.numbers); // a table may be turned on its side before it is laid down
  const fits = numbers.length <= longest && width <= longest && numbers.every((row) => row.length === width && !row.includes(null));
  return width && fits ? numbers : null;
}

/** The same rows on their side. */
export const turned = (rows) => rows[0].map((_, col) => rows.map((row) => row[col]));

/** A table of another size: what is there stays, what is new is 0, or 1 where a vector grows. */
export const sized = (rows, height, width) => Array.from({ length: height }, (_, row) => Array.from({ length: width }, (_, col) => rows[row]?.[col] ?? (row < rows.length ? 1 : 0)));

/** Numbers of a normal distribution, to one decimal, the same for the same seed (mulberry32, Box and Muller). */
export function random(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.round(10 * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())) / 10 + 0;
}
