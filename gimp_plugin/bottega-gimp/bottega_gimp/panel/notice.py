"""A message across the window: what went wrong and what helps, or a word of success."""

from __future__ import annotations

from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import icon_button, label, named, wrapped


class Notice(Gtk.InfoBar):  # type: ignore[misc]  # gi has no types
    """A message and a remedy below it; hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__(no_show_all=True)
        named(self, "Notice")
        _name_buttons(self)
        self.about = ""
        self._message = wrapped(label("", "Message"))
        self._remedy = wrapped(label("", "Advice", dim=True))
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=2)
        for part in (self._message, self._remedy):
            column.pack_start(part, False, False, 0)
        close = icon_button("window-close-symbolic", "Close the message", flat=True)
        close.set_valign(Gtk.Align.START)
        close.connect("clicked", lambda _: self.clear())
        self.get_content_area().pack_start(column, True, True, 0)
        self.get_content_area().pack_start(close, False, False, 0)
        for part in (column, self._message, close, close.get_child()):
            part.show()

    def clear(self) -> None:
        """Nothing to say."""
        self.about = ""
        self.hide()

    def settle(self, about: str) -> None:
        """What was said about this is no longer so."""
        if self.about == about:
            self.clear()

    def say(self, text: str) -> None:
        """Something went well, or should be known."""
        self.about = ""
        self._show(text, "", Gtk.MessageType.INFO)

    def warn(self, message: str, remedy: str, about: str = "") -> None:
        """Something went wrong; `about` names what good news takes it away."""
        self.about = about
        self._show(message, remedy, Gtk.MessageType.WARNING)

    def _show(self, message: str, remedy: str, kind: Gtk.MessageType) -> None:
        self.set_message_type(kind)
        self._message.set_text(message)
        self._remedy.set_text(remedy)
        self._remedy.set_visible(bool(remedy))
        self.show()
        self.set_revealed(True)


def _name_buttons(widget: Gtk.Widget) -> None:
    """GTK's own button to close it is never seen here, but a screen reader may come by."""
    if isinstance(widget, Gtk.Button):
        named(widget, "Close")
    elif isinstance(widget, Gtk.Container):
        widget.forall(_name_buttons)
