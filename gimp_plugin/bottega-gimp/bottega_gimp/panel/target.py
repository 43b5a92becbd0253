"""Which image the result goes into: the chosen one, or a new one of a size of its own."""

from __future__ import annotations

from collections.abc import Callable

from bottega_client.choose import HERE, LEAST_SIDE, MOST_SIDE, NEW, NEW_SIDE, SIDE_STEP, TARGETS
from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import choice, narrow, number


class TargetRow(Gtk.Box):  # type: ignore[misc]  # gi has no types
    """A choice, and width by height in pixels where it is a new image."""

    def __init__(self, changed: Callable[[], object]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=4)
        self.choice = choice("Into", [(word.name, word.label) for word in TARGETS], HERE)
        self._changed = changed
        self._width = _side("Width of the new picture")
        self._height = _side("Height of the new picture")
        self._sides = Gtk.Box(spacing=4, no_show_all=True)
        for part, grows in ((self._width, True), (Gtk.Label(label="by"), False)):
            self._sides.pack_start(part, grows, grows, 0)
        self._sides.pack_start(self._height, True, True, 0)
        for part in self._sides.get_children():
            part.show()
        self.pack_start(self.choice, True, True, 0)
        self.pack_start(self._sides, False, False, 0)
        self.choice.connect("changed", lambda _: self._show())

    def target(self) -> str:
        """One of the targets."""
        return self.choice.get_active_id() or HERE

    def new_size(self) -> tuple[int, int]:
        """Width and height of the new image, zeros for the chosen one."""
        if self.target() != NEW:
            return (0, 0)
        for spin in (self._width, self._height):
            spin.update()
        return (self._width.get_value_as_int(), self._height.get_value_as_int())

    def show_size(self, width: int, height: int) -> None:
        """Take a wish's size back; zeros are the chosen image."""
        if width and height:
            self._width.set_value(width)
            self._height.set_value(height)
        self.choice.set_active_id(NEW if width and height else HERE)

    def _show(self) -> None:
        self._sides.set_visible(self.target() == NEW)
        self._changed()


def _side(name: str) -> Gtk.SpinButton:
    return narrow(number(name, NEW_SIDE, (LEAST_SIDE, MOST_SIDE), SIDE_STEP, 0))
