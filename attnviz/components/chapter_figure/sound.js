// A sound as its model takes it: pitch upward, seconds to the right, and above it when a digit listens.
import { make, sharpen } from "../common/dom.js";

const MEL = 190, CURVE = 110, BELOW = 24, LEFT = 8, FONT = 12;

export class Sound {
  /** onpoint(seconds or null) */
  constructor(legend, onpoint) {
    this.onpoint = onpoint;
    this.canvas = make("canvas", {
      tabindex: 0, role: "application", "aria-label": legend,
      onpointermove: (event) => this.point(this.under(event)), onpointerleave: () => this.point(null),
      onkeydown: (event) => this.walk(event), onblur: () => this.point(null),
    });
    this.element = make("div", { class: "sound" }, this.canvas);
    this.now = null;
  }

  under({ offsetX }) {
    const share = (offsetX - LEFT) / (this.canvas.clientWidth - 2 * LEFT);
    return Math.min(1, Math.max(0, share)) * this.facts.seconds;
  }

  point(seconds) {
    this.now = seconds;
    this.onpoint(seconds);
    this.paint();
  }

  walk(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.point(Math.min(this.facts.seconds, Math.max(0, (this.now ?? this.facts.span[0]) + by * this.facts.step)));
  }

  /** facts: mel {values, size: [bins, columns]}, weights of the chosen digit, seconds, step, span of the digit */
  draw(facts, ink) {
    this.facts = facts;
    this.ink = ink;
    this.paint();
  }

  paint() {
    const { facts, ink } = this, width = this.element.clientWidth;
    if (!facts || width < 60) return;
    const own = sharpen(this.canvas, width, CURVE + MEL + BELOW), x = (seconds) => LEFT + (seconds / facts.seconds) * (width - 2 * LEFT);
    own.clearRect(0, 0, width, CURVE + MEL + BELOW);
    this.spectrum(own, width - 2 * LEFT);
    own.fillStyle = ink.dark ? "rgb(145 167 255 / .16)" : "rgb(59 91 219 / .12)";
    own.fillRect(x(facts.span[0]), 0, x(facts.span[1]) - x(facts.span[0]), CURVE);
    own.strokeStyle = "#ffd43b";
    own.lineWidth = 2;
    own.strokeRect(x(facts.span[0]), CURVE + 1, x(facts.span[1]) - x(facts.span[0]), MEL - 2);
    this.curve(own, x);
    this.clock(own, x);
    own.lineWidth = 1;
    if (this.now !== null) {
      own.fillStyle = ink.text;
      own.fillRect(x(this.now), 0, 1, CURVE + MEL);
    }
  }

  spectrum(own, width) {
    const { values, size: [bins, columns] } = this.facts.mel, low = Math.min(...values), high = Math.max(...values);
    const image = new OffscreenCanvas(columns, bins), brush = image.getContext("2d");
    for (let bin = 0; bin < bins; bin++) {
      for (let column = 0; column < columns; column++) {
        brush.fillStyle = this.ink.css((values[bin * columns + column] - low) / (high - low));
        brush.fillRect(column, bins - 1 - bin, 1, 1);
      }
    }
    own.imageSmoothingEnabled = false;
    own.drawImage(image, LEFT, CURVE, width, MEL);
  }

  curve(own, x) {
    const { weights, step } = this.facts, most = Math.max(...weights);
    own.fillStyle = this.ink.accent;
    weights.forEach((weight, frame) => {
      const tall = (weight / most) * (CURVE - 8);
      own.fillRect(x(frame * step), CURVE - tall, Math.max(1, x(step) - x(0) - 0.5), tall);
    });
  }

  clock(own, x) {
    own.fillStyle = this.ink.faint;
    own.font = `${FONT}px ${this.ink.font}`;
    own.textBaseline = "bottom";
    own.textAlign = "center";
    for (let seconds = 0; seconds <= this.facts.seconds - 0.2; seconds += 0.5) own.fillText(`${seconds.toFixed(1)} s`, Math.max(x(seconds), LEFT + 10), CURVE + MEL + BELOW - 4);
  }
}

/** Let a reader hear a stretch of samples. */
export function play({ samples, rate }, [start, end]) {
  const audio = new AudioContext(), sound = audio.createBuffer(1, samples.length, rate), source = audio.createBufferSource();
  sound.copyToChannel(samples, 0);
  source.buffer = sound;
  source.connect(audio.destination);
  source.onended = () => audio.close();
  source.start(0, start, end - start);
}
