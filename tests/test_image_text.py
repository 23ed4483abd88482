"""Models of pictures and words: every stack is the model's own, and every word and patch stands in its place."""

import copy
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import (
    Blip2Processor,
    DonutImageProcessorPil,
    Gemma3Processor,
    Idefics3Processor,
    LlavaProcessor,
    PaliGemmaProcessor,
)

from attnviz.axes import Axis, Joined, Named, Patches, Tokens
from attnviz.capture import capture, proof
from attnviz.encode import encode
from attnviz.encode.prompt import encode_prompted, prompt_of
from attnviz.encode.tokens import cut
from attnviz.errors import InputError, ModelRefused, TooLong, Unreadable
from attnviz.families import FAMILIES
from attnviz.inputs import Generated, Picture, PictureAndText, Text
from attnviz.models.attention import noted, recording
from attnviz.models.backbone import backbone_of
from attnviz.models.chance import draw_alike
from attnviz.models.loading import load_folder, wrap
from attnviz.models.places import place_of
from attnviz.models.twin import twin
from attnviz.record import AttentionRecord, Layer
from tests import image_text, pictures, tiny
from tests.image_text import Both, given, loaded, processors

KINDS = sorted(image_text.CLASSES)
READERS = ["gemma3", "idefics3", "llava", "paligemma", "qwen2_5_vl", "qwen2_vl", "smolvlm", "vipllava"]
WORDS = ["The", "cat", "sat", "."]


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def record(kind: str) -> AttentionRecord:
    return capture(loaded(kind), given())


def text_axis(kind: str) -> Joined:
    axis = capture(loaded(kind), given()).layer("text", 0).keys
    assert isinstance(axis, Joined)
    return axis


def test_every_type_that_a_family_lists_has_a_tiny_model():
    listed = {name for family in FAMILIES if PictureAndText in family.reads for name in family.model_types}
    assert listed == {image_text.model(kind).config.model_type for kind in KINDS}


def test_every_map_of_every_stack_is_the_models_own(kind: str, record: AttentionRecord):
    for stack, layers in record.stacks.items():
        for layer in range(layers):
            for head in (0, record.layer(stack, layer).heads - 1):
                shown = proof(loaded(kind), record, stack, layer, head)
                assert max(shown.row_sum_error, shown.difference) <= 1e-5


def test_stacks_are_those_of_the_kind(kind: str, record: AttentionRecord):
    more = {
        "blip": {"cross": 2},
        "blip itm": {"cross": 2},
        "blip-2": {"queries": 2, "cross": 1},
        "siglip": {"pool": 1},
        "siglip2": {"pool": 1},
    }
    writers = {"donut": {"encoder": 4}, "vit + gpt2": {"encoder": 2}, "vit + trocr": {"encoder": 2}}
    whole = {"vilt": {"self": 2}} | {each: own | {"decoder": 2, "cross": 2} for each, own in writers.items()}
    assert record.stacks == (whole.get(kind) or {"text": 2, "image": 2, **more.get(kind, {})})


def test_rows_are_far_from_even_so_that_a_wrong_map_would_show(record: AttentionRecord):
    spread = [
        np.abs(layer.weights() - 1 / layer.reachable[:, :, None]).max()
        for stack in record.stacks
        for layer in record.layers[stack]
    ]
    assert max(spread) > 0.05


def test_the_output_of_the_model_is_unchanged(kind: str):
    tensors = encode(loaded(kind), given()).tensors
    plain = twin(backbone_of(image_text.model(kind)), "eager")
    draw_alike(plain)  # both shuffle alike, where they shuffle
    with torch.no_grad():
        ours, theirs = loaded(kind).forward(**tensors)[0], plain(**tensors)[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_a_record_opens_as_it_was_saved(record: AttentionRecord, tmp_path: Path):
    record.save(tmp_path / "both.attn.safetensors")
    opened = AttentionRecord.open(tmp_path / "both.attn.safetensors")
    assert (opened.model, opened.given, opened.stacks) == (record.model, record.given, record.stacks)
    for stack, layers in record.stacks.items():
        for layer in range(layers):
            first, second = record.layer(stack, layer), opened.layer(stack, layer)
            assert (first.queries, first.keys) == (second.queries, second.keys)
            np.testing.assert_array_equal(first.weights(), second.weights())


@pytest.mark.parametrize("kind", ["altclip", "blip", "clip", "donut", "qwen2_vl", "smolvlm", "vilt"])
def test_a_folder_gives_the_same_maps_as_the_object(kind: str, tmp_path: Path):
    image_text.model(kind).save_pretrained(tmp_path)
    for processor in processors(kind):
        processor.save_pretrained(tmp_path)
    first, second = capture(load_folder(tmp_path, kind), given()), capture(loaded(kind), given())
    assert first.stacks == second.stacks
    for stack in first.stacks:
        assert first.layer(stack, 0).keys == second.layer(stack, 0).keys
        np.testing.assert_allclose(first.layer(stack, 0).weights(), second.layer(stack, 0).weights(), atol=1e-6)


# Which pixel is which position: a changed cell of the given picture changes what that position brings, and no other.


def exact(kind: str) -> Picture:
    """A picture of a size that the model's processor leaves as it is."""
    size = {
        "donut": (64, 96),
        "idefics3": (64, 96),
        "smolvlm": (64, 96),
        "qwen2_vl": (84, 112),
        "qwen2_5_vl": (84, 112),
        "vilt": (64, 96),
    }.get(kind, (64, 64))
    pixels = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    return Picture(size, pixels.tobytes())


def changed(picture: Picture, box: Sequence[float]) -> Picture:
    pixels = picture.pixels.copy()
    top, left, bottom, right = (round(side) for side in box)
    pixels[top:bottom, left:right] = 255 - pixels[top:bottom, left:right]
    return Picture(picture.size, pixels.tobytes())


def original_box(patches: Patches, position: int) -> tuple[float, float, float, float] | None:
    """Where a position lies in the picture that was given."""
    box = patches.box(position)
    if box is None:
        return None
    return (*patches.geometry.to_original(*box[:2]), *patches.geometry.to_original(*box[2:]))


def boxes_of(axis: Axis) -> list[tuple[float, float, float, float] | None]:
    parts = axis.parts if isinstance(axis, Joined) else (axis,)
    found: list[tuple[float, float, float, float] | None] = []
    for part in parts:
        found += [original_box(part, at) if isinstance(part, Patches) else None for at in range(len(part))]
    return found


@contextmanager
def brought(module: nn.Module, length: int) -> Iterator[list[torch.Tensor]]:
    """Collect what a module is given that has so many positions: the last such tensor, as keys come after queries."""
    seen: list[torch.Tensor] = []

    def keep(module: nn.Module, told: tuple, named: dict) -> None:
        every = [each for each in (*told, *named.values()) if isinstance(each, torch.Tensor) and each.ndim in (2, 3)]
        seen.append(
            [each for each in every if each.is_floating_point() and each.shape[:-1].numel() == length][-1].clone()
        )

    handle = module.register_forward_pre_hook(keep, with_kwargs=True)
    try:
        yield seen
    finally:
        handle.remove()


def modules_of(kind: str, stack: str) -> list[nn.Module]:
    family = loaded(kind).family
    own = loaded(kind).backbone.modules()
    return [module for module in own if family.stack_of(type(module).__name__, place_of(module)) == stack]


def arrived(kind: str, stack: str, picture: Picture) -> tuple[Axis, torch.Tensor]:
    """Name the keys of a stack, and give what each of them brings to its first layer, no patch having read another."""
    model = loaded(kind)
    encoded = encode(model, PictureAndText(picture, image_text.TEXT))
    mute = [module for tower in ("image", "encoder") if tower in encoded.sides for module in modules_of(kind, tower)]
    if stack in ("image", "encoder", "self"):
        mute = []
    keys = len(encoded.sides[stack][0].keys)
    with pictures.silent(mute), brought(modules_of(kind, stack)[0], keys) as seen, torch.no_grad(), recording():
        model.forward(**encoded.tensors)
        encoded = encoded.settled(noted())
    return encoded.sides[stack][0].keys, seen[0]


TRIED = [
    ("llava", "text"),
    ("vipllava", "text"),
    ("paligemma", "text"),
    ("gemma3", "text"),
    ("smolvlm", "text"),
    ("smolvlm", "image"),
    ("idefics3", "text"),
    ("qwen2_vl", "text"),
    ("qwen2_vl", "image"),
    ("qwen2_5_vl", "text"),
    ("qwen2_5_vl", "image"),
    ("blip", "cross"),
    ("blip-2", "cross"),
    ("clip", "image"),
    ("siglip", "image"),
    ("vit + gpt2", "cross"),
    ("donut", "cross"),
    ("vilt", "self"),
]


@pytest.mark.parametrize(("kind", "stack"), TRIED)
def test_a_changed_cell_of_the_picture_changes_its_own_position_alone(kind: str, stack: str):
    picture = exact(kind)
    axis, before = arrived(kind, stack, picture)
    boxes = boxes_of(axis)
    sharp = [at for at, box in enumerate(boxes) if box is not None and not _shrunk(axis, at)]
    assert sum(box is not None for box in boxes) >= 4
    for at in (sharp[0], sharp[len(sharp) // 2], sharp[-2], sharp[-1]):
        again, after = arrived(kind, stack, changed(picture, boxes[at]))
        assert again == axis
        found = pictures.moved(before, after)
        if isinstance(axis, Joined) and stack == "image":  # tiles come side by side, each of them whole
            assert len(boxes) == before.flatten(0, -2).shape[0]
        assert [each for each in found if not _shrunk(axis, each)] == [at]
        small = [
            each for each, box in enumerate(boxes) if box is not None and _shrunk(axis, each) and _meet(box, boxes[at])
        ]
        assert set(small) <= set(found)


def _shrunk(axis: Axis, position: int) -> bool:
    """Whether a position is of a picture made small beside its tiles, where a pixel spreads over its neighbours."""
    for part in axis.parts if isinstance(axis, Joined) else (axis,):
        if position < len(part):
            return isinstance(part, Patches) and part.geometry.resized != part.geometry.original
        position -= len(part)
    return False


def _meet(first: Sequence[float], second: Sequence[float]) -> bool:
    return all(max(first[at], second[at]) < min(first[at + 2], second[at + 2]) for at in (0, 1))


# Which token is which word.


@pytest.mark.parametrize("kind", READERS)
def test_words_and_patches_take_turns_as_the_tokens_do(kind: str):
    axis, numbers = text_axis(kind), encode(loaded(kind), given()).tensors["input_ids"][0].tolist()
    image = loaded(kind).model.config.image_token_id
    at = 0
    for part in axis.parts:
        own = numbers[at : at + len(part)]
        if isinstance(part, Patches):
            assert set(own) == {image}
        else:
            assert isinstance(part, Tokens)
            assert list(part.raw) == processors(kind)[0].convert_ids_to_tokens(own)
            assert image not in own
        at += len(part)
    assert at == len(numbers)


@pytest.mark.parametrize("kind", READERS)
def test_the_words_beside_the_picture_are_named_where_they_stand(kind: str):
    after = next(part for part in reversed(text_axis(kind).parts) if isinstance(part, Tokens))
    start = list(after.labels).index("The")
    assert list(after.labels[start : start + 4]) == WORDS
    assert [after.source[slice(*span)] for span in after.spans[start : start + 4] if span] == WORDS


@pytest.mark.parametrize("kind", ["blip", "blip itm", "chinese_clip", "clip", "metaclip_2", "vilt"])
def test_a_tower_of_words_names_the_caption(kind: str):
    record = capture(loaded(kind), given())
    axis = record.layer("self" if kind == "vilt" else "text", 0).queries
    labels = [label.capitalize() if label == "the" else label for label in axis]
    start = labels.index("The")
    assert labels[start : start + 4] == WORDS


def test_a_caption_for_siglip_is_filled_up_as_it_was_trained():
    axis = capture(loaded("siglip"), given()).layer("text", 0).queries
    assert list(axis)[:5] == ["<s>", *WORDS]
    assert list(axis)[5:] == ["<pad>"] * 59
    assert "attention_mask" not in encode(loaded("siglip"), given()).tensors


def test_the_learned_queries_of_blip_2_have_names_and_stand_before_the_words():
    record = capture(loaded("blip-2"), given())
    queries = Named(tuple(f"[QUERY {index}]" for index in range(image_text.QUERIES)))
    cross = record.layer("cross", 0)
    assert record.layer("queries", 0).queries == cross.queries == queries
    assert cross.keys == record.layer("image", 0).queries
    assert list(record.layer("text", 0).queries) == [*queries, *WORDS]


def test_a_row_of_a_captioner_is_named_by_the_token_it_writes():
    record = capture(loaded("vit + trocr"), given())
    assert list(record.layer("decoder", 0).queries) == ["<s>", *WORDS]
    assert list(record.layer("decoder", 0).keys) == ["<s>", "<s>", *WORDS[:-1]]
    assert list(record.layer("cross", 0).queries) == ["<s>", *WORDS]
    assert record.layer("cross", 0).keys == record.layer("encoder", 1).queries


def test_what_a_captioner_wrote_to_a_picture_is_read_as_a_caption_is():
    model = loaded("vit + gpt2")
    ids = tuple(processors("vit + gpt2")[0](image_text.TEXT)["input_ids"])
    first, second = capture(model, given()), capture(model, Generated(image_text.picture(), ids))
    np.testing.assert_array_equal(first.layer("cross", 1).weights(), second.layer("cross", 1).weights())


@pytest.mark.parametrize("kind", ["llava", "paligemma", "gemma3", "idefics3", "blip-2"])
def test_tokens_and_pixels_are_those_of_transformers_own_processor(kind: str):
    words, images = (copy.deepcopy(each) for each in processors(kind))
    prompt, own = _processor(kind, words, images)
    theirs = own(images=image_text.picture().pixels, text=prompt, return_tensors="pt")
    encoded = encode(loaded(kind), PictureAndText(image_text.picture(), image_text.TEXT)).tensors
    assert encoded["input_ids"].tolist() == theirs["input_ids"].tolist()
    torch.testing.assert_close(encoded["pixel_values"], theirs["pixel_values"])
    for name in {"token_type_ids", "pixel_attention_mask"} & set(encoded):
        assert encoded[name].tolist() == theirs[name].tolist()


def _processor(kind: str, words: Any, images: Any) -> tuple[str, Any]:
    """Make the processor that transformers has for a kind, and the prompt that it is to be given."""
    text = image_text.TEXT
    match kind:
        case "llava":
            own = LlavaProcessor(images, words, patch_size=16, vision_feature_select_strategy="default")
            own.num_additional_image_tokens = 1
            return f"<image>\n{text}", own
        case "paligemma":
            images.image_seq_length = 16
            words.image_token, words.image_token_id = "<image>", words.convert_tokens_to_ids("<image>")
            return f"<image>{text}", PaliGemmaProcessor(images, words)
        case "gemma3":
            for name, token in {"boi": "<boi>", "image": "<image>", "eoi": "<eoi>"}.items():
                setattr(words, f"{name}_token", token)
                setattr(words, f"{name}_token_id", words.convert_tokens_to_ids(token))
            return f"<user> <boi>{text}<assistant>", Gemma3Processor(images, words, image_seq_length=4)
        case "idefics3":
            return f"<image>{text}", Idefics3Processor(images, words, image_seq_len=4)
    return text, Blip2Processor(images, words, num_query_tokens=image_text.QUERIES)


def test_a_text_that_names_the_picture_is_the_whole_prompt():
    record = capture(loaded("qwen2_vl"), given("The cat <|image_pad|> sat."))
    before, seen, after = record.layer("text", 0).keys.parts
    assert (list(before), len(seen), list(after)) == (["The", "cat", "␣"], 6, ["sat", "."])


def test_a_chat_template_that_the_processor_holds_says_where_the_picture_stands():
    both = Both(*processors("llava"))
    both.chat_template = image_text.CHAT.replace("HERE", "[<image>]")
    record = capture(wrap(image_text.model("llava"), both), given())
    before, _, after = record.layer("text", 0).keys.parts
    assert (before.source, after.source) == ("<user> [", "]The cat sat.<assistant>")
    assert processors("llava")[0].chat_template is None  # yours stays as it is


# Who reads whom.


def test_words_after_words_are_read_from_behind_alone():
    for kind in ("llava", "blip-2", "smolvlm", "qwen2_vl"):
        layer = capture(loaded(kind), given()).layer("text", 1)
        assert layer.reachable[0].tolist() == list(range(1, len(layer.queries) + 1))


def test_a_captioning_blip_reads_backwards_and_a_matching_blip_both_ways():
    writes, matches = (capture(loaded(kind), given()).layer("text", 1) for kind in ("blip", "blip itm"))
    assert writes.reachable[0].tolist() == [1, 2, 3, 4, 5, 6]
    assert matches.reachable[0].tolist() == [6] * 6


def test_the_prompt_of_paligemma_reads_itself_both_ways_and_what_follows_it_does_not():
    model = loaded("paligemma")
    whole = capture(model, given()).layer("text", 1)
    assert whole.reachable[0].tolist() == [22] * 22
    prompt = prompt_of(model, given())
    encoded = encode_prompted(model, prompt, cut(model.processor, "It ran.", ends=False), "It ran.")
    with recording() as seen, torch.no_grad():
        model.forward(**encoded.tensors)
    layer = model.family.assemble(seen, encoded.sides, model.layers)["text"][1]
    more = len(layer.queries) - 22
    assert more >= 2
    assert layer.reachable[0].tolist() == [22] * 22 + [23 + at for at in range(more)]


def test_the_patches_of_gemma_3_read_each_other_and_its_words_read_from_behind():
    layer = capture(loaded("gemma3"), given()).layer("text", 0)
    seen = [at for at, box in enumerate(boxes_of(layer.keys)) if box is not None]
    weights = layer.weights()[0]
    assert len(seen) == 4
    assert (weights[np.ix_(seen, seen)] > 0).all()
    others = [at for at in range(len(layer.queries)) if at not in seen]
    assert not any(weights[at, at + 1 :].any() for at in others)


def test_each_tile_reads_itself_alone_and_costs_no_table_of_all_by_all():
    layer = capture(loaded("smolvlm"), given()).layer("image", 0)
    assert isinstance(layer, Layer)  # queries and keys, not weights
    tile = np.repeat(np.arange(7), 16)
    assert ((layer.weights()[0] > 0) == (tile[:, None] == tile[None])).all()
    assert list(layer.queries)[:2] == ["t0 r0 c0", "t0 r0 c1"]
    assert list(layer.queries)[-1] == "t6 r3 c3"


def test_a_small_picture_is_one_tile():
    model = loaded("smolvlm")
    whole = copy.deepcopy(model.pictures)
    whole.do_image_splitting = False
    record = capture(wrap(image_text.model("smolvlm"), Both(model.processor, whole)), given())
    assert len(record.layer("image", 0).queries) == 16
    assert [len(part) for part in record.layer("text", 0).keys.parts if isinstance(part, Patches)] == [4]


def test_a_tower_in_windows_knows_them():
    record = capture(loaded("qwen2_5_vl"), PictureAndText(exact("qwen2_5_vl"), image_text.TEXT))
    windowed, full = record.layer("image", 0), record.layer("image", 1)
    assert windowed.reachable[0].tolist() == [16] * 32 + [8] * 16
    assert full.reachable[0].tolist() == [48] * 48


@pytest.mark.parametrize("kind", READERS)
def test_a_model_that_can_see_reads_a_text_alone_too(kind: str):
    record = capture(loaded(kind), Text(image_text.TEXT))
    assert record.stacks == {"text": 2}
    assert list(record.layer("text", 0).queries)[-4:] == WORDS
    assert proof(loaded(kind), record, "text", 1, 3).difference <= 1e-5


# Many at once.


@pytest.mark.parametrize("kind", ["smolvlm", "vilt"])
def test_threads_that_share_a_model_each_get_their_own_record(kind: str):
    stack, model = ("self" if kind == "vilt" else "text"), loaded(kind)
    texts = [given(text) for text in ("The cat sat.", "A dog.", "The mouse ran under the mat.")] * 6
    alone = {each.text: capture(model, each).layer(stack, 1) for each in texts[:3]}

    def one(each: PictureAndText) -> AttentionRecord:
        torch.rand(7)  # others draw lots too
        return capture(model, each)

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(one, texts))
    for each, record in zip(texts, together, strict=True):
        own = record.layer(stack, 1)
        assert (record.given, own.keys) == (each, alone[each.text].keys)
        np.testing.assert_allclose(own.weights(), alone[each.text].weights(), rtol=0, atol=1e-6)


def test_the_shuffled_patches_of_vilt_come_out_alike_and_leave_the_lots_of_others_alone():
    model = loaded("vilt")
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    first, second = capture(model, given()), capture(model, given())
    np.testing.assert_array_equal(torch.rand(4), expected)
    axis = first.layer("self", 0).keys
    assert axis == second.layer("self", 0).keys
    cells = axis.parts[1].cells[1:]
    assert sorted(cells) == list(range(24)) != list(cells)


def test_a_model_of_your_own_goes_on_shuffling_as_it_did():
    own = image_text.model("vilt")
    loaded("vilt")
    assert "visual_embed" not in vars(own.embeddings)


# What is refused.


def test_a_tokenizer_without_a_sign_for_the_picture_is_refused():
    model = wrap(image_text.model("llava"), Both(tiny.tokenizer("fallback"), processors("llava")[1]))
    with pytest.raises(ModelRefused, match=r"no token that stands for a picture.*332"):
        capture(model, given())


def test_a_text_too_long_for_its_tower_is_refused_with_numbers():
    with pytest.raises(TooLong, match=r"90 tokens and .* reads 64.*by 26"):
        capture(loaded("chinese_clip"), given("cat " * 88))


def test_a_prompt_too_long_with_its_picture_is_refused_with_numbers():
    with pytest.raises(TooLong, match=r"come to \d+ tokens, 16 of them for the picture, and .* reads 256"):
        capture(loaded("vipllava"), given("cat " * 260))


def test_a_target_too_long_for_its_decoder_is_refused_with_numbers():
    with pytest.raises(TooLong, match="writes 32"):
        capture(loaded("vit + gpt2"), given("cat " * 40))


def test_a_picture_named_twice_is_refused():
    with pytest.raises(Unreadable, match="2 times"):
        capture(loaded("llava"), given("<image> and <image>"))


def test_a_text_with_the_sign_of_a_patch_is_refused():
    with pytest.raises(Unreadable, match="stands for a patch"):
        capture(loaded("gemma3"), given("The <image> sat."))


def test_a_picture_too_small_for_swin_is_refused_before_it_spoils_the_model():
    small = DonutImageProcessorPil(size={"height": 16, "width": 24}, do_align_long_axis=False)
    model = wrap(image_text.model("donut"), Both(processors("donut")[0], small))
    with pytest.raises(InputError, match="windows of 4"):
        capture(model, given())
    assert capture(loaded("donut"), given()).stacks["encoder"] == 4


def test_a_processor_of_another_size_than_the_tower_is_refused():
    other = processors("llava")[1].__class__(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    model = wrap(image_text.model("llava"), Both(processors("llava")[0], other))
    with pytest.raises(Exception, match=r"makes pictures of \(32, 32\).*reads \(64, 64\)"):
        capture(model, given())


def test_a_tower_that_can_stretch_its_positions_reads_another_size():
    other = processors("clip")[1].__class__(size={"shortest_edge": 64}, crop_size={"height": 64, "width": 96})
    record = capture(wrap(image_text.model("clip"), Both(processors("clip")[0], other)), given())
    assert record.layer("image", 0).queries.grid == (4, 6)
