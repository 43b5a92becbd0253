"""What is started for a fork of the nursery: hands its streams over and ends as the fork does."""

import array
import json
import os
import signal
import socket
import sys


def main():
    """Knock, hand over, wait."""
    door = socket.socket(socket.AF_UNIX)
    door.connect(sys.argv[1])
    streams = array.array("i", [0, 1, 2])
    words = json.dumps(sys.argv[2:]).encode()
    door.sendmsg([words], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
    for stream in (0, 1):
        os.close(stream)
    told = door.recv(4)
    code = int.from_bytes(told, "big", signed=True) if told else 1
    if code < 0:
        os.kill(os.getpid(), -code)
        signal.pause()
    os._exit(code)


if __name__ == "__main__":
    main()
