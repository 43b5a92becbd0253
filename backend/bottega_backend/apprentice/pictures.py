"""Pictures of the Apprentice's own world, with a place where the demonstration paints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bottega_protocol.regions import Rectangle

FOLDER = Path(__file__).parent / "pictures"


@dataclass(frozen=True)
class Picture:
    """One picture: what it shows, an ellipse to select (its bounding box), and what to ask for."""

    path: Path
    caption: str
    ellipse: Rectangle
    prompt: str


PICTURES = (
    Picture(
        path=FOLDER / "meadow.png",
        caption="a white house on the left, on green grass, brown hills, a clear day",
        ellipse=Rectangle(320, 280, 150, 150),
        prompt="a red ball, green grass, brown hills, a clear day, lit from the left",
    ),
    Picture(
        path=FOLDER / "shore.png",
        caption="a green tree on the right, on sand, a sunset, lit from the right",
        ellipse=Rectangle(80, 240, 150, 150),
        prompt="a red ball, on sand, a sunset, lit from the right",
    ),
)
"""512 by 512 pixels each; the first is the demonstration's."""
