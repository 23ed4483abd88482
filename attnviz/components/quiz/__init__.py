"""Questions about maps, answered by pointing at them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from attnviz.components.modules import stub, style
from attnviz.components.packet import pack

_mount = st.components.v2.component("attnviz_quiz", js=stub("quiz/view.js"), css=style("quiz"))


def quiz(facts: Mapping[str, Any], parts: Sequence[np.ndarray], *, key: str) -> None:
    """Draw the open question, the result of the one before, and at the end the score; nothing else is sent.

    Data    bytes of `quiz_packet`: {epoch, set: {spelled, about, level, seed, count}, offered: {about: [str],
            level: {str: told}, counts: [int], seeds: int}, answers: [int or null], marks: [bool or null],
            question: {number, kind, ask, shown, options} or null, result: {the same, and chosen, right: [int], scores:
            [str], names: [str], lines: [str], link} or null, score: {right, list: [{ask, mark, yours, best, lines,
            link}]} or null, words, ramp}. shown is {type: "words", labels, special, glued, asked, weights}, {type:
            "scene", image, grid, marked, asked, weights} or {type: "maps", maps: [{part, rows, cols}]}; image, part
            and weights are places among the parts, weights null before they are told.
    State   {choice: {epoch, quiz}, or null; sitting: {set, answers: [int or null]}, or null}
    """
    _mount(
        data=quiz_packet(facts, parts),
        default={"choice": None, "sitting": None},
        key=key,
        on_choice_change=lambda: None,
        on_sitting_change=lambda: None,
    )


def quiz_packet(facts: Mapping[str, Any], parts: Sequence[np.ndarray]) -> bytes:
    """Pack facts with the pictures and weights that they name by place.

    Shape   parts: any, uint8: files of pictures, and 255·√weight.
    """
    return pack({"kind": "quiz", **facts, "parts": [part.size for part in parts]}, *parts)
