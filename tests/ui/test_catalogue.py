"""The catalogue of words: phrases by name, errors by their sentence."""

import pytest

from attnviz.errors import AttnvizError, Busy, TooLong
from attnviz.ui.catalogue import LANGUAGES, NAMES, Words, language_of, words

SENTENCE = "{count:,} of {limit:,} tokens, e.g. v1.0. Shorten it by {excess:,}."


@pytest.fixture
def said() -> Words:
    return Words(
        "zh",
        {"text.draw": "绘制", "wait.layer": "第 {done} 层，共 {total} 层", "textual": "无关"},
        {SENTENCE: "{count:,} 个词元，最多 {limit:,} 个。请删去 {excess} 个。", "Wait.": "请稍候。"},
    )


def test_a_phrase_is_said_by_its_name_with_its_blanks_filled(said: Words):
    assert said("text.draw") == "绘制"
    assert said("wait.layer", done=3, total=12) == "第 3 层，共 12 层"


def test_a_name_that_no_language_has_is_our_own_mistake(said: Words):
    with pytest.raises(KeyError, match="dram"):
        said("text.dram")


def test_a_visitors_braces_stay_as_they_are(said: Words):
    assert said("wait.layer", done="{total}", total="{0.__class__}") == "第 {total} 层，共 {0.__class__} 层"


def test_the_browser_is_given_whole_rooms(said: Words):
    assert said.within("text") == {"text.draw": "绘制"}
    assert said.within() == {}


def test_an_error_is_found_by_its_english_sentence_whatever_stops_that_holds(said: Words):
    error = TooLong(SENTENCE, count=1200, limit=1000, excess=200)
    assert said.error(error) == "1,200 个词元，最多 1,000 个。请删去 200 个。"
    assert said.error(Busy("Wait.")) == "请稍候。"


def test_an_error_without_a_translation_is_said_in_english(said: Words):
    assert said.error(TooLong("{count:,} tokens.", count=1200)) == "1,200 tokens."
    assert said.error(AttnvizError("Braces such as {} stay.")) == "Braces such as {} stay."


def test_a_visitors_words_in_an_error_are_not_read_as_a_template(said: Words):
    assert said.error(TooLong("{name!r} is no model.", name="{count}")) == "'{count}' is no model."


def test_english_errors_are_their_own_sentence():
    assert words("en").errors == {}
    assert words("en").error(TooLong(SENTENCE, count=2, limit=1, excess=1)).startswith("2 of 1 tokens")


def test_a_real_refusal_is_said_in_chinese():
    error = TooLong(
        "The text has {count:,} characters and this server reads {limit:,}. Shorten it by {excess:,}.",
        count=25_000,
        limit=20_000,
        excess=5_000,
    )
    assert words("zh").error(error) == "文本有 25,000 个字符，本服务器最多读 20,000 个。请删去 5,000 个字符。"


def test_sentences_of_errors_are_no_phrases():
    assert all(" " not in name for language in LANGUAGES for name in words(language).phrases)


def test_a_language_is_read_once():
    assert words("zh") is words("zh")


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh", "zh"), ("zh-CN", "zh"), ("ZH-Hant-TW", "zh"), ("en-GB", "en"), ("de", "en"), ("", "en"), (None, "en")],
)
def test_the_catalogue_nearest_to_a_browsers_language(locale: str | None, language: str):
    assert language_of(locale) == language


def test_every_language_names_itself():
    assert NAMES.keys() == set(LANGUAGES)
