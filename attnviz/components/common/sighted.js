// How the views of a picture name positions and shares.
import { percentText } from "./numbers.js";
import { greatest } from "./reading.js";
import { nameOf, placeOf } from "./patches.js";
import { sight } from "./sight.js";

const PAIR = 2; // decimals below one percent

/** A share of a row: "4.2 %"; of bytes, with a sign that says so. A score of another unit as a number. */
export function shareText(weight, exact) {
  if (sight.unit) return weight === 0 ? "0" : String(Number(weight.toPrecision(3)));
  const percent = 100 * weight;
  if (!exact) return percent < 0.05 ? "< 0.1 %" : `≈ ${percent.toFixed(1)} %`;
  return `${percent.toFixed(percent < 1 ? PAIR : 1)} %`;
}

/** "CLS" for [CLS], "r5 c7" for a patch. */
export const plain = (axis, position) => nameOf(axis, position).replace(/^[[(](.*)[\])]$/, "$1");

/** A position as it is read aloud. */
export function aloud(axis, position) {
  const place = placeOf(axis, position);
  return place ? sight.phrase("sight.place", place) : plain(axis, position);
}

/** What is in question: a patch, a token, a region, or all of them. */
export function targetText(target, name = plain) {
  const { own } = sight.sides();
  const { positions } = target;
  if (target.all) return sight.phrase("sight.everything");
  if (positions.length === 1) return name(own, positions[0]);
  return sight.phrase("sight.region", { count: positions.length, from: name(own, positions[0]), to: name(own, positions.at(-1)) });
}

/** Which phrase fits: one that reads, several that read, or what is read. */
export function manner({ positions, all }) {
  return sight.choice.direction === "reads" && positions.length > 1 && !all ? "many" : sight.choice.direction;
}

/** The strongest places of a line: [{position, value}]. */
export const strongest = (values, count) => greatest(values, count).map((position) => ({ position, value: values[position] }));

/** "cat 87 %" */
export const thingText = ({ label, score }) => `${label} ${percentText(100 * score, 0)}`;

/** What the one query that is in question has found, in words; nothing of what is no such query. */
export function found(target) {
  const { own } = sight.sides();
  const thing = target.positions.length === 1 ? sight.thingAt(own, target.positions[0]) : null;
  if (!thing) return "";
  const blanks = { name: plain(own, target.positions[0]), label: thing.label, share: percentText(100 * thing.score) };
  return sight.phrase(thing.nothing ? "sight.found.nothing" : "sight.found.told", blanks);
}

/** "“r5 c7” reads r2 c3 4.2 %, …", or who reads it. */
export function sentence(target, line, name = plain, count = 3) {
  const { other } = sight.sides();
  const items = strongest(line.values, count).map(({ position, value }) =>
    sight.phrase("sight.item", { place: name(other, position), share: shareText(value, line.exact).replaceAll(" ", "\u00a0") }),
  );
  const blanks = { target: targetText(target, name), list: items.join(sight.phrase("sight.comma")) };
  return sight.phrase(`sight.says.${manner(target)}`, blanks);
}
