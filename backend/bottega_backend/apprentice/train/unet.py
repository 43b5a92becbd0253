"""The base and the inpaint UNet: one loop over cached latents, v-prediction, squared error."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from transformers import CLIPTokenizer

from bottega_backend.apprentice.world.captions import draw_caption

from .masks import CELL, draw_hole
from .parts import SAMPLER, make_text_encoder, make_unet, parameters, widen
from .pictures import Bucket, draws, load_all, scene_of
from .progress import Run, Say
from .settings import Settings
from .vae import encode, to_tensor

CAPTIONS = 4
"""So many captions of each picture are learned."""

UNSAID = 0.1
"""Of the captions are left out: what guidance is measured against."""

ROUNDS = 3
"""So many holes in each picture, where there is a GPU to encode them."""

CHUNK = 64
PIECE = 512
HOLE_WEIGHT = 1.0
"""What is hidden counts so much more than what is seen."""


@dataclass(frozen=True)
class Latents:
    """What is learned from one bucket: `clean` (n, 4, h, w) and `words` (n, k, 77).

    For inpaint also `told` (n, 5, h, w): the hole, and the picture with the hole in grey.
    """

    clean: Tensor
    words: Tensor
    told: Tensor | None = None


def train_base(settings: Settings, vae: AutoencoderKL, tokenizer: CLIPTokenizer, say: Say) -> Any:
    """Text encoder and UNet together; the averaged (unet, text encoder)."""
    torch.manual_seed(settings.seed + 1)
    unet = make_unet(settings.size).to(settings.device)
    text = make_text_encoder(tokenizer).to(settings.device)
    say("encoding the pictures")
    data = [_plain(settings, vae, tokenizer, bucket) for bucket in load_all(settings)]
    run = Run(settings.folder / "base.state", parameters(unet, text), settings.seconds, 1e-3, say)
    _learn(settings, run, (unet, text), data, tokenizer)
    return unet.eval(), text.eval()


def train_inpaint(
    settings: Settings, vae: AutoencoderKL, tokenizer: CLIPTokenizer, base: Any, say: Say
) -> Any:
    """From the base, whose text encoder stays as it is; the averaged (unet, text encoder)."""
    torch.manual_seed(settings.seed + 2)
    unet, text = base
    widen(unet, 9)
    text.requires_grad_(requires_grad=False)
    say("encoding the pictures with their holes")
    data = [_holed(settings, vae, tokenizer, bucket) for bucket in load_all(settings)]
    run = Run(settings.folder / "inpaint.state", parameters(unet), settings.seconds, 7e-4, say)
    _learn(settings, run, (unet, text), data, tokenizer)
    return unet.eval(), text.eval()


def _learn(
    settings: Settings, run: Run, models: Any, data: list[Latents], tokenizer: CLIPTokenizer
) -> None:
    run.steps = settings.steps
    unet, text = models
    unet.train().to(memory_format=torch.channels_last)
    text.train()
    painter = torch.compile(unet) if settings.fast else unet
    alphas, silence = _alphas().to(settings.device), _ids(tokenizer, [""]).to(settings.device)
    chance = np.random.default_rng((settings.seed, run.step))
    for which, picked in draws([len(entry.clean) for entry in data], settings.unet_batch, chance):
        if run.done:
            break
        batch = _batch(data[which], torch.from_numpy(picked), silence, settings.device)
        with torch.autocast(settings.device.type, torch.bfloat16, enabled=settings.fast):
            loss = _loss(painter, text, batch, alphas)
        run.learn(loss)
    run.finish()


def _batch(data: Latents, picked: Tensor, silence: Tensor, device: torch.device) -> Latents:
    words = data.words[picked, torch.randint(0, data.words.shape[1], (len(picked),))].long()
    words = words.to(device)
    words[torch.rand(len(picked), device=device) < UNSAID] = silence[0].long()
    told = None if data.told is None else data.told[picked].to(device).float()
    return Latents(data.clean[picked].to(device).float(), words, told)


def _loss(unet: Any, text: Any, batch: Latents, alphas: Tensor) -> Tensor:
    """Plain squared error of v: the noisiest timesteps decide the layout, and keep their weight."""
    clean = batch.clean
    when = torch.randint(0, len(alphas), (len(clean),), device=clean.device)
    alpha = alphas[when].view(-1, 1, 1, 1)
    noise = torch.randn_like(clean)
    seen = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
    wanted = alpha.sqrt() * noise - (1 - alpha).sqrt() * clean
    if batch.told is not None:
        seen = torch.cat([seen, batch.told], 1)
    heard = text(input_ids=batch.words).last_hidden_state
    painted = unet(seen.contiguous(memory_format=torch.channels_last), when, heard).sample
    error = (painted.float() - wanted).pow(2)
    if batch.told is not None:
        error = error * (1 + HOLE_WEIGHT * batch.told[:, :1])
    return torch.as_tensor(error.mean())


def _alphas() -> Tensor:
    """The share of the picture that is left at each of the 1000 timesteps."""
    low, high = float(SAMPLER["beta_start"]) ** 0.5, float(SAMPLER["beta_end"]) ** 0.5  # type: ignore[arg-type]  # a table of mixed values
    return torch.cumprod(1 - torch.linspace(low, high, 1000) ** 2, 0)


def _plain(
    settings: Settings, vae: AutoencoderKL, tokenizer: CLIPTokenizer, bucket: Bucket
) -> Latents:
    said = _in_pieces(
        partial(_captions, settings.seed, bucket.first, bucket.columns / bucket.rows),
        len(bucket.pictures),
    )
    words = _ids(tokenizer, [each for captions in said for each in captions])
    clean = _encoded(settings, vae, bucket.pictures)
    return Latents(clean, words.view(len(bucket.pictures), CAPTIONS, -1))


def _holed(
    settings: Settings, vae: AutoencoderKL, tokenizer: CLIPTokenizer, bucket: Bucket
) -> Latents:
    rounds = [
        _one_round(settings, vae, tokenizer, bucket, turn)
        for turn in range(ROUNDS if settings.fast else 1)
    ]
    clean = _encoded(settings, vae, bucket.pictures)
    return Latents(
        torch.cat([clean] * len(rounds)),
        torch.cat([each.words for each in rounds]),
        torch.cat([each.told for each in rounds if each.told is not None]),
    )


def _one_round(
    settings: Settings, vae: AutoencoderKL, tokenizer: CLIPTokenizer, bucket: Bucket, turn: int
) -> Latents:
    work = partial(_holes, (settings.seed, turn), bucket.first, (bucket.rows, bucket.columns))
    drawn = _in_pieces(work, len(bucket.pictures))
    holes = np.stack([hole for hole, _ in drawn])
    hidden = _encoded(settings, vae, bucket.pictures, holes)
    told = torch.cat([torch.from_numpy(holes)[:, None].to(hidden), hidden], 1)
    return Latents(hidden, _ids(tokenizer, [said for _, said in drawn])[:, None], told)


def _encoded(settings: Settings, vae: AutoencoderKL, pictures: Any, holes: Any = None) -> Tensor:
    """All latents of a bucket, (n, 4, h, w) in half precision, with what is in the holes grey."""
    chunks = []
    for start in range(0, len(pictures), CHUNK):
        batch = to_tensor(pictures[start : start + CHUNK]).to(settings.device)
        if holes is not None:
            hole = torch.from_numpy(holes[start : start + CHUNK]).to(settings.device)
            wide = hole.repeat_interleave(CELL, 1).repeat_interleave(CELL, 2)[:, None]
            batch = batch * ~wide
        chunks.append(encode(vae, batch).half().cpu())
    return torch.cat(chunks)


def _in_pieces(work: Any, count: int) -> list[Any]:
    """Do a piece of the numbers at a time on all cores, in order."""
    starts = range(0, count, PIECE)
    with ProcessPoolExecutor() as pool:
        pieces = pool.map(work, starts, [min(PIECE, count - start) for start in starts])
        return [entry for piece in pieces for entry in piece]


def _captions(seed: int, first: int, width: float, start: int, count: int) -> list[list[str]]:
    said = []
    for number in range(first + start, first + start + count):
        scene, chance = scene_of(seed, number, width), np.random.default_rng((seed, number, 1))
        said.append([draw_caption(scene, chance) for _ in range(CAPTIONS)])
    return said


def _holes(
    seeds: tuple[int, int], first: int, size: tuple[int, int], start: int, count: int
) -> list[Any]:
    drawn = []
    for number in range(first + start, first + start + count):
        scene = scene_of(seeds[0], number, size[1] / size[0])
        drawn.append(draw_hole(scene, *size, np.random.default_rng((*seeds, number, 2))))
    return drawn


def _ids(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """Padded to 77 as the pipelines will: (n, 77), small numbers."""
    read = tokenizer(texts, padding="max_length", max_length=77, truncation=True).input_ids
    return torch.tensor(read, dtype=torch.int16)
