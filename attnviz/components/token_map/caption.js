// The sentences under the map: which heads, what a row is, what was hidden, what a colour means.
import { percentText } from "../common/numbers.js";

const MAP = { rows: "map.rows", shared: "map.colour", row: "map.colour_row" };

const percent = (share) => percentText(100 * share);

/** Which heads the map is made of: "L2 H7." */
export function heads(store) {
  const { average, layer } = store.choice;
  const { packet } = store;
  if (average === "heads") return store.phrase("map.heads", { count: packet.heads[layer], layer });
  if (average === "all") return store.phrase("map.all", { count: store.parts.length, layers: packet.layers });
  if (store.parts.length > 1) return store.phrase("map.mix", { parts: store.parts.map(part).join(", ") });
  const [only] = store.parts;
  return store.phrase("map.head", { layer: only.layer, head: only.head });
}

const part = ({ layer, head, weight }) => `L${layer} H${head} ${percent(weight)}`;

/** What hiding took away: on average, and from the token that is read about. */
function hidden(store) {
  const { specials } = store.settings;
  if (specials === "shown") return [store.phrase("map.nothing_hidden")];
  const queries = store.visible.filter((position) => position < store.map.rows);
  const all = store.hiddenShare;
  if (!all) return [store.phrase("map.on_its_way")];
  const shares = queries.map((query) => all[query]);
  const mean = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
  const { query, direction } = store.choice;
  const of = direction === "reads" && query !== null && queries.includes(query) ? query : null;
  return [
    store.phrase("map.hidden", { mean: percent(mean) }),
    of !== null && store.phrase("map.hidden_of", { query: store.label(of), share: percent(all[of]) }),
    store.phrase(specials === "renormalised" ? "map.renormalised" : "map.not_renormalised"),
  ];
}

/**
 * All of it; `names` are the phrases for what a row is and for what a colour means on either scale, `side` is how many
 * positions a drawn cell covers along each side.
 */
export function caption(store, names = MAP, side = 1) {
  const rows = store.settings.specials === "shown" ? [store.phrase(names.rows)] : [];
  const colour = store.phrase(names[store.settings.scale]);
  const cells = side > 1 && store.phrase("map.cells", { side });
  return [heads(store), ...rows, ...hidden(store), cells, colour].filter(Boolean).join(store.phrase("map.between"));
}
