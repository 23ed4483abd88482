"""The glossary: every term in both languages, with a place that shows it, and links to it from elsewhere."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from attnviz import share
from attnviz.ui import report
from attnviz.ui.catalogue import LANGUAGES, words
from attnviz.ui.glossary import TERMS
from tests.ui.conftest import Open


def test_every_term_has_a_name_and_a_sentence_in_both_languages():
    for language in LANGUAGES:
        phrases = words(language).phrases
        assert {name.split(".")[1] for name in phrases if name.startswith("term.")} == set(TERMS)
        assert all(phrases[f"term.{term}.words"].endswith("." if language == "en" else "。") for term in TERMS)


def test_no_two_terms_have_one_name():
    for language in LANGUAGES:
        names = [words(language).phrases[f"term.{term}.name"] for term in TERMS]
        assert len(set(names)) == len(names)


def test_a_term_is_an_anchor():
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", term) for term in TERMS)


def test_the_page_gives_each_term_with_its_other_name_and_its_place(open_app: Open):
    told = json.loads(open_app("zh-CN").follow("glossary").part("glossary_list")[0].json)
    sink = next(term for term in told["terms"] if term["slug"] == "sink")
    assert (sink["name"], sink["other"]) == ("注意力汇", "attention sink")
    assert sink["see"] == ["章节：头学会了什么", "/chapters?v=1&ch=found"]
    assert told["languages"] == ["zh", "en"]
    assert len(told["terms"]) == len(TERMS)


@pytest.mark.parametrize("term", TERMS)
def test_the_place_of_a_term_opens(term):
    parts = urlsplit(share.link(TERMS[term], "/").url)
    opened = share.from_query(parse_qs(parts.query), parts.path.strip("/") or "text")
    assert opened.notes == ()
    assert share.to_query(opened.view) == share.to_query(TERMS[term])


def test_a_language_chosen_by_hand_stays(open_app: Open):
    app = open_app().follow("glossary", lang="zh")
    told = json.loads(app.part("glossary_list")[0].json)
    assert all("lang=zh" in term["see"][1] for term in told["terms"])


def test_the_list_of_how_a_record_was_made_leads_to_its_terms(open_app: Open):
    bodies = [each.proto.body for each in open_app().app.get("html")]
    told = next(body for body in bodies if "attnviz-captured" in body)
    assert '<a href="/glossary?v=1#mask">mask</a>' in told
    assert "#rotary" not in told


def test_a_rotary_causal_model_leads_to_other_terms(open_app: Open):
    app = open_app(m="repeats-2", t="a b a b")
    told = next(each.proto.body for each in app.app.get("html") if "attnviz-captured" in each.proto.body)
    assert "#causal" in told
    assert "#rotary" in told


def test_the_options_of_reading_say_where_to_read_more(open_app: Open):
    control = next(each for each in open_app().app.get("button_group") if "view_specials" in each.proto.id)
    assert "[special token](/glossary?v=1#special-token)" in control.proto.help


def test_terms_of_a_report_are_terms_and_those_of_a_model_its_ingredients():
    assert {*report.TERMS_OF_EVERY, *report.TERMS, *report.TERMS_OF_MODEL.values()} <= TERMS.keys()
    assert report.TERMS_OF_MODEL.keys() <= set(report.OF_MODEL)
