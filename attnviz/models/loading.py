"""From a folder, a name or a Python object to a model whose attention can be recorded."""

import copy
import threading
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer, PretrainedConfig, PreTrainedModel

from attnviz.errors import ModelRefused
from attnviz.families import Family, listed
from attnviz.models import catalogue, claims, embedded, hub
from attnviz.models.attention import IMPLEMENTATION
from attnviz.models.discovery import discover, is_decoder
from attnviz.models.heap import settle
from attnviz.models.listening import listen
from attnviz.models.twin import twin
from attnviz.models.verify import verify
from attnviz.record import ModelFacts

AFTER_ATTENTION = ("pooler", "lm_head", "score", "classifier", "qa_outputs")  # may be missing: no map depends on them
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
    processor: Any  # the tokenizer, as transformers gives it
    facts: ModelFacts
    nbytes: int

    @property
    def backbone(self) -> PreTrainedModel:
        """The part that attends, without a head for words or classes."""
        return self.model.base_model

    @property
    def layers(self) -> dict[str, int]:
        """How many layers each stack has, as the configuration declares."""
        return dict.fromkeys(self.family.stacks, self.facts.layers)

    @property
    def positions(self) -> int | None:
        """How many tokens the model reads at most; None when nothing bounds it."""
        declared = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        for name, module in self.model.named_modules():
            padded = isinstance(module, nn.Embedding) and module.padding_idx is not None
            if padded and name.endswith("position_embeddings"):  # RoBERTa counts its positions after the padding's
                return int(module.num_embeddings) - int(module.padding_idx) - 1
        return declared if isinstance(declared, int) and declared > 0 else None

    def forward(self, **tensors: torch.Tensor) -> Any:
        """Run the part that attends, keeping no cache for a next token."""
        moved = {name: tensor.to(self.model.device) for name, tensor in tensors.items()}
        return self.backbone(**moved, **self.family.told)


def load(source: str | Path, *, revision: str | None = None, token: str | None = None) -> LoadedModel:
    """Open a model by its name in the catalogue, its id at the hub, or its local folder.

    Raises  ModelError  of the kind that fits: not found, refused, unreachable, of no known family.
    """
    loaded = _opened(source, revision, token)
    settle()
    return loaded


def _opened(source: str | Path, revision: str | None, token: str | None) -> LoadedModel:
    entry = catalogue.known(str(source))
    if entry is not None and entry.ready:
        origin = embedded.provenance(entry.name)
        return load_folder(embedded.folder(entry.name), entry.name, sha256=origin.sha256, note=origin.note["en"])
    if entry is None and Path(source).is_dir():
        return load_folder(Path(source), Path(source).resolve().name)
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
    return load_folder(fetched.path, entry.name if entry else repo, fetched.commit)


def load_folder(
    folder: Path, name: str, revision: str = "", *, sha256: str | None = None, note: str = ""
) -> LoadedModel:
    """Load a model and its tokenizer from a folder, in float32, believing nothing the folder claims unseen.

    Raises  UnknownFamily  when attnviz cannot read this type of model.
            ModelRefused   when the folder brings code, lies about its size, lacks weights, or cannot be opened.
    """
    model_type = claims.read_config(folder)["model_type"]
    family = listed(model_type)
    weights = claims.count_weights(folder)
    with _one_at_a_time:
        try:
            causal = family.causal if family else is_decoder(model_type)
            model, processor, missing = _open(folder, causal, _implementation(family), weights)
        except ModelRefused:
            raise
        except Exception as why:  # a folder from anywhere can make transformers fail in any way
            raise ModelRefused(
                "transformers cannot open {model} ({why}). Choose another model.",
                model=name,
                why=_short(why, folder),
            ) from why
    _check_complete(name, processor, missing)
    model.eval().requires_grad_(False)
    if family is None:
        family = discover(model)
        model.set_attn_implementation(_implementation(family))
    return _loaded(name, revision, family, model, _unbounded(processor), sha256, note)


def wrap(model: PreTrainedModel, processor: Any) -> LoadedModel:
    """Make a transformers model that you hold recordable; yours stays as it is, and both share their weights.

    `processor` is the tokenizer, or a processor that holds one, as transformers gives it.
    Raises  UnknownFamily       when attnviz cannot read this type of model.
            WeightsUnavailable  when the model does not let its attention function be chosen.
    """
    config = model.config
    family = listed(config.model_type) or discover(twin(model, "eager"))
    own = _unbounded(copy.deepcopy(getattr(processor, "tokenizer", processor)))
    name = str(getattr(config, "_name_or_path", "") or type(model).__name__)
    revision = str(getattr(config, "_commit_hash", None) or "")
    return _loaded(name, revision, family, twin(model, _implementation(family)), own)


def _implementation(family: Family | None) -> str:
    return "eager" if family is None or family.weighs else IMPLEMENTATION


def _open(folder: Path, causal: bool, implementation: str, weights: int) -> tuple[PreTrainedModel, Any, set[str]]:
    """Let transformers build a model and its tokenizer; say which tensors it found no numbers for."""
    auto_class = AutoModelForCausalLM if causal else AutoModel
    safely: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    config = AutoConfig.from_pretrained(folder, **safely)
    claims.check_size(auto_class, copy.deepcopy(config), weights)
    model, report = auto_class.from_pretrained(
        folder,
        config=config,
        use_safetensors=True,
        dtype=torch.float32,
        attn_implementation=implementation,
        output_loading_info=True,
        **safely,
    )
    return model, AutoTokenizer.from_pretrained(folder, **safely), report["missing_keys"]


def _loaded(
    name: str,
    revision: str,
    family: Family,
    model: PreTrainedModel,
    processor: Any,
    sha256: str | None = None,
    note: str = "",
) -> LoadedModel:
    if family.weighs:
        listen(model, family)
    config = model.config.get_text_config()
    layers = dict.fromkeys(family.stacks, _layers(config))
    verify(model, family, layers)
    facts = ModelFacts(
        name=name,
        revision=revision,
        sha256=sha256,
        model_type=model.config.model_type,
        layers=layers[next(iter(layers))],
        heads=int(config.num_attention_heads),
        dtype=str(model.dtype).removeprefix("torch."),
        note=note,
        rotary=_rotates(model),
        left_out=_left_out(config),
    )
    held = {id(tensor): tensor.nbytes for tensor in chain(model.parameters(), model.buffers())}
    return LoadedModel(name, revision, family, model, processor, facts, sum(held.values()))


def _layers(config: PretrainedConfig) -> int:
    """Count the attention layers; a layer of ALBERT may hold several, one of a hybrid model none."""
    return int(config.num_hidden_layers) * int(getattr(config, "inner_group_num", 1)) - len(_left_out(config))


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


def _unbounded(processor: Any) -> Any:
    """Take from a tokenizer its habit of cutting and padding; set once, as a shared one must not change in use."""
    if getattr(processor, "is_fast", False):
        processor.backend_tokenizer.no_truncation()
        processor.backend_tokenizer.no_padding()
    return processor


def _check_complete(name: str, processor: Any, missing: set[str]) -> None:
    if len(processor) <= len(processor.all_special_ids):  # transformers makes an empty one where files are missing
        raise ModelRefused("{model} comes without a tokenizer. Choose another model.", model=name)
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
