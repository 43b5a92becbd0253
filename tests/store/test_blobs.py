"""Blobs on a real disk: whole, right and one's own, or not there."""

import asyncio
import errno
import hashlib
import os
import stat
import sys
import threading

import pytest

from bottega_backend.errors import CannotServe, StoreFailed
from bottega_backend.store.blobs import Blobs
from bottega_backend.store.lock import own_folder
from bottega_backend.store.thread import Store
from bottega_protocol.errors import Refusal

CONTENT = os.urandom(3_000_000)
SHA256 = hashlib.sha256(CONTENT).digest()


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "blobs")


def files(blobs):
    """Everything that lies in the store's folders."""
    return [path for path in blobs._folder.rglob("*") if path.is_file()]


def put(blobs, account="local", content=CONTENT, sha256=SHA256):
    upload = blobs.begin(account, sha256)
    for start in range(0, len(content), 1_000_000):
        upload.add(content[start : start + 1_000_000])
    upload.finish()


def test_an_upload_is_there_when_it_is_finished(blobs):
    """And not before; its bytes are those that came."""
    upload = blobs.begin("local", SHA256)
    upload.add(CONTENT)
    assert blobs.size("local", SHA256) is None
    upload.finish()
    assert blobs.size("local", SHA256) == len(CONTENT)
    assert files(blobs) == [blobs.path("local", SHA256)]
    assert blobs.path("local", SHA256).read_bytes() == CONTENT


def test_bytes_of_another_hash_leave_nothing(blobs):
    """One wrong bit is enough."""
    with pytest.raises(Refusal) as caught:
        put(blobs, content=CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]))
    assert caught.value.code == "wrong-hash"
    assert files(blobs) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows can't sync a folder")
def test_a_blob_and_every_folder_above_it_are_synced_before_it_counts(tmp_path, monkeypatch):
    """A power cut leaves the whole of it: bytes, name, and the names of its folders."""
    synced, real = [], os.fsync

    def fsync(descriptor):
        real(descriptor)
        synced.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", fsync)
    blobs = Blobs(tmp_path / "blobs")
    put(blobs)
    file = blobs.path("local", SHA256)
    above = list(file.parents)[: len(file.relative_to(tmp_path).parts)]
    assert above[-1] == tmp_path
    assert {path.stat().st_ino for path in [file, *above]} <= set(synced)
    assert synced.index(file.stat().st_ino) < len(synced) - 1  # the bytes first, then their name
    assert synced[-1] == file.parent.stat().st_ino


def test_a_dropped_upload_leaves_nothing(blobs):
    """Dropping twice does no harm."""
    upload = blobs.begin("local", SHA256)
    upload.add(CONTENT)
    upload.drop()
    upload.drop()
    assert files(blobs) == []


def test_an_upload_that_broke_off_is_gone_on_with(blobs):
    """By another connection, and by another server after a kill: behind what is there."""
    for size in (0, 1_000_000):
        upload = blobs.begin("local", SHA256)
        assert upload.size == size
        upload.add(CONTENT[size : size + 1_000_000])
        upload.leave()
        blobs = Blobs(blobs._folder)
    (part,) = blobs.parts()
    assert (part.size, part.path.parent) == (2_000_000, blobs._folder / "incoming")
    upload = blobs.begin("local", SHA256)
    assert list(blobs.parts()) == []  # not to be swept out while it is written
    upload.add(CONTENT[upload.size :])
    upload.finish()
    assert files(blobs) == [blobs.path("local", SHA256)]
    assert blobs.path("local", SHA256).read_bytes() == CONTENT


def test_of_two_that_bring_the_same_blob_each_brings_all_of_it(blobs):
    """Neither writes into the other's file; another account's part is another's."""
    first, second, others = (blobs.begin(name, SHA256) for name in ("local", "local", "other"))
    first.add(CONTENT[:5])
    others.add(CONTENT[:7])
    second.add(CONTENT)
    assert (first.size, second.size, others.size) == (5, len(CONTENT), 7)
    second.finish()
    first.leave()
    others.leave()
    assert blobs.begin("local", SHA256).size == 5
    assert blobs.begin("other", SHA256).size == 7


def test_a_part_with_other_bytes_is_forgotten(blobs):
    """A power cut may have left it full of zeros; the next time all of it is sent."""
    upload = blobs.begin("local", SHA256)
    upload.add(bytes(1_000_000))
    upload.leave()
    upload = blobs.begin("local", SHA256)
    upload.add(CONTENT[1_000_000:])
    with pytest.raises(Refusal):
        upload.finish()
    assert files(blobs) == []
    assert blobs.begin("local", SHA256).size == 0


@pytest.mark.parametrize("account", ["other", "../local", "", "a" * 100, "\N{PILE OF POO}"])
def test_another_accounts_blob_is_not_ones_own(blobs, account):
    """Whatever the account is called, its folder is inside the store."""
    put(blobs)
    assert blobs.size(account, SHA256) is None
    put(blobs, account)
    assert blobs.path(account, SHA256).is_relative_to(blobs._folder)
    assert len(files(blobs)) == 2


def test_the_same_blob_twice_is_one_file(blobs):
    """Two uploads that overlap end well, too."""
    late = blobs.begin("local", SHA256)
    late.add(CONTENT)
    put(blobs)
    late.finish()
    assert files(blobs) == [blobs.path("local", SHA256)]


def test_a_workers_file_is_moved_in(blobs, tmp_path):
    """Not copied; one with another content stays outside."""
    file = tmp_path / "layer"
    file.write_bytes(CONTENT)
    inode = file.stat().st_ino
    blobs.adopt("local", SHA256, file)
    assert not file.exists()
    assert blobs.path("local", SHA256).stat().st_ino == inode
    file.write_bytes(b"another")
    with pytest.raises(Refusal):
        blobs.adopt("local", bytes(32), file)
    assert blobs.size("local", bytes(32)) is None


def test_a_folder_is_locked_once(tmp_path):
    """The second is told; after the first has gone it may."""
    with own_folder(tmp_path / "data") as folder:
        with pytest.raises(CannotServe) as caught, own_folder(folder):
            pass
        assert str(folder) in caught.value.message
    with own_folder(folder):
        pass


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    """A file lies in its way."""
    (tmp_path / "data").write_text("")
    with pytest.raises(CannotServe), own_folder(tmp_path / "data"):
        pass


def test_the_store_works_off_the_event_loop(tmp_path):
    """One thread makes every call, in order; a failing disk becomes StoreFailed."""

    async def use():
        store = Store(tmp_path / "data")
        await store.open()
        threads, done = set(), []

        def note(number):
            threads.add(threading.get_ident())
            done.append(number)

        await asyncio.gather(*(store.call(note, number) for number in range(50)))
        with pytest.raises(StoreFailed) as caught:
            await store.call((tmp_path / "nowhere" / "file").write_bytes, b"")
        await store.close()
        return done, threads, caught.value

    done, threads, failed = asyncio.run(use())
    assert done == list(range(50))
    assert len(threads - {threading.get_ident()}) == len(threads) == 1
    assert str(tmp_path) in failed.remedy


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does it by itself")
def test_an_adopted_file_is_synced_as_windows_wants_it(blobs, tmp_path, monkeypatch):
    """There a file that is open for reading only can't be synced: no result would ever arrive."""
    import fcntl  # noqa: PLC0415  # not on Windows

    def strict(descriptor, sync=os.fsync):
        reading = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        if reading and not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", strict)
    file = tmp_path / "result"
    file.write_bytes(CONTENT)
    blobs.adopt("local", SHA256, file)
    assert blobs.path("local", SHA256).read_bytes() == CONTENT
