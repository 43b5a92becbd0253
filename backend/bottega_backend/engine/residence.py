"""Which models are in memory: a few, tapped while they are there; the longest unused one leaves."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bottega_backend.models.load import load
from bottega_backend.models.loaded import Loaded

from .device import Device
from .failures import give_memory_back
from .tap import Ports

MOST_MODELS = 2


@dataclass(frozen=True)
class Source:
    """Where a model comes from: enough to load it."""

    family: str
    folder: Path


class Residence:
    """The loaded models of one device. Not for use inside a job: loading is a unit of its own."""

    def __init__(self, device: Device, ports: Ports, most: int = MOST_MODELS) -> None:
        self._device = device
        self._ports = ports
        self._most = most
        self._models: dict[Source, tuple[Loaded, ExitStack]] = {}

    def find(self, source: Source) -> Loaded | None:
        """The model, if it is there; it counts as used now."""
        if source not in self._models:
            return None
        self._models[source] = self._models.pop(source)
        return self._models[source][0]

    def has_room(self, in_use: Collection[Source]) -> bool:
        """Whether one more model may come, given which ones can't leave."""
        return len(set(in_use) & set(self._models)) < self._most

    def bring(self, source: Source, in_use: Collection[Source]) -> Loaded:
        """Load and tap a model, after others have left; raises what models.load raises."""
        while len(self._models) >= self._most:
            self._leave(next(one for one in self._models if one not in in_use))
        loaded = load(source.family, source.folder, self._device.device, self._device.dtype)
        taps = ExitStack()
        taps.enter_context(self._ports.tapped(loaded.modules()))
        self._models[source] = (loaded, taps)
        return loaded

    def shrink(self, in_use: Collection[Source]) -> bool:
        """Let every model go that is not in use; whether there was one. What is free goes back."""
        idle = [source for source in self._models if source not in in_use]
        for source in idle:
            self._leave(source)
        give_memory_back()
        return bool(idle)

    def close(self) -> None:
        """Let every model go."""
        for source in list(self._models):
            self._leave(source)

    def _leave(self, source: Source) -> None:
        _, taps = self._models.pop(source)
        taps.close()
        give_memory_back()
