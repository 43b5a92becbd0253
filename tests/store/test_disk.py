"""The store on a disk that forgets: what the faults run looks at in full, and its counter-proof."""

import random
from contextlib import suppress

from fakes.forgetful_disk import WORST, ForgetfulDisk, PowerCut
from faults.sections import disk as section

STREAM = section.contents(5, random.Random(1))


class Unsynced(ForgetfulDisk):
    """One verb does nothing, as if a line of the store had been forgotten."""

    def __init__(self, root, verb, cut):
        super().__init__(root, cut)
        self._skipped = verb
        setattr(self, verb, lambda _: self.verb(verb))


class Unsafe(ForgetfulDisk):
    """Files that are never synced while they are open."""

    def create(self, path):
        file = super().create(path)
        file.sync = lambda: self.verb("sync")
        return file


def lost(root, make):
    """What is lost, at whatever verb the power goes."""
    root.mkdir()
    whole = make(root / "whole", None)
    whole.root.mkdir()
    section.play(STREAM, whole, section.Told())
    found = []
    for cut in range(1, whole.verbs + 2):
        disk, told = make(root / f"{cut}", cut), section.Told()
        disk.root.mkdir()
        with suppress(PowerCut):
            section.play(STREAM, disk, told)
        for how in WORST:
            image = root / f"{cut}-{how}"
            disk.survivors(image, how, random.Random(cut))
            found += section.wrong(image, told)
    return found


def test_nothing_that_counted_is_lost_and_a_forgotten_sync_is_found_out(tmp_path):
    """Of the folders, of a worker's file, of an uploaded one."""
    assert lost(tmp_path / "right", ForgetfulDisk) == []
    for verb in ("sync_folder", "sync"):
        assert lost(tmp_path / verb, lambda root, cut, verb=verb: Unsynced(root, verb, cut))
    assert lost(tmp_path / "files", Unsafe)
