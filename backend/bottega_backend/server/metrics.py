"""What is counted for Prometheus: never a name, an address, a prompt or a job's id."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

REGISTRY = CollectorRegistry()
"""Of this process: our own and the process's figures, not the library's default ones."""

ProcessCollector(registry=REGISTRY)

# A second line for every counter, that tells when it was made, which the process's start does too.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's

SECONDS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000)

TURNED_AWAY = Counter(
    "bottega_turned_away",
    "Connections refused at the door, by limit.",
    ["limit"],
    registry=REGISTRY,
)
BAD_PROOFS = Counter("bottega_bad_proofs", "Handshakes whose proof was wrong.", registry=REGISTRY)
ACCEPTED = Counter("bottega_jobs_accepted", "Jobs that were accepted.", registry=REGISTRY)
REFUSED = Counter(
    "bottega_refused", "Requests that were refused, by code.", ["code"], registry=REGISTRY
)
ENDED = Counter("bottega_jobs_ended", "Jobs that ended, by how.", ["state"], registry=REGISTRY)
WAITED = Histogram(
    "bottega_job_wait_seconds",
    "From acceptance to the start on a device.",
    registry=REGISTRY,
    buckets=SECONDS,
)
PAINTED = Histogram("bottega_job_run_seconds", "On a device.", registry=REGISTRY, buckets=SECONDS)
WORKERS = Gauge("bottega_workers_ready", "Workers that can paint.", registry=REGISTRY)
WORKER_DEATHS = Counter("bottega_worker_deaths", "Workers that died.", registry=REGISTRY)


def workers_ready() -> int:
    """How many workers can paint now."""
    return int(REGISTRY.get_sample_value("bottega_workers_ready") or 0)
