import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.encode.spelling import TURNING, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("cat", "cat"),
        (" cat", "cat"),
        (" ", "␣"),
        ("  ", "␣␣"),
        ("\n\n", "⏎⏎"),
        ("\t", "⇥"),
        ("\u00a0\u3000", "␣␣"),
        (".\n\n", ".⏎⏎"),
        ("the ", "the␣"),
        ("of the", "of the"),
        ("\n  x", "⏎  x"),
        ("\x00", "U+0000"),
        ("\u200d", "U+200D"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("\u202egnp", "U+202Egnp"),
        ("\u0301", "◌\u0301"),
        ("\ufffd", "U+FFFD"),
        ("\ufeff", "U+FEFF"),
        ("\u2028", "␣"),
        ("", ""),
    ],
)
def test_every_character_can_be_seen(text: str, seen: str):
    assert visible(text) == seen


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_no_spelling_is_empty_or_disturbs_its_line(text: str):
    seen = visible(text)
    assert seen.strip()
    assert not set(seen) & (TURNING | set("\n\r\t\v\f\x00\x85\u2028\u2029\ufffd"))
