"""Takes the files of a finished job into the owner's store."""

from __future__ import annotations

import shutil
from pathlib import Path

from bottega_backend.store.blobs import Blobs
from bottega_backend.workers.interface import Done
from bottega_protocol.errors import Refusal


def harvest(blobs: Blobs, account: str, done: Done) -> None:
    """Move every blob that the result names in, hash checked and synced. Store thread only.

    Raises BadTransfer for a file of another content, Refusal for a result that names a blob which
    is neither among the files nor in the store, or is of another size.
    """
    files = {entry.sha256: Path(entry.path) for entry in done.files}
    for image in done.result.images():
        if image.sha256 in files and blobs.size(account, image.sha256) is None:
            blobs.adopt(account, image.sha256, files[image.sha256])
        if blobs.size(account, image.sha256) != image.byte_count:
            raise Refusal("bad-result", "The worker's result lacks pixels.", "Report this.")
    for folder in {file.parent for file in files.values()}:
        shutil.rmtree(folder, ignore_errors=True)
