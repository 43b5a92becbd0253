"""What the server process weighs, and what it never loads."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from fakes.orders import Order
from fakes.served import Served
from fakes.talk import talk

from bottega_backend.server.app import MOST_FILES, ServerConfig
from bottega_protocol.messages import Accepted, Finished, Follow, Need, Progress

MOST_RESIDENT_MIB = 150
HEAVY = ("torch", "numpy", "cv2", "diffusers", "transformers")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_server_stays_small_while_a_job_runs(tmp_path):
    """No torch, no numpy among its memory maps; at most 150 MiB, also after 32 MiB of pixels."""
    gate = tmp_path / "gate"
    with Served(tmp_path / "data") as served, talk(served.url, served.token) as line:
        big, held = Order(side=2900), Order(f"hold:{gate}")
        for order in (big, held):
            need = line.ask(order.submit, Need)
            for transfer, sha256 in enumerate(need.hashes):
                line.upload(transfer, sha256, order.blobs[sha256])
            line.until(Accepted)
        line.ask(Follow(held.job), Progress)
        maps = Path(f"/proc/{served.process.pid}/maps").read_text()
        assert "libsqlite3" in maps or "_sqlite3" in maps
        assert [name for name in HEAVY if f"/{name}/" in maps or f"lib{name}" in maps] == []
        assert psutil.Process(served.process.pid).memory_info().rss < MOST_RESIDENT_MIB * 2**20
        gate.touch()
        line.until(Finished, matching=lambda event: event.job == held.job)


def test_the_command_does_not_load_them_either():
    """`bottega serve` as it is typed: modules of the worker stay out."""
    program = (
        "import sys; import bottega_backend.cli.main, bottega_backend.cli.serve;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    words = [sys.executable, "-c", program]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_worker_imports_nothing_from_where_the_server_was_started(tmp_path):
    """A module of that name in somebody's downloads is not run."""
    (tmp_path / "msgpack.py").write_text("raise SystemExit('the wrong msgpack')")
    words = [*ServerConfig().worker_command(), "--help"]
    told = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert "--device" in told.stdout


def test_the_server_may_open_as_many_files_as_it_asks_for():
    """Sockets that have not spoken yet count in no limit: they must not keep blobs shut."""
    program = (
        "import resource as r; from bottega_backend.server.app import _allow_many_files;"
        "hard = r.getrlimit(r.RLIMIT_NOFILE)[1]; r.setrlimit(r.RLIMIT_NOFILE, (64, hard));"
        "_allow_many_files(); print(r.getrlimit(r.RLIMIT_NOFILE)[0], hard)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    now, hard = map(int, told.split())
    assert now == (MOST_FILES if hard < 0 else min(MOST_FILES, hard))
