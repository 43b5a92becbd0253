"""Fill: paint the selected part of a picture anew (inpaint).

Look (crop and mask at the model's size) - encode - denoise under a soft mask - decode - match
colours with what was not painted - enlarge - one layer, masked with the selection itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionInpaintPipeline
from diffusers.utils.torch_utils import randn_tensor

from bottega_backend.engine.prompts import encode_prompts
from bottega_backend.engine.samplers import CleanRecord, make_sampler
from bottega_backend.engine.stage import Stage
from bottega_backend.imaging.colour import match
from bottega_backend.imaging.masks import decode_mask
from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.pixels import decode as decode_pixels
from bottega_backend.imaging.pixels import encode as encode_pixels
from bottega_backend.imaging.resize import resize
from bottega_backend.offers.quote import painted_size
from bottega_backend.offers.steps import all_steps, steps_to_run
from bottega_backend.offers.table import choose_sampler
from bottega_backend.shelf.catalog import Model
from bottega_protocol.regions import Size
from bottega_protocol.requests import FillRequest
from bottega_protocol.results import Layer, Recipe, Result

from .blobs import Blobs
from .latents import decode, encode
from .scene import Scene, in_pixels, look
from .soft_mask import SoftMask, steps_made

MOST_NAME = 60
"""Characters of a layer's name."""


def fill(request: FillRequest, model: Model, blobs: Blobs, stage: Stage) -> Result:
    """Paint; the result's blobs are written into `blobs`."""
    recipe = resolve(request, model)
    scene = _read(request, recipe.painted, blobs)
    latents = _denoise(scene, recipe, stage)
    painted = decode(latents, stage.loaded)
    painted = match(painted, scene.rgb, in_pixels(scene.touched()))
    blobs.write(blobs.read(request.mask.sha256))
    return Result((_layer(request, recipe, painted, blobs),), recipe)


def resolve(request: FillRequest, model: Model) -> Recipe:
    """Everything that the request leaves open, decided."""
    sampler = choose_sampler(request.sampler, model)
    return Recipe(
        capability="fill",
        model=model.id,
        model_name=model.name,
        sampler=sampler,
        steps=all_steps(request.steps, sampler, model),
        guidance=request.guidance or model.guidance,
        strength=request.strength,
        seed=request.seed,
        prompt=request.prompt,
        negative=request.negative,
        clip_skip=request.clip_skip,
        painted=painted_size(request.rectangle.size, model.native),
    )


def layer_name(prompt: str) -> str:
    """What the layer is called: the prompt, on one line, cut short."""
    return " ".join(prompt.split())[:MOST_NAME].rstrip() or "Fill"


def _read(request: FillRequest, painted: Size, blobs: Blobs) -> Scene:
    rgba = decode_pixels(blobs.read(request.pixels.sha256), request.pixels)
    mask = decode_mask(blobs.read(request.mask.sha256), request.mask)
    return look(rgba, mask, painted)


@dataclass(frozen=True)
class _Material:
    """The picture in latents: (1, c, h, w) to begin from, and with its hole in grey."""

    original: torch.Tensor
    masked: torch.Tensor


def _denoise(scene: Scene, recipe: Recipe, stage: Stage) -> torch.Tensor:
    """Run the pipeline; scaled latents (1, c, h, w)."""
    loaded = stage.loaded
    runs = steps_to_run(recipe.steps, recipe.strength, recipe.sampler)
    negative = recipe.negative if recipe.guidance > 1 else None
    prompts = encode_prompts(loaded, recipe.prompt, negative, recipe.clip_skip)
    material = _encode(scene, stage, from_noise=runs == recipe.steps)
    sampler = make_sampler(recipe.sampler, loaded.sampler)
    on_step_end = _Watcher(_soft_mask(scene, material, recipe), CleanRecord(sampler), stage)
    # A 9-channel model is told what is hidden from it, a 4-channel one what may change.
    told = scene.hole() if loaded.in_channels == 9 else scene.touched()
    output = _pipeline(stage, sampler)(
        prompt_embeds=prompts.positive,
        negative_prompt_embeds=prompts.negative,
        image=material.original,
        masked_image_latents=material.masked,
        mask_image=torch.from_numpy(told)[None, None],
        width=scene.size.width,
        height=scene.size.height,
        num_inference_steps=recipe.steps,
        strength=_pipeline_strength(recipe.steps, runs),
        guidance_scale=recipe.guidance,
        generator=_generator(recipe.seed),
        output_type="latent",
        callback_on_step_end=on_step_end,
    )
    return torch.as_tensor(output.images)


def _encode(scene: Scene, stage: Stage, *, from_noise: bool) -> _Material:
    """Where the picture starts from noise nothing of the hole's old content may shine through."""
    begin = (scene.prefilled() if from_noise else scene.rgb) * 2 - 1
    if stage.loaded.in_channels != 9:
        original = encode([begin], stage.loaded)
        return _Material(original, original)
    shown = 1 - in_pixels(scene.hole())[..., np.newaxis]
    original, masked = encode([begin, (scene.rgb * 2 - 1) * shown], stage.loaded).chunk(2)
    return _Material(original, masked)


def _pipeline(stage: Stage, sampler: Any) -> Any:
    """A shell of its own for this job, around components that all jobs share."""
    loaded = stage.loaded
    pipeline = StableDiffusionInpaintPipeline(
        vae=loaded.vae,
        text_encoder=loaded.text_encoder,
        tokenizer=loaded.tokenizer,
        unet=loaded.unet,
        scheduler=sampler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _pipeline_strength(steps: int, runs: int) -> float:
    """The strength with which the pipeline, which truncates, runs so many steps."""
    return 1.0 if runs == steps else (runs + 0.5) / steps


def _generator(seed: int) -> torch.Generator:
    """On the CPU whatever the device: a seed means the same everywhere."""
    return torch.Generator().manual_seed(seed)


def _soft_mask(scene: Scene, material: _Material, recipe: Recipe) -> SoftMask:
    original = material.original
    cells = torch.from_numpy(scene.cells)[None, None].to(original.device)
    # The pipeline's own first draw: it is handed latents, so nothing is drawn before.
    noise = randn_tensor(original.shape, _generator(recipe.seed), original.device, original.dtype)
    return SoftMask(cells, original, noise)


@dataclass(frozen=True)
class _Watcher:
    """What happens after every call of the model: the soft mask, progress, a preview."""

    soft_mask: SoftMask
    clean: CleanRecord
    stage: Stage

    def __call__(self, pipeline: Any, call: int, _: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        self.stage.progress(*steps_made(pipeline, call))
        self.stage.show(self.clean.latents)
        return {"latents": self.soft_mask.apply(pipeline, call, tensors["latents"])}


def _layer(request: FillRequest, recipe: Recipe, painted: Floats, blobs: Blobs) -> Layer:
    """The painted picture over the whole rectangle, opaque, behind the selection as its mask."""
    size = request.rectangle.size
    rgb = resize(painted, size.width, size.height)
    opaque = np.ones((size.height, size.width, 1), np.float32)
    data = encode_pixels(np.concatenate((rgb, opaque), axis=2), request.pixels.layout)
    return Layer(
        name=layer_name(recipe.prompt),
        rectangle=request.rectangle,
        pixels=replace(request.pixels, sha256=blobs.write(data)),
        mask=request.mask,
    )
