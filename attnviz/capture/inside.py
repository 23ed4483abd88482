"""One attention layer of one forward pass, step by step: from the tokens it is given to what it adds to them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import numpy as np

from attnviz.axes import Axis
from attnviz.capture.traced import Chain, Form, Rotary, alike, before_heads, chain_to, form_of, rotary_of
from attnviz.capture.watched import Part, Watched, watch
from attnviz.encode import encode
from attnviz.errors import AttnvizError, MeasureError, WeightsUnavailable
from attnviz.inputs import Input
from attnviz.models.loading import LoadedModel
from attnviz.record import ModelFacts
from attnviz.record.arrays import float32, frozen

Joint = Literal["sum", "norm", "other"]
STEPS = (
    *("embedded", "normed", "projected", "sized", "turned", "scores", "scaled", "capped", "biased", "masked"),
    *("weights", "mixed", "joined", "output", "added", "residual", "after"),
)
WRITTEN = "decoder_input_ids"  # what the stack "decoder" reads


@dataclass(frozen=True, eq=False)
class Step:
    """What one step makes. `form` says which of several formulas it follows, where there are several.

    Shape   tables: by name, each (token, number), or of one head each (head, token, number) or (head, query, key).
    """

    name: str
    tables: Mapping[str, np.ndarray]
    form: str = ""

    def __post_init__(self) -> None:
        sealed = {name: frozen(np.asarray(table, np.float32)) for name, table in self.tables.items()}
        object.__setattr__(self, "tables", MappingProxyType(sealed))


@dataclass(frozen=True, eq=False)
class Inside:
    """The steps of one layer in order, those that it does not have left out, and why any could not be followed.

    Shape   visible (head or 1, query, key), True where a query may read; turn: what positions turn vectors by.
    Unit    `scaling` is what a score is multiplied by.
    """

    model: ModelFacts
    stack: str
    layer: int
    tokens: Axis
    steps: Mapping[str, Step]
    refused: Mapping[str, AttnvizError]
    scaling: float
    visible: np.ndarray
    softcap: float | None = None
    turn: Rotary | None = None

    @property
    def without(self) -> tuple[str, ...]:
        """The steps that the layer does not have; where its projections are not followed, nothing is said of turns."""
        known = STEPS if "projected" in self.steps else STEPS[STEPS.index("scores") :]
        return tuple(name for name in known if name not in self.steps and name not in self.refused)

    @property
    def heads(self) -> int:
        """How many heads the layer has."""
        return int(self.table("W").shape[0])

    @property
    def nbytes(self) -> int:
        """How many bytes all tables take."""
        return sum(table.nbytes for step in self.steps.values() for table in step.tables.values())

    def table(self, name: str) -> np.ndarray:
        """Find a table by its name, as the last step that makes one of that name left it.

        Shape   as the step says.
        """
        return next(step.tables[name] for step in reversed([*self.steps.values()]) if name in step.tables)

    def of_head(self, name: str, head: int) -> np.ndarray:
        """Find what one head has of a table; heads that share keys share what they have.

        Shape   (token, number) or (query, key)
        """
        table = self.table(name)
        return np.asarray(table[head * len(table) // self.heads])


def inside(model: LoadedModel, given: Input, stack: str = "self", layer: int = 0) -> Inside:
    """Run the model up to the end of one block and keep every step of its attention.

    Raises  MeasureError        when the model has no such stack or layer.
            WeightsUnavailable  when the layer gives weights alone, attends in windows, has a sink, or reads another
                                text than its own.
    Source  Vaswani et al. 2017, arXiv:1706.03762, figure 2 and eq. 1.
    """
    encoded = encode(model, given)
    if stack not in encoded.sides or not 0 <= layer < model.layers[stack]:
        raise MeasureError(
            "{model} has no L{layer} in a stack {stack!r}; it has {known}.",
            model=model.name,
            layer=layer,
            stack=stack,
            known=", ".join(f"{name} L0 to L{model.layers[name] - 1}" for name in encoded.sides),
        )
    sides = encoded.sides[stack][layer]
    if stack == "cross":
        raise WeightsUnavailable(
            "Cross-attention reads keys of another text than its queries; this page shows one text. Choose the stack "
            "“encoder” or “decoder”."
        )
    ids = WRITTEN if stack == "decoder" and WRITTEN in encoded.tensors else model.backbone.main_input_name
    seen = watch(model, encoded.tensors, stack, layer, ids)
    return _Told(model, stack, layer, sides.queries, seen).inside()


@dataclass(eq=False)
class _Told:
    """Puts what was watched in order."""

    model: LoadedModel
    stack: str
    layer: int
    tokens: Axis
    seen: Watched
    steps: dict[str, Step] = field(default_factory=dict)
    refused: dict[str, AttnvizError] = field(default_factory=dict)
    turn: Rotary | None = None
    scaling: float = 1.0

    def inside(self) -> Inside:
        call = self.seen.call
        assert call is not None
        self.scaling = call.scaling
        visible = np.stack(
            [call.visible.mask(head, 0, call.q.shape[1]) for head in range(call.visible.heads)], dtype=bool
        )
        self._tell_embedded()
        self._tell_projected(float32(call.q), float32(call.k))
        self._tell_scores(visible)
        self._tell_end()
        steps = {name: self.steps[name] for name in STEPS if name in self.steps}
        facts = self.model.facts, self.stack, self.layer, self.tokens
        return Inside(*facts, steps, self.refused, self.scaling, visible, call.softcap, self.turn)

    def make(self, name: str, form: str = "", /, **tables: np.ndarray | None) -> None:
        self.steps[name] = Step(name, {each: table for each, table in tables.items() if table is not None}, form)

    @property
    def stream(self) -> np.ndarray:
        assert self.seen.stream is not None
        return self.seen.stream

    def _tell_embedded(self) -> None:
        """Tokens become vectors; what is learned of positions and segments is added."""
        words = [*self.seen.words.values()]
        if not words or len(words[0]) != len(self.stream):
            self.make("embedded", "other", X=self.stream)
            return
        own = words[0]
        others = [np.broadcast_to(each, own.shape) for each in words[1:] if each.shape[1] == own.shape[1]]
        positions = np.sum(others, axis=0) if others else None
        first = None if self.layer == 0 else self.seen.entered
        self.make("embedded", self._joint(own, positions), E=own, P=positions, X0=first, X=self.stream)

    def _joint(self, own: np.ndarray, positions: np.ndarray | None) -> Joint:
        """Say how what enters the first block comes of the vectors of tokens and positions."""
        whole, entered = own if positions is None else own + positions, self.seen.entered
        assert entered is not None
        if alike(whole, entered):
            return "sum"
        norms = (each for each in self.seen.opening if each.is_norm and alike(each.result, entered))
        return "norm" if any(alike(each.given, whole) and form_of(each) == "layer" for each in norms) else "other"

    def _tell_projected(self, q: np.ndarray, k: np.ndarray) -> None:
        """The stream, normed or not, becomes queries, keys and values; positions may turn them."""
        seen, v = self.seen, self.seen.values
        assert v is not None
        sizes = [each.shape[0] * each.shape[2] for each in (q, k, v)]
        chains = [chain_to(seen.before, each, sizes) for each in (q, k, v)]
        if any(chain is None for chain in chains) or chains[2].how != "same":  # type: ignore[union-attr]
            self.refused["projected"] = WeightsUnavailable(
                "{module} makes its queries, keys or values by more than one projection each, as latent attention "
                "does; that way is not followed here. What its heads compare is shown from the scores on.",
                module=seen.call.module if seen.call else "",
            )
            self.make("scores", q=q, k=k, v=v)
            if (norm := next(self._norms_of(self.stream, seen.before), None)) is not None:
                self.make("normed", _form(norm), N=norm.result)
            return
        self._tell_normed(chains[2].part.given)  # type: ignore[union-attr]
        of_q, of_k, of_v = (chain for chain in chains if chain is not None)
        self.make("projected", q=of_q.projected, k=of_k.projected, v=of_v.projected)
        if of_q.normed is not None or of_k.normed is not None:
            self.make("sized", _form_of_heads(of_q.norm or of_k.norm), q=of_q.last, k=of_k.last)
        self._tell_turned((of_q, q), (of_k, k))

    def _tell_normed(self, given: np.ndarray) -> None:
        if alike(given, self.stream):
            return
        if (norm := before_heads(self.seen, given)) is not None:
            self.make("normed", _form(norm), N=norm.result)
            return
        self.refused["normed"] = WeightsUnavailable(
            "What stands between the stream and the projections of {model} is no LayerNorm alone, and is not followed "
            "here.",
            model=self.model.name,
        )

    def _tell_turned(self, *sides: tuple[Chain, np.ndarray]) -> None:
        """A factor on one side is part of the scaling; a turn must be the one that was told."""
        for chain, _ in sides:
            self.scaling *= chain.factor
        if all(chain.how != "turned" for chain, _ in sides):
            return
        self.turn = rotary_of(self.seen.turns, sides)
        if self.turn is None:
            self.refused["turned"] = WeightsUnavailable(
                "{model} turns its queries and keys by their positions in a way that is not followed here. What its "
                "heads compare is shown from the scores on.",
                model=self.model.name,
            )
            self.make("scores", q=sides[0][1], k=sides[1][1])
            return
        self.make("turned", self.turn.turn, q=sides[0][1], k=sides[1][1])

    def _tell_scores(self, visible: np.ndarray) -> None:
        """Queries meet keys, row by row; then every row is shared out."""
        call = self.seen.call
        assert call is not None
        held = self.steps.pop("scores", None)
        q, k = (self._compared(name, held) for name in "qk")
        scores = q @ np.repeat(k, len(q) // len(k), axis=0).swapaxes(1, 2)
        self.make("scores", "shared" if len(k) < len(q) else "own", **(held.tables if held else {}), S=scores)
        if self.scaling != 1:
            scores = scores * np.float32(self.scaling)
            self.make("scaled", "root" if np.isclose(self.scaling, q.shape[2] ** -0.5) else "factor", S=scores)
        if call.softcap is not None:
            scores = np.float32(call.softcap) * np.tanh(scores / np.float32(call.softcap))
            self.make("capped", S=scores)
        if call.bias is not None:
            scores = scores + call.bias
            self.make("biased", B=np.broadcast_to(call.bias, scores.shape), S=scores)
        if not visible.all():
            scores = np.where(visible, scores, -np.inf)
            self.make("masked", S=scores)
        raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
        self.make("weights", W=raised / raised.sum(axis=-1, keepdims=True))

    def _compared(self, name: str, held: Step | None) -> np.ndarray:
        steps = [*self.steps.values(), *([held] if held else [])]
        return next(step.tables[name] for step in reversed(steps) if name in step.tables)

    def _tell_end(self) -> None:
        """Values are mixed by the weights; heads are joined, projected, and added to the stream."""
        mixed = self.seen.mixed
        assert mixed is not None
        own = mixed.swapaxes(0, 1)
        values = self._compared("v", None)
        weights = self.steps["weights"].tables["W"]
        if not alike(weights @ np.repeat(values, len(own) // len(values), axis=0), own):
            raise WeightsUnavailable(
                "L{layer} of {model} does not mix its values by what the steps lead to, so they would be drawn wrong. "
                "Choose another model.",
                layer=self.layer,
                model=self.model.name,
            )
        joined = mixed.reshape(len(mixed), -1)
        self.make("mixed", O=own)
        self.make("joined", J=joined)
        output = next((each for each in self.seen.after if not each.is_norm and alike(each.given, joined)), None)
        if output is None or output.result.shape != self.stream.shape:
            self.refused["output"] = WeightsUnavailable(
                "{model} does something to the joined heads before W_O, such as a gate, which is not followed here.",
                model=self.model.name,
            )
            return
        self.make("output", Y=output.result)
        self._tell_residual(output)

    def _tell_residual(self, output: Part) -> None:
        for norm in (None, *self._norms_of(output.result, self.seen.after)):
            added = output.result if norm is None else norm.result
            whole = self.stream + added
            if any(alike(each, whole) for each in self._read_later()):
                if norm is not None:
                    self.make("added", _form(norm), Y=added)
                self.make("residual", R=whole)
                self._tell_after(whole)
                return
        self.refused["residual"] = WeightsUnavailable(
            "{model} adds more than this to the stream at once, or scales what it adds; the sum of the two alone is "
            "nowhere in the model.",
            model=self.model.name,
        )

    def _norms_of(self, given: np.ndarray, parts: Sequence[Part]) -> Iterator[Part]:
        return (each for each in parts if each.is_norm and alike(each.given, given))

    def _read_later(self) -> Iterator[np.ndarray]:
        assert self.seen.left is not None
        yield self.seen.left
        yield from (each.given for each in self.seen.after)

    def _tell_after(self, whole: np.ndarray) -> None:
        """A norm of the sum belongs here if what follows is added to what it gives, and not to the sum itself."""
        if "projected" not in self.steps:
            return
        norm = next(self._norms_of(whole, self.seen.after), None)
        left = self.seen.left
        if norm is None or left is None or "normed" in self.steps or alike(left, whole):
            return
        if not any(alike(left, whole + each.result) for each in self.seen.after if each.result.shape == whole.shape):
            self.make("after", _form(norm), Z=norm.result)


def _form(norm: Part | None) -> Form:
    return "" if norm is None else form_of(norm)


def _form_of_heads(norm: Part | None) -> Form:
    """As `_form`, of a norm that takes each head alone; of one that takes all of them together, none."""
    return "" if norm is None or norm.given.ndim == 2 else form_of(norm)
