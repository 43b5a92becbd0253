"""A dialog for a server that can't be found by itself: an invitation, or address and token."""

from __future__ import annotations

from bottega_client.invitation import looks_like_invitation
from bottega_client.words import INVITATION_OR_ADDRESS, TOKEN_FOR_ADDRESS, WHY_CONNECT
from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import Form, label, named, wrapped


def ask_for_server(parent: Gtk.Window, url: str) -> tuple[str, str] | None:
    """What was typed: an invitation or an address, and a token; None for Cancel."""
    dialog = Gtk.Dialog(title="Connect to a server", transient_for=parent, modal=True)
    dialog.add_button("_Cancel", Gtk.ResponseType.CANCEL)
    dialog.add_button("C_onnect", Gtk.ResponseType.OK)
    dialog.set_default_response(Gtk.ResponseType.OK)
    address, token = _entry(INVITATION_OR_ADDRESS, "bottega://…"), _entry(TOKEN_FOR_ADDRESS, "")
    address.set_text(url)
    token.set_visibility(False)
    form = Form(Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL))
    form.row("_" + INVITATION_OR_ADDRESS, address)
    form.row("_" + TOKEN_FOR_ADDRESS, token)
    # An invitation brings its own proof.
    address.connect(
        "changed", lambda _: token.set_sensitive(not looks_like_invitation(address.get_text()))
    )
    column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, border_width=12)
    for part in (wrapped(label(WHY_CONNECT, "Explanation")), form.grid):
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
