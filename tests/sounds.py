"""Tiny models of sound with random weights, their feature extractors and tokenizers, and sounds to give them."""

from functools import cache
from typing import Any

import numpy as np
import torch
import transformers
from tokenizers import pre_tokenizers
from transformers import CONFIG_MAPPING, AutoModel, AutoModelForSpeechSeq2Seq, PreTrainedModel

from attnviz.inputs import Sound, SoundAndText
from attnviz.models.loading import LoadedModel, wrap
from tests import tiny
from tests.families.test_frames import MODELS

LAYERS, HEADS = 2, 4
RATE = 16000
SECONDS = 0.9
TEXT = "The cat sat."
WRITERS = ("whisper", "moonshine", "speech_to_text", "speecht5")
CTC = {"parakeet_ctc": "parakeet_encoder", "lasr_ctc": "lasr_encoder"}
BOTH = {  # an encoder and a decoder of two kinds
    "wav2vec2 + gpt2": ("wav2vec2", {"add_adapter": True, "num_adapter_layers": 2}),
    "wav2vec2-bert + gpt2": ("wav2vec2-bert", {"add_adapter": True, "num_adapter_layers": 1}),
}
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "wav2vec2-bert with an adapter": ("wav2vec2-bert", {"add_adapter": True, "num_adapter_layers": 2}),
    "wav2vec2-bert, rotary": ("wav2vec2-bert", {"position_embeddings_type": "rotary"}),
    "wav2vec2-bert, relative": ("wav2vec2-bert", {"position_embeddings_type": "relative"}),
    "wav2vec2-conformer, rotary": ("wav2vec2-conformer", {"position_embeddings_type": "rotary"}),
    "wav2vec2 with an adapter": ("wav2vec2", {"add_adapter": True}),
    "hubert of layer norms first": ("hubert", {"do_stable_layer_norm": True}),
}
SHORT = 50  # positions of an encoder that hears a sound of one length
POSITIONS = {
    "speech_to_text": {"max_source_positions": 2 * SHORT, "max_target_positions": SHORT},
    "speecht5": {"max_speech_positions": 2 * SHORT, "max_text_positions": SHORT},
    "wav2vec2-conformer": {"max_source_positions": 2 * SHORT},
}
_WHISPERS = ("whisper", "qwen2_audio_encoder", "voxtral_encoder", "audioflamingo3_encoder")
_START = {"decoder_start_token_id": 1, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}


def config(kind: str) -> Any:
    """Make the configuration of a tiny model."""
    if kind in CTC:
        return CONFIG_MAPPING[kind](encoder_config=config(CTC[kind]).to_dict(), vocab_size=9, pad_token_id=0)
    if kind in BOTH:
        name, more = BOTH[kind]
        gpt2 = {"n_embd": 32, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 32, "vocab_size": len(words(kind))}
        writer = CONFIG_MAPPING["gpt2"](**gpt2, is_decoder=True, add_cross_attention=True)
        both = transformers.SpeechEncoderDecoderConfig.from_encoder_decoder_configs(_one(name, more), writer)
        both.update(_START)
        return both
    return _one(*VARIANTS.get(kind, (kind, {})))


def _one(kind: str, more: dict[str, Any]) -> Any:
    sizes = MODELS[kind][0] | {name: _larger(name, size) for name, size in MODELS[kind][0].items()}
    sizes |= POSITIONS.get(kind, {})
    if kind in _WHISPERS:
        sizes |= {"max_source_positions": SHORT}
    if kind == "audio-spectrogram-transformer":
        sizes |= {"max_length": 2 * SHORT}
    if kind in WRITERS:
        sizes |= {"vocab_size": len(words(kind))} | (whisper_ids() if kind == "whisper" else _START)
    return CONFIG_MAPPING[kind](**(sizes | more))


def _larger(name: str, size: Any) -> Any:
    if "layers" in name:
        return LAYERS
    if "heads" in name:
        return HEADS
    return 32 if name in ("hidden_size", "d_model") else size


@cache
def model(kind: str) -> PreTrainedModel:
    """Make a tiny model, the same at every call, with weights wide enough for rows that are far from even."""
    own = config(kind)
    torch.manual_seed(0)
    door = AutoModel if kind not in CTC else transformers.AutoModelForCTC
    if kind in WRITERS or kind in BOTH:
        door = AutoModelForSpeechSeq2Seq
    made = door.from_config(own, attn_implementation="eager").eval()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if parameter.ndim > 1 and "conv" not in name and "feature_extractor" not in name:
                parameter.normal_(std=0.2)
    return made


@cache
def extractor(kind: str) -> Any:
    """Make the feature extractor of a kind's relatives, for sounds of the length that the tiny model hears."""
    kind = VARIANTS.get(kind, BOTH.get(kind, (CTC.get(kind, kind), {})))[0]
    match kind:
        case "whisper" | "qwen2_audio_encoder" | "voxtral_encoder" | "audioflamingo3_encoder" | "glmasr_encoder":
            return transformers.WhisperFeatureExtractor(chunk_length=2 * SHORT // 100, return_attention_mask=True)
        case "audio-spectrogram-transformer":
            return transformers.ASTFeatureExtractor(max_length=2 * SHORT)
        case "speech_to_text":
            return transformers.Speech2TextFeatureExtractor()
        case "speecht5":
            return transformers.SpeechT5FeatureExtractor()
        case "wav2vec2-bert":
            return transformers.SeamlessM4TFeatureExtractor()
        case "parakeet_encoder":
            return transformers.ParakeetFeatureExtractor(feature_size=16)
        case "lasr_encoder":
            return transformers.LasrFeatureExtractor(feature_size=16)
    return transformers.Wav2Vec2FeatureExtractor(return_attention_mask=True)


@cache
def words(kind: str) -> Any:
    """Make the tokenizer of a kind's relatives."""
    return whisper_words() if kind == "whisper" else tiny.tokenizer("fallback")


def whisper_words(**told: Any) -> Any:
    """Make a small tokenizer of Whisper: bytes alone, and its own special tokens."""
    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    own = transformers.WhisperTokenizer(vocab=letters | {"<|endoftext|>": 256}, merges=[])
    own.add_special_tokens({"extra_special_tokens": ["<|startoftranscript|>", "<|en|>", "<|zh|>", "<|de|>"]})
    own.add_special_tokens(
        {"extra_special_tokens": ["<|translate|>", "<|transcribe|>", "<|notimestamps|>"]},
        replace_extra_special_tokens=False,
    )
    own.set_prefix_tokens(**told)
    return own


def whisper_ids() -> dict[str, int]:
    """Say how Whisper begins and ends with that tokenizer."""
    start, end = whisper_words().convert_tokens_to_ids(["<|startoftranscript|>", "<|endoftext|>"])
    return {"decoder_start_token_id": start, "bos_token_id": end, "eos_token_id": end, "pad_token_id": end}


class Both:
    """What a notebook holds: a tokenizer and a feature extractor."""

    def __init__(self, tokenizer: Any, feature_extractor: Any) -> None:
        self.tokenizer, self.feature_extractor = tokenizer, feature_extractor


@cache
def loaded(kind: str) -> LoadedModel:
    """Wrap a model with its processors."""
    writes = kind in WRITERS or kind in BOTH
    return wrap(model(kind), Both(words(kind), extractor(kind)) if writes else extractor(kind))


def sound(seconds: float = SECONDS, rate: int = RATE) -> Sound:
    """Make a sound of noise that grows louder, the same each time."""
    samples = np.random.default_rng(0).normal(size=round(seconds * rate)) * np.linspace(
        0.02, 0.3, round(seconds * rate)
    )
    return Sound(rate, samples.astype(np.float32).tobytes())


def given(kind: str) -> Sound | SoundAndText:
    """Give what a kind reads."""
    return SoundAndText(sound(), TEXT) if kind in WRITERS or kind in BOTH else sound()
