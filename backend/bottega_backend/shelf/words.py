"""The words of a model that knows only a few: what its tokenizer has a token of its own for."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

MOST_BYTES = 64 * 2**10
"""Of a small vocabulary's file; CLIP's has a megabyte, and means something by any word."""

END = "</w>"
LEAST_LETTERS = 2
"""Single letters are every tokenizer's own: they mean nothing alone."""


@lru_cache(maxsize=8)
def known_words(folder: Path) -> frozenset[str]:
    """Every word of a small vocabulary in a diffusers folder; none where it is no small one."""
    path = folder / "tokenizer" / "vocab.json"
    try:
        if path.stat().st_size > MOST_BYTES:
            return frozenset()
        tokens = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    found = {token.removesuffix(END) for token in tokens if token.endswith(END)}
    words = {word for word in found if word.isalpha() and len(word) >= LEAST_LETTERS}
    return frozenset(word for word in words if not _is_piece(word, words))


def _is_piece(word: str, words: set[str]) -> bool:
    """Whether it is the end of another: on the way to a word its ends become tokens first."""
    return any(other != word and other.endswith(word) for other in words)
