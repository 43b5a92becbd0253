"""What an artist should know of how a job will be painted: sentences, shown as they are."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from bottega_protocol.regions import Size

from .sizes import LONGEST, Sizes

SOFT = 1.1
"""Times that a side is enlarged before it is worth saying."""


def hints(rectangle: Size, sizes: Sizes, quality: str, *, details: bool = True) -> tuple[str, ...]:
    """Of a rectangle painted at these sizes, by a model that can paint `details` or can't."""
    found = []
    painted = sizes.painted
    enlarged = (rectangle.area / painted.area) ** 0.5
    if enlarged >= SOFT:
        finer = "" if quality == "best" or not details else ", or choose a better quality"
        found.append(
            f"Painted at {painted.width} by {painted.height} and enlarged to"
            f" {rectangle.width} by {rectangle.height}, so it will be soft."
            f" Select less for finer detail{finer}."
        )
    if max(rectangle.width / rectangle.height, rectangle.height / rectangle.width) > LONGEST**2:
        found.append("Very long and thin: shapes may come out stretched.")
    return tuple(found)


WORD = re.compile(r"[^\W\d_]{2,}")
SMALL_WORDS = frozenset(
    ("an", "and", "at", "by", "for", "in", "is", "it", "no", "of", "on", "or", "the", "to", "with")
)
"""What nobody means when he asks which words are understood."""

MOST_HINT = 400


def word_hints(prompt: str, known: AbstractSet[str]) -> tuple[str, ...]:
    """Of a prompt for a model that knows these words only; nothing for one that knows any."""
    said = dict.fromkeys(word.lower() for word in WORD.findall(prompt))
    foreign = [word for word in said if word not in known and word not in SMALL_WORDS]
    if not known or not foreign:
        return ()
    words = ", ".join(sorted(known - SMALL_WORDS))
    told = f"This model does not know: {', '.join(foreign[:5])}. It knows: {words}."
    return (told if len(told) <= MOST_HINT else f"{told[: MOST_HINT - 4]} ...",)
