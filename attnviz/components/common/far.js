// The parts of a long map that come when they are looked at: tiles for the picture, exact numbers for what is read.
//
// They come from the server's route. What that does not know, because the record has left its memory or another process
// answered, is asked of Python through the session, which makes the record anew where it must.
import { Remote } from "./remote.js";

const MOST_TILES = 384; // of 64 kB
const MOST_NUMBERS = 128; // of about 32 kB
const TILES_AT_ONCE = 4;
const NUMBERS_AT_ONCE = 2;
const MOST_WISHES = 6; // the newest ones: a mouse that sweeps over rows leaves most of them behind
const WISHES_MS = 40;
const POST_MS = 30;
const MOST_POSTED = 16; // as attnviz/ui/tiles.py answers at once
const PATIENCE_MS = 30_000; // a question that a newer run of the page swept away is asked again

const NUMBERS = /\/(numbers\/.*|kept)$/;

export class Far {
  /** numbered() hears of exact numbers that have come. */
  constructor(numbered) {
    this.drawn = () => {}; // hears of tiles
    this.lost = new Set();
    this.wishes = [];
    this.poster = null;
    const lost = (path) => this.lose(path);
    const floats = (content) => new Float32Array(content);
    const bytes = (content) => new Uint8Array(content);
    this.tiles = new Remote({ most: MOST_TILES, atOnce: TILES_AT_ONCE, read: bytes, arrived: () => this.drawn(), lost });
    this.numbers = new Remote({ most: MOST_NUMBERS, atOnce: NUMBERS_AT_ONCE, read: floats, arrived: numbered, lost });
  }

  /** Another record, or none. */
  begin(packet) {
    const address = packet.tiles?.address ?? null;
    if (address === this.tiles.address && packet.id === this.id) return;
    this.id = packet.id;
    this.lost.clear();
    this.wishes = [];
    for (const remote of [this.tiles, this.numbers]) remote.begin(address);
  }

  /** Exact numbers, or null while they are on their way. */
  number(path) {
    const found = this.numbers.get(path);
    if (!found) this.wish(path);
    return found;
  }

  wish(path) {
    const map = path.split("/", 2).join("/");
    const others = this.wishes.filter((other) => other !== path && other.startsWith(`${map}/`)); // not of another head
    this.wishes = [path, ...others].slice(0, MOST_WISHES);
    this.wishing ??= setTimeout(() => {
      this.wishing = undefined;
      this.numbers.want(this.wishes);
    }, WISHES_MS);
  }

  /** How Python is asked: post({turn, id, paths}). */
  set post(post) {
    this.poster = post;
    this.ask();
  }

  lose(path) {
    this.lost.add(path);
    this.ask();
  }

  ask() {
    if (this.asking || !this.poster || !this.lost.size) return;
    const patience = () => {
      this.asking = undefined;
      this.ask();
    };
    this.asking = setTimeout(() => {
      const turn = `${performance.timeOrigin + performance.now()}`; // a name that no other question has
      this.poster?.({ turn, id: this.id, paths: [...this.lost].slice(-MOST_POSTED) });
      this.asking = setTimeout(patience, PATIENCE_MS);
    }, POST_MS);
  }

  /** Python's answers: [[path, bytes], …]; an empty one says that there is no such tile. */
  receive(answers) {
    clearTimeout(this.asking);
    this.asking = undefined;
    for (const [path, bytes] of answers) {
      this.lost.delete(path);
      const remote = NUMBERS.test(path) ? this.numbers : this.tiles;
      if (bytes.length) remote.put(path, bytes.slice().buffer); // a copy: the message may lie at any offset
    }
    const wanted = new Set([...this.tiles.wanted, ...this.numbers.wanted]);
    this.lost = new Set([...this.lost].filter((path) => wanted.has(path)));
    this.ask();
  }
}
