// What is set up to be scored, as the browser holds it between two answers of the server. Knows nothing of the page.
import { tableSpelled } from "../lab_bench/setting.js";

const TABLES = ["q", "k", "v", "x", "r", "z", "c", "m", "a", "b", "e", "p", "f", "g"];

/** A setting of its own to change; a table that there is none of is null. */
export const copied = (setting) => ({ ...setting, ...Object.fromEntries(TABLES.map((name) => [name, setting[name]?.map((row) => [...row]) ?? null])) });

/** The tables that there are. */
export const present = (setting) => TABLES.filter((name) => setting[name]);

/** Where the keys come from. */
export const sourceOf = (setting) => (setting.k ? "given" : setting.r ? "recurrent" : "convolution");

/** A setting as attnviz.lab.scoring_bench.read() takes it. */
export function spelled(setting, { bounds, steps }) {
  const parts = present(setting).map((name) => name + tableSpelled(setting[name], bounds[name].decimals));
  if (setting.way !== "additive") parts.push(`y${setting.way}`);
  if (setting.step !== steps) parts.push(`s${setting.step}`);
  return parts.join("_");
}
