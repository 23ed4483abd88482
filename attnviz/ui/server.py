"""What the launcher adds around the pages: routes, headers, and the start of warming up."""

import asyncio
import base64
import gzip
import hashlib
import re
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.status import HTTP_300_MULTIPLE_CHOICES
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attnviz import service
from attnviz.components import modules
from attnviz.errors import AttnvizError, ServiceError
from attnviz.service import tiles, warmth
from attnviz.service.tickets import Ticket

TILES = "tiles"  # the route that attnviz.ui.tiles names to pages
A_YEAR = "public, max-age=31536000, immutable"
OWN_YEAR = "private, max-age=31536000, immutable"  # of a visitor's own text: no proxy keeps it
NO_STORE = "no-store"
LOOK_SECONDS = 0.005  # between two looks at whether a tile is ready
LEFT_LOOKS = 20  # and so many looks between two at whether its visitor has left
LEFT = 499  # as servers write in their logs that nobody was there to answer
MOST_PACKED_BYTES = 2**17  # larger answers would hold up the loop while they are packed
PROBES = ("health", "host-config")  # what Streamlit's script asks to find its server
FIRST_PAGE = "text"  # Streamlit knows its default page by the root alone


async def module(request: Request) -> Response:
    """Answer with one ES module; only a path that names one of ours is opened."""
    wanted = request.path_params["path"]
    if wanted not in modules.names():
        return Response(status_code=404)
    fresh = request.path_params["digest"] == modules.digest()
    return Response(
        (modules.FOLDER / wanted).read_bytes(),
        media_type="text/javascript; charset=utf-8",
        # Another replica may still name the modules of the version before: it gets ours, and keeps nothing.
        headers={"Cache-Control": A_YEAR if fresh else NO_STORE},
    )


async def tile(request: Request) -> Response:
    """Answer with one tile, or with exact numbers, of a record that this process has lent to a page.

    Who does not know the record's name learns nothing: a wrong name, a record that has left and a path that is none
    are all answered alike.
    """
    try:
        with tiles.tiles().ask(request.path_params["name"], request.path_params["path"]) as ticket:
            if not await _ready(ticket, request):
                return Response(status_code=LEFT)
            return _packed(ticket.result(), request)
    except ServiceError:
        return Response(status_code=503, headers={"Retry-After": "1", "Cache-Control": NO_STORE})
    except AttnvizError:
        return Response(status_code=404, headers={"Cache-Control": NO_STORE})


async def _ready(ticket: Ticket[bytes], request: Request) -> bool:
    """Wait for a result without a thread; False when the visitor has left meanwhile, which stops the run."""
    looks = 0
    while not ticket.wait(0):
        await asyncio.sleep(LOOK_SECONDS)
        looks += 1
        if looks % LEFT_LOOKS == 0 and await request.is_disconnected():
            return False
    return True


def _packed(content: bytes, request: Request) -> Response:
    """An answer that this browser may keep, packed where it can unpack: half of a causal map is zeros."""
    headers = {"Cache-Control": OWN_YEAR, "Vary": "Accept-Encoding"}
    if len(content) <= MOST_PACKED_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = gzip.compress(content, compresslevel=1), "gzip"
    return Response(content, media_type="application/octet-stream", headers=headers)


async def healthz(request: Request) -> JSONResponse:
    """Say that the process answers."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> JSONResponse:
    """Say whether the embedded model is loaded and its example drawn."""
    ready = warmth.ready()
    return JSONResponse({"ready": ready}, status_code=200 if ready else 503)


async def first_page(request: Request) -> Response:
    """Lead the name of the first page to where Streamlit keeps it, the root, with the rest of the link as it is."""
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")


async def elsewhere(request: Request) -> Response:
    """Say that Streamlit's server is not below a page: its script, on a deep link, asks there before it asks the root.

    Not found would say the same to it, and stand in every reader's console as an error of ours.
    """
    return Response(status_code=HTTP_300_MULTIPLE_CHOICES, headers={"Cache-Control": NO_STORE})


def routes() -> list[Route]:
    """The routes of the launcher, below the base path that an operator may have set."""
    root = modules.base()
    return [
        Route(f"{root}/{modules.ROUTE}/{{digest}}/{{path:path}}", module),
        Route(f"{root}/{TILES}/{{name}}/{{path:path}}", tile),
        Route(f"{root}/{FIRST_PAGE}", first_page),
        *(Route(f"{root}/{{page}}/_stcore/{probe}", elsewhere) for probe in PROBES),
        Route(f"{root}/healthz", healthz),
        Route(f"{root}/readyz", readyz),
    ]


async def warming(app: Any) -> AsyncIterator[None]:
    """Begin to import torch and load the embedded model as the server starts; stop every run as it ends."""
    warmth.begin()
    yield
    tiles.close()
    service.close()


class SecurityHeaders:
    """Adds the headers that let a page load from this server alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    @classmethod
    def middleware(cls) -> Middleware:
        """The entry for the launcher's list."""
        return Middleware(cls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *security_headers()]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


@cache
def security_headers() -> tuple[tuple[bytes, bytes], ...]:
    """The headers of every answer; inline scripts are named by hash, so that no other one runs."""
    scripts = " ".join(f"'sha256-{digest}'" for digest in inline_scripts())
    policy = "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {scripts}".strip(),  # blob: carries a component's stub
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self' https://huggingface.co",
        )
    )
    return (
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(self), geolocation=(), microphone=()"),
    )


def inline_scripts() -> list[str]:
    """The hashes of the inline scripts that the installed Streamlit's own page carries."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    bodies = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.DOTALL)
    return [base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in bodies]
