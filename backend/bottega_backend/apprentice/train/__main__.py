"""`python -m bottega_backend.apprentice.train STAGE`: train the Apprentice, stage after stage.

Stages: world (render the pictures), vae, base, inpaint, or all of them. Each goes on where it was
stopped, and ends when its minutes of computing are spent. A GPU is used where there is one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.update(
    HF_HUB_OFFLINE="1",
    HF_HUB_DISABLE_PROGRESS_BARS="1",
    DIFFUSERS_VERBOSITY="error",
    TRANSFORMERS_VERBOSITY="error",
)

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel

from bottega_backend.apprentice.train import sheets, unet, vae
from bottega_backend.apprentice.train.export import export
from bottega_backend.apprentice.train.pictures import render_all
from bottega_backend.apprentice.train.settings import Settings, default_device
from bottega_backend.apprentice.train.tokens import make_tokenizer

MINUTES = {"world": 0.0, "vae": 7.0, "base": 10.0, "inpaint": 3.0, "all": 6.0}
"""On a GPU of the H200's class; on two cores ask for an hour or more of each."""

BEGAN = time.monotonic()


def main() -> None:
    """Read the command line and run its stage."""
    stage, settings = _settings()
    torch.manual_seed(settings.seed)
    settings.folder.mkdir(parents=True, exist_ok=True)
    STAGES[stage](settings)


def _world(settings: Settings) -> None:
    render_all(settings)
    say(f"{settings.scenes} scenes are rendered")


def _vae(settings: Settings) -> None:
    trained = vae.train(settings, say).float()
    figures = vae.gate(trained, settings.size, settings.judged)
    say("round trip: " + ", ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    trained.cpu().save_pretrained(settings.folder / "vae")


def _base(settings: Settings) -> None:
    tokenizer, own = make_tokenizer(), _load_vae(settings)
    models = unet.train_base(settings, own, tokenizer, say)
    export(settings.folder / "base", own.cpu(), tokenizer, _on_cpu(models))
    sheets.base_sheet(settings, settings.folder / "base", settings.folder / "base.png")


def _inpaint(settings: Settings) -> None:
    tokenizer, own = make_tokenizer(), _load_vae(settings)
    folder = settings.folder / "base"
    base = (
        UNet2DConditionModel.from_pretrained(folder / "unet", local_files_only=True),
        CLIPTextModel.from_pretrained(folder / "text_encoder", local_files_only=True),
    )
    models = [part.float().to(settings.device) for part in base]
    trained = unet.train_inpaint(settings, own, tokenizer, models, say)
    export(settings.folder / "inpaint", own.cpu(), tokenizer, _on_cpu(trained))


def _all(settings: Settings) -> None:
    for stage in (_world, _vae, _base, _inpaint):
        stage(settings)


STAGES = {"world": _world, "vae": _vae, "base": _base, "inpaint": _inpaint, "all": _all}


def _load_vae(settings: Settings) -> AutoencoderKL:
    folder = settings.folder / "vae"
    if not folder.is_dir():
        sys.exit("train the vae first: its folder is missing")
    own = AutoencoderKL.from_pretrained(folder, local_files_only=True)
    return own.eval().requires_grad_(requires_grad=False).to(settings.device)


def _on_cpu(models: Any) -> tuple[Any, ...]:
    return tuple(model.float().cpu() for model in models)


def say(text: str) -> None:
    """One line of progress, with the seconds since the start."""
    sys.stdout.write(f"{time.monotonic() - BEGAN:7.1f} s  {text}\n")
    sys.stdout.flush()


def _settings() -> tuple[str, Settings]:
    parser = argparse.ArgumentParser(
        prog="python -m bottega_backend.apprentice.train", description=__doc__
    )
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--folder", type=Path, default=Path("apprentice-training"))
    parser.add_argument("--minutes", type=float, default=None, help="the stage's whole budget")
    parser.add_argument("--size", type=int, default=None, help="native side: 256, or 128 on a CPU")
    parser.add_argument("--scenes", type=int, default=None, help="how many pictures to render")
    parser.add_argument(
        "--mixed", type=float, default=0.25, help="share of pictures of other sizes"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", type=torch.device, default=default_device())
    parser.add_argument("--vae-batch", type=int, default=None)
    parser.add_argument("--batch", type=int, default=None)
    parser.add_argument("--steps", type=int, default=0, help="so many instead of minutes")
    given = parser.parse_args()
    fast = given.device.type == "cuda"
    minutes = MINUTES[given.stage] if given.minutes is None else given.minutes
    return given.stage, Settings(
        folder=given.folder,
        minutes=minutes,
        size=given.size or (256 if fast else 128),
        scenes=given.scenes or (50_000 if fast else 16_000),
        mixed=given.mixed,
        seed=given.seed,
        device=given.device,
        vae_batch=given.vae_batch or (64 if fast else 8),
        unet_batch=given.batch or (256 if fast else 32),
        steps=given.steps,
    )


if __name__ == "__main__":
    main()
