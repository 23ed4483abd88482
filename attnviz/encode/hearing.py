"""A sound alone, for a model that hears, or a sound and the words in it, for one that writes down what it hears."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import regex
import torch
from torch import Tensor

from attnviz.axes import Axis, Sides
from attnviz.encode.encoded import Encoded
from attnviz.encode.languages import tongues
from attnviz.encode.sound import Heard, sound_tensors
from attnviz.encode.source import Source, Target, start_of, target_of, with_target
from attnviz.encode.text import check_text
from attnviz.encode.tokens import Pieces, cut
from attnviz.errors import ModelError, ModelRefused
from attnviz.families.frames import sound_frames
from attnviz.inputs import Sound, SoundAndText
from attnviz.models.loading import LoadedModel
from attnviz.models.places import place_of

MASK, MASK_OF_FEATURES = "attention_mask", "input_features_mask"
UNMASKED = frozenset({"whisper", "qwen2_audio_encoder", "voxtral_encoder"})  # hear padding as they hear silence
MULTILINGUAL_WORDS = 51865  # Whisper knows as many where it knows more languages than English
ENGLISH, TRANSCRIBE = "<|en|>", "<|transcribe|>"
UNSPACED = regex.compile(r"[\s\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Myanmar}]")
_BINS = ("num_mel_bins", "input_feat_per_channel", "feature_projection_input_dim")


def encode_sound(model: LoadedModel, given: Sound) -> Encoded:
    """Turn a sound into tensors and axes.

    Raises  ModelRefused  when the model comes without a feature extractor.
            ModelError    when its feature extractor is made for another model.
            InputError    when the sound is too long or too short for the model.
    """
    source = sound_source(model, given)
    return Encoded(source.tensors, dict.fromkeys(model.family.stacks, source.sides))


def encode_sound_and_text(model: LoadedModel, given: SoundAndText) -> Encoded:
    """Turn a sound and the words in it into tensors and axes: row i of the decoder predicts token i + 1.

    Raises  ModelRefused, ModelError, InputError  as `encode_sound` does.
            Unreadable  when the words are no text.
            TooLong     when their tokens exceed the decoder's positions.
    """
    return with_target(model, sound_source(model, given.sound), heard_target(model, given.text))


def sound_source(model: LoadedModel, sound: Sound) -> Source:
    """Turn a sound into what an encoder hears.

    Raises  ModelRefused, ModelError, InputError  as `encode_sound` does.
    """
    if model.sounds is None:
        raise ModelRefused("{model} comes without a feature extractor. Choose another model.", model=model.name)
    config = _part_that_hears(model.model.config)
    heard = sound_tensors(model.sounds, sound)
    _check_form(model, config, heard)

    def frames(adapted: int = 0) -> Axis:
        return sound_frames(config, heard.length, heard.step, heard.sound.seconds, adapted)

    attending, adapted = _layers(model)
    sides = [Sides(axis, axis) for axis in [frames()] * attending + [frames(depth + 1) for depth in range(adapted)]]
    last = config.num_adapter_layers if getattr(config, "add_adapter", False) else 0
    return Source(_taken(model, config, heard), tuple(sides), frames(last))


def heard_target(model: LoadedModel, text: str) -> Target:
    """Turn the words in a sound into what a decoder writes: its own prefix, the words, an end.

    Raises  Unreadable, TooLong, ModelRefused  as `target_of` does.
    Source  transformers' examples/pytorch/speech-recognition: a start that the tokenizer puts first is taken off.
    """
    check_text(text)
    words, start = tongues(model.name, model.processor).target, start_of(model)
    pieces = _of_whisper(model, words, text) or _unstarted(cut(words, text), start)
    return target_of(model, text, _ended(words, pieces), start)


def begun(model: LoadedModel) -> tuple[int, ...]:
    """Say which tokens a decoder is given before it writes down a sound: a start, and what Whisper is told of its task.

    Raises  ModelRefused  when the model does not say with which token it starts.
    """
    return (start_of(model), *(_told(model, tongues(model.name, model.processor).target) or ()))


def _part_that_hears(config: Any) -> Any:
    """Find the configuration of the part that a sound comes to first."""
    parts = (getattr(config, name, None) for name in ("encoder", "encoder_config"))
    return next((part for part in parts if hasattr(part, "model_type")), config)


def _layers(model: LoadedModel) -> tuple[int, int]:
    """Count the layers of the stack that hears: those of the encoder itself, and those of an adapter after it."""
    stack = next(iter(model.family.stacks))
    every = ((type(module).__name__, place_of(module)) for module in model.backbone.modules())
    places = [place for name, place in every if model.family.stack_of(name, place) == stack]
    adapted = sum(".adapter." in f".{place}" for place in places)
    return len(places) - adapted, adapted


def _taken(model: LoadedModel, config: Any, heard: Heard) -> Mapping[str, Tensor]:
    """Take what the model asks for of what its feature extractor makes.

    Shape   one sound alone, batch first.
    """
    asked = inspect.signature(model.backbone.forward).parameters
    unread = {MASK} if config.model_type in UNMASKED else set()
    tensors = {name: tensor for name, tensor in heard.tensors.items() if name in asked and name not in unread}
    if MASK_OF_FEATURES in asked:
        within = np.arange(heard.length) * heard.step < heard.sound.seconds
        tensors[MASK_OF_FEATURES] = torch.from_numpy(within.astype(np.int64))[None]
    return tensors


def _check_form(model: LoadedModel, config: Any, heard: Heard) -> None:
    """Refuse what the feature extractor of another model makes.

    Raises  ModelError  with what it makes, and what the encoder hears.
    """
    name = model.sounds.model_input_names[0]
    length = _length(config) or heard.length
    told = (getattr(config, each, None) for each in _BINS)
    bins = next((int(each) for each in told if each), 1) if heard.tensors[name].ndim == 3 else 1
    seen = (heard.length, heard.tensors[name].numel() // heard.length)
    if name not in inspect.signature(model.backbone.forward).parameters or seen != (length, bins):
        raise ModelError(
            "The feature extractor of {model} makes {name} of {seen} (time, pitch), and its encoder hears {asked} of "
            "{made_for}. Mend the settings of the one, or choose another model.",
            model=model.name,
            name=name,
            seen=seen,
            asked=model.backbone.main_input_name,
            made_for=(length, bins),
        )


def _length(config: Any) -> int | None:
    """Say how many steps an encoder hears, where it hears no more and no fewer."""
    if config.model_type in (*UNMASKED, "audioflamingo3_encoder"):
        return 2 * int(config.max_source_positions)
    return int(config.max_length) if config.model_type == "audio-spectrogram-transformer" else None


def _of_whisper(model: LoadedModel, words: Any, text: str) -> Pieces | None:
    """Cut a text as Whisper writes it: what it is told of its task, then the words, a space before the first.

    Source  openai/whisper, decoding.py, DecodingTask._get_initial_tokens.
    """
    told = _told(model, words)
    if told is None:
        return None
    space = int(bool(text) and not UNSPACED.match(text))
    pieces = cut(words, " " * space + text, ends=False)
    raw = tuple(str(piece) for piece in words.convert_ids_to_tokens(list(told)))
    moved = (None if span is None else (max(span[0] - space, 0), span[1] - space) for span in pieces.spans)
    return Pieces(
        ids=told + pieces.ids,
        raw=raw + pieces.raw,
        spans=(None,) * len(told) + tuple(span if span and span[0] < span[1] else None for span in moved),
        added=(True,) * len(told) + pieces.added,
    )


def _told(model: LoadedModel, words: Any) -> tuple[int, ...] | None:
    """Say what Whisper is told before it writes: language and task, where it knows several, and whether to note times.

    Where its tokenizer was not told, they are those that OpenAI's own code takes: English, and to write it down.

    Raises  ModelRefused  when the tokenizer was told a language or a task that there is not.
    Source  openai/whisper, tokenizer.py, get_tokenizer.
    """
    if model.model.config.model_type != "whisper" or not hasattr(type(words), "prefix_tokens"):
        return None
    try:
        told = [int(number) for number in words.prefix_tokens[1:]]
    except ValueError as why:
        raise ModelRefused(
            "The tokenizer of {model} was set to what it does not know ({why}). Set its language and its task anew.",
            model=model.name,
            why=str(why)[:200],
        ) from why
    if _multilingual(model):
        told[:0] = [] if words.language else [words.convert_tokens_to_ids(ENGLISH)]
        told[1:1] = [] if words.task else [words.convert_tokens_to_ids(TRANSCRIBE)]
    return tuple(number for number in told if number not in (None, words.unk_token_id))


def _multilingual(model: LoadedModel) -> bool:
    told = getattr(getattr(model.model, "generation_config", None), "is_multilingual", None)
    return bool(model.model.config.vocab_size >= MULTILINGUAL_WORDS if told is None else told)


def _unstarted(pieces: Pieces, start: int) -> Pieces:
    """Take off the start that a tokenizer puts first: a decoder reads it, and does not write it."""
    if len(pieces.ids) < 2 or not pieces.added[0] or pieces.ids[0] != start:
        return pieces
    return Pieces(pieces.ids[1:], pieces.raw[1:], pieces.spans[1:], pieces.added[1:])


def _ended(words: Any, pieces: Pieces) -> Pieces:
    """Put an end after what is written, where the tokenizer puts none."""
    end = words.eos_token_id
    if end is None or end in pieces.ids[-1:]:
        return pieces
    return replace(
        pieces,
        ids=(*pieces.ids, int(end)),
        raw=(*pieces.raw, str(words.eos_token)),
        spans=(*pieces.spans, None),
        added=(*pieces.added, True),
    )
