"""What a backend offers: capabilities, models, samplers and the defaults that go with them."""

from __future__ import annotations

from dataclasses import dataclass

from .images import Layout
from .regions import Rectangle, Size
from .requests import MODEL, SAMPLER
from .results import HINTS
from .schema import Maybe, Nested, Real, Record, Several, Text, Whole, wire


@dataclass(frozen=True)
class ModelOffer(Record):
    """One model: `name`, `family`, `licence` and `note` are for people, `native` is in pixels.

    `kind` says how it was distilled (turbo, lightning, hyper, lcm), if it was. Sampler, steps and
    guidance are what an empty field of a request means with it, at good quality.
    """

    id: str = wire(MODEL)
    name: str = wire(Text(200))
    family: str = wire(Text(60))
    capabilities: tuple[str, ...] = wire(Several(Text(40), 32))
    native: Size = wire(Nested(Size))
    licence: str = wire(Text(200), default="")
    note: str = wire(Text(400), default="")
    kind: str = wire(Text(40), default="")
    sampler: str = wire(SAMPLER, default="")
    steps: int = wire(Whole(0, 150), default=0)
    guidance: float = wire(Real(0, 50), default=0.0)


@dataclass(frozen=True)
class CapabilityOffer(Record):
    """One thing that can be asked, and what an empty field of its request means."""

    name: str = wire(Text(40))
    title: str = wire(Text(80))
    model: str = wire(MODEL)
    sampler: str = wire(SAMPLER)
    steps: int = wire(Whole(1, 150))
    guidance: float = wire(Real(0, 50))
    strength: float = wire(Real(0, 1))


@dataclass(frozen=True)
class Plan(Record):
    """A quote: what to read and send, what it will be painted with, and the wait.

    `rectangle` is the part of the canvas to read; `layout` how to send its pixels; `painted`
    the size at which the model works last, in `tiles` pieces, `composed` that of a first pass
    where there are two; `upload_bytes` pixels and mask together; `wait` seconds until the job
    would start, or nothing where no job has been measured yet. `hints` say, among other things,
    when the painting will be enlarged to fill the rectangle.
    """

    rectangle: Rectangle = wire(Nested(Rectangle))
    layout: Layout = wire(Nested(Layout))
    painted: Size = wire(Nested(Size))
    model: str = wire(MODEL)
    model_name: str = wire(Text(200))
    upload_bytes: int = wire(Whole(0, 2**40))
    ahead: int = wire(Whole(0, 2**31), default=0)
    wait: float | None = wire(Maybe(Real(0, 1e9)), default=None)
    composed: Size | None = wire(Maybe(Nested(Size)), default=None)
    tiles: int = wire(Whole(1, 4096), default=1)
    hints: tuple[str, ...] = wire(HINTS, default=())
