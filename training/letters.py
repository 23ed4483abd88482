"""Tokenizers that read one character a token, for the smallest models."""

from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

BEGIN, END, PADDING, UNKNOWN = "<s>", "</s>", "<pad>", "<unk>"
SPECIAL = (BEGIN, END, PADDING, UNKNOWN)


def character_tokenizer(
    characters: Sequence[str], template: str, normalizer: normalizers.Normalizer | None = None
) -> PreTrainedTokenizerFast:
    """Make a tokenizer that knows these characters; `template` puts the special tokens around a text, `$A`."""
    numbers = {token: number for number, token in enumerate((*SPECIAL, *characters))}
    inner = Tokenizer(models.WordLevel(numbers, unk_token=UNKNOWN))
    if normalizer is not None:
        inner.normalizer = normalizer
    inner.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    inner.post_processor = processors.TemplateProcessing(
        single=template, special_tokens=[(token, numbers[token]) for token in SPECIAL if token in template.split()]
    )
    inner.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=PADDING,
        unk_token=UNKNOWN,
        clean_up_tokenization_spaces=False,
    )
