"""Every word on the screen comes from the catalogue, in every language, and every phrase of the catalogue is used."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from attnviz.capture.inside import STEPS as STEPS_INSIDE
from attnviz.components.picture_packet import KINDS as KINDS_OF_TOKENS
from attnviz.lab.bench import MASKS, STEPS
from attnviz.lab.costs_bench import AGAINST, LETTERS
from attnviz.lab.costs_code import STEPS as STEPS_OF_COSTS
from attnviz.lab.heads_bench import STEPS as STEPS_OF_HEADS
from attnviz.lab.heads_bench import TITLES as TITLES_OF_HEADS
from attnviz.lab.mistakes import MISTAKES
from attnviz.lab.regions_bench import SOURCES
from attnviz.lab.regions_code import STEPS as STEPS_OF_REGIONS
from attnviz.lab.scoring import WAYS as WAYS_TO_SCORE
from attnviz.lab.scoring_bench import OF_SOURCE
from attnviz.lab.scoring_bench import STEPS as STEPS_OF_SCORES
from attnviz.lab.scoring_bench import TITLES as TITLES_OF_SCORES
from attnviz.measures.character import Kind
from attnviz.measures.reading import KINDS
from attnviz.record.report import Bias, Kept, Mask, Sharing
from attnviz.service import pictures, questions, warmth
from attnviz.service.limits import Limits
from attnviz.share import View
from attnviz.share.notes import Problem
from attnviz.share.view import CHOICES, PERCENTS
from attnviz.ui import (
    chapters,
    glossary,
    inside,
    lab,
    lab_costs,
    lab_heads,
    lab_regions,
    lab_scoring,
    pickers,
    predict,
    report,
    samples,
    viewer,
)
from attnviz.ui.catalogue import FOLDER, LANGUAGES, words
from attnviz.ui.reader import SPOKEN_IN_BROWSER

ROOT = Path(__file__).parents[2]
PYTHON = sorted([*ROOT.glob("attnviz/ui/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])
BROWSER = sorted(ROOT.glob("attnviz/components/**/*.js"))
SERVICE = sorted(ROOT.glob("attnviz/service/*.py"))

PHRASES = words("en").phrases
ROOMS = "|".join(sorted({name.split(".")[0] for name in PHRASES}))
JOINERS = {
    "map.between",
    "second.between",
    "sight.between",
    "strip.comma",
}  # what stands between sentences and words may be nothing

READING = ("specials", "scale", "spelling")
SWITCHES = (*READING, "picture", "lens", "rule")  # the fields that a row of choices sets
DRAWN = ("overlay", "drawing", "scale", "specials")  # how a picture is drawn
CURVES = ("most", "random", "least")
TAKEN = ("table", "csv", "png", "svg", "heads")
WAYS = ("out", "in")
SIDES = ("rows", "cols")
PARTS_OF_HEADS = ("part_q", "part_k", "part_v", "scores", "weights", "found", "joined", "output")
PARTS_OF_SCORES = ("states", "scores", "weights", "output", "importances", "shares", "pooled")
SAYS = (*CHOICES["direction"], "many")
PATCH_KINDS = {*KINDS_OF_TOKENS.values(), "other", "itself", "neighbours", "rest", "patches"}
STAGES = {stage for path in SERVICE for stage in re.findall(r'run\.report\("(\w+)"', path.read_text(encoding="utf-8"))}

OF_A_CHAPTER = ("title", "words", "caption", "hint", "try")

# What a capture report says of layers, in short and in full; in short it leaves out what is usual.
TOLD = {
    *("cross", "cross_masked", "softcap", "sink", "padding", "precision"),
    *(f"kept_{kept.replace(' ', '_')}" for kept in get_args(Kept)),
    *(f"sharing_{sharing}" for sharing in get_args(Sharing)),
    *(f"mask_{mask}" for mask in get_args(Mask)),
    *(f"bias_{bias.replace(' ', '_')}" for bias in get_args(Bias) if bias != "none"),
}
UNTOLD = {"brief": {"sharing_own", "precision"}, "whole": set()}

# What questions are called where a kind asks several.
ASKED = {kind.name for kind in questions.KINDS} - {"sums"} | {"sums_text", "sums_picture", "class"}

# Names that are made while the app runs, and everything that may stand in their place.
MADE: dict[str, Iterable[str]] = {
    "page.{}": ["lessons", *(path.stem for path in ROOT.glob("pages/*.py"))],
    "start.{}": warmth.STAGES,
    "wait.{}": {"begin", *STAGES},
    "note.{}": [problem.replace(" ", "_") for problem in get_args(Problem)],
    "field.{}": ["version", *(field.name for field in fields(View) if field.name != "page")],
    "share.{}": ("label", "copy", "copied"),
    "models.mode_{}": get_args(Limits.model_fields["models"].annotation),
    "reading.{}": SWITCHES,
    "reading.{}_{}": [f"{name}_{choice}" for name in SWITCHES for choice in CHOICES[name]],
    "reading.{}_help": [f"{name}_help" for name in READING],
    "rail.{}": KINDS,
    "report.{}.{}": [f"{form}.{name}" for form in ("brief", "whole") for name in TOLD - UNTOLD[form]],
    "report.brief.{}": report.OF_MODEL,
    "report.whole.{}": report.OF_MODEL,
    "report.stack.{}": report.STACKS,
    "report.kind.{}": (*report.WITHOUT_MAP, "other"),
    "report.count.{}": ("layer", "head"),
    "report.count.{}s": ("layers", "heads"),
    "atlas.kind.{}": get_args(Kind),
    "atlas.tile{}": ("", "_only"),
    "atlas.aloud{}": ("", "_only"),
    "atlas.average.{}": CHOICES["average"],
    "atlas.hint.{}": CHOICES["average"],
    "lens.{}": [lens for lens in CHOICES["lens"] if lens != "raw"],
    "lens.{}_published": [f"{lens}_published" for lens in pickers.DISCARDING],
    "picture.{}": samples.SOURCES,
    "picture.of.{}": pictures.SAMPLES,
    "report.patches.{}": report.OF_PATCHES,
    "sight.stacks.{}": ("self", "encoder", "decoder", "cross", "image", "pool"),
    "sight.says.{}": SAYS,
    "sight.title.{}": SAYS,
    "sight.tiles.{}": SAYS,
    "sight.take.{}": TAKEN,
    "sight.matter.{}": (*CURVES, *WAYS),
    "sight.matter.{}_told": [f"{way}_told" for way in WAYS],
    "sight.take.{}_hint": [f"{name}_hint" for name in TAKEN],
    "sight.take.caption_{}": CHOICES["direction"],
    "sight.direction.{}": CHOICES["direction"],
    "sight.kind.{}": PATCH_KINDS,
    "sight.{}": [name for name in PERCENTS if name != "discard"],
    "sight.{}.legend": [f"{name}.legend" for name in DRAWN],
    "sight.{}.{}": [f"{name}.{choice}" for name in (*DRAWN, "average", "fuse") for choice in CHOICES[name]],
    "sight.{}.{}_hint": [f"{name}.{choice}_hint" for name in (*DRAWN, "average", "fuse") for choice in CHOICES[name]],
    "sight.scale.{}_told": [f"{choice}_told" for choice in CHOICES["scale"]],
    "second.{}": ("query", "key", "closer", "farther", "whole", "groups", "spans"),
    "second.hint_{}": CHOICES["direction"],
    "second.view.{}": CHOICES["second"],
    "second.way.{}": CHOICES["distance"],
    "second.way.{}_hint": [f"{way}_hint" for way in CHOICES["distance"]],
    "second.way.{}_told": [f"{way}_told" for way in CHOICES["distance"]],
    "second.unread.{}": ("groups", "spans"),
    "second.colour.{}": ("shared_told", "whole_told", "row_told", "score_told"),
    "sight.fuse.{}": CHOICES["fuse"],
    "lesson.{}": CHOICES["lesson"],
    "mistake.{}": ("wrong", "right"),
    "mistake.sign.{}": {each.sign.__name__ for each in MISTAKES},
    "mistake.of.{}.title": [f"{each.name}.title" for each in MISTAKES],
    "mistake.of.{}.words": [f"{each.name}.words" for each in MISTAKES],
    "inside.step.{}.title": [f"{step}.title" for step in STEPS_INSIDE],
    "inside.step.{}.words": [f"{step}.words" for step in STEPS_INSIDE],
    "inside.table.{}": ("E", "P", "X0", "X", "N", *"qkvSBWOJYRZ"),
    "inside.line.{}": ("scores", "capped", "biased", "masked", "weights"),
    "chapters.panel.{}": ("cross", "encoder", "decoder", "waves", "learnt", "turned", "previous", "induction", "sink"),
    "chapters.line.{}": ("scored", "alike"),
    "chapters.vectors.{}": ("query", "key", "product", "value", "output"),
    "chapters.softmax.{}": ("token", "score", "weight"),
    "chapters.care.{}": ("raw", "rollout", "relevance", "drop"),
    **{f"chapter.{{}}.{part}": [f"{name}.{part}" for name in CHOICES["chapter"]] for part in OF_A_CHAPTER},
    "term.{}.name": [f"{term}.name" for term in glossary.TERMS],
    "term.{}.words": [f"{term}.words" for term in glossary.TERMS],
    "predict.ask.{}": ASKED,
    "predict.why.{}": (ASKED - {"reads", "read", "class"})
    | {f"head.{kind}" for kind in (*get_args(Kind), "induction")},
    "predict.reader.{}": questions.TOPICS,
    "quiz.about.{}": questions.ABOUT,
    "quiz.level.{}": questions.LEVELS,
    "quiz.legend.{}": ("words", "scene", "maps"),
    "lab.preset.{}": lab.PRESETS,
    "lab.given.{}": "qkv",
    "lab.size.{}": ("q", "k", "v", "numbers"),
    "lab.mask.{}": MASKS,
    "lab.mask.hint.{}": MASKS,
    "lab.mask.size.{}": MASKS,
    "lab.step.{}.title": [f"{step}.title" for step in STEPS],
    "lab.step.{}.words": [f"{step}.words" for step in STEPS],
    "lab.step.{}.aloud": [f"{step}.aloud" for step in STEPS],
    "regions.grid.{}": (*SOURCES, *SIDES),
    "regions.less.{}": SIDES,
    "regions.more.{}": SIDES,
    "regions.source.{}": SOURCES,
    "regions.source.{}_told": [f"{source}_told" for source in SOURCES],
    "regions.point.{}": SOURCES,
    "regions.step.{}.title": [f"{step}.title" for step in STEPS_OF_REGIONS],
    "regions.step.{}.words": [f"{step}.words" for step in STEPS_OF_REGIONS if step != "weights"],
    "regions.step.weights.{}": SOURCES,
    "costs.size.{}": LETTERS.values(),
    "costs.against_of.{}": AGAINST,
    "costs.axis.{}": AGAINST,
    "costs.chart.{}": (*lab_costs.CHARTS, "measured"),
    "costs.line.{}": (*sum(lab_costs.CHARTS.values(), ()), "stored", "streamed", "formula"),
    "costs.kind.{}": ("name", "operations", "sequential", "path"),
    "costs.kind_of.{}": lab_costs.FORMULAS,
    "costs.step.{}.title": [f"{step}.title" for step in STEPS_OF_COSTS],
    "costs.step.{}.words": [f"{step}.words" for step in STEPS_OF_COSTS],
    "heads.preset.{}": lab_heads.PRESETS,
    "heads.source.{}": ("tokens", "vectors"),
    "heads.cross.{}": ("same", "other"),
    "heads.place.{}": ("vectors", "one", "mixed"),
    "heads.aloud.{}": (*TITLES_OF_HEADS, *PARTS_OF_HEADS),
    "heads.step.{}.title": [f"{step}.title" for step in STEPS_OF_HEADS],
    "heads.step.{}.words": [f"{step}.words" for step in STEPS_OF_HEADS],
    "scoring.preset.{}": lab_scoring.PRESETS,
    "scoring.source.{}": OF_SOURCE,
    "scoring.source_told.{}": OF_SOURCE,
    "scoring.inputs.{}": OF_SOURCE,
    "scoring.way.{}": WAYS_TO_SCORE,
    "scoring.differs.{}": WAYS_TO_SCORE,
    "scoring.aloud.{}": (*TITLES_OF_SCORES, *PARTS_OF_SCORES),
    "scoring.step.{}.title": [f"{step}.title" for step in STEPS_OF_SCORES],
    "scoring.step.{}.words": [f"{step}.words" for step in STEPS_OF_SCORES],
    "strip.direction.{}": CHOICES["direction"],
    "strip.aloud.{}": CHOICES["direction"],
    "strip.caption.{}": CHOICES["direction"],
    "strip.hint.{}": CHOICES["direction"],
}

# Beside its first argument, what a call to Streamlit shows.
VISIBLE = {"body", "help", "label", "page_title", "placeholder", "text", "title"}
SHOWS_NOTHING = {"columns", "container", "empty", "query_params", "rerun", "get", "setdefault", "get_option", "App"}
MARKUP = re.compile(r"<[^<>]*>|:[\w-]+\[|:material/\w+:|attnviz")


def spelled(node: ast.AST) -> str | None:
    """A string as it stands in the code, with {} for what is put in while the app runs."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(spelled(part) or "" if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def choices(node: ast.AST) -> list[ast.AST]:
    """What an expression may turn out to be: itself, or the two sides of an if."""
    return [*choices(node.body), *choices(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def named_in_python() -> Iterator[str]:
    """The names that Python says."""
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("said", "speech()")):
                yield from filter(None, map(spelled, choices(node.args[0])))


def named_in_browser() -> Iterator[str]:
    """The names that the views say: what is given to `phrase`, or stands in quotes and looks like one."""
    for path in BROWSER:
        code = re.sub(r"^ *(//|/\*\*).*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        quoted = re.findall(rf"""(["'`])((?:{ROOMS})\.[^"'`]*)\1""", code)
        given = re.findall(r"""phrase\(\s*(["'`])([^"'`]*)\1""", code)
        yield from (re.sub(r"\$\{[^}]*\}", "{}", name) for _, name in [*quoted, *given])


def full(names: Iterable[str]) -> set[str]:
    """The names with everything put in that may be."""
    return {name for each in names for name in (filled(each) if "{}" in each else [each])}


def filled(made: str) -> list[str]:
    assert made in MADE, f"{made} is made while the app runs: say in MADE what may stand in its place."
    stem = made.split("{}", maxsplit=1)[0]
    return [stem + value for value in MADE[made]]


def blanks(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_phrases_with_the_same_blanks(language):
    own = words(language).phrases
    assert own.keys() == PHRASES.keys()
    assert not [name for name in PHRASES if blanks(own[name]) != blanks(PHRASES[name])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_empty(language):
    said = words(language).phrases
    assert not [name for name in said if not said[name].strip() and name not in JOINERS]


def test_every_language_has_a_file_and_every_file_a_language():
    files = {folder.name: {path.name for path in folder.glob("*.toml")} for folder in FOLDER.iterdir()}
    assert files.keys() == set(LANGUAGES)
    assert files["en"] == files["zh"]


def test_each_part_of_the_catalogue_stands_in_one_file():
    for language in LANGUAGES:
        trees = [tomllib.loads(path.read_text(encoding="utf-8")) for path in (FOLDER / language).glob("*.toml")]
        parts = [part for tree in trees for part in tree if part != "errors"]
        assert len(parts) == len(set(parts))
        sentences = [sentence for tree in trees for sentence in tree.get("errors", {})]
        assert len(sentences) == len(set(sentences))


def test_every_phrase_that_is_said_is_there():
    assert not (full(named_in_python()) | full(named_in_browser())) - PHRASES.keys()


def test_the_browser_is_sent_every_phrase_that_it_says():
    screens = (viewer, inside, lab, lab_costs, lab_regions, chapters, glossary, predict)
    sent = words("en").within(*SPOKEN_IN_BROWSER, *(room for screen in screens for room in screen.SPOKEN_IN_BROWSER))
    assert not full(named_in_browser()) - sent.keys()


def test_every_phrase_that_is_there_is_said():
    assert not PHRASES.keys() - full(named_in_python()) - full(named_in_browser())


def test_every_name_that_is_made_is_made_somewhere():
    assert not MADE.keys() - set(named_in_python()) - set(named_in_browser())


def test_no_word_reaches_the_screen_but_from_the_catalogue():
    assert not [(path.name, word) for path in PYTHON for word in written_in(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    "code", ["st.button('Draw')", "st.code(x, help='Copy it')", "tell('Wait')", "st.write(f'**{n}** heads')"]
)
def test_a_word_in_the_code_would_be_found(code):
    assert len(list(written_in(code))) == 1


@pytest.mark.parametrize("code", ["st.html('<p>')", "st.button(said('text.draw'), key='draw')", "st.empty()"])
def test_markup_names_and_keys_are_no_words(code):
    assert list(written_in(code)) == []


def written_in(code: str) -> Iterator[str]:
    """The words that code itself gives to Streamlit, or to `tell`, to be shown."""
    for call in ast.walk(ast.parse(code)):
        if isinstance(call, ast.Call) and shows(call):
            shown = [*call.args[:1], *(each.value for each in call.keywords if each.arg in VISIBLE)]
            texts = [spelled(each) or "" for every in shown for each in choices(every)]
            yield from (text for text in texts if re.search(r"[^\W\d_]", MARKUP.sub("", text)))


def shows(call: ast.Call) -> bool:
    """Whether a call draws: Streamlit's own, or one on a place or region of the screen."""
    name = ast.unparse(call.func)
    drawn = re.match(r"(st|place|screen\.\w+)\.", name) and name.split(".")[-1] not in SHOWS_NOTHING
    return bool(drawn) or name == "tell"
