"""Records to draw: MiniLM's own on real sentences, and made ones whose largest weight is known."""

import re
from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np

import attnviz
from attnviz import measures
from attnviz.axes import Tokens
from attnviz.components.packet import answers_packet, map_packet, model_packet, no_map
from attnviz.inputs import Text
from attnviz.models.loading import LoadedModel
from attnviz.record import AttentionRecord, Layer, ModelFacts, Visibility
from attnviz.service.tiles import Tiles
from attnviz.share.view import EXAMPLE
from tests.components.harness.pictures import PICTURES
from tests.components.harness.second import SECOND

SENTENCES = {
    "cat": EXAMPLE,
    "one": "Hello",
    "words": "Unbelievably, the antidisestablishmentarianists rescheduled.",
    "chinese": "那只猫坐在垫子上，因为它累了。",
    "hebrew": "החתול ישב על השטיח כי הוא היה עייף.",
    "long": "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of "
    "foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it "
    "was the season of Darkness, it was the spring of hope, it was the winter of despair, we had everything "
    "before us, we had nothing before us, we were all going direct to Heaven, we were all going direct the "
    "other way - in short, the period was so far like the present period, that some of its noisiest "
    "authorities insisted on",
}


def layer_of(weights: np.ndarray, axis: Tokens) -> Layer:
    """A layer whose weights are given: queries that are their logarithms, keys that are the unit vectors.

    Shape   weights (head, query, key), each above 0.
    """
    length = weights.shape[-1]
    keys = np.eye(length, dtype=np.float32)[None]
    return Layer(axis, axis, np.log(weights).astype(np.float32), keys, 1.0, Visibility.full(length, length))


def record_of(weights: Sequence[np.ndarray], axis: Tokens) -> AttentionRecord:
    layers = tuple(layer_of(each, axis) for each in weights)
    return AttentionRecord(ModelFacts("made"), Text(axis.source), {"self": layers})


def tokens(labels: Sequence[str], special: Sequence[bool] | None = None) -> Tokens:
    """An axis of words with a space between each."""
    starts = np.cumsum([0, *(len(label) + 1 for label in labels)])
    return Tokens(
        source=" ".join(labels),
        labels=tuple(labels),
        raw=tuple(labels),
        spans=tuple((int(start), int(start) + len(label)) for start, label in zip(starts, labels, strict=False)),
        special=tuple(special or [False] * len(labels)),
        words=tuple(range(len(labels))),
    )


def made(layers: int, heads: int, axis: Tokens, seed: int = 0) -> AttentionRecord:
    """Random rows that sum to 1, peaked at a place of their own in every head; never symmetric."""
    random = np.random.default_rng(seed)
    length = len(axis)

    def layer() -> np.ndarray:
        weights = random.gamma(0.3, size=(heads, length, length)) + 1e-6
        peaks = random.integers(0, length, size=(heads, 2))
        weights[np.arange(heads), peaks[:, 0], peaks[:, 1]] += 50 * length
        return weights / weights.sum(axis=2, keepdims=True)

    return record_of([layer() for _ in range(layers)], axis)


def one_strong_weight(query: int, key: int, length: int = 8, layers: int = 1) -> AttentionRecord:
    """Layers of two heads, even but for a single weight of head 1: query reads key and nothing else."""
    weights = np.full((2, length, length), 1 / length)
    weights[1, query] = 1e-9
    weights[1, query, key] = 1
    return record_of([weights] * layers, tokens([f"word{place}" for place in range(length)]))


def packed(record: AttentionRecord, identity: str, layer: int = 0) -> bytes:
    characters = measures.character(record, "self")
    return model_packet(record, "self", layer=layer, characters=characters, identity=identity)


@cache
def model() -> LoadedModel:
    return attnviz.load("minilm")


@cache
def minilm(sentence: str) -> AttentionRecord:
    """MiniLM's own attention on a sentence."""
    return attnviz.capture(model(), Text(sentence))


def bytes_of_characters() -> Tokens:
    """A text cut into byte pieces, as GPT-2 cuts Chinese and emoji: parts of one character share its span."""
    pieces = ["<s>", "The", " cat", "猫 1/3", "猫 2/3", "猫 3/3", "说", "hi", "😀 1/2", "😀 2/2", ".", "</s>"]
    spans = [None, (0, 3), (4, 7), (8, 9), (8, 9), (8, 9), (9, 10), (11, 13), (14, 15), (14, 15), (15, 16), None]
    words = [None, 0, 1, 2, 2, 2, 2, 3, 4, 4, 4, None]
    source = "The cat 猫说 hi 😀."
    special = [name in {"<s>", "</s>"} for name in pieces]
    labels = [piece.strip() for piece in pieces]
    return Tokens(source, tuple(labels), tuple(pieces), tuple(spans), tuple(special), tuple(words))


def exact(sentence: str, layer: int, head: int) -> bytes:
    """The float32 map of one of MiniLM's heads, as it follows the bytes of all heads."""
    return map_packet(minilm(SENTENCES[sentence]).map("self", layer, head), f"self {layer}.{head}", sentence)


LONG = 3000  # tokens, as many as five zoom levels
LONG_CELL = (1500, 700)  # the query and the key of its one strong weight
TILES = Tiles()  # what the route of the app answers from


def prose(count: int) -> Tokens:
    """So many tokens of sentences, a special one first: words, and the marks after them."""
    text = SENTENCES["long"].replace(": ", ". ").replace(" - ", " ") + ". "
    pieces = list(re.finditer(r"[\w']+|[^\w\s]", text * (1 + count // 60)))[: count - 1]
    labels = ["[CLS]", *(piece.group() for piece in pieces)]
    spans = [None, *(piece.span() for piece in pieces)]
    source = pieces[0].string[: pieces[-1].end()]
    words = [None, *range(count - 1)]
    special = [True] + [False] * (count - 1)
    return Tokens(source, tuple(labels), tuple(labels), tuple(spans), tuple(special), tuple(words))


@cache
def long_record(count: int = LONG) -> AttentionRecord:
    """Two causal layers of two heads on a long text; L0 H1 has one strong weight, LONG_CELL."""
    random = np.random.default_rng(0)
    axis, causal = prose(count), Visibility.causal(count, count)

    def layer() -> Layer:
        q, k = (random.normal(size=(2, count, 9)).astype(np.float32) for _ in range(2))
        q[:, :, 8] = k[:, :, 8] = 0
        q[1, LONG_CELL[0], 8], k[1, LONG_CELL[1], 8] = 40, 1
        return Layer(axis, axis, q, k, 1.0, causal)

    return AttentionRecord(ModelFacts("made"), Text(axis.source), {"self": (layer(), layer())})


def lent(identity: str) -> bytes:
    """The packet of the long record, whose tiles are asked for under a name."""
    name = TILES.lend(identity, long_record)
    characters = measures.character(long_record(), "self")
    return model_packet(
        long_record(), "self", layer=0, characters=characters, identity=identity, tiles=f"/tiles/{name}"
    )


def answered(path: str) -> bytes:
    """A tile of the long record as it comes through the session."""
    with TILES.ask(TILES.lend("session", long_record), path) as ticket:
        return answers_packet({path: ticket.result()})


# Names that a map must cut, that a spreadsheet would run, or that look like markup.
STRANGE = ["=1+1", "+2", "-3", "@cmd", '"a, b"', "<b>bold</b>", "Donaudampfschifffahrtsgesellschaftskapitän" * 2, "x"]

PACKETS: dict[str, Callable[[], bytes]] = {
    **PICTURES,
    **{name: partial(make, TILES) for name, make in SECOND.items()},
    **{name: lambda name=name, text=text: packed(minilm(text), name, layer=2) for name, text in SENTENCES.items()},
    "long-map": lambda: lent("long-map"),
    "gone": lambda: lent("gone").replace(TILES.lend("gone", long_record).encode(), b"0" * 64),
    "answered": lambda: answered("self/0.1/shown/shared/0/0/0"),
    "no-map": no_map,
    "cat-exact": lambda: exact("cat", 2, 7),
    "strange": lambda: packed(made(1, 2, tokens(STRANGE)), "strange"),
    "bytes": lambda: packed(made(2, 4, bytes_of_characters()), "bytes"),
    "strong": lambda: packed(one_strong_weight(query=2, key=5), "strong"),
    "many": lambda: packed(made(36, 32, tokens([f"w{place}" for place in range(40)])), "many"),
    "large": lambda: packed(made(24, 16, tokens([f"w{place}" for place in range(96)])), "large"),
    "thousand": lambda: packed(made(3, 4, tokens([f"word{place}" for place in range(1000)])), "thousand", layer=1),
}
