"""What the way through server and worker costs, beside diffusers' bare pipeline in the same run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bottega_backend.shelf.catalog import Catalog
from bottega_client.actions import Outcome, Wish, perform
from bottega_client.client import Client
from bottega_client.launch import Address

from .bare import BarePipeline
from .canvas import MadeCanvas
from .line import CANVASES, SELECTION, Latency, quote_latency, sent_bytes, uploads

AIM = 1.15
"""How much longer than the bare pipeline a job may take."""

LEAST_SECONDS = 5.0
"""How long round trips are measured."""

UPLOADED = 64 * 2**20
"""Bytes that another client sends at least while they are measured."""


@dataclass(frozen=True)
class PathReport:
    """Medians in seconds over `repeats` turns each, bytes by canvas side, quotes' round trips."""

    model: str
    sampler: str
    steps: int
    painted: tuple[int, int]
    repeats: int
    path: float
    bare: float
    parts: dict[str, float]
    sent: dict[int, int]
    alone: Latency
    beside: Latency
    uploaded: int

    @property
    def ratio(self) -> float:
        """The whole path through the bare pipeline."""
        return self.path / self.bare


def measure(client: Client, address: Address, device: str, repeats: int) -> PathReport:
    """Run everything against the server behind `client`; it should have nothing else to do."""
    first = _paint(client, seed=0)
    recipe = first.result.recipe
    bare = BarePipeline(Catalog().find(recipe.model), device)
    bare.seconds(recipe)
    # In turns, so that a machine that slows down slows both.
    pairs = [(_paint(client, seed), bare.seconds(recipe)) for seed in range(1, repeats + 1)]
    outcomes = [outcome for outcome, _ in pairs]
    sent = {side: sent_bytes(client, side) for side in CANVASES}
    alone = quote_latency(client, _for_seconds(LEAST_SECONDS))
    with uploads(address) as crossed:
        before, time_left = crossed(), _for_seconds(LEAST_SECONDS)
        beside = quote_latency(client, lambda: time_left() or crossed() - before < UPLOADED)
        uploaded = crossed() - before
    return PathReport(
        model=recipe.model_name,
        sampler=recipe.sampler,
        steps=recipe.steps,
        painted=(recipe.painted.width, recipe.painted.height),
        repeats=repeats,
        path=median(outcome.total for outcome in outcomes),
        bare=median(seconds for _, seconds in pairs),
        parts=_parts(outcomes),
        sent=sent,
        alone=alone,
        beside=beside,
        uploaded=uploaded,
    )


def _for_seconds(seconds: float) -> Callable[[], bool]:
    until = time.perf_counter() + seconds
    return lambda: time.perf_counter() < until


def _paint(client: Client, seed: int) -> Outcome:
    """One whole job; every seed has other pixels, so that they have to be sent."""
    canvas = MadeCanvas(CANVASES[0], SELECTION, seed)
    wish = Wish(prompt="a red ball", seed=seed)
    return perform(canvas, client, "fill", wish, lambda _: None, threading.Event())


def _parts(outcomes: list[Outcome]) -> dict[str, float]:
    """The median of each part of the path."""
    names = ("queue", "load", "encode", "denoise", "decode")
    parts = {name: median(getattr(each.timings, name) for each in outcomes) for name in names}
    return parts | {"transfer": median(each.transfer for each in outcomes)}
