"""The chapters' page, as the server sees it: words in both languages, links that open, sources that can be found."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from attnviz import share
from attnviz.components.packet import unpack
from attnviz.lab.bench import read
from attnviz.share.view import CHOICES
from attnviz.ui import chapters
from attnviz.ui.catalogue import LANGUAGES, words
from attnviz.ui.chapters import SOURCES, TRIES
from attnviz.ui.glossary import TERMS
from tests.ui.conftest import Open, Opened

CHAPTERS = CHOICES["chapter"]
LINK = re.compile(r"\[[^\]]+\]\(([a-z-]+)\)")


@pytest.fixture
def open_chapter(open_app: Open) -> Any:
    """Open the page by a link."""

    def opened(locale: str = "en-US", **query: str) -> Opened:
        return open_app(locale).follow("chapters", **query)

    return opened


def facts(app: Opened) -> dict[str, Any]:
    return unpack(app.part("chapter_figure")[0].bytes)[0]


def test_the_page_opens_on_the_first_chapter(open_chapter):
    told = facts(open_chapter())
    assert (told["chapter"], told["title"]) == ("why", "Why attention")
    assert [name for name, _, _ in told["chapters"]] == list(CHAPTERS)
    assert told["panels"][0]["tables"] == [["weights", "f4", [17, 17]]]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_link_opens_each_chapter_in_chinese_too(open_chapter, chapter):
    app = open_chapter("zh-CN", ch=chapter)
    told = facts(app)
    assert app.messages == []
    assert told["title"] == words("zh").phrases[f"chapter.{chapter}.title"]
    assert told["panels"]


def test_the_chapter_is_in_the_link(open_chapter):
    assert open_chapter(ch="speech").link.endswith("/chapters?v=1&ch=speech")


def test_a_chapter_that_there_is_not_is_said_and_the_first_is_shown(open_chapter):
    app = open_chapter(ch="magic")
    assert facts(app)["chapter"] == "why"
    assert "magic" in app.messages[0]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_is_tried_is_the_exact_view(chapter):
    parts = urlsplit(chapters.address_of(TRIES[chapter]))
    opened = share.from_query(parse_qs(parts.query), parts.path.strip("/") or "text")
    found = share.to_query(opened.view)
    assert opened.notes == ()
    assert found == share.to_query(TRIES[chapter])


@pytest.mark.parametrize("chapter", [name for name, view in TRIES.items() if view.page == "learn"])
def test_a_bench_that_is_tried_is_one(chapter):
    assert read(TRIES[chapter].bench).attended().weights.sum() > 0


def test_words_that_look_for_their_moments_find_them():
    output = read(TRIES["speech"].bench).attended().output
    assert output[:, 0] == pytest.approx([2.5, 5.5], abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_is_at_most_a_screen_of_words_and_its_links_lead_to_terms(chapter, language):
    text = words(language).phrases[f"chapter.{chapter}.words"]
    said = LINK.sub("", text)
    length = len(said.split()) if language == "en" else len(re.findall(r"[\u4e00-\u9fff]", said))
    assert (120 if language == "en" else 200) <= length <= (220 if language == "en" else 420)
    assert set(LINK.findall(text)) <= TERMS.keys()


def test_every_chapter_has_sources_and_each_can_be_found():
    assert tuple(SOURCES) == CHAPTERS
    every = {each for own in SOURCES.values() for each in own}
    assert all(2 <= len(own) <= 4 for own in SOURCES.values())
    assert all(re.fullmatch(r"\d{4}\.\d{4,5}", each.where) or each.where.startswith("https://") for each in every)
    assert len({each.where for each in every}) == len(every)
    numbered = [each for each in every if each.address != each.where]
    assert all(abs(2000 + int(each.where[:2]) - each.year) <= 1 for each in numbered)


def test_a_source_is_cited_with_its_number():
    assert chapters.VASWANI.cited == "Vaswani et al. 2017: Attention Is All You Need, arXiv:1706.03762"
    assert chapters.VASWANI.address == "https://arxiv.org/abs/1706.03762"
    assert chapters.ANNOTATED.cited == "Rush, Huang et al. 2022: The Annotated Transformer"
