"""The recurrent model of dates in plain arithmetic: what training taught, step by step as PyTorch does it."""

import numpy as np
import pytest
import torch

from attnviz.errors import InputError
from attnviz.lab.aligner import LONGEST, MOST_CHARACTERS, Aligner
from training.additive.learner import Additive
from training.dates.learner import CHARACTERS, tokenizer
from training.letters import BEGIN_ID, END_ID, SPECIAL

SETTINGS = {"width": 5, "hidden": 6, "scoring": 7}
TEXT = "3 May 2021"


@pytest.fixture(scope="module")
def taught() -> Additive:
    torch.manual_seed(3)
    return Additive(SETTINGS).double().eval()


@pytest.fixture(scope="module")
def aligner(taught: Additive) -> Aligner:
    tables = {name: each.numpy() for name, each in taught.state_dict().items()}
    return Aligner(tables, CHARACTERS, len(SPECIAL), BEGIN_ID, END_ID)


def test_states_scores_and_weights_are_those_of_the_trained_module(taught: Additive, aligner: Aligner) -> None:
    found = aligner.align(TEXT)
    words = tokenizer()([TEXT], return_tensors="pt")
    written = [len(SPECIAL) + CHARACTERS.index(each) if each else None for each in found.written]
    before = torch.tensor([[BEGIN_ID, *(END_ID if token is None else token for token in written[:-1])]])
    with torch.inference_mode():
        states, _ = taught.encoded(words["input_ids"], words["attention_mask"])
        out = taught(words["input_ids"], words["attention_mask"], before)
    np.testing.assert_allclose(found.states, states[0], atol=1e-12)
    np.testing.assert_allclose(found.weights, out.cross_attentions[0][0, 0], atol=1e-12)
    scores = np.exp(found.scores) / np.exp(found.scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.weights, scores, atol=1e-12)


def test_it_writes_what_the_trained_module_writes(taught: Additive, aligner: Aligner) -> None:
    words = tokenizer()
    read = words([TEXT], return_tensors="pt")
    said = words.decode(taught.generate(read["input_ids"], read["attention_mask"])[0], skip_special_tokens=True)
    assert "".join(aligner.align(TEXT).written) == said


def test_every_character_and_the_end_can_be_read_and_rows_share_1(aligner: Aligner) -> None:
    found = aligner.align(TEXT)
    assert found.read == (*TEXT, "")
    assert found.weights.shape == (len(found.written), len(TEXT) + 1)
    assert len(found.written) <= LONGEST
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "said"), [("", "0 characters"), ("1" * (MOST_CHARACTERS + 1), "41 characters"), ("3 März", "'ä'")]
)
def test_what_it_cannot_read_is_said(aligner: Aligner, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        aligner.align(text)
