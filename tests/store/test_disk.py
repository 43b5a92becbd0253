"""The store on a disk that forgets: what the faults run looks at in full, and its counter-proof."""

import hashlib
import random
from contextlib import suppress

from fakes.forgetful_disk import WORST, ForgetfulDisk, PowerCut
from faults.sections import disk as section

from bottega_backend.store.blobs import Blobs

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


def test_a_name_that_could_not_be_synced_does_not_count(tmp_path):
    """The disk refused once: neither the blob nor its folders are taken for safe."""
    whole = ForgetfulDisk(tmp_path / "whole")
    whole.root.mkdir()
    section.play(STREAM[:1], whole, section.Told())
    syncs = [n for n, kind in enumerate(whole.kinds, start=1) if kind == "sync_folder"]
    assert len(syncs) > 2
    for number in syncs:
        disk = ForgetfulDisk(tmp_path / str(number), refuse=number, error=OSError("injected"))
        disk.root.mkdir()
        told = section.Told()
        section.play(STREAM[:1], disk, told, tries=2)
        image = tmp_path / f"{number}-image"
        disk.survivors(image, "nothing", random.Random(1))
        assert section.wrong(image, told) == []


def test_a_folder_that_was_erased_is_made_again(tmp_path):
    """By another program, while the store is open."""
    store = Blobs(tmp_path / "blobs")
    for _ in range(2):
        upload = store.begin("local", hashlib.sha256(b"pixels").digest())
        upload.add(b"pixels")
        upload.finish()
        (blob,) = store.everything()
        store.remove(blob)
        blob.path.parent.rmdir()
        blob.path.parent.parent.rmdir()
