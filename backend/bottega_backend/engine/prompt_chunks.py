"""A prompt cut into chunks as long as a text encoder takes at once, with a weight per token.

Chunks and weights are those of AUTOMATIC1111's stable-diffusion-webui (modules/sd_hijack_clip.py,
sd_emphasis.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from bottega_backend.models.loaded import Reader
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


def cut(prompt: str, reader: Reader) -> list[Chunk]:
    """The prompt's chunks, at least one; BREAK ends one early.

    Raises Refusal for a prompt of more than MOST_CHUNKS chunks.
    """
    chunks = [
        chunk
        for section in parse(prompt)
        for chunk in _chunks(_tokens(section, reader.tokenizer), reader)
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


def _chunks(tokens: Weighted, reader: Reader) -> Iterable[Chunk]:
    room = int(reader.encoder.config.max_position_embeddings)
    comma = reader.tokenizer.convert_tokens_to_ids(",</w>")
    while len(tokens) > room - 2:
        end = _end(tokens, room - 2, comma)
        yield _chunk(tokens[:end], room, reader.tokenizer)
        tokens = tokens[end:]
    yield _chunk(tokens, room, reader.tokenizer)


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
