"""What the views of a tab share: who may change what, and what follows from it."""

import numpy as np
import pytest

from tests.components.conftest import Harness
from tests.components.harness.material import SENTENCES, minilm

pytestmark = pytest.mark.browser


def test_python_replaces_the_choice_only_with_a_new_epoch(cat: Harness):
    cat.choose(layer=5, head=1)
    cat.settle(choice={"layer": 0, "head": 0}, scale="row")
    assert (cat.choice["layer"], cat.choice["head"]) == (5, 1)
    assert cat.store("settings.scale") == "row"
    cat.settle(choice={"layer": 0, "head": 0}, epoch="second")
    assert (cat.choice["layer"], cat.choice["head"]) == (0, 0)


def test_python_hears_of_a_walk_once_and_of_its_end(cat: Harness):
    cat.page.evaluate("() => { for (const head of [1, 2, 3]) harness.store.choose({ head }) }")
    assert cat.page.evaluate("harness.reports") == []
    cat.page.wait_for_function("harness.reports.length > 0")
    cat.page.wait_for_timeout(250)
    reports = cat.page.evaluate("harness.reports")
    assert len(reports) == 1
    assert (reports[0]["epoch"], reports[0]["layer"], reports[0]["head"]) == ("first", 2, 3)


def test_views_hear_once_a_frame_of_everything_that_changed(cat: Harness):
    heard = cat.page.evaluate(
        """async () => {
          const heard = [];
          const stop = harness.store.subscribe((changed) => heard.push([...changed].sort()));
          harness.store.choose({ head: 1 });
          harness.store.point({ query: 3, key: null });
          harness.store.point({ query: 3, key: null });
          await harness.frame();
          stop();
          harness.store.choose({ head: 2 });
          await harness.frame();
          return heard;
        }"""
    )
    assert heard == [["choice", "hover"]]


def test_the_exact_map_is_drawn_only_for_the_choice_that_it_was_made_for(cat: Harness):
    shelve = """async (shown) => {
      const { rows, cols } = harness.store.map;
      harness.store.shelve({ kind: "map", id: "cat", shown, weights: new Float32Array(rows * cols).fill(0.5) });
      await harness.frame();
    }"""
    cat.page.evaluate(shelve, "self 2.7")
    assert cat.store("map.exact")
    cat.choose(head=8)
    assert not cat.store("map.exact")


def test_hiding_special_tokens_and_renormalising_gives_rows_that_sum_to_one(cat: Harness):
    cat.settle(specials="renormalised")
    weights = minilm(SENTENCES["cat"]).map("self", 2, 7).weights
    visible = cat.store("visible")
    assert visible == list(range(1, len(weights) - 1))
    row = [cat.store(f"value(4, {key})") for key in visible]
    assert sum(row) == pytest.approx(1, abs=1e-3)
    assert cat.store("hiddenShare[4]") == pytest.approx(weights[4, [0, -1]].sum(), abs=0.005)
    np.testing.assert_allclose(row, weights[4, 1:-1] / weights[4, 1:-1].sum(), atol=0.03)


def test_a_layer_that_is_on_its_way_has_no_map(harness: Harness):
    harness.settle(choice={"layer": 1, "head": 0})
    harness.shelve("thousand")
    assert harness.store("map.rows") == 1000
    harness.choose(layer=0)
    assert harness.store("map") is None


def test_a_mix_shares_its_weights_out_to_one(cat: Harness):
    cat.choose(average="mix", mix=[{"layer": 0, "head": 2, "weight": 1}, {"layer": 2, "head": 7, "weight": 0.6}])
    assert [part["weight"] for part in cat.store("parts")] == pytest.approx([0.625, 0.375])
    record = minilm(SENTENCES["cat"])
    expected = 0.625 * record.map("self", 0, 2).weights + 0.375 * record.map("self", 2, 7).weights
    seen = np.reshape(cat.page.evaluate("() => [...harness.store.map.weights]"), expected.shape)
    np.testing.assert_allclose(seen, expected, atol=0.004)


def test_text_can_be_read_on_every_shade(cat: Harness):
    worst = cat.page.evaluate(
        """async () => {
          const { inks, luminance } = await import("/modules/common/ink.js");
          const parsed = (css) => css.match(/[0-9a-f]{2}/g).map((pair) => parseInt(pair, 16));
          let worst = 21;
          for (const theme of ["light", "dark"]) {
            await harness.theme(theme);
            const ink = inks(document.body, harness.store.settings.ramp);
            for (let step = 0; step < 256; step++) {
              const [ground, text] = [ink.rgb(step / 255), parsed(ink.on(step / 255))].map(luminance);
              worst = Math.min(worst, (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05));
            }
          }
          return worst;
        }"""
    )
    assert worst >= 4.5
