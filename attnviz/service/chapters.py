"""The numbers that the chapters' figures are drawn from: each comes out of a model that is here, run on a sample."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from attnviz import measures
from attnviz.axes import Frames, Patches
from attnviz.capture import capture, gradients, predict
from attnviz.capture.classes import probabilities
from attnviz.capture.inside import inside
from attnviz.encode import encode
from attnviz.encode.sound import sound_tensors
from attnviz.inputs import Input, Picture, SoundAndText, Text, TextPair, read_sound
from attnviz.lab.steps import softmax
from attnviz.measures.entropy import entropy_bits
from attnviz.models import LoadedModel
from attnviz.models.backbone import moved
from attnviz.record import AttentionRecord, Layer
from attnviz.service.engine import Engine
from attnviz.service.pictures import SCENES
from attnviz.service.tickets import Ready, Relay, Ticket
from attnviz.share.view import View

SENTENCE = View()  # MiniLM on its own sentence; L3 H1 is the head of the first picture
LETTERS = View(model="repeats-2", text="k q x b k q x b k q x b", layer=1, head=1)
ONE_LETTER = "a " * 40
DATE, WRITTEN = "3 May 2021", "2021-05-03"
PICTURE = View(page="image", model="scenes", image="scene-cake", layer=5, head=2, query=0)
SPOKEN = "digits-11.wav"
SPEECH = files("attnviz.models") / "weights/digits/samples"
THINGS = files("attnviz.models") / "weights/scenes/samples/scenes.json"

IT = 8  # the token "it"
TEMPERATURES = (0.1, 0.1768, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)  # 0.1768 = 1/√32
POSITIONS = 48
BASE = 10_000  # of the wave lengths
NEXT = 5  # letters that are offered
BLOCK = 2  # patches a side that are painted over together
HEARD = 32  # bins of pitch; those above lie beyond what 8,000 samples a second can hold
CLASSES = 3  # things that a careful reader asks about
PREVIOUS, SINK = (0, 2), (4, 5)  # layer and head of MiniLM
DATE_HEADS = {"cross": (0, 1), "encoder": (0, 2), "decoder": (0, 0)}


@dataclass(frozen=True, eq=False)
class Panel:
    """One part of a figure: its name, what is told in words, and its numbers by name.

    Shape   as the function that makes it says; tables are float32, or uint8 for pixels.
    """

    name: str
    told: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, np.ndarray] = field(default_factory=dict)


Draw = Callable[[LoadedModel, Input], tuple[Panel, ...]]


def figure(engine: Engine, chapter: str) -> Ticket[tuple[Panel, ...]]:
    """Ask for the panels of a chapter's figure, worked out in the queue of captures, one model after the other."""
    return _joined(engine, chapter, 0, ())


def _joined(engine: Engine, chapter: str, part: int, before: tuple[Panel, ...]) -> Ticket[tuple[Panel, ...]]:
    if part == len(PARTS[chapter]):
        return Ready(before)
    view, draw = PARTS[chapter][part]
    asked = engine.ask(view, ("chapter", chapter, part), lambda model, given, _: draw(model, given))
    return Relay(asked, lambda found: _joined(engine, chapter, part + 1, (*before, *found)))


def sentence(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Say what each token of the sentence reads.

    Shape   weights (query, key).
    """
    found = capture(model, given).map(SENTENCE.stack, SENTENCE.layer, SENTENCE.head)
    return (Panel("sentence", {"names": list(found.keys), "at": IT}, {"weights": found.weights}),)


def vectors(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Take one head apart for the query "it": its vectors, their products number by number, and what it hands on.

    Shape   query, output (d,); keys, values, products (key, d); scores, weights (key,).
    Unit    scores: after the division by √d.
    """
    layer, head = inside(model, given, SENTENCE.stack, SENTENCE.layer), SENTENCE.head
    q, keys = layer.of_head("q", head)[IT], layer.of_head("k", head)
    weights = layer.of_head("W", head)[IT]
    tables = {"query": q, "keys": keys, "products": q * keys, "values": layer.of_head("v", head)}
    tables |= {"scores": layer.of_head("S", head)[IT], "weights": weights, "output": layer.of_head("O", head)[IT]}
    told = {"names": list(layer.tokens), "at": IT, "key": int(weights.argmax()), "root": f"√{len(q)}"}
    return (Panel("vectors", told, tables),)


def temperatures(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Share one row of real scores out at several temperatures.

    Shape   scores (key,); weights (temperature, key); bits (temperature,).
    Unit    bits: the entropy of each row; temperature 1 is the model's own.
    """
    layer = _compared(capture(model, given), SENTENCE.layer)
    scores = layer.q[SENTENCE.head, IT] @ layer.k[SENTENCE.head].T * layer.scaling
    weights = softmax(scores[None].astype(np.float64) / np.array(TEMPERATURES)[:, None])
    told = {"names": list(layer.keys), "at": IT, "stops": TEMPERATURES, "start": TEMPERATURES.index(1.0)}
    tables = {"scores": scores, "weights": weights, "bits": entropy_bits(weights)}
    return (Panel("temperatures", told, tables),)


def heads(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Give every head of one layer.

    Shape   weights (head, query, key).
    """
    layer = capture(model, given).layer(SENTENCE.stack, SENTENCE.layer)
    told = {"names": list(layer.keys), "at": IT, "layer": SENTENCE.layer}
    return (Panel("heads", told, {"weights": layer.weights()}),)


def writing(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Let a causal model read a series letter by letter: what each place reads, and what it expects next.

    Shape   weights (query, key); chances (query, candidate), the likeliest first, told by name in `next`.
    """
    found = capture(model, given).map(LETTERS.stack, LETTERS.layer, LETTERS.head)
    with torch.inference_mode():
        logits = model.model(**moved(encode(model, given).tensors, model.model)).logits[0]
    best = logits.float().softmax(dim=-1).topk(NEXT)
    spelled = [model.processor.convert_ids_to_tokens(row) for row in best.indices.tolist()]
    told = {"names": list(found.keys), "at": len(found.queries) - 1, "next": spelled}
    return (Panel("writing", told, {"weights": found.weights, "chances": best.values.cpu().numpy()}),)


def translation(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Write a date anew: what the encoder reads of the source, the decoder of what is written, and across.

    Shape   weights (query, key) in each of three panels.
    """
    record = capture(model, TextPair(DATE, WRITTEN))
    return tuple(_panel(record, stack, layer, head, stack) for stack, (layer, head) in DATE_HEADS.items())


def patches(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Say what each patch of a picture, and its class token, reads.

    Shape   weights (query, key), the class token first; pixels (height, width, 3).
    """
    picture, record = _picture(given), capture(model, given)
    found = record.map(PICTURE.stack, PICTURE.layer, PICTURE.head)
    told = {"grid": _grid(record).grid, "at": 0}
    return (Panel("patches", told, {"weights": found.weights, "pixels": picture.pixels}),)


def speech(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Hear spoken digits: the sound as the model takes it, and when each written digit listens.

    Shape   mel (bin, column); weights (digit, frame); samples (sample,).
    Unit    spans: when each digit is really said, and `inside` how much of its attention lies there; seconds.
    """
    sound, truth = read_sound((SPEECH / SPOKEN).read_bytes()), json.loads((SPEECH / "digits.json").read_text())[SPOKEN]
    found = capture(model, SoundAndText(sound, truth["text"])).map("cross", 1, 2)
    rows = [at for at, name in enumerate(found.queries) if name.strip().isdigit()]
    frames = found.keys
    heard = sound_tensors(model.sounds, sound)
    mel = heard.tensors["input_features"][0].numpy()[:HEARD, : round(sound.seconds / heard.step)]
    middles = np.array([sum(span) / 2 for span in frames.spans if span]) if isinstance(frames, Frames) else np.zeros(0)
    within = middles < sound.seconds
    weights = found.weights[rows]
    inside = [
        float(row[: len(middles)][(middles >= start) & (middles < end)].sum())
        for row, (start, end) in zip(weights, truth["spans"], strict=True)
    ]
    told = {
        "names": [found.queries[row].strip() for row in rows],
        "at": 0,
        "seconds": sound.seconds,
        "step": float(middles[1] - middles[0]),
        "rate": sound.rate,
        "spans": truth["spans"],
        "inside": inside,
    }
    tables = {"mel": mel, "weights": weights[:, : len(middles)][:, within], "samples": sound.samples}
    return (Panel("speech", told, tables),)


def learnt_positions(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Compare positions with one another: as waves after Vaswani et al., and as MiniLM has learnt them.

    Shape   weights (position, position) in each of two panels.
    Unit    cosine of two positions' vectors, -1 to 1.
    """
    learnt = model.backbone.embeddings.position_embeddings.weight[:POSITIONS].detach().float().cpu().numpy()
    told = {"at": POSITIONS // 2}
    return (
        Panel("waves", told, {"weights": cosines(sinusoids(POSITIONS, learnt.shape[1]))}),
        Panel("learnt", told, {"weights": cosines(learnt)}),
    )


def turned_positions(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Score one letter against itself at every distance, in the head of a rotary model that reads the token before.

    Shape   weights (query, key); NaN where the mask lets nothing through.
    Unit    scores, after the division by √d.
    """
    layer = _compared(capture(model, Text(ONE_LETTER)), 0)
    own = slice(1, 1 + POSITIONS)  # the start is another token
    scores = layer.q[0, own] @ layer.k[0, own].T * layer.scaling
    seen = np.tril(np.ones(scores.shape, bool))
    return (Panel("turned", {"at": len(scores) // 2}, {"weights": np.where(seen, scores, np.nan)}),)


def sinusoids(count: int, width: int) -> np.ndarray:
    """Give each position a vector of waves.

    Shape   (position, width), sines at even places and cosines at odd ones.
    Source  Vaswani et al. 2017, arXiv:1706.03762, §3.5.
    """
    turns = np.arange(count)[:, None] / BASE ** (np.arange(0, width, 2) / width)
    return np.stack([np.sin(turns), np.cos(turns)], axis=2).reshape(count, width)


def cosines(rows: np.ndarray) -> np.ndarray:
    """Compare every row with every other.

    Shape   rows (position, width); result (position, position).
    """
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(units @ units.T)


def found_in_a_sentence(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Show two heads of MiniLM that do one thing: read the token before, and read the first one.

    Shape   weights (query, key) in each of two panels.
    Unit    share and chance: of the head's attention, as `measures.character` has them.
    """
    record = capture(model, given)
    known = measures.character(record, SENTENCE.stack)
    named = {"previous": PREVIOUS, "sink": SINK}
    return tuple(
        _panel(record, SENTENCE.stack, layer, head, name, share=own.score, chance=own.chance)
        for name, (layer, head) in named.items()
        for own in (known[layer][head],)
    )


def found_in_a_series(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Show a head that reads what followed this letter before.

    Shape   weights (query, key).
    Unit    share and chance: of the head's attention, where the letter was there before.
    """
    record = capture(model, given)
    found = record.map(LETTERS.stack, LETTERS.layer, LETTERS.head)
    share, chance = induction(found.weights, list(found.keys))
    return (_panel(record, LETTERS.stack, LETTERS.layer, LETTERS.head, "induction", share=share, chance=chance),)


def induction(weights: np.ndarray, names: Sequence[str]) -> tuple[float, float]:
    """Say how much of a causal head goes to what followed the same token before, and how much by even attention.

    Shape   weights (query, key); the tokens that have not been there before are left out.
    Unit    share of attention, 0 to 1.
    Source  Olsson et al. 2022, arXiv:2209.11895.
    """
    follows = {
        query: [key + 1 for key in range(query) if names[key] == name]
        for query, name in enumerate(names)
        if name in names[:query]
    }
    shares = [weights[query, keys].sum() for query, keys in follows.items()]
    chances = [len(keys) / (query + 1) for query, keys in follows.items()]
    return float(np.mean(shares)), float(np.mean(chances))


def care(model: LoadedModel, given: Input) -> tuple[Panel, ...]:
    """Ask four ways which patches a model goes by: weights, rollout, gradients, and painting patches over.

    Shape   raw, rollout (patch,), the row of the class token; relevance (class, patch); drop (class, block);
            pixels (height, width, 3).
    Unit    raw: share of attention, the last layer's heads averaged; drop: of the class's probability, 0 to 1.
    """
    picture, record = _picture(given), capture(model, given)
    known = predict(model, picture, CLASSES)
    last = record.stacks[PICTURE.stack] - 1
    mean = measures.average(record, PICTURE.stack, measures.heads_of(record, PICTURE.stack, last))
    speaks = [measures.relevance(gradients(model, picture, each.index)).scores[0, 1:] for each in known]
    drops = occluded(model, picture, _grid(record), [each.index for each in known])
    boxes = {each["label"]: each["box"] for each in json.loads(THINGS.read_text())[SCENES[PICTURE.image]]}
    told = {
        "grid": _grid(record).grid,
        "block": BLOCK,
        "classes": [each.label for each in known],
        "chances": [each.probability for each in known],
        "boxes": [boxes.get(each.label) for each in known],
    }
    tables = {
        "raw": mean.weights[0, 1:],
        "rollout": measures.rollout(record, PICTURE.stack).weights[0, 1:],
        "relevance": np.array(speaks),
        "drop": drops,
        "pixels": picture.pixels,
    }
    return (Panel("care", told, tables),)


def occluded(model: LoadedModel, picture: Picture, axis: Patches, classes: Sequence[int]) -> np.ndarray:
    """Paint each block of patches in the picture's mean colour, and say how much less likely each class is without it.

    Shape   (class, block), blocks row by row.
    Unit    probability with all patches less the probability without the block, -1 to 1.
    Source  Zeiler & Fergus 2014, arXiv:1311.2901, §4.2.
    """
    tensors = encode(model, picture).tensors
    whole = tensors["pixel_values"][0]
    height, width = (round(side) * BLOCK for side in axis.patch)
    colour = whole.mean(dim=(1, 2))[:, None, None]
    painted = [whole]
    for top in range(0, whole.shape[1], height):
        for left in range(0, whole.shape[2], width):
            one = whole.clone()
            one[:, top : top + height, left : left + width] = colour
            painted.append(one)
    found = probabilities(model, {**tensors, "pixel_values": torch.stack(painted)}).numpy()[:, list(classes)]
    return np.asarray((found[0] - found[1:]).T)


def _panel(record: AttentionRecord, stack: str, layer: int, head: int, name: str, **told: float) -> Panel:
    """One head as a table with its names on both sides, the last query chosen."""
    found = record.map(stack, layer, head)
    names = {"rows": list(found.queries), "cols": list(found.keys), "layer": layer, "head": head}
    return Panel(name, {**names, "at": len(found.queries) - 2, **told}, {"weights": found.weights})


def _compared(record: AttentionRecord, index: int) -> Layer:
    layer = record.layer("self", index)
    assert isinstance(layer, Layer), "The models of the chapters keep queries and keys."
    return layer


def _grid(record: AttentionRecord) -> Patches:
    axis = record.layer(PICTURE.stack, 0).keys
    assert isinstance(axis, Patches), "The picture of the chapters is cut into patches."
    return axis


def _picture(given: Input) -> Picture:
    assert isinstance(given, Picture), "The view of the chapters' picture names one."
    return given


# What each chapter asks of which model, in order; a view names the model and, but for sounds and pairs, its input.
PARTS: Mapping[str, tuple[tuple[View, Draw], ...]] = MappingProxyType(
    {
        "why": ((SENTENCE, sentence),),
        "vectors": ((SENTENCE, vectors),),
        "softmax": ((SENTENCE, temperatures),),
        "heads": ((SENTENCE, heads),),
        "masks": ((LETTERS, writing),),
        "translation": ((View(model="dates", text=DATE), translation),),
        "patches": ((PICTURE, patches),),
        "speech": ((View(model="digits"), speech),),
        "positions": ((SENTENCE, learnt_positions), (LETTERS, turned_positions)),
        "found": ((SENTENCE, found_in_a_sentence), (LETTERS, found_in_a_series)),
        "care": ((PICTURE, care),),
    }
)
