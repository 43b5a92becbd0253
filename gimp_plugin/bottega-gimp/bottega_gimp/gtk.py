"""GTK as GIMP 3 uses it; apart from `gimp.py`, because a batch run has no screen."""

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
gi.require_version("GimpUi", "3.0")

from gi.repository import Gdk, GdkPixbuf, GimpUi, Gtk, Pango  # noqa: E402  # after the versions

__all__ = ["Gdk", "GdkPixbuf", "GimpUi", "Gtk", "Pango"]
