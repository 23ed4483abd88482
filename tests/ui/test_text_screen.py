"""The text screen, control by control, as the server sees it."""

import json
import random

import numpy as np

from attnviz.share import EXAMPLE
from tests.ui.conftest import Open


def test_the_example_is_drawn_with_no_click(open_app: Open) -> None:
    header, payload = open_app().heads
    assert header["labels"][:4] == ["[CLS]", "the", "cat", "sat"]
    assert (header["layers"], header["heads"]) == (6, [12] * 6)
    assert len(payload) == 72 * 17 * 17


def test_the_exact_map_is_the_chosen_head_and_its_rows_sum_to_one(open_app: Open) -> None:
    header, payload = open_app().map
    weights = np.frombuffer(payload, "<f4").reshape(17, 17)
    assert header["shown"] == "self 3.1"
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    assert weights[8, 2] > 0.5  # "it" reads "cat"


def test_the_first_visit_finds_it_pinned_and_a_link_finds_what_it_names(open_app: Open) -> None:
    assert open_app().settings["choice"]["query"] == 8
    assert open_app(v="1").settings["choice"]["query"] is None


def test_another_text_is_drawn_and_frees_the_query(open_app: Open) -> None:
    app = open_app(q="8")
    assert app.settings["choice"]["query"] == 8
    before = app.settings["epoch"]
    app.app.text_area(key="view_text").set_value("Dogs bark.").run()
    assert app.heads[0]["labels"] == ["[CLS]", "dogs", "bark", ".", "[SEP]"]
    assert app.settings["choice"]["query"] is None
    assert app.settings["epoch"] != before


def test_the_hand_on_the_picture_changes_head_and_link(open_app: Open) -> None:
    app = open_app().choose(layer=0, head=2, query=4)
    assert app.map[0]["shown"] == "self 0.2"
    assert "l=0" in app.query
    assert "h=2" in app.query
    assert "q=4" in app.query


def test_a_choice_of_an_earlier_text_is_not_taken(open_app: Open) -> None:
    app = open_app()
    late = {"epoch": app.settings["epoch"], **app.settings["choice"], "layer": 5}
    app.app.text_area(key="view_text").set_value("Dogs bark.").run()
    app.app.session_state["helm"] = {"choice": late}
    assert app.run().settings["choice"]["layer"] == 3


def test_a_choice_that_no_browser_of_ours_would_send_is_read_as_a_link_is(open_app: Open) -> None:
    app = open_app().choose(layer="<b>", head=10**9, query=-3, average=["all"], mix=[{"layer": {}}, 7])
    assert app.settings["choice"] == {
        "stack": "self",
        "layer": 3,
        "head": 11,
        "query": 0,
        "average": "none",
        "direction": "reads",
        "mix": [],
    }


def test_a_mean_over_heads_is_shown_exactly(open_app: Open) -> None:
    one = [np.frombuffer(open_app(l="1", h=str(head)).map[1], "<f4") for head in range(12)]
    header, payload = open_app(l="1", a="heads").map
    assert header["shown"] == "self 1.mean"
    np.testing.assert_allclose(np.frombuffer(payload, "<f4"), np.mean(one, axis=0), atol=1e-6)


def test_a_mix_is_shown_exactly(open_app: Open) -> None:
    first, second = (np.frombuffer(open_app(l=layer, h="3").map[1], "<f4") for layer in "04")
    header, payload = open_app(a="mix", x="0.3*1,4.3*3").map
    assert header["shown"] == "self 0.3*100,4.3*300"
    np.testing.assert_allclose(np.frombuffer(payload, "<f4"), (first + 3 * second) / 4, atol=1e-6)


def test_each_reading_option_reaches_picture_and_link(open_app: Open) -> None:
    app = open_app()
    for name, value, spelled in (
        ("specials", "hidden", "sp=hidden"),
        ("specials", "renormalised", "sp=renormalised"),
        ("scale", "row", "sc=row"),
        ("spelling", "raw", "tk=raw"),
    ):
        app.app.segmented_control(key=f"view_{name}").set_value(value).run()
        assert app.settings[name] == value
        assert spelled in app.query


def test_the_picture_is_a_heat_map_or_lines_as_the_link_says(open_app: Open) -> None:
    app = open_app()
    assert len(app.part("token_map")) == 1
    app.app.segmented_control(key="view_picture").set_value("lines").run()
    assert (len(app.part("token_map")), len(app.part("token_lines"))) == (0, 1)
    assert "p=lines" in app.query
    assert len(open_app(p="lines").part("token_lines")) == 1


def test_the_language_switch_changes_the_words_and_the_link(open_app: Open) -> None:
    app = open_app()
    assert app.settings["language"] == "en"
    assert "lang" not in app.query
    app.app.segmented_control(key="view_language").set_value("zh").run()
    assert app.settings["language"] == "zh"
    assert app.app.text_area(key="view_text").label == "文本"
    assert "lang=zh" in app.query


def test_the_browsers_language_decides_the_start(open_app: Open) -> None:
    assert open_app(locale="zh-TW").settings["language"] == "zh"
    assert open_app(locale="fr-FR").settings["language"] == "en"
    assert open_app(locale="fr-FR", lang="zh").settings["language"] == "zh"


def test_a_text_beyond_the_limit_is_refused_with_the_number_and_stays_in_the_box(open_app: Open) -> None:
    app = open_app()
    long = "word " * 5_000
    app.app.text_area(key="view_text").set_value(long).run()
    assert any("25,000" in message or "25000" in message for message in app.messages), app.messages
    assert app.app.text_area(key="view_text").value == long


def test_more_tokens_than_the_model_reads_are_refused(open_app: Open) -> None:
    app = open_app(t="cat " * 600)
    assert any("602" in message and "512" in message for message in app.messages), app.messages


def test_an_empty_text_draws_its_special_tokens_alone_or_says_why_not(open_app: Open) -> None:
    app = open_app()
    app.app.text_area(key="view_text").set_value("").run()
    assert app.messages or app.heads[0]["labels"] == ["[CLS]", "[SEP]"]


def test_above_128_tokens_one_layer_travels_with_thumbnails_of_all(open_app: Open) -> None:
    header, payload = open_app(t="cat " * 150, l="4").heads
    assert (header["first"], header["held"]) == (4, 1)
    assert len(payload) == 12 * 152 * 152 + 72 * 32 * 32


def test_a_link_that_names_what_is_not_there_opens_on_the_nearest_and_says_so(open_app: Open) -> None:
    app = open_app(l="99", h="40", q="500")
    assert app.settings["choice"]["layer"] == 5
    assert app.settings["choice"]["head"] == 11
    assert len(app.messages) == 3


def test_a_model_that_is_not_there_says_so_and_keeps_the_text(open_app: Open) -> None:
    app = open_app(m="no-such/model-anywhere", t="Keep me.")
    assert app.messages
    assert app.app.text_area(key="view_text").value == "Keep me."


def test_the_model_picker_leads_back_from_a_model_that_cannot_be_opened(open_app: Open) -> None:
    app = open_app(t="Keep me.", m="nobody/nothing-here")
    assert app.messages
    assert "m=nobody/nothing-here" in app.query
    app.app.selectbox(key="view_model").set_value("minilm").run()
    assert app.messages == []
    assert app.heads[0]["labels"] == ["[CLS]", "keep", "me", ".", "[SEP]"]


def test_draw_draws_what_stands_in_the_box(open_app: Open) -> None:
    app = open_app()
    app.app.text_area(key="view_text").set_value("Press it.")
    app.app.button(key="draw").click().run()
    assert app.heads[0]["labels"] == ["[CLS]", "press", "it", ".", "[SEP]"]


def test_the_proof_is_computed_when_asked(open_app: Open) -> None:
    app = open_app(l="0", h="2")
    app.app.session_state["reading_rail"] = {"prove": {"shown": "self 0.2"}}
    app.run()
    answer = json.loads(app.part("reading_rail")[0].json)
    assert answer["proof"]["shown"] == "self 0.2"
    assert answer["proof"]["difference"] < 1e-5


def test_share_shows_the_link_and_what_it_contains(open_app: Open) -> None:
    app = open_app(t="Share me.", l="4")
    assert "t=Share+me%2E" in app.link
    assert "l=4" in app.link
    assert any("nothing is stored" in each.value for each in app.app.caption)


def test_a_text_too_long_for_a_link_is_left_out_and_the_button_says_so(open_app: Open) -> None:
    letters = random.Random(0)
    long = " ".join("".join(letters.choices("abcdefghijklmnop", k=6)) for _ in range(450))
    app = open_app()
    app.app.text_area(key="view_text").set_value(long).run()
    assert "left=" in app.link
    assert any("1,800" in each.value for each in app.app.caption)


def test_the_view_survives_a_walk_to_another_page_and_back(open_app: Open) -> None:
    app = open_app(t="Stay with me.", l="4", h="9", sc="row").choose(query=3)
    app.go("models").go("text")
    assert app.app.text_area(key="view_text").value == "Stay with me."
    assert app.settings["choice"] | {"layer": 4, "head": 9, "query": 3} == app.settings["choice"]
    assert app.settings["scale"] == "row"


def test_the_default_text_is_the_example(open_app: Open) -> None:
    assert open_app().app.text_area(key="view_text").value == EXAMPLE
