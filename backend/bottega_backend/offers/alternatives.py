r"""Alternatives and wildcards in a prompt, decided by the job's seed: text in, text out.

`{a|b|c}` becomes one of its parts, `__name__` one line of the wildcard file of that name; each
may hold the other. Braces without a bar are ordinary text. A backslash takes the meaning from
the character after it, and stays: engine/prompt_syntax.py takes it out in the end.

What comes out is resolved for good: resolved again, with any seed, it stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from bottega_protocol.errors import Refusal
from bottega_protocol.requests import MOST_PROMPT, AnyRequest

Lines = Callable[[str], Sequence[str]]
"""The lines of a wildcard; raises Refusal for a name that is unknown."""

TOKEN = re.compile(r"\\.|__([A-Za-z0-9](?:[A-Za-z0-9/-]|_(?!_))*)__|[{}|]", re.DOTALL)
"""An escaped character, a wildcard (its name is the group), or a character with a meaning."""

MOST_BYTES = 48 * 1024
"""Of both prompts, once something was chosen in them: the result repeats them in one frame."""

MOST_WILDCARDS = 200
"""Lines taken for one prompt."""

DEEPEST = 10
"""Wildcards within the lines of wildcards."""


def resolve_prompts(request: AnyRequest, lines: Lines) -> AnyRequest:
    """The request with everything in its prompts decided; raises Refusal.

    Prompt and negative draw from chances of their own: changing one leaves the other.
    """
    lines = cache(lines)
    prompt = resolve(request.prompt, _chance(2 * request.seed), lines)
    negative = resolve(request.negative, _chance(2 * request.seed + 1), lines)
    if (prompt, negative) == (request.prompt, request.negative):
        return request
    if len((prompt + negative).encode()) > MOST_BYTES:
        raise _too_long("grow too long")
    return replace(request, prompt=prompt, negative=negative)


def _chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311  # which words are painted is no secret


def resolve(text: str, chance: Random, lines: Lines) -> str:
    """The text with every choice made; raises Refusal for what has no end or no such wildcard.

    A text in which nothing is left to choose comes back as it was, character by character.
    """
    choices = _Choices(chance, lines)
    chosen = choices.make(text, 0)
    if not choices.made:
        return text
    # Pieces that were put side by side must not make a wildcard that nobody wrote.
    chosen = TOKEN.sub(lambda match: _literal(match) if match[1] else match[0], chosen)
    if len(chosen) > MOST_PROMPT:
        raise _too_long("grow too long")
    return chosen


def _literal(wildcard: re.Match[str]) -> str:
    return rf"\_\_{wildcard[1]}\_\_"


@dataclass
class _Choices:
    """The choices of one prompt. `made` counts them, `taken` those that took a line."""

    chance: Random
    lines: Lines
    made: int = 0
    taken: int = 0

    def make(self, text: str, depth: int) -> str:
        """Decide a text. Groups are kept on a list, not on Python's stack: 8,000 may be open."""
        groups, end = [[""]], 0
        for match in TOKEN.finditer(text):
            groups[-1][-1] += text[end : match.start()]
            end = match.end()
            self._take(match, groups, depth)
        groups[-1][-1] += text[end:]
        while len(groups) > 1:
            unclosed = groups.pop()
            groups[-1][-1] += r"\{" + r"\|".join(unclosed)
        return groups[0][0]

    def _take(self, match: re.Match[str], groups: list[list[str]], depth: int) -> None:
        found = match[0]
        if found == "{":
            groups.append([""])
        elif found == "|" and len(groups) > 1:
            groups[-1].append("")
        elif found == "}":
            closed = self._close(groups)
            groups[-1][-1] += closed
        else:
            groups[-1][-1] += self._line(match[1], depth) if match[1] else found

    def _close(self, groups: list[list[str]]) -> str:
        """What a closing brace makes of its group, which is taken off the list."""
        if len(groups) == 1:
            return r"\}"
        group = groups.pop()
        return self._one_of(group) if len(group) > 1 else rf"\{{{group[0]}\}}"

    def _line(self, name: str, depth: int) -> str:
        self.taken += 1
        if depth == DEEPEST or self.taken > MOST_WILDCARDS:
            raise _too_long(f"come back to themselves (__{name:.80}__)")
        line = self.make(self._one_of(self.lines(name)), depth + 1)
        lone = (len(line) - len(line.rstrip("\\"))) % 2
        return line + "\\" * lone

    def _one_of(self, parts: Sequence[str]) -> str:
        # Of all of Random's methods only random() is promised to stay the same in every Python.
        self.made += 1
        return parts[int(self.chance.random() * len(parts))]


def _too_long(why: str) -> Refusal:
    return Refusal("prompt-too-long", f"The prompt's wildcards {why}.", "Shorten their lines.")
