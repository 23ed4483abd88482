"""Every type of model that hears: what is drawn is what the model computes, at its moment."""

import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import attnviz
from attnviz.axes import Frames, Tokens
from attnviz.capture import capture, generate, proof
from attnviz.encode import encode
from attnviz.encode.written import label_of
from attnviz.errors import InputError, ModelError, ModelRefused, TooLong, Unreadable
from attnviz.families import FAMILIES
from attnviz.families.frames import sound_frames
from attnviz.inputs import Sound, SoundAndText, read_sound
from attnviz.models.backbone import backbone_of
from attnviz.models.loading import LoadedModel, wrap
from attnviz.models.twin import twin
from attnviz.record import AttentionRecord
from tests import sounds

HEARING = {Sound, SoundAndText}
LISTED = sorted(
    name for family in FAMILIES if HEARING & set(family.reads) and family.stacks for name in family.model_types
)
KINDS = [*LISTED, *sounds.BOTH, *sounds.VARIANTS]
WRITING = [*sounds.WRITERS, *sounds.BOTH]


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def record(kind: str) -> AttentionRecord:
    return capture(sounds.loaded(kind), sounds.given(kind))


def every_layer(record: AttentionRecord) -> Iterator[tuple[str, int]]:
    return ((stack, layer) for stack, layers in record.stacks.items() for layer in range(layers))


def test_every_layer_of_every_stack_is_the_models_own(kind: str, record: AttentionRecord):
    for stack, layer in every_layer(record):
        for head in range(record.layer(stack, layer).heads):
            shown = proof(sounds.loaded(kind), record, stack, layer, head)
            assert max(shown.row_sum_error, shown.difference) <= 1e-5


def test_rows_are_far_from_even_and_heads_from_each_other_so_that_a_wrong_map_would_show(record: AttentionRecord):
    for stack, layer in every_layer(record):
        weights = record.layer(stack, layer).weights()
        assert np.abs(weights - 1 / weights.shape[2]).max() > 0.02
        assert np.abs(weights - weights.mean(axis=0)).max() > 0.01


def test_what_the_model_reports_is_among_what_is_drawn(kind: str, record: AttentionRecord):
    slow = twin(backbone_of(sounds.model(kind)), "eager")
    with torch.no_grad():
        told = slow(**encode(sounds.loaded(kind), sounds.given(kind)).tensors, output_attentions=True)
    reported = [*told.get("encoder_attentions", ()), *told.get("decoder_attentions", ())]
    reported += [*told.get("cross_attentions", ()), *(told.get("attentions") or ())]
    drawn = [record.layer(stack, layer).weights() for stack, layer in every_layer(record)]
    assert len(reported) >= 2
    for table in reported:
        own = table[0].numpy()
        if kind == "wavlm":  # which reports the mean of its heads in place of each
            np.testing.assert_array_equal(own, np.broadcast_to(own[:1], own.shape))
            assert min(np.abs(layer.mean(axis=0) - own[0]).max() for layer in drawn) <= 1e-5
        else:
            assert min(np.abs(layer - own).max() for layer in drawn if layer.shape == own.shape) <= 1e-5


def test_the_output_of_the_model_is_unchanged(kind: str):
    tensors = encode(sounds.loaded(kind), sounds.given(kind)).tensors
    with torch.no_grad():
        ours = sounds.loaded(kind).forward(**tensors)[0]
        plain = twin(backbone_of(sounds.model(kind)), "eager")(**tensors)[0]
    np.testing.assert_allclose(ours, plain, rtol=1e-5, atol=1e-5)


def test_a_record_opens_as_it_was_saved(record: AttentionRecord, tmp_path: Path):
    record.save(tmp_path / "sound.attn.safetensors")
    opened = AttentionRecord.open(tmp_path / "sound.attn.safetensors")
    assert (opened.model, opened.given, opened.stacks) == (record.model, record.given, record.stacks)
    for stack, layer in every_layer(record):
        first, second = record.layer(stack, layer), opened.layer(stack, layer)
        assert (first.queries, first.keys) == (second.queries, second.keys)
        np.testing.assert_array_equal(first.weights(), second.weights())


def test_sounds_are_named_in_seconds_and_words_by_what_is_written(kind: str, record: AttentionRecord):
    for stack, layer in every_layer(record):
        axes = record.layer(stack, layer).queries, record.layer(stack, layer).keys
        expected = {"decoder": (Tokens, Tokens), "cross": (Tokens, Frames)}.get(stack, (Frames, Frames))
        assert tuple(map(type, axes)) == expected
        assert all(axis.seconds == sounds.SECONDS for axis in axes if isinstance(axis, Frames))
    if "cross" in record.stacks:
        written, read = record.layer("decoder", 0).queries, record.layer("decoder", 0).keys
        assert written == record.layer("cross", 0).queries
        assert tuple(read)[1:] == tuple(written)[:-1]
        assert written[len(written) - 1] in ("</s>", "<|endoftext|>")


@pytest.mark.parametrize("kind", [*LISTED, *sounds.BOTH])
def test_a_model_opens_from_its_folder_with_its_feature_extractor(kind: str, tmp_path: Path):
    made = attnviz.load(saved(kind, tmp_path))
    record = capture(made, sounds.given(kind))
    own = capture(sounds.loaded(kind), sounds.given(kind))
    assert (record.stacks, made.layers) == (own.stacks, sounds.loaded(kind).layers)
    for stack, layer in every_layer(record):
        np.testing.assert_allclose(
            record.layer(stack, layer).weights(), own.layer(stack, layer).weights(), rtol=0, atol=1e-5
        )


def saved(kind: str, folder: Path) -> Path:
    model = sounds.model(kind)
    model.save_pretrained(folder)
    sounds.extractor(kind).save_pretrained(folder)
    if kind in WRITING:
        sounds.words(kind).save_pretrained(folder)
    return folder


def test_what_a_model_learns_without_may_be_missing_from_its_files(tmp_path: Path):
    saved("wav2vec2", tmp_path)
    file = tmp_path / "model.safetensors"
    held = load_file(file)
    del held["masked_spec_embed"]  # as in facebook/wav2vec2-base-960h
    save_file(held, file, metadata={"format": "pt"})
    assert attnviz.load(tmp_path).layers == {"self": 2}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"chunk_length": 10**6}, r"chunk_length to 1000000; sounds are heard with 1 to 60"),
        ({"n_fft": 2**30}, "n_fft"),
        ({"hop_length": 1}, "hop_length to 1;"),
        ({"feature_size": "many"}, "feature_size to many"),
        ({"feature_extractor": {"sampling_rate": 0}}, "sampling_rate to 0;"),
    ],
)
def test_settings_that_would_take_all_memory_are_refused_before_anything_is_made(
    settings: dict[str, Any], says: str, tmp_path: Path
):
    saved("whisper", tmp_path)
    file = tmp_path / "preprocessor_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))
    with pytest.raises(ModelRefused, match=says):
        attnviz.load(tmp_path)


# Whose heads WavLM averages


def test_each_head_of_wavlm_is_its_own_by_the_formula():
    """Queries and keys, and a bias of distances that each query scales by a gate of its own, head by head."""
    model, tensors = sounds.model("wavlm"), encode(sounds.loaded("wavlm"), sounds.sound()).tensors
    drawn = capture(sounds.loaded("wavlm"), sounds.sound()).layer("self", 0).weights()
    own = model.encoder.layers[0].attention
    caught: list[torch.Tensor] = []
    hook = own.register_forward_pre_hook(lambda _, given: caught.append(given[0]))
    with torch.no_grad():
        model(**tensors)
        hook.remove()
        states = caught[0][0]
        distances = own.compute_bias(len(states), len(states))
        for head in range(sounds.HEADS):
            part = slice(head * own.head_dim, (head + 1) * own.head_dim)
            gates = torch.sigmoid(own.gru_rel_pos_linear(states[:, part]).view(-1, 2, 4).sum(-1))
            gate = gates[:, :1] * (gates[:, 1:] * own.gru_rel_pos_const[0, head] - 1) + 2
            scores = own.q_proj(states)[:, part] @ own.k_proj(states)[:, part].T / math.sqrt(own.head_dim)
            expected = (scores + gate * distances[head]).softmax(dim=-1)
            np.testing.assert_allclose(drawn[head], expected, rtol=0, atol=1e-5)


# Axes


def test_an_adapter_puts_two_positions_together_in_each_of_its_layers():
    """0.9 seconds are 88 columns and 44 positions of two; an adapter of kernel 3 and stride 2 leaves 22, then 11."""
    record = capture(sounds.loaded("wav2vec2-bert with an adapter"), sounds.sound())
    keys = [record.layer("self", layer).keys for layer in range(4)]
    assert [len(axis) for axis in keys] == [44, 44, 22, 11]
    widths = [axis.spans[5][1] - axis.spans[5][0] for axis in keys]
    np.testing.assert_allclose(widths, [0.02, 0.02, 0.04, 0.08], atol=1e-9)
    np.testing.assert_allclose([axis.spans[5][0] for axis in keys], [0.1, 0.1, 0.2, 0.4], atol=1e-9)


def test_a_writer_looks_at_what_an_adapter_leaves():
    record = capture(sounds.loaded("wav2vec2 + gpt2"), sounds.given("wav2vec2 + gpt2"))
    assert (len(record.layer("encoder", 1).keys), len(record.layer("cross", 0).keys)) == (44, 11)


def test_padding_is_named_and_lies_after_the_sound():
    keys = capture(sounds.loaded("whisper"), sounds.given("whisper")).layer("encoder", 0).keys
    assert isinstance(keys, Frames)
    assert (keys.seconds, keys.spans[44], keys.spans[45], keys.spans[49]) == (
        0.9,
        (0.88, 0.9),
        (0.9, 0.92),
        (0.98, 1.0),
    )


def test_padding_that_is_masked_takes_no_share():
    layer = capture(sounds.loaded("audioflamingo3_encoder"), sounds.sound()).layer("self", 0)
    assert layer.weights()[:, :, 45:].max() == 0 < layer.weights()[:, :, 44].min()


# The words that are written


@cache
def multilingual(**told: Any) -> LoadedModel:
    own = twin(sounds.model("whisper"), "eager")
    own.generation_config.is_multilingual = True
    return wrap(own, sounds.Both(sounds.whisper_words(**told), sounds.extractor("whisper")))


@pytest.mark.parametrize(
    ("told", "prefix"),
    [
        ({}, ("<|en|>", "<|transcribe|>", "<|notimestamps|>")),
        ({"language": "zh"}, ("<|zh|>", "<|transcribe|>", "<|notimestamps|>")),
        ({"language": "german", "task": "translate"}, ("<|de|>", "<|translate|>", "<|notimestamps|>")),
        ({"task": "translate", "predict_timestamps": True}, ("<|en|>", "<|translate|>")),
    ],
)
def test_whisper_is_told_its_language_and_task_before_the_words(told: dict[str, Any], prefix: tuple[str, ...]):
    written = capture(multilingual(**told), SoundAndText(sounds.sound(), "Hm.")).layer("cross", 0).queries
    assert tuple(written) == (*prefix, "␣", "H", "m", ".", "<|endoftext|>")


def test_english_whisper_is_told_to_note_no_times_alone():
    layer = capture(sounds.loaded("whisper"), SoundAndText(sounds.sound(), "Hm.")).layer("decoder", 0)
    assert tuple(layer.queries) == ("<|notimestamps|>", "␣", "H", "m", ".", "<|endoftext|>")
    assert tuple(layer.keys) == ("<|startoftranscript|>", "<|notimestamps|>", "␣", "H", "m", ".")


@pytest.mark.parametrize(("text", "space"), [("Hm", True), (" Hm", False), ("嗯", False), ("", False), ("ß", True)])
def test_whisper_puts_a_space_before_the_first_word_of_scripts_that_have_spaces(text: str, space: bool):
    axis = capture(sounds.loaded("whisper"), SoundAndText(sounds.sound(), text)).layer("cross", 0).queries
    assert isinstance(axis, Tokens)
    assert len(axis) == 2 + space + len(text.encode())
    assert axis.source == text
    assert all(span is None or 0 <= span[0] < span[1] <= len(text) for span in axis.spans)


@pytest.mark.parametrize("kind", ["moonshine", "speech_to_text", "speecht5"])
def test_a_start_that_the_tokenizer_puts_first_is_read_and_not_written_and_an_end_is_written(kind: str):
    layer = capture(sounds.loaded(kind), SoundAndText(sounds.sound(), "The cat")).layer("decoder", 0)
    assert tuple(layer.queries) == ("The", "cat", "</s>")
    assert tuple(layer.keys) == ("<s>", "The", "cat")


@pytest.mark.parametrize("kind", WRITING)
@pytest.mark.parametrize("method", ["greedy", "beam", "sample"])
def test_what_a_model_writes_down_is_captured_in_one_pass(kind: str, method: Any):
    written = generate(sounds.loaded(kind), sounds.sound(), method=method, max_new_tokens=6, candidates=3)
    record = capture(sounds.loaded(kind), written)
    assert len(record.layer("cross", 0).queries) == len(written.ids) == len(written.candidates)
    for stack, layer in every_layer(record):
        assert proof(sounds.loaded(kind), record, stack, layer, 1).difference <= 1e-5
    if kind == "whisper":
        assert record.layer("cross", 0).queries[0] == "<|notimestamps|>"


@pytest.mark.parametrize("kind", WRITING)
def test_the_likeliest_token_of_each_place_is_what_greedy_search_wrote(kind: str):
    written = generate(sounds.loaded(kind), sounds.sound(), max_new_tokens=5, candidates=1)
    told = 1 if kind == "whisper" else 0  # the model does not choose what it is told
    words = sounds.loaded(kind).processor
    assert [label_of(words, number) for number in written.ids[told:]] == [
        place[0].label for place in written.candidates[told:]
    ]


# Refusals


def test_a_sound_too_long_or_too_short_is_refused_with_by_how_much():
    with pytest.raises(TooLong, match=r"lasts 1\.5 seconds and the model hears 1\.0. Cut it by 0\.5"):
        capture(sounds.loaded("whisper"), SoundAndText(sounds.sound(1.5), "Hm"))
    with pytest.raises(Unreadable, match=r"lasts 0\.020 seconds"):
        capture(sounds.loaded("wav2vec2"), sounds.sound(0.02))


def test_a_text_longer_than_whisper_writes_is_refused():
    config = sounds.config("whisper")
    assert config.max_target_positions == 448
    capture(sounds.loaded("whisper"), SoundAndText(sounds.sound(), "a" * 445))
    with pytest.raises(TooLong, match=r"449 tokens and .* writes 448"):
        capture(sounds.loaded("whisper"), SoundAndText(sounds.sound(), "a" * 446))


@pytest.mark.parametrize(
    ("kind", "other", "says"),
    [
        ("whisper", "lasr_encoder", r"input_features of \(88, 16\).* hears input_features of \(100, 80\)"),
        ("wav2vec2", "whisper", r"makes input_features of \(100, 80\).* hears input_values of"),
        ("audio-spectrogram-transformer", "wav2vec2", r"of \(14400, 1\).* of \(100, 1\)"),
        ("speech_to_text", "wav2vec2-bert", r"of \(44, 160\).* of \(44, 80\)"),
    ],
)
def test_the_feature_extractor_of_another_model_is_refused(kind: str, other: str, says: str):
    processor = sounds.Both(sounds.words(kind), sounds.extractor(other)) if kind in WRITING else sounds.extractor(other)
    with pytest.raises(ModelError, match=says):
        capture(wrap(sounds.model(kind), processor), sounds.given(kind))


def test_a_model_without_a_feature_extractor_is_refused():
    with pytest.raises(ModelRefused, match="without a feature extractor"):
        capture(wrap(sounds.model("wav2vec2"), None), sounds.sound())


def test_a_sound_alone_is_not_what_a_writer_reads():
    with pytest.raises(InputError, match="reads SoundAndText, Generated; this is Sound"):
        capture(sounds.loaded("whisper"), sounds.sound())


def test_a_language_that_whisper_does_not_know_is_refused():
    model = wrap(sounds.model("whisper"), sounds.Both(sounds.whisper_words(), sounds.extractor("whisper")))
    model.processor.language = "klingon"
    with pytest.raises(ModelRefused, match="Unsupported language: klingon"):
        capture(model, SoundAndText(sounds.sound(), "Hm"))


def test_a_sound_of_another_rate_is_heard_at_the_models_own():
    axes = [capture(sounds.loaded("hubert"), sounds.sound(rate=rate)).layer("self", 0).keys for rate in (16000, 8000)]
    assert axes[0] == axes[1]


# A model that was trained


@pytest.fixture(scope="module")
def whisper(shared: Path) -> LoadedModel:
    return attnviz.load(shared / "weights" / "whisper-tiny-en-rebuilt")


@pytest.fixture(scope="module")
def kennedy(shared: Path) -> SoundAndText:
    """The words that are spoken from second 3 to 8."""
    heard = read_sound((shared / "inputs" / "speech" / "jfk_16khz.flac").read_bytes())
    part = heard.samples[3 * heard.rate : 8 * heard.rate]
    return SoundAndText(Sound(heard.rate, part.tobytes()), "Ask not what your country can do for you.")


def test_whisper_shows_what_it_computes(whisper: LoadedModel, kennedy: SoundAndText):
    record = capture(whisper, kennedy)
    assert record.stacks == {"encoder": 4, "decoder": 4, "cross": 4}
    with torch.no_grad():
        told = twin(whisper.backbone, "eager")(**encode(whisper, kennedy).tensors, output_attentions=True)
    reported = {stack: told[f"{stack}_attentions"] for stack in ("encoder", "decoder", "cross")}
    for stack, layer in every_layer(record):
        assert record.layer(stack, layer).heads == 6
        own = reported[stack][layer][0]
        np.testing.assert_allclose(record.layer(stack, layer).weights(), own, rtol=0, atol=1e-5)
    for stack in record.stacks:
        shown = proof(whisper, record, stack, 3, 5)
        assert max(shown.row_sum_error, shown.difference) <= 1e-5


def test_whisper_writes_down_what_was_said_in_the_same_tokens(whisper: LoadedModel, kennedy: SoundAndText):
    written = generate(whisper, kennedy.sound, max_new_tokens=20)
    own, given = (capture(whisper, each).layer("cross", 0).queries for each in (written, kennedy))
    assert isinstance(own, Tokens)
    assert isinstance(given, Tokens)
    assert (own.raw, own.labels, own.source.strip()) == (given.raw, given.labels, given.source)


def test_the_heads_that_align_move_forward_with_the_words(whisper: LoadedModel, kennedy: SoundAndText, shared: Path):
    """Against the mean over words, each word's row rises at a later moment than that of the word before."""
    heads = json.loads((shared / "facts" / "whisper_alignment_heads.json").read_text())["tiny.en"]
    record = capture(whisper, kennedy)
    keys = record.layer("cross", 0).keys
    assert isinstance(keys, Frames)
    heard = [at for at, span in enumerate(keys.spans) if span and span[1] <= keys.seconds]
    weights = np.stack([record.layer("cross", layer).weights()[head][:, heard] for layer, head in heads])
    rising = ((weights - weights.mean(axis=1, keepdims=True)) / weights.std(axis=1, keepdims=True)).mean(axis=0)
    times = [
        keys.spans[at][0] for at in rising[1:-1].argmax(axis=1)
    ]  # of words and the full stop, prefix and end aside
    assert (len(times), times) == (10, sorted(set(times)))
    assert times[0] < 1 < 4 < times[-2]  # "Ask" and "you" of 5 seconds


def test_a_sound_longer_than_whisper_hears_is_refused(whisper: LoadedModel, shared: Path):
    whole = read_sound((shared / "inputs" / "speech" / "jfk_16khz.flac").read_bytes())
    with pytest.raises(TooLong, match=r"lasts 11\.0 seconds and the model hears 6\.0"):
        capture(whisper, SoundAndText(whole, "And so"))


def test_a_type_whose_frames_nobody_noted_is_refused():
    config = sounds.config("wav2vec2")
    config.model_type = "encodec"
    with pytest.raises(ModelError, match="'encodec'"):
        sound_frames(config, 16000, 1 / 16000, 1)
