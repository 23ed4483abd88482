// From one part of the map to another in a moment, so that the eye keeps hold of it. Knows nothing of maps.

const MOMENT_MS = 180;

export class Motion {
  /** show(part) draws; it is called until the target is reached. */
  constructor(show) {
    this.show = show;
    this.target = null; // where a motion under way leads
  }

  go(from, target) {
    this.stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.show(target);
    const begun = performance.now();
    this.target = target;
    const step = (now) => {
      const done = Math.min(1, (now - begun) / MOMENT_MS);
      this.frame = done < 1 ? requestAnimationFrame(step) : undefined;
      if (done === 1) this.target = null;
      this.show(done < 1 ? between(from, target, 1 - (1 - done) ** 3) : target);
    };
    this.frame = requestAnimationFrame(step);
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.target = null;
  }
}

/** A part on the way: what stands still in a zoom stands still all the time. */
function between(from, target, share) {
  const zoom = from.zoom * (target.zoom / from.zoom) ** share;
  const wide = ({ zoom }) => 1 / zoom;
  const moved = from.zoom === target.zoom ? share : (wide({ zoom }) - wide(from)) / (wide(target) - wide(from));
  return { x: from.x + (target.x - from.x) * moved, y: from.y + (target.y - from.y) * moved, zoom };
}
