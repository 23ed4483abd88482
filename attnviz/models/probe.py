"""A short input for any model, made of its configuration alone: enough to see how it attends, and to check that."""

import inspect
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from attnviz.inputs import Input
from attnviz.models.backbone import backbone_of, moved
from attnviz.models.noise import Form, noise, pictures, sounds
from attnviz.models.processors import HEARD, SEEN, reads_words
from attnviz.models.steady import SPARSE
from attnviz.models.taken import taken

PROBE_TOKENS = 8
WRITTEN_TOKENS = 5
BEFORE = 2  # tokens of text before a picture or a sound
MOST_TRIED = 24

IMAGE_TOKENS = ("image_token_id", "image_token_index", "media_placeholder_token_id", "im_patch_id")
VIDEO_TOKENS = ("video_token_id", "video_token_index")
SOUND_TOKENS = ("audio_token_id", "audio_token_index", "sound_token_id")
BOUNDS = (("vision_start_token_id", "vision_end_token_id"), ("image_start_token_id", "image_end_token_id"))


def probe(model: PreTrainedModel, reads: Collection[type[Input]], *, causal: bool) -> dict[str, Tensor]:
    """Make a short input of the kinds that a model shall read: tokens of its vocabulary, a picture or a sound of noise.

    Where a picture or a sound may come in several forms, the first that the model takes is given; where it takes none,
    the likeliest.

    Shape   as the model takes them, one input alone.
    """
    likely = list(islice(_probes(model, reads, causal), MOST_TRIED))
    if len(likely) == 1:
        return moved(likely[0], model)
    fits = (each for each in likely if _takes(model, each))
    return moved(next(fits, likely[0]), model)


def long_probe(model: PreTrainedModel, *, causal: bool) -> dict[str, Tensor] | None:
    """Make an input that a model which compares some pairs alone does not compare whole; None for all other models.

    Two tokens of it are read everywhere, where a model can be told so.

    Shape   as the model takes it, one input alone.
    """
    count, limit = _longer_than_whole(model.config), read_at_most(model.config)
    if not count or (limit is not None and count > limit):
        return None
    given = _words(model, spread(model, count), causal)
    if "global_attention_mask" in asks_of(model):
        everywhere = torch.zeros_like(given["input_ids"])
        everywhere[:, [0, count // 2]] = 1
        given["global_attention_mask"] = everywhere
    return moved(given, model)


def _longer_than_whole(config: Any) -> int:
    """Count the tokens of the shortest text of which a model compares some pairs alone: 0 where there is none."""
    if getattr(config, "attention_type", "") == SPARSE:
        return (5 + 2 * int(config.num_random_blocks)) * int(config.block_size) + 1
    if hasattr(config, "encoder_attention_type"):
        return max(int(config.local_radius), int(config.global_block_size)) + 3
    widest = _widest(config)
    return widest // 2 + 3 if widest else 0


def read_at_most(config: Any) -> int | None:
    """Say how many tokens a configuration has positions for, where padding needs positions too; None where it is mute.

    What is padded to whole blocks, or windows, has to end with one.
    """
    in_windows = getattr(config, "max_encoder_position_embeddings", None)
    told = in_windows or getattr(config, "max_position_embeddings", None)
    if not isinstance(told, int) or told <= 0:
        return None
    in_blocks = getattr(config, "attention_type", "") == SPARSE
    return told - told % (_widest(config) if in_windows else int(config.block_size) if in_blocks else 1)


def _widest(config: Any) -> int:
    windows = getattr(config, "attention_window", None) or 0
    return max(windows) if isinstance(windows, list | tuple) else int(windows)


def asks_of(model: PreTrainedModel) -> tuple[str, ...]:
    """Name what the part of a model that attends can be given."""
    return tuple(inspect.signature(backbone_of(model).forward).parameters)


def spread(model: PreTrainedModel, count: int) -> Tensor:
    """Take tokens from all over a vocabulary, none that stands for a picture or a sound.

    Shape   (1, token).
    """
    words = vocabulary(model)
    ids = torch.arange(1, count + 1)[None] * max(1, words // (count + 2)) % words
    for stand_in in _stand_ins(model.config):
        ids = torch.where(ids == stand_in, (ids + 1) % words, ids)
    return ids


def vocabulary(model: PreTrainedModel) -> int:
    """Say how many tokens a model knows: those that it writes, where it reads no text."""
    config = model.config.get_text_config(decoder=True)
    told = getattr(config, "vocab_size", None)
    return int(told) if told else int(backbone_of(model).get_input_embeddings().weight.shape[0])


def _probes(model: PreTrainedModel, reads: Collection[type[Input]], causal: bool) -> Iterator[Form]:
    """Make the inputs that may be what a model takes, the fullest first.

    Shape   one input alone, in each.
    """
    asked = asks_of(model)
    seen: list[Form] = list(pictures(model.config, asked)) if SEEN & set(reads) else []
    heard: list[Form] = list(sounds(model, asked)) if HEARD & set(reads) else []
    for form in [*({**sight, **sound} for sight, sound in zip(seen[:1], heard[:1], strict=False)), *seen, *heard]:
        yield from _with_words(model, form, causal)
    if not (seen or heard) or ("input_ids" in asked and reads_words(reads)):
        yield _words(model, spread(model, PROBE_TOKENS), causal) if "input_ids" in asked else _other(model)


def _with_words(model: PreTrainedModel, form: Form, causal: bool) -> Iterator[Form]:
    """Put words beside a picture or a sound, with as many tokens that stand for it as the model makes of it."""
    asked = asks_of(model)
    if "decoder_input_ids" in asked and not _stand_ins(model.config):
        yield form | {"decoder_input_ids": spread(model, WRITTEN_TOKENS)}
    if "input_ids" not in asked:
        if "decoder_input_ids" not in asked:
            yield _other(model) | form
        return
    words = spread(model, PROBE_TOKENS)
    parts = [words[:, :BEFORE]]
    for names, door, ends in _DOORS:
        stand_in = _stand_in(model.config, names)
        if stand_in is not None and (count := _made_of(model, form, door)):
            own = torch.full((1, count), stand_in)
            parts += [*_bound(model.config, ends, 0), own, *_bound(model.config, ends, 1)]
    ids = torch.cat([*parts, words[:, BEFORE:]], dim=1)
    yield form | _words(model, ids, causal)


_DOORS: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    (IMAGE_TOKENS, ("get_image_features", "get_image_tokens"), BOUNDS),
    (SOUND_TOKENS, ("get_audio_features", "get_speech_features"), ()),
)


def _words(model: PreTrainedModel, ids: Tensor, causal: bool) -> Form:
    """Make what a model of words is handed for a row of tokens.

    Shape   each (1, token).
    """
    asked = asks_of(model)
    given = taken(backbone_of(model), ids, causal=causal)
    image = _stand_in(model.config, IMAGE_TOKENS)
    shown = (ids == image).long() if image is not None else torch.zeros_like(ids)
    kinds: Form = {name: shown for name in ("mm_token_type_ids",) if name in asked}
    if "token_type_ids" in asked and hasattr(model.config, "mm_tokens_per_image"):
        kinds["token_type_ids"] = shown
    if (columns := getattr(model.config, "type_vocab_sizes", None)) and "token_type_ids" in asked:
        kinds["token_type_ids"] = torch.zeros(*ids.shape, len(columns), dtype=torch.long)
    if "bbox" in asked:
        kinds["bbox"] = torch.tensor([[[place, place, place + 9, place + 5] for place in range(ids.shape[1])]])
    return given | kinds | _beside_words(model, given)


def _beside_words(model: PreTrainedModel, given: Form) -> Form:
    """Make what some models are handed beside words: what to write, what to ask of a picture, and where it is.

    Shape   each (1, token), or (1, token, …).
    """
    asked, ids = asks_of(model), given["input_ids"]
    kinds: Form = {}
    if "decoder_input_ids" in asked:
        kinds["decoder_input_ids"] = spread(model, WRITTEN_TOKENS)
    if "qformer_input_ids" in asked:
        kinds["qformer_input_ids"] = ids[:, :BEFORE]
    if "image_attention_mask" in asked:
        kinds["image_attention_mask"] = torch.ones(1, ids.shape[1], 1, dtype=torch.long)
    if "image_embeds_position_mask" in asked and (count := getattr(model.config, "latent_query_num", 0)):
        kinds |= _reserved(given, int(count))
    if "visual_feats" in asked:
        kinds |= {"visual_feats": noise(1, 6, int(model.config.visual_feat_dim)), "visual_pos": noise(1, 6, 4)}
    return kinds


def _reserved(given: Form, count: int) -> Form:
    """Keep places for a picture among words, as Kosmos-2 is told of them: before the first word of its own.

    Shape   each (1, token).
    """
    places = torch.zeros(1, count, dtype=torch.long)
    words = given["input_ids"]
    shown = torch.cat([places + 1, torch.zeros_like(words)], dim=1)
    ids = torch.cat([places + int(words[0, 0]), words], dim=1)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "image_embeds_position_mask": shown}


def _other(model: PreTrainedModel) -> Form:
    """Make what parts of models are handed by their wholes: states of positions.

    Shape   each (1, position, width).
    """
    asked = inspect.signature(backbone_of(model).forward).parameters
    given: Form = {}
    for name, count in (("hidden_states", 6), ("query_embeds", 4), ("encoder_hidden_states", 6), ("inputs_embeds", 6)):
        needed = name in asked and (asked[name].default is inspect.Parameter.empty or name == "encoder_hidden_states")
        if needed and (width := _width(model.config, name)):
            given[name] = noise(1, count, width)
    return given


def _width(config: Any, name: str) -> int:
    named = (
        ("encoder_hidden_size",)
        if name == "encoder_hidden_states"
        else ("input_dim",)
        if name == "hidden_states"
        else ()
    )
    told = (getattr(config, each, None) for each in (*named, "hidden_size", "d_model", "embed_dim"))
    return next((int(each) for each in told if isinstance(each, int)), 0)


def _made_of(model: PreTrainedModel, form: Form, doors: Collection[str]) -> int:
    """Count the tokens that a model makes of a picture or a sound: 0 where it does not take this form, 1 at a guess."""
    own = backbone_of(model)
    door = next((getattr(own, name) for name in doors if hasattr(own, name)), None)
    if door is None:
        return 1
    known = inspect.signature(door).parameters
    fits = {name: value for name, value in form.items() if name in known}
    if not fits:
        return 0
    try:
        with torch.inference_mode():
            return _count(door(**moved(fits, model)))
    except Exception:  # another form may fit
        return 0


def _count(made: Any) -> int:
    if hasattr(made, "last_hidden_state"):
        made = made.last_hidden_state if getattr(made, "pooler_output", None) is None else made.pooler_output
    if isinstance(made, list | tuple):
        return sum(map(_count, made))
    return int(made.numel() // made.shape[-1]) if isinstance(made, Tensor) else 0


def _takes(model: PreTrainedModel, given: Mapping[str, Tensor]) -> bool:
    try:
        with torch.random.fork_rng(devices=[]), torch.inference_mode():
            backbone_of(model)(**moved(given, model))
    except Exception:  # a form of input that does not fit can fail in any way
        return False
    return True


def _stand_in(config: Any, names: Collection[str]) -> int | None:
    told = (getattr(each, name, None) for each in _configs(config) for name in names)
    return next((int(each) for each in told if isinstance(each, int) and each >= 0), None)


def _stand_ins(config: Any) -> list[int]:
    found = (_stand_in(config, names) for names in (IMAGE_TOKENS, SOUND_TOKENS, VIDEO_TOKENS))
    return [each for each in found if each is not None]


def _configs(config: Any) -> Iterator[Any]:
    yield config
    yield from (own for name in ("thinker_config", "vlm_config") if (own := getattr(config, name, None)) is not None)


def _bound(config: Any, ends: Collection[tuple[str, str]], side: int) -> list[Tensor]:
    told = (getattr(config, names[side], None) for names in ends)
    return [torch.tensor([[each]]) for each in islice((each for each in told if isinstance(each, int)), 1)]
