"""Sheets of samples: what a person looks at before believing a figure."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers import StableDiffusionPipeline

from bottega_backend.apprentice.world.captions import whole_caption
from bottega_backend.apprentice.world.render import render
from bottega_backend.apprentice.world.scene import draw_scene

from .settings import Settings

SEED = 70_001
COLUMNS, MOST_ROWS = 8, 3


def base_sheet(settings: Settings, folder: Path, path: Path) -> None:
    """Truth and sample, one over the other, of up to 24 held-out scenes."""
    size, count = settings.size, COLUMNS * max(1, min(MOST_ROWS, settings.judged // COLUMNS))
    chance = np.random.default_rng(SEED)
    scenes = [draw_scene(chance, 1, held_out=True) for _ in range(count)]
    pipeline = StableDiffusionPipeline.from_pretrained(
        folder, local_files_only=True, torch_dtype=torch.float32, safety_checker=None
    )
    pipeline.set_progress_bar_config(disable=True)
    rows = []
    for start in range(0, len(scenes), COLUMNS):
        some = scenes[start : start + COLUMNS]
        painted = pipeline(
            [whole_caption(scene) for scene in some],
            width=size,
            height=size,
            num_inference_steps=20,
            guidance_scale=4.0,
            generator=[torch.Generator().manual_seed(index) for index in range(len(some))],
            output_type="np",
        ).images
        rows.append(np.concatenate([render(scene, size) for scene in some], 1))
        rows.append(np.concatenate([(each * 255 + 0.5).astype(np.uint8) for each in painted], 1))
    cv2.imwrite(str(path), np.concatenate(rows)[..., ::-1])
