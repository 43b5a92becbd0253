"""Prompts as a model hears them: weights, any length, clip skip; each chunk is encoded once.

The library cuts prompts after 77 tokens, knows no weights, and its clip_skip is broken
(huggingface/diffusers issue 14124), so pipelines are handed embeddings. Chunks and weights are
those of AUTOMATIC1111's stable-diffusion-webui (modules/sd_hijack_clip.py, sd_emphasis.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from bottega_backend.models.loaded import Loaded
from bottega_protocol.errors import Refusal

from .prompt_syntax import Section, parse

MOST_CHUNKS = 128
"""Of one prompt: 8,000 characters have no more, unless they say BREAK again and again."""

BACKTRACK = 20
"""Tokens back from a chunk's end where it is cut after a comma instead."""

FAINT = 0.02
"""A mean below this share of the mean absolute value says nothing, and can't be restored."""


@dataclass(frozen=True)
class Chunk:
    """As many tokens as the encoder takes at once, begin and end included, and their weights."""

    tokens: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Prompts:
    """Embeddings (1, chunks x tokens, width), both of one shape; `negative` only with guidance."""

    positive: torch.Tensor
    negative: torch.Tensor | None


def encode_prompts(
    loaded: Loaded, prompt: str, negative: str | None, clip_skip: int = 0
) -> Prompts:
    """Encode a prompt, and the negative one unless that is None, with as many chunks each.

    `clip_skip` counts as A1111 does: 1 is the text encoder's last layer, 2 the last but one, and
    so on to its first; 0 is the layer that the model was made for. Raises Refusal for a prompt
    of more than MOST_CHUNKS chunks.
    """
    texts = [prompt] if negative is None else [prompt, negative]
    chunked = [cut(text, loaded) for text in texts]
    most = max(map(len, chunked))
    empty = cut("", loaded)
    padded = [chunks + empty * (most - len(chunks)) for chunks in chunked]
    known = _encode((chunk.tokens for chunks in padded for chunk in chunks), loaded, clip_skip)
    positive, *others = [
        torch.cat([weigh(known[chunk.tokens], chunk.weights) for chunk in chunks])[None]
        for chunks in padded
    ]
    return Prompts(positive, others[0] if others else None)


def cut(prompt: str, loaded: Loaded) -> list[Chunk]:
    """The prompt's chunks, at least one; BREAK ends one early."""
    chunks = [
        chunk
        for section in parse(prompt)
        for chunk in _chunks(_tokens(section, loaded.tokenizer), loaded)
    ]
    if len(chunks) > MOST_CHUNKS:
        raise Refusal(
            "prompt-too-long",
            f"The prompt has {len(chunks)} chunks of 75 tokens.",
            f"Shorten it, or say BREAK less often: {MOST_CHUNKS} chunks are the most.",
        )
    return chunks


def weigh(chunk: torch.Tensor, weights: Sequence[float]) -> torch.Tensor:
    """Multiply each token's embedding (tokens, width) by its weight, then restore the mean.

    A1111's "original" emphasis, per chunk. Where the mean is next to nothing (or its sign turns)
    the ratio would be arbitrary, and the embeddings are left as multiplied.
    """
    if all(weight == 1 for weight in weights):
        return chunk
    factors = torch.tensor(weights, dtype=torch.float32, device=chunk.device)
    scaled = chunk.float() * factors[:, None]
    before, after = chunk.float().mean(), scaled.mean()
    faint = FAINT * chunk.float().abs().mean()
    if bool(before * after > 0) and bool(torch.minimum(before.abs(), after.abs()) > faint):
        scaled = scaled * (before / after)
    return scaled.to(chunk.dtype)


Weighted = list[tuple[int, float]]
"""Tokens with their weights."""


def _tokens(section: Section, tokenizer: Any) -> Weighted:
    """Pieces are read one by one, as A1111 does: a weight begins a new word."""
    if not section:
        return []
    texts = [piece.text for piece in section]
    read = tokenizer(texts, add_special_tokens=False, verbose=False).input_ids
    return [
        (token, piece.weight)
        for piece, tokens in zip(section, read, strict=True)
        for token in tokens
    ]


def _chunks(tokens: Weighted, loaded: Loaded) -> Iterable[Chunk]:
    room = int(loaded.text_encoder.config.max_position_embeddings)
    comma = loaded.tokenizer.convert_tokens_to_ids(",</w>")
    while len(tokens) > room - 2:
        end = _end(tokens, room - 2, comma)
        yield _chunk(tokens[:end], room, loaded.tokenizer)
        tokens = tokens[end:]
    yield _chunk(tokens, room, loaded.tokenizer)


def _end(tokens: Weighted, most: int, comma: int) -> int:
    """Where a full chunk ends: after its last comma, if that is near and no comma follows."""
    if tokens[most][0] != comma:
        for end in range(most, most - BACKTRACK, -1):
            if tokens[end - 1][0] == comma:
                return end
    return most


def _chunk(tokens: Weighted, room: int, tokenizer: Any) -> Chunk:
    """With its begin and end, and padded with what this tokenizer pads with."""
    padding = [(int(tokenizer.pad_token_id), 1.0)] * (room - 2 - len(tokens))
    first, last = (int(tokenizer.bos_token_id), 1.0), (int(tokenizer.eos_token_id), 1.0)
    ids, weights = zip(first, *tokens, last, *padding, strict=True)
    return Chunk(ids, weights)


def _encode(
    wanted: Iterable[tuple[int, ...]], loaded: Loaded, clip_skip: int
) -> dict[tuple[int, ...], torch.Tensor]:
    """Each chunk's embeddings (tokens, width): what is not remembered goes into one forward."""
    found = {tokens: loaded.texts.find((tokens, clip_skip)) for tokens in wanted}
    new = [tokens for tokens, chunk in found.items() if chunk is None]
    if new:
        for tokens, chunk in zip(new, _forward(new, loaded, clip_skip), strict=True):
            loaded.texts.keep((tokens, clip_skip), chunk)
            found[tokens] = chunk
    return {tokens: chunk for tokens, chunk in found.items() if chunk is not None}


def _forward(chunks: list[tuple[int, ...]], loaded: Loaded, clip_skip: int) -> torch.Tensor:
    """The embeddings (chunks, tokens, width).

    Hidden states are asked for always: whatever two jobs skip, they can share the forward.
    """
    encoder = loaded.text_encoder
    ids = torch.tensor(chunks, device=loaded.device)
    output = encoder(input_ids=ids, output_hidden_states=True)
    if clip_skip == 0:
        return torch.as_tensor(output.last_hidden_state)
    # The first entry is what goes into the first layer.
    hidden = output.hidden_states[1:]
    # transformers has moved the norm from .text_model to the encoder itself.
    norm = getattr(encoder, "text_model", encoder).final_layer_norm
    return torch.as_tensor(norm(hidden[-min(clip_skip, len(hidden))]))
