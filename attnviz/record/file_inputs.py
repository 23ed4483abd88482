"""Inputs of every kind as facts of a file's header, pixels and samples as its tensors; and back, all of it checked."""

from collections.abc import Callable
from typing import Any

import numpy as np

from attnviz.errors import RecordError
from attnviz.inputs import (
    Candidate,
    Chat,
    Generated,
    Input,
    Picture,
    PictureAndText,
    Sound,
    SoundAndText,
    Text,
    TextPair,
    Turn,
)
from attnviz.record import checked

MAX_RATE = 10**6  # samples a second
MAX_ID = 2**31  # no vocabulary is larger

Keep = Callable[[str, np.ndarray], str]  # writes a tensor under a name, and gives the name
Take = Callable[[str], np.ndarray]  # reads it again


def input_facts(given: Input, keep: Keep) -> dict[str, Any]:
    """Say all that an input holds, as JSON can, once its pixels and samples are kept elsewhere."""
    match given:
        case Picture():
            return {"kind": "picture", "rgb": keep("given.rgb", given.pixels)}
        case Sound():
            return {"kind": "sound", "rate": given.rate, "wave": keep("given.wave", given.samples)}
        case PictureAndText():
            return {"kind": "picture and text", "picture": input_facts(given.picture, keep), "text": given.text}
        case SoundAndText():
            return {"kind": "sound and text", "sound": input_facts(given.sound, keep), "text": given.text}
        case Generated():
            likely = [[[each.label, each.probability] for each in place] for place in given.candidates]
            facts = {"ids": list(given.ids), "candidates": likely}
            return {"kind": "generated", "given": input_facts(given.given, keep), **facts}
    return _words(given)


def _words(given: Text | TextPair | Chat) -> dict[str, Any]:
    match given:
        case TextPair():
            return {"kind": "pair", "first": given.first, "second": given.second}
        case Chat():
            return {"kind": "chat", "turns": [[turn.role, turn.text] for turn in given.turns]}
    return {"kind": "text", "text": given.text}


def read_input(facts: dict[str, Any], take: Take) -> Input:
    """Make an input of what a header says of it.

    Raises  RecordError  when it is of no kind that is known, or says what cannot be.
    """
    if facts["kind"] == "generated":
        return _generated(facts, take)
    return _given(facts, take)


def _given(facts: dict[str, Any], take: Take) -> Input:
    match facts["kind"]:
        case "text":
            return Text(checked.text(facts["text"]))
        case "pair":
            return TextPair(checked.text(facts["first"]), checked.text(facts["second"]))
        case "chat":
            return Chat(checked.each(_turn, facts["turns"]))
        case "picture":
            return _picture(facts, take)
        case "sound":
            return _sound(facts, take)
        case "picture and text":
            return PictureAndText(_picture(facts["picture"], take), checked.text(facts["text"]))
        case "sound and text":
            return SoundAndText(_sound(facts["sound"], take), checked.text(facts["text"]))
    raise RecordError("The record is of {kind!r}, which this version of attnviz does not read.", kind=facts["kind"])


def _turn(value: Any) -> Turn:
    role, text = checked.each(checked.text, value)
    return Turn(role, text)


def _picture(facts: dict[str, Any], take: Take) -> Picture:
    pixels = take(checked.text(facts["rgb"]))
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise RecordError(
            "A picture is (height, width, 3) of uint8; the file holds {shape} of {kind}.",
            shape=pixels.shape,
            kind=pixels.dtype.name,
        )
    return Picture((pixels.shape[0], pixels.shape[1]), pixels.tobytes())


def _sound(facts: dict[str, Any], take: Take) -> Sound:
    rate, samples = checked.count(facts["rate"]), take(checked.text(facts["wave"]))
    if samples.dtype != np.float32 or samples.ndim != 1 or not samples.size or not np.isfinite(samples).all():
        raise RecordError(
            "A sound is one row of float32 numbers; the file holds {shape} of {kind}, or what is no number.",
            shape=samples.shape,
            kind=samples.dtype.name,
        )
    if not 1 <= rate <= MAX_RATE:
        raise RecordError(
            "A sound has 1 to {most:,} samples a second; the header says {rate:,}.", most=MAX_RATE, rate=rate
        )
    return Sound(rate, samples.tobytes())


def _generated(facts: dict[str, Any], take: Take) -> Generated:
    given, ids = _given(facts["given"], take), checked.each(checked.count, facts["ids"])
    candidates = checked.each(lambda place: checked.each(_candidate, place), facts["candidates"])
    if (
        isinstance(given, SoundAndText | Generated)
        or len(candidates) not in (0, len(ids))
        or max(ids, default=0) >= MAX_ID
    ):
        raise RecordError(
            "What a model wrote to {kind} has {ids} tokens numbered below {most:,}, and candidates for all of them or "
            "none; there are {candidates}.",
            kind=type(given).__name__,
            ids=len(ids),
            most=MAX_ID,
            candidates=len(candidates),
        )
    return Generated(given, ids, candidates)


def _candidate(value: Any) -> Candidate:
    label, probability = checked.a(list, value)
    if not 0 <= (share := checked.number(probability)) <= 1:
        raise RecordError("The header holds a probability of {share}; one is from 0 to 1.", share=share)
    return Candidate(checked.text(label), share)
