"""Tokenizers that read one character or one word a token, for the smallest models."""

from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

BEGIN, END, PADDING, UNKNOWN = "<s>", "</s>", "<pad>", "<unk>"
SPECIAL = (BEGIN, END, PADDING, UNKNOWN)
BEGIN_ID, END_ID, PADDING_ID, UNKNOWN_ID = range(len(SPECIAL))


def character_tokenizer(
    characters: Sequence[str], template: str, normalizer: normalizers.Normalizer | None = None
) -> PreTrainedTokenizerFast:
    """Make a tokenizer that knows these characters; `template` puts the special tokens around a text, `$A`."""
    inner = _numbered(characters, template)
    if normalizer is not None:
        inner.normalizer = normalizer
    inner.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    inner.decoder = decoders.Fuse()
    return _wrapped(inner)


def word_tokenizer(words: Sequence[str]) -> PreTrainedTokenizerFast:
    """Make a tokenizer that knows these words, with spaces between, and puts a beginning and an end around a text."""
    inner = _numbered(words, f"{BEGIN} $A {END}")
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.decoder = decoders.WordPiece(prefix="##", cleanup=False)  # a space between words
    return _wrapped(inner)


def _numbered(tokens: Sequence[str], template: str) -> Tokenizer:
    numbers = {token: number for number, token in enumerate((*SPECIAL, *tokens))}
    inner = Tokenizer(models.WordLevel(numbers, unk_token=UNKNOWN))
    inner.post_processor = processors.TemplateProcessing(
        single=template, special_tokens=[(token, numbers[token]) for token in SPECIAL if token in template.split()]
    )
    return inner


def _wrapped(inner: Tokenizer) -> PreTrainedTokenizerFast:
    """Tell transformers which tokens are special."""
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=PADDING,
        unk_token=UNKNOWN,
        clean_up_tokenization_spaces=False,
    )
