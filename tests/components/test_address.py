"""The browser's address follows the view, and nothing else."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.components.conftest import Harness

RENDER = """async ([query, path]) => {
  const { render } = await import("/modules/address/view.js");
  render({ data: { query, path: path ?? location.pathname } });
}"""


def address(harness: Harness, query: str, path: str | None = None) -> str:
    harness.page.evaluate(RENDER, [query, path])
    return harness.page.evaluate("location.pathname + location.search")


@pytest.mark.browser
def test_the_address_takes_the_query_of_the_view(harness):
    assert address(harness, "v=1&h=3") == "/?v=1&h=3"


@pytest.mark.browser
def test_an_empty_query_leaves_no_question_mark(harness):
    address(harness, "v=1")
    assert address(harness, "") == "/"


@pytest.mark.browser
def test_the_history_grows_by_nothing_and_keeps_its_state(harness):
    harness.page.evaluate("history.replaceState({ mine: 7 }, '')")
    before = harness.page.evaluate("history.length")
    for head in range(5):
        address(harness, f"v=1&h={head}")
    assert harness.page.evaluate("[history.length, history.state.mine]") == [before, 7]


@pytest.mark.browser
def test_an_address_that_is_right_is_not_written_again(harness):
    address(harness, "v=1")
    harness.page.evaluate("() => { history.replaceState = () => { throw new Error('written twice') } }")
    assert address(harness, "v=1") == "/?v=1"


@pytest.mark.browser
def test_a_page_that_the_reader_has_left_writes_nothing(harness):
    assert address(harness, "v=1&h=3", path="/elsewhere") == "/"


@pytest.mark.browser
def test_a_slash_at_the_end_names_the_same_page(harness):
    harness.page.evaluate("history.replaceState(null, '', '/models')")
    assert address(harness, "v=1", path="/models/") == "/models?v=1"


def test_the_door_sends_the_query_and_the_page_it_belongs_to():
    def script():
        from attnviz.components.address import address

        address("v=1&t=%E7%8C%AB", key="address")

    app = AppTest.from_function(script)
    app.context["url"] = "https://example.org/attn/models"
    sent = app.run().get("bidi_component")[0].proto
    assert not app.exception
    assert '"query":"v=1&t=%E7%8C%AB"' in str(sent.json).replace(" ", "")
    assert '"path":"/attn/models"' in str(sent.json).replace(" ", "")
