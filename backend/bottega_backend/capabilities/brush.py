"""One tile of one pass: a picture into latents, denoised under its soft mask, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from bottega_backend.engine.prompts import Prompts, encode_prompts
from bottega_backend.engine.samplers import CleanRecord, make_sampler
from bottega_backend.engine.stage import Stage
from bottega_backend.imaging.pixels import Floats
from bottega_protocol.regions import Size
from bottega_protocol.results import Recipe

from .latents import decode, encode
from .pipelines import Pass, denoise, first_noise
from .scene import in_pixels
from .soft_mask import SoftMask, steps_made

Watch = Callable[[int, torch.Tensor], None]
"""Hears after every step how many are made, and the latents (1, c, h, w) without their noise."""


@dataclass(frozen=True)
class Sight:
    """What the model is shown of one tile, and how much of it is run.

    `begin` (h, w, 3) in 0..1 is what it begins from, nothing where that is noise alone. `cells`
    (h/8, w/8) is the soft mask, `hole` what is hidden from a model that is told of it; without
    them all of the tile is painted.
    """

    size: Size
    runs: int
    seed: int
    begin: Floats | None = None
    cells: Floats | None = None
    hole: Floats | None = None


@dataclass(frozen=True)
class Brush:
    """What all tiles of a job share: the model, its words, and what was resolved."""

    stage: Stage
    recipe: Recipe
    prompts: Prompts

    @classmethod
    def of(cls, stage: Stage, recipe: Recipe) -> Brush:
        """Encodes the prompts."""
        negative = recipe.negative if recipe.guidance > 1 else None
        prompts = encode_prompts(stage.loaded, recipe.prompt, negative, recipe.clip_skip)
        return cls(stage, recipe, prompts)

    def paint(self, sight: Sight, watch: Watch) -> Floats:
        """The painted tile (h, w, 3) in 0..1; raises NotFinite."""
        loaded = self.stage.loaded
        begin, masked = self._latents(sight)
        sampler = make_sampler(self.recipe.sampler, loaded.sampler)
        wanted = Pass(
            size=sight.size,
            steps=self.recipe.steps,
            runs=sight.runs,
            guidance=self.recipe.guidance,
            seed=sight.seed,
            begin=begin,
            mask=self._told(sight),
            masked=masked,
        )
        on_step_end = _Watcher(_soft_mask(sight, begin), CleanRecord(sampler), watch)
        return decode(denoise(self.stage, sampler, self.prompts, wanted, on_step_end), loaded)

    def _latents(self, sight: Sight) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Scaled latents (1, c, h, w) to begin from, and with the hole in grey for 9 channels."""
        if sight.begin is None:
            return None, None
        begin = sight.begin * 2 - 1
        if self.stage.loaded.in_channels != 9 or sight.hole is None:
            return encode([begin], self.stage.loaded), None
        shown = begin * (1 - in_pixels(sight.hole)[..., np.newaxis])
        original, masked = encode([begin, shown], self.stage.loaded).chunk(2)
        return original, masked

    def _told(self, sight: Sight) -> torch.Tensor | None:
        """A 9-channel model is told what is hidden from it, a 4-channel one what may change."""
        if sight.cells is None or sight.begin is None:
            return None
        hidden = sight.hole if self.stage.loaded.in_channels == 9 else None
        told = (sight.cells > 0).astype(np.float32) if hidden is None else hidden
        return torch.from_numpy(told)[None, None]


def _soft_mask(sight: Sight, begin: torch.Tensor | None) -> SoftMask | None:
    if sight.cells is None or begin is None:
        return None
    cells = torch.from_numpy(sight.cells)[None, None].to(begin.device)
    return SoftMask(cells, begin, first_noise(begin, sight.seed))


@dataclass(frozen=True)
class _Watcher:
    """What happens after every call of the model: the soft mask, and whoever watches hears."""

    soft_mask: SoftMask | None
    clean: CleanRecord
    watch: Watch

    def __call__(self, pipeline: Any, call: int, _: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        self.watch(steps_made(pipeline, call)[0], self.clean.latents)
        if self.soft_mask is None:
            return {}
        return {"latents": self.soft_mask.apply(pipeline, call, tensors["latents"])}
