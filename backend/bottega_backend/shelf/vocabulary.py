"""CLIP's vocabulary for single files, which don't carry it: where it lies, nothing is fetched.

All Stable Diffusion models cut words alike. The two files come from beside the model, from a
diffusers folder next to it, or out of an installed open_clip_torch.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PACKED = "bpe_simple_vocab_16e6.txt.gz"
"""CLIP's list of merges, as open_clip_torch carries it."""

PACKED_WORDS = 49408
"""Tokens of the vocabulary that is made of that list."""

MOST_BYTES = 16 * 2**20

BEGIN, END = "<|startoftext|>", "<|endoftext|>"

NO_VOCABULARY = (
    "lacks CLIP's vocabulary, which single files don't carry: put vocab.json and merges.txt (of "
    "any Stable Diffusion model's tokenizer folder) into a folder called tokenizer beside it, or "
    "pip install open_clip_torch"
)


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by number, and the merges that make them of letters, in order."""

    tokens: dict[str, int]
    merges: tuple[tuple[str, str], ...]


def find_vocabulary(model: Path, words: int) -> Vocabulary | None:
    """The vocabulary of so many tokens for a model file; None where there is none."""
    for folder in _folders(model):
        vocabulary = _read(folder)
        if vocabulary and len(vocabulary.tokens) == words:
            return vocabulary
    packed = _packed()
    return unpack(packed) if packed and words == PACKED_WORDS else None


def _folders(model: Path) -> list[Path]:
    """Where its vocabulary may lie, the nearest first."""
    beside = model.parent
    own = [beside / model.stem / "tokenizer", beside / "tokenizer", beside]
    return [folder for folder in own if folder.is_dir()] + sorted(beside.glob("*/tokenizer"))


def _packed() -> Path | None:
    """The file of an installed open_clip_torch, which is not imported for it."""
    spec = importlib.util.find_spec("open_clip")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / PACKED
    return path if path.is_file() else None


def _read(folder: Path) -> Vocabulary | None:
    """vocab.json and merges.txt, read once for all the files of a folder that they serve."""
    both = folder / "vocab.json", folder / "merges.txt"
    if any(not path.is_file() or path.stat().st_size > MOST_BYTES for path in both):
        return None
    return _parse(*both, both[0].stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _parse(vocab: Path, merges: Path, _changed: int) -> Vocabulary | None:
    try:
        tokens = json.loads(vocab.read_text(encoding="utf-8"))
        lines = merges.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(tokens, dict) or any(type(number) is not int for number in tokens.values()):
        return None
    return Vocabulary(tokens, _pairs(lines))


@lru_cache(maxsize=1)
def unpack(packed: Path) -> Vocabulary:
    """Number tokens as CLIP does: letters, letters that end a word, merges, begin and end.

    After open_clip/tokenizer.py (SimpleTokenizer), which names begin and end otherwise.
    """
    with gzip.open(packed, "rt", encoding="utf-8") as file:
        lines = file.read(MOST_BYTES).splitlines()
    letters = alphabet()
    merges = _pairs(lines[1:])[: PACKED_WORDS - 2 * len(letters) - 2]
    ends = [letter + "</w>" for letter in letters]
    names = [*letters, *ends, *(first + second for first, second in merges), BEGIN, END]
    return Vocabulary({name: number for number, name in enumerate(names)}, merges)


def alphabet() -> list[str]:
    """A printable letter for each byte, in the order in which GPT-2 and CLIP number them."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = range(256, 256 + 256 - len(printable))
    return [chr(code) for code in (*printable, *others)]


def _pairs(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """The merges; lines that begin with #version, and empty ones, are none."""
    split = (line.split(" ") for line in lines if not line.startswith("#version"))
    return tuple((pair[0], pair[1]) for pair in split if len(pair) == 2)
