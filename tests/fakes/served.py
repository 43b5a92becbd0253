"""A real server in a process of its own, whose worker is the step worker.

`accounts` (name: token) are artists beside the machine's own user, each with a login of his name.
"""

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from bottega_client.client import Client
from bottega_client.launch import Address, find_server

STEP_WORKER = Path(__file__).with_name("step_worker.py")

PROGRAM = """
import json, sys
from pathlib import Path
from bottega_backend.server import app
from bottega_backend.server.logs import Logging
from bottega_backend.store.artists import Artists

options = json.loads(sys.argv[1])
accounts = options.pop("accounts", {})
if accounts:
    artists = Artists(Path(options["data"]))
    for name, token in accounts.items():
        if name not in artists.known().doors:
            artists.add(name)
            artists.add_key(name, name, token)
    artists.close()
for name in ("certificate", "key"):
    options[name] = Path(options[name]) if options.get(name) else None
options["log"] = Logging(**options.get("log", {}))
options["data"] = Path(options["data"])
options["worker"] = tuple(options["worker"])
sys.exit(app.serve(app.ServerConfig(**options)))
"""


class Served:
    """Starts, ends and restarts a server with one data folder. A context manager."""

    def __init__(self, data, **options):
        worker = [sys.executable, str(STEP_WORKER)]
        self.data = Path(data)
        self.options = {"port": 0, "data": str(data), "worker": worker, **options}
        self.process = None
        self.url = ""
        self.clients = []

    def start(self):
        """Start it and wait until it listens."""
        self.process = self.launch()
        line = self.process.stdout.readline()
        assert line.startswith("listening on ws"), (line, self.process.stderr.read())
        self.url = line.removeprefix("listening on ").strip()
        return self

    def launch(self, **options):
        """Start a server process without waiting."""
        words = [sys.executable, "-c", PROGRAM, json.dumps({**self.options, **options})]
        # Standard error goes to a file: a full pipe would stop the server.
        with (self.data.parent / "server.log").open("ab") as log:
            errors = subprocess.PIPE if options else log
            return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True)

    @property
    def token(self):
        """What proves the local account."""
        return find_server(self.data).token

    def client(self, account="local", token=None):
        """A client that is connected."""
        pin = find_server(self.data).pin
        client = Client(Address(self.url, token or self.token, account, pin), "test")
        client.connect()
        self.clients.append(client)
        return client

    def hang_up(self):
        """Close every client."""
        while self.clients:
            self.clients.pop().close()

    def kill(self):
        """End it as a power cut does."""
        self.end(signal.SIGKILL)

    def stop(self):
        """End it politely; gives the exit code."""
        return self.end(signal.SIGTERM)

    def worker(self):
        """The worker's process, as psutil sees it; None where there is none."""
        children = psutil.Process(self.process.pid).children()
        return children[0] if children else None

    def log(self):
        """What the server has written."""
        return (self.data.parent / "server.log").read_text()

    def end(self, signal_):
        """Send it a signal and wait; gives the exit code."""
        self.process.send_signal(signal_)
        code = self.process.wait(30)
        self.process.stdout.close()
        return code

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.hang_up()
        if self.process.poll() is None:
            self.stop()
