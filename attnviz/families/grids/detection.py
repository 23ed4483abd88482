"""DETR and its relatives: a grid that convolutions made, and queries that each look for one thing."""

from typing import Any

from attnviz.axes import ImageGeometry, Named, Sides, Size
from attnviz.errors import ModelError
from attnviz.families.grids.grid import Known, Stacks, numbered, patches


def detr(config: Any, geometry: ImageGeometry, known: Known) -> Stacks:
    """Lay out the three stacks: the grid reads itself, the queries read each other, the queries read the grid.

    Source  Carion et al. 2020, arXiv:2005.12872, §3.2.
    """
    grid = known.grid or _reduced(geometry.seen, _halvings(config))
    memory = patches(geometry, grid, _stride(geometry.seen, grid))
    queries = Named(numbered("QUERY", config.num_queries))
    return {
        "encoder": (Sides(memory, memory),) * config.encoder_layers,
        "decoder": (Sides(queries, queries),) * config.decoder_layers,
        "cross": (Sides(queries, memory),) * config.decoder_layers,
    }


def _halvings(config: Any) -> int:
    """Count how often a ResNet halves its picture up to the stage that is read: twice at its stem, then by stage.

    Raises  ModelError  when the backbone is of another kind.
    """
    backbone = config.backbone_config
    if getattr(backbone, "model_type", None) != "resnet":
        raise ModelError(
            "attnviz does not know by how much a backbone of type {kind!r} reduces a picture. Choose a model with a "
            "ResNet of transformers as backbone.",
            kind=getattr(backbone, "model_type", "unknown"),
        )
    stage = backbone.stage_names.index(backbone.out_features[-1])
    return 2 + max(0, stage - 1) + (stage > 0 and backbone.downsample_in_first_stage)


def _reduced(size: Size, halvings: int) -> Size:
    return -(-size[0] // 2**halvings), -(-size[1] // 2**halvings)


def _stride(size: Size, grid: Size) -> tuple[float, float]:
    """Say how many pixels lie between two cells: a power of 2, of which the last cell may hold a part."""
    for halvings in range(max(size).bit_length()):
        if _reduced(size, halvings) == grid:
            return float(2**halvings), float(2**halvings)
    return size[0] / grid[0], size[1] / grid[1]
