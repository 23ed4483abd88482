"""Pictures of emoji and their names: what belongs together, and what training never shows."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.course import Stage
from training.letters import END_ID
from training.pairs.evaluate import both, drawn, evaluate, ranked
from training.pairs.learner import PIXELS, material, model, tensors
from training.pairs.names import names, signs, tokenizer
from training.scenes.emoji import FONT
from training.shipping import save_half

pytestmark = pytest.mark.skipif(not FONT.is_file(), reason="needs Debian's fonts-noto-color-emoji")
SETTINGS = {"width": 16, "heads": 2, "picture_layers": 1, "text_layers": 1}


def test_emoji_have_the_names_that_unicode_gives_them() -> None:
    assert signs()["red apple"] == "🍎"
    assert signs()["dog face"] == "🐶"
    assert not any("fitzpatrick" in name for name in signs())


def test_every_word_of_a_name_that_is_kept_out_is_learnt_from_others() -> None:
    taught = {word for name in names(held_out=False) for word in name.split()}
    assert set(names(held_out=True)).isdisjoint(names(held_out=False))
    assert len(names(held_out=True)) >= 10
    assert all(set(name.split()) <= taught for name in names(held_out=True))


def test_no_emoji_is_in_two_pictures_of_a_step_and_each_text_ends() -> None:
    batch = material(np.random.default_rng(0), Stage(1, 6, {"most": 2}))
    assert batch["pixels"].shape == (6, 3, PIXELS, PIXELS)
    texts = tokenizer().batch_decode(batch["texts"], skip_special_tokens=True)
    said = [name for text in texts for name in text.split(" and ")]
    assert len(set(texts)) == 6
    assert len(said) >= 6
    assert ((batch["texts"] == END_ID).sum(dim=1) == 1).all()


def test_pictures_of_one_emoji_are_said_by_its_name() -> None:
    (shown,) = drawn(0, ("red apple",), 1, 1)
    assert shown.text == "red apple"
    left, top, right, bottom = shown.placed[0].box
    assert 0 <= left < right <= PIXELS
    assert 0 <= top < bottom <= PIXELS
    assert tensors([shown])["pixels"].abs().max() <= 1


def test_a_rank_counts_the_names_that_agree_better(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("red apple", "dog face", "cat face")
    pictures = drawn(0, ("dog face",), 1, 2)
    agreed = np.array([[0.1, 0.9, 0.2], [0.8, 0.5, 0.6]])
    monkeypatch.setattr("training.pairs.evaluate.agreeing", lambda *_: agreed)
    assert ranked(model(SETTINGS), pictures, texts).tolist() == [0, 2]


def test_both_names_must_agree_best(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("red apple", "dog face", "cat face")
    pictures = [each for each in drawn(1, ("red apple", "cat face"), 2, 6) if len(each.names) == 2][:2]
    monkeypatch.setattr("training.pairs.evaluate.agreeing", lambda *_: np.array([[0.9, 0.1, 0.8], [0.9, 0.8, 0.1]]))
    assert both(model(SETTINGS), pictures, texts) == 0.5


def test_what_is_measured_of_an_untaught_model_is_near_chance(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_half(model(SETTINGS), tmp_path)
    found = evaluate(tmp_path, count=8)
    assert all(0 <= number <= 1 for number in found.values())
    assert found["two emoji: both names come before any other"] <= 0.25
