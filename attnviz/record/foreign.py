"""Weights that another tool gives, as layers: transformers' tuple of attentions, or arrays of any kind."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from attnviz.axes import Axis, Tokens
from attnviz.errors import RecordError, ShapeError
from attnviz.record.arrays import FLOATS, sealed
from attnviz.record.kept import KeptLayer
from attnviz.record.sink import with_sink
from attnviz.record.visibility import Visibility


def layers_of(tensors: Iterable[Any], queries: Axis, keys: Axis, sink: bool) -> tuple[KeptLayer, ...]:
    """Take each layer's weights, in order; with `sink`, what a row lacks of 1 becomes a key of its own.

    Shape   each tensor (batch, head, query, key) with a batch of one, or (head, query, key).
    Unit    fraction of a row, 0 to 1.
    """
    return tuple(_layer(_array(tensor, index), index, queries, keys, sink) for index, tensor in enumerate(tensors))


def axis_of(labels: Axis | Sequence[str]) -> Axis:
    """Name positions by labels alone, where nothing more is known; an axis stays what it is.

    Raises  RecordError  when a label is no text.
    """
    if not isinstance(labels, list | tuple):
        return labels
    own = tuple(str(label) for label in labels)
    for position, label in enumerate(own):
        if any("\ud800" <= character <= "\udfff" for character in label):
            raise RecordError("Label {position} holds half of a character, so no text. Correct it.", position=position)
    return Tokens("", own, own, (None,) * len(own), (False,) * len(own), (None,) * len(own))


def _array(tensor: Any, index: int) -> np.ndarray:
    """Copy one layer's tensor, whatever library it is of, into an array of its own.

    Shape   (head, query, key), float32 or float16.
    """
    if tensor is None:
        raise RecordError(
            "Layer {index} is None: the tool gave no weights for it. Ask transformers for output_attentions=True with "
            'attn_implementation="eager".',
            index=index,
        )
    if hasattr(tensor, "detach"):  # torch's, whose bfloat16 numpy cannot read
        tensor = tensor.detach().cpu()
        tensor = tensor.float() if "bfloat16" in str(tensor.dtype) else tensor
    array = np.asarray(tensor)
    array = np.array(array, dtype=array.dtype if array.dtype.name in FLOATS else np.float32, order="C")
    if array.ndim not in (3, 4):
        raise ShapeError(
            "Layer {index} is {shape}. Give (batch, head, query, key) or (head, query, key).",
            index=index,
            shape=array.shape,
        )
    if array.ndim == 4 and len(array) != 1:
        raise ShapeError(
            "Layer {index} has a batch of {count}; a record holds one input. Give tensor[i:i + 1] of each layer.",
            index=index,
            count=len(array),
        )
    return array[0] if array.ndim == 4 else array


def _layer(weights: np.ndarray, index: int, queries: Axis, keys: Axis, sink: bool) -> KeptLayer:
    for side, axis, length in (("query", queries, weights.shape[1]), ("key", keys, weights.shape[2])):
        if len(axis) != length:
            raise ShapeError(
                "Layer {index} is {shape} (head, query, key); {named} labels are given for its {side} axis.",
                index=index,
                shape=weights.shape,
                named=len(axis),
                side=side,
            )
    visible = Visibility.from_weights(weights)
    if not sink:
        return KeptLayer(queries, keys, sealed(weights), visible)
    rest = np.maximum(1 - weights.sum(axis=2, keepdims=True, dtype=np.float32), 0)
    return KeptLayer(queries, with_sink(keys), sealed(np.concatenate([weights, rest], axis=2)), visible)
