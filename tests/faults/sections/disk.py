"""A disk that forgets whatever was not synced: no blob that counted is lost, none is half there."""

from __future__ import annotations

import errno
import hashlib
import random
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from fakes.forgetful_disk import WORST, Careless, ForgetfulDisk, PowerCut
from faults.given import Figures, Given

from bottega_backend.store.blobs import Blobs
from bottega_protocol.errors import Refusal

BLOBS = 40
ACCOUNTS = ("local", "other")
ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT)
Key = tuple[str, bytes]
T = TypeVar("T")


@dataclass
class Told:
    """What the store has said: the blobs that count."""

    safe: dict[Key, bytes] = field(default_factory=dict)


def run(given: Given) -> Figures:
    """Cut the power before every verb of a stream of blobs; then refuse every verb once."""
    stream = contents(given.count(BLOBS, 5), given.random("stream"))
    whole = ForgetfulDisk(_fresh(given.folder / "whole"))
    play(stream, whole, Told())
    counts: Counter[str] = Counter()
    broken: list[str] = []
    for cut in range(1, whole.verbs + 1):
        disk, told = ForgetfulDisk(_fresh(given.folder / "cut"), cut), Told()
        with suppress(PowerCut):
            play(stream, disk, told)
        counts["power cuts"] += 1
        for how in WORST:
            broken += [f"{each} (cut {cut}, {how})" for each in _looked_at(given, disk, how, told)]
            counts["disks looked at afterwards"] += 1
            counts["blobs that had to be there"] += len(told.safe)
    for number in range(1, whole.verbs + 1):
        broken += [f"{each} (verb {number} refused)" for each in _refused(given, stream, number)]
        counts["verbs refused once"] += 1
    kinds = sorted(Counter(whole.kinds).items())
    listed = ", ".join(f"{name} {count}" for name, count in kinds)
    return Figures({**counts, "verbs of each kind": listed}, tuple(broken[:20]))


def contents(count: int, dice: random.Random) -> list[bytes]:
    """What is stored, blob by blob."""
    return [dice.randbytes(dice.randint(800, 5000)) for _ in range(count)]


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def play(stream: list[bytes], disk: ForgetfulDisk, told: Told, tries: int = 1) -> None:
    """Uploads, some broken off and gone on with, some dropped; results taken in; blobs let go."""
    store = _insist(tries, lambda: Blobs(disk.root / "blobs", disk))
    for number, content in enumerate(stream):
        account, sha256 = ACCOUNTS[number % 2], hashlib.sha256(content).digest()
        way = WAYS[number % len(WAYS)]
        _insist(tries, lambda: way(store, disk, (account, sha256), content))  # noqa: B023  # called at once
        if way is _drop:
            continue
        told.safe[account, sha256] = content
        if way is _remove:
            del told.safe[account, sha256]


def _insist(tries: int, work: Callable[[], T]) -> T:
    """Do it, again where the disk refuses, so many times in all."""
    try:
        return work()
    except OSError:
        if tries == 1:
            raise
    return _insist(tries - 1, work)


def _whole(store: Blobs, disk: ForgetfulDisk, key: Key, content: bytes) -> None:  # noqa: ARG001  # the table's shape
    upload = store.begin(*key)
    try:
        upload.add(content[upload.size :])
        upload.finish()
    except OSError:
        upload.drop()
        raise


def _break(store: Blobs, disk: ForgetfulDisk, key: Key, content: bytes) -> None:
    upload = store.begin(*key)
    try:
        upload.add(content[upload.size : 700])
    finally:
        upload.leave()
    _whole(store, disk, key, content)


def _drop(store: Blobs, disk: ForgetfulDisk, key: Key, content: bytes) -> None:  # noqa: ARG001
    upload = store.begin(*key)
    try:
        upload.add(content[:700])
    finally:
        upload.drop()


def _adopt(store: Blobs, disk: ForgetfulDisk, key: Key, content: bytes) -> None:
    file = disk.root / key[1].hex()
    disk.remove(file)
    worker = disk.create(file)
    worker.write(content)
    worker.close()
    if store.size(*key) is None:
        store.adopt(*key, file)


def _remove(store: Blobs, disk: ForgetfulDisk, key: Key, content: bytes) -> None:
    _whole(store, disk, key, content)
    for blob in [each for each in store.everything() if each.name == key[1].hex()]:
        store.remove(blob)


WAYS = (_whole, _break, _drop, _adopt, _remove)


def _looked_at(given: Given, disk: ForgetfulDisk, how: str, told: Told) -> list[str]:
    """What is wrong once the power is back."""
    image = given.folder / "image"
    shutil.rmtree(image, ignore_errors=True)
    disk.survivors(image, how, given.random(disk.verbs, how))
    return wrong(image, told)


def _refused(given: Given, stream: list[bytes], number: int) -> list[str]:
    """Refuse one verb: who asked is told, the same works the next time and survives a power cut."""
    refusal = OSError(ERRORS[number % len(ERRORS)], "injected")
    disk = ForgetfulDisk(_fresh(given.folder / "refused"), refuse=number, error=refusal)
    told = Told()
    play(stream, disk, told, tries=2)
    return wrong(disk.root, told) + _looked_at(given, disk, "nothing", told)


def wrong(image: Path, told: Told) -> list[str]:
    """What a store finds wrong on this disk, in sentences."""
    store = Blobs(image / "blobs", Careless())
    found = []
    for (account, sha256), content in told.safe.items():
        path = store.path(account, sha256)
        if not path.exists() or path.read_bytes() != content:
            found.append(f"blob {sha256.hex()[:8]} of {account} counted and is lost")
    found += [
        f"blob {blob.name[:8]} is there with other bytes"
        for blob in store.everything()
        if hashlib.sha256(blob.path.read_bytes()).hexdigest() != blob.name
    ]
    for blob in store.parts():
        found += _goes_on(store, blob.path.stem, told)
    return found


def _goes_on(store: Blobs, stem: str, told: Told) -> list[str]:
    """An upload that a power cut broke off ends as it should: taken in, or refused by its hash."""
    for (account, sha256), content in told.safe.items():
        if stem.endswith(sha256.hex()):
            upload = store.begin(account, sha256)
            upload.add(content[upload.size :])
            try:
                upload.finish()
            except Refusal:
                upload = store.begin(account, sha256)
                upload.add(content)
                upload.finish()
            if store.path(account, sha256).read_bytes() != content:
                return [f"upload {stem} went on and ended with other bytes"]
    return []
