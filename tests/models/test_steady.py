"""What a model's own code would change, or its head would add, is as it was made."""

import torch
from transformers import LongformerConfig, LongformerForMultipleChoice, LongformerForQuestionAnswering
from transformers.models.longformer.modeling_longformer import _compute_global_attention_mask

from attnviz.models.steady import keep_unchanged, mark_as_head_does
from attnviz.models.twin import twin
from tests import tiny
from tests.tiny_sizes import MODELS, WINDOW

SEP = 2
PAIR = [3, 4, 5, SEP, SEP, 6, 7, 8, SEP]


def marked(kind: type, ids: list[int]) -> list[int] | None:
    """The tokens that a part reads everywhere when nothing is said of it."""
    config = LongformerConfig(vocab_size=40, **(MODELS["longformer"][1] | {"attention_window": WINDOW}))
    own = kind(config).eval()
    seen = []
    mark_as_head_does(own)
    own.longformer.encoder.register_forward_pre_hook(
        lambda module, given, named: seen.append(named["attention_mask"]), with_kwargs=True
    )
    with torch.no_grad():
        own.longformer(input_ids=torch.tensor([ids]))
    return (seen[0][0] > 0).nonzero()[:, 0].tolist()


def test_a_question_is_read_everywhere_and_of_a_choice_the_second_text():
    assert marked(LongformerForQuestionAnswering, PAIR) == [0, 1, 2]
    assert marked(LongformerForMultipleChoice, PAIR) == [5, 6, 7, 8]


def test_without_the_separators_of_two_texts_nothing_is_marked():
    assert marked(LongformerForQuestionAnswering, [3, 4, SEP]) == []


def test_marks_are_those_of_the_head():
    ids = torch.tensor([PAIR])
    for kind, before in ((LongformerForQuestionAnswering, True), (LongformerForMultipleChoice, False)):
        theirs = _compute_global_attention_mask(ids, SEP, before_sep_token=before)
        assert marked(kind, PAIR) == theirs[0].nonzero()[:, 0].tolist()


def test_a_short_text_leaves_the_model_as_it_was():
    own = twin(tiny.model("big_bird"), "eager")
    keep_unchanged(own)
    classes = [type(each).__name__ for each in own.modules()]
    with torch.no_grad():
        own(input_ids=torch.tensor([[3, 4, 5]]))
    assert own.attention_type == "block_sparse"
    assert [type(each).__name__ for each in own.modules()] == classes
