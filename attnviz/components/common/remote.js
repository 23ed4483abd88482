// Parts of something large, asked of the server by path: only those that are wanted now, a few at a time, those that came
// kept until there are too many. Knows nothing of what they mean.

const RETRY_MS = 400;
const LONGEST_RETRY_MS = 8000;

export class Remote {
  /** most: how many are kept; atOnce: requests in flight; read(buffer) -> value; arrived(); lost(path): nobody knew it. */
  constructor({ most, atOnce, read, arrived, lost }) {
    Object.assign(this, { most, atOnce, read, arrived, lost });
    this.kept = new Map(); // path -> value, the longest unused first
    this.flying = new Map(); // path -> AbortController
    this.held = new Set(); // paths that are not asked for just now: nobody knew them, or the server was busy
    this.wanted = [];
    this.begin(null);
  }

  /** Everything anew, at another address. */
  begin(address) {
    this.want([]);
    this.address = address;
    this.kept.clear();
    this.held.clear();
    this.failures = 0;
  }

  get(path) {
    const value = this.kept.get(path);
    if (value === undefined) return null;
    this.kept.delete(path);
    this.kept.set(path, value);
    return value;
  }

  /** What is wanted now, the most wanted first; what flies and is wanted no more is given up. */
  want(paths) {
    this.wanted = paths.filter((path) => !this.kept.has(path));
    const wanted = new Set(this.wanted);
    for (const [path, flight] of this.flying) {
      if (wanted.has(path)) continue;
      flight.abort();
      this.flying.delete(path);
    }
    this.pump();
  }

  pump() {
    for (const path of this.wanted) {
      if (this.flying.size >= this.atOnce) return;
      if (!this.flying.has(path) && !this.held.has(path) && !this.kept.has(path)) this.ask(path);
    }
  }

  async ask(path) {
    const flight = new AbortController();
    this.flying.set(path, flight);
    try {
      const answer = await fetch(`${this.address}/${path}`, { signal: flight.signal });
      const content = answer.ok ? await answer.arrayBuffer() : null;
      if (this.flying.get(path) !== flight) return; // given up meanwhile
      if (content) this.put(path, content);
      else if (answer.status === 404) this.lose(path);
      else this.later(path);
    } catch (reason) {
      if (this.flying.get(path) === flight) this.later(path); // the network; an answer that was given up is no failure
    } finally {
      if (this.flying.get(path) === flight) this.flying.delete(path);
      this.pump();
    }
  }

  /** A part has come, by whatever way. */
  put(path, content) {
    this.failures = 0;
    this.held.delete(path);
    this.kept.set(path, this.read(content));
    while (this.kept.size > this.most) this.kept.delete(this.kept.keys().next().value);
    this.arrived(path);
  }

  lose(path) {
    this.held.add(path);
    this.lost(path);
  }

  /** The server is busy or away: again in a moment, if it is still wanted then. */
  later(path) {
    const { address } = this;
    this.held.add(path);
    const wait = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** this.failures++);
    setTimeout(() => {
      if (this.address !== address) return;
      this.held.delete(path);
      this.pump();
    }, wait);
  }
}
