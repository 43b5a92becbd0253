"""Results on their way from a worker's folder into the store: whole, right, and taken in once."""

import hashlib

import pytest

from bottega_backend.server.harvest import harvest
from bottega_backend.store.blobs import Blobs
from bottega_backend.workers.interface import BlobFile, Done
from bottega_protocol.errors import Refusal
from bottega_protocol.images import Layout, describe
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.results import Layer, Recipe, Result, Timings

RGBA = Layout("RGBA", "u8")
WHERE = Rectangle(0, 0, 4, 4)


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "blobs")


def painted(folder, *contents):
    """A worker's answer with a layer and a file for each content."""
    folder.mkdir(exist_ok=True)
    files, layers = [], []
    for content in contents:
        sha256 = hashlib.sha256(content).digest()
        (folder / sha256.hex()).write_bytes(content)
        files.append(BlobFile(sha256, str(folder / sha256.hex())))
        layers.append(Layer("layer", WHERE, describe(content, WHERE.size, RGBA)))
    recipe = Recipe("fill", "m", "M", "Euler", 4, 1.0, 1.0, 0, "", "", Size(8, 8))
    return Done(bytes(16), 1, Result(tuple(layers), recipe), tuple(files), Timings())


def test_a_harvest_that_broke_off_is_gone_on_with(blobs, tmp_path):
    """The disk refused in between: what was moved already is not looked for again."""
    contents = [bytes([number]) * 64 for number in range(3)]
    folder = tmp_path / "work"
    done = painted(folder, *contents)
    first = done.files[0]
    blobs.adopt("local", first.sha256, folder / first.sha256.hex())
    for _ in range(2):
        harvest(blobs, "local", done, folder)
    assert [blobs.path("local", file.sha256).read_bytes() for file in done.files] == contents
    assert list(folder.iterdir()) == []


def test_a_result_that_lacks_a_file_is_refused(blobs, tmp_path):
    """Not tried again for ever, as a disk that refuses would be."""
    done = painted(tmp_path / "work", bytes(64))
    (tmp_path / "work" / done.files[0].sha256.hex()).unlink()
    with pytest.raises(Refusal, match="lacks a file"):
        harvest(blobs, "local", done, tmp_path / "work")


def test_a_result_from_elsewhere_or_with_other_bytes_is_refused(blobs, tmp_path):
    """Whatever the worker says of it."""
    done = painted(tmp_path / "work", bytes(64))
    with pytest.raises(Refusal, match="elsewhere"):
        harvest(blobs, "local", done, tmp_path / "another")
    (tmp_path / "work" / done.files[0].sha256.hex()).write_bytes(b"x" * 64)
    with pytest.raises(Refusal):
        harvest(blobs, "local", done, tmp_path / "work")
