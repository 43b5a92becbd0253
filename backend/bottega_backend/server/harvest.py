"""Takes the files of a finished job into the owner's store."""

from __future__ import annotations

from pathlib import Path

from bottega_backend.store.blobs import Blobs
from bottega_backend.workers.interface import Done
from bottega_protocol.errors import Refusal


def harvest(blobs: Blobs, account: str, done: Done, folder: Path) -> None:
    """Move every blob that the result names in from `folder`, hash checked and synced.

    Raises Refusal for a file of another content or from elsewhere, and for a result that names a
    blob which is neither among the files nor in the store, or is of another size.
    """
    files = {entry.sha256: Path(entry.path) for entry in done.files}
    if any(file.parent != folder for file in files.values()):
        raise Refusal("internal", "The worker wrote its result elsewhere.", "Report this.")
    for image in done.result.images():
        if image.sha256 in files and blobs.size(account, image.sha256) is None:
            if not files[
                image.sha256
            ].exists():  # no refusal of the disk's: it would be tried again
                raise Refusal("internal", "The worker's result lacks a file.", "Report this.")
            blobs.adopt(account, image.sha256, files[image.sha256])
        # Until the journal names it for this job nobody else may: it must not be swept out.
        blobs.used(account, image.sha256)
        if blobs.size(account, image.sha256) != image.byte_count:
            raise Refusal("internal", "The worker's result lacks pixels.", "Report this.")
