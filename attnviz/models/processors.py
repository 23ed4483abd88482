"""What turns words, pictures and sounds into a model's numbers: the processors that come with its files."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from attnviz.errors import ModelRefused
from attnviz.inputs import Input, Picture, PictureAndText, Sound, SoundAndText
from attnviz.models.pictures import read_picture_processor
from attnviz.models.sounds import read_sound_extractor

SEEN: frozenset[type[Input]] = frozenset({Picture, PictureAndText})
HEARD: frozenset[type[Input]] = frozenset({Sound, SoundAndText})


@dataclass(frozen=True, eq=False)
class Processors:
    """The processors of one model, each None where the model has no use for it."""

    words: Any = None
    pictures: Any = None
    sounds: Any = None


def read_processors(folder: Path, reads: Collection[type[Input]]) -> Processors:
    """Open from a folder what a model that reads these kinds of input needs."""
    # AutoTokenizer opens those of Marian and its like with sentencepiece, which has to be installed for it
    safely: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    return Processors(
        words=unbounded(AutoTokenizer.from_pretrained(folder, **safely)) if reads_words(reads) else None,
        pictures=read_picture_processor(folder)[0] if SEEN & set(reads) else None,
        sounds=read_sound_extractor(folder) if HEARD & set(reads) else None,
    )


def parts_of(processor: Any) -> Processors:
    """Take apart what a notebook holds: one processor, or a processor of several kinds of input."""
    words = getattr(processor, "tokenizer", None)
    pictures = getattr(processor, "image_processor", None)
    sounds = getattr(processor, "feature_extractor", None)
    if words is None and hasattr(processor, "convert_ids_to_tokens"):
        words = processor
    if words is not None and not getattr(words, "chat_template", None):  # of prompts with pictures: the whole holds it
        words.chat_template = getattr(processor, "chat_template", None)
    if pictures is None and hasattr(processor, "image_mean"):
        pictures = processor
    if sounds is None and hasattr(processor, "sampling_rate"):
        sounds = processor
    return Processors(None if words is None else unbounded(words), pictures, sounds)


def reads_words(reads: Collection[type[Input]]) -> bool:
    """Say whether any kind of input holds words."""
    return bool(set(reads) - {Picture, Sound})


def check_processors(name: str, reads: Collection[type[Input]], own: Processors) -> None:
    """Refuse a model that comes without what makes its numbers.

    Raises  ModelRefused  when there is no tokenizer, or an empty one, for a model of words.
    """
    words = own.words  # transformers makes an empty one where files are missing
    if reads_words(reads) and (words is None or len(words) <= len(words.all_special_ids)):
        raise ModelRefused("{model} comes without a tokenizer. Choose another model.", model=name)


def unbounded(words: Any) -> Any:
    """Take from a tokenizer its habit of cutting and padding; set once, as a shared one must not change in use."""
    if getattr(words, "is_fast", False):
        words.backend_tokenizer.no_truncation()
        words.backend_tokenizer.no_padding()
    return words
