// Keeps the address bar on the view. Draws nothing.

/** A page may be named with or without a slash at its end. */
const bare = (path) => path.replace(/\/+$/, "");

export function render({ data: { query, path } }) {
  if (bare(location.pathname) !== bare(path)) return; // the reader has moved on to another page
  const search = query ? `?${query}` : "";
  if (location.search === search) return;
  history.replaceState(history.state, "", location.pathname + search); // pushState would trap Back
}

export function unmount() {}
