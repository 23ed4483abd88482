"""A tokenizer's pieces become an axis: what a reader sees of each, and where it lies in the text."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from attnviz.axes import Span, Tokens
from attnviz.encode.spelling import SPACE, visible
from attnviz.encode.words import WordFinder

MARKS = "▁Ġ"  # how vocabularies write the space before a word
BYTE = re.compile(r"<0x[0-9A-F]{2}>")  # some vocabularies mark these as special, although they spell words


@dataclass(frozen=True)
class Pieces:
    """What a tokenizer made of a text.

    Shape   one entry a token in each field; spans are None where the tokenizer does not tell them.
    """

    ids: tuple[int, ...]
    raw: tuple[str, ...]
    spans: tuple[Span | None, ...]
    added: tuple[bool, ...]  # put there by the tokenizer, not by the text


def cut(processor: Any, text: str, *, ends: bool = True) -> Pieces:
    """Let a tokenizer cut a text into pieces, all of it, with the special tokens that its model is used to.

    Without `ends` only those stay that are in the text, as a chat template writes them.
    """
    fast = bool(getattr(processor, "is_fast", False))
    told = processor(
        text,
        add_special_tokens=ends,
        return_offsets_mapping=fast,
        return_special_tokens_mask=True,
        truncation=False,
        padding=False,
        verbose=False,
    )
    ids = tuple(int(number) for number in told["input_ids"])
    raw = tuple(str(piece) for piece in processor.convert_ids_to_tokens(list(ids)))
    added = tuple(bool(flag) for flag in told["special_tokens_mask"])
    spans = _told(told["offset_mapping"], len(text)) if fast else _found(text, raw, added)
    return Pieces(ids, raw, spans, added)


def name(processor: Any, text: str, pieces: Pieces) -> Tokens:
    """Name every token for a reader.

    A token shows its characters, as the model's vocabulary normalises them; part of a character shows the whole one
    and which part; a space, a line break and a tab show a sign; a special token keeps its name; an unknown one shows
    the text it stands for.
    """
    special = tuple(map(is_special(processor), pieces.ids, pieces.added))
    spans = tuple(
        None if odd and put else _trimmed(text, raw, span)
        for raw, span, odd, put in zip(pieces.raw, pieces.spans, special, pieces.added, strict=True)
    )
    speller = _Speller(processor, text)
    labels = [
        raw if odd else speller.label(number, raw, span)
        for number, raw, span, odd in zip(pieces.ids, pieces.raw, spans, special, strict=True)
    ]
    for group in _shared(text, spans, special):
        for part, position in enumerate(group, start=1):
            labels[position] = f"{labels[position]} {part}/{len(group)}"
    finder = WordFinder(text)
    return Tokens(
        source=text,
        labels=tuple(labels),
        raw=pieces.raw,
        spans=spans,
        special=special,
        words=tuple(None if odd else finder.of(span) for span, odd in zip(spans, special, strict=True)),
    )


class _Speller:
    """Spells the tokens of one text as its tokenizer's normaliser would, where that changes case, accents or width."""

    def __init__(self, processor: Any, text: str) -> None:
        backend = processor.backend_tokenizer if getattr(processor, "is_fast", False) else None
        self._normalizer = backend.normalizer if backend is not None else None
        self._unknown = getattr(processor, "unk_token_id", None)
        self._mask = getattr(processor, "mask_token_id", None)
        self._spell = processor.convert_tokens_to_string
        self._text = text

    def label(self, number: int, raw: str, span: Span | None) -> str:
        if number == self._mask:
            return raw
        if span is None:
            return visible(_unmarked(raw).strip() or _unmarked(self._spell([raw])).strip()) or SPACE
        written = self._text[slice(*span)]
        return visible(written if number == self._unknown else self._normalised(written)) or SPACE

    def _normalised(self, written: str) -> str:
        if self._normalizer is None:
            return written
        spelt = unicodedata.normalize("NFC", self._normalizer.normalize_str(written).replace("▁", " ").strip())
        return spelt if spelt and _folded(spelt) == _folded(written.strip()) else written


def _told(offsets: Sequence[tuple[int, int]], length: int) -> tuple[Span | None, ...]:
    return tuple((int(start), int(stop)) if 0 <= start < stop <= length else None for start, stop in offsets)


def _found(text: str, raw: Sequence[str], added: Sequence[bool]) -> tuple[Span | None, ...]:
    """Look for each piece after the one before it, for tokenizers that do not say where they cut."""
    low = "".join(lower if len(lower := character.lower()) == 1 else character for character in text)
    spans: list[Span | None] = []
    cursor = 0
    for piece, put in zip(raw, added, strict=True):
        plain = _unmarked(piece).strip()
        start = -1 if put or not plain else max(text.find(plain, cursor), low.find(plain.lower(), cursor))
        spans.append(None if start < 0 else (start, start + len(plain)))
        cursor = cursor if start < 0 else start + len(plain)
    return tuple(spans)


def is_special(processor: Any) -> Callable[[int, bool], bool]:
    """Tell special tokens from words; a mask or an unknown token stands for a word, whoever wrote it."""
    ends = {getattr(processor, f"{kind}_token_id", None) for kind in ("bos", "eos", "cls", "sep", "pad")}
    stand_ins = {getattr(processor, f"{kind}_token_id", None) for kind in ("mask", "unk")} - ends
    own = getattr(processor, "added_tokens_decoder", {}).items()
    marked = {number for number, token in own if token.special and not BYTE.fullmatch(token.content)}
    special = (set(processor.all_special_ids) | marked) - stand_ins
    return lambda number, added: bool(added) or number in special


def _trimmed(text: str, raw: str, span: Span | None) -> Span | None:
    """Take the space before a word off its token; a mark of the vocabulary alone stands for no text."""
    if span is None:
        return None
    start, stop = span
    written = text[start:stop]
    if not raw.strip(MARKS) and not written.isspace() and written.strip(MARKS):
        return None
    if not written.isspace():
        start += len(written) - len(written.lstrip(" "))
    return start, stop


def _shared(text: str, spans: Sequence[Span | None], special: Sequence[bool]) -> Iterator[list[int]]:
    """Find runs of tokens that hold parts of the same characters, as the bytes of 猫 do."""
    group: list[int] = []
    reach = 0
    for position, (span, odd) in enumerate(zip(spans, special, strict=True)):
        counts = span is not None and not odd and not text[slice(*span)].isspace()
        if group and not (counts and span is not None and span[0] < reach):
            if len(group) > 1:
                yield group
            group = []
        if counts and span is not None:
            reach = max(reach, span[1]) if group else span[1]
            group.append(position)
    if len(group) > 1:
        yield group


def _unmarked(raw: str) -> str:
    plain = raw.removeprefix("##").removesuffix("</w>")
    for mark in MARKS:
        plain = plain.replace(mark, " ")
    return plain


def _folded(text: str) -> str:
    """Take case, accents and width away, to see whether two spellings are of the same text."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(character for character in apart if not unicodedata.combining(character)).casefold()
