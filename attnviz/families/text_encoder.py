"""Text encoders: one stack in which every token reads every token, or those within a window."""

from attnviz.families.family import Family, Part

_ATTENTION = {  # model type -> the module that attends
    "bert": "BertSelfAttention",
    "roberta": "RobertaSelfAttention",
    "xlm-roberta": "XLMRobertaSelfAttention",
    "camembert": "CamembertSelfAttention",
    "distilbert": "DistilBertSelfAttention",
    "albert": "AlbertAttention",
    "electra": "ElectraSelfAttention",
    "bert-generation": "BertGenerationSelfAttention",
    "data2vec-text": "Data2VecTextSelfAttention",
    "ernie": "ErnieSelfAttention",
    "esm": "EsmSelfAttention",
    "eurobert": "EuroBertAttention",
    "gte": "GteAttention",
    "jina_embeddings_v3": "JinaEmbeddingsV3Attention",
    "mobilebert": "MobileBertSelfAttention",
    "modernbert": "ModernBertAttention",
    "nomic_bert": "NomicBertAttention",
    "roberta-prelayernorm": "RobertaPreLayerNormSelfAttention",
    "roc_bert": "RoCBertSelfAttention",
    "xlm-roberta-xl": "XLMRobertaXLSelfAttention",
    "xmod": "XmodSelfAttention",
}

TEXT_ENCODER = Family(
    name="text encoder",
    model_types=tuple(_ATTENTION),
    stacks={"self": Part(tuple(dict.fromkeys(_ATTENTION.values())))},
)
