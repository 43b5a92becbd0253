"""What the world is made of: the words of each choice, with their colours in 0..1."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

Colour = tuple[float, float, float]

COLOURS = MappingProxyType(
    {
        "red": (0.87, 0.09, 0.09),
        "orange": (0.98, 0.50, 0.05),
        "yellow": (0.97, 0.90, 0.10),
        "green": (0.10, 0.66, 0.18),
        "blue": (0.10, 0.24, 0.90),
        "purple": (0.50, 0.12, 0.78),
        "pink": (1.00, 0.48, 0.74),
        "white": (0.96, 0.96, 0.96),
    }
)
"""What things are painted in: eight hues that can be told apart under every sky."""

KINDS = ("ball", "box", "cone", "tower", "house", "tree", "boat", "rock")
"""What stands in a scene."""

PLACES = MappingProxyType({"left": 0.22, "middle": 0.50, "right": 0.78})
"""Where it stands: the centre as a share of the picture's width."""

SIZES = MappingProxyType({"small": 0.105, "normal": 0.15, "large": 0.20})
"""Half a thing's width as a share of the picture's height."""


@dataclass(frozen=True)
class Sky:
    """A sky's colour at the top and at the horizon, and the light under it."""

    top: Colour
    low: Colour
    ambient: Colour
    direct: Colour
    disc: Colour | None
    disc_height: float


SKIES = MappingProxyType(
    {
        "day": Sky(
            (0.25, 0.52, 0.93),
            (0.72, 0.87, 0.98),
            (0.44, 0.45, 0.48),
            (0.72, 0.70, 0.66),
            (1.00, 0.97, 0.75),
            0.12,
        ),
        "sunset": Sky(
            (0.36, 0.22, 0.50),
            (0.99, 0.56, 0.22),
            (0.42, 0.36, 0.40),
            (0.78, 0.60, 0.42),
            (1.00, 0.80, 0.35),
            0.30,
        ),
        "night": Sky(
            (0.02, 0.03, 0.12),
            (0.10, 0.13, 0.32),
            (0.24, 0.26, 0.36),
            (0.42, 0.45, 0.56),
            (0.92, 0.93, 0.86),
            0.12,
        ),
        "overcast": Sky(
            (0.55, 0.58, 0.62),
            (0.80, 0.82, 0.84),
            (0.56, 0.56, 0.58),
            (0.40, 0.40, 0.40),
            None,
            0.0,
        ),
    }
)

GROUNDS = MappingProxyType(
    {
        "meadow": (0.36, 0.62, 0.22),
        "sand": (0.88, 0.77, 0.52),
        "snow": (0.92, 0.94, 0.98),
        "sea": (0.10, 0.34, 0.52),
    }
)


@dataclass(frozen=True)
class Ridge:
    """What closes the horizon: its colour, and whether it is jagged with a lighter cap."""

    colour: Colour
    cap: Colour | None = None
    jagged: bool = False


RIDGES = MappingProxyType(
    {
        "green hills": Ridge((0.22, 0.46, 0.20)),
        "brown hills": Ridge((0.45, 0.32, 0.22)),
        "grey mountains": Ridge((0.42, 0.43, 0.48), jagged=True),
        "snowy mountains": Ridge((0.38, 0.40, 0.47), cap=(0.93, 0.95, 0.99), jagged=True),
    }
)

BARK: Colour = (0.40, 0.25, 0.14)
ROOF: Colour = (0.45, 0.24, 0.16)
DOOR: Colour = (0.25, 0.16, 0.12)
SAIL: Colour = (0.93, 0.91, 0.84)
