"""A forward that survives: what fails together is tried in halves, down to the call at fault."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from bottega_protocol.errors import BottegaError

from .tap import Call, run_together


class OutOfMemory(BottegaError):
    """One job alone does not fit into the device's memory."""

    code = "out-of-memory"


@dataclass(frozen=True)
class Output:
    """A call's rows."""

    value: Any


def run_calls(calls: Sequence[Call]) -> list[Output | Exception]:
    """Run calls of one tap and signature, merged; what went wrong stands in for an output.

    When a merged forward fails, for want of memory or through one job's values, its halves run
    by themselves: only a call that fails alone has failed.
    """
    try:
        return [Output(value) for value in run_together(calls)]
    except torch.OutOfMemoryError as error:
        failure: Exception = _out_of_memory(calls[0], error)
    except Exception as error:  # noqa: BLE001  # it belongs to a job, which is told below
        failure = error
    if len(calls) == 1:
        return [failure]
    if isinstance(failure, OutOfMemory):
        _free()
    half = len(calls) // 2
    return [*run_calls(calls[:half]), *run_calls(calls[half:])]


def _out_of_memory(call: Call, error: torch.OutOfMemoryError) -> OutOfMemory:
    told = OutOfMemory(
        f"the device has too little memory for {call.tap.phase} at this size",
        "Select less, choose a smaller model, or end other programs that use the GPU.",
    )
    # The traceback's frames hold the tensors that did not fit.
    told.__cause__ = error.with_traceback(None)
    return told


def _free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
