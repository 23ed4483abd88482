"""Bytes and time to the painted picture, attnviz against bertviz, in one headless Chromium."""

import tempfile
from pathlib import Path

from benchmarks import bertviz_page, our_page
from benchmarks.bertviz_page import BertvizPage
from benchmarks.chromium import chromium
from benchmarks.our_page import OurPage
from benchmarks.tables import markdown, ratio

LENGTHS = (16, 64, 128)

ABOUT = """## Bytes and seconds to the picture, beside bertviz

All 72 heads of MiniLM, in a browser that is opened anew each time. attnviz: on a warm server, a text that it has not
seen, from the click on Draw, and from opening a link, until every head of the atlas stands; the middle of three. Its
bytes are what the web socket carried after the click; the program itself is {program:.1f} MB on a first visit. bertviz:
its page from disk, its libraries answered from disk, from opening until every line stands; head_view draws the twelve
heads of one layer, model_view all. The ratios are to attnviz after the click."""


def report() -> str:
    """Measure every view at every length and lay out bytes, seconds and ratios."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        ours, program = our_page.measure(browser, LENGTHS)
        theirs = {
            (view, tokens): bertviz_page.measure(browser, view, tokens, Path(folder))
            for view in bertviz_page.MAPS
            for tokens in LENGTHS
        }
    head = ["tokens", "attnviz, click", "attnviz, link", *(f"bertviz {view}" for view in bertviz_page.MAPS)]
    rows = [
        [tokens, *_own(ours[tokens]), *(_other(theirs[view, tokens], ours[tokens]) for view in bertviz_page.MAPS)]
        for tokens in LENGTHS
    ]
    return "\n\n".join([ABOUT.format(program=program / 1e6), markdown(head, rows)]) + "\n"


def _own(page: OurPage) -> tuple[str, str]:
    return f"{page.bytes / 1e6:.2f} MB, {page.click_seconds:.2f} s", f"{page.link_seconds:.2f} s"


def _other(page: BertvizPage, own: OurPage) -> str:
    times = f"{ratio(page.bytes, own.bytes)} the bytes, {ratio(page.seconds, own.click_seconds)} the time"
    return f"{page.bytes / 1e6:.2f} MB, {page.seconds:.1f} s: {times}"
