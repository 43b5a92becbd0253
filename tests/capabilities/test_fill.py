"""Fill, from request to layer, on tiny models."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from fakes.fills import Desk, box, finish, masked, painted, picture, studio
from fakes.tiny import FAMILY, models_folder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bottega_backend.capabilities.layers import layer_name
from bottega_backend.engine.device import choose_device
from bottega_backend.engine.residence import Source
from bottega_backend.shelf.catalog import Catalog
from bottega_backend.shelf.wildcards import Wildcards
from bottega_backend.workers.interface import Done
from bottega_backend.workers.studio import Studio
from bottega_protocol.images import Layout

FLOATS = Layout("RGBA", "f32")
MODELS = ("tiny", "tiny-inpaint")
PIXELS = picture(72, 72, FLOATS)
MASK = box(72, 72, slice(20, 50), slice(24, 60))
ASKED = {
    "prompt": "a cat",
    "negative": "a dog",
    "seed": 7,
    "steps": 4,
    "guidance": 3.0,
    "strength": 1.0,
    "sampler": "Euler",
}


def fill(worker, start) -> Done:
    done = finish(worker, [start])[start.job]
    assert isinstance(done, Done), done
    return done


@pytest.fixture(scope="module")
def reference(worker, tmp_path_factory):
    """What ASKED paints with each model."""
    desk = Desk(tmp_path_factory.mktemp("reference"), FLOATS)
    return {
        model: painted(fill(worker, desk.start(PIXELS, MASK, model=model, **ASKED)))
        for model in MODELS
    }


# --- every field of the request matters ------------------------------------------------------

OTHER = {
    "prompt": "a house",
    "negative": "",
    "seed": 8,
    "steps": 5,
    "guidance": 6.0,
    "strength": 0.5,
    "sampler": "Euler a",
    "clip_skip": 2,
}


def change(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference inside the mask."""
    return float(np.abs(one - other)[MASK > 0].max())


@pytest.mark.parametrize("model", MODELS)
def test_the_same_request_paints_the_same(worker, tmp_path, reference, model):
    again = painted(fill(worker, Desk(tmp_path, FLOATS).start(PIXELS, MASK, model=model, **ASKED)))
    assert np.array_equal(again, reference[model])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("field", OTHER)
def test_another_value_of_a_field_paints_something_else(worker, tmp_path, reference, model, field):
    asked = {**ASKED, field: OTHER[field]}
    other = painted(fill(worker, Desk(tmp_path, FLOATS).start(PIXELS, MASK, model=model, **asked)))
    assert change(other, reference[model]) > 1e-2


@pytest.mark.parametrize("model", MODELS)
def test_other_pixels_paint_something_else(worker, tmp_path, reference, model):
    pixels = PIXELS.copy()
    pixels[:20] = 1 - pixels[:20]
    pixels[..., 3] = 1
    start = Desk(tmp_path, FLOATS).start(pixels, MASK, model=model, **ASKED)
    assert change(painted(fill(worker, start)), reference[model]) > 1e-2


@pytest.mark.parametrize("model", MODELS)
def test_another_mask_paints_something_else(worker, tmp_path, reference, model):
    mask = box(72, 72, slice(4, 66), slice(4, 66))
    start = Desk(tmp_path, FLOATS).start(PIXELS, mask, model=model, **ASKED)
    assert change(painted(fill(worker, start)), reference[model]) > 1e-2


def test_the_models_paint_differently(reference):
    assert change(reference["tiny"], reference["tiny-inpaint"]) > 1e-2


def test_a_soft_mask_paints_something_else_than_a_hard_one(worker, tmp_path, reference):
    soft = (MASK * np.linspace(0.3, 1, 72)[np.newaxis]).astype(np.uint8)
    start = Desk(tmp_path, FLOATS).start(PIXELS, soft, model="tiny", **ASKED)
    assert change(painted(fill(worker, start)), reference["tiny"]) > 1e-2


@pytest.mark.parametrize(
    ("steps", "strength", "run"),
    [(20, 1.0, 20), (20, 0.5, 10), (20, 0.0, 1), (20, 0.01, 1), (10, 0.26, 3), (1, 0.5, 1)],
)
def test_strength_says_how_many_of_the_last_steps_are_run(tmp_path, steps, strength, run):
    heard = []
    counting = studio(models_folder(), lambda phase, _: heard.append(phase))
    asked = {**ASKED, "steps": steps, "strength": strength}
    fill(
        counting,
        Desk(tmp_path).start(
            picture(64, 64), box(64, 64, slice(9), slice(9)), **asked, model="tiny"
        ),
    )
    counting.close()
    assert heard.count("denoising") == run


# --- together as alone -----------------------------------------------------------------------


def test_fills_together_are_the_fills_alone(worker, tmp_path):
    """Float pixels, so that nothing hides in rounding; both models, so that they interleave."""
    desk = Desk(tmp_path, FLOATS)
    starts = [
        desk.start(picture(64, 64, FLOATS, n), MASK[:64, :64], model=MODELS[n % 2], **asked)
        for n, asked in enumerate(
            {**ASKED, "seed": n, "steps": 3 + n, "sampler": sampler, "guidance": guidance}
            for n, (sampler, guidance) in enumerate(
                [("Euler", 4.0), ("Euler a", 2.0), ("DPM++ 2M Karras", 6.0), ("Euler", 1.0)]
            )
        )
    ]
    alone = {start.job: painted(fill(worker, start)) for start in starts}
    together = finish(worker, starts)
    for job, reference in alone.items():
        difference = np.abs(painted(together[job]) - reference).max() / np.abs(reference).max()
        assert difference <= 1e-5


def test_prompts_of_any_length_and_layer_together_are_the_fills_alone(tmp_path):
    """Weighted, long and skipped; each alone in a studio that remembers nothing of the others."""
    desk = Desk(tmp_path, FLOATS)
    long = "a (red:1.3) ball, " * 15
    told = [("a cat", "", 0), (long, "", 0), ("a cat", long, 2), (long, "[a] dog", 2)]
    starts = [
        desk.start(
            picture(64, 64, FLOATS, n),
            MASK[:64, :64],
            **{**ASKED, "prompt": prompt, "negative": negative, "clip_skip": skip},
            model="tiny",
        )
        for n, (prompt, negative, skip) in enumerate(told)
    ]
    alone = {}
    for start in starts:
        one = studio(models_folder())
        alone[start.job] = painted(fill(one, start))
        one.close()
    shared = []
    everyone = studio(models_folder(), lambda phase, jobs: shared.append((phase, len(jobs))))
    together = finish(everyone, starts)
    everyone.close()
    for job, reference in alone.items():
        difference = np.abs(painted(together[job]) - reference).max() / np.abs(reference).max()
        assert difference <= 1e-5
    assert ("encoding", 4) in shared
    assert ("denoising", 3) in shared, "those of the same number of chunks"


def test_a_prompt_that_was_painted_before_is_not_encoded_again(tmp_path):
    """Of the two forwards that encode, the one of the text is left out; the picture's is not."""
    heard = []
    counting = studio(models_folder(), lambda phase, _: heard.append(phase))
    desk = Desk(tmp_path, FLOATS)
    counts = []
    for seed in (1, 2):
        fill(counting, desk.start(PIXELS, MASK, **{**ASKED, "seed": seed}, model="tiny"))
        counts.append(heard.count("encoding"))
        heard.clear()
    counting.close()
    assert counts == [2, 1]


# --- outside the mask ------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_outside_the_mask_the_latents_are_the_originals(worker, tmp_path, model, strength):
    """What goes into the decoder, against what came out of the encoder for the same picture."""
    mask = box(64, 64, slice(16, 40), slice(24, 48))
    kept = torch.from_numpy(mask.reshape(8, 8, 8, 8).max(axis=(1, 3))) == 0
    asked = {**ASKED, "model": model, "strength": strength}
    start = Desk(tmp_path).start(picture(64, 64), mask, **asked)
    fill(worker, start)  # now the model is loaded
    vae = worker._engine._residence.find(Source(FAMILY, models_folder() / model)).vae
    encoded, decoded = [], []
    hooks = [
        vae.quant_conv.register_forward_hook(lambda _m, _i, out: encoded.append(out[:1, :4])),
        vae.post_quant_conv.register_forward_pre_hook(lambda _m, given: decoded.append(given[0])),
    ]
    fill(worker, start)
    for hook in hooks:
        hook.remove()
    original, final = encoded[0], decoded[0]
    assert torch.allclose(final[..., kept], original[..., kept], rtol=1e-6, atol=1e-6)
    assert not torch.allclose(final[..., ~kept], original[..., ~kept], atol=1e-2)


@pytest.mark.parametrize("model", MODELS)
def test_what_the_model_sees_was_resampled_once(worker, tmp_path, model):
    """The picture that enters the encoder is one area average of the original's bytes."""
    pixels, mask = picture(96, 96), box(96, 96, slice(24, 48), slice(24, 48))
    asked = {**ASKED, "model": model, "strength": 0.5, "quality": "draft"}
    start = Desk(tmp_path).start(pixels, mask, **asked)
    fill(worker, start)
    vae = worker._engine._residence.find(Source(FAMILY, models_folder() / model)).vae
    seen = []
    hook = vae.encoder.register_forward_pre_hook(lambda _m, given: seen.append(given[0][0]))
    fill(worker, start)
    hook.remove()
    rgb = pixels[..., :3].astype(np.float32) / 255
    once = cv2.resize(rgb, (64, 64), interpolation=cv2.INTER_AREA) * 2 - 1
    assert np.abs(seen[0].permute(1, 2, 0).numpy() - once).max() < 1e-5


# --- the layer -------------------------------------------------------------------------------


def one_pixel(width, height, draw):
    mask = np.zeros((height, width), np.uint8)
    mask[draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))] = draw(
        st.integers(1, 255)
    )
    return mask


def islands(width, height, draw):
    mask = np.zeros((height, width), np.uint8)
    for _ in range(draw(st.integers(1, 4))):
        x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        mask[y : y + draw(st.integers(1, 9)), x : x + draw(st.integers(1, 9))] = 255
    return mask


def at_the_edge(width, height, draw):
    mask = np.zeros((height, width), np.uint8)
    side = draw(st.sampled_from([np.s_[:1], np.s_[-1:], np.s_[:, :1], np.s_[:, -1:]]))
    mask[side] = 255
    return mask


def everything(width, height, draw):
    return np.full((height, width), draw(st.integers(1, 255)), np.uint8)


def soft(width, height, draw):
    ramp = np.linspace(draw(st.integers(0, 254)), 255, width)
    return np.broadcast_to(ramp, (height, width)).astype(np.uint8)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data(), st.integers(1, 130), st.integers(1, 130))
def test_any_size_and_any_mask_gives_one_layer_that_covers_the_selection(
    worker, tmp_path, data, width, height
):
    shape = data.draw(st.sampled_from([one_pixel, islands, at_the_edge, everything, soft]))
    layout = Layout(
        data.draw(st.sampled_from(["RGBA", "BGRA"])), data.draw(st.sampled_from(["u8", "u16"]))
    )
    mask = shape(width, height, data.draw)
    asked = {
        "model": data.draw(st.sampled_from(MODELS)),
        "strength": data.draw(st.sampled_from([1.0, 0.4])),
        "feather": data.draw(st.sampled_from([0, 3, None])),
        "quality": data.draw(st.sampled_from(["draft", "good"])),
    }
    start = Desk(tmp_path, layout).start(picture(width, height, layout), mask, steps=2, **asked)
    done = fill(worker, start)
    request, (layer,) = start.request, done.result.layers
    assert layer.rectangle == request.rectangle
    assert layer.rectangle.contains(request.selection)
    assert (masked(done) <= mask).all()
    assert asked["feather"] != 0 or layer.mask == request.mask
    assert layer.pixels.layout == layout
    assert (painted(done)[..., 3] == np.iinfo(painted(done).dtype).max).all()
    assert {blob.sha256 for blob in done.files} == {image.sha256 for image in done.result.images()}
    for blob in done.files:
        assert hashlib.sha256(Path(blob.path).read_bytes()).digest() == blob.sha256


def test_the_recipe_says_everything_that_was_left_open(worker, tmp_path):
    start = Desk(tmp_path).start(
        picture(64, 64), MASK[:64, :64], prompt=" a  cat\n", seed=5, model="tiny"
    )
    recipe = fill(worker, start).result.recipe
    assert (recipe.model, recipe.sampler, recipe.steps, recipe.guidance) == (
        "tiny",
        "DPM++ 2M Karras",
        25,
        7.0,
    )
    assert (recipe.capability, recipe.seed, recipe.prompt) == ("fill", 5, " a  cat\n")
    assert (recipe.painted.width, recipe.painted.height) == (64, 64)


def test_what_the_recipe_says_paints_the_same_again(worker, tmp_path):
    desk = Desk(tmp_path)
    first = fill(worker, desk.start(picture(64, 64), MASK[:64, :64], model="tiny"))
    recipe = first.result.recipe
    resolved = {
        name: getattr(recipe, name)
        for name in (
            "model",
            "sampler",
            "steps",
            "guidance",
            "strength",
            "seed",
            "prompt",
            "negative",
            "clip_skip",
        )
    }
    again = fill(worker, desk.start(picture(64, 64), MASK[:64, :64], **resolved))
    assert np.array_equal(painted(first), painted(again))


def test_a_choice_in_the_prompt_is_painted_and_told(tmp_path):
    """The recipe has what was chosen, and painted again from it comes the same picture."""
    folder = tmp_path / "wildcards"
    folder.mkdir()
    (folder / "thing.txt").write_text("{small|large} ball\n# never\n")
    worker = Studio(Catalog(models_folder()), choose_device("cpu"), wildcards=Wildcards(folder))
    desk, prompts, open_ = Desk(tmp_path, FLOATS), set(), "a {red|blue} __thing__"
    for seed in range(6):
        asked = {**ASKED, "seed": seed, "steps": 1, "model": "tiny"}
        done = fill(worker, desk.start(PIXELS, MASK, **{**asked, "prompt": open_}))
        recipe = done.result.recipe
        prompts.add(recipe.prompt)
        assert done.result.layers[0].name == recipe.prompt
        again = fill(worker, desk.start(PIXELS, MASK, **asked | {"prompt": recipe.prompt}))
        assert np.array_equal(painted(done), painted(again))
    worker.close()
    assert len(prompts) > 1
    assert prompts <= {f"a {a} {b} ball" for a in ("red", "blue") for b in ("small", "large")}


def test_the_layer_is_named_for_the_prompt_on_one_line(tmp_path):
    desk = Desk(tmp_path, FLOATS)
    for prompt, name in ((" a red\n ball ", "a red ball"), (" \n", "Fill")):
        assert layer_name(desk.request(PIXELS, MASK, prompt=prompt)) == name
    assert len(layer_name(desk.request(PIXELS, MASK, prompt="word " * 50))) <= 60


def test_where_the_time_went_is_told(worker, tmp_path):
    start = Desk(tmp_path).start(picture(64, 64), MASK[:64, :64], steps=2, model="tiny")
    timings = fill(worker, start).timings
    assert min(timings.encode, timings.denoise, timings.decode) > 0
