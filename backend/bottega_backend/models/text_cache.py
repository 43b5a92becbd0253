"""What a model's text encoders said lately, so that the same words are not read twice."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch

Key = tuple[int, tuple[int, ...], int]
"""Which encoder, a chunk's tokens, and the clip skip."""

MOST_CHUNKS = 512
"""Of 77 tokens each: some 60 MiB in half precision for an encoder 768 wide."""


@dataclass(frozen=True)
class Heard:
    """A chunk's embeddings (tokens, width), and what sums it up (width,) where a model wants it."""

    states: torch.Tensor
    pooled: torch.Tensor | None = None


class TextCache:
    """The newest chunks as they were heard; the longest unused one leaves."""

    def __init__(self, most: int = MOST_CHUNKS) -> None:
        self._most = most
        self._chunks: OrderedDict[Key, Heard] = OrderedDict()

    def __len__(self) -> int:
        return len(self._chunks)

    def find(self, key: Key) -> Heard | None:
        """A chunk, if it is here; it counts as used now. Not to be changed in place."""
        if key in self._chunks:
            self._chunks.move_to_end(key)
        return self._chunks.get(key)

    def keep(self, key: Key, heard: Heard) -> None:
        """Remember a chunk. What it is a view of is not kept alive."""
        pooled = heard.pooled
        self._chunks[key] = Heard(heard.states.clone(), None if pooled is None else pooled.clone())
        self._chunks.move_to_end(key)
        while len(self._chunks) > self._most:
            self._chunks.popitem(last=False)
