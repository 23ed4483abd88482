"""The app without a browser: AppTest runs the main script, and the packets it would send can be read."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from attnviz.components.packet import unpack
from attnviz.service import warmth

MAIN = Path(__file__).parents[2] / "attnviz/ui/main.py"
PATIENCE_SECONDS = 60
WEIGHTS = Path(__file__).parents[3] / "shared/weights"
VIT = ("google/vit-tiny-patch16-224", "a" * 40)  # its name, and a commit to open it by

Open = Callable[..., "Opened"]


class Opened:
    """One visitor's tab."""

    def __init__(self, query: dict[str, str], locale: str) -> None:
        self.app = AppTest.from_file(str(MAIN), default_timeout=PATIENCE_SECONDS)
        self.app.context |= {"locale": locale, "url": "http://127.0.0.1:8501/"}
        for name, value in query.items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> "Opened":
        self.app.run()
        assert not self.app.exception, [each.message for each in self.app.exception]
        return self

    def follow(self, page: str, **query: str) -> "Opened":
        """Follow a link to a page."""
        for name, value in {"v": "1", **query}.items():
            self.app.query_params[name] = value
        self.app.switch_page(str(MAIN.parents[2] / f"pages/{page}.py"))
        return self.run()

    def go(self, page: str) -> "Opened":
        """Take the menu to another page."""
        self.app.query_params.clear()  # as the menu does
        self.app.switch_page(str(MAIN.parents[2] / f"pages/{page}.py"))
        return self.run()

    def part(self, name: str) -> Any:
        """The last message to a component."""
        return [each.proto for each in self.app.get("bidi_component") if each.proto.component_name == f"attnviz_{name}"]

    @property
    def heads(self) -> tuple[dict[str, Any], bytes]:
        return unpack(self.part("shelf")[0].bytes)

    @property
    def map(self) -> tuple[dict[str, Any], bytes]:
        return unpack(self.part("shelf")[1].bytes)

    @property
    def settings(self) -> dict[str, Any]:
        return json.loads(self.part("helm")[0].json)

    @property
    def query(self) -> str:
        return json.loads(self.part("address")[0].json)["query"]

    @property
    def link(self) -> str:
        return json.loads(self.part("copy_field")[0].json)["text"]

    @property
    def messages(self) -> list[str]:
        return [
            each.proto.body for each in self.app.get("html") if each.proto.body.startswith('<p class="attnviz-message')
        ]

    def choose(self, **part: Any) -> "Opened":
        """What the browser reports when a visitor's hand has chosen on the picture."""
        settings = self.settings
        self.app.session_state["helm"] = {"choice": {"epoch": settings["epoch"], **settings["choice"], **part}}
        return self.run()


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A server that has started: the embedded model is loaded, and a real classifier of pictures lies in its folder."""
    os.environ["ATTNVIZ_FOLDER"] = str(tmp_path_factory.mktemp("models"))
    warmth.begin().result()
    if (WEIGHTS / VIT[0].split("/")[1]).is_dir():
        put_model(Path(os.environ["ATTNVIZ_FOLDER"]))


def put_model(folder: Path) -> None:
    """Put a model where a download would have put it."""
    home = folder / VIT[0].replace("/", "--")
    home.mkdir(parents=True)
    (home / VIT[1]).symlink_to(WEIGHTS / VIT[0].split("/")[1])


@pytest.fixture
def open_app(warm: None) -> Open:
    return lambda locale="en-US", **query: Opened(query, locale)
