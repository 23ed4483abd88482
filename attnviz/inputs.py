"""What a visitor gave, decoded and frozen. Knows nothing of models."""

import io
import re
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from attnviz.errors import InputError, TooLarge, Unreadable

MAX_PICTURE_BYTES = 10_000_000
MAX_PICTURE_PIXELS = 24_000_000
MAX_JPEG_SCANS = 64  # ordinary ones have up to 20; each goes over the whole picture, and costs a file but a few bytes


@dataclass(frozen=True)
class Text:
    """One text, as the visitor wrote it."""

    text: str


@dataclass(frozen=True)
class TextPair:
    """Two texts: read together, or a source and what a model is to write of it."""

    first: str
    second: str


@dataclass(frozen=True)
class Turn:
    """What one side of a conversation says. Roles are those of chat templates: system, user, assistant."""

    role: str
    text: str


@dataclass(frozen=True)
class Chat:
    """A conversation, which a model's own template makes a text of."""

    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Picture:
    """A picture, decoded.

    Shape   rgb holds height × width × 3 bytes, row by row; `size` is (height, width).
    """

    size: tuple[int, int]
    rgb: bytes

    @property
    def pixels(self) -> np.ndarray:
        """The picture as an array.

        Shape   (height, width, 3), uint8.
        """
        return np.frombuffer(self.rgb, np.uint8).reshape(*self.size, 3)


@dataclass(frozen=True)
class Sound:
    """A sound, decoded to one channel.

    Unit    rate: samples a second; wave: float32 samples, -1 to 1, as bytes.
    """

    rate: int
    wave: bytes

    @property
    def samples(self) -> np.ndarray:
        """The sound as an array.

        Shape   (sample,), float32.
        """
        return np.frombuffer(self.wave, np.float32)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class PictureAndText:
    """A picture, and the words that belong to it: a caption, a question, or what a model is to write."""

    picture: Picture
    text: str


@dataclass(frozen=True)
class SoundAndText:
    """A sound, and the words that a model is to hear in it."""

    sound: Sound
    text: str


@dataclass(frozen=True)
class Candidate:
    """One token that a model might have written, as a reader sees it.

    Unit    probability: 0 to 1.
    """

    label: str
    probability: float


@dataclass(frozen=True)
class Generated:
    """What was given and what a model wrote to it, as the model's own token numbers, so that it is read as written.

    Shape   ids: one a written token; candidates: for each, the likeliest tokens at its place, most likely first.
    """

    given: "Text | TextPair | Chat | Picture | PictureAndText | Sound"
    ids: tuple[int, ...]
    candidates: tuple[tuple[Candidate, ...], ...] = ()


Input = Text | TextPair | Chat | Picture | PictureAndText | Sound | SoundAndText | Generated


def read_picture(data: bytes) -> Picture:
    """Decode the bytes of a PNG, JPEG or WebP file; of one that moves, the first picture.

    It is turned as its EXIF note asks, laid on white where it is transparent, and keeps its pixels alone. How large it
    is, is read from its header before anything is decoded.

    Raises  TooLarge    when the file or the picture is larger than the limits.
            Unreadable  when it is of another kind, broken off, damaged, or followed by another file.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise TooLarge(
            "The file has {size:.1f} MB and attnviz reads pictures of up to {limit:.0f} MB. Save the picture smaller, or "
            "as JPEG.",
            size=len(data) / 1e6,
            limit=MAX_PICTURE_BYTES / 1e6,
        )
    try:
        return _decoded(data)
    except InputError:
        raise
    except Image.DecompressionBombError as why:
        raise TooLarge(
            "The picture has far more than the {limit:.0f} megapixels that attnviz reads. Make it smaller.",
            limit=MAX_PICTURE_PIXELS / 1e6,
        ) from why
    except Exception as why:  # bytes from anywhere can make a decoder fail in any way
        raise Unreadable(
            "The picture is damaged or broken off, or its file is no PNG, JPEG or WebP. Save it anew as one of these, or "
            "choose another."
        ) from why


def _decoded(data: bytes) -> Picture:
    _check_ends(data)
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as opened:
        width, height = opened.size
        if width * height > MAX_PICTURE_PIXELS:
            raise TooLarge(
                "The picture has {pixels:.1f} megapixels ({height:,} × {width:,}) and attnviz reads up to {limit:.0f}. "
                "Make it smaller.",
                pixels=width * height / 1e6,
                height=height,
                width=width,
                limit=MAX_PICTURE_PIXELS / 1e6,
            )
        opened.load()
        upright = ImageOps.exif_transpose(opened)
    plain = _on_white(upright)
    return Picture((plain.height, plain.width), plain.tobytes())


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey, of which Pillow would cut off all above the lowest 8
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")


def _check_ends(data: bytes) -> None:
    """Refuse a file in which something other than the picture follows it: two kinds of file in one are a trick."""
    if data.startswith(b"\x89PNG"):
        end = _png_end(data)
    elif data.startswith(b"RIFF"):
        end = 8 + int.from_bytes(data[4:8], "little")
    elif data.startswith(b"\xff\xd8"):
        end = _jpeg_end(data)
    else:
        raise Unreadable("The file is no PNG, JPEG or WebP. Save the picture as one of these, or choose another.")
    if end > len(data):
        raise Unreadable("The file of the picture is broken off. Save it anew, or choose another.")
    rest = data[end:]
    if rest.strip(b"\0\r\n ") and not _made_by_a_camera(rest):
        raise Unreadable(
            "{count:,} bytes that are no part of the picture follow it in its file. Save the picture anew with a "
            "picture editor.",
            count=len(rest),
        )


def _png_end(data: bytes) -> int:
    """Find where a PNG file ends, walking from chunk to chunk."""
    at = 8
    while data[at + 4 : at + 8] not in (b"IEND", b""):
        at += 12 + int.from_bytes(data[at : at + 4])
    return at + 12


def _jpeg_end(data: bytes) -> int:
    """Find where the first picture of a JPEG file ends, walking over the parts that its header tells the length of."""
    at, scans = 2, 0
    while (marker := _JPEG_MARKER.search(data, at)) and scans <= MAX_JPEG_SCANS:
        kind, at = data[marker.end() - 1], marker.end()
        if kind == _JPEG_END:
            return at
        scans += kind == _JPEG_SCAN
        at += int.from_bytes(data[at : at + 2])
    raise Unreadable(
        "The JPEG breaks off, or comes in more than {limit} scans. Save the picture anew, or choose another.",
        limit=MAX_JPEG_SCANS,
    )


_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # those within a scan aside
_JPEG_SCAN, _JPEG_END = 0xDA, 0xD9


def _made_by_a_camera(rest: bytes) -> bool:
    """Say whether it is what telephones append: a second JPEG, a short film, Samsung's notes."""
    return rest.startswith(b"\xff\xd8\xff") or rest[4:8] == b"ftyp" or rest.endswith(b"SEFT")
