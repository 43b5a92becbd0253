"""Generate and refine, from request to layer, on tiny models."""

import numpy as np
import pytest
from fakes.fills import Desk, box, finish, masked, painted, picture, studio
from fakes.tiny import models_folder

from bottega_protocol.images import Layout

FLOATS = Layout("RGBA", "f32")
SIDE = 72
PIXELS = picture(SIDE, SIDE, FLOATS)
MASK = box(SIDE, SIDE, slice(20, 50), slice(24, 60))
ASKED = {
    "prompt": "a cat",
    "negative": "a dog",
    "seed": 7,
    "steps": 6,
    "guidance": 3.0,
    "sampler": "Euler",
    "model": "tiny",
}
OTHER = {
    "prompt": "a house",
    "negative": "",
    "seed": 8,
    "steps": 9,
    "guidance": 6.0,
    "sampler": "Euler a",
    "clip_skip": 2,
}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path, FLOATS)


def done(worker, desk, request):
    start = desk.job(request)
    return finish(worker, [start])[start.job]


def paint(worker, desk, request):
    return painted(done(worker, desk, request))


def change(one, other):
    return float(np.abs(one - other)[..., :3].max())


@pytest.mark.parametrize("field", OTHER)
def test_another_value_of_a_field_generates_something_else(worker, desk, field):
    one = paint(worker, desk, desk.generate(SIDE, SIDE, **ASKED))
    again = paint(worker, desk, desk.generate(SIDE, SIDE, **ASKED))
    other = paint(worker, desk, desk.generate(SIDE, SIDE, **{**ASKED, field: OTHER[field]}))
    assert np.array_equal(one, again)
    assert change(one, other) > 1e-2


@pytest.mark.parametrize("field", [*OTHER, "strength", "feather", "grow", "quality"])
def test_another_value_of_a_field_refines_to_something_else(worker, desk, field):
    others = {**OTHER, "strength": 0.9, "feather": 9, "grow": 9, "quality": "best"}
    steps = {"steps": 0} if field == "quality" else {}
    asked = {**ASKED, **steps}
    one = paint(worker, desk, desk.refine(PIXELS, MASK, **asked))
    other = paint(worker, desk, desk.refine(PIXELS, MASK, **{**asked, field: others[field]}))
    assert change(one, other) > 1e-2


@pytest.mark.parametrize("field", ["feather", "grow", "intent", "quality"])
@pytest.mark.parametrize("model", ["tiny", "tiny-inpaint"])
def test_another_value_of_a_field_fills_with_something_else(worker, desk, field, model):
    others = {"feather": 12, "grow": 9, "intent": "remove", "quality": "draft"}
    asked = {**ASKED, "model": model, "steps": 0 if field == "quality" else 6}
    one = paint(worker, desk, desk.request(PIXELS, MASK, **asked))
    other = paint(worker, desk, desk.request(PIXELS, MASK, **{**asked, field: others[field]}))
    assert change(one, other) > 1e-2


def test_what_is_added_comes_into_the_picture_as_it_is(worker, desk):
    """At full strength, with words: what stands in the selection counts, and in a fill does not."""
    other = PIXELS.copy()
    other[36:48, 30:40, :3] = 1 - other[36:48, 30:40, :3]
    asked = {**ASKED, "steps": 10, "feather": 0, "quality": "draft"}
    for intent, least, most in (("add", 1e-2, 1), ("fill", 0, 1e-5)):
        one = paint(worker, desk, desk.request(PIXELS, MASK, **asked, intent=intent))
        two = paint(worker, desk, desk.request(other, MASK, **asked, intent=intent))
        assert least <= change(one, two) <= most


def test_of_a_background_that_is_replaced_nothing_is_left(worker, desk):
    """Also where a soft edge would show it; and the edge is hardly soft by itself."""
    mask = np.where(MASK > 0, 128, 0).astype(np.uint8)
    dark = PIXELS * np.float32([0.1, 0.1, 0.1, 1])
    asked = {**ASKED, "feather": 0}
    one = paint(worker, desk, desk.request(dark, mask, **asked))
    other = paint(worker, desk, desk.request(dark, mask, **asked, intent="replace"))
    assert change(one, other) > 1e-2
    whole = desk.request(PIXELS, MASK, **ASKED)
    tight = masked(done(worker, desk, desk.request(PIXELS, MASK, **ASKED, intent="replace")))
    soft = masked(done(worker, desk, whole))
    assert (tight[MASK > 0] == 255).mean() > (soft[MASK > 0] == 255).mean() + 0.1


def test_other_pixels_are_refined_to_something_else(worker, desk):
    one = paint(worker, desk, desk.refine(PIXELS, **ASKED))
    other = paint(worker, desk, desk.refine(picture(SIDE, SIDE, FLOATS, 1), **ASKED))
    assert change(one, other) > 1e-2


@pytest.mark.parametrize(("strength", "steps"), [(0.5, 3), (1.0, 6), (0.0, 1), (0.26, 2)])
def test_strength_says_how_many_of_the_last_steps_refine(tmp_path, strength, steps):
    heard = []
    counting = studio(models_folder(), lambda phase, _: heard.append(phase))
    desk = Desk(tmp_path, FLOATS)
    done(counting, desk, desk.refine(PIXELS, **ASKED, strength=strength))
    counting.close()
    assert heard.count("denoising") == steps


@pytest.mark.parametrize(("prompt", "negative"), [("", ""), (" \n", " ")])
def test_without_a_word_nothing_is_guided(worker, desk, prompt, negative):
    """The recipe says so, and another guidance changes nothing."""
    asked = {**ASKED, "prompt": prompt, "negative": negative}
    one = done(worker, desk, desk.refine(PIXELS, **asked))
    other = done(worker, desk, desk.refine(PIXELS, **{**asked, "guidance": 9.0}))
    assert one.result.recipe.guidance == 1
    assert np.array_equal(painted(one), painted(other))


@pytest.mark.parametrize("changed", [{"prompt": ""}, {"intent": "remove"}])
def test_what_nobody_described_grows_out_of_its_surroundings(tmp_path, changed):
    """Six tenths of the steps are made; with less strength than that, only those."""
    heard = []
    counting = studio(models_folder(), lambda phase, _: heard.append(phase))
    desk = Desk(tmp_path, FLOATS)
    counts = []
    for strength in (1.0, 0.2):
        asked = {**ASKED, **changed, "steps": 20, "strength": strength}
        done(counting, desk, desk.request(PIXELS, MASK, **asked))
        counts.append(heard.count("denoising"))
        heard.clear()
    counting.close()
    assert counts == [12, 4]


def test_nothing_of_the_old_content_shines_through_a_fill(worker, desk):
    """Whatever stood in the hole, also where the surroundings are continued."""
    other = PIXELS.copy()
    other[36:48, 30:40, :3] = 1 - other[36:48, 30:40, :3]
    for changed in ({}, {"prompt": "", "negative": ""}, {"intent": "replace"}):
        asked = {**ASKED, **changed, "feather": 0, "quality": "draft"}
        one = paint(worker, desk, desk.request(PIXELS, MASK, **asked))
        assert change(one, paint(worker, desk, desk.request(other, MASK, **asked))) < 1e-5


def test_a_generated_layer_has_the_requests_own_mask_or_none(worker, desk):
    request = desk.generate(SIDE, SIDE, MASK, **ASKED)
    told = done(worker, desk, request)
    (layer,) = told.result.layers
    assert layer.mask == request.mask
    assert np.array_equal(masked(told), MASK)
    assert layer.pixels.layout == FLOATS
    assert (painted(told)[..., 3] == 1).all()
    (bare,) = done(worker, desk, desk.generate(SIDE, SIDE, **ASKED)).result.layers
    assert bare.mask is None


def test_a_whole_picture_that_was_refined_has_no_mask(worker, desk):
    (layer,) = done(worker, desk, desk.refine(PIXELS, **ASKED)).result.layers
    assert layer.mask is None
    assert layer.rectangle == desk.refine(PIXELS, **ASKED).rectangle


@pytest.mark.parametrize("make", ["request", "refine"])
def test_the_layers_mask_is_the_selection_softened_or_grown(worker, desk, make):
    """Softened inwards by its size; grown outwards; hard on request, and then the same blob."""

    def edge(**changed):
        told = done(worker, desk, getattr(desk, make)(PIXELS, MASK, **ASKED, **changed))
        return masked(told).astype(int)

    assert np.array_equal(edge(feather=0), MASK)
    for soft in (edge(), edge(feather=6)):
        assert (soft <= MASK).all()
        assert soft.max() == 255
        assert ((soft > 0) & (soft < 255)).sum() > 50
    grown = edge(grow=6)
    assert (grown[MASK > 0] == 255).mean() > 0.9
    assert ((grown > 0) & (MASK == 0)).sum() > 200
    assert (edge(grow=6, feather=0) >= grown).all()
    request = getattr(desk, make)(PIXELS, MASK, **ASKED, feather=0)
    assert done(worker, desk, request).result.layers[0].mask == request.mask


def test_the_recipe_of_a_refinement_paints_the_same_again(worker, desk):
    first = done(worker, desk, desk.refine(PIXELS, prompt="a cat", model="tiny", quality="best"))
    recipe = first.result.recipe
    names = ["model", "sampler", "steps", "guidance", "strength", "seed", "prompt", "negative"]
    again = {name: getattr(recipe, name) for name in [*names, "clip_skip", "quality"]}
    assert recipe.capability == "refine"
    assert np.array_equal(painted(first), paint(worker, desk, desk.refine(PIXELS, **again)))
