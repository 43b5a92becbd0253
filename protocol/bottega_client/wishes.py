"""What an artist asks for, in her own words and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from bottega_protocol.errors import BadMessage
from bottega_protocol.regions import Size
from bottega_protocol.requests import MODEL, MOST_PROMPT, SAMPLER
from bottega_protocol.schema import Text

from .editor import VISIBLE, EditorError

MOST_SEED = 2**32 - 1

PROMPT = Text(MOST_PROMPT)
TEXTS = (
    ("prompt", "prompt", PROMPT),
    ("negative", "negative prompt", PROMPT),
    ("model", "model's name", MODEL),
    ("sampler", "sampler's name", SAMPLER),
)
"""What the artist types: a wish's field, what she calls it, and what a request takes there."""


@dataclass(frozen=True)
class Wish:
    """What the artist asks for, whatever the capability; it takes of this what it knows.

    Empty and zero mean the backend's defaults, no seed a random one, no strength the capability's
    own, no feather one by the selection's size. Feather and grow are in canvas pixels.
    Width and height are those of a new picture, 0 for one that is open.
    """

    prompt: str = ""
    negative: str = ""
    model: str = ""
    sampler: str = ""
    seed: int | None = None
    steps: int = 0
    guidance: float = 0.0
    strength: float | None = None
    source: str = VISIBLE
    clip_skip: int = 0
    quality: str = "good"
    count: int = 1
    intent: str = "fill"
    feather: int | None = None
    grow: int = 0
    width: int = 0
    height: int = 0

    @property
    def new_size(self) -> Size | None:
        """The size of the new picture that is wanted, None where the document is painted in.

        Of a square one side is enough.
        """
        if not (self.width or self.height):
            return None
        return Size(self.width or self.height, self.height or self.width)


def check_wish(wish: Wish) -> None:
    """Say in the artist's words what a request would refuse in the protocol's: EditorError."""
    for field, called, kind in TEXTS:
        text = getattr(wish, field)
        try:
            kind.check(text, field)
        except BadMessage as error:
            why = (
                f"is {len(text)} characters long: at most {kind.most} are read"
                if len(text) > kind.most
                else "holds characters that are no text"
            )
            raise EditorError(f"The {called} {why}.", "Change it and try again.") from error
