"""Any configuration of transformers, made small: few layers, narrow, of few words, with pictures of few patches.

Three ways are tried in turn, as configurations bind their numbers to each other in ways no rule foresees: the smallest
of every number, every width by one divisor (so that their ratios stay), and fewer layers and words alone.
"""

import copy
import dataclasses
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from transformers import CONFIG_MAPPING, PretrainedConfig, ResNetConfig

from tests.tiny_sizes import MODELS

LAYERS, MOST_LAYERS, HEADS, WORDS, WINDOW = 2, 4, 4, 400, 4
BY_HAND = "by hand"
WAYS = ("smallest", "divided", "shallow", BY_HAND)
COMPOSED = {  # types that are made of two others -> the names and types of these
    "encoder-decoder": {"encoder": "bert", "decoder": "bert"},
    "vision-encoder-decoder": {"encoder": "vit", "decoder": "gpt2"},
    "speech-encoder-decoder": {"encoder": "wav2vec2", "decoder": "bert"},
    "vision-text-dual-encoder": {"vision_config": "clip_vision_model", "text_config": "bert"},
}
BOUND: dict[str, dict[str, Any]] = {  # what a type does not say of itself, and cannot be made without
    "autoformer": {"prediction_length": 4, "context_length": 8},
    "informer": {"prediction_length": 4, "context_length": 8},
    "time_series_transformer": {"prediction_length": 4, "context_length": 8},
    "chameleon": {"vocabulary_map": {"<image>": 399}},
    "emu3": {"vocabulary_map": {"<image>": 399, "<|extra_200|>": 398}},
    "esm": {"vocab_size": WORDS, "pad_token_id": 1, "mask_token_id": 4},
    "vitmatte": {"fusion_hidden_sizes": [256, 128, 64, 32]},
    "gemma4_assistant": {"text_config": {"hidden_size_per_layer_input": 0, "vocab_size_per_layer_input": 0}},
    "dbrx": {"attn_config": {"rope_theta": 10_000.0}},
    "diffusion_gemma_text": {"num_experts": 4, "top_k_experts": 2, "moe_intermediate_size": 16},
}
SET: dict[str, dict[str, Any]] = {  # numbers that bind each other as no rule foresees
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "seggpt": {"num_hidden_layers": 4, "merge_index": 1, "intermediate_hidden_state_indices": [3]},
    "zamba": {"num_hidden_layers": 8, "layers_block_type": None},
    "mamba2": {"num_heads": 8, "head_dim": 8, "n_groups": 1},
    "glm5_next_text": {"index_topk": 16},
    "depth_pro": {"patch_size": 56},
    "efficientloftr": {"hidden_size": 64},
    "molmo2_adapter": {"vision_feature_layer": [-1, -2]},
    "deepseek_ocr2_text": {"mlp_layer_types": ["dense", "sparse"]},
    "diffusion_gemma_text": {"num_experts": 4, "top_k_experts": 2, "moe_intermediate_size": 16},
    "dots3_note_vision_encoder": {"adapter_in_dim": 32},
    "dots3_note_audio_encoder": {"adapter_input_size": 32},
    "t5gemma2_text": {"dropout_rate": 0.0},
    "t5gemma2_decoder": {"dropout_rate": 0.0},
}

_LAYER_COUNT = re.compile(r"(?:^|_)(?:n_|num_)?(?:hidden_|block_)?layers?$|^depth$|_depth$|^num_blocks$|^e_layers$")
_NO_LAYER_COUNT = re.compile(
    r"feat_extract|adapter|window|dense|^num_residual|semantic|multi_layer|conv_|^use_|feature|insert|select|mlp_only"
    r"|per_layer|kv_shared|nextn|mtp|^num_sanm|upsampl|downsampl|encode_proj"
)
_HEAD_COUNT = re.compile(r"(?:^|_)(?:n|num|attention)_(?:attention_)?heads?$|^heads$|_n_heads$")
_KEY_HEADS = re.compile(r"(?:key_value|kv)_heads$|num_kv_heads|multi_query_group_num")
_EXPERTS = re.compile(r"^(?:n_routed_experts|num_experts|num_local_experts|moe_num_experts|num_routed_experts)$")
_CHOSEN = re.compile(r"^(?:num_experts_per_tok|moe_topk|moe_k|top_k_experts|num_selected_experts|top_k|moe_top_k)$")
_WORDS = re.compile(r"(?:^|_)vocab_size(?:_per_layer_input)?$|^entity_vocab_size$")
_TOKEN = re.compile(r"token_(?:id|index|idx)s?$|^(?:pad|bos|eos|sep|cls|mask|unk)_(?:id|index)$|_token$")
_WINDOWS = re.compile(r"^(?:sliding_window|attention_chunk_size|local_attention|attention_window_size|window_size)$")
_WIDE = {  # name -> the number it becomes
    "head_dim": 8,
    "global_head_dim": 8,
    "d_kv": 8,
    "kv_channels": 8,
    "q_lora_rank": 16,
    "kv_lora_rank": 8,
    "o_lora_rank": 8,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 8,
    "qk_head_dim": 12,
    "v_head_dim": 8,
    "n_group": 1,
    "num_expert_group": 1,
    "topk_group": 1,
    "n_shared_experts": 1,
    "num_shared_experts": 1,
    "first_k_dense_replace": 1,
    "num_dense_layers": 1,
    "index_topk": 4,
    "index_n_heads": 2,
    "index_head_dim": 8,
    "mamba_n_heads": 4,
    "mamba_num_heads": 4,
    "mamba_d_head": 16,
    "mamba_head_dim": 16,
    "mamba_d_state": 8,
    "mamba_d_ssm": 64,
    "ssm_state_size": 8,
    "mamba_n_groups": 1,
    "linear_num_value_heads": 4,
    "linear_num_key_heads": 2,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
    "rotary_dim": 4,
    "num_queries": 7,
    "num_query_tokens": 7,
    "query_length": 7,
    "max_source_positions": 30,
    "num_hidden_groups": 1,
    "hidden_size_per_layer_input": 8,
    "num_detection_tokens": 5,
    "num_kv_shared_layers": 0,
    "num_denoising": 0,
    "num_nextn_predict_layers": 0,
    "max_window_layers": 1,
    "relative_attention_num_buckets": 8,
}
_NARROW = re.compile(
    r"^(?:hidden_size|embed_dim|embedding_size|d_model|n_embd|emb_dim|dim|hidden_dim|d_hidden|attention_dim|"
    r"text_hidden_size|vision_hidden_size|out_hidden_size|output_hidden_size|output_dim|projection_dim|encoder_hidden_"
    r"size|decoder_hidden_size|cross_attention_hidden_size|true_hidden_size|intra_bottleneck_size|word_embed_proj_dim|"
    r"projector_hidden_size|lru_width|pooler_output_size|hidden_channels|attention_hidden_size|encoder_hidden_dim|"
    r"vision_output_dim|input_embedding_size|proj_dim|q_hidden_size|kv_hidden_size|encoder_dim|decoder_dim|qformer_"
    r"hidden_size|backbone_hidden_size|embedding_dim|model_dim|image_hidden_size|audio_hidden_size|adapter_dim)$"
)
_BROAD = re.compile(r"intermediate_size|ffn_dim$|mlp_dim|^d_ff$|^dff$|d_inner|n_inner|ffn_hidden_size|dim_feedforward")
_KEEP = re.compile(r"kernel|stride|dilation|merge|temporal|codebook|mel|rate$|channel_mult|sampling")


def shrunk(model_type: str, way: str) -> PretrainedConfig:
    """Make a small configuration of a type, in one of the ways."""
    if way == BY_HAND:
        return CONFIG_MAPPING[model_type](**({"vocab_size": WORDS} | MODELS[model_type][1]))
    if model_type in COMPOSED:
        parts = {name: shrunk(kind, way) for name, kind in COMPOSED[model_type].items()}
        if "decoder" in parts:
            parts["decoder"].is_decoder = parts["decoder"].add_cross_attention = True
        return CONFIG_MAPPING[model_type](**parts)
    return _Shrinking(way).small(CONFIG_MAPPING[model_type](**BOUND.get(model_type, {})))


class _Shrinking:
    """One configuration and all that it holds, shrunk in one way; ids of special tokens stay alike throughout."""

    def __init__(self, way: str) -> None:
        self._way = way
        self._ids: dict[int, int] = {}

    def small(self, config: PretrainedConfig) -> PretrainedConfig:
        """Shrink a configuration and those that it holds."""
        if config.model_type == "timm_backbone":  # needs timm; any backbone of convolutions does as well
            return ResNetConfig(
                embedding_size=16, hidden_sizes=[16, 16, 32, 64], depths=[1] * 4, out_indices=list(config.out_indices)
            )
        own = vars(config)  # where layers differ in a number, asking for it by name is refused
        named = [f.name for f in dataclasses.fields(config) if f.init]
        given = {name: own[name] if name in own else getattr(config, name, None) for name in named}
        told = {f.name: f.default for f in dataclasses.fields(config)}
        fresh = self._fields(given, told, own.get("_out_indices") or ())
        return type(config)(**fresh | SET.get(config.model_type, {}))

    def _fields(self, given: dict[str, Any], told: dict[str, Any], shown: Sequence[int]) -> dict[str, Any]:
        depth = next((given[n] for n in given if _is_layers(n, given[n], given)), 0)
        chosen = _chosen_layers(given, depth, len(shown) if depth else 0)
        divisor = _divisor(given)
        made = {}
        for name, value in given.items():
            if name in _LEFT or (told.get(name, 0) is None and type(value) is int and name in _COMPUTED):
                continue  # of no matter, or made of the others where nothing is said
            made[name] = self.one(name, value, given, depth, chosen, divisor)
        for name, others in (("head_dim", ("hidden_size", "num_attention_heads")), ("num_key_value_heads", ())):
            if name in given and given[name] is None and "num_attention_heads" in made:
                heads = made["num_attention_heads"]
                made[name] = made[others[0]] // heads if others and others[0] in made else heads
        if shown:
            last = len(chosen)
            made["out_indices"] = list(range(last - len(shown) + 1, last + 1)) if depth else list(shown)
        return made

    def one(
        self, name: str, value: Any, given: dict[str, Any], depth: int, chosen: Sequence[int], divisor: int
    ) -> Any:
        """Shrink one field."""
        if isinstance(value, PretrainedConfig):
            return self.small(value)
        if isinstance(value, dict):
            return self._mapping(name, value, given)
        if isinstance(value, bool) or value is None or isinstance(value, str | torch.dtype):
            return value
        if isinstance(value, list | tuple):
            return self._several(name, value, given, depth, chosen)
        if type(value) is int:
            return self._number(name, value, given, len(chosen), divisor)
        return _SPREAD.get(name, value) if isinstance(value, float) else value

    def _mapping(self, name: str, value: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        if "mrope_section" in value or any(isinstance(each, dict) for each in value.values()):
            return {
                key: self._mapping(key, own, given)
                if isinstance(own, dict)
                else (_sections(own) if key == "mrope_section" and self._way == "smallest" else own)
                for key, own in value.items()
            }
        return copy.deepcopy(value)

    def _several(
        self, name: str, value: Sequence[Any], given: dict[str, Any], depth: int, chosen: Sequence[int]
    ) -> Any:
        kind = type(value)
        if _TOKEN.search(name) and all(type(each) is int for each in value):
            return kind(self._token(each) for each in value)
        if depth and len(value) == depth and name not in ("depths", "conv_dim"):
            return kind(value[place] for place in chosen)
        if re.search(r"depths$|^num_layers$|^n_layers$|num_blocks$|^layers$", name):
            return kind(min(each, 2) if type(each) is int else each for each in value)
        if depth and re.search(r"index|indices|idx|_layers$|deepstack", name) and all(type(e) is int for e in value):
            return kind(dict.fromkeys(_place(each, depth, len(chosen)) for each in value))
        if name in ("image_size", "img_size", "input_size") and len(value) == 2:
            patch = _patch(given)
            return kind((4 * patch, 6 * patch)) if patch > 4 else kind((64, 96))
        if name == "mrope_section" and self._way == "smallest":
            return kind(_sections(value))
        if name in ("conv_dim", "conv_channels") and self._way == "smallest":
            return kind(16 for _ in value)
        return copy.deepcopy(value)

    def _number(self, name: str, value: int, given: dict[str, Any], layers: int, divisor: int) -> int:
        if _TOKEN.search(name):
            return self._token(value)
        if _WORDS.search(name):
            return min(value, WORDS)
        if _is_layers(name, value, given):
            return layers if _own_depth(name) else min(value, max(LAYERS, layers))
        if name in ("image_size", "img_size", "input_size", "pretrain_image_size"):
            return value if given.get("window_size") and given.get("depths") else _side(given)
        if name in _POSITIONS:
            return min(value, 512)
        if self._way == "shallow":
            return value
        return self._smallest(name, value, given) if self._way == "smallest" else self._divided(name, value, divisor)

    def _smallest(self, name: str, value: int, given: dict[str, Any]) -> int:
        if _WINDOWS.search(name):
            return value if _sees(given) else min(value, WINDOW)
        if name in _WIDE:
            return min(value, _WIDE[name])
        if _EXPERTS.search(name):
            return min(value, 4)
        if _CHOSEN.search(name):
            return min(value, 2)
        if _KEY_HEADS.search(name):
            most = max((own for n, own in given.items() if _HEAD_COUNT.search(n) and type(own) is int), default=value)
            return min(value, HEADS if value >= most else HEADS // 2)
        listed = any(_HEAD_COUNT.search(n) and isinstance(own, list | tuple) for n, own in given.items())
        if _HEAD_COUNT.search(name):
            return min(value, HEADS)
        if _KEEP.search(name) or listed:
            return value
        if _NARROW.search(name) or re.search(r"(?:^|_)(?:hidden_size|d_model|embed_dim|hidden_dim)$", name):
            return min(value, 32)
        if _BROAD.search(name):
            return min(value, 16 if "moe" in name or "expert" in name else 40)
        return value

    def _divided(self, name: str, value: int, divisor: int) -> int:
        if _EXPERTS.search(name):
            return min(value, 8)
        wide = _NARROW.search(name) or _BROAD.search(name) or _HEAD_COUNT.search(name) or _KEY_HEADS.search(name)
        wide = wide or re.search(r"(?:^|_)(?:hidden_size|d_model|embed_dim|hidden_dim|heads)$", name)
        return value // divisor if wide and value >= divisor and value % divisor == 0 else value

    def _token(self, value: int) -> int:
        if value < WORDS // 2:
            return value
        return self._ids.setdefault(value, WORDS - 1 - len(self._ids))


_LEFT = {"transformers_version", "architectures", "_name_or_path", "id2label", "label2id", "dtype", "stage_names"}
_LEFT |= {"_out_features", "_out_indices"}
_COMPUTED = {"head_dim", "num_key_value_heads", "qk_head_dim", "intermediate_size", "ffn_dim", "mamba_d_ssm", "kv_dim"}
_SPREAD = {"initializer_range": 0.2, "init_std": 0.2}
_POSITIONS = {"max_position_embeddings", "n_positions", "max_seq_len", "n_ctx", "max_target_positions"}


def _is_layers(name: str, value: Any, given: dict[str, Any]) -> bool:
    if type(value) is not int or _LAYER_COUNT.search(name) is None or _NO_LAYER_COUNT.search(name):
        return False
    stages = given.get("depths")
    return not (isinstance(stages, list | tuple) and len(stages) == value)


def _own_depth(name: str) -> bool:
    return name in ("num_hidden_layers", "depth", "num_layers", "n_layer", "n_layers", "encoder_layers")


def _chosen_layers(given: dict[str, Any], depth: int, least: int) -> list[int]:
    """Choose layers so that each kind is among them, the first of each, and as many as others build on."""
    kinds = [given[n] for n in ("layer_types", "block_types", "layers_block_type") if given.get(n)]
    own = next((list(each) for each in kinds if len(each) == depth), None)
    firsts = sorted({own.index(kind) for kind in own}) if own else []
    rest = (place for place in range(depth) if place not in firsts)
    firsts = firsts[:MOST_LAYERS]
    while len(firsts) < min(max(LAYERS, least), depth):
        firsts.append(next(rest))
    return sorted(firsts)


def _divisor(given: dict[str, Any]) -> int:
    heads = [own for n, own in given.items() if _HEAD_COUNT.search(n) and type(own) is int and own > 1]
    return max(1, min(heads) // 4) if heads else 1


def _place(index: int, depth: int, layers: int) -> int:
    return max(index, -layers) if index < 0 else min(index, layers if index == depth else layers - 1)


def _sections(value: Iterable[int]) -> list[int]:
    """Share out half the width of a head, 4, over as many sections."""
    count = len(list(value))
    return [4 - (count - 1), *([1] * (count - 1))]


def _patch(given: dict[str, Any]) -> int:
    own = given.get("patch_size") or given.get("vision_patch_size") or 16
    own = own[0] if isinstance(own, list | tuple) else own
    return own if type(own) is int else 16


def _sees(given: dict[str, Any]) -> bool:
    return any(name in given for name in ("image_size", "patch_size", "num_channels"))


def _side(given: dict[str, Any]) -> int:
    patch = _patch(given)
    staged = any(isinstance(given.get(n), list | tuple) for n in ("depths", "hidden_sizes", "num_heads", "embed_dim"))
    return 128 if staged or patch < 8 else 4 * patch


def widened(model: torch.nn.Module) -> None:
    """Draw weights so wide that rows are far from even, as a wrong map of even rows would pass for a right one.

    Vectors stay as they are made, but for gates and scales that begin at or near nothing, and for sinks.
    """
    own = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            _widen(name, tensor, own)


def _widen(name: str, tensor: torch.Tensor, own: torch.Generator) -> None:
    if not tensor.is_floating_point() or re.search(r"A_log|dt_bias|\.D$|codebook|weight_g$|original0", name):
        return
    if tensor.ndim >= 2 and tensor.numel() > tensor.shape[0]:
        embeds = re.search(r"embed|position|token|shared|wte|wpe", name)
        fan = tensor[0].numel() if tensor.ndim == 2 or tensor.ndim > 3 else tensor.shape[-1]
        tensor.copy_(torch.randn(tensor.shape, generator=own) * (0.7 if embeds else 1.5 * fan**-0.5))
    elif "sink" in name or (tensor.ndim and bool((tensor == 0).all()) and re.search(r"gate|token|probe|query", name)):
        tensor.copy_(torch.randn(tensor.shape, generator=own))
    elif re.search(r"gamma|lambda|layer_?scale|gate", name) and tensor.ndim <= 2 and bool((tensor.abs() < 0.3).all()):
        tensor.fill_(0.5)


Draw = Callable[[], torch.nn.Module]
