"""The models screen: what can be opened, where it comes from, the limits in force."""

import pytest

from attnviz.models.catalogue import CATALOGUE
from tests.ui.conftest import Open, Opened


@pytest.fixture
def screen(open_app: Open) -> Opened:
    return open_app().go("models")


def written(screen: Opened) -> str:
    return "\n".join(str(each.value) for each in (*screen.app.markdown, *screen.app.caption, *screen.app.code))


def test_every_model_of_the_catalogue_is_listed_and_the_ready_one_first(screen: Opened) -> None:
    names = [each.value for each in screen.app.markdown if each.value.startswith("**")]
    assert [name.split("**")[1] for name in names] == [entry.name for entry in CATALOGUE]
    assert "ready" in names[0]


def test_the_embedded_weights_show_their_source_licence_and_hash(screen: Opened) -> None:
    shown = written(screen)
    assert "sentence-transformers/all-MiniLM-L6-v2" in shown
    assert "Apache-2.0" in shown
    assert "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db" in shown


def test_the_limits_in_force_are_said_with_their_units(screen: Opened) -> None:
    assert "20,000 characters a text" in written(screen)


def test_the_screen_speaks_chinese(open_app: Open) -> None:
    assert "内置" in written(open_app(locale="zh-CN").go("models")) or "可直接使用" in written(
        open_app(locale="zh-CN").go("models")
    )


def test_each_model_opens_on_the_page_that_has_something_for_it_to_read(screen: Opened) -> None:
    opened = [(each.proto.page, each.proto.query_string) for each in screen.app.get("page_link")]
    assert ("image", "v=1") in opened  # a new image page shows the model "scenes"
    assert {page for page, query in opened if "m=repeats-2" in query} <= {"", "text"}
    assert [page for page, query in opened if "m=repeats-2" in query]
    assert not [page for page, query in opened if "m=dates" in query]  # it reads a pair, and no page gives one yet


def test_a_model_of_a_few_thousand_numbers_does_not_pass_for_one_of_none(screen: Opened) -> None:
    assert " 0.0 " not in written(screen)
    assert "0.037" in written(screen)
