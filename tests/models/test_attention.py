import threading

import numpy as np
import pytest
import torch
from torch import nn
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from attnviz.axes import Sides
from attnviz.errors import WeightsUnavailable
from attnviz.models import attention
from attnviz.models.attention import attend, recording
from attnviz.models.calls import Call
from attnviz.record import Bits, Intervals
from tests.record.conftest import tokens

HEADS, KV_HEADS, QUERIES, KEYS, D = 4, 2, 5, 7, 8


class Toy(nn.Module):
    num_key_value_groups = HEADS // KV_HEADS
    is_causal = False


@pytest.fixture
def parts() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.randn(1, HEADS, QUERIES, D), torch.randn(1, KV_HEADS, KEYS, D), torch.randn(1, KV_HEADS, KEYS, D)


def recorded(parts, mask=None, module=None, **rest) -> tuple[Call, torch.Tensor]:
    with recording() as seen:
        output, nothing = attend((module or Toy()).eval(), *parts, mask, scaling=0.5, **rest)
    assert nothing is None
    return seen[0], output


def rebuilt(call: Call, value: torch.Tensor) -> torch.Tensor:
    """The output that the recorded weights give, (batch, query, head, d)."""
    weights = torch.tensor(call.layer(Sides(tokens(QUERIES), tokens(KEYS))).weights()[:, :, :KEYS])
    return (weights @ value[0].repeat_interleave(HEADS // KV_HEADS, 0)).transpose(0, 1)[None]


SEES = torch.rand(1, 1, QUERIES, KEYS, generator=torch.Generator().manual_seed(1)) < 0.6
SEES[..., 3] = True
LOW = torch.finfo(torch.float32).min
BIAS = torch.randn(1, HEADS, QUERIES, KEYS, generator=torch.Generator().manual_seed(2))
SINKS = torch.tensor([0.0, 2.0, -1.0, 5.0])
MASKS = {
    "nothing": None,
    "bool": SEES,
    "-inf": torch.zeros(SEES.shape).masked_fill(~SEES, float("-inf")),
    "smallest number": torch.zeros(SEES.shape).masked_fill(~SEES, LOW),
    "added numbers": BIAS,
    "both": BIAS.masked_fill(~SEES, LOW),
    "smallest number plus a bias": torch.zeros(SEES.shape).masked_fill(~SEES, LOW) + BIAS.abs(),
}
RULES = {
    "plain": {},
    "causal": {"is_causal": True},
    "position bias": {"position_bias": BIAS},
    "soft-cap": {"softcap": 0.7},
    "sinks": {"s_aux": SINKS},
    "all": {"softcap": 0.7, "s_aux": SINKS, "position_bias": BIAS},
    "causal and soft": {"is_causal": True, "softcap": 0.7, "position_bias": BIAS},
}


@pytest.mark.parametrize("block", [2**26, 300], ids=["in one block", "in many blocks"])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("mask", MASKS)
def test_what_is_recorded_is_what_was_computed(parts, mask: str, rule: str, block: int, monkeypatch):
    monkeypatch.setattr(attention, "BLOCK_BYTES", block)
    call, output = recorded(parts, MASKS[mask], **RULES[rule])
    torch.testing.assert_close(output, rebuilt(call, parts[2]), rtol=0, atol=1e-5)


def test_keys_picked_by_a_rule_of_the_module_s_own_are_not_passed_over_in_silence(parts):
    with pytest.raises(WeightsUnavailable, match="Toy picks the keys"):
        recorded(parts, indices=torch.zeros(1, QUERIES, 2, dtype=torch.long))


def test_a_mask_of_keys_alone_holds_for_every_query(parts):
    call, output = recorded(parts, SEES[:, :, :1])
    torch.testing.assert_close(output, rebuilt(call, parts[2]), rtol=0, atol=1e-5)
    assert (call.visible.counts == int(SEES[0, 0, 0].sum())).all()


@pytest.mark.parametrize("mask", MASKS)
def test_the_output_is_that_of_sdpa_where_sdpa_can(parts, mask: str):
    _, output = recorded(parts, MASKS[mask])
    torch.testing.assert_close(output, sdpa_attention_forward(Toy(), *parts, MASKS[mask], scaling=0.5)[0])


def test_without_a_soft_cap_the_exact_way_gives_what_the_fast_way_gives(parts):
    call, fast = recorded(parts, SEES)
    _, exact = recorded(parts, SEES, softcap=1e6)
    torch.testing.assert_close(exact, fast, rtol=0, atol=1e-4)
    assert call.softcap is None


def test_nothing_is_kept_when_nobody_records(parts):
    with recording() as seen:
        pass
    attend(Toy(), *parts, None)
    assert seen == []


def test_masks_are_told_from_biases(parts):
    assert isinstance(recorded(parts)[0].visible, Intervals)
    assert recorded(parts, MASKS["bool"])[0].bias is None
    assert recorded(parts, MASKS["smallest number"])[0].bias is None
    both = recorded(parts, MASKS["both"])[0]
    assert isinstance(both.visible, Bits)
    np.testing.assert_array_equal(both.bias, BIAS[0].masked_fill(~SEES[0], 0))


def test_a_mask_that_layers_share_is_translated_once(parts):
    with recording() as seen:
        for _ in range(3):
            attend(Toy(), *parts, SEES, scaling=0.5)
    assert seen[0].visible is seen[1].visible is seen[2].visible


def test_a_module_says_itself_whether_it_looks_ahead(parts):
    causal = Toy()
    causal.is_causal = True
    assert recorded(parts, module=causal)[0].visible.counts.tolist() == [[1, 2, 3, 4, 5]]
    assert recorded(parts)[0].visible.counts.tolist() == [[KEYS] * QUERIES]
    assert recorded(parts, module=causal, is_causal=False)[0].visible.counts.tolist() == [[KEYS] * QUERIES]


def test_without_a_scaling_it_is_one_by_the_root_of_d(parts):
    with recording() as seen:
        attend(Toy(), *parts, None)
    assert seen[0].scaling == D**-0.5


def test_what_is_kept_is_a_copy_of_its_own_that_nobody_can_write_to(parts):
    call, _ = recorded(parts)
    before = call.q.copy()
    parts[0].zero_()
    np.testing.assert_array_equal(call.q, before)
    assert not call.q.flags.writeable


def test_bfloat16_is_kept_as_bits(parts):
    half = tuple(part.bfloat16() for part in parts)
    call, _ = recorded(half)
    assert call.q.dtype == np.uint16
    wide = (call.q.astype(np.uint32) << 16).view(np.float32)
    np.testing.assert_array_equal(wide, half[0][0].float())


def test_two_inputs_at_once_are_refused(parts):
    call, _ = recorded(tuple(part.repeat(2, 1, 1, 1) for part in parts))
    with pytest.raises(WeightsUnavailable, match="2 inputs at once"):
        call.layer(Sides(tokens(QUERIES), tokens(KEYS)))


def test_windows_side_by_side_leave_their_weights(parts):
    call, _ = recorded(tuple(torch.cat([part, 2 * part]) for part in parts), SEES)
    for window, factor in enumerate((1, 2)):
        alone, _ = recorded(tuple(factor * part for part in parts), SEES)
        np.testing.assert_allclose(call.weights()[window], alone.weights()[0], rtol=0, atol=1e-6)


def test_windows_too_large_to_be_windows_are_refused_before_their_weights_are_made(parts, monkeypatch):
    monkeypatch.setattr(attention, "MOST_WINDOW_BYTES", 4 * 2 * HEADS * QUERIES * KEYS - 1)
    with pytest.raises(WeightsUnavailable, match="2 inputs at once"):
        recorded(tuple(part.repeat(2, 1, 1, 1) for part in parts), torch.ones(1, 1, QUERIES, KEYS, dtype=torch.bool))


def test_inputs_side_by_side_that_each_read_all_of_themselves_keep_what_they_compared(parts):
    call, _ = recorded(tuple(part.repeat(2, 1, 1, 1) for part in parts))
    alone, _ = recorded(parts)
    np.testing.assert_array_equal(call.weights()[1], alone.weights()[0])
    with pytest.raises(WeightsUnavailable, match="2 inputs at once"):
        call.layer(Sides(tokens(QUERIES), tokens(KEYS)))


def test_each_thread_has_its_own_collector(parts):
    def elsewhere() -> None:
        attend(Toy(), *parts, None)

    with recording() as seen:
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
        assert seen == []


def test_a_recording_inside_another_keeps_to_itself(parts):
    with recording() as outer:
        with recording() as inner:
            attend(Toy(), *parts, None)
        attend(Toy(), *parts, None)
    assert (len(outer), len(inner)) == (1, 1)


def test_a_listener_hears_the_number_before_the_call(parts):
    told: list[int] = []
    with recording(told.append) as seen:
        attend(Toy(), *parts, None)
        attend(Toy(), *parts, None)
    assert (told, len(seen)) == ([0, 1], 2)
