"""Text-to-image by the unmodified diffusers pipeline, as work for an engine or alone."""

from dataclasses import dataclass
from functools import cache

import torch
from diffusers import StableDiffusionPipeline
from fakes.tiny import FAMILY, models_folder

from bottega_backend.engine.device import choose_device
from bottega_backend.engine.engine import Engine
from bottega_backend.engine.residence import Source
from bottega_backend.engine.samplers import make_sampler
from bottega_backend.engine.stage import Task
from bottega_backend.models.load import load


@dataclass(frozen=True)
class Asked:
    """What one job wants."""

    prompt: str = "a cat"
    negative: str = ""
    seed: int = 1
    steps: int = 4
    guidance: float = 5.0
    sampler: str = "Euler"
    side: int = 64


def source() -> Source:
    return Source(FAMILY, models_folder() / "tiny")


@cache
def untapped():
    return load(FAMILY, source().folder, torch.device("cpu"), torch.float32)


def paint(asked: Asked, loaded) -> torch.Tensor:
    """Latents (1, 4, h, w)."""
    pipeline = StableDiffusionPipeline(
        vae=loaded.vae,
        text_encoder=loaded.text_encoder,
        tokenizer=loaded.tokenizer,
        unet=loaded.unet,
        scheduler=make_sampler(asked.sampler, loaded.sampler),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(
        prompt=asked.prompt,
        negative_prompt=asked.negative,
        num_inference_steps=asked.steps,
        guidance_scale=asked.guidance,
        generator=torch.Generator().manual_seed(asked.seed),
        height=asked.side,
        width=asked.side,
        output_type="latent",
    ).images


def task(number: int, asked: Asked, weight: float = 1.0) -> Task:
    job = number.to_bytes(16, "big")
    return Task(job, source(), lambda stage: paint(asked, stage.loaded), weight)


def engine(watch=None) -> Engine:
    return Engine(choose_device("cpu"), watch=watch)


def run(worker: Engine) -> dict[bytes, object]:
    """Advance to the end; how each job ended."""
    ends = {}
    while True:
        told = worker.advance(1.0)
        ends.update({end.job: end for end in told.ends})
        if not told.busy:
            return ends


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """The largest difference, relative to the largest value."""
    return float((one - other).abs().max() / other.abs().max())
