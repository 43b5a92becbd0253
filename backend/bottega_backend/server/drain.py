"""Draining: what runs is finished, nothing new is started, then the server ends.

Whoever owns the data folder asks for it with a file there, so that no message of the wire can.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from .stage import Stage

DRAIN_FILE = "drain"

LOOK_SECONDS = 0.4
"""How often the server looks whether it is asked to."""

log = logging.getLogger(__name__)


def forget_drain(folder: Path) -> None:
    """Nobody asks any more: of an older server, or because it is done."""
    (folder / DRAIN_FILE).unlink(missing_ok=True)


async def drained(folder: Path, stage: Stage) -> None:
    """Return when somebody has asked and nothing runs any more.

    Jobs that wait stay accepted; the next server of this data folder paints them.
    """
    while not (folder / DRAIN_FILE).exists():  # noqa: ASYNC110  # another process's word
        await asyncio.sleep(LOOK_SECONDS)
    stage.hold()
    log.info("draining: %s jobs run, %s wait", *_counts(stage))
    while stage.counts()["running"]:  # noqa: ASYNC110  # once in a server's life
        await asyncio.sleep(LOOK_SECONDS / 4)


def _counts(stage: Stage) -> tuple[int, int]:
    counts = stage.counts()
    return counts["running"], counts["waiting"]
