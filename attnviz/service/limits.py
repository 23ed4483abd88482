"""Every bound of the service, in one place, from the environment."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ByteSize, ConfigDict, Field, ValidationError, model_validator

from attnviz.errors import ServiceError
from attnviz.service.memory import memory_bytes

PREFIX = "ATTNVIZ_"

MB = 10**6
PROCESS_BYTES = 600 * MB  # python, streamlit, torch and transformers, before any model
SMALLEST_MODELS_BYTES = 128 * MB  # room for the embedded model
SMALLEST_RECORDS_BYTES = 32 * MB
SMALLEST_WORK_BYTES = 96 * MB

Size = Annotated[ByteSize, Field(gt=0, examples=["512MB", "2GB", "512MiB"])]
Count = Annotated[int, Field(ge=1, examples=[1, 2, 3])]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False, examples=[0.5, 60, 1800])]


def _share(part: float, smallest: int) -> Callable[[dict[str, Any]], ByteSize]:
    """Give a size its part of the memory that is left beside the process itself, but not less than the smallest."""
    return lambda given: ByteSize(max(smallest, int(part * (given["memory_bytes"] - PROCESS_BYTES))))


def _work(given: dict[str, Any]) -> ByteSize:
    """Divide among the workers what the process, the models and the records leave."""
    kept = PROCESS_BYTES + given["max_models_bytes"] + given["max_records_bytes"]
    return ByteSize(max(SMALLEST_WORK_BYTES, int((given["memory_bytes"] - kept) / given["workers"])))


class Limits(BaseModel):
    """What the service accepts, keeps and waits for.

    Each field is read from the environment variable of its name, in capitals, after ATTNVIZ_. A size that is not
    given is a part of `memory_bytes`, which is three quarters of the container's memory or the machine's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_characters: Count = 20_000
    max_tokens: Annotated[int, Field(ge=2, examples=[2, 3, 512])] = 2_048

    workers: Count = 1
    backlog: Annotated[int, Field(ge=0, examples=[0, 1, 2])] = 8
    deadline_seconds: Seconds = 120  # one capture, once it runs
    openers: Count = 2  # models that are downloaded or loaded at the same time
    opening_seconds: Seconds = 1_800  # one model, download included

    memory_bytes: Size = Field(default_factory=lambda: ByteSize(memory_bytes()))
    max_models_bytes: Size = Field(default_factory=_share(1 / 2, SMALLEST_MODELS_BYTES))  # all that stay open
    max_model_bytes: Size = Field(default_factory=lambda given: given["max_models_bytes"])  # one download
    max_records_bytes: Size = Field(default_factory=_share(1 / 6, SMALLEST_RECORDS_BYTES))  # all that stay ready
    max_record_bytes: Size = Field(default_factory=lambda given: ByteSize(given["max_records_bytes"] // 2))
    max_work_bytes: Size = Field(default_factory=_work)  # one capture at its peak, its record included

    models: Literal["curated", "open", "offline"] = Field("open", examples=["curated", "open", "offline"])
    folder: Path = Field(default_factory=lambda: Path.home() / ".cache/attnviz", examples=["/data"])

    @model_validator(mode="after")
    def _one_fits_in_all(self) -> Self:
        for one, every in (("max_model_bytes", "max_models_bytes"), ("max_record_bytes", "max_records_bytes")):
            if getattr(self, one) > getattr(self, every):
                raise ServiceError(
                    "{one} is {size} and {every} is {room}. The first is one of the second: lower it, or raise the "
                    "other.",
                    one=PREFIX + one.upper(),
                    size=sized(getattr(self, one)),
                    every=PREFIX + every.upper(),
                    room=sized(getattr(self, every)),
                )
        return self

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the limits from the environment; a variable that is empty is not given.

        Raises  ServiceError  when a variable is not understood: which, what it says, and what it accepts.
        """
        named = {name: environment.get(PREFIX + name.upper()) for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in named.items() if value})
        except ValidationError as error:
            raise ServiceError(
                "The environment sets {faults}. Set each to something like what its brackets hold, or leave it out.",
                faults="; ".join(_faults(cls, error)),
            ) from error


def _faults(limits: type[Limits], error: ValidationError) -> Iterator[str]:
    """Name what pydantic found, in no language; a default that waited for a wrong value is not at fault."""
    for fault in error.errors():
        if fault["type"] != "default_factory_not_called":
            name = str(fault["loc"][0])
            accepted = ", ".join(str(each) for each in limits.model_fields[name].examples or ())
            yield f"{PREFIX}{name.upper()}={fault['input']} ({accepted})"


def sized(number: float) -> str:
    """Write a number of bytes as a reader says it, in decimal units."""
    return ByteSize(number).human_readable(decimal=True, separator=" ")
