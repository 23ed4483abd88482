"""Ways to score the same numbers, encoders that make the keys, pooling, and code that runs to the same numbers."""

import json
import re
from contextlib import suppress

import nbformat
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from attnviz import lab
from attnviz.errors import InputError
from attnviz.lab.code import LIBRARIES
from attnviz.lab.scoring import WAYS
from attnviz.lab.scoring_bench import BOUNDS, STEPS, TITLES, Scoring, read, written
from attnviz.lab.scoring_board import hidden_of, keys_of, pooled_of, way_of
from attnviz.lab.scoring_code import code_of, notebook
from attnviz.lab.scoring_code import given as given_code
from attnviz.lab.tables import MOST_CHARACTERS

LEARNT = "m0,1;1,0_a1,0;0,1;1,-1_b1,0;0,1;-1,1_e1,1,-1_p1,0;0,1_f0,0.5_g1,1"
DIRECT = f"q3,4;1,0_k4,3;0,0_v1,0,2;0,1,3_{LEARNT.replace('p1,0;0,1', 'p1,0,1;0,1,0')}"
RECURRENT = f"q1,0;0,1_x1,0,1;0,1,2;1,1,0_r1,0,0.5;0,1,0_z0.5,0;0.25,0.5_{LEARNT}"
CONVOLVED = f"q1,0;0,1_x1,0;0,1;1,1;0,0_c0.5,0,1,0,0.5,0;0,0.5,0,1,0,0.5_{LEARNT}"
BENCHES = (DIRECT, RECURRENT, CONVOLVED)


def test_a_recurrent_encoder_does_what_torch_does():
    torch.manual_seed(0)
    theirs = torch.nn.RNN(3, 4, bias=False).double()
    tokens = torch.randn(5, 3, dtype=torch.double)
    states, _ = theirs(tokens)
    ours = lab.recurrent(*(each.detach().numpy() for each in (tokens, theirs.weight_ih_l0, theirs.weight_hh_l0)))
    np.testing.assert_allclose(ours, states.detach(), rtol=0, atol=1e-12)


def test_a_convolution_does_what_torch_does():
    torch.manual_seed(0)
    tokens, kernel = (
        torch.randn(5, 3, dtype=torch.double),
        torch.randn(4, 3, 3, dtype=torch.double),
    )  # state, width, place
    theirs = torch.nn.functional.conv1d(tokens.T[None], kernel, padding=1)[0].T.tanh()
    ours = lab.convolution(tokens.numpy(), kernel.transpose(1, 2).reshape(4, 9).numpy())
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_a_recurrence_remembers_and_a_convolution_looks_ahead():
    tokens = np.array([[1.0], [0.0], [0.0]])
    states = lab.recurrent(tokens, np.eye(1), np.eye(1))
    np.testing.assert_allclose(states[:, 0], [np.tanh(1), np.tanh(np.tanh(1)), np.tanh(np.tanh(np.tanh(1)))])
    np.testing.assert_allclose(lab.convolution(tokens[::-1], np.array([[0.0, 0.0, 2.0]]))[:, 0], [0, np.tanh(2), 0])


@pytest.mark.parametrize("text", BENCHES)
def test_what_was_spelled_is_read_back(text):
    assert written(read(text)) == text
    assert read(f"{text}_ycosine_s2") == Scoring(read(text).tables, "cosine", 2)
    assert re.fullmatch(r"[a-z0-9.,;_-]+", text)


def test_the_largest_bench_fits_a_link():
    full = {name: ((-998.999,) * BOUNDS[name].numbers,) * BOUNDS[name].rows for name in "qxcmabepfg"}
    assert len(written(Scoring(full, "general", 4))) <= MOST_CHARACTERS


@given(st.text(max_size=200) | st.text("qkvxrzcmabepfgys0123456789.,;_-", max_size=60))
def test_any_text_is_read_or_refused(text):
    with suppress(InputError):
        assert read(written(read(text))) == read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q1_k1_v1", "Ways to score need Q, K and V"),
        (f"{CONVOLVED}_k1", "Ways to score need Q, K and V"),
        (f"{DIRECT}_yloud", "'yloud' is no setting"),
        (f"{DIRECT}_s6", "'s6' is no setting"),
        (DIRECT.replace("e1,1,-1", "e1;1"), "v is 2 × 1; the lab takes up to 1 rows of 4"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text, said):
    with pytest.raises(InputError, match=said):
        read(text)


@pytest.mark.parametrize(
    ("change", "way", "said"),
    [
        (("q3,4;1,0", "q3;1"), "dot", "query of 1 numbers cannot be compared with a key of 2"),
        (("q3,4;1,0", "q3;1"), "cosine", "query of 1 numbers cannot be compared with a key of 2"),
        (("m0,1;1,0", "m0,1"), "general", "M takes vectors of 1 numbers and those of Q have 2"),
        (("m0,1;1,0", "m0;1"), "general", "M takes vectors of 1 numbers and those of K have 2"),
        (("a1,0;0,1;1,-1", "a1;0;1"), "additive", "W takes vectors of 1 numbers and those of Q have 2"),
        (("b1,0;0,1;-1,1", "b1;0;1"), "additive", "U takes vectors of 1 numbers and those of K have 2"),
        (("b1,0;0,1;-1,1", "b1,0;0,1"), "additive", "W q gives 3 numbers and U k gives 2"),
        (("e1,1,-1", "e1,1"), "additive", "v takes vectors of 2 numbers and those of W q"),
        (("k4,3;0,0", "k4,3"), "dot", "There are 1 keys and 2 values"),
    ],
)
def test_sizes_that_do_not_fit_are_said_of_the_way_that_they_do_not_fit(change, way, said):
    with pytest.raises(InputError, match=said):
        read(DIRECT.replace(*change)).scored(way)


def test_general_and_additive_score_where_widths_differ():
    bench = read(
        DIRECT.replace("q3,4;1,0", "q3,4,1;1,0,0")
        .replace("m0,1;1,0", "m0,1;1,0;1,1")
        .replace("a1,0;0,1;1,-1", "a1,0,0;0,1,0;0,0,1")
    )
    assert bench.scored("general").scores[0].tolist() == [3 * 3 + 4 * 4 + 1 * 7, 0]
    assert bench.scored("additive").scores.shape == (2, 2)
    with pytest.raises(InputError, match="query of 3 numbers"):
        bench.scored("scaled")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("r1,0,0.5;0,1,0", "r1,0;0,1"), "W_x takes vectors of 2 numbers and those of X have 3"),
        (("z0.5,0;0.25,0.5", "z0.5,0"), "W_x x gives 2 numbers and W_h h gives 1"),
        (("z0.5,0;0.25,0.5", "z0.5;0.25"), "W_h takes vectors of 1 numbers and those of h have 2"),
    ],
)
def test_an_encoder_whose_sizes_do_not_fit_says_so(change, said):
    with pytest.raises(InputError, match=said):
        keys_of(read(RECURRENT.replace(*change)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("p1,0,1;0,1,0", "p1,0"), "W_p takes vectors of 2 numbers and those of V have 3"),
        (("f0,0.5", "f0"), "W_p x gives 2 numbers and b_p gives 1"),
        (("g1,1", "g1"), "u_p takes vectors of 1 numbers"),
    ],
)
def test_pooling_whose_sizes_do_not_fit_says_so(change, said):
    with pytest.raises(InputError, match=said):
        read(DIRECT.replace(*change)).pooled()


def test_the_arithmetic_of_a_score_in_each_way():
    bench = read(DIRECT)
    lines = {way: way_of(bench, way)[1][0].lines[0] for way in WAYS}
    assert lines["dot"][0] == "3·4 + 4·3 = 24"
    assert lines["scaled"][0] == "3·4 + 4·3 = 24;  24 / √2 = 16.97"
    assert lines["general"][0] == "q M = [4, 3];  4·4 + 3·3 = 25"
    assert lines["cosine"] == ("3·4 + 4·3 = 24;  24 / (5·5) = 0.96", "0")
    assert lines["additive"][1] == "1·tanh(3 + 0) + 1·tanh(4 + 0) + −1·tanh(−1 + 0) = 2.756"


def test_the_arithmetic_of_a_state():
    states = keys_of(read(RECURRENT))
    assert states.lines[0][0] == "tanh(1·1 + 0·0 + 0.5·1 + 0.5·0 + 0·0 = 1.5) = 0.9051"
    assert keys_of(read(CONVOLVED)).lines[0][0] == "tanh(0.5·0 + 0·0 + 1·1 + 0·0 + 0.5·0 + 0·1 = 1) = 0.7616"
    assert keys_of(read(DIRECT)).cells == (("4", "3"), ("0", "0"))


def test_the_small_network_at_work():
    assert hidden_of(read(DIRECT))[0][0] == tuple(lab.spelled(float(np.tanh(each))) for each in (7, 7, -2))


def test_pooling_on_the_blackboard():
    bench = read(DIRECT)
    importances, shares, whole = pooled_of(bench)
    assert importances.lines[0][0] == "1·tanh(3 + 0) + 1·tanh(0 + 0.5) = 1.457"
    assert [row[0] for row in shares.cells] == [f"{each:.4f}" for each in bench.pooled()[1].weights]
    assert shares.lines[0][0].startswith("e^1.457 / (e^1.457 + e^")
    assert whole.shape == (1, 3)


def test_states_of_an_encoder_are_keys_and_values():
    bench = read(RECURRENT)
    np.testing.assert_array_equal(bench.values(), bench.keys())
    assert bench.steps == STEPS
    assert read(DIRECT).steps == STEPS[1:]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", BENCHES)
def test_the_code_of_each_step_gives_the_numbers_of_the_screen(text, way, library):
    bench = read(text)
    done, (importance, pooled) = bench.scored(way), bench.pooled()
    space: dict[str, object] = {}
    exec(given_code(bench, library), space)
    for step, code in code_of(bench, way, library).items():
        assert code.count("\n") < 10, step
        exec(code, space)
    expected = {"K": bench.keys(), "scores": done.scores, "weights": done.weights, "output": done.output}
    expected |= {"importance": importance, "share": pooled.weights, "pooled": pooled.whole}
    for name, numbers in expected.items():
        np.testing.assert_allclose(np.asarray(space[name]), numbers, rtol=0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("text", [RECURRENT, CONVOLVED])
def test_the_notebook_runs_and_ends_with_the_pooled_vector(text, library):
    bench = read(text)
    titles = dict.fromkeys(("title", *STEPS), "# “A title”")
    opened = nbformat.reads(notebook(bench, titles, library), as_version=4)
    nbformat.validate(opened)
    NotebookClient(opened, timeout=120).execute()
    last = opened.cells[-1].outputs[-1]["data"]["text/plain"]
    numbers = [float(each) for each in re.findall(r"-?\d+\.\d*", last)]
    np.testing.assert_allclose(numbers, bench.pooled()[1].whole, atol=1e-4)
    assert json.loads(notebook(bench, titles, library))["nbformat"] == 4


def test_every_table_has_a_title_and_bounds():
    assert set(TITLES) == set(BOUNDS)
