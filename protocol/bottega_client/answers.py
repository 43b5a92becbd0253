"""The box in which a thread waits for what the reading thread puts there."""

from __future__ import annotations

import queue
from typing import NoReturn

from bottega_protocol.errors import BottegaError, Refusal
from bottega_protocol.messages import Refused
from bottega_protocol.schema import Record

ANSWER_SECONDS = 30.0

Box = queue.Queue[Record | BottegaError]


class Silent(BottegaError):
    """The connection stands, but no answer comes."""

    code = "silent"


def answer_in(box: Box, seconds: float = ANSWER_SECONDS) -> Record:
    """The next entry; raises it if it is an error, and Silent when none comes."""
    try:
        entry = box.get(timeout=seconds)
    except queue.Empty as error:
        raise Silent("The server does not answer.", "Look at its window or log.") from error
    if isinstance(entry, BottegaError):
        raise entry
    return entry


def news_in(event: Record | BottegaError) -> Record:
    """What the caller has to know of; raises what ends his job."""
    if isinstance(event, BottegaError):
        raise event
    if isinstance(event, Refused):
        raise Refusal(event.code, event.message, event.remedy)
    return event


def wrong(reply: Record) -> NoReturn:
    """It answered another question than was asked."""
    raise Refusal("bad-message", f"The server answered with {type(reply).__name__}.")
