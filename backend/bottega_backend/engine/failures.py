"""What an exception in a job's work means: its own fault, too little memory, or a lost device."""

from __future__ import annotations

import errno
import gc

import torch

from bottega_backend.errors import DeviceLost
from bottega_protocol.errors import BottegaError

LOST = ("cuda error", "hip error", "device-side assert", "unspecified launch failure")
"""How the messages of errors begin, or what they hold, after which a device's context is dead."""

SCARCE = ("out of memory", "not enough memory", "can't allocate memory", "alloc_failed")


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)


class NoRoom(BottegaError):
    """The disk does not take what was painted."""

    code = "no-room"


class OutOfMemory(BottegaError):
    """One job alone does not fit into the device's memory."""

    code = "out-of-memory"


def understood(error: Exception, phase: str) -> Exception:
    """The error to tell whose job it was; raises DeviceLost where no job can be painted any more.

    Too little memory, in whatever way it is said, is OutOfMemory, a full disk NoRoom.
    """
    told = str(error).lower()
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return _out_of_memory(error, phase)
    if isinstance(error, OSError) and error.errno in FULL:
        return NoRoom("The server's disk has no room for the result.", "Free some space there.")
    if isinstance(error, RuntimeError):
        if any(words in told for words in SCARCE):
            return _out_of_memory(error, phase)
        if isinstance(error, torch.AcceleratorError) or any(words in told for words in LOST):
            raise DeviceLost(f"the device failed: {error}") from error
    return error


def give_memory_back() -> None:
    """What nobody holds any more goes back to the device."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _out_of_memory(error: Exception, phase: str) -> OutOfMemory:
    told = OutOfMemory(
        f"the device has too little memory for {phase or 'painting'} at this size",
        "Select less, choose a smaller model, or end other programs that use the GPU.",
    )
    # The traceback's frames hold the tensors that did not fit.
    told.__cause__ = error.with_traceback(None)
    return told
