"""What the quality presets decide otherwise, one click away: the sampler's numbers and the edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bottega_protocol.requests import MOST_CLIP_SKIP, MOST_EDGE

from .choice import Choice
from .form import Form
from .numbers import real, whole

if TYPE_CHECKING:
    from bottega_client.wishes import Wish

BY_QUALITY = "by quality"
BY_MODEL = "as the model likes"
BY_SIZE = "by size"
NONE = "none"
MOST_STEPS = 150
MOST_GUIDANCE = 50


class Details(Form):
    """Left alone, every field leaves the decision to the server."""

    def __init__(self) -> None:
        super().__init__()
        self.sampler = Choice("bottega_sampler", "Sampler")
        self.offer_samplers(())
        self.steps = whole("bottega_steps", "Steps", (0, MOST_STEPS), BY_QUALITY)
        self.guidance = real("bottega_guidance", "Guidance", MOST_GUIDANCE, BY_MODEL)
        self.clip_skip = whole("bottega_clip_skip", "Clip skip", (0, MOST_CLIP_SKIP), BY_MODEL)
        self.feather = whole("bottega_feather", "Feather", (-1, MOST_EDGE), BY_SIZE)
        self.grow = whole("bottega_grow", "Grow", (0, MOST_EDGE), NONE)
        self.feather.setValue(-1)
        for edge in (self.feather, self.grow):
            edge.setSuffix(" px")
        self.add("Sampler", self.sampler)
        self.add("Steps", self.steps, "More steps take longer")
        self.add("Guidance", self.guidance, "How closely the prompt is followed")
        self.add("Clip skip", self.clip_skip, "Which layer of the text encoder is listened to")
        self.add("Feather", self.feather, "How far the edge is softened, inwards")
        self.add("Grow", self.grow, "How far the painting may reach out over the selection")

    def offer_samplers(self, samplers: Iterable[str]) -> None:
        """List what the server can sample with."""
        self.sampler.offer((("", BY_QUALITY, ""), *((name, name, "") for name in samplers)))

    def added_to(self, wish: Wish) -> Wish:
        """The wish, with what the fields ask for."""
        feather = self.feather.value()
        return replace(
            wish,
            sampler=self.sampler.chosen(),
            steps=self.steps.value(),
            guidance=self.guidance.value(),
            clip_skip=self.clip_skip.value(),
            feather=None if feather < 0 else feather,
            grow=self.grow.value(),
        )

    def show_wish(self, wish: Wish) -> None:
        """Take a wish back into the fields."""
        self.sampler.choose(wish.sampler)
        self.steps.setValue(wish.steps)
        self.guidance.setValue(wish.guidance)
        self.clip_skip.setValue(wish.clip_skip)
        self.feather.setValue(-1 if wish.feather is None else wish.feather)
        self.grow.setValue(wish.grow)
