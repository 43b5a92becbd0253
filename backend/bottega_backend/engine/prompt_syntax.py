r"""What a prompt's brackets say: pieces of text with weights, in sections. No torch, no model.

The notation of AUTOMATIC1111's stable-diffusion-webui (its wiki, "Attention/emphasis"), which
artists and shared prompts use: `(word)` weighs 1.1 times, `[word]` 1 / 1.1, `(word:1.3)` 1.3;
brackets multiply; one that is never closed reaches to the end; `BREAK` begins a new section.
A backslash takes the meaning from a bracket, brace, bar, underline or backslash after it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from math import prod

EMPHASIS = 1.1
MOST_WEIGHT = 10.0
"""Weights are kept between plus and minus this: beyond it only noise comes out."""

TOKEN = re.compile(
    r"\\([()\[\]{}|_\\])|:\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*\)|[()\[\]]|\b(BREAK)\b"
)
"""An escaped character, a weight with its closing bracket, a bracket, or BREAK."""


@dataclass(frozen=True)
class Piece:
    """Text of one weight."""

    text: str
    weight: float = 1.0


Section = tuple[Piece, ...]


def parse(prompt: str) -> tuple[Section, ...]:
    """The prompt's sections, at least one; neighbours in a section differ in weight.

    Every text is a prompt: what makes no sense as notation is text. An empty section weighs
    nothing but begins a new chunk all the same, unless it is the last.
    """
    reading, end = _Reading(), 0
    for match in TOKEN.finditer(prompt):
        reading.add(prompt[end : match.start()])
        reading.take(match)
        end = match.end()
    reading.add(prompt[end:])
    sections = [_joined(section) for section in _weighed(reading.items)]
    return tuple(sections if sections[-1] or len(sections) == 1 else sections[:-1])


@dataclass(eq=False)
class _Bracket:
    """A pair of brackets, or one that is never closed; its weight is known at its end."""

    weight: float


Item = str | _Bracket | None
"""Text, a bracket that opens or (met again) closes, or None for BREAK."""


class _Reading:
    """A prompt as far as it was read, as items."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._opened: dict[str, list[_Bracket]] = {"(": [], "[": []}

    def add(self, text: str) -> None:
        """Text that says nothing but itself."""
        self.items.append(text.lstrip() if self.items and self.items[-1] is None else text)

    def take(self, match: re.Match[str]) -> None:
        """One token. A closing bracket that closes nothing is text."""
        found, (escaped, weight, section) = match[0], match.groups()
        if escaped:
            self.items.append(escaped)
        elif section:
            self._break()
        elif weight and self._opened["("]:
            self._close("(", min(max(float(weight), -MOST_WEIGHT), MOST_WEIGHT))
        elif found == ")" and self._opened["("]:
            self._close("(", EMPHASIS)
        elif found == "]" and self._opened["["]:
            self._close("[", 1 / EMPHASIS)
        elif found in self._opened:
            self._open(found)
        else:
            self.items.append(found)

    def _open(self, kind: str) -> None:
        bracket = _Bracket(EMPHASIS if kind == "(" else 1 / EMPHASIS)
        self._opened[kind].append(bracket)
        self.items.append(bracket)

    def _close(self, kind: str, weight: float) -> None:
        bracket = self._opened[kind].pop()
        bracket.weight = weight
        self.items.append(bracket)

    def _break(self) -> None:
        last = self.items[-1] if self.items else None
        if isinstance(last, str):
            self.items[-1] = last.rstrip()
        self.items.append(None)


def _weighed(items: list[Item]) -> list[list[Piece]]:
    """Every text with the product of the brackets around it, by sections."""
    sections: list[list[Piece]] = [[]]
    around: dict[_Bracket, float] = {}
    for item in items:
        if item is None:
            sections.append([])
        elif isinstance(item, str):
            sections[-1].append(Piece(item, _product(around.values())))
        elif around.pop(item, None) is None:
            around[item] = item.weight
    return sections


def _product(weights: Collection[float]) -> float:
    # Thousands of brackets may multiply to infinity, and that times zero is no number.
    return 0.0 if 0 in weights else min(max(prod(weights), -MOST_WEIGHT), MOST_WEIGHT)


def _joined(pieces: list[Piece]) -> Section:
    """Neighbours of the same weight made one, for they are read together; empty ones left out."""
    told = (piece for piece in pieces if piece.text)
    groups = groupby(told, key=lambda piece: piece.weight)
    return tuple(Piece("".join(piece.text for piece in group), weight) for weight, group in groups)
