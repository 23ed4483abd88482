// Which pairs a layer can read: the rules of a reach packet. Pure.

/** Whether some query can read some key, for any of several layers: readable(query, key); null where every pair can be. */
export function readable(reach, layers) {
  const rules = [...new Set(layers.map((layer) => reach.layers[layer]))].map((index) => reach.rules[index]);
  if (!rules.length || rules.some(({ kind }) => kind === "whole" || kind === "some")) return null;
  const tests = rules.map(test);
  return tests.length === 1 ? tests[0] : (query, key) => tests.some((reads) => reads(query, key));
}

function test({ kind, keys, arrays: [first, second] }) {
  if (kind === "groups") return (query, key) => (key < keys ? first[query] === first[key] : second[query] > 0);
  return (query, key) => key >= keys || (key >= first[query] && key < second[query]);
}

/** What is to be said of pairs that cannot be read: {kind, share}; null where every pair can be. */
export function told(reach, layers) {
  const rules = [...new Set(layers.map((layer) => reach.layers[layer]))].map((index) => reach.rules[index]);
  if (!rules.length || rules.some(({ kind }) => kind === "whole")) return null;
  return { kind: rules.every(({ kind }) => kind === rules[0].kind) ? rules[0].kind : "some", share: rules.length === 1 ? rules[0].share : null };
}
