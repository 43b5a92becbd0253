"""What the commands' exit codes mean, and which error leads to which."""

from __future__ import annotations

from bottega_backend.store.artists import ArtistsError
from bottega_client.actions import JobFailed, Stopped
from bottega_client.editor import EditorError
from bottega_protocol.errors import BottegaError
from bottega_protocol.invitation import BadInvitation

MISTAKE = 2
JOB_FAILED = 3
NO_SERVER = 4
INTERRUPTED = 130


class Mistake(BottegaError):
    """What was typed can't be done: a missing file, a mask of another size, an unknown name."""

    code = "mistake"


def explain(error: BottegaError) -> str:
    """What went wrong and what to do about it, for people."""
    return f"{error.message}\n{error.remedy}" if error.remedy else error.message


USER_CODES = (
    "unknown-capability",
    "unknown-model",
    "unknown-sampler",
    "unknown-wildcard",
    "nothing-selected",
    "too-many-pixels",
    "prompt-too-long",
    "cant-get",
    "unreadable",
)
"""Refusals of what was typed; every other one is the server's own affair."""

KINDS: tuple[tuple[type[BottegaError], int], ...] = (
    (Mistake, MISTAKE),
    (ArtistsError, MISTAKE),
    (BadInvitation, MISTAKE),
    (EditorError, MISTAKE),
    (Stopped, INTERRUPTED),
    (JobFailed, JOB_FAILED),
)
"""The first line that fits counts; whatever else ends a conversation is NO_SERVER."""


def exit_code(error: BottegaError) -> int:
    """Which exit code an error ends the command with."""
    for kind, code in KINDS:
        if isinstance(error, kind):
            return code
    return MISTAKE if error.code in USER_CODES else NO_SERVER
