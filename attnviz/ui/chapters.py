"""The chapters on their screen: words, sources, and the figure made of real numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, get_args

import streamlit as st

from attnviz import share
from attnviz.components.chapter_figure import chapter_figure
from attnviz.components.modules import base
from attnviz.figures.theme import RAMP_DARK, RAMP_LIGHT
from attnviz.service.chapters import LETTERS, ONE_LETTER, PICTURE, SENTENCE, Panel, figure
from attnviz.service.engine import engine
from attnviz.share import View
from attnviz.share.view import CHOICES, Chapter
from attnviz.ui import state
from attnviz.ui.catalogue import Words
from attnviz.ui.waiting import awaited

PAGE = "chapter_page"
SPOKEN_IN_BROWSER = ("chapters",)
CAKE = 7  # the class that the careful chapter begins with


@dataclass(frozen=True)
class Source:
    """A work to read on, as it is cited; `where` is its number at arXiv, or its address."""

    authors: str
    year: int
    title: str
    where: str

    @property
    def address(self) -> str:
        return self.where if self.where.startswith("https://") else f"https://arxiv.org/abs/{self.where}"

    @property
    def cited(self) -> str:
        """Authors, year, title, and the number where there is one."""
        numbered = "" if self.address == self.where else f", arXiv:{self.where}"
        return f"{self.authors} {self.year}: {self.title}{numbered}"


BAHDANAU = Source(
    "Bahdanau, Cho & Bengio", 2014, "Neural Machine Translation by Jointly Learning to Align and Translate", "1409.0473"
)
SUTSKEVER = Source("Sutskever, Vinyals & Le", 2014, "Sequence to Sequence Learning with Neural Networks", "1409.3215")
LUONG = Source(
    "Luong, Pham & Manning", 2015, "Effective Approaches to Attention-based Neural Machine Translation", "1508.04025"
)
VASWANI = Source("Vaswani et al.", 2017, "Attention Is All You Need", "1706.03762")
ANNOTATED = Source(
    "Rush, Huang et al.", 2022, "The Annotated Transformer", "https://nlp.seas.harvard.edu/annotated-transformer/"
)
HINTON = Source("Hinton, Vinyals & Dean", 2015, "Distilling the Knowledge in a Neural Network", "1503.02531")
VOITA = Source("Voita et al.", 2019, "Specialized Heads Do the Heavy Lifting, the Rest Can Be Pruned", "1905.09418")
MICHEL = Source("Michel, Levy & Neubig", 2019, "Are Sixteen Heads Really Better than One?", "1905.10650")
CLARK = Source("Clark et al.", 2019, "What Does BERT Look At?", "1906.04341")
DEVLIN = Source("Devlin et al.", 2018, "BERT: Pre-training of Deep Bidirectional Transformers", "1810.04805")
BROWN = Source("Brown et al.", 2020, "Language Models are Few-Shot Learners", "2005.14165")
DOSOVITSKIY = Source("Dosovitskiy et al.", 2020, "An Image is Worth 16x16 Words", "2010.11929")
CARON = Source("Caron et al.", 2021, "Emerging Properties in Self-Supervised Vision Transformers", "2104.14294")
DARCET = Source("Darcet et al.", 2023, "Vision Transformers Need Registers", "2309.16588")
CHOROWSKI = Source("Chorowski et al.", 2015, "Attention-Based Models for Speech Recognition", "1506.07503")
CHAN = Source("Chan et al.", 2015, "Listen, Attend and Spell", "1508.01211")
RADFORD = Source(
    "Radford et al.", 2022, "Robust Speech Recognition via Large-Scale Weak Supervision (Whisper)", "2212.04356"
)
SHAW = Source("Shaw, Uszkoreit & Vaswani", 2018, "Self-Attention with Relative Position Representations", "1803.02155")
SU = Source("Su et al.", 2021, "RoFormer: Enhanced Transformer with Rotary Position Embedding", "2104.09864")
PRESS = Source("Press, Smith & Lewis", 2021, "Train Short, Test Long: Attention with Linear Biases", "2108.12409")
ELHAGE = Source(
    "Elhage et al.",
    2021,
    "A Mathematical Framework for Transformer Circuits",
    "https://transformer-circuits.pub/2021/framework/index.html",
)
OLSSON = Source("Olsson et al.", 2022, "In-context Learning and Induction Heads", "2209.11895")
XIAO = Source("Xiao et al.", 2023, "Efficient Streaming Language Models with Attention Sinks", "2309.17453")
JAIN = Source("Jain & Wallace", 2019, "Attention is not Explanation", "1902.10186")
WIEGREFFE = Source("Wiegreffe & Pinter", 2019, "Attention is not not Explanation", "1908.04626")
ABNAR = Source("Abnar & Zuidema", 2020, "Quantifying Attention Flow in Transformers", "2005.00928")
CHEFER = Source("Chefer, Gur & Wolf", 2021, "Generic Attention-model Explainability", "2103.15679")

SOURCES: Mapping[str, tuple[Source, ...]] = MappingProxyType(
    {
        "why": (SUTSKEVER, BAHDANAU, VASWANI),
        "vectors": (VASWANI, ANNOTATED),
        "softmax": (VASWANI, LUONG, HINTON),
        "heads": (VASWANI, VOITA, MICHEL),
        "masks": (VASWANI, DEVLIN, BROWN),
        "translation": (BAHDANAU, LUONG, VASWANI),
        "patches": (DOSOVITSKIY, CARON, DARCET),
        "speech": (RADFORD, CHAN, CHOROWSKI),
        "positions": (VASWANI, SHAW, SU, PRESS),
        "found": (CLARK, ELHAGE, OLSSON, XIAO),
        "care": (JAIN, WIEGREFFE, ABNAR, CHEFER),
    }
)
TRIES: Mapping[str, View] = MappingProxyType(
    {
        "why": replace(SENTENCE, query=8),
        "vectors": View(page="inside", query=8),
        "softmax": View(page="learn", bench=f"{View.bench}_t2"),
        "heads": View(page="learn", lesson="heads"),
        "masks": replace(LETTERS, query=12),
        "translation": View(page="learn", bench="q4,0;0,4_k3,0;0,3;2,2;0,0_v1;2;3;4"),
        "patches": PICTURE,
        "speech": View(page="learn", bench="q4,0;0,4_k0,0;3,0;3,0;0,0;0,3;0,3_v1;2;3;4;5;6"),
        "positions": View(model="repeats-2", text=ONE_LETTER.strip(), layer=0, head=0, query=20),
        "found": View(page="predict"),
        "care": replace(PICTURE, lens="relevance", target=CAKE),
    }
)

_WORKED: dict[str, tuple[Panel, ...]] = {}  # the numbers of each figure, the same for everyone


def show(view: View) -> None:
    """Draw the chapter of a view, with the list of all; its words stand before the numbers of its figure."""
    said = state.speech()
    chapter_figure(_facts(view, said), _WORKED.get(view.chapter, ()), key=PAGE, on_pick=_pick)
    if view.chapter not in _WORKED:
        _WORKED[view.chapter] = awaited(figure(engine(), view.chapter), said)
        st.rerun()


def address_of(view: View) -> str:
    """The path of a view on this server."""
    return share.link(view, f"{base()}/").url


def _facts(view: View, said: Words) -> dict[str, Any]:
    name = view.chapter
    every: tuple[Chapter, ...] = get_args(Chapter)
    chapters = {each: replace(view, chapter=each) for each in every}
    return {
        "chapter": name,
        "chapters": [[each, said(f"chapter.{each}.title"), address_of(other)] for each, other in chapters.items()],
        "title": said(f"chapter.{name}.title"),
        "words": said(f"chapter.{name}.words").strip().split("\n\n"),
        "caption": said(f"chapter.{name}.caption"),
        "hint": said(f"chapter.{name}.hint"),
        "tries": [said(f"chapter.{name}.try"), address_of(replace(TRIES[name], language=view.language))],
        "sources": [[each.cited, each.address] for each in SOURCES[name]],
        "glossary": address_of(View(page="glossary", language=view.language)),
        "phrases": said.within(*SPOKEN_IN_BROWSER),
        "ramp": {"light": RAMP_LIGHT, "dark": RAMP_DARK},
    }


def _pick() -> None:
    """Go to the chapter that a visitor pointed at; anything else that a browser might send is none."""
    picked = (st.session_state.get(PAGE) or {}).get("picked")
    if picked in CHOICES["chapter"]:
        st.session_state[state.key_of("chapter")] = picked
