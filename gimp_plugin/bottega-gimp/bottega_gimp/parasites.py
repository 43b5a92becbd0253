"""Texts that an image carries, also in its saved file; no undo takes them away."""

from __future__ import annotations

from .gimp import Gimp

CODE = "utf-7"
"""ASCII only: PyGObject hands a parasite's bytes over as signed ones, and refuses the others."""


def read_text(image: Gimp.Image, name: str) -> str | None:
    """The text kept under a name, or nothing."""
    parasite = image.get_parasite(name)
    return None if parasite is None else bytes(parasite.get_data()).decode(CODE, "replace")


def write_text(image: Gimp.Image, name: str, text: str) -> None:
    """Keep a text in the image."""
    image.attach_parasite(Gimp.Parasite.new(name, Gimp.PARASITE_PERSISTENT, text.encode(CODE)))
