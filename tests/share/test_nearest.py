"""A view moved to what a record holds."""

from attnviz.share import HeadWeight, Note, View, nearest

MINILM = {"self": [12] * 6}


def test_a_view_that_fits_is_left_as_it_is():
    view = View(layer=5, head=11, query=9, mix=(HeadWeight(0, 0, 1),))
    found = nearest(view, MINILM, tokens=10)
    assert found.view is not None
    assert found.view == view
    assert found.notes == ()


def test_numbers_past_the_end_move_to_the_last_one():
    found = nearest(View(layer=99, head=99, query=99), MINILM, tokens=10)
    assert (found.view.layer, found.view.head, found.view.query) == (5, 11, 9)
    assert found.notes == (
        Note("number", "layer", "99", ("0", "5")),
        Note("number", "head", "99", ("0", "11")),
        Note("number", "query", "99", ("0", "9")),
    )


def test_an_absent_stack_becomes_the_first_and_the_note_names_all():
    found = nearest(View(stack="cross"), {"encoder": [8], "decoder": [8]}, tokens=10)
    assert found.view.stack == "encoder"
    assert found.notes[0] == Note("choice", "stack", "cross", ("encoder", "decoder"))


def test_the_heads_of_the_layer_shown_bound_the_head():
    assert nearest(View(layer=1, head=7), {"self": [12, 4]}, tokens=10).view.head == 3


def test_a_mix_keeps_the_heads_that_exist():
    kept, lost = HeadWeight(1, 1, 1), HeadWeight(6, 0, 1)
    found = nearest(View(average="mix", mix=(kept, lost)), MINILM, tokens=10)
    assert found.view.mix == (kept,)
    assert found.view.average == "mix"
    assert found.notes == (Note("number", "mix", "6.0", ("0", "5")),)


def test_a_mix_of_nothing_is_one_head():
    found = nearest(View(average="mix", mix=(HeadWeight(6, 0, 1),)), MINILM, tokens=10)
    assert (found.view.average, found.view.mix) == ("none", ())
