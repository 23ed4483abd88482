// What the views of one screen hold in common: the settings that Python owns, the choice that the visitor's hand owns.
//
// The choice changes here first and is drawn at once; Python hears of it a moment later and puts it in the link. Python
// replaces it only by naming a new epoch: a first load, a new input. Knows nothing of what is held.

const REPORT_AFTER_MS = 150; // walking with a held arrow key is one report, not thirty

export class Held {
  /** first: the choice before anything is said; passing: what changes no map, so that nothing derived is forgotten. */
  constructor(first, passing) {
    this.first = first;
    this.passing = new Set(passing);
    this.settings = null; // {language, words, ramp, …}
    this.choice = first;
    this.hover = null; // {query, key}: either may be null
    this.epoch = null;
    this.report = () => {};
    this.listeners = new Set();
    this.changed = new Set();
    this.derived = new Map();
  }

  /** Python's side: settings, and the choice when its epoch is new. */
  adopt({ epoch, choice, ...settings }) {
    this.settings = settings;
    this.note("settings");
    if (epoch === this.epoch) return;
    this.epoch = epoch;
    this.choice = { ...this.first, ...choice };
    this.note("choice");
  }

  /** The visitor's hand: any part of the choice. */
  choose(part) {
    this.choice = { ...this.choice, ...part };
    this.note("choice");
    clearTimeout(this.reporting);
    this.reporting = setTimeout(() => this.report({ epoch: this.epoch, ...this.choice }), REPORT_AFTER_MS);
  }

  point(hover) {
    if (hover?.query === this.hover?.query && hover?.key === this.hover?.key) return;
    this.hover = hover;
    this.note("hover");
  }

  /** Call back with the set of what changed, once a frame. */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  note(what) {
    if (!this.passing.has(what)) this.derived.clear();
    this.changed.add(what);
    this.frame ??= requestAnimationFrame(() => {
      const changed = this.changed;
      this.changed = new Set();
      this.frame = undefined;
      for (const listener of this.listeners) listener(changed);
    });
  }

  once(name, compute) {
    if (!this.derived.has(name)) this.derived.set(name, compute());
    return this.derived.get(name);
  }

  /** A phrase of the catalogue with its blanks filled: phrase("map.reads", {query: "it"}). */
  phrase(name, blanks = {}) {
    const phrase = this.settings.words[name] ?? name;
    return phrase.replace(/\{(\w+)\}/g, (whole, blank) => blanks[blank] ?? whole);
  }
}
