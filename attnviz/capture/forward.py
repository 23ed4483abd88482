"""The one forward pass that makes a record."""

import torch

from attnviz.encode import encode
from attnviz.inputs import Input
from attnviz.models.attention import OnLayer, noted, recording
from attnviz.models.loading import LoadedModel
from attnviz.record import AttentionRecord


def capture(model: LoadedModel, given: Input, *, on_layer: OnLayer | None = None) -> AttentionRecord:
    """Run the model once and keep what every attention head compared.

    `on_layer` is told the number of each layer before it runs; an error that it raises stops the pass there.

    Shape   each layer keeps queries (head, query, d) and keys (kv_head, key, d), on the CPU, batch axis taken off.
    Unit    as the model holds them; weights are computed when a row, tile or map is asked for.
    Raises  Unreadable          when the input is not what the model reads.
            TooLong             when the input exceeds the model's positions.
            WeightsUnavailable  when a layer runs a kernel that exposes neither queries and keys nor weights.
    Source  transformers AttentionInterface and AttentionMaskInterface, registered together.
    """
    encoded = encode(model, given)
    with recording(on_layer) as seen, torch.inference_mode():
        model.forward(**encoded.tensors)
        encoded = encoded.settled(noted())
    return AttentionRecord(model.facts, given, model.family.assemble(seen, encoded.sides, model.layers))
