"""Several heads: shared keys, other tokens, links, the blackboard, and code that runs to the same numbers."""

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
from attnviz.lab.heads_bench import BOUNDS, STEPS, TITLES, Heads, read, written
from attnviz.lab.heads_board import worked
from attnviz.lab.heads_code import CODE, NAMED, notebook
from attnviz.lab.heads_code import given as given_code
from attnviz.lab.tables import MOST_CHARACTERS

SAME = "1,0;0,1"
SMALL = f"x1,0;0,1;1,1_a{SAME}_b{SAME}_c{SAME}_o{SAME}"
GROUPED = "x1,0.5;-1,2;3,0_a2,0,0,2,-2,0,1,1;0,2,2,0,0,-2,1,1_b1,0,1,0;0,1,0,2_c1,0,0,1;0,1,1,0"
GROUPED += "_o1,0;0,1;1,0;0,1;1,0;0,1;1,0;0,1_h4"
CROSSED = f"x1,0;0,1_y1,1;2,0;0,2;1,-1_a{SAME}_b{SAME}_c{SAME}_o{SAME}_h1_g1"
GIVEN = "q1,2;2,1;0,3_k2,1;1,2;3,0_v1,10,5,0;2,20,6,1;3,30,7,0_o1;2;3;4"
BENCHES = (
    SMALL,
    f"{SMALL}_mcausal",
    GROUPED,
    CROSSED,
    f"{GROUPED}_g1".replace("_b1,0,1,0;0,1,0,2_c1,0,0,1;0,1,1,0", f"_b{SAME}_c{SAME}"),
    GIVEN,
)


def tensors(bench: Heads) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(rows, dtype=torch.double) for name, rows in bench.tables.items()}


@pytest.mark.parametrize("text", BENCHES)
def test_heads_do_what_torch_does_when_keys_are_shared_or_come_from_other_tokens(text):
    bench = read(text)
    table = tensors(bench)
    other = table.get("y", table.get("x"))
    made = (
        (table["x"] @ table["a"], other @ table["b"], other @ table["c"]) if "x" in table else [table[n] for n in "qkv"]
    )
    q, k, v = (
        rows.view(len(rows), heads, -1).transpose(0, 1)
        for rows, heads in zip(made, (bench.heads, bench.key_heads, bench.key_heads), strict=True)
    )
    visible = torch.tensor(bench.visible)
    found = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=visible, enable_gqa=True)
    output = found.transpose(0, 1).reshape(len(made[0]), -1) @ table["o"]
    np.testing.assert_allclose(bench.done().found.output, output, rtol=0, atol=1e-12)


def test_which_query_heads_share_which_keys():
    assert lab.sharing(4, 4) == (0, 1, 2, 3)
    assert lab.sharing(4, 2) == (0, 0, 1, 1)
    assert lab.sharing(3, 1) == (0, 0, 0)
    with pytest.raises(InputError, match="4 query heads cannot share 3 key heads alike"):
        lab.sharing(4, 3)


def test_other_tokens_give_keys_and_values_and_none_of_the_queries():
    queries, keys, values = lab.projected(
        np.array([[1.0, 2]]), np.array([[3.0], [4]]), np.eye(2), np.ones((1, 2)), np.array([[5.0]])
    )
    assert queries.tolist() == [[1, 2]]
    assert keys.tolist() == [[3, 3], [4, 4]]
    assert values.tolist() == [[15], [20]]


@pytest.mark.parametrize("text", BENCHES)
def test_what_was_spelled_is_read_back(text):
    assert written(read(text)) == text
    assert read(written(read(text))) == read(text)
    assert re.fullmatch(r"[a-z0-9.,;_-]+", text)


def test_the_largest_bench_fits_a_link():
    bounds = {name: BOUNDS[name] for name in "xyabco"}
    full = {name: ((-998.999,) * each.numbers,) * each.rows for name, each in bounds.items()}
    assert len(written(Heads(full, 4, 4, "causal", 3, 6))) <= MOST_CHARACTERS


@given(st.text(max_size=200) | st.text("xyabcoqkvhgmes0123456789.,;_-", max_size=60))
def test_any_text_is_read_or_refused(text):
    with suppress(InputError):
        assert read(written(read(text))) == read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x1_a1_b1_c1", "need X, W_Q, W_K, W_V and W_O, or Q, K, V and W_O"),
        (f"{SMALL}_q1", "Open the lesson anew"),
        (f"{SMALL}_h5", "'h5' is no setting"),
        (f"{SMALL}_z", "'z' is no setting"),
        ("x1_a1_b1_c1_o1,2;3", "Every row of W_O needs as many"),
        ("x1_a1_b1_c1_o1000", "W_O holds a number beyond ±999"),
        ("x1;1;1;1;1;1_a1_b1_c1_o1", "X is 6 × 1; the lab takes up to 5 rows of 6"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text, said):
    with pytest.raises(InputError, match=said):
        read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{SMALL}_h3_g3", "2 numbers cannot be split among 3 heads"),
        (f"{SMALL}_h2_g1", "query of 1 numbers cannot be compared with a key of 2"),
        (f"x1_a{SAME}_b{SAME}_c{SAME}_o{SAME}", "W_Q takes vectors of 2 numbers and those of X have 1"),
        (f"x1,2_y1_a{SAME}_b{SAME}_c{SAME}_o{SAME}", "W_K takes vectors of 2 numbers and those of Y have 1"),
        (f"x1,2_a{SAME}_b{SAME}_c{SAME}_o1,2", "join to 2 numbers and W_O has 1 rows"),
        ("q1,2_k1,2_v1,2;1,2_o1;1", "There are 1 keys and 2 values"),
        (f"{CROSSED.replace('y1,1;2,0;0,2;1,-1', 'y1,1')}_mcausal", "Query 0 may read no key"),
    ],
)
def test_sizes_that_do_not_fit_open_and_say_so_when_they_are_worked_out(text, said):
    bench = read(text)
    with pytest.raises(InputError, match=said):
        worked(bench)


def test_the_blackboard_cell_by_cell():
    board = worked(read(f"x1,2;3,4_a{SAME}_b{SAME}_c{SAME}_o1,1;1,-1_mcausal"))
    assert [each.name for each in board.vectors] == ["q", "k", "v"]
    assert board.vectors[0].lines[1][0] == "3·1 + 4·0 = 3"
    second = board.heads[1]
    assert second.key_head == 1
    assert second.parts[0].lines[1][0] == "Q[1, 1] = 4"
    assert second.scores.lines[0][1] == "2·4 = 8;  8 / √1 = 8 → −∞"
    assert second.scores.cells[0] == ("4", "−∞")
    assert second.weights.cells == (("1.0000", "0"), ("0.0003", "0.9997"))
    assert second.found.lines[0][0] == "1·2 + 0·4 = 2"
    assert board.joined.lines[0] == ("O₀[0, 0] = 1", "O₁[0, 0] = 2")
    assert board.output.lines[0] == ("1·1 + 2·1 = 3", "1·1 + 2·(−1) = −1")


def test_vectors_that_were_given_are_not_made():
    assert worked(read(GIVEN)).vectors == ()
    assert read(GIVEN).steps == STEPS[1:]


def test_heads_of_a_group_show_the_same_keys():
    board = worked(read(GROUPED))
    assert [each.key_head for each in board.heads] == [0, 0, 1, 1]
    assert board.heads[2].parts[1] == board.heads[3].parts[1]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("text", BENCHES)
def test_the_code_of_each_step_gives_the_numbers_of_the_screen(text, library):
    bench = read(text)
    done = bench.done()
    space: dict[str, object] = {}
    exec(given_code(bench, library), space)
    for step in bench.steps:
        assert CODE[library][step].count("\n") < 10
        exec(CODE[library][step], space)
    expected = {
        "Q": done.queries,
        "scores": [head.masked for head in done.found.heads],
        "weights": [head.weights for head in done.found.heads],
        "found": [head.output for head in done.found.heads],
        "joined": done.found.joined,
        "output": done.found.output,
    }
    for name, numbers in expected.items():
        np.testing.assert_allclose(np.asarray(space[name]), numbers, rtol=0, atol=1e-12)
    assert {NAMED[step] for step in bench.steps} <= set(space)


@pytest.mark.slow
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_notebook_runs_and_shows_the_output(library):
    bench = read(GROUPED)
    titles = dict.fromkeys(("title", *STEPS), "# “A title”")
    opened = nbformat.reads(notebook(bench, titles, library), as_version=4)
    nbformat.validate(opened)
    NotebookClient(opened, timeout=120).execute()
    cell = next(each for each in opened.cells if each.id == "output")
    numbers = [float(each) for each in re.findall(r"-?\d+\.\d*", cell.outputs[-1]["data"]["text/plain"])]
    np.testing.assert_allclose(numbers, bench.done().found.output.ravel(), atol=1e-4)
    assert json.loads(notebook(bench, titles, library))["nbformat"] == 4


def test_every_table_has_a_title_and_bounds():
    assert set(TITLES) == set(BOUNDS)
