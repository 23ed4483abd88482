"""Where a model's weights lie, and how precisely: the device, the float type, and packing to 8 or 4 bits."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch
from transformers import PreTrainedModel

from attnviz.errors import ModelRefused

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
AUTO, SPREAD = "auto", "spread"
ROOM = 1.3  # of the weights: what a pass takes beside them
PACKED_BITS = (4, 8)


@dataclass(frozen=True)
class Placement:
    """Where and how precisely a model is held.

    `device` is "auto" for the best that is here (CUDA, then MPS, then the processor, and several of them where the
    weights do not fit one), "spread" for several, or a device as torch names it. `bits` packs the weights.

    Raises  ModelRefused  when a value is none of these, or a package that it needs is not installed.
    """

    dtype: str = "float32"
    device: str = AUTO
    bits: int | None = None

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise ModelRefused(
                "{dtype!r} is no type that a model is opened in. Choose one of {known}.",
                dtype=self.dtype,
                known=", ".join(DTYPES),
            )
        if self.bits not in (None, *PACKED_BITS):
            raise ModelRefused("Weights are packed to 4 or 8 bits; {bits} were asked for.", bits=self.bits)
        if self.bits is not None and not (find_spec("bitsandbytes") and find_spec("accelerate")):
            raise ModelRefused(
                "Weights of {bits} bits need bitsandbytes and accelerate, which pip installs.", bits=self.bits
            )

    def arguments(self, weights: int) -> dict[str, Any]:
        """Say what transformers is told when it opens a model of so many numbers."""
        told: dict[str, Any] = {"dtype": DTYPES[self.dtype]}
        if self.bits is not None:
            from transformers import BitsAndBytesConfig

            told["quantization_config"] = BitsAndBytesConfig(load_in_4bit=self.bits == 4, load_in_8bit=self.bits == 8)
        if self.device == SPREAD or (self.device == AUTO and not self._fits(weights)):
            if not find_spec("accelerate"):
                raise ModelRefused("A model that is spread over devices needs accelerate, which pip installs.")
            told["device_map"] = "auto"
        return told

    def put(self, model: PreTrainedModel) -> PreTrainedModel:
        """Move a model to where it shall run, unless it was opened there."""
        if getattr(model, "hf_device_map", None) or self.bits is not None or self.device == SPREAD:
            return model
        moved: PreTrainedModel = model.to(best_device() if self.device == AUTO else self.device)
        return moved

    def _fits(self, weights: int) -> bool:
        """Say whether the best device has room for the weights; the processor's memory is the operator's to watch."""
        if best_device() != "cuda":
            return True
        size = (self.bits or 8 * DTYPES[self.dtype].itemsize) / 8
        return ROOM * weights * size <= torch.cuda.mem_get_info()[0]


def best_device() -> str:
    """Name the fastest kind of device that is here."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
