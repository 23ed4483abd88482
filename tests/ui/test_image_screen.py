"""The image screen, control by control, as the server sees it."""

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from PIL import Image

from attnviz.components.packet import unpack
from attnviz.measures.rollout import AS_PUBLISHED as PUBLISHED
from attnviz.service import asked
from attnviz.service.pictures import SAMPLES, pictures
from tests.classifiers import classifier, detector
from tests.ui.conftest import VIT, WEIGHTS, Open, Opened

pytestmark = pytest.mark.skipif(not WEIGHTS.is_dir(), reason="needs the real weights beside the repository")


@pytest.fixture
def open_image(open_app: Open) -> Any:
    """Open the page of pictures by a link."""

    def opened(locale: str = "en-US", **query: str) -> Opened:
        return open_app(locale).follow("image", **{"m": VIT[0], "r": VIT[1], **query})

    return opened


@pytest.fixture(scope="module")
def made(warm: None) -> str:
    """The commit of tiny random models in the server's folder: windows, a tower without classes, two detectors."""
    commit, folder = "c" * 40, Path(os.environ["ATTNVIZ_FOLDER"])
    small, wide = {"height": 64, "width": 64}, {"height": 96, "width": 128}
    models = {
        "swin": (classifier("swin"), transformers.ViTImageProcessorPil(size=small)),
        "tower": (classifier("vit").vit, transformers.ViTImageProcessorPil(size=small)),
        "yolos": (detector("yolos"), transformers.YolosImageProcessorPil(size={"height": 64, "width": 96})),
        "detr": (detector("detr"), transformers.DetrImageProcessorPil(size=wide)),
    }
    for name, (model, processor) in models.items():
        home = folder / f"made--{name}" / commit
        model.save_pretrained(home)
        processor.save_pretrained(home)
    return commit


def shelved(app: Opened) -> dict[str, tuple[dict[str, Any], bytes]]:
    """The packets on the shelf, by kind."""
    found = [unpack(each.bytes) for each in app.part("shelf")]
    return {header["kind"]: (header, payload) for header, payload in found}


def choose(app: Opened, **part: Any) -> Opened:
    """What the browser reports when a visitor's hand has chosen on a picture."""
    settings = app.settings
    app.app.session_state["helm_pictures"] = {"choice": {"epoch": settings["epoch"], **settings["choice"], **part}}
    return app.run()


def png(width: int = 64, height: int = 48) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), (200, 40, 40)).save(written, "PNG")
    return written.getvalue()


def bring(app: Opened, name: str, data: bytes) -> Opened:
    """Choose a file."""
    app.app.segmented_control(key="picture_source").set_value("file").run()
    app.app.file_uploader[0].set_value([(name, data, "application/octet-stream")]).run()
    return app.run()


def test_a_link_draws_every_head_of_the_picture_it_names(open_image: Any) -> None:
    found = shelved(open_image(i="cat", q="0", l="11", h="2"))
    header, payload = found["patches"]
    assert [layer["heads"] for layer in header["layers"]] == [3] * 12
    assert [(axis["count"], axis["grid"], axis["patch"]) for axis in header["axes"]] == [(197, [14, 14], [16, 16])]
    assert header["axes"][0]["names"] == [[0, "[CLS]", "class"]]
    assert len(payload) == 4 * 197 + 36 * 197 * 197
    assert np.frombuffer(payload[: 4 * 197], "<i4").tolist() == [-1, *range(196)]


def test_both_pictures_travel_with_how_one_lies_in_the_other(open_image: Any) -> None:
    header, payload = shelved(open_image(i="cat"))["picture"]
    assert (header["original"], header["resized"], header["seen"]) == ([300, 451], [224, 224], [224, 224])
    (kind, length), _ = header["files"]
    seen = Image.open(io.BytesIO(payload[:length]))
    assert (kind, seen.size) == ("image/png", (224, 224))


def test_the_exact_map_is_the_chosen_head_and_its_rows_sum_to_one(open_image: Any) -> None:
    header, payload = shelved(open_image(i="cat", l="3", h="2"))["map"]
    assert header["shown"] == "self 3.2"
    np.testing.assert_allclose(np.frombuffer(payload, "<f4").reshape(197, 197).sum(axis=1), 1, atol=1e-5)


def test_the_largest_of_several_heads_is_no_map_and_none_travels(open_image: Any) -> None:
    header, payload = shelved(open_image(i="cat", a="heads", f="max"))["map"]
    assert (header["id"], payload) == ("", b"")


def test_the_hand_on_the_picture_changes_patch_head_region_and_link(open_image: Any) -> None:
    app = choose(open_image(i="cat", q="0"), layer=4, head=1, query=17, corner=33, overlay="light", mass=60, opacity=40)
    assert app.settings["choice"]["corner"] == 33
    for part in ("l=4", "h=1", "q=17", "c=33", "o=light", "ms=60", "op=40", "i=cat"):
        assert part in app.query.split("&"), (part, app.query)
    assert shelved(app)["map"][0]["shown"] == "self 4.1"


def test_a_choice_that_no_browser_of_ours_would_send_is_read_as_a_link_is(open_image: Any) -> None:
    app = choose(open_image(i="cat"), layer="<b>", head=10**9, query=-3, corner="x", mass=-5, opacity=900, fuse=["max"])
    choice = app.settings["choice"]
    assert (choice["head"], choice["query"], choice["corner"]) == (2, 0, None)
    assert (choice["mass"], choice["opacity"], choice["fuse"]) == (0, 100, "mean")


def test_a_link_that_names_what_is_not_there_opens_on_the_nearest_and_says_so(open_image: Any) -> None:
    app = open_image(l="99", h="40", q="500")
    choice = app.settings["choice"]
    assert (choice["layer"], choice["head"], choice["query"]) == (11, 2, 196)
    assert len(app.messages) == 3


def test_samples_are_offered_with_their_names(open_image: Any) -> None:
    header, _ = unpack(open_image(i="cat").part("picture_tray")[0].bytes)
    assert [name for name, *_ in header["pictures"]] == list(SAMPLES)
    assert (header["chosen"], header["words"]["legend"]) == ("cat", "Samples")


def test_a_file_is_drawn_and_its_link_names_it_by_its_pixels(open_image: Any) -> None:
    app = bring(open_image(i="cat", q="17"), "red.png", png())
    header, _ = shelved(app)["picture"]
    assert header["original"] == [48, 64]
    name = dict(part.split("=") for part in app.query.split("&"))["i"]
    assert pictures().find(name).size == (48, 64)
    assert app.settings["choice"]["query"] == 17  # the same place in another picture
    assert open_image(i=name).messages == []


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("none.png", b"", "no PNG, JPEG or WebP"),
        ("cut.png", png()[:-20], "broken off"),
        ("moving.gif", b"GIF89a" + bytes(64), "no PNG, JPEG or WebP"),
        ("drawn.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG, JPEG or WebP"),
        ("large.png", bytes(10_000_001), "10.0 MB"),
        ("two.png", png() + b"PK\x03\x04" + bytes(100), "no part of the picture"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_the_picture_before_it_stays(
    open_image: Any, name: str, data: bytes, said: str
) -> None:
    app = bring(open_image(i="cat"), name, data)
    assert any(said in message for message in app.messages), app.messages
    assert shelved(app)["picture"][0]["original"] == [300, 451]


def test_a_picture_that_is_not_here_any_more_says_the_way_out(open_image: Any) -> None:
    app = open_image(i="0123456789abcdef0123456789abcdef")
    assert any("Choose the file again" in message for message in app.messages), app.messages


def test_each_group_of_pages_keeps_its_view_and_the_language_goes_along(open_image: Any) -> None:
    app = open_image(i="cat", q="17", l="5", lang="zh")
    app.go("text")
    assert app.settings["language"] == "zh"
    assert app.app.text_area(key="view_text").value.startswith("The cat sat")
    assert app.settings["choice"]["query"] == 8
    app.choose(layer=1)
    app.go("image")
    choice = app.settings["choice"]
    assert (choice["query"], choice["layer"]) == (17, 5)
    assert shelved(app)["picture"][0]["original"] == [300, 451]
    app.go("text")
    assert app.settings["choice"]["layer"] == 1


def test_the_report_speaks_of_patches(open_image: Any) -> None:
    app = open_image(i="cat")
    lines = [each.proto.body for each in app.app.get("html") if "attnviz-report" in each.proto.body]
    assert "12 layers × 3 heads" in lines[0]
    assert "every patch reads every patch" in lines[0]


def test_the_proof_is_the_models_own_attention(open_image: Any) -> None:
    app = open_image(i="cat", l="4", h="1")
    app.app.session_state["patch_rail"] = {"prove": {"shown": "self 4.1", "id": "any"}}
    app.run()
    proof = json.loads(app.part("patch_rail")[0].json)["proof"]
    assert proof["shown"] == "self 4.1"
    assert proof["difference"] < 1e-5


def test_only_models_that_read_pictures_are_offered(open_image: Any) -> None:
    options = open_image(i="cat").app.selectbox(key="view_model").options
    assert not any("minilm" in option or "gpt2" in option for option in options)


@pytest.mark.parametrize(
    ("query", "shown", "unit"),
    [
        ({"n": "rollout"}, "self rollout mean", ""),
        ({"n": "rollout", "f": "max"}, "self rollout max", ""),
        ({"n": "rollout", "f": "min", "dr": "50"}, "self rollout min 50 %", ""),
        ({"n": "rollout", "f": "max", "dr": "90", "ru": "published"}, "self rollout max 90 % published", PUBLISHED),
        ({"n": "gradient"}, "self gradient best", ""),
        ({"n": "gradient", "k": "281", "ru": "published"}, "self gradient 281 published", PUBLISHED),
        ({"n": "relevance", "dr": "90", "ru": "published"}, "self relevance best", "relevance to the target"),
        ({"n": "relevance", "k": "281"}, "self relevance 281", "relevance to the target"),
    ],
)
def test_a_lens_is_one_map_of_all_layers(open_image: Any, query: dict[str, str], shown: str, unit: str) -> None:
    app = open_image(i="cat", q="0", **query)
    header, payload = shelved(app)["map"]
    assert (header["shown"], header["unit"]) == (shown, unit)
    found = np.frombuffer(payload, "<f4").reshape(197, 197)
    assert np.isfinite(found).all()
    if not unit:
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-4)
    assert app.settings["lens"] == query["n"]
    for key, value in query.items():
        assert f"{key}={value}" in app.query.split("&")


def test_what_a_rollout_discards_and_its_rule_are_set_beside_it(open_image: Any) -> None:
    app = open_image(i="cat", n="rollout")
    app.app.slider(key="view_discard").set_value(90)
    app.app.segmented_control(key="view_rule").set_value("published")
    app.run()
    assert (app.settings["discard"], app.settings["rule"]) == (90, "published")
    assert shelved(app)["map"][0]["shown"] == "self rollout mean 90 % published"
    assert {"dr=90", "ru=published"} <= set(app.query.split("&"))
    assert any("vit-explain" in each.value for each in app.app.caption)
    app = open_image(i="cat", n="relevance")
    assert not app.app.slider  # relevance discards nothing


def test_a_lens_that_explains_a_class_names_it(open_image: Any) -> None:
    assert any("“tabby”" in each.value for each in open_image(i="cat", n="relevance", k="281").app.caption)


def test_relevance_of_another_class_is_another_map(open_image: Any) -> None:
    maps = [shelved(open_image(i="cat", n="relevance", k=target))["map"][1] for target in ("281", "504")]
    assert maps[0] != maps[1]


def test_a_lens_that_a_model_does_not_allow_says_why_and_the_weights_are_drawn(open_image: Any) -> None:
    app = open_image(i="cat", n="relevance", k="5000")
    assert any("has classes 0 to 999; 5000 was asked for" in message for message in app.messages), app.messages
    assert any("The attention of the chosen heads is drawn instead." in message for message in app.messages)
    assert app.settings["lens"] == "raw"
    assert shelved(app)["map"][0]["shown"] == "self 5.2"
    assert "n=relevance" in app.query.split("&")  # another picture or class may allow it


@pytest.mark.parametrize(
    ("model", "lens", "said"),
    [
        ("made/swin", "relevance", "Choose a model without windows, such as ViT."),
        ("made/swin", "rollout", "Choose a model whose layers all read one grid, such as ViT."),
        ("made/tower", "gradient", "Choose a model that classifies"),
        ("made/yolos", "relevance", "Choose one beside the picture"),
    ],
)
def test_a_model_that_a_lens_cannot_follow_says_the_way_out(
    made: str, open_image: Any, model: str, lens: str, said: str
) -> None:
    app = open_image(m=model, r=made, i="cat", n=lens, l="0", h="0")
    assert any(said in message for message in app.messages), app.messages
    assert shelved(app)["map"][0]["shown"] == "self 0.0"


def test_a_lens_on_a_detector_is_about_the_query_that_is_chosen(made: str, open_image: Any) -> None:
    app = open_image(m="made/yolos", r=made, i="cat", n="relevance", q="27", l="0", h="0")
    assert app.messages == []
    assert shelved(app)["map"][0]["shown"] == "self relevance query 2"
    app = open_image(m="made/detr", r=made, i="cat", n="relevance", q="4", l="0", h="0", s="cross")
    assert app.messages == []
    header, payload = shelved(app)["map"]
    assert (header["shown"], header["unit"]) == ("cross relevance query 4", "relevance to the target")
    assert len(payload) == 4 * 7 * 12


@pytest.mark.parametrize(("model", "count"), [("made/yolos", 10), ("made/detr", 7)])
def test_what_each_query_finds_travels_with_its_box_on_the_given_picture(
    made: str, open_image: Any, model: str, count: int
) -> None:
    header, _ = shelved(open_image(m=model, r=made, i="cat"))["found"]
    assert [thing["query"] for thing in header["things"]] == list(range(count))
    for thing in header["things"]:
        top, left, bottom, right = thing["box"]
        assert 0 <= top <= bottom <= 300
        assert 0 <= left <= right <= 451
        assert thing["label"].startswith("LABEL_")


def test_a_classifier_finds_nothing(open_image: Any) -> None:
    assert shelved(open_image(i="cat"))["found"][0]["things"] == []


def asked_what_matters(app: Opened, order: Any, name: Any = "this map") -> dict[str, Any]:
    """What the rail is told after the browser has sent an order of patches."""
    app.app.session_state["patch_rail"] = {"matter": {"name": name, "order": order}}
    app.run()
    return json.loads(app.part("patch_rail")[0].json)["matter"]


def test_what_matters_is_answered_by_deletion_and_insertion_with_areas(open_image: Any) -> None:
    found = asked_what_matters(open_image(i="cat", q="0"), list(range(1, 197)))
    assert (found["name"], found["label"]) == ("this map", "Egyptian cat")
    out, put = found["ways"]["out"], found["ways"]["in"]
    assert out["shares"][0] == put["shares"][0] == 0
    assert out["curves"]["most"][0] == pytest.approx(put["curves"]["most"][-1])  # the whole picture
    assert put["areas"]["most"] == pytest.approx(out["areas"]["least"])
    assert all(0 <= area <= 1 for way in (out, put) for area in way["areas"].values())


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (list(range(1, 196)), "195 positions and the picture 196 patches"),
        ([1, *range(1, 196)], "name each patch once"),
        ([-1, *range(2, 197)], "name each patch once"),
        ([0, *range(2, 197)], "name each patch once"),
        ([True, *range(2, 197)], "did not arrive whole"),
        (["1", *range(2, 197)], "did not arrive whole"),
        ([[1], *range(2, 197)], "did not arrive whole"),
        ({"1": 2}, "did not arrive whole"),
        (None, "did not arrive whole"),
        (list(range(10**5)), "100000 positions"),
    ],
)
def test_an_order_that_no_browser_of_ours_would_send_is_refused_in_words(
    open_image: Any, order: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_image(i="cat", q="0")
    monkeypatch.setattr(asked, "deletion", no_work)
    assert said in asked_what_matters(app, order)["refused"]


def no_work(*_: Any, **__: Any) -> None:
    raise AssertionError("The model was run for an order that names no picture.")


def test_the_whole_picture_travels_when_a_file_is_made_of_it(open_image: Any) -> None:
    app = open_image(i="galaxies")
    assert "whole" not in shelved(app)
    app.app.session_state["patch_view"] = {"whole": "galaxies"}
    header, payload = shelved(app.run())["whole"]
    assert header["type"] == "image/jpeg"
    assert Image.open(io.BytesIO(payload)).size == (1000, 872)


def test_the_link_of_a_picture_that_was_brought_says_that_it_stays_here(open_image: Any) -> None:
    app = bring(open_image(i="cat"), "red.png", png())
    assert any("everything but your picture, which stays in this server" in each.value for each in app.app.caption)
    assert not any("everything but" in each.value for each in open_image(i="cat").app.caption)


def test_classes_are_told_with_their_numbers(open_image: Any) -> None:
    found = json.loads(open_image(i="cat").part("patch_rail")[0].json)["classes"]
    assert len(found) == 1000  # all of them can be chosen; the likeliest come first
    assert found == sorted(found, key=lambda each: -each[2])
    assert "cat" in found[0][1]
    assert 0 < found[0][2] <= 1
