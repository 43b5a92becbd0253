"""The variations of a job side by side: a click looks closer, a tick picks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bottega_client.entries import Shown
from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import dress, named

from .pictures import show_fitting

ACROSS = 4
SIDE = 68
"""Four fit into the window as narrow as it can be."""


class Tiles(Gtk.Grid):  # type: ignore[misc]  # gi has no types
    """A grid of pictures with a tick box under each."""

    def __init__(self, zoomed: Callable[[int], object], picked: Callable[[], object]) -> None:
        super().__init__(row_spacing=4, column_spacing=4)
        self._zoomed = zoomed
        self._changed = picked
        self._shown: tuple[Shown, ...] = ()
        self._tiles: list[tuple[Gtk.Image, Gtk.Button, Gtk.CheckButton]] = []

    def show_variations(self, variations: Sequence[Shown]) -> None:
        """Show these; what was picked stays picked."""
        if tuple(variations) == self._shown:
            return
        before, self._shown = self._shown, tuple(variations)
        for number in range(len(self._tiles), len(variations)):
            self._add(number)
        for number, shown in enumerate(variations):
            self._show(number, shown, before[number] if number < len(before) else None)

    def picked(self) -> tuple[int, ...]:
        """The variations that are ticked."""
        ticked = zip(self._shown, self._tiles, strict=False)
        return tuple(shown.variation for shown, (_, _, tick) in ticked if tick.get_active())

    def _show(self, number: int, shown: Shown, before: Shown | None) -> None:
        image, button, tick = self._tiles[number]
        was_placed = before is not None and before.placed
        if before is None or before.thumbnail != shown.thumbnail:
            show_fitting(image, shown.thumbnail, SIDE, SIDE)
        called = f"Variation {shown.variation + 1}"
        named(button, f"{called}, seed {shown.seed}")
        button.get_accessible().set_description(shown.prompt)
        tick.set_label("placed" if shown.placed else str(shown.variation + 1))
        named(tick, f"Pick variation {shown.variation + 1}")
        if shown.placed and not was_placed:
            tick.set_active(False)

    def _add(self, number: int) -> None:
        image, button, tick = Gtk.Image(), Gtk.Button(), Gtk.CheckButton()
        button.add(image)
        button.set_relief(Gtk.ReliefStyle.NONE)
        dress(button, b"button { padding: 1px; min-width: 0; min-height: 0; }")
        button.set_tooltip_text("Look closer")
        button.connect("clicked", lambda _: self._zoomed(self._shown[number].variation))
        tick.set_halign(Gtk.Align.CENTER)
        tick.connect("toggled", lambda _: self._changed())
        self._tiles.append((image, button, tick))
        row, column = divmod(number, ACROSS)
        self.attach(button, column, 2 * row, 1, 1)
        self.attach(tick, column, 2 * row + 1, 1, 1)
        for widget in (button, tick):
            widget.show_all()
