"""An input becomes tensors and the axes that name them. Runs no model."""

from attnviz.encode.text import Encoded, count, encode

__all__ = ["Encoded", "count", "encode"]
