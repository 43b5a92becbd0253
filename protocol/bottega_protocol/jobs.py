"""The life of a job: its states and the moves between them."""

from __future__ import annotations

from .errors import NotAllowedNow

QUEUED = "queued"
RUNNING = "running"
FINISHED = "finished"
FAILED = "failed"
CANCELLED = "cancelled"

MOVES = {
    QUEUED: (RUNNING, FAILED, CANCELLED),
    # A worker that dies, or a server that restarts, sends the job back to the queue.
    RUNNING: (QUEUED, FINISHED, FAILED, CANCELLED),
    FINISHED: (),
    FAILED: (),
    CANCELLED: (),
}
"""Every legal move; a state without moves is terminal."""

STATES = tuple(MOVES)
TERMINAL = tuple(state for state, moves in MOVES.items() if not moves)

PHASES = ("loading", "encoding", "denoising", "decoding")
"""What a running job is doing."""


def move(before: str, after: str) -> str:
    """The new state; raises NotAllowedNow for a move that the table does not have."""
    if after not in MOVES[before]:
        raise NotAllowedNow(f"a {before} job can't become {after}")
    return after
