"""One pass of a model over latents, through diffusers' own pipelines around shared components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import (
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
)
from diffusers.utils.torch_utils import randn_tensor

from bottega_backend.engine.prompts import Prompts
from bottega_backend.engine.stage import Stage
from bottega_backend.models.loaded import Loaded
from bottega_protocol.regions import Size

OnStepEnd = Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]
"""diffusers' `callback_on_step_end`: (pipeline, call from 0, timestep, tensors) to new tensors."""

PIPELINES: dict[tuple[str, str], type[Any]] = {
    ("sd", "text"): StableDiffusionPipeline,
    ("sd", "image"): StableDiffusionImg2ImgPipeline,
    ("sd", "mask"): StableDiffusionInpaintPipeline,
    ("sdxl", "text"): StableDiffusionXLPipeline,
    ("sdxl", "image"): StableDiffusionXLImg2ImgPipeline,
    ("sdxl", "mask"): StableDiffusionXLInpaintPipeline,
}
"""By a model's layout and what the pass begins with."""

NOT_WANTED: dict[str, dict[str, Any]] = {
    "sd": {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False},
    "sdxl": {"add_watermarker": False},
}
"""What the pipelines would do to a picture beyond painting it, switched off."""


@dataclass(frozen=True)
class Pass:
    """What one pass is told. `size` is in painted pixels, multiples of 8.

    Of `steps` the last `runs` are made. `guidance` is the classifier-free guidance scale, off at
    1 and below. `begin` (1, 4, h, w) are the scaled latents to begin from; without them the pass
    begins from noise alone. `mask` (1, 1, h, w), in latents or in painted pixels (of which the
    pipeline takes the nearest), is 1 where the picture may change; without it all of it may.
    `masked` (1, 4, h, w) are the latents of the picture with its hole hidden, for models of 9
    channels.
    """

    size: Size
    steps: int
    runs: int
    guidance: float
    seed: int
    begin: torch.Tensor | None = None
    mask: torch.Tensor | None = None
    masked: torch.Tensor | None = None


def denoise(
    stage: Stage, sampler: Any, prompts: Prompts, wanted: Pass, on_step_end: OnStepEnd
) -> torch.Tensor:
    """Run one pass; scaled latents (1, 4, h, w).

    `sampler` is this pass's own. A pass without `begin` runs all of its steps.
    """
    output = pipeline(stage.loaded, _begins_with(wanted), sampler)(
        **_words(prompts),
        **_picture(wanted),
        num_inference_steps=wanted.steps,
        guidance_scale=wanted.guidance,
        generator=generator_of(wanted.seed),
        output_type="latent",
        callback_on_step_end=on_step_end,
    )
    return torch.as_tensor(output.images)


def pipeline(loaded: Loaded, begins_with: str, sampler: Any) -> Any:
    """A shell of its own for this pass, around components that all jobs share."""
    parts = {**loaded.parts(), "scheduler": sampler, **NOT_WANTED[loaded.layout]}
    shell = PIPELINES[loaded.layout, begins_with](**parts)
    shell.set_progress_bar_config(disable=True)
    return shell


def generator_of(seed: int) -> torch.Generator:
    """On the CPU whatever the device: a seed means the same everywhere."""
    return torch.Generator().manual_seed(seed)


def first_noise(like: torch.Tensor, seed: int) -> torch.Tensor:
    """The noise (1, c, h, w) that a pass over latents `like` begins with: its first draw."""
    noise = randn_tensor(like.shape, generator_of(seed), like.device, like.dtype)
    return torch.as_tensor(noise)


def _begins_with(wanted: Pass) -> str:
    if wanted.begin is None:
        return "text"
    return "image" if wanted.mask is None else "mask"


def _words(prompts: Prompts) -> dict[str, torch.Tensor | None]:
    words = {
        "prompt_embeds": prompts.positive,
        "negative_prompt_embeds": prompts.negative,
    }
    if prompts.pooled is not None:
        words["pooled_prompt_embeds"] = prompts.pooled
        words["negative_pooled_prompt_embeds"] = prompts.negative_pooled
    return words


def _picture(wanted: Pass) -> dict[str, Any]:
    size = {"width": wanted.size.width, "height": wanted.size.height}
    if wanted.begin is None:
        return size
    told = {"image": wanted.begin, "strength": _strength(wanted)}
    if wanted.mask is None:
        return told
    masked = wanted.begin if wanted.masked is None else wanted.masked
    return {**size, **told, "mask_image": wanted.mask, "masked_image_latents": masked}


def _strength(wanted: Pass) -> float:
    """The strength with which the pipeline, which truncates, runs so many steps."""
    return 1.0 if wanted.runs == wanted.steps else (wanted.runs + 0.5) / wanted.steps
