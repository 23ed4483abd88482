"""A picture as values: regions, weights, sums, links and code."""

import json
import re
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnviz.errors import InputError
from attnviz.lab import regions
from attnviz.lab.code import LIBRARIES
from attnviz.lab.regions_bench import (
    BEGIN,
    SOURCES,
    ModelRow,
    RegionBench,
    compared,
    read,
    rounded,
    standard,
    weighed,
    written,
)
from attnviz.lab.regions_code import STEPS, code, notebook
from attnviz.lab.regions_code import given as given_code

COLOURS = np.array([[0.0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 0, 255]])
QUARTERS = RegionBench("cat", 2, 2, (1, 0, 2, 1))
ROW = ModelRow(np.arange(9).reshape(3, 3) / 45, 0.2)


def test_the_mean_of_each_region_is_that_of_its_pixels():
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3))
    found = regions.means(picture, 2, 3)
    np.testing.assert_allclose(found[0], picture[:2, :2].mean(axis=(0, 1)), rtol=1e-12)
    np.testing.assert_allclose(found[5], picture[2:, 4:].mean(axis=(0, 1)), rtol=1e-12)


def test_tiles_are_the_regions_cut_out_alike():
    picture = np.arange(5 * 4).reshape(5, 4, 1)
    found = regions.tiles(picture, 2, 2)
    assert found.shape == (4, 2, 2, 1)
    assert found[3, :, :, 0].tolist() == picture[2:4, 2:, 0].tolist()


def test_a_patch_in_two_regions_is_shared_out_by_its_area():
    read_by = np.array([[0.3, 0.3, 0.4]])
    np.testing.assert_allclose(regions.gathered(read_by, 1, 2), [0.45, 0.55], rtol=1e-12)
    np.testing.assert_allclose(regions.gathered(np.full((12, 12), 1 / 144), 5, 7), np.full(35, 1 / 35), rtol=1e-12)


def test_parts_by_hand_are_shares_of_one():
    done = weighed(QUARTERS, COLOURS)
    assert done.weights.tolist() == [0.25, 0, 0.5, 0.25]
    assert done.whole.tolist() == [127.5, 0, 63.75]
    assert done.lines[2] == "2 / 4 = 0.5"
    assert done.sums[0] == "0.25·0 + 0·255 + 0.5·255 + 0.25·0 = 127.5"
    with pytest.raises(InputError, match="Every region has the part 0"):
        weighed(replace(QUARTERS, parts=(0, 0, 0, 0)), COLOURS)


def test_a_query_region_weighs_by_the_softmax_of_its_dot_products():
    asking = replace(QUARTERS, source="query", query=2)
    keys = (COLOURS - COLOURS.mean(axis=0)) / COLOURS.std()
    scores = keys @ keys[2] / 3**0.5
    done = weighed(asking, COLOURS)
    np.testing.assert_allclose(done.scores, scores, rtol=0, atol=1e-12)
    np.testing.assert_allclose(done.weights, np.exp(scores) / np.exp(scores).sum(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        compared(replace(asking, scaled=False, temperature=2), COLOURS), scores * 3**0.5 / 2, rtol=1e-12
    )


def test_a_picture_of_one_colour_is_read_evenly():
    grey = np.full((4, 3), 128.0)
    assert not standard(grey).any()
    assert weighed(replace(QUARTERS, source="query"), grey).weights.tolist() == [0.25] * 4


def test_a_models_row_is_gathered_and_its_class_token_keeps_its_own():
    done = weighed(replace(QUARTERS, source="model"), COLOURS, ROW)
    assert done.rest == 0.2
    np.testing.assert_allclose(done.weights.sum() + done.rest, 1, rtol=1e-12)
    np.testing.assert_allclose(done.weights[0], (0 + 1 / 2 + 3 / 2 + 4 / 4) / 45, rtol=1e-12)
    assert done.lines[0] == "0 + 0.5·0.02222 + 0.5·0.06667 + 0.25·0.08889 = 0.06667"


def test_the_first_picture_is_spelled_in_a_few_letters():
    assert written(BEGIN) == "pscene-cake_g3.3_w1,0,0,4,4,2,0,4,1"
    assert read("") == BEGIN


@given(
    st.integers(1, 8),
    st.integers(1, 8),
    st.sampled_from(SOURCES),
    st.booleans(),
    st.floats(0.01, 100).map(lambda each: float(f"{each:.3g}")),
    st.data(),
)
def test_any_bench_comes_back_the_same(rows, cols, source, scaled, temperature, data):
    count = rows * cols
    part = st.floats(0, 99).map(lambda each: round(each, 2))
    parts = tuple(data.draw(st.lists(part, min_size=count, max_size=count)))
    own = {"query": data.draw(st.integers(0, count - 1)), "layer": 3, "head": 1, "token": data.draw(st.integers(0, 99))}
    bench = RegionBench("coffee", rows, cols, parts, source, scaled=scaled, temperature=temperature, **own)
    assert re.fullmatch(r"[a-z0-9.,;_-]{1,2400}", written(bench))
    assert read(written(bench)) == bench


@given(st.text(max_size=200) | st.text("pgwoqntlk0123456789.,;_-", max_size=60))
def test_any_text_is_read_or_refused(text):
    with suppress(InputError):
        assert read(written(read(text))) == read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("g2.2_w1,1,1,1", "needs a name, a grid and parts"),
        ("pcat_g2.2_w1,1", "4 regions need as many parts; 2 were given"),
        ("pcat_g9.1_w1", "cut into 9 × 1 regions; choose 1 to 8"),
        ("pcat_g1.2_w1,100", "a number from 0 to 99"),
        ("pcat_g1.2_w1,1_q2", "Region 2 was asked for; the last one is 1"),
        ("pcat_g1.2_w1,1_t0", "temperature is 0"),
        ("pcat_g1.2_w1,1_z", "'z' is no setting"),
        ("pcat_g1.2_w1,1_omagic", "'omagic' is no setting"),
        ("pcat_g1_w1", "'g1' is no setting"),
        ("p_g1.1_w1", "'p' is no setting"),
    ],
)
def test_what_is_no_bench_is_refused_with_the_reason(text, said):
    with pytest.raises(InputError, match=re.escape(said)):
        read(text)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("source", SOURCES)
def test_the_code_of_each_step_gives_the_numbers_on_the_screen(library, source):
    bench = replace(QUARTERS, source=source, query=3, temperature=0.5)
    colours = rounded(COLOURS + 0.123)
    done = weighed(bench, colours, ROW)
    space: dict[str, object] = {}
    exec(given_code(bench, colours, ROW, library), space)
    for lines in code(bench, library).values():
        assert len(lines.splitlines()) <= 10
        exec(lines, space)
    np.testing.assert_allclose(np.asarray(space["weights"]), done.weights, rtol=0, atol=1e-7)
    np.testing.assert_allclose(np.asarray(space["A"]), done.whole, rtol=0, atol=1e-4)
    shades = regions.brightness(done.weights, bench.count)
    np.testing.assert_allclose(
        np.asarray(space["recomposed"]).reshape(4, 3), colours * shades[:, None], rtol=0, atol=1e-4
    )
    assert isinstance(space["A"], torch.Tensor) == (library == "torch")


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_notebook_runs_from_its_first_cell_to_its_last(library):
    titles = {"title": "# A"} | {step: f"## {step}" for step in STEPS}
    bench = replace(QUARTERS, source="query")
    cells = json.loads(notebook(bench, COLOURS, None, titles, library))["cells"]
    space: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(cell["source"], space)
    np.testing.assert_allclose(np.asarray(space["A"]), weighed(bench, COLOURS).whole, rtol=0, atol=1e-9)
