"""Which device paints, in what precision, and how much of a machine it takes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version

import torch

from bottega_protocol.errors import Refusal

MANY_CORES = 4
"""From so many cores on one is left to the artist."""


@dataclass(frozen=True)
class Device:
    """A device and the number type that models have on it. `name` is for people."""

    device: torch.device
    dtype: torch.dtype
    name: str

    def wait(self) -> None:
        """Until everything that was handed to the device is done: only then is a time a time."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def choose_device(asked: str) -> Device:
    """The device for "auto", "cpu", "cuda" or "cuda:1"; raises Refusal for one that is missing."""
    if asked == "cpu" or (asked == "auto" and not torch.cuda.is_available()):
        name = f"CPU, {torch.get_num_threads()} threads"
        return Device(torch.device("cpu"), torch.float32, name)
    device = torch.device("cuda" if asked == "auto" else asked)
    if (device.index or 0) >= torch.cuda.device_count():
        raise Refusal(
            "no-device",
            f"torch {torch.__version__} finds no device {device}",
            "Use --device cpu, or install a build of torch for this GPU's driver.",
        )
    return Device(device, torch.float16, torch.cuda.get_device_name(device))


def use_cores() -> None:
    """As many threads as there are cores, one fewer where there are many.

    Who sets OMP_NUM_THREADS has decided otherwise: several torch processes with as many threads
    each as there are cores hinder one another many times over.
    """
    if "OMP_NUM_THREADS" in os.environ:
        return
    cores = os.cpu_count() or 1
    torch.set_num_threads(cores - 1 if cores >= MANY_CORES else cores)


def versions() -> tuple[str, ...]:
    """The libraries that decide how a picture comes out."""
    return tuple(f"{name} {version(name)}" for name in ("torch", "diffusers", "transformers"))
