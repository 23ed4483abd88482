"""A static server for the views outside Streamlit: the page, the modules, the style sheets, packets by name."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from attnviz.components.modules import FOLDER, style
from attnviz.errors import AttnvizError
from attnviz.share.view import Language
from tests.components.harness.material import TILES
from tests.components.harness.settings import settings

HERE = Path(__file__).parent
TYPES = {".js": "text/javascript", ".html": "text/html; charset=utf-8"}
BUILT_ON = {"patch_rail": ("reading_rail",)}  # views that wear the style of another below their own
Packets = dict[str, Callable[[], bytes]]


def answer(path: str, query: dict[str, list[str]], packets: Packets) -> tuple[bytes, str]:
    """The bytes and the type of one address; KeyError or OSError where there is nothing."""
    kind, _, name = path.strip("/").partition("/")
    if kind == "modules":
        return (FOLDER / name).read_bytes(), TYPES[Path(name).suffix]
    if kind == "packets":
        return packets[name](), "application/octet-stream"
    if kind == "tiles":
        with TILES.ask(*name.split("/", 1)) as ticket:
            return ticket.result(), "application/octet-stream"
    if kind == "style":
        return style(*BUILT_ON.get(name, ()), name).encode(), "text/css"
    if kind == "settings.json":
        language: Language = "zh" if query["language"] == ["zh"] else "en"
        return json.dumps(settings(language)).encode(), "application/json"
    return (HERE / (kind or "page.html")).read_bytes(), TYPES[Path(kind or "page.html").suffix]


@contextmanager
def serving(packets: Packets) -> Iterator[str]:
    """Serve until the block ends; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            try:
                body, kind = answer(address.path, parse_qs(address.query), packets)
            except (KeyError, OSError, AttnvizError):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the tests print."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
