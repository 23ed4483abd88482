from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.encode.words import WordFinder, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cat sat.", ["The", "cat", "sat", "."]),
        ("Don't, she’d said", ["Don't", ",", "she’d", "said"]),
        ("'quoted' rock'n'roll", ["'", "quoted", "'", "rock'n'roll"]),
        ("我爱北京 2024年", ["我", "爱", "北", "京", "2024", "年"]),
        ("ひらがな カタカナ", ["ひらがな", "カタカナ"]),
        ("naïve cafe\u0301", ["naïve", "cafe\u0301"]),
        ("well-known e.g. 3.14", ["well", "-", "known", "e", ".", "g", ".", "3", ".", "14"]),
        ("a👨‍👩‍👧b 🇨🇳", ["a", "👨‍👩‍👧", "b", "🇨🇳"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("猫cat", ["猫", "cat"]),
        ("\n\t ", []),
        ("", []),
    ],
)
def test_a_word_is_letters_run_together_a_han_character_or_one_other_mark(text: str, expected: list[str]):
    assert [text[start:stop] for start, stop in words(text)] == expected


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_words_follow_each_other_and_leave_out_nothing_but_space(text: str):
    found = words(text)
    assert all(start < stop for start, stop in found)
    assert all(first[1] <= second[0] for first, second in pairwise(found))
    between = "".join(
        text[last:start]
        for last, start in zip([0, *(e for _, e in found)], [*(s for s, _ in found), len(text)], strict=True)
    )
    assert between == "" or between.isspace()


def test_a_token_belongs_to_the_first_word_it_touches():
    finder = WordFinder("The cat's mat")
    assert [finder.of(span) for span in [(0, 3), (3, 4), (4, 7), (7, 9), (9, 13), (2, 6), None]] == [
        0,
        None,
        1,
        1,
        2,
        0,
        None,
    ]
