// A picture on the bench as attnviz.lab.regions_bench.read() takes it. Knows nothing of the page.
import { short } from "../lab_bench/setting.js";

/** begin: the layer and the head that a link leaves out. */
export function spelled(bench, begin, decimals) {
  const parts = [`p${bench.picture}`, `g${bench.rows}.${bench.cols}`, `w${bench.parts.map((part) => short(part, decimals)).join(",")}`];
  if (bench.source !== "hand") parts.push(`o${bench.source}`);
  if (bench.query) parts.push(`q${bench.query}`);
  if (!bench.scaled) parts.push("n");
  if (bench.temperature !== 1) parts.push(`t${short(bench.temperature, decimals)}`);
  if (bench.layer !== begin.layer || bench.head !== begin.head) parts.push(`l${bench.layer}.${bench.head}`);
  if (bench.token) parts.push(`k${bench.token}`);
  return parts.join("_");
}

/** Another grid: a region keeps the part of the one that lay where its middle is, and so does the query. */
export function recut(bench, rows, cols) {
  const at = (row, col) => Math.floor(((row + 0.5) * bench.rows) / rows) * bench.cols + Math.floor(((col + 0.5) * bench.cols) / cols);
  const parts = Array.from({ length: rows * cols }, (_, place) => bench.parts[at(Math.floor(place / cols), place % cols)]);
  const [row, col] = [Math.floor(bench.query / bench.cols), bench.query % bench.cols];
  const query = Math.floor(((row + 0.5) * rows) / bench.rows) * cols + Math.floor(((col + 0.5) * cols) / bench.cols);
  return { ...bench, rows, cols, parts, query };
}
