"""Lets old results go, every hour."""

from __future__ import annotations

import asyncio
import logging

from bottega_backend.errors import StoreFailed
from bottega_backend.settings import Keeping
from bottega_backend.store.thread import Store

SWEEP_SECONDS = 3600.0

log = logging.getLogger(__name__)


async def sweep_often(store: Store, keeping: Keeping, seconds: float = SWEEP_SECONDS) -> None:
    """For as long as this is not cancelled; a disk that refuses is tried again."""
    while True:
        try:
            swept = await store.call(store.sweep, keeping)
        except StoreFailed as error:
            log.error("%s %s", error.message, error.remedy)  # noqa: TRY400  # no traceback
        else:
            if swept.files or swept.jobs:
                log.info("let go %s jobs, %s files, %s bytes", swept.jobs, swept.files, swept.size)
        await asyncio.sleep(seconds)
