"""The box in which a thread waits for what the reading thread puts there."""

from __future__ import annotations

import queue

from bottega_protocol.errors import BottegaError
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
