"""Large pictures in several passes and tiles, on tiny models that paint 64 by 64 pixels."""

import numpy as np
import pytest
from fakes.fills import Desk, box, finish, masked, painted, picture, studio
from fakes.tiny import models_folder

from bottega_backend.workers.interface import Advance, Done
from bottega_protocol.images import Layout
from bottega_protocol.messages import Preview, Progress

FLOATS = Layout("RGBA", "f32")
ASKED = {"prompt": "a cat", "seed": 7, "steps": 5, "guidance": 3.0, "sampler": "Euler"}
SIDE = 160
PIXELS = picture(SIDE, SIDE, FLOATS)
MASK = box(SIDE, SIDE, slice(50, 140), slice(40, 120))


def job(desk, capability, model="tiny", **changed):
    asked = {**ASKED, "model": model, **changed}
    if capability == "generate":
        return desk.job(desk.generate(SIDE, SIDE, **asked))
    if capability == "fill":
        return desk.job(desk.request(PIXELS, MASK, **asked))
    mask = MASK if capability == "refine selected" else None
    return desk.job(desk.refine(PIXELS, mask, **asked))


CAPABILITIES = ("generate", "fill", "refine", "refine selected")
CASES = [*((each, "tiny") for each in CAPABILITIES), ("fill", "tiny-inpaint")]


@pytest.mark.parametrize(("capability", "model"), CASES)
def test_a_large_picture_is_composed_and_then_painted_in_tiles(tmp_path, capability, model):
    """As many steps are made as the recipe's passes and tiles say, and all of them are told."""
    heard = []
    worker = studio(models_folder(), lambda phase, jobs: heard.append((phase, len(jobs))))
    start = job(Desk(tmp_path, FLOATS), capability, model)
    events, order = [], Advance((start,), 1)
    while True:
        told = worker.advance(order)
        events += told.events
        order = Advance((), 1)
        if not told.busy:
            break
    worker.close()
    (done,) = (event for event in events if isinstance(event, Done))
    recipe = done.result.recipe
    assert (recipe.composed.width, recipe.painted.width) == (64, SIDE)
    assert recipe.tiles >= 4
    first = 2 if capability.startswith("refine") else ASKED["steps"]
    forwards = [phase for phase, _ in heard].count("denoising")
    assert forwards == first + 2 * recipe.tiles
    steps = [event for event in events if isinstance(event, Progress)]
    made = [event.step for event in steps if event.phase == "denoising"]
    assert made == sorted(made)
    assert {event.steps for event in steps if event.phase == "denoising"} <= {0, forwards}
    assert made[-1] >= forwards - 1
    phases = [event.phase for event in steps]
    assert phases == sorted(phases, key=["loading", "encoding", "denoising", "decoding"].index)
    assert any(isinstance(event, Preview) for event in events)


@pytest.mark.parametrize(("capability", "model"), CASES)
def test_large_pictures_together_are_the_pictures_alone(tmp_path, capability, model):
    worker = studio(models_folder())
    desk = Desk(tmp_path, FLOATS)
    starts = [job(desk, capability, model, seed=seed) for seed in (1, 2, 3)]
    alone = {start.job: painted(finish(worker, [start])[start.job]) for start in starts}
    together = finish(worker, starts)
    worker.close()
    pictures = [painted(together[start.job]) for start in starts]
    for start, found in zip(starts, pictures, strict=True):
        assert np.abs(found - alone[start.job]).max() <= 1e-5
    assert np.abs(pictures[0] - pictures[1]).max() > 1e-2


@pytest.mark.parametrize("quality", ["draft", "best"])
def test_a_quality_decides_the_passes_and_the_steps(tmp_path, quality):
    worker = studio(models_folder())
    start = job(Desk(tmp_path, FLOATS), "generate", quality=quality, steps=0)
    recipe = finish(worker, [start])[start.job].result.recipe
    worker.close()
    assert recipe.quality == quality
    assert recipe.steps == {"draft": 12, "best": 40}[quality]
    assert (recipe.tiles == 1) == (quality == "draft")
    assert (recipe.composed is None) == (quality == "draft")


@pytest.mark.parametrize("model", ["tiny", "tiny-inpaint"])
def test_tiles_without_a_selected_pixel_are_not_painted(tmp_path, model):
    """A frame around a picture: what lies inside it takes no step, and stays what it was."""
    mask = np.full((256, 256), 255, np.uint8)
    mask[24:232, 24:232] = 0
    heard = []
    worker = studio(models_folder(), lambda phase, _: heard.append(phase))
    desk = Desk(tmp_path, FLOATS)
    slope = np.linspace(0, 1, 256, dtype=np.float32)
    pixels = np.stack(np.broadcast_arrays(slope, slope[:, np.newaxis], 0.5, 1), axis=2)
    pixels = pixels.astype(np.float32)
    start = desk.start(pixels, mask, **{**ASKED, "steps": 2, "model": model, "feather": 0})
    done = finish(worker, [start])[start.job]
    worker.close()
    assert done.result.recipe.tiles > 9
    assert heard.count("denoising") < 2 + 2 * done.result.recipe.tiles
    assert np.abs(painted(done)[100:156, 100:156, :3] - pixels[100:156, 100:156, :3]).max() < 1e-6


def test_every_variation_of_a_large_picture_is_what_it_is_alone(tmp_path):
    worker = studio(models_folder())
    desk = Desk(tmp_path, FLOATS)
    both = job(desk, "fill", count=2, seed=5)
    second = job(desk, "fill", seed=6)
    layers = finish(worker, [both])[both.job]
    alone = painted(finish(worker, [second])[second.job])
    worker.close()
    assert [layer.variation for layer in layers.result.layers] == [0, 1]
    one = layers.result.layers[1]
    path = {blob.sha256: blob.path for blob in layers.files}[one.pixels.sha256]
    found = np.fromfile(path, np.float32).reshape(alone.shape)
    assert np.abs(found - alone).max() <= 1e-5
    assert masked(layers).max() == 255
