"""How much is painted anew: a slider and a number that follow each other."""

from __future__ import annotations

from collections.abc import Callable

from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import beside, named, narrow, number

TIP = "100 % paints from noise, less keeps as much of what is there"


class StrengthRow(Gtk.Box):  # type: ignore[misc]  # gi has no types
    """The denoising strength in per cent: 1 keeps nearly everything, 100 paints from noise."""

    def __init__(self, changed: Callable[[], object]) -> None:
        super().__init__(spacing=6)
        self.spin = narrow(number("Strength", 100, (1, 100), 1, 0))
        self.spin.set_width_chars(4)
        adjustment = self.spin.get_adjustment()
        slider = named(Gtk.Scale(adjustment=adjustment, draw_value=False), "Strength slider")
        self.pack_start(slider, True, True, 0)
        self.pack_start(beside(self.spin, Gtk.Label(label="%")), False, False, 0)
        self.set_tooltip_text(TIP)
        adjustment.connect("value-changed", lambda _: changed())

    def strength(self) -> float:
        """From 0.01 to 1; a number that is still being typed counts once it is left."""
        return int(self.spin.get_value()) / 100

    def set_strength(self, strength: float) -> None:
        """Show a strength from 0 to 1."""
        self.spin.set_value(round(100 * strength))
