"""Where patches lie, and the arithmetic of their rows, as the browser has it."""

from typing import Any

import pytest

from tests.components.conftest import Harness
from tests.components.harness.pictures import at

pytestmark = pytest.mark.browser


@pytest.fixture
def run(harness: Harness) -> Any:
    """Evaluate an expression over modules of the views."""

    def evaluated(module: str, expression: str) -> Any:
        return harness.page.evaluate(
            f"async () => {{ const m = await import('/modules/{module}.js'); return ({expression})(m); }}"
        )

    return evaluated


@pytest.fixture
def axes(harness: Harness) -> Harness:
    harness.settle(of="pictures", choice={})
    harness.shelve("stages-picture")
    harness.shelve("stages")
    return harness


def carried(axes: Harness, positions: list[int], back: bool = False) -> list[int]:
    return axes.page.evaluate(
        """async ([positions, back]) => {
          const { carried } = await import("/modules/common/patches.js");
          const [fine, coarse] = harness.sight.packet.axes;
          return carried(back ? coarse : fine, positions, back ? fine : coarse);
        }""",
        [positions, back],
    )


def test_a_patch_is_carried_to_the_coarser_patch_that_holds_its_middle(axes: Harness) -> None:
    assert carried(axes, [at(1, 3, before=0)]) == [1]  # rows 0–1, columns 2–3 are its r0 c1
    assert carried(axes, [at(3, 5, before=0)]) == [5]


def test_a_coarse_patch_is_carried_to_every_finer_one_in_it(axes: Harness) -> None:
    assert carried(axes, [1], back=True) == [2, 3, 8, 9]


def test_the_mass_rule_keeps_the_fewest_that_hold_the_share(run: Any) -> None:
    """facts/vision-audio.md §4: after Caron et al. 2021."""
    assert run("common/rows", "(m) => [...m.kept(Float32Array.of(.05,.4,.1,.25,.2), .6)]") == [0, 1, 0, 1, 0]
    assert run("common/rows", "(m) => [...m.kept(Float32Array.of(.25,.25,.25,.25), .5)]") == [0, 0, 1, 1]


def test_a_region_is_the_mean_of_its_rows_and_what_goes_to_it_the_sum_of_its_columns(run: Any) -> None:
    weights = "Float32Array.of(.5,.5,0, .1,.2,.7)"  # 2 queries × 3 keys
    mean = run("common/rows", f"(m) => [...m.addTo(new Float32Array(3), {weights}, 2, [0, 1], 'reads')]")
    assert mean == pytest.approx([0.3, 0.35, 0.35])
    total = run("common/rows", f"(m) => [...m.addTo(new Float32Array(2), {weights}, 3, [1, 2], 'read')]")
    assert total == pytest.approx([0.5, 0.9])


def test_heads_are_joined_by_their_mean_or_place_by_place_by_the_largest(run: Any) -> None:
    rows = "[{values: [.2, .8], weight: .25}, {values: [.6, .4], weight: .75}]"
    assert run("common/rows", f"(m) => [...m.fused({rows}, 'mean')]") == pytest.approx([0.5, 0.5])
    assert run("common/rows", f"(m) => [...m.fused({rows}, 'max')]") == pytest.approx([0.6, 0.8])
    assert run("common/rows", f"(m) => [...m.fused({rows}, 'min')]") == pytest.approx([0.2, 0.4])


def test_the_share_that_was_never_seen_is_told_by_the_geometry(run: Any) -> None:
    """CLIP's crop of a 16:10 photo: 224 of 358 columns, so 37 % is lost."""
    picture = (
        "{original: [400, 640], resized: [224, 358], offset: [0, 67], seen: [224, 224], filled: [[0, 224], [0, 224]]}"
    )
    axis = "{rows: 14, cols: 14, height: 16, width: 16}"
    assert run("patch_view/frames", f"(m) => m.unseenShare({picture}, {axis})") == pytest.approx(0.374, abs=0.001)


def test_pixels_beyond_the_last_whole_patch_are_not_seen(run: Any) -> None:
    """60 × 75 pixels in patches of 14: 4 × 5 of them, 56 × 70 pixels."""
    picture = "{original: [60, 75], resized: [60, 75], offset: [0, 0], seen: [60, 75], filled: [[0, 60], [0, 75]]}"
    share = run("patch_view/frames", f"(m) => m.unseenShare({picture}, {{rows: 4, cols: 5, height: 14, width: 14}})")
    assert share == pytest.approx(1 - 56 * 70 / (60 * 75))


def test_a_budget_counts_each_key_once(axes: Harness) -> None:
    found = axes.page.evaluate(
        """async () => {
          const { budget } = await import("/modules/patch_rail/shares.js");
          const [fine, coarse] = harness.sight.packet.axes;
          return budget(Float32Array.of(.1, .2, .3, .15, .15, .1), fine, coarse, [3]);
        }"""
    )
    shares = {kind: pytest.approx(share) for kind, share in found.items() if share}
    assert shares == {"itself": 0.2, "neighbours": 0.8}  # of 2 × 3 patches all touch r0 c1


def test_the_mean_distance_is_in_pixels_of_the_seen_picture(axes: Harness) -> None:
    """Half to the next patch, half to the one below it on a grid of 32 pixels."""
    far = axes.page.evaluate(
        """async () => {
          const { distance } = await import("/modules/patch_rail/shares.js");
          const coarse = harness.sight.packet.axes[1];
          return distance(Float32Array.of(0, .25, 0, .25, 0, 0), coarse, coarse, [0]);
        }"""
    )
    assert far == pytest.approx(32)
