"""What is on the bench, as a link carries it, and as code that runs to the same numbers."""

import json
import re
from contextlib import suppress

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from attnviz.errors import InputError
from attnviz.lab import attend
from attnviz.lab.bench import LARGEST, MASKS, STEPS, Bench, read, written
from attnviz.lab.code import CODE, LIBRARIES, notebook
from attnviz.lab.code import given as given_code

WORKED = Bench(((1,), (2,), (3,)), ((4,), (5,), (6,)), ((7,), (8,), (9,)))
MIXED = Bench(
    ((1, 0.5), (-2, 3.25)), ((1, 1), (0, -1), (2, 0)), ((1,), (2,), (3,)), False, 0.5, "own", 2, frozenset({(0, 2)}), 3
)


def tables(rows: int, numbers: int) -> st.SearchStrategy:
    number = st.floats(-LARGEST, LARGEST).map(lambda each: round(each, 4))
    return st.tuples(*[st.tuples(*[number] * numbers)] * rows)


def test_the_worked_example_is_spelled_in_a_few_letters():
    assert written(WORKED) == "q1;2;3_k4;5;6_v7;8;9"
    assert written(MIXED) == "q1,0.5;-2,3.25_k1,1;0,-1;2,0_v1;2;3_n_t0.5_mown_r2_c0.2_s3"
    assert re.fullmatch(r"[a-z0-9.,;_-]+", written(MIXED))


@pytest.mark.parametrize("bench", [WORKED, MIXED])
def test_what_was_spelled_is_read_back(bench):
    assert read(written(bench)) == bench


@given(st.data(), st.integers(1, 6), st.integers(1, 6), st.integers(1, 10), st.sampled_from(MASKS))
def test_any_bench_comes_back_the_same(data, queries, keys, numbers, mask):
    parts = [data.draw(tables(*size)) for size in ((queries, numbers), (keys, numbers), (keys, 2))]
    bench = Bench(*parts, mask=mask, size=data.draw(st.integers(0, 9)), step=data.draw(st.integers(0, 5)))
    assert read(written(bench)) == bench


@given(st.text(max_size=200) | st.text("qkvntmrcs0123456789.,;_-", max_size=60))
def test_any_text_is_read_or_refused(text):
    with suppress(InputError):
        assert read(written(read(text))) == read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q1_k1", "three tables"),
        ("q1_k1_v1e9", "'1e9' is no number"),
        ("q1,2;3_k1_v1", "Every row of Q needs as many"),
        ("q1_k1_v99999", "V holds a number beyond ±9,999"),
        ("q1;1;1;1;1;1;1_k1_v1", "Q is 7 × 1; the lab takes up to 6 rows of 10"),
        ("q1_k1_v1_t0", "temperature is 0"),
        ("q1_k1_v1_z", "'z' is no setting"),
        ("q" + "1" * 5000, "5,001 characters"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text, said):
    with pytest.raises(InputError, match=said):
        read(text)


def test_a_bench_whose_sizes_do_not_fit_opens_and_says_so_when_it_is_worked_out():
    bench = read("q1,2,3_k1,2_v1")
    with pytest.raises(InputError, match="query of 3 numbers"):
        bench.attended()


def test_scaling_temperature_and_masks_reach_the_step():
    done = MIXED.attended()
    assert done.divisor == 0.5
    assert done.visible.tolist() == [[True, True, False], [True, True, True]]
    cooled = Bench(MIXED.queries, MIXED.keys, MIXED.values, temperature=2).attended()
    assert cooled.divisor == 2 * 2**0.5
    np.testing.assert_array_equal(
        done.weights, attend(done.queries, done.keys, done.values, divisor=0.5, visible=done.visible).weights
    )


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("bench", [WORKED, MIXED])
def test_the_code_of_each_step_gives_the_numbers_of_the_screen(bench, library):
    space: dict[str, object] = {}
    exec(given_code(bench, library), space)
    for step in STEPS:
        assert CODE[library][step].count("\n") < 10
        exec(CODE[library][step], space)
        np.testing.assert_allclose(np.asarray(space[step]), getattr(bench.attended(), step), rtol=0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_notebook_runs_and_ends_with_the_output(library):
    titles = dict.fromkeys(("title", *STEPS), "# “A title”")
    opened = nbformat.reads(notebook(MIXED, titles, library), as_version=4)
    nbformat.validate(opened)
    NotebookClient(opened, timeout=120).execute()
    last = opened.cells[-1].outputs[-1]["data"]["text/plain"]
    numbers = [float(each) for each in re.findall(r"-?\d+\.\d*", last)]
    np.testing.assert_allclose(numbers, MIXED.attended().output[:, 0], atol=1e-4)
    assert json.loads(notebook(MIXED, titles, library))["nbformat"] == 4
