from datetime import date

import numpy as np
import pytest

from training.dates.calendar import FIRST, LAST, WAYS, draw, is_held_out, write
from training.dates.learner import tensors
from training.dates.learner import tokenizer as date_tokenizer
from training.heads import followed, head_named
from training.repeats.learner import UNASKED, series
from training.repeats.learner import tokenizer as letter_tokenizer

WRITTEN = (
    "3 May 2021", "May 3, 2021", "3 May 2021", "May 3, 2021", "Monday, 3 May 2021", "the 3rd of May 2021", "3.5.2021",
    "03/05/2021",
)  # fmt: skip


@pytest.mark.parametrize(("way", "text"), list(zip(WAYS, WRITTEN, strict=True)))
def test_a_date_is_written_each_way_with_its_parts_in_place(way, text: str):
    written = write(date(2021, 5, 3), way)
    assert (written.text, written.iso) == (text, "2021-05-03")
    assert text[slice(*written.spans["y"])] == "2021"
    assert text[slice(*written.spans["d"])] in {"3", "03", "3rd"}
    assert text[slice(*written.spans["m"])] in {"May", "5", "05"}


def test_one_date_in_ten_is_kept_out_of_training():
    days = range(FIRST, LAST + 1)
    assert np.mean([is_held_out(day) for day in days]) == pytest.approx(0.1, abs=0.003)
    rng = np.random.default_rng(0)
    assert all(is_held_out(date.fromisoformat(draw(rng, True).iso).toordinal()) for _ in range(20))
    assert not any(is_held_out(date.fromisoformat(draw(rng, False).iso).toordinal()) for _ in range(20))


def test_the_decoder_reads_what_it_should_have_written_one_place_later():
    words = date_tokenizer()
    batch = tensors(words, [write(date(2021, 5, 3), WAYS[0]), write(date(1999, 12, 31), WAYS[4])])
    assert words.decode(batch["answers"][0]) == "2021-05-03</s>"
    assert words.decode(batch["before"][1]) == "<s>1999-12-31"
    assert batch["seen"].sum(dim=1).tolist() == [11, 25]


def test_letters_alone_are_read():
    words = letter_tokenizer()
    assert words.convert_ids_to_tokens(words("Ab-c d")["input_ids"]) == ["<s>", "a", "b", "c", "d"]


def test_a_letter_is_asked_once_the_series_repeats():
    drawn = series(np.random.default_rng(0), np.array([3]), 7)
    tokens, answers = drawn["tokens"][0].tolist(), drawn["answers"][0].tolist()
    assert tokens[1:4] == tokens[4:7]
    assert tokens[7] == tokens[1]
    assert answers == [UNASKED] * 4 + [tokens[2], tokens[3], tokens[1], UNASKED]


def test_what_followed_a_letter_before():
    after = followed(np.array([[0, 5, 6, 5, 6]]))[0]  # the beginning, a, b, a, b
    assert after[3].tolist() == [0, 0, 1, 0, 0]  # the second a: b followed the first
    assert after[4].tolist() == [0, 0, 0, 1, 0]  # the second b: a followed the first
    assert not after[:3].any()


def test_heads_are_counted_from_one():
    assert head_named(np.array([[0.1, 0.2], [0.9, 0.3]])) == "L1 H0"
