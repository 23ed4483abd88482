"""What attention costs: worked numbers, curves, links and code."""

import json
import re
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.errors import InputError
from attnviz.lab.code import LIBRARIES
from attnviz.lab.costs import BYTES, WELL_KNOWN, Shape, cost, crossing, expected, kinds
from attnviz.lab.costs_bench import AGAINST, BEGIN, DTYPES, MOST, CostBench, curves, formulas, read, written
from attnviz.lab.costs_code import CODE, STEPS, notebook
from attnviz.lab.costs_code import given as given_code

LLAMA = next(each.shape for each in WELL_KNOWN if each.name == "Llama 3 8B")


def test_maps_of_llama_3_at_its_longest_take_137_gigabytes_in_bfloat16():
    found = CostBench(LLAMA, "bfloat16").cost
    assert found.maps_bytes == 32 * 32 * 8_192**2 * 2 == 137_438_953_472
    assert found.kept_bytes == 32 * 8_192 * (4_096 + 1_024) * 2 == 2_684_354_560


def test_the_maps_of_gpt_2_take_as_much_as_its_queries_and_keys_at_128_tokens():
    gpt2 = next(each.shape for each in WELL_KNOWN if each.name == "GPT-2")
    found = cost(replace(gpt2, tokens=128))
    assert found.maps_bytes == found.kept_bytes == 12 * 128 * 1_536 * 4


def test_a_batch_and_more_layers_cost_in_proportion():
    one, many = cost(Shape(64, 32, 1, 4, 2)), cost(Shape(64, 32, 3, 4, 2, batch=5))
    assert (many.maps_bytes, many.pairs) == (15 * one.maps_bytes, 15 * one.pairs)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_precision_has_a_size(dtype):
    assert cost(Shape(2, 2, 1, 1, 1), dtype).maps_bytes == 4 * BYTES[dtype]


@pytest.mark.parametrize("known", WELL_KNOWN, ids=lambda known: known.name)
def test_the_sizes_of_every_well_known_model_fit_one_another(known):
    CostBench(known.shape).check()
    assert known.shape.head_width == (128 if known.name == "Llama 3 8B" else 64)


def test_twice_the_tokens_take_four_times_the_maps_and_twice_the_queries_and_keys():
    grown = curves(BEGIN)
    assert grown.at[:2] == (16, 32)
    assert grown.at[-1] == MOST["tokens"]
    maps, kept = ([getattr(each, name) for each in grown.costs[:2]] for name in ("maps_bytes", "kept_bytes"))
    assert (maps[1] / maps[0], kept[1] / kept[0]) == (4, 2)


def test_wider_tokens_leave_the_maps_as_they_are():
    grown = curves(replace(BEGIN, against="width"))
    assert all(width % BEGIN.shape.heads == 0 for width in grown.at)
    assert len({each.maps_bytes for each in grown.costs}) == 1
    assert grown.costs[1].projections == 4 * grown.costs[0].projections


def test_a_formula_with_its_numbers_comes_to_the_cost():
    bench = CostBench(replace(LLAMA, batch=3), "float16")
    for name, (_, numbers) in formulas(bench).items():
        worked = numbers.replace(",", "").replace("·", "*").replace("²", "**2")
        assert eval(worked) == getattr(bench.cost, name)


def test_recurrence_and_attention_do_as_much_where_n_is_d():
    by_name = {each.name: each for each in kinds(512, 512)}
    assert by_name["attention"].operations == by_name["recurrence"].operations == 512**3
    assert (by_name["recurrence"].sequential, by_name["recurrence"].path) == (512, 512)


def test_a_formula_for_the_clock_goes_through_the_last_time():
    assert expected((64, 128, 256), 0.16) == pytest.approx((0.01, 0.04, 0.16))
    assert crossing(BEGIN.shape) == 768


def test_the_first_sizes_are_spelled_in_a_few_letters():
    assert written(BEGIN) == "n8192_d576_l30_h9_g3_b1"
    assert read("") == BEGIN


@given(
    st.fixed_dictionaries({name: st.integers(1, most) for name, most in MOST.items()}),
    st.sampled_from(DTYPES),
    st.sampled_from(AGAINST),
)
def test_any_sizes_come_back_the_same(sizes, dtype, against):
    bench = CostBench(Shape(**sizes), dtype, against)
    assert re.fullmatch(r"[a-z0-9.,;_-]{1,2400}", written(bench))
    assert read(written(bench)) == bench


@given(st.text(max_size=200) | st.text("ndlhgbpa0123456789_", max_size=60))
def test_any_text_is_read_or_refused(text):
    with suppress(InputError):
        assert read(written(read(text))) == read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("n1_d1_l1_h1_g1", "`batch` is missing"),
        ("n0_d1_l1_h1_g1_b1", "`tokens` is 0; choose 1 to 1,048,576"),
        ("n1_d1_l1_h1_g1_b1_pint4", "'pint4' is no setting"),
        ("n1_d1_l1_h1_g1_b1_aheads", "'aheads' is no setting"),
        ("n1_d1_l1_h1_g1_b1_x2", "'x2' is no setting"),
        ("n1.5_d1_l1_h1_g1_b1", "'n1.5' is no setting"),
    ],
)
def test_what_are_no_sizes_is_refused_with_the_reason(text, said):
    with pytest.raises(InputError, match=re.escape(said)):
        read(text)


@pytest.mark.parametrize(
    ("shape", "said"),
    [(Shape(1, 10, 1, 4, 4), "10 numbers cannot be shared by 4 heads"), (Shape(1, 12, 1, 4, 3), "cannot share 3")],
)
def test_heads_that_do_not_fit_are_kept_and_refused_when_they_are_worked_out(shape, said):
    bench = read(written(CostBench(shape)))
    with pytest.raises(InputError, match=said):
        bench.check()


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_code_counts_what_the_screen_says(library):
    bench = CostBench(replace(LLAMA, batch=2), "bfloat16")
    space: dict[str, object] = {}
    exec(given_code(bench, library), space)
    for lines in CODE[library].values():
        assert len(lines.splitlines()) <= 10
        exec(lines, space)
    counted = (space["maps"], space["kept"], space["pairs"], space["projections"])
    found = bench.cost
    assert counted == (found.maps_bytes, found.kept_bytes, found.pairs, found.projections)
    assert space["output"].shape == (512, 64)
    assert space["seconds"] > 0


def test_the_notebook_has_every_step_with_its_title():
    cells = json.loads(notebook(BEGIN, {"title": "# A"} | {step: f"## {step}" for step in STEPS}, "numpy"))["cells"]
    assert [cell["id"] for cell in cells[2::2]] == ["on-memory", "on-operations", "on-measured"]
    assert cells[3]["source"].endswith("maps, kept")
