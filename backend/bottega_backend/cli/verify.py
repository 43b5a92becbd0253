"""`bottega models verify`: a model paints with a fixed seed, and what comes of it is looked at."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from bottega_backend.imaging.blend import Samples
from bottega_client.actions import Outcome, perform
from bottega_client.client import Client
from bottega_client.wishes import Wish
from bottega_protocol.errors import Refusal
from bottega_protocol.offers import ModelOffer
from bottega_protocol.regions import Size

from .connection import Where, connected
from .exits import JOB_FAILED
from .options import Data, Device, Json, Models, Server
from .pictures import PictureEditor, empty_canvas
from .png_files import PngPicture, check_writable, write_png

SEED = 20
OTHER_SEED = 21
PROMPT = "a red ball on the grass"

FLAT = 4.0
"""Standard deviation in levels of 255: less is a flat colour, which broken models paint."""

ALIKE = 2.0
"""Mean difference in levels: with another seed it is far more, unless the noise has no effect."""

Id = Annotated[str, typer.Argument(help="A model's id, see `bottega models list`.")]
Out = Annotated[Path | None, typer.Option(help="Keep the picture as PNG, to look at it.")]


@dataclass(frozen=True)
class Verdict:
    """What a model painted.

    `spread` is its standard deviation, `differs` the mean difference from the same with another
    seed, both in levels of 255; `seconds` are those of a job with the model loaded.
    """

    model: str
    seed: int
    sampler: str
    steps: int
    width: int
    height: int
    spread: float
    differs: float
    seconds: float
    load_seconds: float
    sha256: str

    @property
    def faults(self) -> list[str]:
        """What is wrong with it, in sentences."""
        found = []
        if self.spread < FLAT:
            found.append("The picture is flat: the weights are broken, or of another family.")
        if self.differs < ALIKE:
            found.append("Another seed paints the same: the model does not hear its noise.")
        return found


def verify(  # noqa: PLR0913  # one parameter per option
    name: Id,
    *,
    server: Server = None,
    data: Data = None,
    models: Models = None,
    device: Device = "auto",
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Paint twice with fixed seeds and report; exit code 3 when that is no picture.

    Pixels that are no numbers fail the job itself. The same seed on the same kind of device gives
    the same checksum, so that two machines can be compared.
    """
    if out is not None:
        check_writable(out)
    with connected(Where(server, data, models, device)) as client:
        offer = _offer(client, name)
        picture, first = _paint(client, offer, SEED)
        other, second = _paint(client, offer, OTHER_SEED)
    if out is not None:
        write_png(out, PngPicture(picture))
    verdict = _judge(picture, other, first, second)
    report = asdict(verdict) | {"faults": verdict.faults}
    typer.echo(json.dumps(report) if as_json else _sentences(verdict))
    raise typer.Exit(JOB_FAILED if verdict.faults else 0)


def _offer(client: Client, name: str) -> ModelOffer:
    models = client.offers().models
    for model in models:
        if model.id == name:
            return model
    names = ", ".join(model.id for model in models)
    raise Refusal("unknown-model", f"There is no model {name:.80}.", f"Choose one of: {names}.")


def _paint(client: Client, offer: ModelOffer, seed: int) -> tuple[Samples, Outcome]:
    """A picture at the model's own size: from words, or filled into grey where it only fills."""
    able = "generate" in offer.capabilities
    editor = empty_canvas(offer.native) if able else _half_grey(offer.native)
    wish = Wish(PROMPT, model=offer.id, seed=seed, feather=0)
    capability = "generate" if able else "fill"
    outcome = perform(editor, client, capability, wish, lambda _: None, threading.Event())
    (picture,) = editor.layer_pictures()
    return picture[..., :3], outcome


def _half_grey(size: Size) -> PictureEditor:
    """A grey picture of which the middle is to be filled."""
    samples = np.full((size.height, size.width, 3), 128, np.uint8)
    mask = np.zeros((size.height, size.width), np.uint8)
    mask[size.height // 8 : -size.height // 8, size.width // 8 : -size.width // 8] = 255
    return PictureEditor(samples, mask)


def _judge(picture: Samples, other: Samples, first: Outcome, second: Outcome) -> Verdict:
    recipe = first.result.recipe
    height, width = picture.shape[:2]
    levels = picture.astype(np.float64)
    return Verdict(
        model=recipe.model,
        seed=recipe.seed,
        sampler=recipe.sampler,
        steps=recipe.steps,
        width=width,
        height=height,
        spread=float(levels.std()),
        differs=float(np.abs(levels - other).mean()),
        seconds=second.total,
        load_seconds=first.timings.load,
        sha256=hashlib.sha256(np.ascontiguousarray(picture).tobytes()).hexdigest(),
    )


def _sentences(verdict: Verdict) -> str:
    size = f"{verdict.width} x {verdict.height}"
    lines = [
        f"{verdict.model}: {size}, {verdict.sampler}, {verdict.steps} steps, seed {verdict.seed}",
        f"spread {verdict.spread:.1f} of 255, {verdict.differs:.1f} from another seed's",
        f"{verdict.seconds:.2f} s, loaded in {verdict.load_seconds:.2f} s",
        f"sha256 {verdict.sha256}",
    ]
    return "\n".join([*lines, *(verdict.faults or ["It paints."])])
