"""The words of the field on their screen, each with a place that shows it, and links to them from everywhere else."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import escape
from types import MappingProxyType
from typing import Any

from attnviz import share
from attnviz.components.glossary_list import glossary_list
from attnviz.components.modules import base
from attnviz.share import View
from attnviz.share.view import Chapter, Language, Lesson
from attnviz.ui import state
from attnviz.ui.catalogue import LANGUAGES, Words, words

SPOKEN_IN_BROWSER = ("glossary",)
OTHER: Mapping[Language, Language] = dict(zip(LANGUAGES, reversed(LANGUAGES), strict=True))


def _chapter(name: Chapter) -> View:
    return View(page="chapters", chapter=name)


def _lesson(name: Lesson) -> View:
    return View(page="learn", lesson=name)


TEXT, IMAGE, INSIDE, MODELS = View(), share.first("image"), View(page="inside"), View(page="models")
LINES = View(model="repeats-2", text="k q x b k q x b k q x b", layer=1, head=1, query=8)

# Every term, and a place that shows it.
TERMS: Mapping[str, View] = MappingProxyType(
    {
        "additive-attention": _lesson("scoring"),
        "alibi": _chapter("positions"),
        "artefact": IMAGE,
        "attention": _chapter("why"),
        "attention-distance": replace(IMAGE, second="distance"),
        "beam": _chapter("translation"),
        "causal": _chapter("masks"),
        "cls": _chapter("patches"),
        "cross-attention": _chapter("translation"),
        "decoder": _chapter("translation"),
        "deletion-curve": replace(IMAGE, lens="relevance"),
        "dot-product": _lesson("scoring"),
        "embedding": INSIDE,
        "encoder": _chapter("translation"),
        "entropy": _chapter("softmax"),
        "feed-forward": INSIDE,
        "flow": _chapter("care"),
        "gradient-rollout": replace(IMAGE, lens="gradient"),
        "grouped-queries": _lesson("heads"),
        "head": _chapter("heads"),
        "induction-head": _chapter("found"),
        "intervention": _chapter("care"),
        "key": _chapter("vectors"),
        "kv-cache": _lesson("costs"),
        "latent-attention": _lesson("costs"),
        "layer": TEXT,
        "layer-norm": INSIDE,
        "lens": _chapter("care"),
        "log-mel": _chapter("speech"),
        "log-sum-exp": _chapter("softmax"),
        "logits": _chapter("masks"),
        "map": TEXT,
        "mask": _chapter("masks"),
        "multi-query": _lesson("heads"),
        "output-matrix": _lesson("heads"),
        "padding": replace(_lesson("step"), bench=f"{View.bench}_mpadding"),
        "patch": _chapter("patches"),
        "perplexity": MODELS,
        "pooling": _lesson("scoring"),
        "position": _chapter("positions"),
        "previous-token-head": _chapter("found"),
        "query": _chapter("vectors"),
        "register": _chapter("patches"),
        "relative-bias": _chapter("positions"),
        "relevance": replace(IMAGE, lens="relevance"),
        "residual": INSIDE,
        "rollout": replace(IMAGE, lens="rollout"),
        "rotary": _chapter("positions"),
        "saturation": _chapter("softmax"),
        "score": _lesson("step"),
        "self-attention": _lesson("step"),
        "sink": _chapter("found"),
        "sliding-window": replace(_lesson("step"), bench=f"{View.bench}_mwindow"),
        "softcap": _chapter("softmax"),
        "softmax": _lesson("step"),
        "special-token": replace(TEXT, specials="hidden"),
        "stack": _chapter("translation"),
        "teacher-forcing": _chapter("masks"),
        "temperature": _chapter("softmax"),
        "token": LINES,
        "transformer": _chapter("why"),
        "value": _chapter("vectors"),
        "warping": _chapter("speech"),
        "weight": _chapter("why"),
        "window": MODELS,
        "word-piece": replace(TEXT, spelling="raw"),
    }
)


def show() -> None:
    """Draw the list of all terms."""
    said = state.speech()
    terms = [_term(slug, place, said) for slug, place in TERMS.items()]
    phrases = said.within(*SPOKEN_IN_BROWSER)
    glossary_list(
        {"terms": terms, "words": phrases, "languages": [said.language, OTHER[said.language]]}, key="glossary"
    )


def address_of(term: str) -> str:
    """The path of a term on this server, in the language that the visitor has chosen."""
    return f"{_path(View(page='glossary'))}#{term}"


def markdown_link(term: str, said: Words) -> str:
    """A term as a link, for a help text."""
    return f"[{said(f'term.{term}.name')}]({address_of(term)})"


def markup(terms: Iterable[str], said: Words) -> str:
    """A line of terms as links, for a caption."""
    links = (f'<a href="{escape(address_of(term))}">{escape(said(f"term.{term}.name"))}</a>' for term in terms)
    return f'<p class="attnviz-terms">{escape(said("glossary.words"))} {" · ".join(links)}</p>'


def _term(slug: str, place: View, said: Words) -> dict[str, Any]:
    other = words(OTHER[said.language])
    return {
        "slug": slug,
        "name": said(f"term.{slug}.name"),
        "other": other.phrases[f"term.{slug}.name"],
        "words": said(f"term.{slug}.words"),
        "see": [_place_name(place, said), _path(place)],
    }


def _place_name(place: View, said: Words) -> str:
    if place.page == "chapters":
        title = said(f"chapter.{place.chapter}.title")
        return said("glossary.place", page=said("page.chapters"), title=title)
    if place.page == "learn":
        return said("glossary.place", page=said("page.learn"), title=said(f"lesson.{place.lesson}"))
    return said(f"page.{place.page}")


def _path(view: View) -> str:
    return share.link(replace(view, language=state.opened().language), f"{base()}/").url
