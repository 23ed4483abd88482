// One question at a time: a choice is sent to the server, which alone knows what is right, and its answer is drawn.
import { make, mounted } from "../common/dom.js";
import { inks } from "../common/ink.js";
import { decode } from "../common/packet.js";
import { drawnMaps, drawnOptions, drawnScene, drawnWords } from "./pictures.js";
import { score } from "./score.js";
import { Setting } from "./setting.js";

const DRAWN = { words: drawnWords, scene: drawnScene, maps: drawnMaps };
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

class Quiz {
  constructor(root) {
    this.setting = new Setting(this);
    this.title = make("h1");
    this.lead = make("p", { class: "lead" });
    this.dots = make("ol", { class: "dots", "aria-hidden": "true" });
    this.where = make("p", { class: "where" });
    this.card = make("div", { class: "card" });
    this.told = make("p", { class: "unseen", role: "status", "aria-live": "polite" });
    this.element = make("div", { class: "view quiz", role: "region" },
      make("header", {}, this.title, this.lead),
      make("div", { class: "middle" }, make("div", { class: "progress" }, this.dots, this.where), this.card, this.told),
      this.setting.element);
    root.append(this.element);
    this.seen = null; // how many questions the visitor has left behind
  }

  update({ data, setStateValue }) {
    this.report = setStateValue;
    if (this.message !== data) this.take(decode(data));
    this.message = data;
    this.ink = inks(this.element, this.data.ramp);
    this.draw();
    document.documentElement.dataset.attnvizQuiz = `${this.data.set.spelled} ${this.data.answers.length}`;
  }

  take(data) {
    const other = data.set.spelled !== this.data?.set.spelled;
    this.data = data;
    const { length } = data.answers;
    if (other || this.seen === null || length < this.seen) this.seen = length;
    if (other || length >= (this.awaited ?? 0)) this.awaited = null;
  }

  phrase(name, blanks = {}) {
    return Object.entries(blanks).reduce((text, [blank, value]) => text.replaceAll(`{${blank}}`, value), this.data.words[name] ?? name);
  }

  /** What stands on the card: a question, its result, or the score. */
  get phase() {
    const { answers, result, score: reached } = this.data;
    if (answers.length > this.seen && result) return "result";
    return reached ? "score" : "question";
  }

  send(answers) {
    this.awaited = answers.length;
    this.report("sitting", { set: this.data.set.spelled, answers });
  }

  answer(choice) {
    if (this.awaited !== null || this.phase !== "question") return;
    this.chosen = choice;
    this.card.classList.add("waiting");
    this.told.textContent = this.phrase("quiz.waiting");
    this.byHand = true;
    this.send([...this.data.answers, choice]);
  }

  skip() {
    if (this.awaited !== null) return;
    this.byHand = true;
    this.seen = this.data.answers.length + 1;
    this.send([...this.data.answers, null]);
  }

  next() {
    this.byHand = true;
    this.seen = this.data.answers.length;
    this.draw();
  }

  again() {
    this.byHand = true;
    this.report("sitting", { set: this.data.set.spelled, answers: [] });
  }

  /** Another set, as attnviz.service.questions.read() takes it. */
  start({ about, level, seed, count }) {
    this.byHand = true;
    this.report("choice", { epoch: this.data.epoch, quiz: `${about}-${level}-${seed}-${count}` });
  }

  draw() {
    const { data, phase } = this;
    this.element.setAttribute("aria-label", this.phrase("quiz.title"));
    this.title.textContent = this.phrase("quiz.title");
    this.lead.textContent = this.phrase("quiz.lead");
    this.setting.draw();
    const face = JSON.stringify([data.set.spelled, phase, data.answers.length, data.language, this.ink.background, this.ink.text]);
    if (face === this.face) return;
    this.face = face;
    this.card.classList.remove("waiting");
    this.drawProgress();
    this.forget();
    if (phase === "score") this.card.replaceChildren(...score(this, data.score));
    else this.drawCard(phase === "result" ? data.result : data.question, phase);
    if (this.byHand) this.follow(phase);
    this.byHand = false;
  }

  /** The focus goes on with the hand, and what is new comes into sight. */
  follow(phase) {
    this.card.querySelector(".first")?.focus({ preventScroll: true });
    const news = phase === "result" ? this.card.querySelector(".verdict") : this.card.parentElement;
    news.scrollIntoView({ block: phase === "result" ? "nearest" : "start" });
  }

  drawProgress() {
    const { data, phase } = this;
    const { marks, set } = data;
    const at = phase === "result" ? data.result.number : marks.length;
    this.dots.replaceChildren(...Array.from({ length: set.count }, (_, number) => {
      const mark = number < marks.length ? { true: "right", false: "wrong", null: "skipped" }[marks[number]] : "";
      return make("li", { class: `${mark} ${number === at && phase !== "score" ? "now" : ""}` });
    }));
    const right = marks.filter((mark) => mark === true).length;
    const words = phase === "score" ? [] : [this.phrase("quiz.progress", { number: at + 1, count: set.count })];
    if (marks.length && phase !== "score") words.push(this.phrase("quiz.so_far", { right }));
    this.where.textContent = words.join(" · ");
  }

  drawCard(asked, phase) {
    const result = phase === "result" ? asked : null;
    const { shown, options } = asked;
    const drawing = DRAWN[shown.type](this, shown, { result, chosen: options.length ? null : result?.chosen, open: !options.length });
    this.choices = options.length ? drawnOptions(this, options, result) : drawing.choices;
    const group = make("div", { class: "choices", role: "group", "aria-labelledby": "ask", "aria-describedby": "keys", onkeydown: (event) => this.key(event) });
    const below = options.length ? [drawing.element, make("div", { class: "options" }, ...this.choices)] : [drawing.element];
    group.append(...below);
    this.choices.forEach((choice, index) => (choice.tabIndex = index ? -1 : 0));
    this.choices.forEach((choice, index) => choice.addEventListener("click", () => this.answer(index)));
    if (!result) this.choices[0].classList.add("first");
    const dyed = shown.type === "maps" || shown.weights !== null;
    this.card.replaceChildren(
      make("p", { class: "reader" }, asked.reader),
      make("h2", { id: "ask" }, asked.ask),
      make("div", { class: `body ${shown.type}-body` }, group,
        make("div", { class: "after" },
          dyed ? make("p", { class: "legend" }, this.phrase(`quiz.legend.${shown.type}`)) : null,
          result ? this.verdict(result) : this.actions())),
      make("p", { class: "unseen", id: "keys" }, this.phrase("quiz.keys")));
    if (!result) this.told.textContent = `${this.where.textContent}. ${asked.ask}`;
  }

  actions() {
    return make("div", { class: "acts" }, make("button", { type: "button", class: "act", onclick: () => this.skip() }, this.phrase("quiz.skip")));
  }

  verdict({ chosen, right, names, scores, lines, link }) {
    const good = right.includes(chosen);
    const word = this.phrase(good ? "quiz.right" : "quiz.wrong");
    this.told.textContent = [word, this.phrase("quiz.your_answer", { choice: `${names[chosen]}, ${scores[chosen]}` }), ...lines].join(" ");
    const last = this.data.answers.length === this.data.set.count;
    const on = make("button", { type: "button", class: "act main first", onclick: () => this.next() }, this.phrase(last ? "quiz.finish" : "quiz.next"));
    return make("div", { class: `verdict ${good ? "right" : "wrong"}` },
      make("p", { class: "word" }, word),
      make("p", { class: "numbers number" }, lines[0]),
      make("p", { class: "why" }, lines[1]),
      make("div", { class: "acts" }, on, make("a", { href: link, target: "_blank", rel: "noopener" }, this.phrase("quiz.look"))));
  }

  key(event) {
    const at = this.choices.indexOf(event.target);
    if (at < 0) return;
    const { length } = this.choices;
    const to = event.key === "Home" ? 0 : event.key === "End" ? length - 1 : event.key in STEPS ? (at + STEPS[event.key] + length) % length : null;
    if (to === null) return;
    event.preventDefault();
    this.choices.forEach((choice, index) => (choice.tabIndex = index === to ? 0 : -1));
    this.choices[to].focus();
  }

  /** The picture of a part, to be drawn as soon as the browser has read it; forgotten with the card. */
  picture(part) {
    const address = URL.createObjectURL(new Blob([this.data.parts[part]], { type: "image/png" }));
    this.addresses.push(address);
    return address;
  }

  forget() {
    for (const address of this.addresses ?? []) URL.revokeObjectURL(address);
    this.addresses = [];
  }

  remove() {
    this.forget();
    this.element.remove();
  }
}

export const { render, unmount } = mounted(Quiz);
