"""A client written from SPEC.md alone: nothing of ours is imported but what starts the server."""

import hashlib
import hmac
import json
import os
import struct

import msgpack
import pytest
from fakes.served import Served
from websockets.sync.client import connect

WINDOWS_SIDE = 1500  # 8.6 MiB of pixels: a transfer of more than two windows


class SpecClient:
    """SPEC.md, sections 1, 2 and 6, in the order of its sentences."""

    def __init__(self, socket, token):
        self.socket = socket
        self.handshake(token)

    def say(self, type_, **fields):
        frame = b"\0" + msgpack.packb({"type": type_, **fields})
        self.socket.send(frame)
        return frame

    def hear(self):
        """One frame: its kind or None for a chunk, and what it holds."""
        frame = self.socket.recv(timeout=20)
        if frame[0] == 1:
            return frame, None, struct.unpack("<BIQ", frame[:13])[1:]
        fields = msgpack.unpackb(frame[1:])
        return frame, fields.pop("type"), fields

    def until(self, wanted):
        """The next message of this name; what comes in between is told and let go."""
        while True:
            _, name, fields = self.hear()
            assert name not in ("fault", "refused", "declined", "stopped", "failed"), fields
            if name == wanted:
                return fields

    def handshake(self, token):
        mine = os.urandom(24)
        hello = self.say("hello", versions=[1], account="local", nonce=mine)
        frame, name, challenge = self.hear()
        assert name == "challenge"
        assert challenge["nonce"].startswith(mine)
        digests = [hashlib.sha256(part).digest() for part in (hello, frame, b"")]
        signed = b"bottega handshake 1" + b"".join(digests)
        salted = hashlib.pbkdf2_hmac(
            "sha256", token.encode(), challenge["salt"], challenge["iterations"], 32
        )
        client_key, server_key = (
            hmac.digest(salted, name, "sha256") for name in (b"Client Key", b"Server Key")
        )
        pad = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        self.say("proof", proof=bytes(a ^ b for a, b in zip(client_key, pad, strict=True)))
        _, name, welcome = self.hear()
        assert name == "welcome"
        assert welcome["signature"] == hmac.digest(server_key, signed, "sha256")

    def upload(self, transfer, content):
        sha256 = hashlib.sha256(content).digest()
        self.say("announce", transfer=transfer, sha256=sha256, size=len(content))
        offset = 0
        while True:
            _, name, fields = self.hear()
            if name == "stored":
                return fields["transfer"]
            assert name == "grant"
            while offset < fields["until"]:
                piece = content[offset : min(offset + 262_144, fields["until"])]
                self.socket.send(struct.pack("<BIQ", 1, transfer, offset) + piece)
                offset += len(piece)

    def download(self, transfer, sha256):
        self.say("fetch", transfer=transfer, sha256=sha256)
        size, content = self.until("announce")["size"], b""
        self.say("grant", transfer=transfer, start=0, until=min(4 << 20, size))
        while len(content) < size:
            frame, name, (number, offset) = self.hear()
            assert (name, number, offset) == (None, transfer, len(content))
            content += frame[13:]
            self.say("grant", transfer=transfer, until=min(len(content) + (4 << 20), size))
        assert hashlib.sha256(content).digest() == sha256
        self.say("stored", transfer=transfer)
        return content


def image(width, height, channels, content, **more):
    sha256 = hashlib.sha256(content).digest()
    named = {"width": width, "height": height, "channels": channels, "depth": "u8"}
    return {**named, "sha256": sha256, **more}


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A conversation with a real server."""
    with Served(tmp_path_factory.mktemp("spec") / "data") as served:
        token = json.loads((served.data / "server.json").read_text())["token"]
        with connect(served.url, compression=None, proxy=None) as socket:
            yield SpecClient(socket, token)


@pytest.mark.parametrize("side", [24, WINDOWS_SIDE])
def test_who_reads_only_the_spec_gets_a_layer(spoken, side):
    """Offers, quote, submit, upload, finished, fetch, acknowledge, results."""
    spoken.say("ask-offers", request=1)
    assert "fill" in [offer["name"] for offer in spoken.until("offers")["capabilities"]]
    canvas = {"width": side, "height": side}
    box = {"x": 0, "y": 0, **canvas}
    layout = {"channels": "BGRA", "depth": "u8"}
    asked = {"capability": "fill", "canvas": canvas, "selection": box, "layout": layout}
    spoken.say("ask-quote", request=2, **asked)
    plan = spoken.until("quote")["plan"]
    assert (plan["rectangle"], plan["upload_bytes"]) == (box, side * side * 5)

    pixels, mask = os.urandom(side * side * 4), b"\xff" * (side * side)
    request = {
        "capability": "fill",
        "canvas": canvas,
        "selection": box,
        "rectangle": plan["rectangle"],
        "pixels": image(side, side, "BGRA", pixels),
        "mask": image(side, side, "GRAY", mask, space="linear"),
        "prompt": "a boat",
    }
    job = os.urandom(16)
    spoken.say("submit", job=job, request=request)
    contents = {hashlib.sha256(content).digest(): content for content in (pixels, mask)}
    for transfer, sha256 in enumerate(spoken.until("need")["hashes"]):
        assert spoken.upload(transfer, contents[sha256]) == transfer
    assert spoken.until("accepted") == {"job": job}
    finished = spoken.until("finished")
    (layer,) = finished["result"]["layers"]
    assert finished["job"] == job
    assert layer["rectangle"] == box
    # The step worker paints the complement.
    assert spoken.download(0, layer["pixels"]["sha256"]) == pixels.translate(
        bytes(range(256))[::-1]
    )
    spoken.say("acknowledge", job=job)
    spoken.say("ask-results", request=3, most=1)
    (summary,) = spoken.until("results")["jobs"]
    assert (summary["job"], summary["prompt"], summary["fetched"]) == (job, "a boat", True)
