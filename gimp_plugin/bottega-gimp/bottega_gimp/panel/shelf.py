"""A list of results with pictures, and the buttons for the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bottega_client.thumbnails import Thumbnail
from bottega_gimp.gtk import Gtk, Pango
from bottega_gimp.widgets import label, named

from .pictures import show_fitting

SIDE = 40


@dataclass(frozen=True)
class Row:
    """A line of a shelf: two lines of text, a picture if there is one, what it stands for."""

    title: str
    note: str
    value: Any
    picture: Thumbnail | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Deed:
    """A button under a shelf: its text, and what is called with the chosen line's value."""

    text: str
    work: Callable[[Any], object]


class Shelf(Gtk.Box):  # type: ignore[misc]  # gi has no types
    """Enter or a double click is the first button."""

    def __init__(self, title: str, empty: str, deeds: Sequence[Deed]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6, border_width=8)
        self._values: list[Any] = []
        self._images: list[Gtk.Image] = []
        self._empty = empty
        self._deeds = deeds
        self._list = named(Gtk.ListBox(activate_on_single_click=False), title)
        self._list.connect("row-activated", lambda *_: self._act(deeds[0]))
        self._list.connect("row-selected", lambda *_: self._enable())
        scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN)
        scrolled.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        scrolled.add(self._list)
        self.buttons = Gtk.Box(spacing=6, homogeneous=True)
        self._buttons = [self._button(deed) for deed in deeds]
        self.pack_start(scrolled, True, True, 0)
        self.pack_start(self.buttons, False, False, 0)
        self.show_rows(())

    def show_rows(self, rows: Iterable[Row]) -> None:
        """List these and nothing else."""
        for child in self._list.get_children():
            child.destroy()
        self._values, self._images = [], []
        self.add_rows(rows)
        if not self._values:
            nothing = Gtk.ListBoxRow(selectable=False, activatable=False)
            nothing.add(label(self._empty, "Empty", dim=True))
            nothing.set_border_width(8)
            self._list.add(nothing)
        self._list.show_all()
        self._enable()

    def add_rows(self, rows: Iterable[Row]) -> None:
        """List these below what is there."""
        for row in rows:
            image = Gtk.Image()
            # Of a row without a picture too: what is listed must not move when one comes.
            image.set_size_request(SIDE, SIDE)
            if row.picture is not None:
                show_fitting(image, row.picture, SIDE, SIDE)
            self._values.append(row.value)
            self._images.append(image)
            self._list.add(_line(row, image))
        self._list.show_all()

    def picture_row(self, value: Any, picture: Thumbnail) -> None:
        """Show a picture in the lines that stand for this value."""
        for known, image in zip(self._values, self._images, strict=True):
            if known == value:
                show_fitting(image, picture, SIDE, SIDE)

    def chosen(self) -> Any:
        """What the chosen line stands for, or None."""
        row = self._list.get_selected_row()
        return self._values[row.get_index()] if row is not None and self._values else None

    def _button(self, deed: Deed) -> Gtk.Button:
        button = named(Gtk.Button(label=deed.text), deed.text)
        button.connect("clicked", lambda _: self._act(deed))
        self.buttons.pack_start(button, True, True, 0)
        return button

    def _enable(self) -> None:
        for button in self._buttons:
            button.set_sensitive(self.chosen() is not None)

    def _act(self, deed: Deed) -> None:
        value = self.chosen()
        if value is not None:
            deed.work(value)


def _line(row: Row, image: Gtk.Image) -> Gtk.ListBoxRow:
    texts = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=2)
    for text, dim in ((row.title, False), (row.note, True)):
        line = label(text, "Result", dim=dim)
        line.set_ellipsize(Pango.EllipsizeMode.END)
        texts.pack_start(line, True, True, 0)
    line = Gtk.Box(spacing=8, border_width=4)
    line.pack_start(image, False, False, 0)
    line.pack_start(texts, True, True, 0)
    made = named(Gtk.ListBoxRow(), f"{row.title}, {row.note}")
    made.set_tooltip_text(row.title)
    made.add(line)
    return made
