"""The families attnviz reads: facts about modules, no model in sight. A new family is one file and one name here."""

from collections.abc import Collection
from difflib import get_close_matches

from attnviz.errors import UnknownFamily
from attnviz.families.decoder import DECODER
from attnviz.families.encoder_decoder import ENCODER_DECODERS
from attnviz.families.family import Compared, Family, Part
from attnviz.families.image_text import IMAGE_TEXTS
from attnviz.families.refused import check_possible
from attnviz.families.sound import SOUNDS
from attnviz.families.sparse import SPARSES
from attnviz.families.text_encoder import TEXT_ENCODER
from attnviz.families.vision import VISIONS
from attnviz.families.weighed import WEIGHED_DECODER, WEIGHED_ENCODER, XLNET

FAMILIES = (
    TEXT_ENCODER,
    DECODER,
    WEIGHED_ENCODER,
    WEIGHED_DECODER,
    XLNET,
    *SPARSES,
    *VISIONS,
    *ENCODER_DECODERS,
    *IMAGE_TEXTS,
    *SOUNDS,
)

__all__ = [
    "DECODER",
    "FAMILIES",
    "TEXT_ENCODER",
    "WEIGHED_DECODER",
    "WEIGHED_ENCODER",
    "XLNET",
    "Compared",
    "Family",
    "Part",
    "family_for",
    "listed",
    "most_alike",
]


def listed(model_type: str) -> Family | None:
    """Find the family that lists a type, if one does; a type that none lists may still be found out by running it.

    Raises  UnknownFamily  when attention of this type can never be shown, with the reason.
    """
    check_possible(model_type)
    return next((family for family in FAMILIES if model_type in family.model_types), None)


def family_for(model_type: str) -> Family:
    """Find the family of a model by the type its configuration declares.

    Raises  UnknownFamily  when no family lists the type; the message names the most alike of those that are listed.
    """
    if (family := listed(model_type)) is not None:
        return family
    known = [name for family in FAMILIES for name in family.model_types]
    raise UnknownFamily(
        "attnviz does not read models of type {model_type!r} yet. It reads {count} types; the most alike are "
        "{nearest}.",
        model_type=model_type,
        count=len(known),
        nearest=most_alike(model_type, known),
    )


def most_alike(model_type: str, known: Collection[str]) -> str:
    """Name the few types that are spelled most like one that is not known."""
    return ", ".join(get_close_matches(model_type[:60], sorted(known), n=3, cutoff=0))
