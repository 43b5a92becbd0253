"""What a quality means: sampler, steps, guidance and passes, by how a model was distilled."""

from __future__ import annotations

from dataclasses import dataclass

from bottega_backend.shelf.catalog import Model

MEBI = 2**20


@dataclass(frozen=True)
class Passes:
    """How fine a quality paints: so many native areas at most, and so many pixels."""

    areas: float
    pixels: int

    def most_pixels(self, native: int) -> int:
        """Pixels of the finest pass of a model with this native area; one area at least."""
        return max(native, min(round(self.areas * native), self.pixels))


PASSES = {
    "draft": Passes(1.0, 2 * MEBI),
    "good": Passes(24.0, 6 * MEBI),
    "best": Passes(256.0, 64 * MEBI),
}
"""Draft is one pass; good goes to what a screen shows of a picture, best to the rectangle."""


@dataclass(frozen=True)
class Pace:
    """Steps of draft and best, in shares of the model's own, and where they end."""

    draft: float
    best: float
    least: int
    most: int


PACES = {
    "": Pace(draft=0.5, best=1.6, least=8, most=150),
    "turbo": Pace(draft=0.5, best=2.0, least=1, most=8),
    "lightning": Pace(draft=1.0, best=2.0, least=1, most=8),
    "hyper": Pace(draft=1.0, best=2.0, least=1, most=8),
    "lcm": Pace(draft=0.5, best=2.0, least=2, most=8),
}
"""By kind. Models distilled for a number of steps gain nothing from many more, nor from fewer."""


def preset_steps(model: Model, quality: str) -> int:
    """Steps of a quality where the request names none; good is the model's own number.

    `least` and `most` bound what a quality changes, never the model's own number.
    """
    pace = PACES.get(model.kind, PACES[""])
    share = {"draft": pace.draft, "best": pace.best}.get(quality, 1.0)
    wanted = round(model.steps * share)
    if share < 1:
        return min(model.steps, max(wanted, pace.least))
    return max(model.steps, min(wanted, pace.most))
