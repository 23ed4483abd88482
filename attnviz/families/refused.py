"""Types of models whose attention is no table of tokens by tokens, or not one that attnviz can lay out yet."""

from attnviz.errors import UnknownFamily

WITHOUT_PAIRS = frozenset({"falcon_mamba", "fnet", "mamba", "mamba2", "rwkv", "xlstm"})
APPROXIMATE = frozenset({"mra", "nystromformer", "reformer", "yoso"})
IN_BLOCKS = frozenset({"canine", "funnel", "pegasus_x", "perceiver"})


def check_possible(model_type: str) -> None:
    """Refuse a type whose maps cannot be told exactly, however its model is run.

    Raises  UnknownFamily  with the reason.
    """
    if model_type in WITHOUT_PAIRS:
        raise UnknownFamily(
            "Models of type {model_type!r} mix tokens without weighing pairs of them, so they have no attention to "
            "show. Choose another model.",
            model_type=model_type,
        )
    if model_type in APPROXIMATE:
        raise UnknownFamily(
            "Models of type {model_type!r} approximate attention and never compute the weight of a pair of tokens. "
            "Choose another model.",
            model_type=model_type,
        )
    if model_type in IN_BLOCKS:
        raise UnknownFamily(
            "Models of type {model_type!r} weigh tokens in blocks, or fewer of them than there are, and attnviz does "
            "not lay such weights out yet. Choose another model.",
            model_type=model_type,
        )
