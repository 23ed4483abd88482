"""The capture report: a line before the first picture, and what each ingredient means, in the reader's language."""

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import get_args

import pytest
from streamlit.testing.v1.element_tree import Element
from transformers import CONFIG_MAPPING

from attnviz.capture import capture
from attnviz.families import FAMILIES
from attnviz.inputs import Text
from attnviz.models.loading import WITHOUT_WEIGHTS
from attnviz.record import CaptureReport, Ingredients
from attnviz.record.arrays import FLOATS
from attnviz.record.report import Bias, Kept, Mask
from attnviz.service.engine import engine
from attnviz.ui import report
from attnviz.ui.catalogue import LANGUAGES, words
from tests import tiny
from tests.ui.conftest import Open, Opened

COMMIT = "0" * 40
EN, ZH = words("en"), words("zh")
PLAIN = Ingredients("queries and keys", "float32", 8, "causal", key_heads=8, width=64)
WINDOW = replace(PLAIN, mask="window", window=4096)


def told(*layers: Ingredients, **rest) -> CaptureReport:
    return CaptureReport({"self": layers}, **rest)


def line(given: CaptureReport, model_type: str = "", stack: str = "self", said=EN) -> str:
    return plain(report.line(given, stack, model_type, said))


def plain(spoken: str) -> str:
    """With spaces where the page must not break, so that no dot begins a line."""
    return spoken.replace("\u00a0", " ")


def sentences(given: CaptureReport, model_type: str = "", said=EN) -> list[str]:
    return [each for _, section in report.sections(given, model_type, said) for each in section]


def shown(app: Opened) -> str:
    """The line as the page has it."""
    return plain(next(each for each in bodies(app) if each.startswith('<p class="attnviz-report">')))


def listed(app: Opened) -> str:
    return next(each for each in bodies(app) if each.startswith('<div class="attnviz-captured">'))


def bodies(app: Opened) -> list[str]:
    return [each.proto.body for each in app.app.get("html")]


def drawn(app: Opened) -> Iterator[str]:
    """What the page shows, in its order: the report, and the views by name."""
    for each in app.app.main:
        if isinstance(each, Element):
            body = getattr(each.proto, "body", "")
            yield "report" if "attnviz-report" in body else getattr(each.proto, "component_name", "")


def test_minilm_is_told_before_its_first_picture(open_app: Open) -> None:
    app = open_app()
    expected = "6 layers × 12 heads · every token reads every token · queries and keys kept"
    assert shown(app) == f'<p class="attnviz-report">{expected}</p>'
    order = list(drawn(app))
    assert order.index("report") < order.index("attnviz_token_strip") < order.index("attnviz_token_map")


def test_the_list_says_what_each_part_means(open_app: Open) -> None:
    items = listed(open_app()).split("<li>")[1:]
    assert len(items) == 4
    assert items[0].startswith("Every token reads every token")
    assert "32 numbers of each token" in items[1]
    assert items[2].startswith("Queries and keys were kept")
    assert "float32: about 7 digits" in items[3]


def test_the_report_speaks_the_readers_language(open_app: Open) -> None:
    app = open_app(locale="zh-CN")
    assert shown(app) == '<p class="attnviz-report">6 层 × 12 个头 · 每个词元读所有词元 · 保存了查询和键</p>'
    assert "双向注意力" in listed(app)


def test_the_report_keeps_its_place_when_the_text_changes(open_app: Open) -> None:
    app = open_app()
    before = list(drawn(app))
    app.app.text_area(key="view_text").set_value("Dogs bark.").run()
    assert list(drawn(app)) == before


@pytest.fixture
def saved(tmp_path: Path, warm: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lets the server open models of a folder, and nothing from the network."""
    limits = engine().limits.model_copy(update={"folder": tmp_path, "models": "offline"})
    monkeypatch.setattr(engine(), "limits", limits)
    return tmp_path


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "gemma2",
            "2 layers × 4 heads · every 2 heads share keys · each token reads a window of 4 (1 layer) · each token "
            "reads itself and those before (1 layer) · soft-cap 5 · rotary · queries and keys kept",
        ),
        (
            "gpt_oss",
            "2 layers × 4 heads · every 2 heads share keys · each token reads a window of 4 (1 layer) · each token "
            "reads itself and those before (1 layer) · a learned sink · rotary · queries and keys kept",
        ),
        (
            "lfm2",
            "2 layers × 4 heads · and 1 layer without a map · every 2 heads share keys · each token reads itself and "
            "those before · rotary · queries and keys kept",
        ),
        ("deberta-v2", "2 layers × 4 heads · every token reads every token · relative positions · weights kept"),
    ],
)
def test_a_saved_model_is_told_right(saved: Path, open_app: Open, kind: str, expected: str) -> None:
    folder = saved / f"tiny--{kind.replace('_', '-')}" / COMMIT
    tiny.model(kind).save_pretrained(folder)
    tiny.tokenizer(tiny.MODELS[kind][0]).save_pretrained(folder)
    app = open_app(m=f"tiny/{kind.replace('_', '-')}", r=COMMIT, t=tiny.TEXT)
    assert app.messages == [each for each in app.messages if "layer" in each]  # of the link's layer alone
    assert shown(app) == f'<p class="attnviz-report">{expected}</p>'


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("gpt_bigcode", "all heads share keys"),
        ("llama4_text", "each token reads its chunk of 4, up to itself (1 layer)"),
        ("llama4_text", "a temperature by position"),
        ("deepseek_v3", "latent keys"),
        ("bloom", "ALiBi · weights kept"),
    ],
)
def test_a_real_pass_names_its_ingredient(kind: str, expected: str) -> None:
    record = capture(tiny.loaded(kind), Text(tiny.TEXT))
    assert expected in line(record.report, record.model.model_type)


@pytest.mark.parametrize(
    ("each", "part"),
    [
        (replace(PLAIN, mask="full"), "every token reads every token"),
        (WINDOW, "each token reads a window of 4,096"),
        (replace(PLAIN, key_heads=4), "every 2 heads share keys"),
        (replace(PLAIN, key_heads=1), "all heads share keys"),
        (replace(PLAIN, softcap=50.0), "soft-cap 50"),
        (replace(PLAIN, sink=True), "a learned sink"),
        (replace(PLAIN, bias="by distance"), "a bias by distance"),
        (replace(PLAIN, mask="prefix", window=3), "each token reads the first 3, itself and those before"),
        (replace(PLAIN, mask="padded"), "every token reads every token but padding"),
        (replace(PLAIN, mask="windows", window=49, padding=True), "each position reads its window of 49"),
        (replace(PLAIN, mask="windows", window=49, padding=True), "padding takes a share"),
        (replace(PLAIN, mask="full", cross=True), "each query reads every key of the other side"),
        (replace(PLAIN, mask="padded", cross=True), "each query reads some keys of the other side"),
        (replace(PLAIN, kept="weights", key_heads=None, width=None), "weights kept"),
    ],
)
def test_an_ingredient_of_one_layer_is_told_with_how_many_have_it(each: Ingredients, part: str) -> None:
    assert f"{part} (1 layer)" in line(told(PLAIN, each, PLAIN)).split(" · ")
    assert part in line(told(each, each)).split(" · ")


def test_a_model_of_two_masks_is_told_as_its_paper_tells_it() -> None:
    layers = [replace(each, softcap=50.0, key_heads=4) for each in (WINDOW, PLAIN) * 13]
    assert line(told(*layers, rotary=True)) == (
        "26 layers × 8 heads · every 2 heads share keys · each token reads a window of 4,096 (13 layers) · each token "
        "reads itself and those before (13 layers) · soft-cap 50 · rotary · queries and keys kept"
    )
    first, second, *_ = sentences(told(*layers))
    assert first.startswith("L0, L2, L4 … (13 layers): Each token reads a sliding window of at most 4,096 tokens")
    assert second.startswith("L1, L3, L5 … (13 layers): Each token reads itself")


def test_more_than_two_masks_are_counted_in_the_line_and_told_below() -> None:
    layers = (WINDOW, replace(WINDOW, window=512), PLAIN)
    assert "3 different masks" in line(told(*layers))
    assert [each[:3] for each in sentences(told(*layers))[:3]] == ["L0:", "L1:", "L2:"]


def test_heads_that_differ_by_layer_are_told_from_least_to_most() -> None:
    assert line(told(PLAIN, replace(PLAIN, heads=4, key_heads=4))).startswith("2 layers × 4 to 8 heads · ")


def test_one_is_not_told_as_many() -> None:
    assert line(told(replace(PLAIN, heads=1, key_heads=1))).startswith("1 layer × 1 head · ")


def test_a_sink_is_told_to_take_its_share_of_a_row() -> None:
    found = [each for each in sentences(told(replace(PLAIN, sink=True))) if "sink" in each]
    assert len(found) == 1
    assert "sum to less than 1" in found[0]
    assert "only if you ask" in found[0]


def test_layers_without_a_map_are_told_with_their_places_and_the_reason() -> None:
    left_out = tuple((place, "linear_attention") for place in range(12) if place % 4 != 3)
    assert "and 9 layers without a map" in line(told(PLAIN, left_out=left_out))
    *_, reason, numbering = sentences(told(PLAIN, left_out=left_out))
    assert reason.startswith("Without a map: 9 layers of the model, numbered 0–2, 4–6, 8–10. Linear attention")
    assert numbering.startswith("L0 is the first layer with a map")


def test_kinds_without_a_map_are_told_apart() -> None:
    found = sentences(told(PLAIN, left_out=((0, "conv"), (1, "moe"), (3, "conv"))))
    assert (
        "Without a map: 2 layers of the model, numbered 0, 3. A convolution mixes near tokens by fixed weights."
        in found
    )
    assert "Without a map: 1 layer of the model, numbered 1. A mixture of experts treats each token by itself." in found


def test_where_stacks_differ_each_is_told_for_itself() -> None:
    full = replace(PLAIN, mask="full")
    given = CaptureReport({"encoder": (full, full), "decoder": (PLAIN,), "cross": (replace(full, cross=True),)})
    assert line(given, stack="encoder").startswith("Encoder: 2 layers × 8 heads · every token reads every token")
    assert line(given, stack="decoder").startswith(
        "Decoder: 1 layer × 8 heads · each token reads itself and those before"
    )
    headings = [heading for heading, _ in report.sections(given, "", EN)]
    assert headings == ["Encoder", "Decoder", "Cross-attention", ""]
    assert report.sections(given, "", EN)[2][1][0].startswith("Keys are other positions than queries")


def test_a_single_stack_needs_no_heading() -> None:
    assert [heading for heading, _ in report.sections(told(PLAIN), "", EN)] == ["", ""]


def test_what_a_model_named_itself_is_text_and_no_markup() -> None:
    evil = "<img src=x onerror=alert(1)>"
    given = CaptureReport({evil: (PLAIN,), "self": (PLAIN,)}, left_out=((0, evil),))
    spelled = report.markup(report.sections(given, evil, EN))
    assert "<img" not in spelled
    assert unescape(spelled).count(evil) == 2
    assert line(given, stack=evil).startswith(f"{evil}: 1 layer")  # escaped where it is drawn


@pytest.mark.parametrize("said", [EN, ZH], ids=LANGUAGES)
@pytest.mark.parametrize("mask", get_args(Mask))
@pytest.mark.parametrize("kept", get_args(Kept))
@pytest.mark.parametrize("bias", get_args(Bias))
def test_every_ingredient_has_its_words(said, mask: Mask, kept: Kept, bias: Bias) -> None:
    each = replace(PLAIN, mask=mask, window=7, kept=kept, bias=bias)
    given = told(each, left_out=tuple(enumerate((*report.WITHOUT_MAP, "unheard-of"))), rotary=True)
    for model_type in ("", *(next(iter(types)) for types in report.BY_TYPE.values())):
        assert line(given, model_type, said=said)
        assert all(sentences(given, model_type, said))


@pytest.mark.parametrize(
    ("numbers", "named"),
    [
        ([3], "L3"),
        ([0, 1, 2], "L0–L2"),
        ([0, 2, 3], "L0, L2–L3"),
        ([0, 1, 4, 6, 8, 10, 12], "L0–L1, L4, L6, L8, L10, L12"),
        (range(0, 26, 2), "L0, L2, L4 … (13 layers)"),
    ],
)
def test_layers_are_named_by_their_runs(numbers, named: str) -> None:
    assert report.places(list(numbers), EN, mark="L") == named


def test_nothing_of_what_can_be_captured_is_unknown_to_the_report() -> None:
    assert set(report.WITHOUT_MAP) == set(WITHOUT_WEIGHTS)
    assert set(report.DIGITS) == set(FLOATS)
    assert {stack for family in FAMILIES for stack in family.stacks} <= set(report.STACKS)


def test_types_with_latent_keys_or_a_temperature_are_those_whose_settings_say_so() -> None:
    settings = {kind: CONFIG_MAPPING[kind]().get_text_config().to_dict() for kind in tiny.MODELS}
    latent = {kind for kind, own in settings.items() if own.get("kv_lora_rank")}
    scaled = {kind for kind, own in settings.items() if "llama_4_scaling_beta" in (own.get("rope_parameters") or {})}
    tuned = {kind for kind, own in settings.items() if own.get("attn_temperature_tuning")}
    assert latent == report.BY_TYPE["latent"] & settings.keys()
    assert scaled | tuned == report.BY_TYPE["temperature"] & settings.keys()
