// Sizes as attnviz.lab.costs_bench.read() takes them. Knows nothing of the page.

export const LETTERS = { tokens: "n", width: "d", layers: "l", heads: "h", key_heads: "g", batch: "b" };
export const SIZES = Object.keys(LETTERS);

export function spelled(bench) {
  const parts = SIZES.map((name) => LETTERS[name] + bench[name]);
  if (bench.dtype !== "float32") parts.push(`p${bench.dtype}`);
  if (bench.against !== "tokens") parts.push(`a${bench.against}`);
  return parts.join("_");
}

/** A size that was written as a whole number, or null. */
export function sizeIn(text, most) {
  const written = text.trim().replace(/[,\s_]/g, "");
  const number = /^\d{1,8}$/.test(written) ? Number(written) : 0;
  return number >= 1 && number <= most ? number : null;
}

/** The size nearest to one that was slid to that fits the others: a width that heads divide, key heads that divide heads. */
export function fitting(bench, name, size, most) {
  if (name === "width") return Math.max(1, Math.min(Math.floor(most / bench.heads), Math.round(size / bench.heads))) * bench.heads;
  if (name !== "key_heads") return size;
  const divisors = Array.from({ length: bench.heads }, (_, at) => at + 1).filter((each) => bench.heads % each === 0);
  return divisors.reduce((best, each) => (Math.abs(Math.log(each / size)) < Math.abs(Math.log(best / size)) ? each : best));
}
