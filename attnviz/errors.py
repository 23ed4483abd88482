"""What can go wrong, in one tree. The message of every error says the number, the bound and the next step.

* AttnvizError
  x InputError            a visitor can change it; the message says how
    + TooLong, TooLarge, Unreadable
  x ModelError
    + UnknownFamily       no family describes this model type
    + WeightsUnavailable  a layer shows neither queries and keys nor weights
    + ModelRefused        the model may not be opened here: mode, size, pickle, remote code, wrong bytes
    + ModelNotFound       no such model, or no permission to read it
    + HubUnreachable      the hub did not answer, or the download broke off
  x RecordError
    + ShapeError, RowError
  x MeasureError
  x LinkError             names the field and the values it accepts
  x ServiceError
    + Busy                every worker and every place in the queue is taken
    + Overdue             the deadline passed
    + Cancelled           nobody is waiting for this run any more
"""


class AttnvizError(Exception):
    """The root of every error that attnviz raises on purpose.

    A message is an English sentence with named blanks, `TooLong("… {count} tokens …", count=600)`. The sentence is also
    the name under which a catalogue of another language keeps its translation.
    """

    def __init__(self, template: str, **blanks: object) -> None:
        self.template = template
        self.blanks = blanks
        super().__init__(template.format_map(blanks) if blanks else template)


class InputError(AttnvizError):
    """A visitor's input cannot be read; the message says what to change."""


class TooLong(InputError):
    """The input has more positions, characters or seconds than the model or the limits allow."""


class TooLarge(InputError):
    """The work would need more memory than the limits allow."""


class Unreadable(InputError):
    """The input is not what it says it is."""


class ModelError(AttnvizError):
    """A model cannot be opened or read."""


class UnknownFamily(ModelError):
    """No family describes this model type."""


class WeightsUnavailable(ModelError):
    """A layer exposes neither queries and keys nor weights."""


class ModelRefused(ModelError):
    """The model may not be opened here; the message says which rule and what to do."""


class ModelNotFound(ModelError):
    """The hub has no such model, or it may not be read without permission."""


class HubUnreachable(ModelError):
    """The hub did not answer, or the download broke off."""


class RecordError(AttnvizError):
    """A record is damaged, or is asked for what it does not hold."""


class ShapeError(RecordError):
    """An array and the axes that name it differ in length."""


class RowError(RecordError):
    """A row of weights does not sum to 1."""


class MeasureError(AttnvizError):
    """A measure is asked of maps that it is not defined for."""


class LinkError(AttnvizError):
    """A link names something that does not exist; the message names the field and what it accepts."""


class ServiceError(AttnvizError):
    """The server cannot take or finish a run."""


class Busy(ServiceError):
    """Every worker and every place in the queue is taken."""


class Overdue(ServiceError):
    """A run passed its deadline and was stopped."""


class Cancelled(ServiceError):
    """Nobody waits for this run any more."""
