"""Five books of tales, their last pages kept for measuring, and the pieces of words they are read in."""

from functools import cache

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from training.letters import BEGIN, END
from training.places import DATA, RUNS

BOOKS = DATA / "gutenberg-tales"
KEPT = RUNS / "stories" / "tokenizer.json"
PIECES = 3072
HELD_OUT = 0.05  # of each book, from its end


def pages(held_out: bool) -> list[str]:
    """Read what is for training of each book, or what is kept for measuring."""
    books = [path.read_text(encoding="utf-8") for path in sorted(BOOKS.glob("*.txt"))]
    ends = [round(len(book) * (1 - HELD_OUT)) for book in books]
    return [book[end:] if held_out else book[:end] for book, end in zip(books, ends, strict=True)]


def tokenizer() -> PreTrainedTokenizerFast:
    """Open the tokenizer; it is learnt from the training pages once and then kept."""
    if not KEPT.is_file():
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        _learn(pages(held_out=False)).save(str(KEPT))
    return PreTrainedTokenizerFast(tokenizer_file=str(KEPT), bos_token=BEGIN, eos_token=END, pad_token=END)


@cache
def tokens(held_out: bool) -> np.ndarray:
    """Read all pages as one row of tokens, each book after a beginning.

    Shape   (token,), int64.
    """
    words = tokenizer()
    return np.concatenate([np.array(words(each)["input_ids"], np.int64) for each in pages(held_out)])


def _learn(texts: list[str]) -> Tokenizer:
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    inner.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=PIECES, special_tokens=[BEGIN, END], initial_alphabet=alphabet)
    )
    inner.post_processor = processors.TemplateProcessing(single=f"{BEGIN} $A", special_tokens=[(BEGIN, 0)])
    return inner
