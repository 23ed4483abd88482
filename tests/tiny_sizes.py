"""The sizes of the tiny models: of each type that a family lists, a tokenizer and what makes it small."""

from typing import Any

LAYERS, HEADS, KV_HEADS, WINDOW = 2, 4, 2, 4

_SIZES = {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": 40}
_SPREAD = {"initializer_range": 0.3}  # wide enough for rows that are far from even
BERT = _SIZES | _SPREAD
_ROBERTA = BERT | {"max_position_embeddings": 514, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
_ENDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_DECODER = _SIZES | _SPREAD | _ENDS | {"num_key_value_heads": KV_HEADS, "max_position_embeddings": 64}
OWN_DIM = _DECODER | {"head_dim": 8}
_WINDOW = {"sliding_window": WINDOW}
_MIXED = _WINDOW | {"layer_types": ["sliding_attention", "full_attention"]}
_HYBRID = {"num_hidden_layers": 3, "layer_types": ["linear_attention", "full_attention", "full_attention"]}
_EXPERTS = {"num_local_experts": 4, "num_experts_per_tok": 2}
_ROUTED = {"num_experts": 4, "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
_GROUPED = _ROUTED | {"n_group": 1, "topk_group": 1, "n_shared_experts": 1, "first_k_dense_replace": 1}
_MAMBA = {"mamba_n_heads": 4, "mamba_d_head": 16, "mamba_d_state": 8, "mamba_n_groups": 1}
_DELTA = {"linear_num_value_heads": 4, "linear_num_key_heads": 2, "linear_key_head_dim": 8}
_DELTA |= {"linear_value_head_dim": 8, "shared_expert_intermediate_size": 16}
_INDEXED = {"index_topk": 4, "index_n_heads": 2, "index_head_dim": 8}
_LATENT = {"num_key_value_heads": HEADS, "head_dim": 4, "q_lora_rank": 16, "kv_lora_rank": 8}
_LATENT |= {"qk_rope_head_dim": 4, "qk_nope_head_dim": 8, "v_head_dim": 8}

_DISENTANGLED = {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "max_position_embeddings": 64}
_BLOCKS = {"block_size": 2, "num_random_blocks": 1, "max_position_embeddings": 64}
_XLM = {"emb_dim": 32, "n_layers": LAYERS, "n_heads": HEADS, "pad_index": 0, "embed_init_std": 0.3, "init_std": 0.3}
_GPT = _SPREAD | {"n_embd": 32, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 64}

ENCODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "bert": ("word pieces", BERT),
    "roberta": ("bytes", _ROBERTA),
    "xlm-roberta": ("fallback", _ROBERTA),
    "big_bird": ("fallback", BERT | _BLOCKS),
    "camembert": ("fallback", _ROBERTA),
    "distilbert": ("word pieces", {"dim": 32, "n_layers": LAYERS, "n_heads": HEADS, "hidden_dim": 40} | _SPREAD),
    "albert": ("fallback", BERT | {"embedding_size": 16}),
    "electra": ("word pieces", BERT | {"embedding_size": 16}),
    "bert-generation": ("fallback", BERT | _ENDS),
    "data2vec-text": ("bytes", _ROBERTA),
    "ernie": ("word pieces", BERT),
    "esm": ("word pieces", BERT | _ENDS | {"max_position_embeddings": 64, "mask_token_id": 4}),
    "eurobert": ("bytes", BERT | _ENDS | {"max_position_embeddings": 64}),
    "gte": ("word pieces", BERT | {"max_position_embeddings": 64}),
    "jina_embeddings_v3": ("fallback", _ROBERTA),
    "mobilebert": (
        "word pieces",
        BERT
        | {"embedding_size": 16, "intra_bottleneck_size": 32, "true_hidden_size": 32}
        | {"normalization_type": "layer_norm"},  # its own is none at all, and random weights then run away
    ),
    "modernbert": ("bytes", BERT | _ENDS | {"local_attention": WINDOW, "global_attn_every_n_layers": 2}),
    "nomic_bert": ("word pieces", BERT | {"max_position_embeddings": 64}),
    "roberta-prelayernorm": ("bytes", _ROBERTA),
    "roc_bert": (
        "word pieces",
        BERT
        | {"pronunciation_vocab_size": 400, "shape_vocab_size": 400}
        | {"pronunciation_embed_dim": 16, "shape_embed_dim": 16},
    ),
    "convbert": ("word pieces", BERT | {"embedding_size": 16, "head_ratio": 1, "conv_kernel_size": 3}),
    "deberta": ("bytes", BERT | _DISENTANGLED),
    "deberta-v2": (
        "fallback",
        BERT | _DISENTANGLED | {"position_buckets": 4, "share_att_key": True, "norm_rel_ebd": "layer_norm"},
    ),
    "flaubert": ("fallback", _XLM),
    "longformer": ("bytes", _ROBERTA | {"attention_window": WINDOW, "sep_token_id": 2}),
    "luke": ("bytes", _ROBERTA | {"entity_vocab_size": 10, "entity_emb_size": 16}),
    "megatron-bert": ("word pieces", BERT),
    "mpnet": ("word pieces", _ROBERTA),
    "rembert": ("fallback", BERT | {"input_embedding_size": 16}),
    "roformer": ("word pieces", BERT | {"max_position_embeddings": 64}),
    "xlm": ("fallback", _XLM),
    "xlnet": ("fallback", _SPREAD | {"d_model": 32, "n_layer": LAYERS, "n_head": HEADS, "d_inner": 40}),
    "xlm-roberta-xl": ("fallback", _ROBERTA),
    "xmod": ("fallback", _ROBERTA | {"languages": ["en_XX"], "default_language": "en_XX"}),
}

DECODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "gpt2": ("bytes", {"n_embd": 32, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 64} | _SPREAD),
    "gpt_neox": ("bytes", BERT | {"max_position_embeddings": 64}),
    "opt": (
        "bytes",
        {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "ffn_dim": 40}
        | {"word_embed_proj_dim": 32, "init_std": 0.3, "max_position_embeddings": 64},
    ),
    "llama": ("fallback", _DECODER),
    "mistral": ("fallback", _DECODER | _WINDOW),
    "qwen2": ("bytes", _DECODER),
    "qwen3": ("bytes", OWN_DIM),
    "gemma": ("fallback", OWN_DIM),
    "gemma2": ("fallback", OWN_DIM | _WINDOW | {"attn_logit_softcapping": 5.0}),
    "gemma3_text": ("fallback", OWN_DIM | _WINDOW),
    "phi3": ("fallback", _DECODER),
    "olmo2": ("bytes", _DECODER),
    "gpt_oss": ("bytes", OWN_DIM | _WINDOW | _EXPERTS),
    "afmoe": ("bytes", OWN_DIM | _MIXED | _ROUTED),
    "apertus": ("bytes", _DECODER),
    "arcee": ("fallback", OWN_DIM),
    "axk1": ("bytes", _DECODER | _GROUPED | _LATENT),
    "bamba": ("bytes", _DECODER | _MAMBA | {"num_hidden_layers": 3, "attn_layer_indices": [1, 2]}),
    "biogpt": ("bytes", _DECODER),
    "bitnet": ("fallback", _DECODER),
    "cohere": ("bytes", _DECODER),
    "cohere2": ("bytes", OWN_DIM | _MIXED),
    "cohere2_moe": ("bytes", OWN_DIM | _MIXED | _ROUTED),
    "ctrl": ("bytes", _SPREAD | {"n_embd": 32, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 64, "dff": 40}),
    "cwm": ("bytes", OWN_DIM | _MIXED),
    "deepseek_v2": ("bytes", _DECODER | _GROUPED | _LATENT | {"topk_method": "greedy"}),
    "deepseek_v3": ("bytes", _DECODER | _GROUPED | _LATENT),
    "dots1": ("bytes", OWN_DIM | _GROUPED),
    "ernie4_5": ("fallback", OWN_DIM),
    "ernie4_5_moe": ("fallback", _DECODER | {"moe_num_experts": 4, "moe_k": 2, "moe_intermediate_size": 16}),
    "exaone4": ("bytes", OWN_DIM | _MIXED),
    "exaone_moe": ("bytes", OWN_DIM | _MIXED | _GROUPED),
    "falcon_h1": ("bytes", OWN_DIM | {"mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 8}),
    "flex_olmo": ("bytes", _DECODER | _ROUTED),
    "flint": ("bytes", OWN_DIM),
    "gemma4_text": (
        "fallback",
        OWN_DIM | _MIXED | {"vocab_size_per_layer_input": 400, "hidden_size_per_layer_input": 8, "global_head_dim": 8},
    ),
    "glm": ("bytes", OWN_DIM),
    "glm4": ("bytes", OWN_DIM),
    "glm4_moe": ("bytes", OWN_DIM | _GROUPED),
    "glm4_moe_lite": ("bytes", _DECODER | _GROUPED | _LATENT),
    "gpt_bigcode": ("bytes", {"n_embd": 32, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 64} | _SPREAD),
    "granite": ("bytes", _DECODER),
    "granitemoe": ("bytes", _DECODER | _EXPERTS),
    "granitemoeshared": ("bytes", _DECODER | _EXPERTS | {"shared_intermediate_size": 16}),
    "granitemoehybrid": ("bytes", _DECODER | _HYBRID | _MAMBA | _EXPERTS | {"shared_intermediate_size": 16}),
    "helium": ("fallback", OWN_DIM),
    "hunyuan_v1_dense": ("bytes", OWN_DIM),
    "hunyuan_v1_moe": ("bytes", OWN_DIM | {"num_experts": 4, "moe_topk": 2}),
    "hy_v3": ("bytes", OWN_DIM | _GROUPED),
    "hyperclovax": ("bytes", OWN_DIM),
    "internlm3": ("fallback", OWN_DIM),
    "iquestcoder": ("fallback", OWN_DIM),
    "jais2": ("bytes", OWN_DIM),
    "jamba": (
        "fallback",
        _DECODER
        | _EXPERTS
        | {
            "num_hidden_layers": 3,
            "attn_layer_period": 2,
            "attn_layer_offset": 0,
            "mamba_d_state": 8,
            "use_mamba_kernels": False,
            "initializer_range": 0.2,  # recurrences make more of rounding
        },
    ),
    "jetmoe": ("fallback", _DECODER | {"kv_channels": 8, "num_local_experts": 4, "num_experts_per_tok": 2}),
    "kolibri1": ("bytes", OWN_DIM | _ROUTED),
    "laguna": ("bytes", OWN_DIM | _MIXED | _ROUTED | {"shared_expert_intermediate_size": 16}),
    "lfm2": (
        "fallback",
        _DECODER | {"num_hidden_layers": 3, "layer_types": ["conv", "full_attention", "full_attention"]},
    ),
    "lfm2_moe": (
        "fallback",
        _DECODER
        | _ROUTED
        | {"num_hidden_layers": 3, "layer_types": ["conv", "full_attention", "full_attention"], "num_dense_layers": 1},
    ),
    "llama4_text": (
        "bytes",
        OWN_DIM
        | {"num_local_experts": 4, "intermediate_size_mlp": 40, "attention_chunk_size": WINDOW}
        | {"layer_types": ["chunked_attention", "full_attention"]},
    ),
    "longcat_flash": (
        "bytes",
        _DECODER | _ROUTED | _LATENT | {"num_layers": 1, "ffn_hidden_size": 40, "expert_ffn_hidden_size": 16},
    ),
    "mellum": ("bytes", OWN_DIM | _MIXED | _ROUTED),
    "mimo_v2_flash": ("bytes", OWN_DIM | _WINDOW | _GROUPED),
    "minicpm3": ("fallback", _DECODER | _LATENT),
    "minimax": ("bytes", OWN_DIM | _HYBRID | _EXPERTS),
    "minimax_m2": ("bytes", OWN_DIM | _EXPERTS),
    "ministral": ("bytes", OWN_DIM | _MIXED),
    "ministral3": ("bytes", OWN_DIM),
    "mixtral": ("fallback", _DECODER | _EXPERTS),
    "modernbert-decoder": (
        "bytes",
        BERT | _ENDS | {"max_position_embeddings": 64, "local_attention": WINDOW, "global_attn_every_n_layers": 2},
    ),
    "nanochat": ("bytes", _DECODER),
    "nemotron": ("bytes", OWN_DIM),
    "olmo": ("bytes", _DECODER),
    "olmo3": ("bytes", _DECODER | _MIXED),
    "olmo_hybrid": ("bytes", OWN_DIM | _HYBRID),
    "olmoe": ("bytes", _DECODER | _ROUTED),
    "persimmon": ("fallback", BERT | _ENDS | {"max_position_embeddings": 64}),
    "phi": ("bytes", _DECODER),
    "phimoe": ("fallback", _DECODER | _EXPERTS),
    "qwen2_moe": ("bytes", _DECODER | _ROUTED | {"shared_expert_intermediate_size": 16}),
    "qwen3_moe": ("bytes", OWN_DIM | _ROUTED),
    "qwen3_next": ("bytes", OWN_DIM | _HYBRID | _ROUTED | _DELTA),
    "qwen3_5_moe_text": ("bytes", OWN_DIM | _HYBRID | _ROUTED | _DELTA),
    "qwen3_5_text": ("bytes", OWN_DIM | _HYBRID | _DELTA),
    "recurrent_gemma": (
        "fallback",
        _DECODER
        | {"num_hidden_layers": 3, "block_types": ["recurrent", "attention", "attention"]}
        | {"attention_window_size": WINDOW},
    ),
    "seed_oss": ("bytes", OWN_DIM),
    "smollm3": ("bytes", _DECODER),
    "solar_open": ("bytes", OWN_DIM | _GROUPED),
    "stablelm": ("bytes", _DECODER),
    "starcoder2": ("bytes", _DECODER),
    "vaultgemma": ("fallback", OWN_DIM | _MIXED | {"attn_logit_softcapping": 5.0}),
    "bloom": ("bytes", _SPREAD | {"hidden_size": 32, "n_layer": LAYERS, "n_head": HEADS}),
    "codegen": ("bytes", _GPT | {"rotary_dim": 4}),
    "deepseek_v32": ("bytes", _DECODER | _GROUPED | _LATENT | _INDEXED),
    "falcon": ("bytes", BERT | {"multi_query": True, "alibi": False}),
    "glm_moe_dsa": ("bytes", _DECODER | _GROUPED | _LATENT | _INDEXED),
    "gpt_neo": (
        "bytes",
        _SPREAD
        | {"hidden_size": 32, "num_layers": LAYERS, "num_heads": HEADS, "intermediate_size": 40, "window_size": WINDOW}
        | {"attention_types": [[["global", "local"], 1]], "max_position_embeddings": 64},
    ),
    "gpt_neox_japanese": ("bytes", BERT | {"intermediate_multiple_size": 1, "max_position_embeddings": 64}),
    "gptj": ("bytes", _GPT | {"rotary_dim": 4}),
    "mpt": ("bytes", _SPREAD | {"d_model": 32, "n_layers": LAYERS, "n_heads": HEADS, "max_seq_len": 64}),
    "openai-gpt": ("bytes", _GPT),
    "xglm": (
        "fallback",
        {"d_model": 32, "num_layers": LAYERS, "attention_heads": HEADS, "ffn_dim": 40, "init_std": 0.3}
        | _ENDS
        | {"max_position_embeddings": 64},
    ),
    "youtu": ("bytes", _DECODER | _LATENT),
}

MODELS = ENCODERS | DECODERS
