"""GIMP's own libraries in the versions that this plug-in speaks; the only door to them."""

import gi

gi.require_version("Babl", "0.1")
gi.require_version("Gegl", "0.4")
gi.require_version("Gimp", "3.0")

from gi.repository import Babl, Gegl, Gimp, GLib, GObject  # noqa: E402  # after the versions

__all__ = ["Babl", "GLib", "GObject", "Gegl", "Gimp"]
