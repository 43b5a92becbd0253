"""The locks of a data folder are for whoever owns it."""

import os
import stat

from bottega_backend.store.lock import is_served, own_folder, wait_turn


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
