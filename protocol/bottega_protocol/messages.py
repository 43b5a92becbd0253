"""Every control message: a frozen record that parses, serialises and checks itself.

`CLIENT_MESSAGES` and `SERVER_MESSAGES` say who may send what. SPEC.md describes each.
"""

from __future__ import annotations

from dataclasses import dataclass

from .handshake import HASH, NUMBER, Challenge, Hello, Proof, Redeem, Redeemed, Welcome
from .images import Layout
from .jobs import PHASES, STATES
from .offers import CapabilityOffer, ModelOffer, Plan
from .regions import Rectangle, Size
from .requests import MODEL, MOST_COUNT, MOST_EDGE, QUALITIES, REQUEST, AnyRequest
from .results import Result, Timings
from .schema import Choice, Flag, Maybe, Nested, Raw, Real, Record, Several, Text, Whole, wire

CODE = Text(40, least=1)
JOB = Raw(16, 16)
MESSAGE = Text(2000)
OFFSET = Whole(0, 2**40)

MOST_PREVIEW_SIDE = 128
"""A preview's longest side in pixels: raw RGB of that size fits a control frame."""


# --- asking ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class AskOffers(Record):
    """What can be asked here?"""

    request: int = wire(NUMBER)


@dataclass(frozen=True)
class Offers(Record):
    """Everything that this account may ask for."""

    request: int = wire(NUMBER)
    capabilities: tuple[CapabilityOffer, ...] = wire(Several(Nested(CapabilityOffer), 32))
    models: tuple[ModelOffer, ...] = wire(Several(Nested(ModelOffer), 64))
    samplers: tuple[str, ...] = wire(Several(Text(60), 64))


@dataclass(frozen=True)
class AskQuote(Record):
    """What would have to be read for this selection, or without one for the whole canvas?

    `layout` is what the editor has at hand; the rest as in the request that will follow.
    """

    request: int = wire(NUMBER)
    capability: str = wire(Text(40))
    canvas: Size = wire(Nested(Size))
    selection: Rectangle | None = wire(Maybe(Nested(Rectangle)))
    layout: Layout = wire(Nested(Layout))
    model: str = wire(MODEL, default="")
    strength: float = wire(Real(0, 1), default=1.0)
    quality: str = wire(Choice(QUALITIES), default="good")
    count: int = wire(Whole(1, MOST_COUNT), default=1)
    grow: int = wire(Whole(0, MOST_EDGE), default=0)


@dataclass(frozen=True)
class Quote(Record):
    """The plan for a selection. It binds nobody: the job carries its own rectangle."""

    request: int = wire(NUMBER)
    plan: Plan = wire(Nested(Plan))


@dataclass(frozen=True)
class AskResults(Record):
    """Which of my jobs are kept? Newest first, from `skip` on.

    `search` keeps those whose prompt holds these words, in any case; `document` those of one.
    """

    request: int = wire(NUMBER)
    skip: int = wire(NUMBER, default=0)
    most: int = wire(Whole(1, 100), default=50)
    search: str = wire(Text(200), default="")
    document: str = wire(Text(200), default="")


@dataclass(frozen=True)
class JobSummary(Record):
    """One kept job. `submitted` is in seconds since 1970."""

    job: bytes = wire(JOB)
    document: str = wire(Text(200))
    capability: str = wire(Text(40))
    prompt: str = wire(Text(120))
    state: str = wire(Choice(STATES))
    submitted: float = wire(Real(0, 1e12))
    fetched: bool = wire(Flag(), default=False)
    count: int = wire(Whole(1, MOST_COUNT), default=1)


@dataclass(frozen=True)
class Results(Record):
    """A page of kept jobs."""

    request: int = wire(NUMBER)
    jobs: tuple[JobSummary, ...] = wire(Several(Nested(JobSummary), 100))


@dataclass(frozen=True)
class AskPicture(Record):
    """How does a kept job of mine look? `side` is the most pixels of the picture's longer side."""

    request: int = wire(NUMBER)
    job: bytes = wire(JOB)
    side: int = wire(Whole(1, MOST_PREVIEW_SIDE), default=64)


@dataclass(frozen=True)
class SmallPicture(Record):
    """The first variation of a kept job, small: raw RGB, 8 bit, sRGB."""

    request: int = wire(NUMBER)
    width: int = wire(Whole(1, MOST_PREVIEW_SIDE))
    height: int = wire(Whole(1, MOST_PREVIEW_SIDE))
    pixels: bytes = wire(Raw(3, 3 * MOST_PREVIEW_SIDE**2))


@dataclass(frozen=True)
class Declined(Record):
    """A question that can't be granted, and what to do about it."""

    request: int = wire(NUMBER)
    code: str = wire(CODE)
    message: str = wire(MESSAGE)
    remedy: str = wire(MESSAGE, default="")


# --- jobs ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Submit(Record):
    """Please do this. The client makes the job's id; sending it again is harmless.

    `document` is the reply address: which installation's which document the result is for.
    `on_vanish` says whether the job goes on when this client is gone. A `live` job is a preview of
    what the artist is doing: it runs before others, takes the place of the one of the same
    document that waits, and ends with its client.
    """

    job: bytes = wire(JOB)
    request: AnyRequest = wire(REQUEST)
    document: str = wire(Text(200), default="")
    on_vanish: str = wire(Choice(("keep", "cancel")), default="keep")
    live: bool = wire(Flag(), default=False)


@dataclass(frozen=True)
class Need(Record):
    """Before the job can be accepted these blobs have to be sent."""

    job: bytes = wire(JOB)
    hashes: tuple[bytes, ...] = wire(Several(HASH, 64, least=1))


@dataclass(frozen=True)
class Accepted(Record):
    """The job is on the server's disk: from here on it is never lost."""

    job: bytes = wire(JOB)


@dataclass(frozen=True)
class Refused(Record):
    """The job was not accepted, or no such job is known to this account."""

    job: bytes = wire(JOB)
    code: str = wire(CODE)
    message: str = wire(MESSAGE)
    remedy: str = wire(MESSAGE, default="")


@dataclass(frozen=True)
class Follow(Record):
    """Where does my job stand? From here on tell this connection."""

    job: bytes = wire(JOB)


@dataclass(frozen=True)
class Cancel(Record):
    """Stop my job."""

    job: bytes = wire(JOB)


@dataclass(frozen=True)
class Acknowledge(Record):
    """The result is placed: it need not be kept for me any longer than others."""

    job: bytes = wire(JOB)


@dataclass(frozen=True)
class Queued(Record):
    """The job waits behind `ahead` others; `wait` in seconds where it can be told."""

    job: bytes = wire(JOB)
    ahead: int = wire(NUMBER)
    wait: float | None = wire(Maybe(Real(0, 1e9)), default=None)


@dataclass(frozen=True)
class Progress(Record):
    """The job runs: `step` of `steps` are done in this phase."""

    job: bytes = wire(JOB)
    phase: str = wire(Choice(PHASES))
    step: int = wire(NUMBER, default=0)
    steps: int = wire(NUMBER, default=0)


@dataclass(frozen=True)
class Preview(Record):
    """A small picture of what is being painted: raw RGB, 8 bit, sRGB."""

    job: bytes = wire(JOB)
    width: int = wire(Whole(1, MOST_PREVIEW_SIDE))
    height: int = wire(Whole(1, MOST_PREVIEW_SIDE))
    pixels: bytes = wire(Raw(3, 3 * MOST_PREVIEW_SIDE**2))


@dataclass(frozen=True)
class Finished(Record):
    """The job is done; its layers' blobs wait to be fetched."""

    job: bytes = wire(JOB)
    result: Result = wire(Nested(Result))
    timings: Timings = wire(Nested(Timings), default=Timings())


@dataclass(frozen=True)
class Failed(Record):
    """The job could not be done."""

    job: bytes = wire(JOB)
    code: str = wire(CODE)
    message: str = wire(MESSAGE)
    remedy: str = wire(MESSAGE, default="")


@dataclass(frozen=True)
class Cancelled(Record):
    """The job was stopped on request."""

    job: bytes = wire(JOB)


# --- blobs -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fetch(Record):
    """Please send me this blob of mine, from `start` on, as transfer `transfer`."""

    transfer: int = wire(NUMBER)
    sha256: bytes = wire(HASH)
    start: int = wire(OFFSET, default=0)


@dataclass(frozen=True)
class Announce(Record):
    """The sender of a blob names it before its first chunk."""

    transfer: int = wire(NUMBER)
    sha256: bytes = wire(HASH)
    size: int = wire(Whole(1, 2**40))


@dataclass(frozen=True)
class Grant(Record):
    """The receiver lets the sender go on, from `start` (first grant only) up to `until`.

    `zlib` says that it takes deflated chunks too.
    """

    transfer: int = wire(NUMBER)
    until: int = wire(OFFSET)
    start: int = wire(OFFSET, default=0)
    zlib: bool = wire(Flag(), default=False)


@dataclass(frozen=True)
class Stored(Record):
    """The receiver has the whole blob, its hash is right, and it is on disk."""

    transfer: int = wire(NUMBER)


@dataclass(frozen=True)
class Stopped(Record):
    """A transfer ends early: no such blob, no room, wrong bytes, or no longer wanted."""

    transfer: int = wire(NUMBER)
    code: str = wire(CODE)
    message: str = wire(MESSAGE)
    remedy: str = wire(MESSAGE, default="")


# --- the end ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault(Record):
    """The last word before the connection closes: what the other end did wrong."""

    code: str = wire(CODE)
    message: str = wire(MESSAGE)
    remedy: str = wire(MESSAGE, default="")


BOTH_MESSAGES: dict[str, type[Record]] = {
    "announce": Announce,
    "grant": Grant,
    "stored": Stored,
    "stopped": Stopped,
    "fault": Fault,
}

CLIENT_MESSAGES: dict[str, type[Record]] = {
    "hello": Hello,
    "proof": Proof,
    "redeem": Redeem,
    "ask-offers": AskOffers,
    "ask-quote": AskQuote,
    "ask-results": AskResults,
    "ask-picture": AskPicture,
    "submit": Submit,
    "follow": Follow,
    "cancel": Cancel,
    "acknowledge": Acknowledge,
    "fetch": Fetch,
    **BOTH_MESSAGES,
}

SERVER_MESSAGES: dict[str, type[Record]] = {
    "challenge": Challenge,
    "welcome": Welcome,
    "redeemed": Redeemed,
    "offers": Offers,
    "quote": Quote,
    "results": Results,
    "small-picture": SmallPicture,
    "declined": Declined,
    "need": Need,
    "accepted": Accepted,
    "refused": Refused,
    "queued": Queued,
    "progress": Progress,
    "preview": Preview,
    "finished": Finished,
    "failed": Failed,
    "cancelled": Cancelled,
    **BOTH_MESSAGES,
}
