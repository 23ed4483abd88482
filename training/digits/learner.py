"""What the Digits model is, and the two questions its training asks."""

from functools import cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import pre_tokenizers
from torch import Tensor, nn
from transformers import (
    GenerationConfig,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperTokenizer,
)

from training.course import Stage
from training.digits.clips import RATE, speakers
from training.digits.strings import MOST, SECONDS, Spoken, draw
from training.trainer import Batch

START, UNTIMED, END = "<|startoftranscript|>", "<|notimestamps|>", "<|endoftext|>"
SPACE = "Ġ"  # as Whisper spells the space before a word
COLUMN = 80  # samples from one column of the spectrogram to the next, 10 ms
POSITIONS = SECONDS * RATE // COLUMN // 2  # of the encoder, 20 ms each
BINS = 40  # of pitch; the 8 highest lie above what 8,000 samples a second can hold
NOTHING, UNASKED = 0, -100


class Learner(nn.Module):
    """The model, and beside it a question to every 20 ms that is asked in training alone: which digit is being said?

    The second question teaches the encoder which digits there are before the decoder has found where to look. It is
    left out of the weights that are shipped.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.whisper = WhisperForConditionalGeneration(config(settings))
        self.whisper.generation_config = writing()
        self.moments = nn.Linear(self.whisper.config.d_model, 11)

    def forward(self, sounds: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """Answer both questions.

        Shape   sounds (string, bin, column), before (string, token); result (string, token, word) and (string,
                position, 1 + digit), logits.
        """
        out = self.whisper(input_features=sounds, decoder_input_ids=before, use_cache=False)
        return out.logits, self.moments(out.encoder_last_hidden_state)


@cache
def tokenizer() -> WhisperTokenizer:
    """Make Whisper's tokenizer with a small vocabulary: bytes, and one token a digit with the space before it."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    digits = [f"{SPACE}{digit}" for digit in range(10)]
    numbers = {piece: number for number, piece in enumerate([*letters, *digits, END])}
    words = WhisperTokenizer(vocab=numbers, merges=[(SPACE, str(digit)) for digit in range(10)], pad_token=END)
    words.add_special_tokens({"extra_special_tokens": [START, UNTIMED]})
    words.set_prefix_tokens()
    return words


def writing() -> GenerationConfig:
    """Say how the model writes: it is told to note no times, and writes as many digits as there is room for."""
    start, untimed, end = tokenizer().convert_tokens_to_ids([START, UNTIMED, END])
    return GenerationConfig(
        decoder_start_token_id=start,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        no_timestamps_token_id=untimed,
        is_multilingual=False,
        max_length=MOST + 4,
    )


@cache
def extractor() -> WhisperFeatureExtractor:
    """Make what turns a sound into a log-mel spectrogram."""
    return WhisperFeatureExtractor(
        feature_size=BINS, sampling_rate=RATE, hop_length=COLUMN, chunk_length=SECONDS, n_fft=256
    )


def config(settings: dict[str, Any]) -> WhisperConfig:
    """Describe the model to transformers."""
    end, start = tokenizer().convert_tokens_to_ids([END, START])
    return WhisperConfig(
        **settings,
        vocab_size=len(tokenizer()),
        num_mel_bins=BINS,
        max_source_positions=POSITIONS,
        max_target_positions=16,
        decoder_start_token_id=start,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )


def material(rng: np.random.Generator, stage: Stage) -> Batch:
    """Draw the strings of one step."""
    own = speakers(held_out=False)
    return tensors([draw(rng, own, varied=True) for _ in range(stage.batch)])


def tensors(strings: list[Spoken]) -> Batch:
    """Turn strings into what the encoder and the decoder read, and what the model should answer.

    Shape   sounds (string, bin, column); before, answers (string, token), before being answers moved on by the start,
            after a string's end UNASKED; moments (string, position), 0 where nothing is said, else 1 + the digit.
    """
    words = tokenizer()
    heard = extractor()([each.samples for each in strings], sampling_rate=RATE, return_tensors="pt")
    start, untimed, end = words.convert_tokens_to_ids([START, UNTIMED, END])
    longest = max(len(each.digits) for each in strings) + 3
    before = torch.full((len(strings), longest - 1), end)
    answers = torch.full((len(strings), longest - 1), UNASKED)
    for row, each in enumerate(strings):
        whole = [start, untimed, *(words.convert_tokens_to_ids(f"{SPACE}{digit}") for digit in each.digits), end]
        before[row, : len(whole) - 1] = torch.tensor(whole[:-1])
        answers[row, 1 : len(whole) - 1] = torch.tensor(whole[2:])  # the first is told, never asked
    return {
        "sounds": heard["input_features"],
        "before": before,
        "answers": answers,
        "moments": torch.from_numpy(np.stack([moments(each) for each in strings])),
    }


def moments(spoken: Spoken) -> np.ndarray:
    """Say of each position of the encoder what is being said in its middle.

    Shape   (position,), int64.
    """
    middles = (np.arange(POSITIONS) + 0.5) * 2 * COLUMN / RATE
    said = np.full(POSITIONS, NOTHING)
    for digit, (start, end) in zip(spoken.digits, spoken.spans, strict=True):
        said[(middles >= start) & (middles < end)] = 1 + digit
    return said


def lesson(model: nn.Module, batch: Batch) -> Tensor:
    """Score both answers: what was said, and what is said when."""
    written, each = model(batch["sounds"], batch["before"])
    whole = F.cross_entropy(written.flatten(0, 1), batch["answers"].flatten(), ignore_index=UNASKED)
    return whole + F.cross_entropy(each.flatten(0, 1), batch["moments"].flatten())
