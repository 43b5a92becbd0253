"""A dialog for a server that can't be found by itself: its address and its token."""

from __future__ import annotations

from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import Form, label, named, wrapped

WHY = (
    "Bottega finds the server of this computer by itself. For one in a container, on another "
    "computer, or if this program runs in a sandbox, paste what `bottega serve` has written. "
    "Leave the address empty to look on this computer again."
)


def ask_for_server(parent: Gtk.Window, url: str) -> tuple[str, str] | None:
    """The address and the token that were typed; None where the artist thinks better of it."""
    dialog = Gtk.Dialog(title="Connect to a server", transient_for=parent, modal=True)
    dialog.add_button("_Cancel", Gtk.ResponseType.CANCEL)
    dialog.add_button("C_onnect", Gtk.ResponseType.OK)
    dialog.set_default_response(Gtk.ResponseType.OK)
    address, token = _entry("Address", "ws://192.168.1.20:8765"), _entry("Token", "")
    address.set_text(url)
    token.set_visibility(False)
    form = Form(Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL))
    form.row("_Address", address)
    form.row("_Token", token)
    column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, border_width=12)
    for part in (wrapped(label(WHY, "Explanation")), form.grid):
        column.pack_start(part, False, False, 0)
    dialog.get_content_area().pack_start(column, True, True, 0)
    column.show_all()
    said = dialog.run()
    typed = (address.get_text().strip(), token.get_text().strip())
    dialog.destroy()
    return typed if said == Gtk.ResponseType.OK else None


def _entry(name: str, hint: str) -> Gtk.Entry:
    entry = named(Gtk.Entry(placeholder_text=hint, activates_default=True), name)
    entry.set_width_chars(32)
    return entry
