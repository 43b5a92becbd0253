"""Whose parked call runs next, as a function of plain values."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """One job's parked call. `used` is the device time it had, divided by its weight.

    A `live` one is a preview of what its artist does just now.
    """

    job: bytes
    signature: Hashable
    rows: int
    area: int
    used: float
    arrival: int
    live: bool = False


@dataclass(frozen=True)
class Limits:
    """How much one forward may carry: rows, and elements of its first tensor.

    Several small pictures fill a GPU, one large picture does so alone, and joining large ones
    only makes each wait for the other. The area is that of four pictures of 512 by 512 pixels
    with guidance, as 9-channel latents; published step times (sglang pull request 22183) put the
    knee there. It has to be measured for each device.
    """

    rows: int = 8
    area: int = 8 * 9 * 64 * 64


def choose(waiting: Sequence[Waiting], limits: Limits, *, live_first: bool = True) -> list[bytes]:
    """The jobs for the next forward: who had least so far, then who can share its forward.

    Live previews lead while `live_first` says so; else they wait until nobody else does. Jobs with
    the leader's signature join in the same order while there is room; the leader always runs,
    even where it alone takes more than that.
    """
    others = [one for one in waiting if not one.live]
    able = waiting if live_first or not others else others
    order = sorted(able, key=lambda one: (not one.live, one.used, one.arrival))
    leader = order[0]
    most = min(limits.rows, limits.area // leader.area)
    chosen, rows = [leader.job], leader.rows
    for one in order[1:]:
        if one.signature == leader.signature and rows + one.rows <= most:
            chosen.append(one.job)
            rows += one.rows
    return chosen
