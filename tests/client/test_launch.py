"""Starting a server and waiting for its first words."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from bottega_client.launch import NoServer, real_home, start_server

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def silent(file):
    """A command that leaves its process id and says nothing."""
    code = f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(120)"
    return [sys.executable, "-c", code]


def assert_gone(pid):
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_who_is_interrupted_while_the_server_starts_leaves_none_behind(tmp_path):
    """It has a session of its own: Ctrl+C does not reach it."""
    file = tmp_path / "pid"

    def interrupt():
        while not (file.exists() and file.read_text()):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        start_server(silent(file), tmp_path)
    assert_gone(int(file.read_text()))


def test_a_server_that_ends_before_it_listens_is_no_server(tmp_path):
    with pytest.raises(NoServer, match="it said nothing"):
        start_server([sys.executable, "-c", ""], tmp_path)


def test_a_server_that_left_no_address_is_ended(tmp_path):
    file = tmp_path / "pid"
    command = silent(file)
    command[2] = command[2].replace("time.sleep", "print('listening on x', flush=True); time.sleep")
    with pytest.raises(NoServer):
        start_server(command, tmp_path)
    assert_gone(int(file.read_text()))


def test_a_user_without_a_name_has_a_home_all_the_same(monkeypatch, tmp_path):
    """Containers run as any number."""
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert real_home() == Path(tmp_path)
