"""What a panel is told: jobs as it lists them, and what has happened."""

from __future__ import annotations

from dataclasses import dataclass

from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import JobSummary, Offers, Preview
from bottega_protocol.offers import Plan

from .launch import Address
from .reports import Outcome, Report
from .thumbnails import Thumbnail
from .wishes import Wish

PREPARING = "preparing"
QUEUED = "queued"
PAINTING = "painting"
FETCHING = "fetching"
READY = "ready"
PLACED = "placed"
STOPPED = "stopped"
FAILED = "failed"

IN_FLIGHT = (PREPARING, QUEUED, PAINTING, FETCHING)
"""States of a job that can be stopped."""

ENDED = (PLACED, STOPPED, FAILED)
"""States of a job that nothing is awaited of."""


@dataclass(frozen=True)
class Shown:
    """One variation of a finished job. `placed` says whether it is in the document."""

    variation: int
    seed: int
    prompt: str
    thumbnail: Thumbnail
    placed: bool = False


@dataclass(frozen=True)
class Entry:
    """One job in the panel's list.

    `state` is one of preparing (asking, reading, sending), queued, painting, fetching, ready (to
    be picked from; with an error: it could not be placed), placed, stopped, failed. `document` is
    empty until it has been read, `title` a line for lists. `outcome` holds no pixels: the Easel
    keeps them.
    """

    job: bytes
    capability: str
    wish: Wish
    document: str = ""
    title: str = ""
    state: str = PREPARING
    report: Report | None = None
    preview: Preview | None = None
    variations: tuple[Shown, ...] = ()
    outcome: Outcome | None = None
    error: BottegaError | None = None
    seed: int = 0


@dataclass(frozen=True)
class Connected:
    """A server answered, and this is what it offers; `server` is what it calls itself."""

    address: Address
    offers: Offers
    server: str


@dataclass(frozen=True)
class Absent:
    """There is no server, or it can't be talked to."""

    error: BottegaError


@dataclass(frozen=True)
class Joined:
    """An invitation was taken: from now on this address lets in, and should be kept."""

    address: Address


@dataclass(frozen=True)
class NotJoined:
    """An invitation was of no use, or is none."""

    error: BottegaError


@dataclass(frozen=True)
class Changed:
    """A job has news; the entry is the newest."""

    entry: Entry


@dataclass(frozen=True)
class Gone:
    """A job is out of the list."""

    job: bytes


@dataclass(frozen=True)
class Recent:
    """A page of kept jobs, newest first; with an error there is none."""

    jobs: tuple[JobSummary, ...]
    search: str
    skip: int
    error: BottegaError | None = None


@dataclass(frozen=True)
class Seen:
    """How a kept job looks."""

    job: bytes
    picture: Thumbnail


@dataclass(frozen=True)
class Zoomed:
    """A variation, larger."""

    job: bytes
    variation: int
    picture: Thumbnail


@dataclass(frozen=True)
class Missed:
    """A variation could not be shown larger; its entry stays as it is."""

    job: bytes
    error: BottegaError


@dataclass(frozen=True)
class Quoted:
    """The answer to the newest question: a plan with its hints, or why there is none."""

    plan: Plan | None
    error: BottegaError | None


Event = (
    Connected
    | Absent
    | Joined
    | NotJoined
    | Changed
    | Gone
    | Recent
    | Seen
    | Zoomed
    | Missed
    | Quoted
)


def title_of(prompt: str, label: str) -> str:
    """A line for lists: the prompt's beginning, or what was done."""
    line = " ".join(prompt.split())
    return line if len(line) <= MOST_TITLE else line[: MOST_TITLE - 1] + "…" if line else label


MOST_TITLE = 60
"""Characters of a title."""
