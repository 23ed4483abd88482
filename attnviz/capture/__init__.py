"""One forward pass becomes a record. The room is also its own main function: `attnviz.capture(model, text)`."""

import sys
from types import ModuleType

from attnviz.capture.classes import Predicted, classifies, predict
from attnviz.capture.detections import Detected, detect, detects
from attnviz.capture.forward import capture
from attnviz.capture.generation import generate
from attnviz.capture.gradients import gradients, object_of
from attnviz.capture.norms import norms
from attnviz.capture.occlusion import Curve, Occlusion, Trial, deletion, insertion
from attnviz.capture.proof import Proof, proof
from attnviz.inputs import Input
from attnviz.models.attention import OnLayer
from attnviz.models.loading import LoadedModel
from attnviz.record import AttentionRecord

__all__ = [
    "Curve",
    "Detected",
    "Occlusion",
    "Predicted",
    "Proof",
    "Trial",
    "capture",
    "classifies",
    "deletion",
    "detect",
    "detects",
    "generate",
    "gradients",
    "insertion",
    "norms",
    "object_of",
    "predict",
    "proof",
]


class _Room(ModuleType):
    """Python puts a submodule over any function of its name, so the module itself answers to the call."""

    def __call__(self, model: LoadedModel, given: Input, *, on_layer: OnLayer | None = None) -> AttentionRecord:
        return capture(model, given, on_layer=on_layer)


sys.modules[__name__].__class__ = _Room
