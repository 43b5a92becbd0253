"""The baseline: diffusers' own pipeline with the same components, nothing of ours around it."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionInpaintPipeline

from bottega_backend.engine.device import choose_device, use_cores
from bottega_backend.engine.samplers import make_sampler
from bottega_backend.models.load import load
from bottega_backend.shelf.catalog import Model
from bottega_protocol.results import Recipe


class BarePipeline:
    """A model's pipeline in this process, on the same device and threads as a worker's."""

    def __init__(self, model: Model, device: str) -> None:
        use_cores()
        chosen = choose_device(device)
        self._loaded = load(model.family, model.folder, chosen.device, chosen.dtype)

    def seconds(self, recipe: Recipe) -> float:
        """Paint what `recipe` says once, from picture and mask to picture; how long it took."""
        width, height = recipe.painted.width, recipe.painted.height
        picture = np.random.default_rng(recipe.seed).random((1, height, width, 3), np.float32)
        mask = np.zeros((1, height, width, 1), np.float32)
        mask[:, height // 4 : 3 * height // 4, width // 4 : 3 * width // 4] = 1
        pipeline = self._pipeline(recipe.sampler)
        began = time.perf_counter()
        pipeline(
            prompt=recipe.prompt,
            negative_prompt=recipe.negative,
            image=picture,
            mask_image=mask,
            width=width,
            height=height,
            num_inference_steps=recipe.steps,
            strength=recipe.strength,
            guidance_scale=recipe.guidance,
            generator=torch.Generator().manual_seed(recipe.seed),
            output_type="np",
        )
        return time.perf_counter() - began

    def _pipeline(self, sampler: str) -> Any:
        loaded = self._loaded
        pipeline = StableDiffusionInpaintPipeline(
            vae=loaded.vae,
            text_encoder=loaded.text_encoder,
            tokenizer=loaded.tokenizer,
            unet=loaded.unet,
            scheduler=make_sampler(sampler, loaded.sampler),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline
