"""What a visitor gave, decoded and frozen. Knows nothing of models."""

import io
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from attnviz.errors import InputError, TooLarge, TooLong, Unreadable

MAX_PICTURE_BYTES = 10_000_000
MAX_PICTURE_PIXELS = 24_000_000
MAX_JPEG_SCANS = 64  # ordinary ones have up to 20; each goes over the whole picture, and costs a file but a few bytes

MAX_SOUND_BYTES = 10_000_000
MAX_SOUND_SECONDS = 60.0
SOUND_RATES = (1_000, 192_000)  # samples a second
MAX_SOUND_CHANNELS = 32
SOUND_BLOCK = 2**16  # samples that are decoded at a time, of each channel


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
            "The file has {size:.1f} MB and attnviz reads pictures of up to {limit:.0f} MB. Save the picture smaller, "
            "or as JPEG.",
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
            "The picture is damaged or broken off, or its file is no PNG, JPEG or WebP. Save it anew as one of these, "
            "or choose another."
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


def read_sound(data: bytes, max_bytes: int = MAX_SOUND_BYTES, max_seconds: float = MAX_SOUND_SECONDS) -> Sound:
    """Decode the bytes of a WAV, FLAC, OGG or MP3 file; of several channels, their mean.

    How long it is, is read from its header before anything is decoded; where the header lies, no more than the limit is
    decoded.

    Raises  TooLarge    when the file is larger than `max_bytes`.
            TooLong     when the sound lasts longer than `max_seconds`.
            Unreadable  when it is of another kind, broken off, damaged, empty, or of an unusual rate.
    """
    if len(data) > max_bytes:
        raise TooLarge(
            "The file has {size:.1f} MB and attnviz reads sounds of up to {limit:.0f} MB. Save it as FLAC or MP3, or "
            "cut it.",
            size=len(data) / 1e6,
            limit=max_bytes / 1e6,
        )
    _check_sound_file(data)
    import soundfile  # here, because most visitors bring none

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as opened:
            return _heard(opened, max_seconds)
    except InputError:
        raise
    except Exception as why:  # bytes from anywhere can make a decoder fail in any way
        raise Unreadable(
            "The sound is damaged or broken off, or its file is no WAV, FLAC, OGG or MP3. Save it as one of these, "
            "or choose another."
        ) from why


def _check_sound_file(data: bytes) -> None:
    """Look at the first bytes: only four kinds of file reach the decoder, and a WAV tells its own length."""
    wave = data.startswith(b"RIFF") and data[8:12] == b"WAVE"
    if not wave and not data.startswith((b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")):
        raise Unreadable("The file is no WAV, FLAC, OGG or MP3. Save the sound as one of these, or choose another.")
    if wave and _wave_end(data) > len(data):
        raise Unreadable("The file of the sound is broken off. Save it anew, or choose another.")


def _wave_end(data: bytes) -> int:
    """Find where the samples of a WAV file end, walking from chunk to chunk; 0 where its writer did not know."""
    at = 12
    while data[at : at + 4] not in (b"data", b""):
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        at += at % 2
    size = int.from_bytes(data[at + 4 : at + 8], "little")
    return 0 if size == 2**32 - 1 else at + 8 + size


def _heard(opened: Any, max_seconds: float) -> Sound:
    rate, told = opened.samplerate, opened.frames if opened.frames < 2**62 else 0  # that many: nobody told
    if not SOUND_RATES[0] <= rate <= SOUND_RATES[1] or not 1 <= opened.channels <= MAX_SOUND_CHANNELS:
        raise Unreadable(
            "The sound has {channels} channels of {rate:,} samples a second; attnviz reads up to {most} channels of "
            "{low:,} to {high:,}. Save it at 16,000.",
            channels=opened.channels,
            rate=rate,
            most=MAX_SOUND_CHANNELS,
            low=SOUND_RATES[0],
            high=SOUND_RATES[1],
        )
    _check_seconds(told / rate, max_seconds)
    blocks, count = [], 0
    while len(block := opened.read(SOUND_BLOCK, dtype="float32", always_2d=True)):
        blocks.append(block.mean(axis=1))
        count += len(block)
        _check_seconds(count / rate, max_seconds)
    if count < told * (0.9 if opened.format == "MP3" else 1):  # the length of an MP3 may be an estimate
        raise Unreadable("The file of the sound is broken off. Save it anew, or choose another.")
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if not count or not np.isfinite(samples).all():
        raise Unreadable("The file holds no sound, or numbers that are none. Save it anew, or choose another.")
    return Sound(rate, np.clip(samples, -1, 1).tobytes())


def _check_seconds(seconds: float, most: float) -> None:
    if seconds > most:
        raise TooLong(
            "The sound lasts {seconds:,.1f} seconds or more and attnviz reads up to {limit:g}. Cut it to that length.",
            seconds=seconds,
            limit=most,
        )
