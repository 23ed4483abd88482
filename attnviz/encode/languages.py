"""A tokenizer of two languages, taken apart: one for sources and one for targets, neither of which changes in use.

transformers lets one tokenizer switch between the two while it works, and threads that share it would see each other's
language.
"""

import copy
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from attnviz.errors import ModelRefused

Languages = tuple[Any, Any]  # of the source, of the target


@dataclass(frozen=True)
class Tongues:
    """Two tokenizers of one model, each set to its language once and for all."""

    source: Any
    target: Any


_made: WeakKeyDictionary[Any, tuple[Languages, Tongues]] = WeakKeyDictionary()
_one_at_a_time = Lock()


def tongues(model: str, processor: Any) -> Tongues:
    """Take a tokenizer apart, once for as long as its languages stay as they are; most have but one.

    Raises  ModelRefused  when it knows many languages and was not told which one to write.
    """
    if not hasattr(processor, "_switch_to_target_mode"):
        return Tongues(processor, processor)
    languages = (getattr(processor, "src_lang", None), getattr(processor, "tgt_lang", None))
    if hasattr(processor, "tgt_lang") and languages[1] is None:
        raise ModelRefused(
            "{model} writes in many languages and its tokenizer does not say which. Set it first, as in "
            "model.processor.tgt_lang = 'fr_XX' with the code that this tokenizer uses.",
            model=model,
        )
    with _one_at_a_time:
        kept = _made.get(processor)
        if kept is None or kept[0] != languages:
            kept = _made[processor] = (languages, Tongues(_fixed(processor, False), _fixed(processor, True)))
    return kept[1]


def _fixed(processor: Any, target: bool) -> Any:
    own = copy.deepcopy(processor)
    own._switch_to_target_mode() if target else own._switch_to_input_mode()
    own._in_target_context_manager = True  # else each call would switch it back
    if getattr(own, "separate_vocabs", False):  # Marian spells every number by the vocabulary of targets
        own.decoder = {number: piece for piece, number in own.current_encoder.items()}
    return own
