"""/health and /metrics: plain HTTP on the server's own port, for GET and for known hosts only."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from http import HTTPStatus
from ipaddress import ip_address

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers, MultipleValuesError
from websockets.http11 import Request, Response

from . import metrics
from .house import House

LOOPBACK = ("localhost", "127.0.0.1", "::1")

OK, NO_WORKER, DRAINING = "ok", "no worker", "draining"


def health(house: House) -> str:
    """How it stands, in a word: OK only where a job that is sent now gets painted."""
    if house.stage.held:
        return DRAINING
    return OK if metrics.workers_ready() else NO_WORKER


class Inquiries:
    """Answers HTTP that is no websocket's. `hosts` are names under which this server is known."""

    def __init__(self, house: House, hosts: tuple[str, ...]) -> None:
        self._house = house
        self._hosts = {*LOOPBACK, *(host.lower() for host in hosts)}
        self._state = State(house)
        self._answers = {"/health": self._health, "/metrics": self._metrics}

    def answer(self, socket: ServerConnection, request: Request) -> Response | None:
        """What to say; nothing to whoever wants a websocket (the library has checked GET)."""
        answer = self._answers.get(request.path.partition("?")[0])
        if answer is None or "Upgrade" in request.headers:
            return None
        if not self.known(request.headers, socket.local_address):
            return _plain(HTTPStatus.MISDIRECTED_REQUEST, b"Not a host of this server.\n")
        return answer()

    def known(self, headers: Headers, local: object) -> bool:
        """Whether the request names a host that is us: else a web page turned its own name here."""
        try:
            host = host_of(headers["Host"])
        except (KeyError, MultipleValuesError):
            return False
        mine = local[0] if isinstance(local, tuple) and local else ""
        return host in self._hosts or host == str(mine).partition("%")[0]

    def _health(self) -> Response:
        state = health(self._house)
        status = HTTPStatus.OK if state == OK else HTTPStatus.SERVICE_UNAVAILABLE
        return _plain(status, json.dumps({"status": state}).encode() + b"\n", "application/json")

    def _metrics(self) -> Response:
        return _plain(HTTPStatus.OK, self._state.text(), CONTENT_TYPE_LATEST)


class State(Collector):
    """What is asked for at the moment of a scrape, beside what was counted."""

    def __init__(self, house: House) -> None:
        self._house = house

    def text(self) -> bytes:
        """Everything in Prometheus's text format."""
        now = CollectorRegistry()
        now.register(self)
        return generate_latest(now) + generate_latest(metrics.REGISTRY)

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        house = self._house
        jobs = GaugeMetricFamily("bottega_jobs", "Unfinished jobs, by state.", labels=["state"])
        for state, count in house.stage.counts().items():
            jobs.add_metric([state], count)
        yield jobs
        for name, help_, value in (
            ("connections", "Open sockets.", house.bounds.addresses.total),
            ("artists", "Artists with a connection.", len(house.audience.accounts())),
            ("upload_bytes", "Sizes of uploads under way.", house.bounds.uploads.total),
            ("disk_free_bytes", "Free where the data folder lies.", _free(house)),
            ("draining", "1 while nothing new is started.", int(house.stage.held)),
        ):
            yield GaugeMetricFamily(f"bottega_{name}", help_, value)


def _free(house: House) -> int:
    return shutil.disk_usage(house.store.folder).free


def host_of(header: str) -> str:
    """The host of a Host header, without its port, in small letters; empty for what is none."""
    host, _, port = header.strip().lower().rpartition(":")
    if not host or not port.isdigit():
        host = header.strip().lower()
    if host.startswith("[") and host.endswith("]"):
        try:
            return str(ip_address(host[1:-1]))
        except ValueError:
            return ""
    return host.removesuffix(".")


def _plain(status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8") -> Response:
    headers = Headers()
    headers["Content-Type"] = kind
    headers["Content-Length"] = str(len(body))
    headers["Cache-Control"] = "no-store"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Connection"] = "close"
    return Response(status.value, status.phrase, headers, body)
