"""The locks of a data folder are for whoever owns it."""

import os
import stat
import threading
import time

from bottega_backend.store.lock import LOOK_SECONDS, is_served, own_folder, wait_turn


def test_nobody_else_can_hold_a_lock(tmp_path):
    """Neither a server's nor a command's: whoever can open the file can keep servers out."""
    before = os.umask(0)
    try:
        data = tmp_path / "data"
        data.mkdir()
        assert not is_served(data)
        with own_folder(data):
            wait_turn(data, lambda: None)()
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()}
    assert modes == {"lock": 0o600, "turn": 0o600}


def test_a_command_that_looks_keeps_no_server_from_starting(tmp_path):
    """It holds the lock for a moment to see whether it is free."""
    looking = threading.Event()

    def look():
        with own_folder(tmp_path):
            looking.set()
            time.sleep(LOOK_SECONDS / 5)

    other = threading.Thread(target=look)
    other.start()
    looking.wait()
    with own_folder(tmp_path):
        assert looking.is_set()
    other.join()
