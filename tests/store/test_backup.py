"""A backup that is made while the server works, and what a server makes of it."""

import json
import shutil
import stat
import subprocess
import sys
import threading

import pytest
from fakes.orders import Order
from fakes.served import Served

from bottega_backend.errors import BackupFailed
from bottega_backend.store.backup import CONTENTS, COPY, back_up, restore
from bottega_protocol.messages import Finished

WORKING = 3
"""Artists at work while the copy is made."""


def paint(client, orders):
    """One job after the other; gives each with its end."""
    return [(order, list(order.follow(client))[-1]) for order in orders]


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A backup made under load: what was painted before, what meanwhile, and where it lies."""
    room = tmp_path_factory.mktemp("backup")
    with Served(room / "data") as served:
        (served.data / "wildcards").mkdir()
        (served.data / "wildcards" / "birds.txt").write_text("heron\n")
        (served.data / "models").mkdir()
        (served.data / "models" / "large.safetensors").write_bytes(b"weights")
        before = paint(served.client(), [Order("before", side=64) for _ in range(4)])
        done = threading.Event()
        meanwhile = []

        def work(client):
            while not done.is_set():
                meanwhile.extend(paint(client, [Order("meanwhile", side=64)]))

        threads = [threading.Thread(target=work, args=(served.client(),)) for _ in range(WORKING)]
        for thread in threads:
            thread.start()
        while len(meanwhile) < WORKING:
            done.wait(0.01)
        first = back_up(served.data, room / "copy")
        while len(meanwhile) < 4 * WORKING:
            done.wait(0.01)
        second = back_up(served.data, room / "copy")
        done.set()
        for thread in threads:
            thread.join()
        token = served.token
    return room, before, meanwhile, (first, second), token


def test_a_server_of_the_copy_has_every_job_and_its_pixels(copied, tmp_path):
    """All that was painted before; of what was painted meanwhile each is whole or not there."""
    room, before, meanwhile, _, token = copied
    restore(room / "copy", tmp_path / "data")
    with Served(tmp_path / "data") as served:
        assert served.token == token
        client = served.client()
        names = {summary.job for summary in _all(client)}
        assert {order.job for order, _ in before} <= names
        whole = 0
        for order, ended in [*before, *meanwhile]:
            if order.job not in names:
                continue
            again = list(order.follow(client))[-1]
            assert isinstance(again, Finished)
            assert again.result == ended.result
            assert client.fetch(again.result.layers[0].pixels) == order.negative
            whole += 1
        assert whole >= len(before) + WORKING


def _all(client):
    found, skip = [], 0
    while page := client.results(skip=skip, most=50):
        found += page
        skip += len(page)
    return found


def test_a_second_backup_copies_only_what_is_new(copied):
    """The rest is named by its hash already."""
    *_, (first, second), _ = copied
    assert 0 < second.copied < second.blobs
    assert second.blobs >= first.blobs


def test_everything_of_the_copy_is_private(copied):
    """It holds tokens, prompts and pictures."""
    room, *_ = copied
    files = [path for path in (room / "copy" / COPY).rglob("*") if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_models_are_left_out_unless_asked_for(copied, tmp_path):
    """They are large and can be had again; word lists are one's own."""
    room, *_ = copied
    copy = room / "copy" / COPY
    assert (copy / "wildcards" / "birds.txt").read_text() == "heron\n"
    assert not (copy / "models").exists()
    back_up(room / "data", tmp_path / "all", models=True)
    assert (tmp_path / "all" / COPY / "models" / "large.safetensors").read_bytes() == b"weights"


def test_what_is_gone_goes_from_the_next_copy(copied, tmp_path):
    """What was erased is not kept for ever."""
    room, *_ = copied
    data, copy = tmp_path / "data", tmp_path / "copy"
    restore(room / "copy", data)
    back_up(data, copy)
    gone = [next((data / "blobs").glob("*/??/*")), data / "wildcards" / "birds.txt"]
    for path in gone:
        path.unlink()
    back_up(data, copy)
    assert [path for path in gone if (copy / COPY / path.relative_to(data)).exists()] == []


def test_a_damaged_picture_is_told_of(copied, tmp_path):
    """When it is copied, and when it is brought back."""
    room, *_ = copied
    shutil.copytree(room / "copy", tmp_path / "copy")
    blob = next((tmp_path / "copy" / COPY / "blobs").glob("*/??/*"))
    blob.write_bytes(b"rotten" + blob.read_bytes()[6:])
    with pytest.raises(BackupFailed, match=blob.name):
        restore(tmp_path / "copy", tmp_path / "data")
    with pytest.raises(BackupFailed, match=blob.name):
        back_up(tmp_path / "copy" / COPY, tmp_path / "other")


def test_a_copy_that_was_broken_off_is_none(copied, tmp_path):
    """Its list of contents is written last."""
    room, *_ = copied
    shutil.copytree(room / "copy", tmp_path / "copy")
    (tmp_path / "copy" / CONTENTS).unlink()
    with pytest.raises(BackupFailed, match="no finished backup"):
        restore(tmp_path / "copy", tmp_path / "data")


def test_nothing_is_written_over(copied, tmp_path):
    """Neither a data folder with something in it, nor a folder of something else, nor itself."""
    room, *_ = copied
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(BackupFailed, match="not empty"):
        restore(room / "copy", tmp_path / "mine")
    with pytest.raises(BackupFailed, match="something else"):
        back_up(room / "data", tmp_path / "mine")
    for inside in (room / "data" / "copy", room):
        with pytest.raises(BackupFailed, match="outside"):
            back_up(room / "data", inside)


def test_a_folder_called_data_makes_no_backup_of_a_place(copied, tmp_path):
    """Another server's, say: its pictures are none that are gone from here."""
    room, *_ = copied
    other = tmp_path / "other" / COPY / "blobs" / "anna" / "00" / "picture"
    other.parent.mkdir(parents=True)
    other.write_text("dear")
    with pytest.raises(BackupFailed, match="something else"):
        back_up(room / "data", tmp_path / "other")
    assert other.read_text() == "dear"


def test_one_that_broke_off_is_gone_on_with(copied, tmp_path):
    """Where a picture was damaged, say: until it is mended there is no backup to restore."""
    room, *_ = copied
    data, copy = tmp_path / "data", tmp_path / "copy"
    restore(room / "copy", data)
    blob = next((data / "blobs").glob("*/??/*"))
    whole = blob.read_bytes()
    blob.write_bytes(b"rotten")
    with pytest.raises(BackupFailed, match=blob.name):
        back_up(data, copy)
    with pytest.raises(BackupFailed, match="no finished backup"):
        restore(copy, tmp_path / "back")
    blob.write_bytes(whole)
    back_up(data, copy)
    restore(copy, tmp_path / "back")


def test_as_it_is_typed(copied, tmp_path):
    """Backup, restore, and a second time what was in the way."""
    room, *_ = copied
    made = typed("backup", tmp_path / "copy", "--data", room / "data")
    assert (made.returncode, made.stderr) == (0, "")
    assert json.loads((tmp_path / "copy" / CONTENTS).read_text())["databases"] >= 1
    back = typed("restore", tmp_path / "copy", "--data", tmp_path / "data")
    assert (back.returncode, back.stderr) == (0, "")
    again = typed("restore", tmp_path / "copy", "--data", tmp_path / "data")
    assert again.returncode != 0
    assert "not empty" in again.stderr


def typed(*words):
    """A command line."""
    command = [sys.executable, "-m", "bottega_backend.cli.main", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
