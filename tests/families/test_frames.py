"""The position that moves when one stretch of a sound changes is the one that is named by it."""

from functools import cache
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers import CONFIG_MAPPING, AutoConfig, AutoModel, AutoModelForSpeechSeq2Seq, PreTrainedModel

from attnviz.axes import Frames
from attnviz.errors import UnknownFamily, Unreadable
from attnviz.families.frames import LAYOUTS, convolved, reach, sound_frames

SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
}
# Norms over all of time would move every frame, and wide embeddings of position the neighbours.
LOCAL = {"feat_extract_norm": "layer", "num_conv_pos_embeddings": 1, "num_conv_pos_embedding_groups": 1}
LIKE_WAV2VEC2 = SMALL | LOCAL | {"conv_dim": (8,) * 7}
SQUEEZED = SMALL | LOCAL | {"conv_dim": (8,) * 13}
LIKE_WHISPER = {"d_model": 16, "encoder_layers": 1, "encoder_attention_heads": 2, "encoder_ffn_dim": 16}
DECODES = {"decoder_layers": 1, "decoder_attention_heads": 2, "decoder_ffn_dim": 16}
LIKE_SPEECHT5 = {"encoder_layers": 1, "encoder_attention_heads": 2, "encoder_ffn_dim": 16, "vocab_size": 9}
CONFORMER = SMALL | {"conv_kernel_size": 3, "subsampling_conv_channels": 4, "num_mel_bins": 16}
SAMPLES, MELS = ("input_values", (1, 16000)), ("input_features", (1, 80, 3000))

# model type -> its sizes, and the input of about a second that it takes: name and shape, time last or as `in_time` says
MODELS: dict[str, tuple[dict[str, Any], tuple[str, tuple[int, ...]]]] = {
    **dict.fromkeys(("wav2vec2", "wav2vec2-conformer", "hubert", "wavlm"), (LIKE_WAV2VEC2, SAMPLES)),
    **dict.fromkeys(("unispeech", "unispeech-sat"), (LIKE_WAV2VEC2, SAMPLES)),
    "data2vec-audio": (LIKE_WAV2VEC2 | {"conv_pos_kernel_size": 1}, SAMPLES),
    **dict.fromkeys(("sew", "sew-d"), (SQUEEZED, SAMPLES)),
    "speecht5": (LIKE_WAV2VEC2 | LIKE_SPEECHT5 | DECODES, SAMPLES),
    "moonshine": (SMALL | {"encoder_num_hidden_layers": 1, "decoder_num_hidden_layers": 1, "vocab_size": 9}, SAMPLES),
    "whisper": (LIKE_WHISPER | DECODES | {"vocab_size": 9, "pad_token_id": 0}, MELS),
    "qwen2_audio_encoder": (LIKE_WHISPER | {"num_mel_bins": 80}, MELS),
    "voxtral_encoder": (SMALL | {"num_mel_bins": 80}, MELS),
    "audioflamingo3_encoder": (SMALL | {"num_mel_bins": 80}, MELS),
    "glmasr_encoder": (SMALL | {"num_mel_bins": 80}, ("input_features", (1, 80, 100))),
    "speech_to_text": (LIKE_WHISPER | DECODES | {"conv_channels": 16}, ("input_features", (1, 100, 80))),
    "parakeet_encoder": (CONFORMER, ("input_features", (1, 100, 16))),
    "lasr_encoder": (CONFORMER, ("input_features", (1, 100, 16))),
    "wav2vec2-bert": (SMALL | {"conv_depthwise_kernel_size": 3}, ("input_features", (1, 200, 160))),
    "audio-spectrogram-transformer": (SMALL, ("input_values", (1, 1024, 128))),
}
STEPS = {"input_values": 1 / 16000, "input_features": 0.01}  # seconds


@cache
def tiny(kind: str) -> PreTrainedModel:
    torch.manual_seed(0)
    door = AutoModelForSpeechSeq2Seq if kind == "speecht5" else AutoModel  # whose ear is in its head
    made = door.from_config(CONFIG_MAPPING[kind](**MODELS[kind][0]), attn_implementation="eager").eval()
    if kind == "moonshine":
        made.encoder.groupnorm = torch.nn.Identity()  # it is over all of time
    return made


def in_time(shape: tuple[int, ...]) -> int:
    """Which side of an input is time: columns of a spectrogram are more than its rows."""
    return int(np.argmax(shape))


def step_of(kind: str) -> float:
    if kind == "wav2vec2-bert":
        return 0.02  # its extractor puts two columns into one
    return 0.01 if kind == "audio-spectrogram-transformer" else STEPS[MODELS[kind][1][0]]


def heard(model: PreTrainedModel, values: torch.Tensor) -> np.ndarray:
    """What the first attention of the model is given.

    Shape   (position, width).
    """
    attends = next(module for name, module in model.named_modules() if "Attention" in type(module).__name__)
    caught: list[torch.Tensor] = []
    hook = attends.register_forward_pre_hook(
        lambda _, args, given: caught.append(args[0] if args else given["hidden_states"]), with_kwargs=True
    )
    encoder = model.get_encoder() if hasattr(model, "get_encoder") and model.config.is_encoder_decoder else model
    given = {MODELS[model.config.model_type][1][0]: values}
    if model.config.model_type == "audioflamingo3_encoder":
        given["input_features_mask"] = torch.ones(1, 3000)
    with torch.inference_mode():
        encoder(**given)
    hook.remove()
    return caught[0][0].numpy()


def moved(kind: str, start: int, stop: int, rows: slice = slice(None)) -> tuple[np.ndarray, Frames]:
    """How far each position moves when some steps of the input change, and what the positions are named.

    Shape   (position,).
    """
    model, (_, shape) = tiny(kind), MODELS[kind][1]
    values = torch.randn(shape, generator=torch.Generator().manual_seed(1)) * 0.1
    changed = values.clone()
    if len(shape) == 2:
        changed[:, start:stop] += 3
    elif in_time(shape) == 1:
        changed[:, start:stop, rows] += 3
    else:
        changed[:, rows, start:stop] += 3
    before, after = heard(model, values), heard(model, changed)
    frames = sound_frames(model.config, shape[in_time(shape)], step_of(kind), 1.0)
    assert len(frames) == len(before)
    return np.abs(after - before).sum(axis=1), frames


def test_every_layout_is_held_against_a_model():
    assert MODELS.keys() == LAYOUTS.keys()


@pytest.mark.parametrize("kind", [kind for kind, (_, given) in MODELS.items() if given == SAMPLES])
@pytest.mark.parametrize("part", [0.25, 0.5, 0.75])
def test_a_click_moves_the_frame_that_is_named_by_its_moment(kind: str, part: float):
    frames = sound_frames(tiny(kind).config, 16000, 1 / 16000, 1.0)
    start, stop = frames.spans[int(part * len(frames))]
    middle = round(16000 * (start + stop) / 2)
    found = np.flatnonzero(moved(kind, middle - 8, middle + 8)[0])
    assert found.mean() == int(part * len(frames))  # Moonshine's neighbours on both sides hear it too
    assert len(found) == (3 if kind == "moonshine" else 1)


@pytest.mark.parametrize("kind", [kind for kind, (_, given) in MODELS.items() if given != SAMPLES])
def test_a_column_of_a_spectrogram_moves_the_frames_around_its_moment(kind: str):
    width = reach_of(kind)
    column = MODELS[kind][1][1][in_time(MODELS[kind][1][1])] // 2
    far, frames = moved(kind, column, column + 1)
    time = (column + 0.5) * step_of(kind)
    around = [index for index, span in enumerate(frames.spans) if span and abs(sum(span) / 2 - time) <= width]
    named = [index for index, span in enumerate(frames.spans) if span and span[0] <= time < span[1]]
    found = np.flatnonzero(far > 1e-4 * far.max())
    assert set(named) <= set(found) <= set(around)


def reach_of(kind: str) -> float:
    """How far from its middle a frame hears: half its convolutions, and half a step for where its name begins."""
    if kind == "audio-spectrogram-transformer":
        return 0.08
    model = tiny(kind).config
    sizes = {
        "whisper": ((3, 1, 1), (3, 2, 1)),
        "speech_to_text": ((5, 2, 2), (5, 2, 2)),
        "parakeet_encoder": ((3, 2, 1),) * 3,
        "lasr_encoder": ((5, 2, 0),) * 2,
        "wav2vec2-bert": (),
    }
    heard_steps, between, _ = reach(sizes.get(model.model_type, sizes["whisper"]))
    return (heard_steps + between) / 2 * step_of(kind)


def test_sample_8000_of_wav2vec2_is_in_frame_24_of_49():
    far, frames = moved("wav2vec2", 8000, 8001)
    assert (np.flatnonzero(far).tolist(), far.argmax(), len(frames)) == ([24, 25], 24, 49)
    assert frames.labels[24] == "0.48 s"
    np.testing.assert_allclose(frames.spans[24], [(24 * 320 + 40) / 16000, (25 * 320 + 40) / 16000])


def test_column_1000_of_whisper_moves_positions_499_to_501_of_1500():
    far, frames = moved("whisper", 1000, 1001)
    assert np.flatnonzero(far).tolist() == [499, 500, 501]
    assert (len(frames), frames.spans[500], frames.labels[500]) == (1500, (10.0, 10.02), "10.00 s")
    assert frames.spans[1499] == (29.98, 30.0)


def test_a_cell_of_a_spectrogram_moves_the_patches_that_hold_it():
    """Column 500 lies in the patches that begin at 490 and 500, mel bin 50 in those that begin at 40 and 50."""
    far, frames = moved("audio-spectrogram-transformer", 500, 501, slice(50, 51))
    assert len(frames) == 2 + 12 * 101
    assert np.flatnonzero(far).tolist() == [2 + 101 * f + t for f in (4, 5) for t in (49, 50)]
    assert frames.labels[:3] == ("[CLS]", "[DIST]", "0.03 s, mel 3–12")
    assert (frames.spans[2 + 101 * 4 + 49], frames.bands[2 + 101 * 4 + 49]) == ((4.93, 5.03), (43, 53))
    assert (frames.spans[1], frames.bands[0]) == (None, None)


def test_frames_lie_side_by_side_and_none_begins_before_the_sound():
    for kind, (_, (_, shape)) in MODELS.items():
        frames = sound_frames(tiny(kind).config, shape[in_time(shape)], step_of(kind), 1.0)
        spans = [span for span in frames.spans if span]
        assert spans[0][0] >= 0
        assert all(first[1] == second[0] or second == spans[0] for first, second in pairwise(spans))


def test_convolutions_are_counted_and_their_reach_is_told():
    wav2vec2 = tuple((kernel, stride, 0) for kernel, stride in zip((10, 3, 3, 3, 3, 2, 2), (5, *[2] * 6), strict=True))
    assert (convolved(16000, wav2vec2), convolved(400, wav2vec2), convolved(399, wav2vec2)) == (49, 1, 0)
    assert reach(wav2vec2) == (400, 320, 0)
    assert reach(((3, 1, 1), (3, 2, 1))) == (5, 2, 2)


def test_a_sound_too_short_for_one_frame_is_refused_with_how_long_it_must_be():
    config = AutoConfig.for_model("wav2vec2")
    assert len(sound_frames(config, 400, 1 / 16000, 0.025)) == 1
    with pytest.raises(Unreadable, match=r"lasts 0\.025 seconds.*no less than 0\.025"):
        sound_frames(config, 399, 1 / 16000, 399 / 16000)


def test_a_type_that_nobody_noted_is_refused():
    with pytest.raises(UnknownFamily, match="'encodec'"):
        sound_frames(SimpleNamespace(model_type="encodec"), 100, 0.01, 1.0)
