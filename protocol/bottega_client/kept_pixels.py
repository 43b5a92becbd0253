"""The pixels of finished jobs, as many as fit: what was dropped is fetched again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from bottega_protocol.results import Result

from .editor import LayerPixels
from .placing import Fetch, fetch_layers, images_of

MOST_BYTES = 256 * 2**20


class KeptPixels:
    """Blobs by their hash, those that were used last. Any thread may call."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._blobs: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def layers(
        self,
        fetch: Fetch,
        result: Result,
        variation: int | None = None,
        known: Mapping[bytes, bytes] | None = None,
    ) -> tuple[LayerPixels, ...]:
        """A result's layers, or those of one variation; fetches what is not here. Blocks."""
        have = {**(known or {}), **self._find(result, variation)}
        layers = fetch_layers(fetch, result, have, variation)
        for each in layers:
            self._keep(each.layer.pixels.sha256, each.pixels)
            if each.layer.mask is not None and each.mask is not None:
                self._keep(each.layer.mask.sha256, each.mask)
        return layers

    def _find(self, result: Result, variation: int | None) -> dict[bytes, bytes]:
        with self._lock:
            hashes = {image.sha256 for image in images_of(result, variation)}
            return {sha256: self._blobs[sha256] for sha256 in hashes if sha256 in self._blobs}

    def _keep(self, sha256: bytes, content: bytes) -> None:
        with self._lock:
            self._blobs[sha256] = content
            self._blobs.move_to_end(sha256)
            while len(self._blobs) > 1 and sum(map(len, self._blobs.values())) > self._most:
                self._blobs.popitem(last=False)
