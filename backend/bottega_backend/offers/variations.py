"""The variations of one request, each as a request of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bottega_protocol.errors import Refusal
from bottega_protocol.requests import AnyRequest, seed_of
from bottega_protocol.results import Variation

from .alternatives import MOST_BYTES, Lines, resolve_prompts


def each_alone(request: AnyRequest, lines: Lines) -> tuple[AnyRequest, ...]:
    """One request for each variation: count 1, its own seed, everything in its prompts decided.

    Raises Refusal as `resolve_prompts` does, and where the prompts of all of them, which the
    result repeats, are too long for one frame.
    """
    lines = cache(lines)
    alone = tuple(
        resolve_prompts(replace(request, seed=seed_of(request, number), count=1), lines)
        for number in range(request.count)
    )
    if _own_bytes(alone) > 0 and _own_bytes(alone) + _bytes(alone[0]) > MOST_BYTES:
        raise Refusal(
            "prompt-too-long",
            "The prompts that the variations choose are too long together.",
            "Shorten them, or ask for fewer variations.",
        )
    return alone


def as_told(alone: tuple[AnyRequest, ...]) -> tuple[Variation, ...]:
    """What a result says of its variations: nothing of one alone."""
    if len(alone) == 1:
        return ()
    first = alone[0]
    return tuple(
        Variation(
            one.seed,
            None if one.prompt == first.prompt else one.prompt,
            None if one.negative == first.negative else one.negative,
        )
        for one in alone
    )


def _own_bytes(alone: tuple[AnyRequest, ...]) -> int:
    """Bytes of the prompts that differ from the first variation's."""
    texts = [text for told in as_told(alone) for text in (told.prompt, told.negative)]
    return sum(len(text.encode()) for text in texts if text is not None)


def _bytes(one: AnyRequest) -> int:
    return len((one.prompt + one.negative).encode())
