"""Names of files and folders that survive a power cut, whatever the disk refused meanwhile."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from .disk import Disk


class Names:
    """Of everything below `root`; what `root` lies in is somebody else's."""

    def __init__(self, disk: Disk, root: Path) -> None:
        self.disk = disk
        # That a folder is there does not say that its name was synced: the disk may have refused.
        self._safe = {root.parent}

    def make_folder(self, folder: Path) -> None:
        """Make a folder and what it lies in, each synced into its parent."""
        if folder in self._safe and folder.is_dir():  # somebody may have erased an account's
            return
        self.make_folder(folder.parent)
        self.disk.make_folder(folder)
        self.disk.sync_folder(folder.parent)
        self._safe.add(folder)

    def settle(self, temporary: Path, final: Path) -> None:
        """Give a synced file its name, and sync the name; or neither.

        A name that is there counts, so one that could not be synced is taken away again.
        """
        self.make_folder(final.parent)
        known = final.exists()
        self.disk.rename(temporary, final)
        try:
            self.disk.sync_folder(final.parent)
        except OSError:
            if not known:
                with suppress(OSError):
                    self.disk.rename(final, temporary)
            raise
