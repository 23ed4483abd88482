"""How close translations of held-out sentences come to people's, and which head knows which word says which."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from transformers import AutoTokenizer, MarianMTModel, PreTrainedTokenizerFast

from training.translator.aligned import MARKS, Aligned, Link, Span, aligned
from training.translator.learner import tensors
from training.translator.pairs import Pair, pairs
from training.writers import asked

CHOSEN = 111  # seed
SENTENCES = 500
BATCH = 50
SCORED_BY = {"fr": "13a", "zh": "zh"}  # how BLEU cuts words

Head = tuple[int, int]


def evaluate(folder: Path, language: str, count: int = SENTENCES) -> dict[str, float]:
    """Measure the model in a folder; the head that aligns one half of our sentences best is measured on the other."""
    model, words = opened(folder)
    return translating(model, words, language, count) | aligning(model, words, language)


def opened(folder: Path) -> tuple[MarianMTModel, PreTrainedTokenizerFast]:
    """Open the shipped files as any reader of them does, with attention that shows its weights."""
    model = MarianMTModel.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", local_files_only=True
    ).eval()
    return model, AutoTokenizer.from_pretrained(folder, local_files_only=True)


def held_out(language: str, count: int) -> dict[str, list[str]]:
    """Draw English sentences that training never saw, with all their translations by people."""
    told: dict[str, list[str]] = {}
    for pair in pairs(language, held_out=True):
        told.setdefault(pair.source, []).append(pair.target)
    chosen = np.random.default_rng(CHOSEN).permutation(sorted(told))[:count]
    return {str(source): told[source] for source in chosen}


def translating(
    model: MarianMTModel, words: PreTrainedTokenizerFast, language: str, count: int = SENTENCES
) -> dict[str, float]:
    """Translate held-out sentences, each token the likeliest, and compare with what people wrote.

    Unit    chrF and BLEU: 0 to 100, as sacrebleu counts them, with every translation that Tatoeba has.
    """
    told = held_out(language, count)
    said = translated(model, words, list(told))
    most = max(map(len, told.values()))
    people = [
        [each[place % len(each)] for each in told.values()] for place in range(most)
    ]  # one said twice counts once
    chrf, bleu = CHRF(), BLEU(tokenize=SCORED_BY[language])
    return {
        "held-out sentences: chrF, of 100": chrf.corpus_score(said, people).score,
        "held-out sentences: BLEU, of 100": bleu.corpus_score(said, people).score,
        "held-out sentences: translated just as somebody did": float(
            np.mean([one in own for one, own in zip(said, told.values(), strict=True)])
        ),
        "the English itself as its translation: chrF, of 100": chrf.corpus_score(list(told), people).score,
    }


def translated(model: MarianMTModel, words: PreTrainedTokenizerFast, texts: Sequence[str]) -> list[str]:
    """Translate sentences."""
    said = []
    for start in range(0, len(texts), BATCH):
        read = words(list(texts[start : start + BATCH]), padding=True, return_tensors="pt")
        with torch.inference_mode():
            written = model.generate(input_ids=read["input_ids"], attention_mask=read["attention_mask"])
        said += words.batch_decode(written, skip_special_tokens=True)
    return said


def aligning(model: MarianMTModel, words: PreTrainedTokenizerFast, language: str) -> dict[str, float]:
    """Compare the links of the best head with our own, and with words linked in order."""
    sentences = aligned(language)
    found = [links(model, words, each) for each in sentences]
    halves = (range(0, len(sentences), 2), range(1, len(sentences), 2))
    total, names = np.zeros(3), []
    for chosen, measured in (halves, halves[::-1]):
        head = _best([found[at] for at in chosen], [sentences[at] for at in chosen])
        names.append(f"L{head[0]} H{head[1]}")
        total += counts([found[at][head] for at in measured], [sentences[at] for at in measured])
    named = " and ".join(dict.fromkeys(names))
    straight = counts([in_order(each) for each in sentences], sentences)
    return {
        f"our sentences: links of {named} that are right": float(total[0] / total[1]),
        f"our sentences: alignment error rate of {named}": error_rate(total),
        "words linked in order: links that are right": float(straight[0] / straight[1]),
        "words linked in order: alignment error rate": error_rate(straight),
    }


def counts(found: Sequence[frozenset[Link]], sentences: Sequence[Aligned]) -> np.ndarray:
    """Count links that are right, links that were found, and links that there are.

    Shape   (3,)
    """
    each = [(len(own & one.links), len(own), len(one.links)) for own, one in zip(found, sentences, strict=True)]
    return np.sum(each, axis=0)


def _best(found: Sequence[dict[Head, frozenset[Link]]], sentences: Sequence[Aligned]) -> Head:
    return min(found[0], key=lambda head: error_rate(counts([each[head] for each in found], sentences)))


def error_rate(counted: np.ndarray) -> float:
    """Compute the alignment error rate, every link of ours being sure.

    Source  Och & Ney 2003, doi 10.1162/089120103321337421.
    """
    both, found, there = counted
    return float(1 - 2 * both / (found + there))


def in_order(sentence: Aligned) -> frozenset[Link]:
    """Link each word to the one that stands as far along, as if both languages had one order."""
    own = [[at for at, word in enumerate(side) if word not in MARKS] for side in (sentence.source, sentence.target)]
    step = len(own[0]) / len(own[1])
    return frozenset((own[0][int((place + 0.5) * step)], word) for place, word in enumerate(own[1]))


def links(model: MarianMTModel, words: PreTrainedTokenizerFast, sentence: Aligned) -> dict[Head, frozenset[Link]]:
    """Let the model write a translation of ours, and link each word to the one that each head reads most meanwhile.

    A word that looks at a mark or at the end most has no link.
    """
    source, target = sentence.texts
    batch = tensors(words, [Pair(source, target)])
    with torch.inference_mode():
        out = asked(model, batch, output_attentions=True)
    weights = torch.cat(list(out.cross_attentions)).numpy()  # one sentence: (layer, head, query, key)
    reads, writes = (belonging(words, *each) for each in zip(sentence.texts, sentence.spans, strict=True))
    merged = writes / np.maximum(writes.sum(axis=1, keepdims=True), 1) @ weights @ reads.T
    ends = weights @ (reads.sum(axis=0) == 0) @ writes.T / np.maximum(writes.sum(axis=1), 1)
    return {head: _peaks(merged[head], ends[head], sentence) for head in np.ndindex(weights.shape[0], weights.shape[1])}


def _peaks(merged: np.ndarray, ends: np.ndarray, sentence: Aligned) -> frozenset[Link]:
    """Link the words of the target to their peaks.

    Shape   merged (word of the target, word of the source); ends (word of the target,), what no word has.
    """
    peaks = merged.argmax(axis=1)
    return frozenset(
        (int(peak), place)
        for place, (peak, word) in enumerate(zip(peaks, sentence.target, strict=True))
        if word not in MARKS and sentence.source[peak] not in MARKS and merged[place, peak] > ends[place]
    )


def belonging(words: PreTrainedTokenizerFast, text: str, spans: Sequence[Span]) -> np.ndarray:
    """Say which tokens make up each word.

    Shape   (word, token), 1 or 0; the end belongs to none.
    """
    places = words(text, return_offsets_mapping=True)["offset_mapping"]
    last = [
        end - 1 + text[end - 1].isspace() if end else -1 for _, end in places
    ]  # a space alone is part of what follows
    return np.array([[float(start <= at < end) for at in last] for start, end in spans])
