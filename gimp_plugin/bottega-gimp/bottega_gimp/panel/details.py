"""What the quality presets decide otherwise, one click away: the sampler's numbers and the edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bottega_client.wishes import Wish
from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import Form, choice, fill_choice, number
from bottega_protocol.requests import MOST_CLIP_SKIP, MOST_EDGE

BY_QUALITY = "by quality"
BY_MODEL = "as the model likes"
BY_SIZE = "by size"
NONE = "none"


class Details:
    """Left alone, every field leaves the decision to the server. `widget` is folded at first."""

    def __init__(self, labels: Gtk.SizeGroup) -> None:
        self.sampler = choice("Sampler", [("", BY_QUALITY)], "")
        self.steps = number("Steps", 0, (0, 150), 1, 0, BY_QUALITY)
        self.guidance = number("Guidance", 0, (0, 50), 0.5, 1, BY_MODEL)
        self.clip_skip = number("Clip skip", 0, (0, MOST_CLIP_SKIP), 1, 0, BY_MODEL)
        self.feather = number("Feather", -1, (-1, MOST_EDGE), 1, 0, BY_SIZE)
        self.grow = number("Grow", 0, (0, MOST_EDGE), 1, 0, NONE)
        form = Form(labels)
        form.row("Sa_mpler", self.sampler)
        form.row("S_teps", self.steps, tip="More steps take longer")
        form.row("_Guidance", self.guidance, tip="How closely the prompt is followed")
        form.row("_Clip skip", self.clip_skip, tip="Which layer of the text encoder is listened to")
        form.row("_Feather", self.feather, tip="How far the edge is softened, inwards, in pixels")
        form.row(
            "Gro_w",
            self.grow,
            tip="How far the painting may reach out over the selection, in pixels",
        )
        form.grid.set_margin_top(6)
        self.widget = Gtk.Expander(label="_Details", use_underline=True)
        self.widget.get_accessible().set_name("Details")
        self.widget.add(form.grid)

    def offer_samplers(self, samplers: Iterable[str]) -> None:
        """List what the server can sample with; what was chosen stays chosen."""
        options = [("", BY_QUALITY), *((name, name) for name in samplers)]
        fill_choice(self.sampler, options, self.sampler.get_active_id() or "")

    def added_to(self, wish: Wish) -> Wish:
        """The wish, with what the fields ask for; a number that is still being typed counts."""
        for spin in (self.steps, self.guidance, self.clip_skip, self.feather, self.grow):
            spin.update()
        feather = self.feather.get_value_as_int()
        return replace(
            wish,
            sampler=self.sampler.get_active_id() or "",
            steps=self.steps.get_value_as_int(),
            guidance=self.guidance.get_value(),
            clip_skip=self.clip_skip.get_value_as_int(),
            feather=None if feather < 0 else feather,
            grow=self.grow.get_value_as_int(),
        )

    def show_wish(self, wish: Wish) -> None:
        """Take a wish back into the fields."""
        known = self.sampler.set_active_id(wish.sampler)
        if not known:
            self.sampler.append(wish.sampler, wish.sampler)
            self.sampler.set_active_id(wish.sampler)
        self.steps.set_value(wish.steps)
        self.guidance.set_value(wish.guidance)
        self.clip_skip.set_value(wish.clip_skip)
        self.feather.set_value(-1 if wish.feather is None else wish.feather)
        self.grow.set_value(wish.grow)
