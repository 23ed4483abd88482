"""What a model wrote becomes tensors and axes: its own token numbers, never cut anew, and where each lies."""

from collections.abc import Callable, Sequence
from typing import Any

from attnviz.axes import Span
from attnviz.encode.caption import picture_source
from attnviz.encode.chat import chat_pieces
from attnviz.encode.encoded import Encoded
from attnviz.encode.hearing import sound_source
from attnviz.encode.languages import tongues
from attnviz.encode.pair import pair_pieces
from attnviz.encode.source import Source, source_of, start_of, target_of, with_target
from attnviz.encode.spelling import REPLACEMENT, SPACE, visible
from attnviz.encode.text import encode_pieces, pieces_of
from attnviz.encode.tokens import Pieces, is_special
from attnviz.errors import Unreadable
from attnviz.inputs import Chat, Generated, Input, Picture, Sound, Text, TextPair
from attnviz.models.loading import LoadedModel

CONTEXT = 8  # tokens before what was written that may change how it is spelt, as a space between two words
MOST_PARTS = 8  # tokens that one character may be made of

SOURCES: dict[type[Input], Callable[[LoadedModel, Any], Source]] = {
    Picture: picture_source,
    Sound: sound_source,
    Text: lambda model, given: source_of(model, given.text),
}


def encode_generated(model: LoadedModel, given: Generated) -> Encoded:
    """Turn what a model was given and what it wrote into tensors and axes.

    A decoder reads one after the other; an encoder-decoder reads the one and writes the other.

    Raises  Unreadable    when the model writes nothing, or not of what was given.
            TooLong       when the tokens exceed the model's positions.
            ModelRefused  when they are not the model's own.
    """
    if min(given.ids, default=0) < 0:
        raise Unreadable("Tokens are numbered from 0; {number} was given.", number=min(given.ids))
    if "decoder" in model.family.stacks:
        words = tongues(model.name, model.processor).target
        text, pieces = _continued(words, Pieces((), (), (), ()), given.ids)
        target = target_of(model, text, pieces, start_of(model))
        return with_target(model, read_source(model, given.given), target)
    before, read = prompt(model, given.given)
    text, pieces = _continued(model.processor, read, given.ids)
    return encode_pieces(model, before + text, _joined(read, pieces, len(before)))


def read_source(model: LoadedModel, given: Input) -> Source:
    """Turn what an encoder-decoder writes of into what it reads.

    Raises  Unreadable  when it does not write of this kind of input.
    """
    way = SOURCES.get(type(given))
    if way is None:
        raise Unreadable(
            "{model} reads a source and writes a target of it; {kind} is no source. Give it attnviz.Text(source).",
            model=model.name,
            kind=type(given).__name__,
        )
    return way(model, given)


def prompt(model: LoadedModel, given: Input) -> tuple[str, Pieces]:
    """Say what a decoder goes on with, as text and in pieces.

    Raises  Unreadable  when the model goes on with nothing, or not with this kind of input.
    """
    if model.family.causal:
        match given:
            case Text():
                return given.text, pieces_of(model, given.text)
            case TextPair():
                return pair_pieces(model, given)[:2]
            case Chat():
                return chat_pieces(model, given, answer=True)
    raise Unreadable(
        "{model} does not go on with {kind}. Choose a model that writes, such as gpt2, and give it attnviz.Text(…).",
        model=model.name,
        kind=type(given).__name__,
    )


def label_of(processor: Any, number: int) -> str:
    """Spell one token alone, as a reader sees it; part of a character as its vocabulary writes it."""
    raw = _raw(processor, number)
    if is_special(processor)(number, False) or _piece(processor, number) is None:
        return raw
    text = _spelt(processor, [number])
    return raw if REPLACEMENT in text else visible(text) or SPACE


def _continued(processor: Any, before: Pieces, ids: Sequence[int]) -> tuple[str, Pieces]:
    """Spell what was written after some pieces, and say where each token lies in it.

    What a token adds can only be told from what is spelt with it and without it; several that make one character
    together lie at the same place.
    """
    special = is_special(processor)
    spans: list[Span | None] = [None] * len(ids)
    context = [number for number in before.ids if not special(number, False)][-CONTEXT:]
    text, held = "", list[int]()
    words = [
        at for at, number in enumerate(ids) if not special(number, False) and _piece(processor, number) is not None
    ]
    for at in words:
        held.append(at)
        own = [ids[each] for each in held]
        more = _spelt(processor, context + own)[len(_spelt(processor, context)) :]
        if more.endswith(REPLACEMENT) and len(held) < MOST_PARTS and at != words[-1]:
            continue
        for each in held:
            spans[each] = (len(text), len(text) + len(more)) if more else None
        text, context, held = text + more, (context + own)[-CONTEXT:], []
    raw = tuple(_raw(processor, number) for number in ids)
    return text, Pieces(tuple(ids), raw, tuple(spans), (False,) * len(ids))


def _joined(first: Pieces, second: Pieces, start: int) -> Pieces:
    moved = (None if span is None else (span[0] + start, span[1] + start) for span in second.spans)
    return Pieces(first.ids + second.ids, first.raw + second.raw, (*first.spans, *moved), first.added + second.added)


def _spelt(processor: Any, ids: Sequence[int]) -> str:
    return str(processor.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False))


def _raw(processor: Any, number: int) -> str:
    piece = _piece(processor, number)
    return f"#{number}" if piece is None else piece


def _piece(processor: Any, number: int) -> str | None:
    """Name a token as its vocabulary does; a model may know, and write, more numbers than its tokenizer."""
    try:
        piece = processor.convert_ids_to_tokens(number)
    except (IndexError, KeyError, OverflowError):
        return None
    return None if piece is None else str(piece)
