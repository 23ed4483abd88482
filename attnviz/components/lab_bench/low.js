// Names such as W_Q as they are written by hand, the letter after the line set low.
import { make } from "../common/dom.js";

/** Text nodes and low letters for a text, to be appended. */
export const withLow = (text) => text.split(/(?<=\b[A-Za-z])_([A-Za-z])\b/).map((part, at) => (at % 2 ? make("sub", {}, part) : part));
