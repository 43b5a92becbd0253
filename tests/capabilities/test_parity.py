"""Whole jobs are what diffusers' own pipelines paint, from request to layer, alone and together."""

from functools import cache

import diffusers
import numpy as np
import pytest
import torch
from diffusers import EulerDiscreteScheduler
from fakes.families import MODELS, build, families_folder
from fakes.fills import Desk, box, finish, painted, picture, studio

from bottega_backend.engine.samplers import OF_THE_MODEL, SAMPLERS, spacing
from bottega_backend.imaging.colour import match
from bottega_backend.imaging.prefill import prefill
from bottega_protocol.images import Layout

SIDE, STEPS, GUIDANCE = 64, 8, 4.0
FLOATS = Layout("RGBA", "f32")
PIXELS = picture(SIDE, SIDE, FLOATS)
MASK = box(SIDE, SIDE, slice(16, 48), slice(8, 40))
ASKED = {
    "prompt": "a red ball on grass",
    "negative": "a dog",
    "steps": STEPS,
    "guidance": GUIDANCE,
    "sampler": "Euler",
}


def request_of(desk: Desk, capability: str, model: str, seed: int, **changed):
    asked = {**ASKED, **changed, "model": model, "seed": seed}
    if capability == "generate":
        return desk.generate(SIDE, SIDE, **asked)
    if capability == "refine":
        return desk.refine(PIXELS, strength=0.75, **asked)
    mask = MASK if capability == "fill" else MASK.T.copy()
    if capability == "refine selected":
        return desk.refine(PIXELS, mask, strength=0.75, feather=0, **asked)
    return desk.request(PIXELS, mask, feather=0, **asked)


# --- the same by diffusers alone -------------------------------------------------------------


@cache
def reference(capability: str, model: str, seed: int) -> np.ndarray:
    """The picture (h, w, 3) in 0..1."""
    text = {"generate": "", "refine": "Img2Img"}.get(capability, "Inpaint")
    pipeline = make_pipeline(model, text)
    options = {}
    rgb = PIXELS[..., :3]
    hole = (MASK if capability == "fill" else MASK.T) / 255
    if capability == "generate":
        options = {"width": SIDE, "height": SIDE}
    elif capability == "refine":
        options = {"image": latents(pipeline, rgb), "strength": 0.75 + 1e-6}
    else:
        from_noise = capability == "fill"
        begun = prefill(rgb, hole.astype(np.float32)) if from_noise else rgb
        original = latents(pipeline, begun)
        shown = latents(pipeline, begun * (1 - hole[..., np.newaxis]) + 0.5 * hole[..., np.newaxis])
        options = {
            "image": original,
            "mask_image": torch.from_numpy(hole).float()[None, None],
            "masked_image_latents": shown if pipeline.unet.config.in_channels == 9 else original,
            "strength": 1.0 if from_noise else 0.75 + 1e-6,
            "callback_on_step_end": Keeper(original, hole, seed),
            "width": SIDE,
            "height": SIDE,
        }
    found = pipeline(
        prompt=ASKED["prompt"],
        negative_prompt=ASKED["negative"],
        num_inference_steps=STEPS,
        guidance_scale=GUIDANCE,
        generator=torch.Generator().manual_seed(seed),
        output_type="np",
        **options,
    ).images[0]
    if capability in ("generate", "refine"):
        return found
    return match(found.astype(np.float32), rgb, hole.astype(np.float32))


class Keeper:
    """What a 9-channel pipeline does not do by itself: outside the hole the original stays."""

    def __init__(self, original: torch.Tensor, hole: np.ndarray, seed: int) -> None:
        self.original = original
        self.hole = torch.from_numpy(hole[::8, ::8].copy()).bool()[None, None]
        self.noise = torch.randn(original.shape, generator=torch.Generator().manual_seed(seed))

    def __call__(self, pipeline, call, _timestep, tensors):
        known = self.original
        if call + 1 < pipeline.num_timesteps:
            coming = pipeline.scheduler.timesteps[-pipeline.num_timesteps :][call + 1]
            known = pipeline.scheduler.add_noise(known, self.noise, coming.reshape(1))
        return {"latents": torch.where(self.hole, tensors["latents"], known)}


def make_pipeline(model: str, text: str):
    whole = build(model)
    xl = "XL" if MODELS[model].base.endswith("XL") else ""
    parts = {key: part for key, part in whole.components.items() if key != "image_encoder"}
    config = dict(whole.scheduler.config)
    trained = {key: config[key] for key in OF_THE_MODEL if key in config}
    parts["scheduler"] = EulerDiscreteScheduler(**trained, **spacing(SAMPLERS["Euler"], config))
    extra = {"add_watermarker": False} if xl else {"requires_safety_checker": False}
    pipeline = getattr(diffusers, f"StableDiffusion{xl}{text}Pipeline")(**parts, **extra)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def latents(pipeline, rgb: np.ndarray) -> torch.Tensor:
    batch = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float() * 2 - 1
    with torch.inference_mode():
        found = pipeline.vae.encode(batch).latent_dist.mode()
    return found * pipeline.vae.config.scaling_factor


# --- both against each other -----------------------------------------------------------------


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).max() / np.abs(other).max())


@pytest.fixture(scope="module")
def worker():
    one = studio(families_folder())
    yield one
    one.close()


def cases():
    for name, kind in MODELS.items():
        yield name, "fill"
        if kind.in_channels == 4:
            yield from ((name, each) for each in ("generate", "refine", "refine selected"))


@pytest.mark.parametrize(("model", "capability"), cases())
def test_a_job_is_what_diffusers_own_pipeline_paints(worker, tmp_path, model, capability):
    """Alone, and while jobs of another seed, prompt and guidance share its forwards."""
    desk = Desk(tmp_path, FLOATS)
    wanted = desk.job(request_of(desk, capability, model, 3))
    stranger = desk.job(request_of(desk, capability, model, 99, prompt="two cats", guidance=3.0))
    other = desk.job(request_of(desk, capability, model, 4))
    expected = reference(capability, model, 3)
    alone = painted(finish(worker, [wanted])[wanted.job])[..., :3]
    assert difference(alone, expected) <= 1e-5
    ends = finish(worker, [stranger, wanted, other])
    assert difference(painted(ends[wanted.job])[..., :3], expected) <= 1e-5
    assert difference(painted(ends[other.job])[..., :3], expected) > 1e-2
    assert difference(painted(ends[other.job])[..., :3], reference(capability, model, 4)) <= 1e-5
