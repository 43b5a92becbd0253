"""The modes that torch keeps per thread, read so that no job can leave one switched for others."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Modes:
    """Everything about a thread that changes what the same torch call does.

    Jobs share one thread: torch keeps these per thread, not per greenlet, so a job that parks
    inside `with torch.autocast(...)` would switch it on for every other job.
    """

    grad: bool
    inference: bool
    autocast_cpu: bool
    autocast_cuda: bool
    dtype: torch.dtype
    device: torch.device


def current_modes() -> Modes:
    """The calling thread's modes."""
    return Modes(
        grad=torch.is_grad_enabled(),
        inference=torch.is_inference_mode_enabled(),
        autocast_cpu=torch.is_autocast_enabled("cpu"),
        autocast_cuda=torch.is_autocast_enabled("cuda"),
        dtype=torch.get_default_dtype(),
        device=torch.get_default_device(),
    )
