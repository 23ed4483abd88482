"""What attention costs: operations and memory by formula, beside recurrence and convolution."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}  # of one number


@dataclass(frozen=True)
class Shape:
    """The sizes that decide what a stack of attention costs.

    Unit    tokens of one input, numbers of a token's vector (`width`, all heads together), layers, heads that weigh,
            heads whose keys and values are kept, inputs at a time.
    """

    tokens: int
    width: int
    layers: int
    heads: int
    key_heads: int
    batch: int = 1

    @property
    def head_width(self) -> int:
        """Numbers of one head's query."""
        return self.width // self.heads


@dataclass(frozen=True)
class Cost:
    """What one forward pass of a stack of attention takes.

    Unit    multiplications and additions, each counted once: `projections` grow with n·d², `pairs` with n²·d; bytes:
            `maps` of every weight, `kept` queries and keys, from which a map is computed when it is asked for.
    """

    projections: int
    pairs: int
    maps_bytes: int
    kept_bytes: int


def cost(shape: Shape, dtype: str = "float32") -> Cost:
    """Count what the attention of a stack takes, feed-forward layers left out.

    Source  Vaswani et al. 2017, arXiv:1706.03762, section 4; a product of (a, b) and (b, c) is 2abc operations.
    """
    inputs = shape.batch * shape.layers
    shared = shape.key_heads * shape.head_width
    projections = 2 * shape.tokens * shape.width * (2 * shape.width + 2 * shared)
    pairs = 2 * 2 * shape.tokens**2 * shape.width
    maps = shape.heads * shape.tokens**2
    kept = shape.tokens * (shape.width + shared)
    return Cost(inputs * projections, inputs * pairs, inputs * maps * BYTES[dtype], inputs * kept * BYTES[dtype])


@dataclass(frozen=True)
class Known:
    """A well-known model by the sizes of its own configuration, at the longest input that it reads."""

    name: str
    shape: Shape
    source: str


WELL_KNOWN = (
    Known("BERT-base", Shape(512, 768, 12, 12, 12), "google-bert/bert-base-uncased, config.json"),
    Known("GPT-2", Shape(1_024, 768, 12, 12, 12), "openai-community/gpt2, config.json"),
    Known("ViT-B/16", Shape(197, 768, 12, 12, 12), "google/vit-base-patch16-224, config.json"),
    Known("Whisper small, encoder", Shape(1_500, 768, 12, 12, 12), "openai/whisper-small, config.json"),
    Known("SmolLM2 135M", Shape(8_192, 576, 30, 9, 3), "HuggingFaceTB/SmolLM2-135M, config.json"),
    Known("Llama 3 8B", Shape(8_192, 4_096, 32, 32, 8), "meta-llama/Meta-Llama-3-8B, config.json"),
)


def crossing(shape: Shape) -> float:
    """Say from how many tokens on pairs cost more than projections.

    Unit    tokens
    """
    shared = shape.key_heads * shape.head_width
    return (2 * shape.width + 2 * shared) / 2


@dataclass(frozen=True)
class Kind:
    """A way to let positions read each other, as orders of growth.

    Unit    operations of a layer, steps that cannot be done at once, and steps between the two furthest positions.
    Source  Vaswani et al. 2017, arXiv:1706.03762, table 1.
    """

    name: str
    operations: float
    sequential: float
    path: float


def kinds(tokens: int, width: int, kernel: int = 3, reach: int = 64) -> tuple[Kind, ...]:
    """Put attention beside recurrence and convolution, constants left out.

    Unit    `kernel`: positions that a convolution reads, dilated from layer to layer; `reach`: positions that
            restricted attention reads.
    Source  Vaswani et al. 2017, arXiv:1706.03762, table 1.
    """
    return (
        Kind("attention", tokens**2 * width, 1, 1),
        Kind("recurrence", tokens * width**2, tokens, tokens),
        Kind("convolution", kernel * tokens * width**2, 1, float(np.log(tokens) / np.log(kernel))),
        Kind("restricted", reach * tokens * width, 1, tokens / reach),
    )


def expected(tokens: Sequence[int], seconds: float) -> tuple[float, ...]:
    """Say what pairs of so many tokens should take, where those of the last took some seconds.

    Unit    seconds, growing with n²
    """
    return tuple(seconds * (each / tokens[-1]) ** 2 for each in tokens)
