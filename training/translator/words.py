"""The pieces of words that a translator reads and writes, one vocabulary for both of its languages."""

from functools import cache

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from training.letters import END, PADDING, UNKNOWN
from training.places import RUNS
from training.translator.pairs import pairs

PIECES = 4000
SPECIAL = (PADDING, END, UNKNOWN)
PADDING_ID, END_ID = 0, 1
ALONE = r"\p{Han}|[.,!?;:…\"«»()、。，！？：；“”「」]"  # a token each: a Chinese character, and each mark


@cache
def tokenizer(language: str) -> PreTrainedTokenizerFast:
    """Open the tokenizer of a language; it is learnt from the training pairs once and then kept."""
    kept = RUNS / f"translator-{language}" / "tokenizer.json"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        texts = [text for pair in pairs(language, held_out=False) for text in (pair.source, pair.target)]
        learnt(texts, PIECES).save(str(kept))
    return wrapped(Tokenizer.from_file(str(kept)))


def wrapped(inner: Tokenizer) -> PreTrainedTokenizerFast:
    """Tell transformers which tokens are special."""
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        eos_token=END,
        pad_token=PADDING,
        unk_token=UNKNOWN,
        clean_up_tokenization_spaces=False,
    )


def learnt(texts: list[str], pieces: int) -> Tokenizer:
    """Learn the pieces that texts are best made of."""
    inner = Tokenizer(models.BPE(unk_token=UNKNOWN))
    inner.normalizer = normalizers.Sequence(
        [normalizers.Replace("’", "'"), normalizers.Replace(Regex(r"[\s\u200b]+"), " "), normalizers.Strip()]
    )
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="never"),
            pre_tokenizers.Split(Regex(ALONE), "isolated"),
            pre_tokenizers.Split("'", "merged_with_previous"),  # l'eau and dit-il are two words each
            pre_tokenizers.Split("-", "merged_with_next"),
        ]
    )
    inner.decoder = decoders.Metaspace(prepend_scheme="never")
    inner.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=pieces, special_tokens=list(SPECIAL)))
    inner.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, END_ID)])
    return inner
