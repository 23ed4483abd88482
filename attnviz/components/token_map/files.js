// The map as files that a visitor takes away.

// A spreadsheet runs a cell that begins with one of these; after an apostrophe it is text.
const RUNS = /^[=+\-@\t\r\n\0]/;
const DIGITS = 9; // enough to bring back every float32

function field(text) {
  const safe = RUNS.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const number = (value) => String(Number(value.toPrecision(DIGITS)));

/** Comma-separated values: a row for each query, a column for each key, names first. */
export function csv({ queries, keys, values, cols }, corner) {
  const head = [corner, ...keys.names].map(field);
  const lines = queries.names.map((name, row) => {
    const weights = values.subarray(row * cols, (row + 1) * cols);
    return [field(name), ...Array.from(weights, number)];
  });
  return [head, ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

/** A file's name made of the shown map's: "attnviz-self-2.7.csv". */
export const fileName = (shown, ending) => `attnviz-${shown.replace(/[^\w.]+/g, "-")}.${ending}`;

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // the browser has read it by then
}
