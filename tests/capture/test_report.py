"""The capture report of real passes: what a reader is told of a model before its first picture."""

import pytest

from attnviz.capture import capture
from attnviz.inputs import Text
from attnviz.record import CaptureReport
from tests import tiny


def report(kind: str) -> CaptureReport:
    return capture(tiny.loaded(kind), Text(tiny.TEXT)).report


@pytest.mark.parametrize(
    ("kind", "sharing", "mask", "rotary"),
    [
        ("bert", "own", "full", False),
        ("gpt2", "own", "causal", False),
        ("llama", "grouped", "causal", True),
        ("gpt_bigcode", "one", "causal", False),
        ("deepseek_v3", "own", "causal", True),
        ("mistral", "grouped", "window", True),
        ("llama4_text", "grouped", "chunks", True),
    ],
)
def test_a_report_tells_how_heads_share_keys_and_what_a_token_sees(kind: str, sharing: str, mask: str, rotary: bool):
    told = report(kind)
    first = told.stacks["self"][0]
    assert (first.kept, first.sharing, first.mask, told.rotary) == ("queries and keys", sharing, mask, rotary)
    assert first.dtype == "float32"


def test_a_window_is_told_with_its_width():
    first, second = report("gemma2").stacks["self"]
    assert (first.mask, first.window, first.softcap) == ("window", tiny.WINDOW, 5.0)
    assert (second.mask, second.window, second.softcap) == ("causal", None, 5.0)


def test_latent_keys_are_told_as_wide_as_they_are_compared():
    assert report("deepseek_v3").stacks["self"][0].width == 8 + 4


def test_a_sink_is_told():
    assert all(each.sink for each in report("gpt_oss").stacks["self"])


@pytest.mark.parametrize(("kind", "mask"), [("deberta-v2", "full"), ("xlnet", "full"), ("bloom", "causal")])
def test_weights_that_were_kept_are_told_as_such(kind: str, mask: str):
    told = report(kind)
    assert [each.kept for each in told.stacks["self"]] == ["weights"] * tiny.LAYERS
    assert {each.mask for each in told.stacks["self"]} == {mask}


def test_layers_that_weigh_no_pairs_are_named_with_their_place():
    assert report("lfm2").left_out == ((0, "conv"),)
    assert report("qwen3_next").left_out == ((0, "linear_attention"),)
    assert report("llama").left_out == ()
