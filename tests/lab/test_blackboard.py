"""A bench on the blackboard: every cell, and the line that makes it."""

from attnviz.lab.bench import Bench
from attnviz.lab.blackboard import root_of, worked

WORKED = Bench(((1,), (2,), (3,)), ((4,), (5,), (6,)), ((7,), (8,), (9,)), mask="causal")


def test_the_worked_example_cell_by_cell():
    scores, scaled, masked, weights, output = worked(WORKED)
    assert scores.cells == (("4", "5", "6"), ("8", "10", "12"), ("12", "15", "18"))
    assert scores.lines[2][1] == "3·5 = 15"
    assert scaled.lines[0][2] == "6 / √1 = 6"
    assert masked.cells[0] == ("4", "−∞", "−∞")
    assert masked.lines[0][1] == "5 → −∞"
    assert weights.cells[1] == ("0.1192", "0.8808", "0")
    assert weights.lines[1][0] == "e^8 / (e^8 + e^10) = 0.1192"
    assert output.lines[0] == ("1·7 + 0·8 + 0·9 = 7",)
    assert output.shape == (3, 1)


def test_one_query_of_three_numbers_is_scaled_by_root_three():
    scores, scaled, *_, weights, output = worked(Bench(((1, 2, 3),), ((4, 5, 6),), ((7, 8, 9),)))
    assert scores.lines == (("1·4 + 2·5 + 3·6 = 32",),)
    assert scaled.lines == (("32 / √3 = 18.48",),)
    assert weights.cells == (("1.0000",),)
    assert output.cells == (("7", "8", "9"),)


def test_what_the_divisor_is_called():
    assert root_of(Bench(((1, 2),), ((1, 2),), ((1,),), scaled=False)) == "1"
    assert root_of(Bench(((1, 2),), ((1, 2),), ((1,),), temperature=0.5)) == "(√2·0.5)"
