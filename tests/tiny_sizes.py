"""The sizes of the tiny models: of each type that a family lists, the tokenizer its relatives use and what shrinks it."""

from typing import Any

LAYERS, HEADS, KV_HEADS, WINDOW = 2, 4, 2, 4

_SIZES = {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": 40}
_SPREAD = {"initializer_range": 0.3}  # wide enough for rows that are far from even
_BERT = _SIZES | _SPREAD
_ROBERTA = _BERT | {"max_position_embeddings": 514, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
_ENDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_DECODER = _SIZES | _SPREAD | _ENDS | {"num_key_value_heads": KV_HEADS, "max_position_embeddings": 64}
_OWN_DIM = _DECODER | {"head_dim": 8}
_WINDOW = {"sliding_window": WINDOW}
_MIXED = _WINDOW | {"layer_types": ["sliding_attention", "full_attention"]}
_HYBRID = {"num_hidden_layers": 3, "layer_types": ["linear_attention", "full_attention", "full_attention"]}
_EXPERTS = {"num_local_experts": 4, "num_experts_per_tok": 2}
_ROUTED = {"num_experts": 4, "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
_GROUPED = _ROUTED | {"n_group": 1, "topk_group": 1, "n_shared_experts": 1, "first_k_dense_replace": 1}
_LATENT = {"num_key_value_heads": HEADS, "head_dim": 4, "q_lora_rank": 16, "kv_lora_rank": 8}
_LATENT |= {"qk_rope_head_dim": 4, "qk_nope_head_dim": 8, "v_head_dim": 8}

_DISENTANGLED = {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "max_position_embeddings": 64}
_XLM = {"emb_dim": 32, "n_layers": LAYERS, "n_heads": HEADS, "pad_index": 0, "embed_init_std": 0.3, "init_std": 0.3}
_GPT = _SPREAD | {"n_embd": 32, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 64}

ENCODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "bert": ("word pieces", _BERT),
    "roberta": ("bytes", _ROBERTA),
    "xlm-roberta": ("fallback", _ROBERTA),
    "camembert": ("fallback", _ROBERTA),
    "distilbert": ("word pieces", {"dim": 32, "n_layers": LAYERS, "n_heads": HEADS, "hidden_dim": 40} | _SPREAD),
    "albert": ("fallback", _BERT | {"embedding_size": 16}),
    "electra": ("word pieces", _BERT | {"embedding_size": 16}),
    "bert-generation": ("fallback", _BERT | _ENDS),
    "data2vec-text": ("bytes", _ROBERTA),
    "ernie": ("word pieces", _BERT),
    "esm": ("word pieces", _BERT | _ENDS | {"max_position_embeddings": 64, "mask_token_id": 4}),
    "eurobert": ("bytes", _BERT | _ENDS | {"max_position_embeddings": 64}),
    "gte": ("word pieces", _BERT | {"max_position_embeddings": 64}),
    "jina_embeddings_v3": ("fallback", _ROBERTA),
    "mobilebert": (
        "word pieces",
        _BERT
        | {"embedding_size": 16, "intra_bottleneck_size": 32, "true_hidden_size": 32}
        | {"normalization_type": "layer_norm"},  # its own is none at all, and random weights then run away
    ),
    "modernbert": ("bytes", _BERT | _ENDS | {"local_attention": WINDOW, "global_attn_every_n_layers": 2}),
    "nomic_bert": ("word pieces", _BERT | {"max_position_embeddings": 64}),
    "roberta-prelayernorm": ("bytes", _ROBERTA),
    "roc_bert": (
        "word pieces",
        _BERT | {"pronunciation_vocab_size": 400, "shape_vocab_size": 400}
        | {"pronunciation_embed_dim": 16, "shape_embed_dim": 16},
    ),
    "convbert": ("word pieces", _BERT | {"embedding_size": 16, "head_ratio": 1, "conv_kernel_size": 3}),
    "deberta": ("bytes", _BERT | _DISENTANGLED),
    "deberta-v2": (
        "fallback",
        _BERT | _DISENTANGLED | {"position_buckets": 4, "share_att_key": True, "norm_rel_ebd": "layer_norm"},
    ),
    "flaubert": ("fallback", _XLM),
    "luke": ("bytes", _ROBERTA | {"entity_vocab_size": 10, "entity_emb_size": 16}),
    "megatron-bert": ("word pieces", _BERT),
    "mpnet": ("word pieces", _ROBERTA),
    "rembert": ("fallback", _BERT | {"input_embedding_size": 16}),
    "roformer": ("word pieces", _BERT | {"max_position_embeddings": 64}),
    "xlm": ("fallback", _XLM),
    "xlnet": ("fallback", _SPREAD | {"d_model": 32, "n_layer": LAYERS, "n_head": HEADS, "d_inner": 40}),
    "xlm-roberta-xl": ("fallback", _ROBERTA),
    "xmod": ("fallback", _ROBERTA | {"languages": ["en_XX"], "default_language": "en_XX"}),
}

DECODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "gpt2": ("bytes", {"n_embd": 32, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 64} | _SPREAD),
    "gpt_neox": ("bytes", _BERT | {"max_position_embeddings": 64}),
    "opt": (
        "bytes",
        {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "ffn_dim": 40}
        | {"word_embed_proj_dim": 32, "init_std": 0.3, "max_position_embeddings": 64},
    ),
    "llama": ("fallback", _DECODER),
    "mistral": ("fallback", _DECODER | _WINDOW),
    "qwen2": ("bytes", _DECODER),
    "qwen3": ("bytes", _OWN_DIM),
    "gemma": ("fallback", _OWN_DIM),
    "gemma2": ("fallback", _OWN_DIM | _WINDOW | {"attn_logit_softcapping": 5.0}),
    "gemma3_text": ("fallback", _OWN_DIM | _WINDOW),
    "phi3": ("fallback", _DECODER),
    "olmo2": ("bytes", _DECODER),
    "gpt_oss": ("bytes", _OWN_DIM | _WINDOW | _EXPERTS),
    "afmoe": ("bytes", _OWN_DIM | _MIXED | _ROUTED),
    "apertus": ("bytes", _DECODER),
    "arcee": ("fallback", _OWN_DIM),
    "biogpt": ("bytes", _DECODER),
    "bitnet": ("fallback", _DECODER),
    "cohere": ("bytes", _DECODER),
    "cohere2": ("bytes", _OWN_DIM | _MIXED),
    "cohere2_moe": ("bytes", _OWN_DIM | _MIXED | _ROUTED),
    "ctrl": ("bytes", _SPREAD | {"n_embd": 32, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 64, "dff": 40}),
    "cwm": ("bytes", _OWN_DIM | _MIXED),
    "deepseek_v2": ("bytes", _DECODER | _GROUPED | _LATENT | {"topk_method": "greedy"}),
    "deepseek_v3": ("bytes", _DECODER | _GROUPED | _LATENT),
    "doge": ("fallback", _DECODER | {"keep_window_size": 64}),
    "dots1": ("bytes", _OWN_DIM | _GROUPED),
    "ernie4_5": ("fallback", _OWN_DIM),
    "ernie4_5_moe": ("fallback", _DECODER | {"moe_num_experts": 4, "moe_k": 2, "moe_intermediate_size": 16}),
    "exaone4": ("bytes", _OWN_DIM | _MIXED),
    "exaone_moe": ("bytes", _OWN_DIM | _MIXED | _GROUPED),
    "falcon_h1": ("bytes", _OWN_DIM | {"mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 8}),
    "flex_olmo": ("bytes", _DECODER | _ROUTED),
    "glm": ("bytes", _OWN_DIM),
    "glm4": ("bytes", _OWN_DIM),
    "glm4_moe": ("bytes", _OWN_DIM | _GROUPED),
    "glm4_moe_lite": ("bytes", _DECODER | _GROUPED | _LATENT),
    "gpt_bigcode": ("bytes", {"n_embd": 32, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 64} | _SPREAD),
    "granite": ("bytes", _DECODER),
    "granitemoe": ("bytes", _DECODER | _EXPERTS),
    "granitemoeshared": ("bytes", _DECODER | _EXPERTS | {"shared_intermediate_size": 16}),
    "helium": ("fallback", _OWN_DIM),
    "hunyuan_v1_dense": ("bytes", _OWN_DIM),
    "hunyuan_v1_moe": ("bytes", _OWN_DIM | {"num_experts": 4, "moe_topk": 2}),
    "hyperclovax": ("bytes", _OWN_DIM),
    "internlm3": ("fallback", _OWN_DIM),
    "jais2": ("bytes", _OWN_DIM),
    "jetmoe": ("fallback", _DECODER | {"kv_channels": 8, "num_local_experts": 4, "num_experts_per_tok": 2}),
    "laguna": ("bytes", _OWN_DIM | _MIXED | _ROUTED | {"shared_expert_intermediate_size": 16}),
    "lfm2": ("fallback", _DECODER | {"num_hidden_layers": 3, "layer_types": ["conv", "full_attention", "full_attention"]}),
    "llama4_text": (
        "bytes",
        _OWN_DIM
        | {"num_local_experts": 4, "intermediate_size_mlp": 40, "attention_chunk_size": WINDOW}
        | {"layer_types": ["chunked_attention", "full_attention"]},
    ),
    "longcat_flash": (
        "bytes",
        _DECODER | _ROUTED | _LATENT | {"num_layers": 1, "ffn_hidden_size": 40, "expert_ffn_hidden_size": 16},
    ),
    "mellum": ("bytes", _OWN_DIM | _MIXED | _ROUTED),
    "mimo_v2_flash": ("bytes", _OWN_DIM | _WINDOW | _GROUPED),
    "minicpm3": ("fallback", _DECODER | _LATENT),
    "minimax_m2": ("bytes", _OWN_DIM | _EXPERTS),
    "ministral": ("bytes", _OWN_DIM | _MIXED),
    "ministral3": ("bytes", _OWN_DIM),
    "mixtral": ("fallback", _DECODER | _EXPERTS),
    "modernbert-decoder": (
        "bytes",
        _BERT | _ENDS | {"max_position_embeddings": 64, "local_attention": WINDOW, "global_attn_every_n_layers": 2},
    ),
    "nanochat": ("bytes", _DECODER),
    "nemotron": ("bytes", _OWN_DIM),
    "olmo": ("bytes", _DECODER),
    "olmo3": ("bytes", _DECODER | _MIXED),
    "olmo_hybrid": ("bytes", _OWN_DIM | _HYBRID),
    "olmoe": ("bytes", _DECODER | _ROUTED),
    "persimmon": ("fallback", _BERT | _ENDS | {"max_position_embeddings": 64}),
    "phi": ("bytes", _DECODER),
    "phimoe": ("fallback", _DECODER | _EXPERTS),
    "qwen2_moe": ("bytes", _DECODER | _ROUTED | {"shared_expert_intermediate_size": 16}),
    "qwen3_moe": ("bytes", _OWN_DIM | _ROUTED),
    "qwen3_next": (
        "bytes",
        _OWN_DIM
        | _HYBRID
        | _ROUTED
        | {"shared_expert_intermediate_size": 16, "linear_num_value_heads": 4, "linear_num_key_heads": 2}
        | {"linear_key_head_dim": 8, "linear_value_head_dim": 8},
    ),
    "seed_oss": ("bytes", _OWN_DIM),
    "smollm3": ("bytes", _DECODER),
    "solar_open": ("bytes", _OWN_DIM | _GROUPED),
    "stablelm": ("bytes", _DECODER),
    "starcoder2": ("bytes", _DECODER),
    "vaultgemma": ("fallback", _OWN_DIM | _MIXED | {"attn_logit_softcapping": 5.0}),
    "bloom": ("bytes", _SPREAD | {"hidden_size": 32, "n_layer": LAYERS, "n_head": HEADS}),
    "codegen": ("bytes", _GPT | {"rotary_dim": 4}),
    "falcon": ("bytes", _BERT | {"multi_query": True, "alibi": False}),
    "gpt_neo": (
        "bytes",
        _SPREAD
        | {"hidden_size": 32, "num_layers": LAYERS, "num_heads": HEADS, "intermediate_size": 40, "window_size": WINDOW}
        | {"attention_types": [[["global", "local"], 1]], "max_position_embeddings": 64},
    ),
    "gpt_neox_japanese": ("bytes", _BERT | {"intermediate_multiple_size": 1, "max_position_embeddings": 64}),
    "gptj": ("bytes", _GPT | {"rotary_dim": 4}),
    "mpt": ("bytes", _SPREAD | {"d_model": 32, "n_layers": LAYERS, "n_heads": HEADS, "max_seq_len": 64}),
    "openai-gpt": ("bytes", _GPT),
    "xglm": (
        "fallback",
        {"d_model": 32, "num_layers": LAYERS, "attention_heads": HEADS, "ffn_dim": 40, "init_std": 0.3} | _ENDS,
    ),
    "youtu": ("bytes", _DECODER | _LATENT),
}

MODELS = ENCODERS | DECODERS
