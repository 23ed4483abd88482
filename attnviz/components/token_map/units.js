// What a long map is labelled with: tokens from near, words from farther away, sentences from afar. Pure.

const FEW_LINES = 4; // sentences that are nearer to each other than so many lines are worth naming instead of words
const SPACE = /\s+/gu;
const LINE_END = /([^\n])\n(?=[^\n])/gu;

/** A side's positions as tokens, words and sentences: each [{from, to, name}], in places on the screen. Empty lines are no words. */
export function unitsOf({ source, spans, words }, { positions, names }) {
  const text = textOf(source, spans);
  const tokens = names.map((name, place) => ({ from: place, to: place + 1, name }));
  const wordOf = (place) => words[positions[place]];
  const sentenceOf = sentencesOf(source, text, positions);
  const said = ({ from, to }) => text.between(positions[from], positions[to - 1]) ?? names[from];
  const joined = (kind) => runs(names.length, kind).map((unit) => ({ ...unit, name: said(unit) })).filter(({ name }) => name);
  return { tokens, words: joined(wordOf), sentences: joined(sentenceOf) };
}

/** Neighbouring places of one kind; a place of no kind stands alone. */
function runs(count, kindOf) {
  const found = [];
  for (let place = 0, before = null; place < count; place++) {
    const kind = kindOf(place);
    if (place && kind !== null && kind === before) found.at(-1).to = place + 1;
    else found.push({ from: place, to: place + 1 });
    before = kind;
  }
  return found;
}

/** The text between tokens, null where the first or the last stands for none. Spans count characters, and a string of the browser counts some of them twice. */
function textOf(source, spans) {
  const starts = [0];
  for (const character of source) starts.push(starts.at(-1) + character.length);
  const startOf = (token) => (spans[2 * token] < 0 ? null : starts[spans[2 * token]]);
  const between = (first, last) => {
    const end = spans[2 * last + 1];
    return startOf(first) === null || end < 0 ? null : source.slice(startOf(first), starts[end]).trim().replace(SPACE, " ");
  };
  return { startOf, between };
}

/** Which sentence each place belongs to, or null where a token stands for no text. */
function sentencesOf(source, text, positions) {
  if (!Intl.Segmenter) return () => null; // an older browser names single tokens
  const flowing = source.replace(LINE_END, "$1 "); // a line that ends is no sentence that ends; as long as before
  const segments = new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(flowing);
  const ends = [...segments].map(({ index, segment }) => index + segment.length);
  let sentence = 0;
  const found = positions.map((position) => {
    const start = text.startOf(position);
    if (start === null) return null;
    while (sentence < ends.length - 1 && start >= ends[sentence]) sentence++;
    return sentence;
  });
  return (place) => found[place];
}

/** The units to name when a position is `size` pixels and a name needs `room`. */
export function chosenUnits({ tokens, words, sentences }, size, room) {
  if (size >= room) return tokens;
  const apart = (size * tokens.length) / sentences.length;
  return apart >= FEW_LINES * room ? words : sentences;
}

/**
 * The names that fit between two places: [{at, name, from, to, marked}], at and the ends in places.
 * Tokens of the places in `wanted` come first. Where not all fit, the same ones stay while the map moves.
 */
export function fitting(side, { size, room, from, to, wanted }) {
  const chosen = [];
  const free = ({ at }) => chosen.every((other) => Math.abs(other.at - at) * size >= room - 1e-6);
  const offer = (label) => label.at >= from && label.at <= to && free(label) && chosen.push(label);
  for (const place of wanted) offer({ at: place + 0.5, from: place, to: place + 1, name: side.names[place], marked: true });
  for (const unit of spread(chosenUnits(side.units, size, room), room / size))
    if (unit.to > from && unit.from < to) offer({ ...unit, at: middle(unit, from, to), marked: false });
  return chosen;
}

/** The middle of what is seen of a unit. */
const middle = (unit, from, to) => (Math.max(unit.from, from) + Math.min(unit.to, to)) / 2;

/** Of the units those whose middles are far enough apart, counted from the first of all. */
function spread(units, apart) {
  let last = -Infinity;
  return units.filter((unit) => {
    const at = (unit.from + unit.to) / 2;
    if (at - last < apart) return false;
    last = at;
    return true;
  });
}
