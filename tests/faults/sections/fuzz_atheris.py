"""Frames that atheris finds, led by what they reach in the protocol's code; where it installs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "golden"
MOST_BYTES = 4096


def available() -> bool:
    """Whether atheris is there."""
    words = [sys.executable, "-c", "import atheris"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def fuzz_atheris(folder: Path, count: int, seed: int) -> tuple[int, int, str]:
    """Try so many inputs; gives how many were, how many edges they reach, and the crash if any."""
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for file in SEEDS.glob("*.bin"):
        (corpus / file.name).write_bytes(file.read_bytes())
    words = [
        *(sys.executable, "-m", "faults.sections.fuzz_atheris", str(corpus)),
        *(f"-runs={count}", f"-seed={seed}", f"-max_len={MOST_BYTES}", "-rss_limit_mb=2048"),
        *("-print_final_stats=1", f"-artifact_prefix={folder}/"),
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    said = done.stdout + done.stderr
    ran = re.search(r"number_of_executed_units: (\d+)", said)
    edges = re.findall(r"cov: (\d+)", said)
    crash = "" if done.returncode == 0 else said[-1000:]
    return int(ran[1]) if ran else 0, int(edges[-1]) if edges else 0, crash


def main() -> None:
    """The process that is instrumented."""
    import atheris  # noqa: PLC0415  # only where it installs

    with atheris.instrument_imports(include=["bottega_protocol"]):
        from bottega_protocol.codec import decode  # noqa: PLC0415  # to be instrumented
        from bottega_protocol.errors import ProtocolError  # noqa: PLC0415
        from bottega_protocol.messages import CLIENT_MESSAGES, SERVER_MESSAGES  # noqa: PLC0415
        from bottega_protocol.session import ClientSession, ServerSession  # noqa: PLC0415

    names = CLIENT_MESSAGES | SERVER_MESSAGES

    def take(data: bytes) -> None:
        with suppress(ProtocolError):
            decode(data, names, 1)
        for session in (ServerSession(_nobody, "studio"), ClientSession("token", "local")):
            session.open = True
            with suppress(ProtocolError):
                session.receive(data)

    atheris.Setup(sys.argv, take)
    atheris.Fuzz()


def _nobody(account: str) -> object:
    raise AssertionError(f"nobody asks for {account}: the session is open")


if __name__ == "__main__":
    main()
