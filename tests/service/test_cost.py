"""What a capture takes, told beforehand, and how a text that is too much is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from attnviz.errors import TooLarge, TooLong
from attnviz.service.cost import (
    Sizes,
    check_characters,
    check_cost,
    check_proof,
    check_tokens,
    estimate,
    fitting_tokens,
)
from attnviz.service.limits import Limits

MINILM = Sizes(layers=6, heads=12, hidden_width=384, query_width=384, key_width=384, inner_width=1536)

MEASURE = """
import ctypes, gc, json, sys, torch
from transformers import AutoConfig, AutoModel
from attnviz.families import family_for
from attnviz.models.attention import IMPLEMENTATION, recording
from attnviz.models.listening import listen
from attnviz.service.cost import Sizes, estimate

def status(name):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

kind, tokens, settings = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
config = AutoConfig.for_model(kind, vocab_size=1000, **settings)
family = family_for(kind)
implementation = "eager" if family.weighs else IMPLEMENTATION
model = AutoModel.from_config(config, attn_implementation=implementation).eval()
if family.weighs:
    listen(model, family)

def run(length):
    with recording() as seen, torch.inference_mode():
        model(input_ids=torch.ones(1, length, dtype=torch.long), **family.told)
    return seen

run(8)
gc.collect()
ctypes.CDLL("libc.so.6").malloc_trim(0)
open("/proc/self/clear_refs", "w").write("5")
before = status("VmRSS")
seen = run(tokens)
kept = sum(call.kept.nbytes if family.weighs else call.q.nbytes + call.k.nbytes for call in seen)
cost = estimate(Sizes.of(config, config.num_hidden_layers, weighs=family.weighs), tokens)
print(json.dumps([kept, cost.record_bytes, status("VmHWM") - before, cost.work_bytes]))
"""


def test_a_record_keeps_a_query_and_a_key_for_each_layer_and_token():
    assert estimate(MINILM, 512).record_bytes == 6 * 512 * (384 + 384) * 4 == 9_437_184


def test_a_record_of_weights_keeps_a_table_for_each_head():
    weighed = Sizes.of(Config(), 2, weighs=True)
    assert weighed.tables == 2 * 4
    assert estimate(weighed, 100).record_bytes == 8 * 100 * 100 * 4
    assert estimate(weighed, 1000).work_bytes > 8 * 1000 * 1000 * 4


def test_latent_attention_is_counted_as_wide_as_what_is_compared():
    latent = Sizes.of(Config(head_dim=4, qk_nope_head_dim=8, qk_rope_head_dim=4, num_key_value_heads=1), 2)
    assert (latent.query_width, latent.key_width) == (48, 48)


def test_shared_keys_are_counted_once():
    grouped = Sizes(layers=30, heads=9, hidden_width=576, query_width=576, key_width=192, inner_width=1536)
    assert estimate(grouped, 1000).record_bytes == 30 * 1000 * (576 + 192) * 4


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak is read from Linux's /proc")
@pytest.mark.parametrize(
    ("kind", "tokens", "settings"),
    [
        ("bert", 512, {"num_hidden_layers": 6}),
        ("qwen2", 512, {"hidden_size": 576, "num_hidden_layers": 12, "num_attention_heads": 9,
                        "num_key_value_heads": 3, "intermediate_size": 1536}),
        ("deberta-v2", 512, {"num_hidden_layers": 6, "hidden_size": 384, "num_attention_heads": 12,
                             "intermediate_size": 1536, "relative_attention": True, "position_buckets": 64,
                             "pos_att_type": ["p2c", "c2p"]}),
        ("bloom", 512, {"n_layer": 6, "hidden_size": 384, "n_head": 12}),
    ],
)  # fmt: skip
def test_the_estimate_is_not_below_the_measured_peak(kind, tokens, settings):
    command = [sys.executable, "-c", MEASURE, kind, str(tokens), json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    kept, record, peak, work = json.loads(done.stdout)
    assert kept == record
    assert peak <= work


def test_a_text_of_too_many_characters_is_refused_with_both_numbers_and_what_to_cut():
    with pytest.raises(TooLong, match=r"20,001 characters .* reads 20,000\. Shorten it by 1\."):
        check_characters("x" * 20_001, Limits())
    check_characters("x" * 20_000, Limits())


def test_the_model_s_window_and_the_server_s_bound_are_told_apart():
    with pytest.raises(TooLong, match=r"600 tokens and minilm reads 512\. Shorten it by 88, or choose a model"):
        check_tokens(600, "minilm", 512, Limits())
    with pytest.raises(TooLong, match=r"600 tokens and this server reads 100\. Shorten it by 500\."):
        check_tokens(600, "gpt2", 1024, Limits(max_tokens=100))
    check_tokens(512, "minilm", 512, Limits())
    check_tokens(2_048, "endless", None, Limits())


def test_a_capture_that_would_not_fit_is_refused_with_the_length_that_does():
    limits = Limits(max_records_bytes="10MB", max_record_bytes="10MB")
    with pytest.raises(TooLarge, match=r"1,000 tokens in minilm need about 18.4 MB .* allows 10.0 MB.* 542 tokens"):
        check_cost(1_000, "minilm", MINILM, limits)
    assert fitting_tokens(MINILM, limits) == 542
    check_cost(542, "minilm", MINILM, limits)
    with pytest.raises(TooLarge):
        check_cost(543, "minilm", MINILM, limits)


def test_the_peak_of_the_work_counts_beside_the_record():
    limits = Limits(max_work_bytes="96MB")
    fits = fitting_tokens(MINILM, limits)
    assert estimate(MINILM, fits).work_bytes <= 96_000_000 < estimate(MINILM, fits + 1).work_bytes
    with pytest.raises(TooLarge, match=r"96\.0 MB"):
        check_cost(fits + 1, "minilm", MINILM, limits)


def test_a_proof_that_would_not_fit_is_refused():
    limits = Limits(max_work_bytes="96MB")
    check_proof(400, "minilm", 12, 5, limits)
    with pytest.raises(TooLarge, match=r"512 tokens in minilm need about 113.2 MB .* about 471 tokens"):
        check_proof(512, "minilm", 12, 5, limits)


class Config:
    """A configuration as transformers gives one."""

    def __init__(self, **fields):
        self.__dict__ |= {"model_type": "x", "hidden_size": 64, "num_attention_heads": 4} | fields


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Sizes(2, 4, 64, 64, 64, 256)),
        ({"n_inner": None, "num_key_value_heads": 2, "head_dim": 32}, Sizes(2, 4, 64, 128, 64, 256)),
        ({"ffn_dim": 100}, Sizes(2, 4, 64, 64, 64, 100)),
        ({"attn_logit_softcapping": 50.0}, Sizes(2, 4, 64, 64, 64, 256, exactly=True)),
        ({"model_type": "longformer", "attention_window": [8, 16]}, Sizes(2, 4, 64, 64, 64, 256, band=68)),
        ({"model_type": "big_bird"}, Sizes(2, 4, 64, 64, 64, 256, biases=1)),
        ({"model_type": "longt5"}, Sizes(2, 4, 64, 64, 64, 256, biases=4)),
    ],
)
def test_sizes_are_read_from_configurations_of_every_spelling(fields, expected):
    assert Sizes.of(Config(**fields), 2) == expected
