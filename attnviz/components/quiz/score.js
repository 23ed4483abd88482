// The end of a set: how many were right, and each question with its answer and a link to what it was about.
import { make } from "../common/dom.js";

const SIGNS = { right: "✓", wrong: "✗", skipped: "–" };

export function score(quiz, { right, list }) {
  const { count } = quiz.data.set;
  const line = quiz.phrase("quiz.score", { right, count });
  quiz.told.textContent = line;
  return [
    make("h2", { class: "reached" }, line),
    make("p", { class: "lead" }, quiz.phrase("quiz.score_lead")),
    make("ol", { class: "list" }, ...list.map((each) => item(quiz, each))),
    make("div", { class: "acts" },
      make("button", { type: "button", class: "act main first", onclick: () => quiz.setting.another() }, quiz.phrase("quiz.another")),
      make("button", { type: "button", class: "act", onclick: () => quiz.again() }, quiz.phrase("quiz.again"))),
  ];
}

function item(quiz, { ask, mark, yours, best, why, link }) {
  const kind = { true: "right", false: "wrong", null: "skipped" }[mark];
  const words = mark === null ? [quiz.phrase("quiz.skipped")] : mark ? [] : [quiz.phrase("quiz.your_answer", { choice: yours })];
  return make("li", { class: kind },
    make("span", { class: "sign", "aria-hidden": "true" }, SIGNS[kind]),
    make("div", {},
      make("p", { class: "asked" }, ask),
      make("p", { class: "numbers number" }, ...words.map((text) => make("span", {}, text)), make("span", {}, quiz.phrase("quiz.right_answer", { choice: best }))),
      mark === true ? null : make("p", { class: "why" }, why),
      make("a", { href: link, target: "_blank", rel: "noopener" }, quiz.phrase("quiz.look"))));
}
