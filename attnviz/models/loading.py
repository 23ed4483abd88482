"""From a folder, a name or a Python object to a model whose attention can be recorded."""

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

import transformers
from torch import nn
from transformers import AutoConfig, PretrainedConfig, PreTrainedModel

from attnviz.errors import ModelRefused
from attnviz.families import Family, listed
from attnviz.inputs import Text
from attnviz.models import catalogue, claims, embedded, hub
from attnviz.models.attention import EXPLICIT, IMPLEMENTATION
from attnviz.models.averaged import show_each_head
from attnviz.models.backbone import backbone_of, moved
from attnviz.models.chance import draw_alike
from attnviz.models.discovery import discover, is_decoder, reads_of
from attnviz.models.heap import settle
from attnviz.models.listening import listen
from attnviz.models.placement import AUTO, Placement
from attnviz.models.places import name_places, place_of
from attnviz.models.probe import read_at_most
from attnviz.models.processors import Processors, check_processors, parts_of, read_processors
from attnviz.models.steady import keep_unchanged, mark_as_head_does
from attnviz.models.twin import twin
from attnviz.models.verify import verify
from attnviz.record import ModelFacts

HEADS = ("pooler", "lm_head", "score", "classifier", "qa_outputs", "final_logits_bias")
AFTER_ATTENTION = (*HEADS, "masked_spec_embed")  # may be missing: no map depends on them; the last stands in for what
# is hidden from a model that learns
SPEAKING_HEADS = ("lm_head", "score", "classifier")  # of which random numbers would say random things
WITHOUT_WEIGHTS = {
    "conv",
    "linear_attention",
    "mamba",
    "moe",
    "recurrent",
}  # kinds of layers that weigh no pairs of tokens
NOTEBOOK_BYTES = 40_000_000_000  # what attnviz.load fetches at most; a server sets its own limit

transformers.utils.logging.disable_progress_bar()  # a server's log is no place for one

_one_at_a_time = threading.Lock()  # transformers patches torch while it loads


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model ready to be recorded, with what a reader should know of it. Shared by threads; nobody changes it.

    Unit    nbytes: bytes of its weights in memory.
    """

    name: str
    revision: str
    family: Family
    model: PreTrainedModel
    processor: Any  # the tokenizer, as transformers gives it; None where the model reads no text
    facts: ModelFacts
    nbytes: int
    layers: Mapping[str, int]  # of each stack
    pictures: Any = None  # the image processor
    sounds: Any = None  # the feature extractor
    headless: bool = False  # its files hold no numbers for what makes words or classes of what was read

    @property
    def backbone(self) -> PreTrainedModel:
        """The part that attends, without a head for words or classes."""
        return backbone_of(self.model)

    @property
    def positions(self) -> int | None:
        """How many tokens the model reads at most; None when nothing bounds it."""
        declared = read_at_most(self.model.config.get_text_config())
        for name, module in self.model.named_modules():
            padded = isinstance(module, nn.Embedding) and module.padding_idx is not None
            if padded and name.endswith("position_embeddings"):  # RoBERTa counts its positions after the padding's
                return int(module.num_embeddings) - int(module.padding_idx) - 1
        return declared

    def forward(self, **given: Any) -> Any:
        """Run the part that attends, keeping no cache for a next token."""
        return self.backbone(**moved(given, self.model), **self.family.told)


def load(
    source: str | Path,
    *,
    revision: str | None = None,
    token: str | None = None,
    dtype: str = "float32",
    device: str = AUTO,
    bits: int | None = None,
) -> LoadedModel:
    """Open a model by its name in the catalogue, its id at the hub, or its local folder.

    `dtype` is float32, float16 or bfloat16; `bits` packs weights to 4 or 8. `device` is "auto" (CUDA, then MPS, then
    the processor, and several where one has no room), "spread" over several, or a device as torch names it.

    Raises  ModelError  of the kind that fits: not found, refused, unreachable, of no known family.
    """
    loaded = _opened(source, revision, token, Placement(dtype, device, bits))
    settle()
    return loaded


def _opened(source: str | Path, revision: str | None, token: str | None, placed: Placement) -> LoadedModel:
    entry = catalogue.known(str(source))
    if entry is not None and entry.ready:
        origin = embedded.provenance(entry.name)
        folder, note = embedded.folder(entry.name), origin.note["en"]
        return load_folder(folder, entry.name, sha256=origin.sha256, note=note, placed=placed)
    if entry is None and Path(source).is_dir():
        return load_folder(Path(source), Path(source).resolve().name, placed=placed)
    repo = entry.repo if entry else hub.check_id(str(source))
    fetched = hub.fetch(
        repo,
        revision=revision,
        folder=_downloads(),
        token=token,
        max_bytes=NOTEBOOK_BYTES,
        report=lambda done, total: None,
        stopped=lambda: False,
    )
    return load_folder(fetched.path, entry.name if entry else repo, fetched.commit, placed=placed)


def load_folder(
    folder: Path,
    name: str,
    revision: str = "",
    *,
    sha256: str | None = None,
    note: str = "",
    placed: Placement | None = None,
) -> LoadedModel:
    """Load a model and what makes its numbers from a folder, believing nothing the folder claims unseen.

    It is held in float32 on the best device that is here, unless it is `placed` otherwise.

    Raises  UnknownFamily  when attnviz cannot read this type of model.
            ModelRefused   when the folder brings code, lies about its size, lacks weights, or cannot be opened.
    """
    model_type = claims.read_config(folder)["model_type"]
    family = listed(model_type)
    weights = claims.count_weights(folder)
    with _one_at_a_time:
        try:
            wanted = _Wanted(_doors(family, model_type), _implementation(family), weights, placed or Placement())
            model, missing = _open(folder, wanted)
            reads = family.reads if family else reads_of(model)
            processors = read_processors(folder, reads)
        except ModelRefused:
            raise
        except Exception as why:  # a folder from anywhere can make transformers fail in any way
            raise ModelRefused(
                "transformers cannot open {model} ({why}). Choose another model.",
                model=name,
                why=_short(why, folder),
            ) from why
    check_processors(name, reads, processors)
    _check_complete(name, missing)
    model.eval().requires_grad_(False)
    if family is None or not family.stacks:  # what it is made of shows when it runs
        family = discover(model)
        model.set_attn_implementation(_implementation(family))
    loaded = _loaded(name, revision, family, model, processors, sha256, note)
    return replace(loaded, headless=any(part in key for key in missing for part in SPEAKING_HEADS))


def wrap(model: PreTrainedModel, processor: Any) -> LoadedModel:
    """Make a transformers model that you hold recordable; yours stays as it is, and both share their weights.

    `processor` is the tokenizer, the image processor or the feature extractor, or what holds them, as transformers
    gives it.
    Raises  UnknownFamily       when attnviz cannot read this type of model.
            WeightsUnavailable  when the model does not let its attention function be chosen.
    """
    config = model.config
    family = listed(config.model_type)
    if family is None or not family.stacks:
        family = discover(twin(model, "eager"))
    own = parts_of(copy.deepcopy(processor))
    name = str(getattr(config, "_name_or_path", "") or type(model).__name__)
    revision = str(getattr(config, "_commit_hash", None) or "")
    return _loaded(name, revision, family, twin(model, _implementation(family)), own)


def _implementation(family: Family | None) -> str:
    if family is None or not family.chooses:
        return "eager"
    return EXPLICIT if family.explicit else IMPLEMENTATION


def _doors(family: Family | None, model_type: str) -> tuple[str, ...]:
    if family is not None:
        return family.doors
    return ("AutoModelForCausalLM",) if is_decoder(model_type) else ("AutoModel",)


def _door(names: tuple[str, ...], config: PretrainedConfig) -> Any:
    """Choose the auto class that opens what a model's files were saved from; where none does, the last."""
    made = set(getattr(config, "architectures", None) or ())
    doors = [getattr(transformers, name) for name in names]
    opened = (door for door in doors if type(config) in door._model_mapping)
    fits = (door for door in opened if made & _classes(door._model_mapping[type(config)]))
    return next(fits, doors[-1])


def _classes(listed: Any) -> set[str]:
    every = listed if isinstance(listed, tuple) else (listed,)
    return {each.__name__ for each in every}


@dataclass(frozen=True)
class _Wanted:
    """How a folder is opened: by which auto classes, with which attention function, how large it may be, and where."""

    doors: tuple[str, ...]
    implementation: str
    weights: int
    placed: Placement


def _open(folder: Path, wanted: _Wanted) -> tuple[PreTrainedModel, set[str]]:
    """Let transformers build a model; say which tensors it found no numbers for."""
    safely: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    config = AutoConfig.from_pretrained(folder, **safely)
    auto_class = _door(wanted.doors, config)
    claims.check_size(auto_class, copy.deepcopy(config), wanted.weights)
    model, report = auto_class.from_pretrained(
        folder,
        config=config,
        use_safetensors=True,
        attn_implementation=wanted.implementation,
        output_loading_info=True,
        **wanted.placed.arguments(wanted.weights),
        **safely,
    )
    return wanted.placed.put(model), report["missing_keys"]


def _loaded(
    name: str,
    revision: str,
    family: Family,
    model: PreTrainedModel,
    processors: Processors,
    sha256: str | None = None,
    note: str = "",
) -> LoadedModel:
    name_places(backbone_of(model))
    draw_alike(model)
    show_each_head(model)
    keep_unchanged(model)
    mark_as_head_does(model)
    listen(model, family)
    layers = _layers(model, family)
    heads = verify(model, family, layers)
    config = model.config.get_text_config()
    first = next(iter(layers))
    facts = ModelFacts(
        name=name,
        revision=revision,
        sha256=sha256,
        model_type=model.config.model_type,
        layers=layers[first],
        heads=heads[first],
        dtype=str(model.dtype).removeprefix("torch."),
        note=note,
        rotary=_rotates(model),
        left_out=_left_out(config),
    )
    held = {id(tensor): tensor.nbytes for tensor in chain(model.parameters(), model.buffers())}
    return LoadedModel(
        name=name,
        revision=revision,
        family=family,
        model=model,
        processor=processors.words,
        facts=facts,
        nbytes=sum(held.values()),
        layers=MappingProxyType(layers),
        pictures=processors.pictures,
        sounds=processors.sounds,
    )


def _layers(model: PreTrainedModel, family: Family) -> dict[str, int]:
    """Count the attention layers of each stack: as the configuration of a text model declares them, else by modules."""
    if family.layers is not None:
        return dict(family.layers)
    config = model.config.get_text_config()
    if list(family.stacks) == ["self"] and Text in family.reads:
        # a layer of ALBERT may hold several, one of a hybrid model none
        every = int(config.num_hidden_layers) * int(getattr(config, "inner_group_num", 1))
        return {"self": every - len(_left_out(config))}
    found = [family.stack_of(type(module).__name__, place_of(module)) for module in backbone_of(model).modules()]
    return {stack: found.count(stack) for stack in family.stacks}


def _left_out(config: PretrainedConfig) -> tuple[tuple[int, str], ...]:
    """Name the layers that weigh no pairs of tokens, by place and kind."""
    kinds = getattr(config, "layer_types", None) or ()
    return tuple((place, kind) for place, kind in enumerate(kinds) if kind in WITHOUT_WEIGHTS)


def _rotates(model: PreTrainedModel) -> bool:
    """Say whether positions are turned into queries and keys, in all layers or in some."""
    config = model.config.get_text_config()
    told = getattr(config, "rotary_dim", None) or hasattr(config, "rotary_value")  # GPT-J, CodeGen and RoFormer
    named = any("rotary" in f"{name}{type(module).__name__}".lower() for name, module in model.named_modules())
    return bool(told or named) and not getattr(config, "alibi", False)


def _check_complete(name: str, missing: set[str]) -> None:
    lost = sorted(key for key in missing if not any(part in key for part in AFTER_ATTENTION))
    if lost:
        raise ModelRefused(
            "The files of {model} lack {count} tensors that its attention needs, such as {tensor}; random numbers in "
            "their place would draw maps of no model. Choose another model.",
            model=name,
            count=len(lost),
            tensor=lost[0],
        )


def _downloads() -> Path:
    return Path(transformers.utils.hub.constants.HF_HOME) / "attnviz"


def _short(why: Exception, folder: Path) -> str:
    """Put a foreign error in one line, without telling where on this machine the model lies."""
    told = f"{type(why).__name__}: {why}".replace(str(folder), folder.name)
    return " ".join(told.split())[:200]
