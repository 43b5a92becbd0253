"""Prompts as a model hears them: weights, any length, clip skip; each chunk is encoded once.

The library cuts prompts after 77 tokens, knows no weights, and its clip_skip is broken
(huggingface/diffusers issue 14124), so pipelines are handed embeddings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch

from bottega_backend.models.loaded import Loaded, Reader
from bottega_backend.models.text_cache import Heard

from .prompt_chunks import Chunk, cut, weigh

PENULTIMATE = 2
"""The layer that Stable Diffusion XL listens to, counted from the last, which is 1."""


@dataclass(frozen=True)
class Prompts:
    """Embeddings (1, chunks x tokens, width), both of one shape; `negative` only with guidance.

    `pooled` (1, width) sums a prompt up, for the models that want it (Stable Diffusion XL).
    """

    positive: torch.Tensor
    negative: torch.Tensor | None
    pooled: torch.Tensor | None = None
    negative_pooled: torch.Tensor | None = None


def encode_prompts(
    loaded: Loaded, prompt: str, negative: str | None, clip_skip: int = 0
) -> Prompts:
    """Encode a prompt, and the negative one unless that is None, with as many chunks each.

    `clip_skip` counts as A1111 does: 1 is the text encoder's last layer, 2 the last but one, and
    so on to its first; 0 is the layer that the model was made for. Raises Refusal for a prompt
    of more than MOST_CHUNKS chunks. Where a model was trained so, an empty negative prompt is
    all zeros.
    """
    texts = [prompt] if negative is None else [prompt, negative]
    heard = _hear_all(texts, loaded, clip_skip)
    if negative is None:
        return Prompts(heard[0].states, None, heard[0].pooled)
    if loaded.zero_negative and not negative.strip():
        heard[1] = _silence(heard[1])
    return Prompts(heard[0].states, heard[1].states, heard[0].pooled, heard[1].pooled)


def _hear_all(texts: list[str], loaded: Loaded, clip_skip: int) -> list[Heard]:
    """Each text as all of the model's encoders hear it, side by side: (1, tokens, widths)."""
    readers = loaded.readers()
    chunked = [[cut(text, reader) for text in texts] for reader in readers]
    most = max(len(chunks) for each in chunked for chunks in each)
    parts = []
    for index, reader in enumerate(readers):
        empty = cut("", reader)
        padded = [chunks + empty * (most - len(chunks)) for chunks in chunked[index]]
        parts.append(_hear(padded, _Ear(loaded, index, reader, clip_skip)))
    return [
        Heard(torch.cat([part.states for part in of_text], dim=-1), of_text[-1].pooled)
        for of_text in zip(*parts, strict=True)
    ]


@dataclass(frozen=True)
class _Ear:
    """One encoder of a model, and which of its layers is listened to."""

    loaded: Loaded
    index: int
    reader: Reader
    clip_skip: int


def _hear(padded: list[list[Chunk]], ear: _Ear) -> list[Heard]:
    """Each text by one encoder: (1, tokens, width); what sums it up is its first chunk's."""
    known = _encode((chunk.tokens for chunks in padded for chunk in chunks), ear)
    heard = []
    for chunks in padded:
        states = [weigh(known[chunk.tokens].states, chunk.weights) for chunk in chunks]
        pooled = known[chunks[0].tokens].pooled
        heard.append(Heard(torch.cat(states)[None], None if pooled is None else pooled[None]))
    return heard


def _silence(heard: Heard) -> Heard:
    pooled = heard.pooled
    return Heard(
        torch.zeros_like(heard.states), None if pooled is None else torch.zeros_like(pooled)
    )


def _encode(wanted: Iterable[tuple[int, ...]], ear: _Ear) -> dict[tuple[int, ...], Heard]:
    """Each chunk as it is heard: what is not remembered goes into one forward."""
    texts = ear.loaded.texts
    found = {tokens: texts.find((ear.index, tokens, ear.clip_skip)) for tokens in wanted}
    new = [tokens for tokens, heard in found.items() if heard is None]
    if new:
        for tokens, heard in zip(new, _forward(new, ear), strict=True):
            texts.keep((ear.index, tokens, ear.clip_skip), heard)
            found[tokens] = heard
    return {tokens: heard for tokens, heard in found.items() if heard is not None}


def _forward(chunks: list[tuple[int, ...]], ear: _Ear) -> list[Heard]:
    """Hidden states are asked for always: whatever two jobs skip, they can share the forward."""
    ids = torch.tensor(chunks, device=ear.loaded.device)
    output = ear.reader.encoder(input_ids=ids, output_hidden_states=True)
    states = _layer(output, ear)
    pooled = getattr(output, "text_embeds", None)
    sums = [None] * len(chunks) if pooled is None else list(pooled)
    return [Heard(*each) for each in zip(states, sums, strict=True)]


def _layer(output: Any, ear: _Ear) -> torch.Tensor:
    """The embeddings (chunks, tokens, width) of the layer that is listened to."""
    # The first entry is what goes into the first layer.
    hidden = output.hidden_states[1:]
    if ear.loaded.layout == "sdxl":
        # It listens to a layer as it is, without the norm that follows the last one.
        return torch.as_tensor(hidden[-min(ear.clip_skip or PENULTIMATE, len(hidden))])
    if ear.clip_skip == 0:
        return torch.as_tensor(output.last_hidden_state)
    # transformers has moved the norm from .text_model to the encoder itself.
    encoder = ear.reader.encoder
    norm = getattr(encoder, "text_model", encoder).final_layer_norm
    return torch.as_tensor(norm(hidden[-min(ear.clip_skip, len(hidden))]))
