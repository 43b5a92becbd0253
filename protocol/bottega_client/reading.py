"""From a wish and a document to a job: the quote, the pixels, the request that names them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bottega_protocol.images import MASK, Image, Layout, describe
from bottega_protocol.messages import JOB, AskQuote, Submit
from bottega_protocol.offers import Plan
from bottega_protocol.regions import Size
from bottega_protocol.requests import AnyRequest, FillRequest, GenerateRequest, RefineRequest

from .choose import STRENGTH
from .client import Client
from .editor import Canvas, Editor, EditorError, Snapshot
from .reports import Report, Tell
from .wishes import MOST_SEED, Wish

TRIES_TO_READ = 3
NOTHING = ("Nothing is selected.", "Select the part of the picture to paint first.")


@dataclass(frozen=True)
class Prepared:
    """A job ready to be sent, the bytes of every hash that it names, and its quote."""

    submit: Submit
    blobs: dict[bytes, bytes]
    plan: Plan


def new_job() -> bytes:
    """An id for a job."""
    return secrets.token_bytes(JOB.most)


def new_seed() -> int:
    """A seed at random."""
    return secrets.randbelow(MOST_SEED)


def prepare(
    editor: Editor, client: Client, capability: str, wish: Wish, report: Tell
) -> tuple[Plan, Snapshot]:
    """Quote, then read. The artist may have changed the selection in between: then once more."""
    for _ in range(TRIES_TO_READ):
        canvas = editor.on_ui(editor.canvas)
        plan = quote(client, capability, canvas, wish)
        if capability == "generate" and canvas.selection is None:
            return plan, Snapshot(canvas, plan.rectangle, plan.layout, b"", None)
        report(Report("reading", "Reading the picture"))
        snapshot = editor.read(plan.rectangle, plan.layout, wish.source)
        if snapshot.canvas == canvas:
            return plan, snapshot
    raise EditorError("The selection keeps changing.", "Let go of it for a moment and try again.")


def quote(client: Client, capability: str, canvas: Canvas, wish: Wish) -> Plan:
    """What would be read and painted; raises EditorError, or Refusal with a remedy."""
    if capability == "fill" and canvas.selection is None:
        raise EditorError(*NOTHING)
    strength = STRENGTH[capability] if wish.strength is None else wish.strength
    return client.quote(
        lambda number: AskQuote(
            number,
            capability,
            canvas.size,
            canvas.selection,
            canvas.layout,
            wish.model,
            strength,
            wish.quality,
            wish.count,
            0 if capability == "generate" else wish.grow,
        )
    )


def submission(job: bytes, capability: str, wish: Wish, plan: Plan, snapshot: Snapshot) -> Prepared:
    """The job as it is sent. Hashes the pixels: not for an editor's UI thread."""
    blobs: dict[bytes, bytes] = {}
    common = {
        "canvas": snapshot.canvas.size,
        "rectangle": snapshot.rectangle,
        "prompt": wish.prompt,
        "negative": wish.negative,
        "model": plan.model,
        "sampler": wish.sampler,
        "seed": new_seed() if wish.seed is None else wish.seed,
        "steps": wish.steps,
        "guidance": wish.guidance,
        "clip_skip": wish.clip_skip,
        "quality": wish.quality,
        "count": wish.count,
    }
    own = REQUESTS[capability](_Given(wish, snapshot, blobs))
    request = own(**common)
    return Prepared(Submit(job, request, snapshot.canvas.document), blobs, plan)


@dataclass(frozen=True)
class _Given:
    """What a request is made of; describing an image puts its bytes among the blobs."""

    wish: Wish
    snapshot: Snapshot
    blobs: dict[bytes, bytes]

    def pixels(self) -> Image:
        return self._describe(self.snapshot.pixels, self.snapshot.layout)

    def selected(self) -> dict[str, Any]:
        """Selection and mask; both None where nothing is selected."""
        selection, mask = self.snapshot.canvas.selection, self.snapshot.mask
        if selection is None or mask is None:
            return {"selection": None, "mask": None}
        return {"selection": selection, "mask": self._describe(mask, MASK)}

    def painted_over(self, capability: str) -> dict[str, Any]:
        """What fill and refine share."""
        wish = self.wish
        strength = STRENGTH[capability] if wish.strength is None else wish.strength
        return {
            **self.selected(),
            "pixels": self.pixels(),
            "strength": strength,
            "feather": wish.feather,
            "grow": wish.grow,
        }

    def _describe(self, content: bytes, layout: Layout) -> Image:
        size: Size = self.snapshot.rectangle.size
        image = describe(content, size, layout)
        self.blobs[image.sha256] = content
        return image


Make = Callable[..., AnyRequest]


def _generate(given: _Given) -> Make:
    own = {**given.selected(), "layout": given.snapshot.layout}
    return lambda **common: GenerateRequest(**common, **own)


def _fill(given: _Given) -> Make:
    own = given.painted_over("fill")
    if own["mask"] is None:
        raise EditorError(*NOTHING)
    return lambda **common: FillRequest(**common, **own, intent=given.wish.intent)


def _refine(given: _Given) -> Make:
    own = given.painted_over("refine")
    return lambda **common: RefineRequest(**common, **own)


REQUESTS: dict[str, Callable[[_Given], Make]] = {
    "generate": _generate,
    "fill": _fill,
    "refine": _refine,
}
"""How each capability's request is made of what was read."""
