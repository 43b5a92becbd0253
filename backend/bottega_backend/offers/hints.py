"""What an artist should know of how a job will be painted: sentences, shown as they are."""

from __future__ import annotations

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
