"""A hub on loopback: a real HTTP server with what huggingface_hub asks of one, and its bad days."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "studio/painter"
RESOLVED = f"/{REPO}/resolve/{COMMIT}/"
LARGE = 4096
"""Bytes from which a file is a large one, with a SHA-256 of its own."""


@dataclass(frozen=True)
class Answer:
    """What is sent; after `cut` bytes of the body the line is closed."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass
class Hub:
    """One repository, and what tests change of it.

    `cut` closes the line after so many bytes of a file; from then on the hub is `broken`, and
    answers 503. Files in `altered` arrive changed. `sent` counts the files' bytes.
    """

    files: dict[str, bytes]
    licence: str = "openrail++"
    gated: bool = False
    commit: str = COMMIT
    cut: dict[str, int] = field(default_factory=dict)
    altered: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    sent: int = 0
    url: str = ""
    broken: bool = False

    def answer(self, path: str, asked: str) -> Answer:
        """To a path, and the range that is asked for ("" for all)."""
        self.asked.append((path, asked))
        if path == f"/api/models/{REPO}/revision/main":
            return Answer(200, json.dumps(self.about()).encode())
        if path.startswith(RESOLVED):
            return self._file(path.removeprefix(RESOLVED), asked)
        known = path.startswith(f"/api/models/{REPO}/")
        return Answer(
            404, headers={"X-Error-Code": "RevisionNotFound" if known else "RepoNotFound"}
        )

    def about(self) -> dict[str, object]:
        """What the hub tells of the repository."""
        return {
            "id": REPO,
            "sha": self.commit,
            "gated": "manual" if self.gated else False,
            "cardData": {"license": self.licence},
            "siblings": [_sibling(name, content) for name, content in self.files.items()],
        }

    def _file(self, name: str, asked: str) -> Answer:
        if self.gated:
            return Answer(403, headers={"X-Error-Code": "GatedRepo"})
        if self.broken:
            return Answer(503)
        content = self.files[name]
        if name in self.altered:
            content = bytes([content[0] ^ 1]) + content[1:]
        begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        span = {"Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"}
        cut = self.cut.get(name)
        self.broken = cut is not None
        self.sent += len(content[begin:][:cut])
        return Answer(206 if asked else 200, content[begin:], span if asked else {}, cut)


def _sibling(name: str, content: bytes) -> dict[str, object]:
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()  # noqa: S324  # git's
    told: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": blob}
    if len(content) >= LARGE:
        digest = hashlib.sha256(content).hexdigest()
        told["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 134}
    return told


def folder_files(folder: Path) -> dict[str, bytes]:
    """A folder's files by their paths in it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The hub at `hub.url`, until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Tests look at `asked`."""

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            answer = hub.answer(path, self.headers.get("Range", ""))
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            for key, value in answer.headers.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut])
            self.close_connection = answer.cut is not None

    return Handler
