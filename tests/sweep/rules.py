"""What names in configurations tell: which count layers, heads, words or experts, and how small each may be."""

import re
from typing import Any

LAYERS, MOST_LAYERS, HEADS, WORDS, WINDOW, WIDTH = 2, 4, 4, 400, 4, 32
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
    "gemma4": {"vision_config": {"model_type": "gemma4_vision"}},
    "gemma4_unified": {"vision_config": {"model_type": "gemma4_unified_vision"}},
    "blip-2": {"image_token_index": 399},
    "instructblip": {"image_token_index": 399},
    "instructblipvideo": {"video_token_index": 399},
    "wav2vec2-bert": {"vocab_size": 32},
    "wav2vec2-conformer": {"vocab_size": 32},
    "diffusion_gemma_text": {"num_experts": 4, "top_k_experts": 2, "moe_intermediate_size": 16},
}
SET: dict[str, dict[str, Any]] = {  # numbers that bind each other as no rule foresees
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "seggpt": {"num_hidden_layers": 4, "merge_index": 1, "intermediate_hidden_state_indices": [3]},
    "zamba": {"num_hidden_layers": 8, "layers_block_type": None},
    "mamba2": {"num_heads": 8, "head_dim": 8, "n_groups": 1},
    "glm5_next_text": {"index_topk": 16},
    "vipllava": {"vision_feature_layers": [-1, -2]},
    "qwen2_5_omni_thinker": {"vision_start_token_id": 390, "vision_end_token_id": 389},
    "qwen3_omni_moe_thinker": {"vision_start_token_id": 390, "vision_end_token_id": 389},
    "qianfan_ocr_vision": {"image_size": [56, 56]},
    "step3p5": {"sliding_window": 4},
    "DbrxAttentionConfig": {"rope_theta": 10_000.0},
    "aria": {"projector_patch_to_query_dict": {16: 4}},
    "mllama_vision_model": {"vision_output_dim": 64, "intermediate_layers_indices": [0]},
    "florence_vision": {"projection_dim": 32},
    "hiera": {"image_size": [224, 224]},
    "llama4_vision_model": {"intermediate_size": 128, "projector_input_dim": 32, "projector_output_dim": 32},
    "glm4v_moe_text": {"head_dim": 16},
    "efficientnet": {"hidden_dim": 2560},
    "internvl_vision": {"image_size": [56, 56]},
    "gemma3": {"mm_tokens_per_image": 4},
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

LAYER_COUNT = re.compile(r"(?:^|_)(?:n_|num_)?(?:hidden_|block_)?layers?$|^depth$|_depth$|^num_blocks$|^e_layers$")
NO_LAYER_COUNT = re.compile(
    r"feat_extract|adapter|window|dense|^num_residual|semantic|multi_layer|conv_|^use_|feature|insert|select|mlp_only"
    r"|per_layer|kv_shared|nextn|mtp|^num_sanm|upsampl|downsampl|encode_proj"
)
HEAD_COUNT = re.compile(r"(?:^|_)(?:n|num|attention)_(?:attention_)?heads?$|^heads$|_n_heads$")
KEY_HEADS = re.compile(r"(?:key_value|kv)_heads$|num_kv_heads|multi_query_group_num")
EXPERTS = re.compile(r"^(?:n_routed_experts|num_experts|num_local_experts|moe_num_experts|num_routed_experts)$")
CHOSEN = re.compile(r"^(?:num_experts_per_tok|moe_topk|moe_k|top_k_experts|num_selected_experts|top_k|moe_top_k)$")
WORD_COUNT = re.compile(r"(?:^|_)vocab_size(?:_per_layer_input)?$|^entity_vocab_size$")
TOKENS = re.compile(r"token_(?:id|index|idx)s?$|^(?:pad|bos|eos|sep|cls|mask|unk)_(?:id|index)$|_token$")
WINDOWS = re.compile(r"^(?:sliding_window|attention_chunk_size|local_attention|attention_window_size|window_size)$")
AT_MOST = {  # name -> the number it becomes
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
NARROW = re.compile(
    r"(?:^|_)(?:hidden_size|d_model|embed_dim|hidden_dim)$|"
    r"^(?:embedding_size|n_embd|emb_dim|dim|d_hidden|attention_dim|"
    r"output_dim|projection_dim|intra_bottleneck_size|word_embed_proj_dim|lru_width|pooler_output_size|"
    r"hidden_channels|vision_output_dim|base_channels|proj_dim|encoder_dim|decoder_dim|embedding_dim|model_dim|"
    r"adapter_dim|input_embedding_size)$"
)
BROAD = re.compile(r"intermediate_size|ffn_dim$|mlp_dim|^d_ff$|^dff$|d_inner|n_inner|ffn_hidden_size|dim_feedforward")
KEEP = re.compile(r"kernel|stride|patch_embed_hidden|dilation|merge|temporal|codebook|mel|rate$|channel_mult|sampling")
_NEVER = {"transformers_version", "architectures", "_name_or_path", "id2label", "label2id", "dtype", "stage_names"}
LEFT = _NEVER | {"_out_features", "_out_indices"}  # of no matter here
COMPUTED = {"head_dim", "num_key_value_heads", "qk_head_dim", "intermediate_size", "ffn_dim", "mamba_d_ssm", "kv_dim"}
POSITIONS = {"max_position_embeddings", "n_positions", "max_seq_len", "n_ctx", "max_target_positions"}
SIDES = ("image_size", "img_size", "input_size", "pretrain_image_size")
DEPTHS = ("num_hidden_layers", "depth", "num_layers", "n_layer", "n_layers", "encoder_layers")
KINDS_OF_LAYERS = ("layer_types", "block_types", "layers_block_type")
STAGED = ("depths", "hidden_sizes", "num_heads", "embed_dim")
WIDTHS_IN_LISTS = {"decoder_in_channels": WIDTH, "conv_dim": 16, "conv_channels": 16}
DEPTHS_OF_STAGES = re.compile(r"depths$|^num_layers$|^n_layers$|num_blocks$|^layers$")
PLACES = re.compile(r"index|indices|idx|_layers$|deepstack")
