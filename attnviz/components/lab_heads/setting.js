// What is set up of several heads, as the browser holds it between two answers of the server. Knows nothing of the page.
import { tableSpelled } from "../lab_bench/setting.js";

const TABLES = ["x", "y", "a", "b", "c", "q", "k", "v", "o"];

/** A setting of its own to change; a table that there is none of is null. */
export const copied = (setting) => ({ ...setting, ...Object.fromEntries(TABLES.map((name) => [name, setting[name]?.map((row) => [...row]) ?? null])) });

/** The tables that there are. */
export const present = (setting) => TABLES.filter((name) => setting[name]);

/** A setting as attnviz.lab.heads_bench.read() takes it. */
export function spelled(setting, { bounds, steps }) {
  const parts = present(setting).map((name) => name + tableSpelled(setting[name], bounds[name].decimals));
  if (setting.heads !== 2) parts.push(`h${setting.heads}`);
  if (setting.key_heads !== 2) parts.push(`g${setting.key_heads}`);
  if (setting.mask !== "none") parts.push(`m${setting.mask}`);
  if (setting.head) parts.push(`e${setting.head}`);
  if (setting.step !== steps) parts.push(`s${setting.step}`);
  return parts.join("_");
}
