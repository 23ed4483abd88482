"""The sizes of a model that is on this machine, read from its configuration: no weight is loaded."""

from functools import lru_cache
from pathlib import Path

from attnviz.lab.costs import Known, Shape
from attnviz.models import hub
from attnviz.service import source
from attnviz.service.cost import Sizes
from attnviz.service.limits import Limits
from attnviz.share.view import View

KEPT = 64


def known(view: View, limits: Limits) -> Known | None:
    """Describe the model of a view by its sizes; None of one that is not here, or has several kinds of attention.

    Raises  ModelRefused  when this server does not open the model.
    """
    here = source.find(hub.admit(view.model, limits.models, limits.folder), view.revision, limits.folder)
    shape = None if here is None else _shape(here.path)
    return None if here is None or shape is None else Known(here.ref.name, shape, "config.json")


@lru_cache(KEPT)
def _shape(folder: Path) -> Shape | None:
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    if config.is_encoder_decoder:
        return None
    text = config.get_text_config()
    sizes = Sizes.of(text, text.num_hidden_layers)
    head_width = sizes.query_width // sizes.heads
    longest = getattr(text, "max_position_embeddings", None) or (text.image_size // text.patch_size) ** 2 + 1
    return Shape(longest, sizes.query_width, sizes.layers, sizes.heads, sizes.key_width // head_width)
