"""Raw RGB as pictures on the screen, fitted into a box; sharp on screens of twice the density."""

from __future__ import annotations

from bottega_client.thumbnails import Thumbnail
from bottega_gimp.gimp import GLib
from bottega_gimp.gtk import Gdk, GdkPixbuf, Gtk


def pixbuf_of(picture: Thumbnail) -> GdkPixbuf.Pixbuf:
    """The same pixels as GTK's own kind of picture."""
    return GdkPixbuf.Pixbuf.new_from_bytes(
        GLib.Bytes.new(picture.rgb),
        GdkPixbuf.Colorspace.RGB,
        False,
        8,
        picture.width,
        picture.height,
        3 * picture.width,
    )


def show_fitting(image: Gtk.Image, picture: Thumbnail, width: int, height: int) -> None:
    """Show a picture as large as fits, enlarged too; the box is in the screen's own units."""
    density = image.get_scale_factor()
    scale = min(width / picture.width, height / picture.height) * density
    wide, high = (max(1, round(side * scale)) for side in (picture.width, picture.height))
    smooth = GdkPixbuf.InterpType.BILINEAR
    scaled = pixbuf_of(picture).scale_simple(wide, high, smooth)
    image.set_from_surface(Gdk.cairo_surface_create_from_pixbuf(scaled, density, None))
