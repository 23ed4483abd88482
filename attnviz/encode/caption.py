"""A picture, and what a model is to write of it: an encoder reads the one, a decoder writes the other."""

from attnviz.encode.encoded import Encoded
from attnviz.encode.sight import sight_of
from attnviz.encode.source import Source, given_target, with_target
from attnviz.inputs import Picture, PictureAndText
from attnviz.models.loading import LoadedModel


def encode_caption(model: LoadedModel, given: PictureAndText) -> Encoded:
    """Turn a picture and its caption into tensors and axes: row i of the decoder predicts token i + 1.

    Raises  Unreadable    when the text leaves the model no token to write.
            TooLong       when the tokens exceed the decoder's positions.
            InputError    when the picture is too large, too long or too small for the encoder.
            ModelRefused  when nobody says with which token the decoder starts.
    """
    target = given_target(model, given.text)
    return with_target(model, picture_source(model, given.picture), target)


def picture_source(model: LoadedModel, picture: Picture) -> Source:
    """Turn a picture into what an encoder reads.

    Raises  InputError  when the picture is too large, too long or too small for the encoder.
            ModelError  when its own image processor makes another size than the encoder reads.
    """
    encoder = model.backbone.get_encoder()
    sight = sight_of(model, model.model.config.encoder, picture, encoder.forward)
    sides = sight.stacks["self"]
    return Source(sight.tensors, sides, sides[-1].queries)
