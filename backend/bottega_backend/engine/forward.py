"""A forward that survives: what fails together is tried in halves, down to the call at fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .failures import OutOfMemory, give_memory_back, understood
from .tap import Call, run_together


@dataclass(frozen=True)
class Output:
    """A call's rows."""

    value: Any


def run_calls(calls: Sequence[Call]) -> list[Output | Exception]:
    """Run calls of one tap and signature, merged; what went wrong stands in for an output.

    When a merged forward fails, for want of memory or through one job's values, its halves run
    by themselves: only a call that fails alone has failed. Raises DeviceLost.
    """
    try:
        return [Output(value) for value in run_together(calls)]
    except Exception as error:  # noqa: BLE001  # it belongs to a job, which is told below
        failure = understood(error, calls[0].tap.phase)
    if isinstance(failure, OutOfMemory):
        give_memory_back()
    if len(calls) == 1:
        return [failure]
    half = len(calls) // 2
    return [*run_calls(calls[:half]), *run_calls(calls[half:])]
