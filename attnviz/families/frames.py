"""How models of sound cut time into positions: each type's convolutions, as its configuration tells them."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from attnviz.axes import Frames, Seconds, Span
from attnviz.errors import UnknownFamily, Unreadable

Convolution = tuple[int, int, int]  # kernel, stride, padding on each side
Layout = Callable[[Any, int, float, float, int], Frames]  # as `sound_frames`


def sound_frames(config: Any, length: int, step: float, seconds: float, adapted: int = 0) -> Frames:
    """Name the positions in which a model hears a sound.

    A position is named by the stretch of time between it and its neighbours; what it hears is a little wider. Padding
    has its positions too: they lie after `seconds`.

    `length` counts the steps of what the model takes, samples or columns of a spectrogram; each takes `step` seconds.
    Where so many layers of an adapter have put positions together since, they are `adapted`.

    Raises  UnknownFamily  when nobody noted how models of this type cut time.
            Unreadable     when the sound is too short for a single position.
    """
    layout = LAYOUTS.get(config.model_type)
    if layout is None:
        raise UnknownFamily(
            "attnviz does not know how models of type {model_type!r} cut a sound into frames. Choose another model.",
            model_type=config.model_type,
        )
    return layout(config, length, step, seconds, adapted)


def convolved(length: int, convolutions: tuple[Convolution, ...]) -> int:
    """Count what convolutions one after the other make of so many steps."""
    for kernel, stride, padding in convolutions:
        length = (length + 2 * padding - kernel) // stride + 1
    return length


def reach(convolutions: tuple[Convolution, ...]) -> tuple[int, int, int]:
    """Say how many steps one position hears, how many lie between two, and how many before the first are padding."""
    heard, between, before = 1, 1, 0
    for kernel, stride, padding in convolutions:
        heard, before = heard + (kernel - 1) * between, before + padding * between
        between *= stride
    return heard, between, before


def _in_time(convolutions_of: Callable[[Any], tuple[Convolution, ...]]) -> Layout:
    """Lay out a model whose convolutions run over time alone."""

    def layout(config: Any, length: int, step: float, seconds: float, adapted: int) -> Frames:
        convolutions = (*convolutions_of(config), *(_adapter(config) for _ in range(adapted)))
        heard, between, before = reach(convolutions)
        count = convolved(length, convolutions)
        _check_count(count, seconds, (heard - before) * step)
        first = max((heard - between) / 2 - before, 0)  # no frame begins before the sound does
        spans = _side_by_side(count, first * step, between * step)
        labels = tuple(f"{start:.2f} s" for start, _ in spans)
        return Frames(seconds, labels, spans, (None,) * count)

    return layout


def _adapter(config: Any) -> Convolution:
    """Say how one layer of an adapter puts positions together."""
    padding = config.adapter_stride // 2 if config.model_type == "wav2vec2-bert" else 1
    return config.adapter_kernel_size, config.adapter_stride, padding


def _patches(config: Any, length: int, step: float, seconds: float, adapted: int) -> Frames:
    """Lay out square patches of a spectrogram: two tokens for the whole, then every pitch from the lowest, in time."""
    side, across, up = config.patch_size, config.time_stride, config.frequency_stride
    columns, rows = convolved(length, ((side, across, 0),)), convolved(config.num_mel_bins, ((side, up, 0),))
    _check_count(columns, seconds, side * step)
    times = _side_by_side(columns, (side - across) / 2 * step, across * step)
    bands = [((side - up) // 2 + up * row, (side - up) // 2 + up * (row + 1)) for row in range(rows)]
    spans: list[Seconds | None] = [None, None, *(span for _ in bands for span in times)]
    pitches: list[Span | None] = [None, None, *(band for band in bands for _ in times)]
    labels = [f"{start:.2f} s, mel {low}–{high - 1}" for low, high in bands for start, _ in times]
    return Frames(seconds, ("[CLS]", "[DIST]", *labels), tuple(spans), tuple(pitches))


def _side_by_side(count: int, first: float, width: float) -> tuple[Seconds, ...]:
    starts = [round(first + width * position, 9) for position in range(count + 1)]
    return tuple(pairwise(starts))


def _check_count(count: int, seconds: float, least: float) -> None:
    if count < 1:
        raise Unreadable(
            "The sound lasts {seconds:.3f} seconds and the model hears no less than {least:.3f}. Choose a longer one.",
            seconds=seconds,
            least=least,
        )


def _of_samples(config: Any) -> tuple[Convolution, ...]:
    return tuple((kernel, stride, 0) for kernel, stride in zip(config.conv_kernel, config.conv_stride, strict=True))


def _squeezed(config: Any) -> tuple[Convolution, ...]:
    return (*_of_samples(config), (config.squeeze_factor, config.squeeze_factor, 0))


def _whisper(config: Any) -> tuple[Convolution, ...]:
    return (3, 1, 1), (3, 2, 1)


def _halved(config: Any) -> tuple[Convolution, ...]:
    return tuple((kernel, 2, kernel // 2) for kernel in config.conv_kernel_sizes)


def _moonshine(config: Any) -> tuple[Convolution, ...]:
    return (127, 64, 0), (7, 3, 0), (3, 2, 0)


def _parakeet(config: Any) -> tuple[Convolution, ...]:
    kernel, stride = config.subsampling_conv_kernel_size, config.subsampling_conv_stride
    return ((kernel, stride, (kernel - 1) // 2),) * (config.subsampling_factor.bit_length() - 1)


def _lasr(config: Any) -> tuple[Convolution, ...]:
    return ((config.subsampling_conv_kernel_size, config.subsampling_conv_stride, 0),) * 2


def _as_they_come(config: Any) -> tuple[Convolution, ...]:
    return ()


# Model type -> how it cuts time. Whisper's encoder, and those made like it, are known by the type of the encoder.
LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "wav2vec2": _in_time(_of_samples),
        "wav2vec2-conformer": _in_time(_of_samples),
        "hubert": _in_time(_of_samples),
        "wavlm": _in_time(_of_samples),
        "unispeech": _in_time(_of_samples),
        "unispeech-sat": _in_time(_of_samples),
        "data2vec-audio": _in_time(_of_samples),
        "speecht5": _in_time(_of_samples),
        "sew": _in_time(_squeezed),
        "sew-d": _in_time(_squeezed),
        "moonshine": _in_time(_moonshine),
        "whisper": _in_time(_whisper),
        "qwen2_audio_encoder": _in_time(_whisper),
        "voxtral_encoder": _in_time(_whisper),
        "audioflamingo3_encoder": _in_time(_whisper),
        "glmasr_encoder": _in_time(_whisper),
        "speech_to_text": _in_time(_halved),
        "parakeet_encoder": _in_time(_parakeet),
        "lasr_encoder": _in_time(_lasr),
        "wav2vec2-bert": _in_time(_as_they_come),
        "audio-spectrogram-transformer": _patches,
    }
)
