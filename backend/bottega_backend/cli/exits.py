"""What the commands' exit codes mean, and which error leads to which."""

from __future__ import annotations

from bottega_client.editor import EditorError
from bottega_protocol.errors import BottegaError

DONE = 0
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


def exit_code(error: BottegaError) -> int:
    """Which exit code an error ends the command with."""
    return next((code for kind, code in CODES if isinstance(error, kind)), NO_SERVER)


CODES: tuple[tuple[type[BottegaError], int], ...] = ((Mistake, MISTAKE), (EditorError, MISTAKE))
"""The first line that fits counts; whatever else ends a conversation is NO_SERVER."""
