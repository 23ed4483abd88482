"""Text encoders: one stack in which every token reads every token."""

from attnviz.families.family import Family
from attnviz.inputs import Text

TEXT_ENCODER = Family(
    name="text encoder",
    reads=Text,
    model_types=("bert", "roberta", "xlm-roberta", "distilbert", "albert", "electra", "camembert"),
    stacks={
        "self": (
            "BertSelfAttention",
            "RobertaSelfAttention",
            "XLMRobertaSelfAttention",
            "DistilBertSelfAttention",
            "AlbertAttention",
            "ElectraSelfAttention",
            "CamembertSelfAttention",
        )
    },
    causal=False,
)
