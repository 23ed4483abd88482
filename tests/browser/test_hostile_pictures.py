"""Files that would harm or deceive, brought to the live app: each is refused in its words, or opened as what it is.

What a refusal costs in the reader alone is measured in tests/test_read_picture.py; here it is the memory of the server.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab, Tab, running

pytestmark = pytest.mark.browser

SIDE = (640, 400)  # width, height of the pictures that are good
MOST_BYTES = 400_000_000  # by which all these files together may raise the server, drawing the good ones included


def saved(picture: Image.Image, kind: str, **more: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **more)
    return written.getvalue()


def noisy() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (SIDE[1], SIDE[0], 3), np.uint8))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def blank_png(side: int) -> bytes:
    """A picture of one colour and one bit a pixel, which takes a thousandth of its size."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side * (1 + -(-side // 8))), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def lying_png() -> bytes:
    """A header of 4 × 4 pixels, and 100 MB of zeros behind it."""
    header = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10**8), 9))
        + chunk(b"IEND", b"")
    )


def moving_gif() -> bytes:
    """10,000 frames of one pixel."""
    frame = b"\x21\xf9\x04\x00\x01\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + 10_000 * frame + b"\x3b"


def sixteen_bits() -> bytes:
    ramp = np.linspace(0, 65_535, SIDE[0] * SIDE[1]).astype(np.uint16).reshape(SIDE[1], SIDE[0])
    return saved(Image.fromarray(ramp), "PNG")


def turned() -> bytes:
    """A picture that a camera held upright wrote lying, with a note that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(noisy(), "JPEG", exif=exif)


def moving_webp() -> bytes:
    frames = [noisy().resize((64, 40)).resize(SIDE)] + [Image.new("RGB", SIDE, colour) for colour in ("red", "blue")]
    return saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=10)


JPEG, PNG = saved(noisy(), "JPEG"), saved(noisy(), "PNG")
PAGE = b"<html><script>window.attnvizHacked=1</script></html>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.attnvizHacked=1'><script>alert(1)</script></svg>"
NO_PICTURE = "no PNG, JPEG or WebP. Save the picture as one of these"
FOLLOWED = r"bytes that are no part of the picture follow it in its file\. Save the picture anew"

REFUSED = {  # what it is -> the name of the file, its bytes, what the visitor is told
    "81 megapixels in 10 kB": ("huge.png", blank_png(9_000), r"81\.0 megapixels .* up to 24\. Make it smaller"),
    "400 megapixels": ("vast.png", blank_png(20_000), r"far more than the 24 megapixels .* Make it smaller"),
    "a JPEG that breaks off": ("cut.jpg", JPEG[: len(JPEG) // 2], r"breaks off, .* Save the picture anew"),
    "a PNG that breaks off": ("cut.png", PNG[: len(PNG) // 2], r"broken off\. Save it anew"),
    "a GIF of 10,000 frames": ("moving.gif", moving_gif(), NO_PICTURE),
    "a GIF called PNG": ("moving.png", moving_gif(), NO_PICTURE),
    "an SVG": ("drawn.svg", SVG, NO_PICTURE),
    "an SVG called JPEG": ("drawn.jpg", SVG, NO_PICTURE),
    "an EPS": ("old.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n", NO_PICTURE),
    "a JPEG with an archive": ("both.jpg", JPEG + b"PK\x03\x04" + bytes(5_000), FOLLOWED),
    "a PNG with a page": ("both.png", PNG + PAGE, FOLLOWED),
    "a page with a PNG": ("both.html", PAGE + PNG, NO_PICTURE),
    "nothing": ("none.png", b"", NO_PICTURE),
    "a program": ("picture.exe", b"MZ" + bytes(300), NO_PICTURE),
    "more than 10 MB": ("long.jpg", JPEG + bytes(10_000_001), r"10MB|10\.\d MB .* up to 10 MB"),
}
OPENED = {  # what it is -> the name of the file, its bytes, its size as it is shown
    "a PNG called JPEG": ("wrong.jpg", PNG, "640 × 400"),
    "a JPEG of no extension": ("picture", JPEG, "640 × 400"),
    "one that the camera turned": ("turned.jpg", turned(), "400 × 640"),
    "a printer's JPEG": ("print.jpg", saved(noisy().convert("CMYK"), "JPEG"), "640 × 400"),
    "16 bits of grey": ("deep.png", sixteen_bits(), "640 × 400"),
    "a WebP that moves": ("moving.webp", moving_webp(), "640 × 400"),
    "4 × 4 pixels before 100 MB of zeros": ("lying.png", lying_png(), "4 × 4"),
    "a good one": ("good.jpg", JPEG, "640 × 400"),
}


@pytest.fixture(scope="module")
def own() -> Iterator[str]:
    """A server of their own, so that its memory is theirs."""
    with running() as served:
        yield served


def bring(tab: Tab, name: str, data: bytes) -> None:
    tab.page.locator(".st-key-picture_source").get_by_text("File").click()
    upload = tab.page.locator(".st-key-picture_file input[type=file]")
    upload.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})


def back_to_samples(tab: Tab) -> None:
    tab.page.locator(".st-key-picture_source").get_by_text("Samples").click()
    expect(tab.page.get_by_role("alert")).to_have_count(0)
    tab.settled()


def check_alive(tab: Tab) -> None:
    assert tab.page.request.get(f"{tab.address}/healthz").ok
    assert tab.page.evaluate("window.attnvizHacked ?? null") is None
    expect(tab.page.get_by_test_id("stException")).to_have_count(0)


def pid_of(address: str) -> int:
    """Find the process that serves an address."""
    port = f"--server.port={address.rsplit(':', 1)[1]}".encode()
    found = [each for each in Path("/proc").glob("[0-9]*/cmdline") if port in each.read_bytes().split(b"\0")]
    return int(found[0].parent.name)


def held_bytes(process: int, what: str) -> int:
    """What a process holds (VmRSS), or held at most since it was last asked to forget that (VmHWM)."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def test_each_file_is_refused_in_its_words_or_opened_as_it_is_and_the_server_stays_alive_and_small(
    open_tab: OpenTab, own: str
) -> None:
    tab = open_tab(own).open("/image").drawn()
    process = pid_of(own)
    before = held_bytes(process, "VmRSS")
    Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")
    for name, data, told in REFUSED.values():
        bring(tab, name, data)
        expect(tab.page.get_by_text(re.compile(told)).first).to_be_visible()
        check_alive(tab)
        back_to_samples(tab)
    for name, data, size in OPENED.values():
        bring(tab, name, data)
        expect(tab.page.locator("figure.given figcaption")).to_contain_text(f"{size} pixels")
        expect(tab.page.get_by_role("alert")).to_have_count(0)
        check_alive(tab)
        back_to_samples(tab)
    assert held_bytes(process, "VmHWM") - before < MOST_BYTES
    tab.leave()


def test_a_bad_file_after_a_good_one_leaves_the_good_one_where_it_was(open_tab: OpenTab, own: str) -> None:
    tab = open_tab(own).open("/image").drawn()
    bring(tab, "good.jpg", JPEG)
    expect(tab.page.locator("figure.given figcaption")).to_contain_text("640 × 400 pixels")
    expect(tab.page).to_have_url(re.compile("i=[0-9a-f]{32}"))
    address = tab.page.url
    bring(tab, "cut.jpg", JPEG[: len(JPEG) // 2])
    expect(tab.page.get_by_role("alert").filter(has_text="breaks off")).to_be_visible()
    expect(tab.page.locator("figure.given figcaption")).to_contain_text("640 × 400 pixels")
    assert tab.page.url == address
    tab.leave()


def test_what_a_name_says_is_no_markup(open_tab: OpenTab, own: str) -> None:
    tab = open_tab(own).open("/image").drawn()
    bring(tab, "<img src=x onerror=window.attnvizHacked=1>.jpg", JPEG)
    expect(tab.page.locator("figure.given figcaption")).to_contain_text("640 × 400 pixels")
    check_alive(tab)
    tab.leave()
