r"""What a prompt's brackets say: pieces of text with weights, in sections. No torch, no model.

The notation of AUTOMATIC1111's stable-diffusion-webui (its wiki, "Attention/emphasis"), which
artists and shared prompts use: `(word)` weighs 1.1 times, `[word]` 1 / 1.1, `(word:1.3)` 1.3;
brackets multiply; one that is never closed reaches to the end; `BREAK` begins a new section.
A backslash takes the meaning from a bracket, brace, bar, underline or backslash after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

EMPHASIS = 1.1
MOST_WEIGHT = 10.0
"""Weights are kept between plus and minus this: beyond it only noise comes out."""

TOKEN = re.compile(
    r"\\([()\[\]{}|_\\])"
    r"|:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)"
    r"|[()\[\]]"
    r"|\s*\b(BREAK)\b\s*"
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
    sections = [_joined(section) for section in reading.finish()]
    return tuple(sections if sections[-1] or len(sections) == 1 else sections[:-1])


def _joined(pieces: list[Piece]) -> Section:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].weight == piece.weight:
            joined[-1] = replace(piece, text=joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return tuple(joined)


class _Reading:
    """A prompt as far as it was read. None among the pieces stands for BREAK."""

    def __init__(self) -> None:
        self._pieces: list[Piece | None] = []
        self._opened: dict[str, list[int]] = {"(": [], "[": []}

    def add(self, text: str) -> None:
        """Text that says nothing but itself."""
        if text:
            self._pieces.append(Piece(text))

    def take(self, match: re.Match[str]) -> None:
        """One token. A closing bracket that closes nothing is text."""
        found, (escaped, weight, section) = match[0], match.groups()
        if escaped:
            self.add(escaped)
        elif section:
            self._pieces.append(None)
        elif weight and self._opened["("]:
            self._weigh("(", float(weight))
        elif found in self._opened:
            self._opened[found].append(len(self._pieces))
        elif found == ")" and self._opened["("]:
            self._weigh("(", EMPHASIS)
        elif found == "]" and self._opened["["]:
            self._weigh("[", 1 / EMPHASIS)
        else:
            self.add(found)

    def finish(self) -> list[list[Piece]]:
        """Close what is open; the pieces of each section."""
        for bracket, weight in (("(", EMPHASIS), ("[", 1 / EMPHASIS)):
            while self._opened[bracket]:
                self._weigh(bracket, weight)
        sections: list[list[Piece]] = [[]]
        for piece in self._pieces:
            if piece is None:
                sections.append([])
            else:
                sections[-1].append(piece)
        return sections

    def _weigh(self, bracket: str, weight: float) -> None:
        """Multiply everything since the newest open bracket of this kind."""
        for index in range(self._opened[bracket].pop(), len(self._pieces)):
            piece = self._pieces[index]
            if piece is not None:
                together = min(max(piece.weight * weight, -MOST_WEIGHT), MOST_WEIGHT)
                self._pieces[index] = replace(piece, weight=together)
