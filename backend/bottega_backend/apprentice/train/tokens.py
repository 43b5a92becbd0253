"""The Apprentice's tokenizer: CLIP's kind, in which every word of the world is one token."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

from transformers import CLIPTokenizer

from bottega_backend.apprentice.world.captions import vocabulary

BEGIN, END = "<|startoftext|>", "<|endoftext|>"
ROOM = 77
EXTRA = ("the", "photo", "picture", "of", "with", "no", "nothing", "empty")
"""Small words that people will write all the same."""


def make_tokenizer() -> CLIPTokenizer:
    """Bytes, each also at a word's end, then the merges that make the words, then both ends."""
    merges = train_merges(sorted(vocabulary() | set(EXTRA)))
    letters = list(_byte_letters())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), *map("".join, merges), BEGIN, END]
    return CLIPTokenizer(
        vocab={token: number for number, token in enumerate(tokens)},
        merges=merges,
        pad_token=END,
        model_max_length=ROOM,
    )


def train_merges(words: list[str]) -> list[tuple[str, str]]:
    """Byte pair encoding (Sennrich et al., 2016, arXiv:1508.07909): each word to one piece."""
    pieces = {word: (*word[:-1], f"{word[-1]}</w>") for word in words}
    merges: list[tuple[str, str]] = []
    while True:
        pairs = Counter(pair for parts in pieces.values() for pair in pairwise(parts))
        if not pairs:
            return merges
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        pieces = {word: _joined(parts, best) for word, parts in pieces.items()}


def _joined(parts: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    joined: list[str] = []
    for part in parts:
        if joined and (joined[-1], part) == pair:
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def _byte_letters() -> str:
    """GPT-2's printable stand-ins for the 256 bytes (openai/gpt-2, src/encoder.py)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return "".join(map(chr, printable)) + "".join(chr(256 + index) for index in range(len(others)))


def save_tokenizer(tokenizer: CLIPTokenizer, folder: Path) -> None:
    """With vocab.json and merges.txt beside what transformers writes, for older loaders."""
    tokenizer.save_pretrained(folder)
    model = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False))
    lines = ["#version: 0.2", *(" ".join(pair) for pair in model["merges"])]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
