"""The heat map, read as data."""

import json

import numpy as np
import pytest

from attnviz import figures
from attnviz.axes import Tokens
from attnviz.figures import theme
from attnviz.record import AttentionMap


def test_cells_are_the_weights_themselves(reads):
    np.testing.assert_array_equal(figures.heatmap(reads).data[0].z, reads.weights)


def test_queries_are_rows_from_the_top_and_keys_are_columns(reads):
    layout = figures.heatmap(reads).layout
    assert layout.yaxis.title.text == "query"
    assert layout.xaxis.title.text == "key"
    assert layout.yaxis.autorange == "reversed"
    assert layout.yaxis.ticktext == ("it", "reads")
    assert layout.xaxis.ticktext == ("the", "model", "the")


def test_two_tokens_spelt_alike_stay_two_columns(reads):
    figure = figures.heatmap(reads)
    assert figure.data[0].x.tolist() == [0, 1, 2]
    assert figure.layout.xaxis.tickvals.tolist() == [0, 1, 2]


def test_hover_says_who_reads_whom_in_words(reads):
    template = figures.heatmap(reads).data[0].hovertemplate
    assert template == '"%{y}" gives %{z:.2f} of its attention to "%{x}"<extra></extra>'


def test_hover_over_scores_says_their_unit(scored):
    figure = figures.heatmap(scored)
    assert figure.data[0].hovertemplate == '"%{y}" to "%{x}": %{z:.3g} nats<extra></extra>'
    assert figure.data[0].colorbar.title.text == "nats"
    assert figure.data[0].zmin is None


@pytest.mark.parametrize("part", ["x", "y", "z"])
def test_numbers_travel_as_packed_arrays_and_never_as_lists(reads, part):
    drawn = json.loads(figures.heatmap(reads).to_json())["data"][0][part]
    assert set(drawn) >= {"dtype", "bdata"}


def test_weights_travel_as_float32(reads):
    assert json.loads(figures.heatmap(reads).to_json())["data"][0]["z"]["dtype"] == "f4"


def test_colour_follows_the_square_root_of_the_weight_from_nought_to_one(reads):
    trace = figures.heatmap(reads).data[0]
    assert (trace.zmin, trace.zmax) == (0, 1)
    assert dict(trace.colorscale)[0.25] == theme.RAMP_LIGHT[8]  # half way up the ramp


def test_the_dark_figure_lies_on_the_dark_page(reads):
    figure = figures.heatmap(reads, dark=True)
    assert figure.layout.paper_bgcolor == theme.PAGE_DARK
    assert figure.data[0].colorscale[0][1] == theme.RAMP_DARK[0]


def test_what_a_visitor_typed_is_never_markup(hostile):
    labels = figures.heatmap(hostile).layout.xaxis.ticktext
    assert not any(mark in label for label in labels for mark in "<>$\n")
    assert labels[:3] == ("&lt;b&gt;bold&lt;/b&gt;", "&amp;lt;", "&#36;x&#36;")


def test_a_long_text_gets_smaller_cells_and_then_no_labels():
    count = 400
    figure = figures.heatmap(AttentionMap(np.full((count, count), 1 / count), _axis(count), _axis(count)))
    assert figure.layout.width < 2000
    assert not figure.layout.xaxis.showticklabels


def test_wide_characters_get_wider_margins():
    latin, chinese = (figures.heatmap(AttentionMap(np.ones((1, 1)), axis, axis)) for axis in (_axis(1), _axis(1, "猫")))
    assert chinese.layout.margin.l > latin.layout.margin.l


def _axis(count, label="a"):
    return Tokens("", (label,) * count, (label,) * count, (None,) * count, (False,) * count, (None,) * count)
