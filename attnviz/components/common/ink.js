// Colours: the ramp of weights, text that can be read on it, and the theme's own inks. Knows nothing of attention.

const STEPS = 256;

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** Any CSS colour to [red, green, blue]: the browser's own parser does it, by painting one pixel. */
function parsed(colour) {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d");
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  return [...pixel.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

/** Relative luminance, after WCAG 2.2. */
export function luminance([red, green, blue]) {
  const linear = (channel) => ((channel /= 255) <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Text on a colour: white on dark, near black on light, black between, where only that reaches a contrast of 4.5. */
const legible = (light) => (light < 0.179 ? "#ffffff" : light < 0.24 ? "#000000" : "#11152b");

function table(stops) {
  const rgb = stops.map(channels);
  return Array.from({ length: STEPS }, (_, step) => {
    const at = (step / (STEPS - 1)) * (rgb.length - 1);
    const low = Math.min(rgb.length - 2, Math.floor(at));
    return rgb[low].map((channel, index) => Math.round(channel + (rgb[low + 1][index] - channel) * (at - low)));
  });
}

/** The inks of an element's theme: {dark, text, faint, accent, background, rgb(t), css(t), on(t)}, t from 0 to 1. */
export function inks(element, ramp) {
  const style = getComputedStyle(element);
  const variable = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const background = variable("--st-background-color", "#ffffff");
  const dark = luminance(parsed(background)) < 0.2;
  const colours = table(dark ? ramp.dark : ramp.light);
  const rgb = (share) => colours[Math.round(Math.min(1, Math.max(0, share)) * (STEPS - 1))];
  return {
    dark,
    background,
    text: variable("--st-text-color", dark ? "#fafafa" : "#1a1f36"),
    faint: variable("--st-gray-text-color", "#6b7280"),
    line: variable("--st-border-color", dark ? "#2a3140" : "#e3e7f0"),
    accent: variable("--st-primary-color", "#3b5bdb"),
    font: variable("--st-font", "system-ui, sans-serif"),
    rgb,
    css: (share) => `rgb(${rgb(share).join(" ")})`,
    on: (share) => legible(luminance(rgb(share))),
  };
}

/** How strong a weight is drawn: the square root keeps small weights visible; `most` is 1 on the shared scale. */
export const strength = (weight, most = 1) => Math.sqrt(Math.min(1, Math.max(0, weight / most)));
