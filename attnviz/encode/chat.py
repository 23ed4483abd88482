"""A conversation becomes the text that a model's own template makes of it, then tensors and the axis of its tokens."""

from attnviz.encode.encoded import Encoded
from attnviz.encode.template import filled
from attnviz.encode.text import check_text, encode_pieces
from attnviz.encode.tokens import Pieces, cut
from attnviz.errors import Unreadable
from attnviz.inputs import Chat
from attnviz.models.loading import LoadedModel


def encode_chat(model: LoadedModel, given: Chat) -> Encoded:
    """Turn a conversation into tensors and axes. What the template adds is in the text that spans point into.

    Raises  Unreadable    when the model has no template, or its template does not take these turns.
            TooLong       when the tokens exceed the model's positions.
            ModelRefused  when the template fails, or takes too long or too much memory.
    """
    text, pieces = chat_pieces(model, given)
    return encode_pieces(model, text, pieces)


def chat_pieces(model: LoadedModel, given: Chat, *, answer: bool = False) -> tuple[str, Pieces]:
    """Fill in the template, up to where an `answer` begins if one shall follow, and cut the text into pieces.

    Raises  Unreadable    when the model has no template, or its template does not take these turns.
            ModelRefused  when the template fails, or takes too long or too much memory.
    """
    for turn in given.turns:
        check_text(turn.role)
        check_text(turn.text)
    if not given.turns:
        raise Unreadable("The conversation has no turns. Give it at least one, such as attnviz.Turn('user', 'Hello').")
    text = filled(model.name, model.processor, given, answer=answer)
    return text, cut(model.processor, text, ends=False)
