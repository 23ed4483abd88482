"""The colours, held to what they promise: even steps, one direction of lightness, for every kind of eye."""

import tomllib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from coloraide import Color

from attnviz.figures import theme

RAMPS = {"light": theme.RAMP_LIGHT, "dark": theme.RAMP_DARK}
SIDES = {"light": theme.SIDES_LIGHT, "dark": theme.SIDES_DARK}
CONFIG = Path(__file__).parents[2] / ".streamlit/config.toml"
EYES = (None, "protan", "deutan", "tritan")


def seen(ramp, eye):
    colours = [Color(each) for each in ramp]
    return [each.filter(eye, space="srgb-linear") if eye else each for each in colours]


def steps(colours):
    return np.array([one.delta_e(other, method="ok") for one, other in pairwise(colours)])


def even(anchors, count):
    """So many colours at equal distances along a curve."""
    curve = Color.interpolate(list(anchors), space="oklab", method="monotone")
    fine = np.linspace(0, 1, 2001)
    along = np.array([curve(float(place)).convert("oklab").coords() for place in fine])
    walked = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(along, axis=0), axis=1))])
    places = np.interp(np.linspace(0, walked[-1], count), walked, fine)
    return [curve(float(place)).convert("srgb").to_string(hex=True, fit="clip") for place in places]


@pytest.mark.parametrize("mode", RAMPS)
def test_a_ramp_is_what_oklab_makes_of_its_anchors(mode):
    assert even(theme.RAMP_ANCHORS[mode], len(RAMPS[mode])) == RAMPS[mode]


@pytest.mark.parametrize("mode", SIDES)
def test_two_sides_are_what_oklab_makes_of_their_anchors(mode):
    below, above = theme.SIDES_ANCHORS[mode]
    assert [*even(below, 9)[::-1], *even(above, 9)[1:]] == SIDES[mode]


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("mode", SIDES)
def test_two_sides_are_alike_in_lightness_and_apart_in_colour_for_every_kind_of_eye(mode, eye):
    colours = seen(SIDES[mode], eye)
    below, above = colours[8::-1], colours[8:]
    for side in (below, above):
        lightness = np.diff([colour.convert("oklab")["l"] for colour in side])
        assert (lightness < 0).all() if mode == "light" else (lightness > 0).all()
        assert steps(side).min() > 0.02
    assert min(one.delta_e(other, method="ok") for one, other in zip(below[1:], above[1:], strict=True)) > 0.05
    light, other = ([colour.convert("oklab")["l"] for colour in side] for side in (below, above))
    np.testing.assert_allclose(light, other, atol=0.1)


@pytest.mark.parametrize("mode", RAMPS)
def test_steps_look_alike_to_within_a_tenth(mode):
    apart = steps(seen(RAMPS[mode], None))
    np.testing.assert_allclose(apart, apart.mean(), rtol=0.1)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("mode", RAMPS)
def test_lightness_goes_one_way_for_every_kind_of_eye(mode, eye):
    lightness = np.diff([colour.convert("oklab")["l"] for colour in seen(RAMPS[mode], eye)])
    assert (lightness < 0).all() if mode == "light" else (lightness > 0).all()


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("mode", RAMPS)
def test_neighbouring_steps_can_be_told_apart_by_every_kind_of_eye(mode, eye):
    assert steps(seen(RAMPS[mode], eye)).min() > 0.02  # about the smallest difference that is seen at a glance


@pytest.mark.parametrize(
    ("ink", "page", "least"),
    [
        (theme.INK_LIGHT, theme.PAGE_LIGHT, 7),
        (theme.INK_DARK, theme.PAGE_DARK, 7),
        (theme.ACCENT_LIGHT, theme.PAGE_LIGHT, 4.5),
        (theme.ACCENT_DARK, theme.PAGE_DARK, 4.5),
    ],
)
def test_words_stand_out_from_the_page(ink, page, least):
    assert Color(ink).contrast(page) >= least  # WCAG 2.2


@pytest.mark.parametrize("mode", RAMPS)
def test_figures_and_screen_share_their_colours(mode):
    screen = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][mode]
    named = {"backgroundColor": "PAGE", "textColor": "INK", "primaryColor": "ACCENT"}
    assert {key: screen[key] for key in named} == {
        key: getattr(theme, f"{name}_{mode.upper()}") for key, name in named.items()
    }


def test_a_square_root_scale_reaches_half_the_ramp_at_a_quarter():
    assert theme.sqrt_scale(["#000", "#888", "#fff"]) == [(0, "#000"), (0.25, "#888"), (1, "#fff")]


def test_a_straight_scale_reaches_half_the_ramp_at_a_half():
    assert theme.straight_scale(["#000", "#888", "#fff"]) == [(0, "#000"), (0.5, "#888"), (1, "#fff")]
