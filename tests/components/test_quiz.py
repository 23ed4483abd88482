"""The view of questions: what is drawn of a packet, what is reported, and what a screen reader hears."""

import json
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from attnviz.components.packet import unpack
from attnviz.components.quiz import quiz_packet
from attnviz.figures.theme import RAMP_DARK, RAMP_LIGHT
from attnviz.ui.catalogue import words
from tests.components.conftest import Harness

SHOWN = {
    "type": "words",
    "labels": ["[CLS]", "a", "cat"],
    "special": [True, False, False],
    "glued": [False, False, False],
    "asked": 1,
    "weights": None,
}
OPEN = {"number": 0, "kind": "reads", "ask": "Which?", "reader": "minilm", "shown": SHOWN, "options": []}
TOLD = OPEN | {
    "shown": SHOWN | {"weights": 0},
    "chosen": 1,
    "right": [2],
    "scores": ["0.100", "0.200", "0.700"],
    "names": ["[CLS]", "a", "cat"],
    "lines": ["Most: cat, 0.700", "It reads cats."],
    "link": "http://localhost/?v=1",
}
MAPS = {"type": "maps", "maps": [{"part": part, "rows": 2, "cols": 2} for part in range(2)]}
CALL = """async (messages) => {
  const view = await import("/modules/quiz/view.js");
  if (!window.quizzed) {
    const host = document.createElement("div");
    document.body.append(host);
    const parentElement = host.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = await (await fetch("style/quiz")).text();
    parentElement.append(style);
    const component = { parentElement, setStateValue: (...said) => window.quizzed.reports.push(said) };
    window.quizzed = { component, reports: [] };
  }
  for (const message of messages) {
    window.quizzed.component.data = new Uint8Array(message);
    view.render(window.quizzed.component);
  }
}"""


def facts(answers: tuple[int | None, ...] = (), **told: Any) -> dict[str, Any]:
    return {
        "epoch": "first",
        "set": {"spelled": "text-easy-17-2", "about": "text", "level": "easy", "seed": 17, "count": 2},
        "offered": {"about": ["all", "text"], "level": {"easy": "far", "hard": "near"}, "counts": [5, 8], "seeds": 99},
        "answers": answers,
        "marks": [None if answer is None else answer == 2 for answer in answers],
        "question": None,
        "result": None,
        "score": None,
        "language": "en",
        "words": words("en").within("quiz"),
        "ramp": {"light": RAMP_LIGHT, "dark": RAMP_DARK},
    } | told


def show(harness: Harness, *every: dict[str, Any], parts: list[np.ndarray] | None = None) -> Locator:
    """Give the view one packet after the other, as reruns do."""
    packed = [list(quiz_packet(each, parts or [np.array([80, 114, 213], np.uint8)])) for each in every]
    harness.page.evaluate(CALL, packed)
    return harness.page.locator(".quiz")


def reports(harness: Harness) -> list[list[Any]]:
    return harness.page.evaluate("window.quizzed.reports")


def test_a_packet_holds_facts_and_parts_by_place():
    header, payload = unpack(quiz_packet({"question": OPEN}, [np.array([1, 2], np.uint8), np.array([3], np.uint8)]))
    assert (header["kind"], header["parts"]) == ("quiz", [2, 1])
    assert header["question"] == json.loads(json.dumps(OPEN))
    assert payload == bytes([1, 2, 3])


def test_a_click_on_a_token_answers_once(harness):
    quiz = show(harness, facts(question=OPEN))
    quiz.get_by_role("button", name="cat").click()
    quiz.get_by_role("button", name="[CLS]").click(force=True)
    assert reports(harness) == [["sitting", {"set": "text-easy-17-2", "answers": [2]}]]


def test_the_result_names_the_right_choice_and_the_focus_goes_on(harness):
    quiz = show(harness, facts(question=OPEN))
    quiz.get_by_role("button", name="a (asked about)").press("Enter")
    show(harness, facts((1,), result=TOLD, question=OPEN | {"number": 1}))
    expect(quiz.get_by_role("button", name="cat: the right answer, 0.700")).to_have_class("choice token dyed truth ")
    expect(quiz.get_by_role("button", name="a (asked about): your choice, 0.200")).to_be_visible()
    expect(quiz.get_by_role("button", name="Next question")).to_be_focused()
    expect(quiz.get_by_role("status")).to_have_text("Not this one. You: a, 0.200 Most: cat, 0.700 It reads cats.")


def test_a_rerun_leaves_the_result_in_view_until_the_visitor_goes_on(harness):
    after = facts((1,), result=TOLD, question=OPEN | {"number": 1, "ask": "And now?"})
    quiz = show(harness, facts(question=OPEN), after, after)
    expect(quiz.locator("h2")).to_have_text("Which?")
    quiz.get_by_role("button", name="Next question").click()
    expect(quiz.locator("h2")).to_have_text("And now?")
    show(harness, after)
    expect(quiz.locator("h2")).to_have_text("And now?")


def test_a_tab_that_is_opened_again_goes_on_with_the_open_question(harness):
    quiz = show(harness, facts((1,), result=TOLD, question=OPEN | {"number": 1, "ask": "And now?"}))
    expect(quiz.locator("h2")).to_have_text("And now?")
    expect(quiz.locator(".where")).to_have_text("Question 2 of 2 · 0 right")


def test_skipping_is_reported_as_no_answer(harness):
    quiz = show(harness, facts(question=OPEN))
    quiz.get_by_role("button", name="Skip").click()
    assert reports(harness)[-1] == ["sitting", {"set": "text-easy-17-2", "answers": [None]}]


@pytest.mark.parametrize(
    ("key", "to"), [("ArrowRight", 1), ("ArrowDown", 1), ("ArrowLeft", 2), ("End", 2), ("Home", 0)]
)
def test_the_keyboard_walks_from_choice_to_choice(harness, key, to):
    quiz = show(harness, facts(question=OPEN))
    quiz.locator(".choice").first.press(key)
    expect(quiz.locator(".choice").nth(to)).to_be_focused()
    assert [each.get_attribute("tabindex") for each in quiz.locator(".choice").all()].count("0") == 1


def test_maps_are_lettered_and_named_only_in_the_result(harness):
    parts = [np.array([255, 0, 255, 0], np.uint8), np.array([0, 255, 0, 255], np.uint8)]
    asked = OPEN | {"shown": MAPS, "kind": "causal"}
    quiz = show(harness, facts(question=asked), parts=parts)
    expect(quiz.get_by_role("button", name="Map B")).to_have_text("B")
    told = TOLD | asked | {"right": [1], "chosen": 0, "names": ["x L0 H1", "y L1 H2"], "scores": ["0.1", "0.9"]}
    show(harness, facts((0,), result=told, question=asked), parts=parts)
    expect(quiz.get_by_role("button", name="Map B: the right answer, 0.9")).to_have_text("By L1 H20.9")


def test_a_visitor_starts_another_set_and_a_seed_out_of_bounds_cannot_be_started(harness):
    quiz = show(harness, facts(question=OPEN))
    start = quiz.get_by_role("button", name="Start")
    expect(start).to_be_disabled()
    quiz.locator("input[value=hard]").check()
    expect(quiz.locator(".note").first).to_have_text("near")
    quiz.locator(".seed").fill("100")
    expect(start).to_be_disabled()
    quiz.locator(".seed").fill("23")
    start.click()
    assert reports(harness) == [["choice", {"epoch": "first", "quiz": "text-hard-23-2"}]]


def test_another_set_never_has_the_same_seed(harness):
    quiz = show(harness, facts(question=OPEN))
    for _ in range(60):
        quiz.get_by_role("button", name="Another set").click()
    seeds = [int(value["quiz"].split("-")[2]) for _, value in reports(harness)]
    assert 17 not in seeds
    assert all(1 <= seed <= 99 for seed in seeds)


def test_words_of_a_text_are_never_markup(harness):
    nasty = OPEN | {"shown": SHOWN | {"labels": ["<img src=x onerror=alert(1)>", "a", "cat"]}}
    quiz = show(harness, facts(question=nasty))
    expect(quiz.locator(".choice").first).to_have_text("<img src=x onerror=alert(1)>")
    assert quiz.locator("img").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_dyed_token_has_an_ink_that_differs_from_its_ground(harness, theme):
    harness.theme(theme)
    quiz = show(harness, facts(question=OPEN), facts((1,), result=TOLD, question=OPEN))
    inks = quiz.locator(".choice").evaluate_all("(all) => all.map((each) => [each.style.color, each.style.background])")
    assert len(inks) == 3
    assert all(text and ground and text != ground for text, ground in inks)
