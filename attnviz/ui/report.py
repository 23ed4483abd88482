"""What a reader is told of a record before its first picture: a line above it, and what each part of it means."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape
from itertools import chain
from types import MappingProxyType

import streamlit as st

from attnviz.inputs import Picture
from attnviz.record import AttentionRecord, CaptureReport, Ingredients
from attnviz.share import View
from attnviz.ui import glossary, state
from attnviz.ui.catalogue import Words

STACKS = ("self", "encoder", "decoder", "cross", "text", "image", "pool", "queries")
WITHOUT_MAP = ("conv", "linear_attention", "mamba", "moe", "recurrent")  # kinds of layers whose reason can be told
DIGITS = {"float32": 7, "float16": 3, "bfloat16": 2}  # that a number holds, in decimal
MOST_RUNS = 6  # of neighbouring layers, all named; of more, the first half are
MOST_MASKS = 2  # in one line; more are counted there

# Ingredients that queries and keys, or weights, were kept after, and so show no longer: the types of models with them.
BY_TYPE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "latent": frozenset(
            {
                *("axk1", "axk2", "bailing_hybrid", "deepseek_v2", "deepseek_v3", "deepseek_v32", "dots3_note"),
                *("dots3_note_text", "glm4_moe_lite", "glm5_next", "glm5_next_text", "glm_moe_dsa", "hy_v4"),
                *("kimi_k25", "kimi_linear", "longcat_flash", "minicpm3", "mistral4", "mistral_large4"),
                *("mistral_large4_text", "youtu"),
            }
        ),
        "relative": frozenset({"deberta", "deberta-v2", "donut-swin", "mpnet", "swin", "swinv2", "xlnet"}),
        "alibi": frozenset({"bloom", "mpt"}),
        "marked": frozenset({"longformer", "led"}),
        "blocks": frozenset({"big_bird", "bigbird_pegasus"}),
        "sums": frozenset({"longt5"}),
        "streams": frozenset({"prophetnet"}),
        "temperature": frozenset({"llama4", "llama4_text", "ministral3", "mistral4"}),
    }
)
OF_MODEL = ("rotary", *BY_TYPE)

# Terms of the glossary, by the ingredients that they explain: of a layer, of every record, and of a model.
TERMS: Mapping[str, Callable[[Ingredients], bool]] = MappingProxyType(
    {
        "causal": lambda layer: layer.mask == "causal",
        "sliding-window": lambda layer: layer.mask == "window",
        "padding": lambda layer: layer.padding,
        "cross-attention": lambda layer: layer.cross,
        "grouped-queries": lambda layer: layer.sharing == "grouped",
        "multi-query": lambda layer: layer.sharing == "one",
        "relative-bias": lambda layer: layer.bias != "none",
        "softcap": lambda layer: layer.softcap is not None,
        "sink": lambda layer: layer.sink,
    }
)
TERMS_OF_EVERY = ("query", "key", "weight", "head", "mask")
TERMS_OF_MODEL = {
    "rotary": "rotary",
    "latent": "latent-attention",
    "relative": "relative-bias",
    "alibi": "alibi",
    "temperature": "temperature",
}

# What is said in other words of a picture.
OF_PATCHES = (
    *(
        "brief.mask_full",
        "brief.mask_padded",
        "brief.cross",
        "whole.mask_full",
        "whole.mask_padded",
        "whole.sharing_own",
    ),
    *("whole.bias_by_distance", "whole.bias_by_pair", "whole.relative", "whole.rotary"),
)

Section = tuple[str, tuple[str, ...]]  # a heading, or none, and its sentences
Fact = tuple[str, dict[str, object]]  # the name of a phrase, and its blanks
Teller = Callable[[Ingredients], Fact | None]


def show(view: View, record: AttentionRecord) -> None:
    """Draw the line, and the list that opens beside it."""
    said, told, model_type = state.speech(), record.report, record.model.model_type
    if isinstance(record.given, Picture):
        said = of_patches(said)
    with st.container(key="report", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<p class="attnviz-report">{escape(line(told, view.stack, model_type, said))}</p>')
        with st.popover(said("report.how"), type="tertiary"):
            st.html(markup(sections(told, model_type, said)) + glossary.markup(terms(told, model_type), said))


def of_patches(said: Words) -> Words:
    """The words of a report on a picture, where patches are what tokens are in a text."""
    blanks = {"count": "{count}", "width": "{width}"}  # to be filled when a sentence is said
    own = {f"report.{name}": said(f"report.patches.{name}", **blanks) for name in OF_PATCHES}
    return replace(said, phrases={**said.phrases, **own})


def line(told: CaptureReport, stack: str, model_type: str, said: Words) -> str:
    """Say how one stack was captured: its size, what a token reads, and whatever is out of the ordinary."""
    layers = told.stacks[stack]
    parts = [_size(layers, said)]
    if told.left_out:
        parts.append(said("report.brief.without_map", layers=_counted("layer", len(told.left_out), said)))
    for teller in BRIEF:
        parts += _briefly(layers, teller, said)
    parts += [said(f"report.brief.{name}") for name in _of_model(told, model_type)]
    parts += _briefly(layers, _kept, said)
    spoken = said("report.between").join(parts)
    return spoken if len(told.stacks) == 1 else said("report.of_stack", stack=_named(stack, said), line=spoken)


def sections(told: CaptureReport, model_type: str, said: Words) -> list[Section]:
    """Say what each ingredient means for reading the picture, stack by stack, and last what is the whole model's."""
    headed = len(told.stacks) > 1
    found: list[Section] = []
    for stack, layers in told.stacks.items():
        sentences = [_fully(layers, teller, said) for teller in WHOLE]
        found.append((_named(stack, said) if headed else "", tuple(chain.from_iterable(sentences))))
    model = [said(f"report.whole.{name}") for name in _of_model(told, model_type)]
    return [*found, ("", (*model, *_without_map(told.left_out, said)))]


def terms(told: CaptureReport, model_type: str) -> list[str]:
    """The terms of the glossary that the list has to do with."""
    layers = [each for own in told.stacks.values() for each in own]
    of_layers = [term for term, concerns in TERMS.items() if any(map(concerns, layers))]
    of_model = [TERMS_OF_MODEL[name] for name in _of_model(told, model_type) if name in TERMS_OF_MODEL]
    return list(dict.fromkeys([*TERMS_OF_EVERY, *of_layers, *of_model]))


def markup(told: Iterable[Section]) -> str:
    """Spell headings and sentences as lists. A model may have named what is in them: it is text, never markup."""
    spelled = []
    for heading, sentences in told:
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
        spelled.append((f"<h3>{escape(heading)}</h3>" if heading else "") + (f"<ul>{items}</ul>" if items else ""))
    return f'<div class="attnviz-captured">{"".join(spelled)}</div>'


def places(numbers: Sequence[int], said: Words, mark: str = "") -> str:
    """Name places in a model, neighbours by their ends; of many, the first ones and how many there are."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    spelled = [f"{mark}{run[0]}" + (f"–{mark}{run[-1]}" if len(run) > 1 else "") for run in runs]
    if len(runs) <= MOST_RUNS:
        return ", ".join(spelled)
    shown = ", ".join(spelled[: MOST_RUNS // 2])
    return said("report.many", places=shown, layers=_counted("layer", len(numbers), said))


def _briefly(layers: Sequence[Ingredients], teller: Teller, said: Words) -> list[str]:
    """The parts of the line that one ingredient gives, each with how many layers have it, unless all do."""
    alike = _alike(layers, teller, "brief", said)
    if teller is _mask and len(alike) > MOST_MASKS:
        return [said("report.brief.masks", count=len(alike))]
    counts = {phrase: _counted("layer", len(at), said) for phrase, at in alike.items()}
    return [
        phrase if len(at) == len(layers) else said("report.brief.some", part=phrase, layers=counts[phrase])
        for phrase, at in alike.items()
    ]


def _fully(layers: Sequence[Ingredients], teller: Teller, said: Words) -> list[str]:
    """The sentences that one ingredient calls for, each with its layers, unless it is true of all."""
    return [
        sentence
        if len(at) == len(layers)
        else said("report.some", layers=places(at, said, mark="L"), sentence=sentence)
        for sentence, at in _alike(layers, teller, "whole", said).items()
    ]


def _alike(layers: Sequence[Ingredients], teller: Teller, form: str, said: Words) -> dict[str, list[int]]:
    """What is said of an ingredient, and of which layers."""
    found: dict[str, list[int]] = {}
    for index, each in enumerate(layers):
        if (fact := teller(each)) is not None:
            name, blanks = fact
            found.setdefault(said(f"report.{form}.{name}", **blanks), []).append(index)
    return found


def _size(layers: Sequence[Ingredients], said: Words) -> str:
    heads = {each.heads for each in layers}
    least, most = min(heads), max(heads)
    counted = _counted("head", most, said)
    if least < most:
        counted = said("report.count.between", least=least, heads=counted)
    return said("report.brief.size", layers=_counted("layer", len(layers), said), heads=counted)


def _compared(each: Ingredients) -> Fact | None:
    if each.key_heads is None:
        return None
    return f"sharing_{each.sharing}", {"group": each.heads // each.key_heads, "width": each.width}


def _shared(each: Ingredients) -> Fact | None:
    return None if each.sharing == "own" else _compared(each)


def _mask(each: Ingredients) -> Fact:
    if each.cross:
        return ("cross" if each.mask == "full" else "cross_masked"), {}
    return f"mask_{each.mask}", {"count": f"{each.window or 0:,}"}


def _softcap(each: Ingredients) -> Fact | None:
    return None if each.softcap is None else ("softcap", {"cap": f"{each.softcap:g}"})


def _bias(each: Ingredients) -> Fact | None:
    return None if each.bias == "none" else (f"bias_{each.bias.replace(' ', '_')}", {})


def _sink(each: Ingredients) -> Fact | None:
    return ("sink", {}) if each.sink else None


def _padding(each: Ingredients) -> Fact | None:
    return ("padding", {}) if each.padding else None


def _kept(each: Ingredients) -> Fact:
    return f"kept_{each.kept.replace(' ', '_')}", {}


def _precision(each: Ingredients) -> Fact:
    return "precision", {"dtype": each.dtype, "digits": DIGITS[each.dtype]}


BRIEF: tuple[Teller, ...] = (_shared, _mask, _softcap, _bias, _sink, _padding)  # and, last in the line, what was kept
WHOLE: tuple[Teller, ...] = (_mask, _compared, _softcap, _bias, _sink, _padding, _kept, _precision)


def _of_model(told: CaptureReport, model_type: str) -> list[str]:
    """The names of ingredients that are the model's and not a layer's."""
    has = {"rotary": bool(told.rotary)} | {name: model_type in types for name, types in BY_TYPE.items()}
    return [name for name in OF_MODEL if has[name]]


def _without_map(left_out: Sequence[tuple[int, str]], said: Words) -> list[str]:
    """The sentences on layers that weigh no pairs, a kind at a time."""
    kinds: dict[str, list[int]] = {}
    for place, kind in left_out:
        kinds.setdefault(kind, []).append(place)
    sentences = []
    for kind, numbers in kinds.items():
        why = said(f"report.kind.{kind if kind in WITHOUT_MAP else 'other'}", kind=kind)
        counted = _counted("layer", len(numbers), said)
        sentences.append(said("report.whole.without_map", layers=counted, places=places(numbers, said), why=why))
    return [*sentences, said("report.whole.numbering")] if sentences else []


def _named(stack: str, said: Words) -> str:
    return said(f"report.stack.{stack}") if stack in STACKS else stack


def _counted(thing: str, count: int, said: Words) -> str:
    """So many layers, or so many heads."""
    return said(f"report.count.{thing}" if count == 1 else f"report.count.{thing}s", count=f"{count:,}")
