"""Short texts that an image carries, also in its saved file; no undo takes them away."""

from __future__ import annotations

from .gimp import Gimp


def read_text(image: Gimp.Image, name: str) -> str | None:
    """The text kept under a name, or nothing."""
    parasite = image.get_parasite(name)
    return None if parasite is None else bytes(parasite.get_data()).decode("ascii", "replace")


def write_text(image: Gimp.Image, name: str, text: str) -> None:
    """Keep an ASCII text in the image."""
    image.attach_parasite(Gimp.Parasite.new(name, Gimp.PARASITE_PERSISTENT, text.encode("ascii")))
