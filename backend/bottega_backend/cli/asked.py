"""The options in which a job is described, each written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bottega_client.wishes import MOST_SEED
from bottega_protocol.requests import (
    INTENTS,
    MOST_CLIP_SKIP,
    MOST_COUNT,
    MOST_EDGE,
    QUALITIES,
)


def _one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    def check(name: str) -> str:
        if name not in names:
            raise typer.BadParameter(f"{name} is none of {', '.join(names)}.")
        return name

    return check


ImageFile = Annotated[Path, typer.Option(help="The picture: a PNG of 8 or 16 bit.")]
MaybeImage = Annotated[
    Path | None, typer.Option(help="A PNG to paint the new picture over; else an empty canvas.")
]
MaskFile = Annotated[Path, typer.Option(help="Where to paint: a grey 8-bit PNG, white = paint.")]
MaybeMask = Annotated[
    Path | None,
    typer.Option(help="Where to paint: a grey 8-bit PNG, white = paint; else everywhere."),
]
Width = Annotated[
    int | None, typer.Option(min=1, help="Pixels; without an image, else the model's own width.")
]
Height = Annotated[
    int | None, typer.Option(min=1, help="Pixels; without an image, else the model's own height.")
]
Prompt = Annotated[str, typer.Option(help="What to paint there.")]
Negative = Annotated[str, typer.Option(help="What not to paint.")]
Seed = Annotated[
    int | None,
    typer.Option(min=0, max=MOST_SEED, help="The noise of the first variation; else random."),
]
Count = Annotated[
    int,
    typer.Option(min=1, max=MOST_COUNT, help="Variations: this seed and those after it."),
]
Quality = Annotated[
    str,
    typer.Option(
        callback=_one_of(QUALITIES),
        help="draft, good or best: decides sampler, steps and passes where nothing else does.",
    ),
]
Steps = Annotated[int, typer.Option(min=0, max=150, help="0 = by quality and model.")]
Guidance = Annotated[float, typer.Option(min=0, max=50, help="0 = the model's default.")]
Sampler = Annotated[str, typer.Option(help="Such as 'Euler a'; empty = by quality and model.")]
ClipSkip = Annotated[
    int, typer.Option(min=0, max=MOST_CLIP_SKIP, help="2 = last layer but one; 0 = default.")
]
Strength = Annotated[
    float,
    typer.Option(
        min=0,
        max=1,
        help="0 keeps, 1 paints from noise: of N steps the last round(N x strength) run, "
        "never fewer than the sampler needs.",
    ),
]
Intent = Annotated[
    str,
    typer.Option(
        callback=_one_of(INTENTS),
        help="fill goes on with the surroundings, add paints a new thing, remove what lies "
        "behind one, replace another background.",
    ),
]
Feather = Annotated[
    int | None,
    typer.Option(
        min=0, max=MOST_EDGE, help="Soften the mask's edge inwards by so many pixels; else by size."
    ),
]
Grow = Annotated[
    int, typer.Option(min=0, max=MOST_EDGE, help="Reach out over the mask by so many pixels.")
]
Model = Annotated[str, typer.Option(help="See `bottega models list`; empty = the default.")]
Out = Annotated[
    Path, typer.Option(help="The layer: RGBA, its mask as alpha; several are numbered.")
]
Composite = Annotated[
    Path | None, typer.Option(help="The picture with the layer over it; one for each variation.")
]
