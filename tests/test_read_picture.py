"""A picture is read from bytes of which nothing is believed: what is refused, and how little that costs."""

import io
import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from attnviz.errors import InputError, TooLarge, Unreadable
from attnviz.inputs import MAX_JPEG_SCANS, MAX_PICTURE_BYTES, read_picture

KINDS = ("PNG", "JPEG", "WEBP")
ROOT = Path(__file__).parents[1]


def colours(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def saved(image: Image.Image, kind: str, **more: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


PLAIN = {kind: saved(Image.fromarray(colours(40, 60)), kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_height_by_width_by_colour(kind):
    picture = read_picture(PLAIN[kind])
    assert picture.size == (40, 60)
    assert picture.pixels.shape == (40, 60, 3)


def test_a_lossless_picture_comes_back_bit_for_bit():
    np.testing.assert_array_equal(read_picture(PLAIN["PNG"]).pixels, colours(40, 60))


@pytest.mark.parametrize("kind", KINDS)
def test_a_camera_held_upright_gives_an_upright_picture(kind):
    exif = Image.Exif()
    exif[0x0112] = 6  # the top of the scene is at the right of the file
    half = np.zeros((40, 60, 3), np.uint8)
    half[:, :30] = 255
    picture = read_picture(saved(Image.fromarray(half), kind, exif=exif))
    assert picture.size == (60, 40)
    assert picture.pixels[:28].min() > 240 > 15 > picture.pixels[32:].max()


def test_what_is_clear_lies_on_white():
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (200, 0, 0, 255))
    assert read_picture(saved(image, "PNG")).pixels.tolist() == [[[255, 255, 255], [200, 0, 0]]]


def test_a_colour_of_a_palette_may_be_clear():
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    assert read_picture(saved(image, "PNG", transparency=0)).pixels.tolist() == [[[255, 255, 255], [40, 50, 60]]]


def test_sixteen_bits_of_grey_keep_their_upper_eight():
    image = Image.fromarray(np.array([[0, 0x7FFF, 0xFFFF]], np.uint16))
    assert read_picture(saved(image, "PNG")).pixels[0, :, 0].tolist() == [0, 127, 255]


def test_a_printers_jpeg_is_read_in_colours_of_a_screen():
    assert read_picture(saved(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG")).pixels.min() > 250


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_a_picture_that_moves_the_first_is_taken(kind):
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("white", "black", "black")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=10)
    assert read_picture(data).pixels.min() > 250


@pytest.mark.parametrize("kind", KINDS)
def test_notes_inside_the_file_are_dropped(kind):
    exif = Image.Exif()
    exif[0x010F] = "<script>alert(1)</script>"
    picture = read_picture(saved(Image.new("RGB", (8, 8)), kind, exif=exif))
    assert vars(picture) == {"size": (8, 8), "rgb": picture.rgb}
    assert b"script" not in picture.rgb


GIF = saved(
    Image.new("P", (2, 2)), "GIF", save_all=True, append_images=[Image.new("P", (2, 2), at) for at in range(1, 200)]
)
OTHERS = {
    "nothing": b"",
    "one byte": b"\x89",
    "a moving GIF": GIF,
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
    "SVG with a prologue": b'<?xml version="1.0"?><svg/>',
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n%%EOF",
    "PDF": b"%PDF-1.4",
    "BMP": saved(Image.new("RGB", (4, 4)), "BMP"),
    "TIFF": saved(Image.new("RGB", (4, 4)), "TIFF"),
    "ICO": saved(Image.new("RGB", (16, 16)), "ICO"),
    "a GIF that is a PNG too": b"GIF89a" + PLAIN["PNG"],
    "a page that is a JPEG too": b"<html>" + PLAIN["JPEG"],
    "RIFF that is a sound": b"RIFF\x04\0\0\0WAVE",
    "a header alone": b"\x89PNG\r\n\x1a\n",
    "the beginning of a JPEG": b"\xff\xd8",
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_picture_of_the_three_kinds_is_refused(name):
    with pytest.raises(Unreadable):
        read_picture(OTHERS[name])


@pytest.mark.parametrize(
    "rest", [b"<script>alert(1)</script>", b"PK\x03\x04" + b"a" * 40, b"%PDF-1.4", b"IEND\0\0\0\0"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_something_else_as_well_is_refused(kind, rest):
    with pytest.raises(Unreadable, match="no part of the picture"):
        read_picture(PLAIN[kind] + rest)


@pytest.mark.parametrize("rest", [b"\0\0\n", PLAIN["JPEG"], b"\0\0\0\x18ftypmp42", b"notes of a telephone SEFT"])
def test_what_telephones_append_is_no_reason_to_refuse(rest):
    assert read_picture(PLAIN["JPEG"] + rest).size == (40, 60)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_breaks_off_is_refused_wherever_it_does(kind, share):
    with pytest.raises(Unreadable):
        read_picture(PLAIN[kind][: int(len(PLAIN[kind]) * share)])


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=9),
)
def test_damaged_bytes_are_read_or_refused_and_nothing_else(kind, changes):
    data = bytearray(PLAIN[kind])
    for place, value in changes:
        data[int(place * len(data))] = value
    try:
        picture = read_picture(bytes(data))
    except InputError:
        return
    assert len(picture.rgb) == picture.size[0] * picture.size[1] * 3


def blank_png(height: int, width: int) -> bytes:
    """A picture of one colour and one bit a pixel, which takes a thousandth of its size."""
    rows = zlib.compress((b"\0" + bytes(-(-width // 8))) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
            (b"IDAT", rows),
            (b"IEND", b""),
        )
    )


def test_81_megapixels_in_10_kilobytes_are_refused_by_their_header():
    bomb = blank_png(9000, 9000)
    assert len(bomb) < 12_000
    with pytest.raises(TooLarge, match=r"81\.0 megapixels \(9,000 × 9,000\) and attnviz reads up to 24"):
        read_picture(bomb)
    assert peak_of(bomb) < 1_000_000


def test_a_picture_past_every_bound_is_refused_too():
    with pytest.raises(TooLarge, match="far more than the 24 megapixels"):
        read_picture(blank_png(20_000, 20_000))


@pytest.mark.parametrize("kind", KINDS)
def test_24_megapixels_are_read_and_one_row_more_is_not(kind):
    wide = {"quality": 1} if kind != "PNG" else {}
    assert read_picture(saved(Image.new("L", (6000, 4000)), kind, **wide)).size == (4000, 6000)
    with pytest.raises(TooLarge):
        read_picture(saved(Image.new("L", (6000, 4001)), kind, **wide))


def test_10_megabytes_are_read_and_one_byte_more_is_refused():
    with pytest.raises(TooLarge, match=r"10\.0 MB and attnviz reads pictures of up to 10 MB"):
        read_picture(PLAIN["JPEG"] + bytes(MAX_PICTURE_BYTES))
    assert read_picture(PLAIN["JPEG"] + bytes(MAX_PICTURE_BYTES - len(PLAIN["JPEG"]))).size == (40, 60)


def test_a_jpeg_that_asks_to_be_gone_over_again_and_again_is_refused():
    data = saved(Image.fromarray(colours(40, 60)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    with pytest.raises(Unreadable, match=f"more than {MAX_JPEG_SCANS} scans"):
        read_picture(data[:-2] + data[last:-2] * 100 + data[-2:])
    assert read_picture(data).size == (40, 60)


def peak_of(data: bytes) -> int:
    """How many bytes Python held at most while it refused a file."""
    tracemalloc.start()
    with pytest.raises(InputError):
        read_picture(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


FEW_BYTES = 40_000_000  # for each of them: the decoder that is loaded for the first, and what the file itself takes
COSTS = """
import resource, sys
from pathlib import Path
from attnviz.errors import InputError
from attnviz.inputs import read_picture
data = Path(sys.argv[1]).read_bytes()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_picture(data)
except InputError:
    pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def lying_png() -> bytes:
    """A header of 4 × 4 pixels, and 100 MB of zeros behind it."""
    data = blank_png(4, 4)
    start, end = data.index(b"IDAT") - 4, data.index(b"IEND") - 4
    rows = zlib.compress(bytes(10**8), 9)
    return (
        data[:start]
        + struct.pack(">I", len(rows))
        + b"IDAT"
        + rows
        + struct.pack(">I", zlib.crc32(b"IDAT" + rows))
        + data[end:]
    )


def noted_png() -> bytes:
    """A note of a few kB that is 100 MB when it is spelled out."""
    note = b"Comment\0\0" + zlib.compress(bytes(10**8), 9)
    data = blank_png(4, 4)
    chunk = struct.pack(">I", len(note)) + b"zTXt" + note + struct.pack(">I", zlib.crc32(b"zTXt" + note))
    return data[:33] + chunk + data[33:]


FRAMES = (
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff"
    + b"\x21\xf9\x04\0\x01\0\0\0\x2c"
    + bytes(4)
    + b"\x01\0\x01\0\0\x02\x02\x44\x01\0"
)
COSTLY = {
    "81 megapixels": blank_png(9000, 9000),
    "400 megapixels": blank_png(20_000, 20_000),
    "10,000 frames": FRAMES[:19] + FRAMES[19:] * 10_000 + b";",
    "a WebP of 16,000 x 16,000, in its header": b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\x7f\xfe\x9f\x0f" + bytes(9),
    "zeros beyond its end": lying_png(),
    "a note that swells": noted_png(),
}


@pytest.mark.parametrize("name", COSTLY)
def test_what_swells_costs_the_process_little_memory_whoever_takes_it(name, tmp_path):
    """Measured by the system, in a process of its own: what a decoder takes, Python does not see."""
    file = tmp_path / "picture"
    file.write_bytes(COSTLY[name])
    done = subprocess.run([sys.executable, "-c", COSTS, file], capture_output=True, text=True, check=True, cwd=ROOT)
    assert int(done.stdout) < FEW_BYTES
