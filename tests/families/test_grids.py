"""Each layout is held against a model: one cell of the picture is changed, and one token moves, the one so named."""

import ast
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Qwen2VLImageProcessorPil, Siglip2ImageProcessorPil, ViltConfig, ViltModel

import attnviz
from attnviz.axes import ImageGeometry, Named, Patches, Sides
from attnviz.encode.picture import picture_tensors
from attnviz.errors import InputError, ModelError, ShapeError, UnknownFamily, WeightsUnavailable
from attnviz.families.grids import (
    LAYOUTS,
    Known,
    blocks_of,
    check_lengths,
    check_swin,
    left_over,
    mae_order,
    picture_sides,
    read_by_words,
    vilt_sides,
)
from attnviz.families.grids.windows import shifted
from attnviz.inputs import Picture
from attnviz.record import WindowedLayer
from tests.pictures import SIZES, attention_modules, config, inputs_of, moved, noise, silent, tower

SQUARE, WIDE, UNEVEN = (64, 64), (64, 96), (70, 86)
SPECIAL = ("vit_mae", "siglip2_vision_model", "qwen2_vl_vision", "qwen2_5_vl_vision")
SWIN = ("swin", "swinv2", "donut-swin")
PYRAMIDS = ("segformer", "pvt", "pvt_v2")
DETR = ("detr", "conditional_detr", "table-transformer")
PLAIN = tuple(kind for kind in SIZES if kind not in (*SPECIAL, *SWIN, *PYRAMIDS, *DETR))


def seen_as(size: tuple[int, int]) -> ImageGeometry:
    return ImageGeometry(size, size, (0, 0), size)


def given(model: Any, pixels: torch.Tensor) -> dict[str, Any]:
    """Tensors for a tower that takes pixels, and what lets it take other sizes than its own."""
    more = inspect.signature(model.forward).parameters
    tensors: dict[str, Any] = {"pixel_values": pixels}
    if "interpolate_pos_encoding" in more:
        tensors["interpolate_pos_encoding"] = True
    if "image_sizes" in more:
        tensors["image_sizes"] = torch.tensor([pixels.shape[-2:]])
    return tensors


def inputs_at(model: Any, tensors: dict[str, Any]) -> list[torch.Tensor]:
    """What each attention module is given while none of them passes anything on."""
    modules = attention_modules(model)
    with torch.no_grad(), inputs_of(modules) as seen, silent(modules):
        model(**tensors)
    return seen


@pytest.mark.parametrize("size", [SQUARE, WIDE, UNEVEN])
@pytest.mark.parametrize("kind", PLAIN)
def test_a_changed_patch_moves_the_token_that_bears_its_name(kind, size):
    model, layers = tower(kind), picture_sides(config(kind), seen_as(size))["self"]
    axis = layers[0].queries
    before = inputs_at(model, given(model, noise(size)))
    assert [len(sides.queries) for sides in layers] == [each.shape[1] for each in before[: len(layers)]]
    assert axis.grid == (size[0] // 16, size[1] // 16)
    for cell in (1, axis.grid[1], axis.grid[0] * axis.grid[1] - 1):
        token = axis.cells.index(cell)
        after = inputs_at(model, given(model, noise(size, axis.box(token))))
        assert [moved(one, other) for one, other in zip(before, after, strict=True)][: len(layers)] == [[token]] * len(
            layers
        )


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("vit", ("[CLS]", "r0 c0", "r0 c1"), "r3 c5"),
        ("deit", ("[CLS]", "[DIST]", "r0 c0"), "r3 c5"),
        ("dinov2_with_registers", ("[CLS]", "[REG 0]", "[REG 1]"), "r3 c5"),
        ("siglip_vision_model", ("r0 c0", "r0 c1", "r0 c2"), "r3 c5"),
        ("yolos", ("[CLS]", "r0 c0", "r0 c1"), "[DET 9]"),
    ],
)
def test_tokens_that_are_no_patch_have_names_and_no_place(kind, first, last):
    axis = picture_sides(config(kind), seen_as(WIDE))["self"][0].queries
    assert tuple(axis)[:3] == first
    assert axis[len(axis) - 1] == last
    assert [cell is None for cell in axis.cells] == [label.startswith("[") for label in axis]


LEARNED = {  # the parameter that makes a token beside the grid -> how the token is called
    "cls_token": "[CLS]",
    "class_embedding": "[CLS]",
    "distillation_token": "[DIST]",
    "register_tokens": "[REG {}]",
    "detection_tokens": "[DET {}]",
}


def learned_tokens(model: Any) -> dict[str, torch.Tensor]:
    """The tokens that a tower brings itself, each with the numbers it is made of."""
    found = {}
    for path, parameter in model.named_parameters():
        if name := LEARNED.get(path.rsplit(".", 1)[-1]):
            found |= {name.format(at): own for at, own in enumerate(parameter.view(-1, parameter.shape[-1]))}
    return found


@contextmanager
def raised(numbers: torch.Tensor) -> Iterator[None]:
    """Change a part of a parameter, and put back what was there."""
    kept = numbers.detach().clone()
    with torch.no_grad():
        numbers += 1
        yield
        numbers.copy_(kept)


@pytest.mark.parametrize("size", [SQUARE, WIDE])
@pytest.mark.parametrize("kind", PLAIN)
def test_a_changed_class_token_register_or_detection_token_moves_the_token_of_its_name(kind, size):
    model, axis = tower(kind), picture_sides(config(kind), seen_as(size))["self"][0].queries
    before, tokens = inputs_at(model, given(model, noise(size))), learned_tokens(model)
    assert list(tokens) == [label for label in axis if label.startswith("[")]
    for label, numbers in tokens.items():
        with raised(numbers):
            after = inputs_at(model, given(model, noise(size)))
        assert moved(before[0], after[0]) == [axis.labels.index(label)]


def test_a_probe_that_sums_up_the_picture_is_a_layer_of_its_own():
    (sides,) = picture_sides(config("siglip_vision_model"), seen_as(WIDE))["pool"]
    assert (tuple(sides.queries), len(sides.keys)) == (("[PROBE]",), 24)


@pytest.mark.parametrize("size", [SQUARE, WIDE, UNEVEN])
def test_a_masked_autoencoder_names_the_patches_that_it_kept(size):
    model, count = tower("vit_mae"), (size[0] // 16) * (size[1] // 16)
    order = np.random.default_rng(0).permutation(count) / count
    cells = mae_order(config("vit_mae"), order)
    axis = picture_sides(config("vit_mae"), seen_as(size), Known(order=cells))["self"][0].queries
    more = {"noise": torch.tensor(order)[None], "interpolate_pos_encoding": True}
    before = inputs_at(model, {"pixel_values": noise(size), **more})
    assert before[0].shape[1] == len(axis) == 1 + count * 3 // 4  # a quarter of the patches is hidden
    for token in (1, 7, len(axis) - 1):
        after = inputs_at(model, {"pixel_values": noise(size, axis.box(token)), **more})
        assert moved(before[1], after[1]) == [token]
    with pytest.raises(ModelError, match="read 75% of the patches"):
        picture_sides(config("vit_mae"), seen_as(size))


def through(processor: Any, pixels: np.ndarray) -> Any:
    return picture_tensors(processor, Picture(pixels.shape[:2], pixels.tobytes()))


def changed(pixels: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    top, left, bottom, right = (int(side) for side in box)
    other = pixels.copy()
    other[top:bottom, left:right] ^= 128
    return other


def photo(size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)


@pytest.mark.parametrize("size", [SQUARE, WIDE, (96, 48)])
def test_patches_in_the_pictures_own_proportions_are_followed_by_padding(size):
    processor = Siglip2ImageProcessorPil(patch_size=16, max_num_patches=30, do_resize=False)
    one = through(processor, photo(size))
    known = Known(padded=one.tensors["pixel_values"].shape[1])
    axis = picture_sides(config("siglip2_vision_model"), one.geometry, known)["self"][0].queries
    assert (len(axis), axis.grid) == (30, (size[0] // 16, size[1] // 16))
    assert axis[29] == f"[PAD {29 - axis.grid[0] * axis.grid[1]}]"
    before = inputs_at(tower("siglip2_vision_model"), dict(one.tensors))
    for token in (1, axis.grid[1]):
        other = through(processor, changed(photo(size), axis.box(token)))
        after = inputs_at(tower("siglip2_vision_model"), dict(other.tensors))
        assert [moved(before[layer], after[layer]) for layer in (0, 1)] == [[token], [token]]


@pytest.mark.parametrize("size", [(112, 112), (84, 140), (168, 56)])
@pytest.mark.parametrize("kind", ["qwen2_vl_vision", "qwen2_5_vl_vision"])
def test_blocks_and_windows_of_qwen_hold_the_patches_that_they_name(kind, size):
    one = through(Qwen2VLImageProcessorPil(), photo(size))
    layers = picture_sides(config(kind), one.geometry)["self"]
    axis = layers[0].queries
    assert axis.grid == (size[0] // 14, size[1] // 14)
    assert tuple(axis)[:4] == ("r0 c0", "r0 c1", "r1 c0", "r1 c1")
    before = inputs_at(tower(kind), qwen(one))
    for token in (1, 6, len(axis) - 2):
        other = through(Qwen2VLImageProcessorPil(), changed(photo(size), axis.box(token)))
        assert [moved(*pair) for pair in zip(before, inputs_at(tower(kind), qwen(other)), strict=True)] == [[token]] * 2


def test_windows_of_qwen_are_those_that_its_attention_splits_by():
    one = through(Qwen2VLImageProcessorPil(), photo((84, 140)))
    windowed, whole = picture_sides(config("qwen2_5_vl_vision"), one.geometry)["self"]
    modules, splits = attention_modules(tower("qwen2_5_vl_vision")), []
    model = tower("qwen2_5_vl_vision")
    modules = attention_modules(model)
    for module in modules:
        module.register_forward_pre_hook(
            lambda _, __, named: splits.append(named["cu_seqlens"].tolist()), with_kwargs=True
        )
    model(**qwen(one))
    assert [len(window) for window in windowed.windows.where] == np.diff(splits[0]).tolist() == [16, 16, 8, 8, 8, 4]
    assert (whole.windows, splits[1]) == (None, [0, 60])


def qwen(prepared: Any) -> dict[str, torch.Tensor]:
    return {"hidden_states": prepared.tensors["pixel_values"], "grid_thw": prepared.tensors["image_grid_thw"]}


@pytest.mark.parametrize("size", [(64, 64), (60, 52), (96, 64), (61, 70)])
@pytest.mark.parametrize("kind", SWIN)
def test_a_changed_cell_moves_the_slot_of_the_window_that_holds_it_plain_shifted_and_padded(kind, size):
    model, geometry = tower(kind, num_heads=[2, 2]), seen_as(size)
    layers = picture_sides(config(kind), geometry, Known(blocks=blocks_of(model.modules())))["self"]
    assert layers == picture_sides(config(kind), geometry)["self"]
    before = inputs_at(model, {"pixel_values": noise(size)})
    for layer, sides in enumerate(layers):
        where = sides.windows.where
        assert before[layer].shape[:2] == (len(where), len(where[0]))
        count = sides.queries.grid[0] * sides.queries.grid[1]
        assert sorted(cell for window in where for cell in window if cell is not None) == list(range(count))
        for cell in (0, sides.queries.grid[1] + 1, count - 1):
            after = inputs_at(model, {"pixel_values": noise(size, sides.queries.box(cell))})
            held = [at for at, own in enumerate(slot for window in where for slot in window) if own == cell]
            assert moved(before[layer], after[layer]) == held


@pytest.mark.parametrize("kind", SWIN)
def test_dense_maps_of_every_swin_layer_rebuild_what_the_layer_passed_on(kind):
    """60 × 52 pixels: 15 × 13 patches in 16 windows of 4 × 4, padded at two edges; every second layer shifted."""
    model, layers = tower(kind), picture_sides(config(kind), seen_as((60, 52)))["self"]
    taken: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
    for module in attention_modules(model):
        module.register_forward_hook(lambda own, one, out: taken.append((own, one[0], out[1])))
    with torch.no_grad():
        model(noise((60, 52)), output_attentions=True)
        for sides, (own, tokens, weights) in zip(layers, taken, strict=True):
            values = own.value(tokens) if hasattr(own, "value") else own.v_proj(tokens)
            heads = weights.shape[1]
            layer = WindowedLayer.laid(sides.queries, sides.keys, list(weights.numpy()), sides.windows)
            assert len(layer.keys) - len(layer.queries) == any(None in window for window in sides.windows.where)
            rebuilt = layer.weights() @ _by_key(values, sides, heads, len(layer.keys))
            direct = weights @ values.unflatten(2, (heads, -1)).transpose(1, 2)
            np.testing.assert_allclose(rebuilt, _by_cell(direct, sides), rtol=0, atol=1e-5)


@pytest.mark.parametrize("size", [(64, 64), (60, 52), (52, 96)])
@pytest.mark.parametrize("kind", SWIN)
def test_dense_maps_of_every_swin_layer_hold_each_weight_of_the_model_once_and_nothing_else(kind, size):
    """Windows are laid out by the model's own functions: padded, rolled and cut as in its forward pass. Error 0."""
    model, layers = tower(kind), picture_sides(config(kind), seen_as(size))["self"]
    cut, taken = vars(inspect.getmodule(type(model)))["window_partition"], []
    for module in attention_modules(model):
        module.register_forward_hook(lambda own, one, out: taken.append(out[1].numpy()))
    with torch.no_grad():
        model(noise(size), output_attentions=True)
    for sides, weights, (window, shift) in zip(layers, taken, blocks_of(model.modules()), strict=True):
        (rows, cols), heads = sides.queries.grid, weights.shape[1]
        roll = 0 if kind != "swinv2" and min(rows, cols) <= window else -shift
        cells = torch.arange(rows * cols).view(1, rows, cols, 1)
        padded = torch.nn.functional.pad(cells, (0, 0, 0, -cols % window, 0, -rows % window), value=rows * cols)
        slots = cut(torch.roll(padded, (roll, roll), (1, 2)), window).view(-1, window * window).numpy()
        expected = np.zeros((heads, rows * cols + 1, rows * cols + 1), np.float32)  # all padding in the last
        for own, given_back in zip(slots, weights, strict=True):
            np.add.at(expected, (slice(None), own[:, None], own[None]), given_back)
        dense = WindowedLayer.laid(sides.queries, sides.keys, list(weights), sides.windows).weights()
        np.testing.assert_array_equal(dense[:, :, : rows * cols], expected[:, :-1, :-1])
        np.testing.assert_allclose(dense[:, :, rows * cols :].sum(2), expected[:, :-1, -1], rtol=1e-6)


def _by_key(values: torch.Tensor, sides: Sides, heads: int, keys: int) -> np.ndarray:
    """Values of each key, (head, key, d); all padding has one value, that of an empty token."""
    split = values.unflatten(2, (heads, -1)).numpy()
    result = np.zeros((heads, keys, split.shape[-1]), np.float32)
    for window, slots in enumerate(sides.windows.where):
        for slot, cell in enumerate(slots):
            result[:, len(sides.queries) if cell is None else cell] = split[window, slot]
    return result


def _by_cell(outputs: torch.Tensor, sides: Sides) -> np.ndarray:
    """What each cell received, (head, cell, d), of what each window gave, (window, head, slot, d)."""
    result = np.zeros((outputs.shape[1], len(sides.queries), outputs.shape[3]), np.float32)
    for window, slots in enumerate(sides.windows.where):
        for slot, cell in enumerate(slots):
            if cell is not None:
                result[:, cell] = outputs[window, :, slot].numpy()
    return result


def test_windows_of_a_shifted_grid_are_rolled_and_padded():
    assert shifted((2, 3), 2, 0).where == ((0, 1, 3, 4), (2, None, 5, None))
    assert shifted((2, 4), 2, 1).where == ((5, 6, 1, 2), (7, 4, 3, 0))


def test_a_picture_that_would_shrink_the_windows_of_swin_is_refused_before_it_does():
    model = tower("swin")
    with pytest.raises(InputError, match="windows of 4 patches reads 25 or more a side"):
        check_swin(config("swin"), (24, 64))
    with pytest.raises(InputError):
        picture_sides(config("swin"), seen_as((24, 64)))
    check_swin(config("swin"), (25, 25))
    with torch.no_grad():
        model(noise((25, 25)))
    assert blocks_of(model.modules()) == ((4, 0), (4, 2), (4, 0), (4, 0))  # as many patches as a window: no shift


def test_a_swin_that_saw_a_small_picture_shifts_less_ever_after_and_its_layout_says_so():
    model = tower("swin")
    with torch.no_grad():
        model(noise((32, 32)))
    known = Known(blocks=blocks_of(model.modules()))
    last = picture_sides(config("swin"), seen_as((64, 64)), known)["self"][3]
    assert last.windows == shifted((8, 8), 4, 0) != picture_sides(config("swin"), seen_as((64, 64)))["self"][3].windows


@pytest.mark.parametrize(
    ("kind", "size"),
    [(kind, size) for kind in PYRAMIDS for size in (SQUARE, WIDE, (101, 70)) if kind != "pvt" or size == SQUARE],
)
def test_a_pixel_moves_one_query_of_each_stage_and_the_one_key_that_stands_for_it(kind, size):
    """Where patches overlap, the pixel at the corner of a cell is the middle of what it sees, and no other sees it."""
    model, layers = tower(kind), picture_sides(config(kind), seen_as(size))["self"]
    before = queries_and_keys(model, noise(size))
    assert [(one.shape[1], other.shape[1]) for one, other in before] == [
        (len(sides.queries), len(sides.keys)) for sides in layers
    ]
    for layer, sides in enumerate(layers):
        count = sides.queries.grid[0] * sides.queries.grid[1]
        for query in {sides.queries.cells.index(cell) for cell in (0, sides.queries.grid[1], count - 1)}:
            top, left, _, _ = sides.queries.box(query)
            after = queries_and_keys(model, noise(size, (top, left, top + 1, left + 1)))
            assert moved(before[layer][0], after[layer][0]) == [query]
            assert moved(before[layer][1], after[layer][1]) == holding(sides.keys, top, left)


def queries_and_keys(model: Any, pixels: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """What each layer makes queries and keys of, while neither attention nor the network after it passes anything."""
    attention = attention_modules(model)
    mixing = [
        module for module in model.modules() if type(module).__name__.endswith(("MLP", "FFN", "FeedForwardNetwork"))
    ]
    keys = [module.k_proj if hasattr(module, "k_proj") else module.key for module in attention]
    with torch.no_grad(), inputs_of(attention) as asking, inputs_of(keys) as read, silent([*attention, *mixing]):
        model(pixels)
    return list(zip(asking, read, strict=True))


def holding(axis: Patches, top: float, left: float) -> list[int]:
    boxes = [axis.box(position) for position in range(len(axis))]
    return [at for at, box in enumerate(boxes) if box and box[0] <= top < box[2] and box[1] <= left < box[3]]


def test_keys_of_a_pyramid_are_squares_of_cells_and_a_class_token_is_read_too():
    first, second, _, _, last = picture_sides(config("pvt"), seen_as(SQUARE))["self"]
    assert (first.queries.grid, first.keys.grid, first.keys.patch) == ((16, 16), (2, 2), (32, 32))
    assert (second.queries.grid, second.keys.grid) == ((8, 8), (2, 2))
    assert (last.queries[0], len(last.keys)) == ("[CLS]", 5)


def test_averaged_keys_of_pvt_v2_are_seven_a_side():
    model = tower("pvt_v2", linear_attention=True)
    layers = picture_sides(model.config, seen_as((224, 112)))["self"]
    assert {sides.keys.grid for sides in layers} == {(7, 7)}
    assert layers[0].keys.patch == (32, 16)
    found = queries_and_keys(model, noise((224, 112)))
    assert [other.shape[1] for _, other in found] == [49] * 5


@pytest.mark.parametrize("size", [(64, 96), (128, 64), (100, 70)])
@pytest.mark.parametrize("kind", DETR)
def test_detr_reads_a_grid_that_its_backbone_made_and_queries_read_it(kind, size):
    stacks = picture_sides(config(kind), seen_as(size))
    grid = (-(-size[0] // 32), -(-size[1] // 32))
    memory, queries = stacks["encoder"][0].queries, stacks["decoder"][0].queries
    assert (memory.grid, memory.patch, tuple(queries)[-1]) == (grid, (32, 32), "[QUERY 6]")
    assert {stack: len(layers) for stack, layers in stacks.items()} == {"encoder": 2, "decoder": 2, "cross": 2}
    with torch.no_grad():
        out = tower(kind)(noise(size), output_attentions=True)
    found = {"encoder": out.encoder_attentions, "decoder": out.decoder_attentions, "cross": out.cross_attentions}
    for stack, layers in stacks.items():
        check_lengths(stack, layers, [tuple(weights.shape[-2:]) for weights in found[stack]])


@pytest.mark.parametrize("grid", [(4, 4), (4, 6), (5, 3)])
@pytest.mark.parametrize("kind", DETR)
def test_the_memory_of_detr_lies_row_by_row(kind, grid):
    model, size = tower(kind), (32 * grid[0], 32 * grid[1])
    memory = picture_sides(config(kind), seen_as(size))["encoder"][0].queries
    assert memory.grid == grid
    before = memory_of(model, size, None)
    for position in (0, grid[1], len(memory) - 1):
        cell = divmod(memory.cells[position], grid[1])
        assert moved(before, memory_of(model, size, cell)) == [position]


def memory_of(model: Any, size: tuple[int, int], cell: tuple[int, int] | None) -> torch.Tensor:
    """What the first layer of the encoder is given when one cell of what the backbone made is changed."""

    def change(module: Any, given: tuple, features: torch.Tensor) -> torch.Tensor:
        assert features.shape[2:] == (size[0] // 32, size[1] // 32)
        if cell is not None:
            features[:, :, cell[0], cell[1]] += 1
        return features

    handle = model.input_projection.register_forward_hook(change)
    with torch.no_grad(), inputs_of(attention_modules(model)[:1]) as seen:
        model(noise(size))
    handle.remove()
    return seen[0]


@pytest.mark.parametrize("size", [(64, 64), (64, 96)])
@pytest.mark.parametrize("kind", DETR)
def test_a_changed_object_query_moves_the_row_of_its_name(kind, size):
    model, queries = tower(kind), picture_sides(config(kind), seen_as(size))["cross"][0].queries
    before = rows_of(model, size)
    for query in (0, 3, 6):
        with raised(model.query_position_embeddings.weight[query]):
            after = rows_of(model, size)
        assert [moved(*pair) for pair in zip(before, after, strict=True)] == [[query]] * 2
        assert queries[query] == f"[QUERY {query}]"


def rows_of(model: Any, size: tuple[int, int]) -> list[torch.Tensor]:
    """What each object query reads of the picture, layer by layer, while no query learns of another: (query, key)."""
    with torch.no_grad(), silent(attention_modules(model)):
        return [layer[0].mean(dim=0) for layer in model(noise(size), output_attentions=True).cross_attentions]


def test_a_backbone_of_another_kind_needs_its_grid_told():
    other = SimpleNamespace(model_type="timm_backbone")
    odd = SimpleNamespace(model_type="detr", backbone_config=other, num_queries=3, encoder_layers=1, decoder_layers=1)
    with pytest.raises(ModelError, match="'timm_backbone' reduces"):
        picture_sides(odd, seen_as((64, 96)))
    assert picture_sides(odd, seen_as((64, 96)), Known(grid=(4, 6)))["cross"][0].keys.patch == (16, 16)


def test_patches_that_vilt_shuffles_are_named_by_its_own_index():
    own = ViltConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40, image_size=64, patch_size=16
    )
    torch.manual_seed(0)
    model, text = ViltModel(own).eval(), Named(("a", "cat", "?"))
    for seed in (1, 2):
        one, index = vilt_pass(model, noise(WIDE), seed)
        axis = vilt_sides(own, seen_as(WIDE), text, index)["self"][0].queries
        patches = axis.parts[1]
        assert tuple(axis)[:4] == ("a", "cat", "?", "[CLS]")
        for position in (1, 9, 24):
            other, _ = vilt_pass(model, noise(WIDE, patches.box(position)), seed)
            assert moved(one[0], other[0]) == [3 + position]
    assert sorted(cell for cell in patches.cells if cell is not None) == list(range(24)) != list(patches.cells[1:])


def vilt_pass(model: Any, pixels: torch.Tensor, seed: int) -> tuple[list[torch.Tensor], list[list[int]]]:
    """What attention is given in one pass, and the index by which the model shuffled its patches in it."""
    kept, own = [], model.embeddings.visual_embed
    model.embeddings.visual_embed = lambda *args, **named: kept.append(own(*args, **named)) or kept[-1]
    torch.manual_seed(seed)
    try:
        seen = inputs_at(model, {"input_ids": torch.tensor([[5, 6, 7]]), "pixel_values": pixels})
    finally:
        model.embeddings.visual_embed = own
    return seen, kept[0][2][0][0].tolist()


def words_of(kind: str, **more: Any) -> SimpleNamespace:
    vision = SimpleNamespace(patch_size=more.pop("patch_size", 14), spatial_merge_size=2)
    return SimpleNamespace(model_type=kind, vision_config=vision, **more)


@pytest.mark.parametrize(
    ("config", "size", "grid", "patch"),
    [
        (words_of("llava", vision_feature_select_strategy="default"), (336, 336), (24, 24), (14, 14)),
        (words_of("paligemma"), (224, 224), (16, 16), (14, 14)),
        (words_of("smolvlm", scale_factor=4, patch_size=16), (512, 512), (8, 8), (64, 64)),
        (words_of("qwen2_vl"), (392, 644), (14, 23), (28, 28)),
        (words_of("gemma3", mm_tokens_per_image=256), (896, 896), (16, 16), (56, 56)),
    ],
)
def test_a_word_that_stands_for_a_picture_covers_a_block_of_its_patches(config, size, grid, patch):
    axis = read_by_words(config, seen_as(size))
    assert (axis.grid, axis.patch, axis[1]) == (grid, patch, "r0 c1")


def test_how_an_unknown_model_makes_words_of_patches_is_not_guessed():
    with pytest.raises(ModelError, match="'stranger' make words"):
        read_by_words(words_of("stranger"), seen_as(SQUARE))


def test_what_is_left_over_before_the_patches_of_an_unknown_tower_is_named_so():
    odd = SimpleNamespace(model_type="stranger", patch_size=16)
    assert tuple(left_over(odd, seen_as(WIDE), 25))[:2] == ("[CLS]", "r0 c0")
    assert tuple(left_over(odd, seen_as(WIDE), 27))[:4] == ("[EXTRA 0]", "[EXTRA 1]", "[EXTRA 2]", "r0 c0")
    with pytest.raises(ShapeError, match="23 is shorter than its grid"):
        left_over(odd, seen_as(WIDE), 23)
    with pytest.raises(UnknownFamily, match="'stranger'"):
        picture_sides(odd, seen_as(WIDE))


def test_a_pass_of_another_length_is_refused():
    layers = picture_sides(config("vit"), seen_as(SQUARE))["self"]
    check_lengths("self", layers, [(17, 17), (17, 17)])
    with pytest.raises(WeightsUnavailable, match=r"\(18, 18\) .* at L1, .* has \(17, 17\)"):
        check_lengths("self", layers, [(17, 17), (18, 18)])
    with pytest.raises(WeightsUnavailable, match="'self' showed no layer"):
        check_lengths("self", layers, [(17, 17)])


@pytest.mark.parametrize("room", ["encode", "families"])
def test_no_grid_is_the_square_root_of_a_length(room):
    for file in sorted(Path(attnviz.__file__).parent.joinpath(room).rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        words = {getattr(node, "id", None) or getattr(node, "attr", None) for node in ast.walk(tree)}
        halves = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)]
        assert not words & {"sqrt", "isqrt"}
        assert all(getattr(node.right, "value", None) != 0.5 for node in halves)


def test_every_layout_is_held_against_a_model():
    assert set(LAYOUTS) - {"mlcd"} == set(SIZES)  # another name of mlcd_vision_model
