"""Models: the catalogue, the hub, loading, and the attention function. torch comes in with the first model."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnviz.models.loading import LoadedModel, load, load_folder, wrap

_IN_LOADING = ("LoadedModel", "load", "load_folder", "wrap")

__all__ = ["LoadedModel", "load", "load_folder", "wrap"]


def __getattr__(name: str) -> Any:
    if name not in _IN_LOADING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from attnviz.models import loading

    return getattr(loading, name)
