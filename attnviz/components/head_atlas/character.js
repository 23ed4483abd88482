// What a head does, in words: the character that Python measured, or the heads that the shown map is made of.
import { store } from "../common/store.js";

/** "reads the token before", with a phrase of its own for every kind, and the kind's own name for an unknown one. */
function habit(kind, score) {
  const name = `atlas.kind.${kind}`;
  const { labels } = store.packet;
  const blanks = { kind, score: score.toFixed(2), first: labels[0], last: labels[labels.length - 1] };
  return store.phrase(name in store.settings.words ? name : "atlas.kind.other", blanks);
}

function characterOf({ layer, head }) {
  const { heads, characters } = store.packet;
  const before = heads.slice(0, layer).reduce((sum, count) => sum + count, 0);
  return characters[before + head] ?? null;
}

/** One head: `brief` for the caption, `aloud` for a screen reader. */
export function describe(place) {
  const character = characterOf(place);
  const only = character ? "" : "_only";
  const blanks = { ...place, character: character ? habit(...character) : "" };
  return { brief: store.phrase(`atlas.tile${only}`, blanks), aloud: store.phrase(`atlas.aloud${only}`, blanks) };
}

/** The shown map: one head, a mean, or a mix. */
export function sumUp() {
  const { layer, head, average, mix } = store.choice;
  if (average === "heads") return store.phrase("atlas.sum.heads", { layer, count: store.packet.heads[layer] });
  if (average === "all") return store.phrase("atlas.sum.all", { count: store.parts.length });
  const count = average === "mix" ? mix.filter((part) => part.weight > 0).length : 0;
  return count ? store.phrase("atlas.sum.mix", { count }) : describe({ layer, head }).brief;
}
