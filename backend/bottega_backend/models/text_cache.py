"""What a model's text encoder said lately, so that the same words are not read twice."""

from __future__ import annotations

from collections import OrderedDict

import torch

Key = tuple[tuple[int, ...], int]
"""A chunk's tokens, and the clip skip."""

MOST_CHUNKS = 256
"""Of 77 tokens each: some 30 MiB in half precision for an encoder 768 wide."""


class TextCache:
    """The newest chunks' embeddings, (tokens, width) each; the longest unused one leaves."""

    def __init__(self, most: int = MOST_CHUNKS) -> None:
        self._most = most
        self._chunks: OrderedDict[Key, torch.Tensor] = OrderedDict()

    def __len__(self) -> int:
        return len(self._chunks)

    def find(self, key: Key) -> torch.Tensor | None:
        """A chunk, if it is here; it counts as used now. Not to be changed in place."""
        if key in self._chunks:
            self._chunks.move_to_end(key)
        return self._chunks.get(key)

    def keep(self, key: Key, chunk: torch.Tensor) -> None:
        """Remember a chunk. What it is a view of is not kept alive."""
        self._chunks[key] = chunk.clone()
        self._chunks.move_to_end(key)
        while len(self._chunks) > self._most:
            self._chunks.popitem(last=False)
