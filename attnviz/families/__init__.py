"""The families attnviz reads: facts about modules, no model in sight. A new family is one file and one name here."""

from attnviz.errors import UnknownFamily
from attnviz.families.decoder import DECODER
from attnviz.families.family import Compared, Family
from attnviz.families.text_encoder import TEXT_ENCODER
from attnviz.families.weighed import WEIGHED_DECODER, WEIGHED_ENCODER, XLNET

FAMILIES = (TEXT_ENCODER, DECODER, WEIGHED_ENCODER, WEIGHED_DECODER, XLNET)

__all__ = [
    "DECODER",
    "FAMILIES",
    "TEXT_ENCODER",
    "WEIGHED_DECODER",
    "WEIGHED_ENCODER",
    "XLNET",
    "Compared",
    "Family",
    "family_for",
]


def family_for(model_type: str) -> Family:
    """Find the family of a model by the type its configuration declares.

    Raises  UnknownFamily  when no family lists the type; the message names those that are listed.
    """
    for family in FAMILIES:
        if model_type in family.model_types:
            return family
    known = sorted(name for family in FAMILIES for name in family.model_types)
    raise UnknownFamily(
        "attnviz does not read models of type {model_type!r} yet; it reads {count}: {known}. Choose one of these.",
        model_type=model_type,
        count=len(known),
        known=", ".join(known),
    )
