"""The VAE: pictures into latents and back, so sharp that the judge sees no difference."""

from __future__ import annotations

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from bottega_backend.apprentice.judge import look, right, shares
from bottega_backend.apprentice.world.render import render
from bottega_backend.apprentice.world.scene import draw_scene

from .parts import SCALING, make_vae, parameters
from .pictures import Bucket, load_all
from .progress import Run, Say
from .settings import Settings

CROP, LARGE_CROP = 64, 128
LAST_SHARE = 0.2
"""Of the time, in which crops are large: what is far apart is learned last."""

FOREGROUND = 0.25
"""Difference from a row's median, in -1..1, from which a pixel belongs to a thing."""

WEIGHT = 4.0
"""How much more a thing's pixel counts: things are few pixels, and carry all the colour."""

GATE_SEED = 90_001


def train(settings: Settings, say: Say) -> AutoencoderKL:
    """Train within the budget; the averaged VAE comes back, folded, in evaluation mode."""
    torch.manual_seed(settings.seed)
    vae = make_vae().to(settings.device, memory_format=torch.channels_last)
    run = Run(settings.folder / "vae.state", parameters(vae), settings.seconds, 1e-3, say)
    run.flat, run.steps = 0.3, settings.steps
    chance, buckets = np.random.default_rng((settings.seed, run.step)), load_all(settings)
    while not run.done:
        late = run.share > 1 - LAST_SHARE
        crop, batch = (LARGE_CROP, settings.vae_batch // 2) if late else (CROP, settings.vae_batch)
        pictures = _crops(buckets, batch, crop, chance).to(settings.device)
        with torch.autocast(settings.device.type, torch.bfloat16, enabled=settings.fast):
            loss = _loss(vae, pictures.contiguous(memory_format=torch.channels_last))
        run.learn(loss)
    run.finish()
    vae.eval()
    fold(vae, _crops(buckets, 128, LARGE_CROP, chance).to(settings.device))
    return vae


def gate(vae: AutoencoderKL, size: int, count: int) -> dict[str, float]:
    """What the judge still sees after a round trip, 0 to 1 by figure, and the PSNR in dB."""
    chance, device = np.random.default_rng(GATE_SEED), next(vae.parameters()).device
    verdicts, errors = [], []
    for _ in range(count):
        scene = draw_scene(chance, 1, held_out=None)
        picture = render(scene, size)
        again = from_tensor(round_trip(vae, to_tensor(picture[np.newaxis]).to(device)))[0]
        verdicts.append(right(look(again, scene), scene))
        errors.append(float(np.mean((again.astype(np.float32) - picture) ** 2)))
    return {**shares(verdicts), "psnr": float(np.mean(10 * np.log10(255**2 / np.array(errors))))}


def to_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """(n, rows, columns, 3) of 8 bit as (n, 3, rows, columns) in -1..1."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def from_tensor(pictures: Tensor) -> NDArray[np.uint8]:
    """The way back from -1..1."""
    levels = (pictures.float().clamp(-1, 1) + 1) * 127.5 + 0.5
    return np.asarray(levels.byte().permute(0, 2, 3, 1).cpu().numpy())


@torch.no_grad()
def round_trip(vae: AutoencoderKL, pictures: Tensor) -> Tensor:
    """Encode (the mean) and decode."""
    return torch.as_tensor(vae.decode(vae.encode(pictures).latent_dist.mode()).sample)


@torch.no_grad()
def encode(vae: AutoencoderKL, pictures: Tensor) -> Tensor:
    """Pictures (n, 3, rows, columns) in -1..1 as scaled latents."""
    return torch.as_tensor(vae.encode(pictures).latent_dist.mode() * SCALING)


@torch.no_grad()
def fold(vae: AutoencoderKL, pictures: Tensor) -> None:
    """Put the latents' mean and spread into the two outermost layers.

    Afterwards latents times SCALING have mean 0 and spread 1 in every channel, as every loader
    of this layout expects, and pictures come out as before.
    """
    latents = vae.encode(pictures).latent_dist.mean
    mean, spread = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    gain = 1 / (SCALING * spread)
    into, out = vae.quant_conv, vae.post_quant_conv
    out.bias.add_((out.weight[:, :, 0, 0] * mean).sum(1))
    out.weight.div_(gain.view(1, 4, 1, 1))
    into.weight[:4].mul_(gain.view(4, 1, 1, 1))
    into.bias[:4] = (into.bias[:4] - mean) * gain
    into.bias[4:].add_(2 * torch.log(gain))


def _loss(vae: AutoencoderKL, pictures: Tensor) -> Tensor:
    """Weighted absolute and squared error, the gradients' error, and a little of the KL term."""
    latents = vae.encode(pictures).latent_dist
    again = vae.decode(latents.sample()).sample
    usual = pictures.median(3, keepdim=True).values
    thing = (pictures - usual).abs().amax(1, keepdim=True) > FOREGROUND
    weight, away = 1 + WEIGHT * thing.float(), again - pictures
    steps = zip(_steps(again), _steps(pictures), strict=True)
    edges = sum(functional.l1_loss(mine, wanted) for mine, wanted in steps)
    spread = latents.mean.pow(2) + latents.var - 1 - latents.logvar
    return torch.as_tensor(
        (weight * (away.abs() + away.pow(2))).mean() + edges + 5e-5 * spread.mean()
    )


def _steps(pictures: Tensor) -> tuple[Tensor, Tensor]:
    return pictures[..., 1:] - pictures[..., :-1], pictures[..., 1:, :] - pictures[..., :-1, :]


def _crops(buckets: list[Bucket], batch: int, side: int, chance: np.random.Generator) -> Tensor:
    """Square pieces from anywhere in any picture: (batch, 3, side, side) in -1..1."""
    sizes = np.array([len(bucket.pictures) for bucket in buckets], np.float64)
    pieces = []
    for which in chance.choice(len(buckets), batch, p=sizes / sizes.sum()):
        pictures = buckets[which].pictures
        _, rows, columns, _ = pictures.shape
        cut = min(side, rows, columns)
        top, left = chance.integers(0, rows - cut + 1), chance.integers(0, columns - cut + 1)
        index = chance.integers(0, len(pictures))
        pieces.append(pictures[index, top : top + cut, left : left + cut])
    return to_tensor(np.stack(pieces))
