"""Where modules are in a model that has several stacks, told from the names that transformers gives them."""

import re
from collections.abc import Collection

_CROSS = r"encoder_attn|encdecattention|cross_?attn|cross_?attention|encoder_decoder_attention"
_POOL = r"(?:^|\.)(?:head|pooler|attention_pool\w*|attn_pool|probe)\."
_IMAGE = r"vision|visual|image|img|pixel|vit"
_SOUND = r"audio|speech|sound|acoustic"
_HERE = rf"(?i)^(?!.*(?:{_CROSS}|{_POOL}))"

CROSS = rf"(?i){_CROSS}"
POOL = rf"(?i){_POOL}"
DECODER = rf"{_HERE}(?=.*decoder)"
ENCODER = rf"{_HERE}(?!.*decoder)"
IMAGE = rf"{_HERE}(?=.*(?:{_IMAGE}))"
SOUND = rf"{_HERE}(?=.*(?:{_SOUND}))"
TEXT = rf"{_HERE}(?!.*(?:{_IMAGE}|{_SOUND}))"


def patterns(places: Collection[str]) -> dict[str, str]:
    """Name the stacks of a model by the places where it attends, each with the pattern that finds its places.

    A model with a decoder that reads what an encoder made has three; one of towers has one for each kind of input;
    any other has "self" alone. Where learned probes gather what was read, they are a stack of their own, "pool".
    """
    writes = all(_any(pattern, places) for pattern in (CROSS, DECODER, ENCODER))
    towers = {"text": TEXT, "image": IMAGE, "sound": SOUND}
    own = {"encoder": ENCODER, "decoder": DECODER} if writes else towers
    found = {stack: pattern for stack, pattern in own.items() if _any(pattern, places)}
    ends = {stack: pattern for stack, pattern in {"cross": CROSS, "pool": POOL}.items() if _any(pattern, places)}
    if len(found) == 1:
        return {"self": _HERE} | ends
    return found | ends


def _any(pattern: str, places: Collection[str]) -> bool:
    return any(re.search(pattern, place) for place in places)
